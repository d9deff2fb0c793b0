"""``steppewatch fuse run``: track a file of detections and say how good the tracks are."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.fuse_options import reading_of, reading_options, truth_path
from steppewatch.cli.fuse_registration import (
    print_registration,
    registration_of,
    registration_option,
)
from steppewatch.cli.fuse_settings import SET_HELP, settings_of
from steppewatch.cli.text_files import write_text

if TYPE_CHECKING:
    from steppewatch.engine.track_recording import Recording
    from steppewatch.engine.track_run import Run
    from steppewatch.engine.track_surprise import Surprise

MOST_DOUBTS = 20
"""Doubts told one by one; more are only counted."""


@click.command()
@click.argument("detections", type=click.Path(path_type=Path))
@click.option(
    "--truth", type=click.Path(path_type=Path), metavar="FILE|same",
    help="Where things really were; `same`: in DETECTIONS itself.",
)  # fmt: skip
@click.option("--mode", type=click.Choice(["default", "accurate"]), help="How much work to do.")
@click.option("--settings", type=click.Path(path_type=Path), help="TOML with tracker settings.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help=SET_HELP)
@click.option(
    "--terrain", metavar="FILE|node",
    help="Elevation (GeoTIFF, .hgt, DTED): tracks are kept through the shadows of hills.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Write tracks here (.npz or .csv).")
@click.option(
    "--json", "json_file", is_flag=False, flag_value="-", help="Totals as JSON, to FILE or stdout.",
    metavar="[FILE]",
)  # fmt: skip
@click.option(
    "--plots", "pictures", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Draw GOSPA over time, its parts, tracks over truth, NEES and NIS (PNG).",
)  # fmt: skip
@click.option(
    "--why", "why", type=int, multiple=True, metavar="ID",
    help="Print a track's history: plots, sensors, weights, methods; repeatable.",
)  # fmt: skip
@click.option(
    "--trajectories/--no-trajectories", default=None, help="T-GOSPA; else where it takes seconds."
)
@click.option(
    "--cut-off", type=click.FloatRange(0.0, min_open=True), default=1_000.0, show_default=True,
    help="c of GOSPA and its like, m.",
)  # fmt: skip
@click.option(
    "--keep", type=click.FloatRange(0.0, min_open=True), default=500.0, show_default=True,
    help="A target keeps its track within this distance, m.",
)  # fmt: skip
@registration_option
@reading_options
def run(
    detections: Path,
    truth: Path | None,
    mode: str | None,
    settings: Path | None,
    changes: Sequence[str],
    terrain: str | None,
    out: Path | None,
    json_file: str | None,
    pictures: Path | None,
    why: Sequence[int],
    trajectories: bool | None,
    cut_off: float,
    keep: float,
    registration: bool,
    **given: Any,
) -> None:
    """Track DETECTIONS: arrays (.npz), columns (.csv) or an ASTERIX recording.

    Truth is used to score the tracks, never to make them; it may stand in the same file. Give
    --json last, or with a file name.

    Example: steppewatch fuse run radar.npz --truth same --out tracks.npz
    """
    from steppewatch.engine.track_files import read_detections, read_truth
    from steppewatch.engine.track_files_out import write_tracks
    from steppewatch.engine.track_history import History
    from steppewatch.engine.track_run import track
    from steppewatch.engine.track_score import score
    from steppewatch.engine.track_sight import file_sight, sight_notes
    from steppewatch.engine.track_surprise import Surprise
    from steppewatch.fuse.score import as_json, table

    if pictures is not None and truth is None:
        raise click.UsageError("--plots draws scores: give --truth, too")
    reading, chosen = reading_of(given), settings_of(settings, mode, changes)
    recording = read_detections(detections, reading)
    real = None if truth is None else read_truth(truth_path(truth, detections), reading)
    sight = None if terrain is None else file_sight(terrain)
    history, surprise = History(why, chosen), Surprise(chosen)
    listeners = (surprise.listen, *((history.listen,) if why else ()))
    done = track(recording, chosen, sight=sight, listeners=listeners)
    history.check(done.track)
    if out is not None:
        write_tracks(out, done, recording.order)
    said = totals(recording, done, surprise)
    said["warnings"] += sight_notes(sight, done.state.sensors)
    report, drawn = None, []
    if real is not None:
        report = score(
            done, real, cut_off=cut_off, keep=keep, trajectories=trajectories, nis=surprise.usual()
        )
        said["scores"] = as_json(report, timeline=False)
        said["warnings"] += list(real.notes)
        if pictures is not None:
            drawn = _draw(pictures, recording, done, real, report, surprise)
    if why:
        said["why"] = history.as_json()
    if json_file == "-":
        print(json.dumps(said, ensure_ascii=False))
        return
    if json_file is not None:
        write_text(Path(json_file), json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    _print(said)
    print_registration(said["registration"], full=registration)
    if report is not None and real is not None:
        print("\n" + table(report, dict(enumerate(real.kinds))).rstrip())
    if why:
        print("\n" + history.tell())
    for warning in said["warnings"]:
        print(f"warning: {warning}")
    for path in (out, None if json_file is None else Path(json_file), *drawn):
        if path is not None:
            print(f"wrote {path}")


def totals(recording: "Recording", run: "Run", surprise: "Surprise") -> dict[str, Any]:
    """Collect what a run came to."""
    from collections import Counter

    import numpy as np

    from steppewatch import __version__
    from steppewatch.engine.track_recording import NS
    from steppewatch.fuse.settings_text import differing

    cpu = run.cpu if len(run.cpu) else np.zeros(1)
    per_scan = np.diff(run.offset)
    start_ns = int(run.time_ns.min()) if len(run.time_ns) else 0
    nis = surprise.consistency()
    return {
        "version": __version__,
        "detections": recording.name,
        "layout": recording.layout,
        "frame": recording.ground.described(),
        "mode": run.settings.mode,
        "settings": differing(run.settings),
        "scans": len(run.time_ns),
        "plots": int(run.plots.sum()),
        "tracks": len(np.unique(run.track)),
        "tracks_per_scan": round(float(per_scan.mean()), 3) if len(per_scan) else 0.0,
        "held_at_end": len(run.state),
        "cpu_s": {
            "median": float(np.median(cpu)),
            "mean": float(cpu.mean()),
            "p99": float(np.percentile(cpu, 99)),
            "max": float(cpu.max()),
            "total": float(cpu.sum()),
        },
        "methods": run.methods,
        "degraded": run.state.degraded,
        "registration": registration_of(run),
        "unusable": run.state.unusable,
        "unknown_sensor": run.state.unknown,
        "doubts": dict(Counter(doubt.kind.name.lower() for doubt in run.doubts)),
        "doubts_told": [
            {"sensor": d.sensor, "time_s": round((d.time_ns - start_ns) / NS, 3), "text": d.text}
            for d in run.doubts[:MOST_DOUBTS]
        ],
        "innovations": None
        if nis is None
        else {
            "count": nis.count,
            "components": nis.components,
            "nis": round(nis.mean, 5),
            "lower": round(nis.lower, 5),
            "upper": round(nis.upper, 5),
            "evidence": round(surprise.evidence, 3),
            "missed_looks": surprise.missed,
        },
        "warnings": list(recording.notes),
    }


def _draw(
    folder: Path, recording: "Recording", run: "Run", real: Any, report: Any, surprise: "Surprise"
) -> list[Path]:
    from steppewatch.engine.track_picture import draw_run
    from steppewatch.engine.track_score import moments_of, track_series, truth_series

    moments = moments_of(run)
    total, components, count = surprise.timeline()
    return draw_run(
        folder,
        f"{recording.name}, {run.settings.mode}",
        report,
        truth_series(run, real, moments),
        track_series(run, moments, flat=real.flat),
        (total[moments], components[moments], count[moments]),
    )


def _print(said: dict[str, Any]) -> None:
    cpu, nis = said["cpu_s"], said["innovations"]
    print(
        f"{said['detections']}: {said['plots']:,} plots in {said['scans']:,} scans → "
        f"{said['tracks']:,} tracks, {said['tracks_per_scan']:.1f} at a time ({said['mode']})"
    )
    print(
        f"tracker {1e3 * cpu['median']:.2f} ms CPU per scan (median; mean {1e3 * cpu['mean']:.2f}, "
        f"99 % {1e3 * cpu['p99']:.2f}, all {cpu['total']:.2f} s)"
    )
    if nis is not None:
        print(
            f"innovations {nis['nis']:.2f} per component (consistent: {nis['lower']:.2f} … "
            f"{nis['upper']:.2f}), {nis['count']:,} of them"
        )
    if said["degraded"]:
        print(f"{said['degraded']:,} decisions by a cheaper method, for lack of time")
    for doubt in said["doubts_told"]:
        print(f"doubt at {doubt['time_s']:.1f} s: {doubt['text']}")
    untold = sum(said["doubts"].values()) - len(said["doubts_told"])
    if untold > 0:
        print(f"and {untold:,} more doubts")
