"""``steppewatch rehearse``, ``replay`` and ``listen``: three sources, one picture."""

import hashlib
import json
import math
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import click

from steppewatch.cli.options import Place, options_of, run_options
from steppewatch.cli.partners import joint_settings, partner_options
from steppewatch.cli.partners_out import custody_of, sending_options
from steppewatch.cli.rehearse_monte_carlo import monte_carlo, monte_carlo_options
from steppewatch.cli.scoring import Count, Scorer
from steppewatch.cli.session import Run, carry_out, say
from steppewatch.engine.border_file import load_border
from steppewatch.engine.clock import NS, Clock
from steppewatch.engine.recording import RecordingSource, read_recordings
from steppewatch.engine.source import LiveSource, SteppedSource
from steppewatch.engine.terrain_store import open_terrain, sha256_of
from steppewatch.engine.track_sight import real_sight, rehearsed_sight
from steppewatch.engine.udp import UdpLink, parse_url
from steppewatch.errors import EngineError
from steppewatch.fuse.remote import Partner
from steppewatch.plan import rehearse as rehearsal
from steppewatch.plan.installed import load_sensors
from steppewatch.plan.rehearse.table import render
from steppewatch.wire import asterix

REPLAY_TAIL_NS = 2 * NS  # the picture stays as the recording left it
FOREIGN = "system tracks in the feed"


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--duration", type=float, metavar="SECONDS", help="Stop after this much picture time."
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), is_flag=False, flag_value="-",
    metavar="[FILE]", help="Write the summary here, or print it.",
)  # fmt: skip
@monte_carlo_options
@sending_options
@run_options
def rehearse(
    scenario: Path,
    duration: float | None,
    json_file: Path | None,
    crossings: int | None,
    sites: Path | None,
    seed: int,
    dem: Path | None,
    **given: Any,
) -> None:
    """Run SCENARIO.toml through the sensor models, into the picture or headless.

    At the end it prints what was seen when, and GOSPA against truth. With --monte-carlo the file
    is a plan: crossings are played through the real tracker and held against the plan's assurance.

    Example: steppewatch rehearse examples/quiet-steppe.toml --headless --rate max
    """
    options = options_of(given)
    if crossings is not None:
        if given["receivers"]:
            raise click.UsageError("--monte-carlo sends nothing to anybody: leave --to away")
        monte_carlo(
            scenario, crossings, sites=sites, seed=seed, dem=dem, tracker=options.tracker,
            json_file=json_file,
        )  # fmt: skip
        return
    text = _read_text(scenario, "a scenario file (docs/scenarios.md)")
    border = load_border()
    terrain = open_terrain()
    plan = rehearsal.load(text, str(scenario), border)
    seconds = plan.duration if duration is None else min(duration, plan.duration)
    clock = Clock(options.rate)
    people = rehearsal.populate(plan, terrain)
    scorer = Scorer(plan, people, border)
    radars = {post.sensor.id: post.radar for post in rehearsal.posts(plan, terrain)}
    with custody_of(given) as hold:
        carry_out(
            Run(
                mode="rehearsal",
                title=plan.title,
                source_id=_digest("scenario", [text.encode()]),
                source=SteppedSource(plan.start_ns, plan.start_ns + round(seconds * NS)),
                edge=[rehearsal.stage(plan, terrain, people)],
                terrain=terrain,
                border=border,
                home=(math.degrees(plan.home.lat), math.degrees(plan.home.lon), plan.home.zoom),
                clock=clock,
                listeners=[scorer.listen],
                sight=rehearsed_sight(terrain, radars),
                custody=hold,
            ),
            options,
        )
    report = scorer.report()
    say(render(report))
    if json_file is not None and str(json_file) == "-":
        print(json.dumps(report))
    elif json_file is not None:
        _write(json_file, json.dumps(report, indent=1) + "\n")


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--sensors", type=click.Path(path_type=Path), help="TOML that says where radars stand."
)
@click.option("--at", "place", type=Place(), help="LAT,LON[,HEIGHT_M] of radars nobody described.")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Day of raw recordings (UTC).")
@partner_options
@sending_options
@run_options
def replay(
    recordings: Sequence[Path],
    sensors: Path | None,
    place: Any,
    date: Any,
    node: str,
    partners: Sequence[Partner],
    **given: Any,
) -> None:
    """Replay ASTERIX RECORDINGS (pcap, pcapng or raw .ast) into the picture.

    Plots (CAT 048) are tracked by our own tracker; service messages (CAT 034) feed sensor health;
    system tracks (CAT 062) are shown beside ours, or joined with them where --partner says so. A
    CAT 048 plot does not say where its radar
    stands: give --sensors or --at, or the picture stands at an assumed place and says so.

    Example: steppewatch replay monday.pcap --rate 10 --at 47.85,106.77,1330
    """
    options = options_of(given)
    date_ns = None if date is None else int(date.replace(tzinfo=UTC).timestamp()) * NS
    packets = read_recordings(recordings, date_ns)
    settings = _asterix(sensors, place)
    names = ", ".join(path.name for path in recordings)
    identity = [sha256_of(path).encode() for path in recordings]
    identity += [repr((place, packets[0].time_ns)).encode()]
    identity += [sensors.read_bytes() if sensors else b""]
    count = Count()
    terrain = open_terrain()
    with custody_of(given) as hold:
        carry_out(
            Run(
                mode="replay",
                title=names,
                source_id=_digest("recording", identity),
                source=RecordingSource(packets, tail_ns=REPLAY_TAIL_NS),
                edge=[asterix.stage(settings)],
                terrain=terrain,
                border=load_border(),
                home=None,
                foreign=FOREIGN,
                joint=joint_settings(node, partners),
                clock=Clock(options.rate),
                listeners=[count.listen],
                sight=real_sight(terrain),
                custody=hold,
            ),
            options,
        )
    say(count.render())


