"""The options that all verbs of ``steppewatch fuse`` have, and what they mean."""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from steppewatch.cli.options import Place
from steppewatch.cli.text_files import text_of

if TYPE_CHECKING:
    from steppewatch.engine.track_files import Reading

F = TypeVar("F", bound=Callable[..., Any])
SAME = "same"


def reading_options(command: F) -> F:
    """Add the options that say how detections are read."""
    for option in reversed(
        [
            click.option("--no-doppler", is_flag=True, help="Leave range rates unused."),
            click.option(
                "--hide-identity",
                is_flag=True,
                help="Take addresses, codes and callsigns away before tracking.",
            ),
            click.option(
                "--sensors",
                type=click.Path(path_type=Path),
                help="TOML that describes sensors.",
            ),
            click.option(
                "--at", "place", type=Place(), help="LAT,LON[,HEIGHT_M] of radars nobody described."
            ),
            click.option(
                "--date", type=click.DateTime(["%Y-%m-%d"]), help="Day of raw ASTERIX (UTC)."
            ),
            click.option(
                "--columns", metavar="OURS=THEIRS,…", help="What a file's columns are called."
            ),
            click.option("--horizontal", is_flag=True, help="Score horizontal distances alone."),
            click.option(
                "--window",
                type=click.FloatRange(0.0, min_open=True),
                help="Seconds of plots per step; else the sensor's scan.",
            ),
        ]
    ):
        command = option(command)
    return command


def reading_of(given: dict[str, Any]) -> "Reading":
    """Collect the reading options."""
    from steppewatch.engine.clock import NS
    from steppewatch.engine.track_files import Reading
    from steppewatch.engine.track_files_sensor import told_sensors
    from steppewatch.records import Sensor

    path, date = given["sensors"], given["date"]
    known = () if path is None else told_sensors(text_of(path, "a sensors file"), str(path))
    return Reading(
        doppler=not given["no_doppler"],
        installed=tuple(one for one in known if isinstance(one, Sensor)),
        told=tuple(one for one in known if isinstance(one, dict)),
        place=given["place"],
        date_ns=None if date is None else int(date.replace(tzinfo=UTC).timestamp()) * NS,
        hide_identity=given["hide_identity"],
        window=given["window"],
        horizontal=given["horizontal"],
        renames=renames_of(given["columns"]),
    )


def renames_of(text: str | None) -> dict[str, str]:
    """Read ``OURS=THEIRS,…``."""
    pairs = [part.partition("=") for part in (text or "").split(",") if part.strip()]
    wrong = ["".join(pair) for pair in pairs if not (pair[0].strip() and pair[2].strip())]
    if wrong:
        raise click.UsageError(
            f"--columns {wrong[0]}: expected OURS=THEIRS, such as time=t,azimuth_deg=bearing"
        )
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def truth_path(truth: Path, detections: Path) -> Path:
    """Say which file holds the truth: ``same`` is that of the detections."""
    return detections if str(truth) == SAME else truth