@click.command()
@click.option(
    "--asterix", "urls", multiple=True, required=True, help="udp://ADDRESS:PORT, repeatable."
)
@click.option(
    "--sensors", type=click.Path(path_type=Path), help="TOML that says where radars stand."
)
@click.option("--at", "place", type=Place(), help="LAT,LON[,HEIGHT_M] of radars nobody described.")
@partner_options
@sending_options
@run_options
def listen(
    urls: Sequence[str],
    sensors: Path | None,
    place: Any,
    node: str,
    partners: Sequence[Partner],
    **given: Any,
) -> None:
    """Show live ASTERIX feeds; unicast and multicast UDP.

    System tracks (CAT 062) are shown beside ours, or joined with them where --partner says so.

    Example: steppewatch listen --asterix udp://0.0.0.0:8600 --sensors radars.toml
    """
    options = options_of(given)
    if options.rate != 1.0:
        raise click.UsageError("a live feed runs at its own pace: leave --rate away")
    settings = _asterix(sensors, place)
    links = [UdpLink(parse_url(url)) for url in urls]
    clock = Clock(1.0)
    terrain = open_terrain()
    for link in links:
        say(f"listening {link.address.url} (port {link.port})")
    try:
        with custody_of(given) as hold:
            carry_out(
                Run(
                    mode="live",
                    title=", ".join(urls),
                    source_id=_digest("links", [url.encode() for url in sorted(urls)]),
                    source=LiveSource(links, lambda: clock.stopped),
                    edge=[asterix.stage(settings)],
                    terrain=terrain,
                    border=load_border(),
                    home=None,
                    foreign=FOREIGN,
                    joint=joint_settings(node, partners),
                    clock=clock,
                    resume=True,
                    sight=real_sight(terrain),
                    custody=hold,
                ),
                options,
            )
    finally:
        for link in links:
            link.close()


def _asterix(sensors: Path | None, place: tuple[float, float, float] | None) -> asterix.Settings:
    """Put together what the feed itself does not say."""
    text = "" if sensors is None else _read_text(sensors, "a sensors file")
    known = () if sensors is None else load_sensors(text, str(sensors))
    return asterix.Settings(sensors=known, fallback=place, fallback_told=place is not None)


def _read_text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"cannot read {path} ({error}): expected {what}") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EngineError(f"cannot write {path} ({error}): give another file") from error


def _digest(kind: str, parts: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return f"{kind}:{digest.hexdigest()[:16]}"
