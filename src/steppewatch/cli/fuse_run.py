"""``steppewatch fuse run``: track a file of detections and say how good the tracks are."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.fuse_options import reading_of, reading_options, settings_of, write_text

if TYPE_CHECKING:
    from steppewatch.engine.track_recording import Recording
    from steppewatch.engine.track_run import Run


@click.command()
@click.argument("detections", type=click.Path(path_type=Path))
@click.option("--truth", type=click.Path(path_type=Path), help="Where things really were.")
@click.option("--mode", type=click.Choice(["default", "accurate"]), help="How much work to do.")
@click.option("--settings", type=click.Path(path_type=Path), help="TOML with tracker settings.")
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
    "--trajectories/--no-trajectories", default=None, help="T-GOSPA; else where it takes seconds."
)
@reading_options
def run(
    detections: Path,
    truth: Path | None,
    mode: str | None,
    settings: Path | None,
    terrain: str | None,
    out: Path | None,
    json_file: str | None,
    trajectories: bool | None,
    **given: Any,
) -> None:
    """Track DETECTIONS: arrays (.npz), columns (.csv) or an ASTERIX recording.

    Truth is used to score the tracks, never to make them; it may stand in the same file. Give
    --json last, or with a file name.

    Example: steppewatch fuse run radar.npz --truth radar.npz --out tracks.npz
    """
    from steppewatch.engine.track_files import read_detections, read_truth
    from steppewatch.engine.track_files_out import write_tracks
    from steppewatch.engine.track_run import track
    from steppewatch.engine.track_score import score
    from steppewatch.engine.track_sight import file_sight, sight_notes
    from steppewatch.fuse.score import as_json, table

    reading, chosen = reading_of(given), settings_of(settings, mode)
    recording = read_detections(detections, reading)
    real = None if truth is None else read_truth(truth, reading)
    sight = None if terrain is None else file_sight(terrain)
    done = track(recording, chosen, sight=sight)
    if out is not None:
        write_tracks(out, done)
    report = None if real is None else score(done, real, trajectories=trajectories)
    said = totals(recording, done)
    said["warnings"] += sight_notes(sight, done.state.sensors)
    if report is not None and real is not None:
        said["scores"] = as_json(report, timeline=False)
        said["warnings"] += list(real.notes)
    if json_file == "-":
        print(json.dumps(said, ensure_ascii=False))
        return
    if json_file is not None:
        write_text(Path(json_file), json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    _print(said)
    if report is not None and real is not None:
        print("\n" + table(report, dict(enumerate(real.kinds))).rstrip())
    for warning in said["warnings"]:
        print(f"warning: {warning}")
    for path in (out, None if json_file is None else Path(json_file)):
        if path is not None:
            print(f"wrote {path}")


def totals(recording: "Recording", run: "Run") -> dict[str, Any]:
    """Collect what a run came to."""
    import dataclasses

    import numpy as np

    from steppewatch import __version__
    from steppewatch.fuse import TrackerSettings

    cpu = run.cpu if len(run.cpu) else np.zeros(1)
    usual = TrackerSettings()
    per_scan = np.diff(run.offset)
    return {
        "version": __version__,
        "detections": recording.name,
        "layout": recording.layout,
        "frame": recording.ground.described(),
        "mode": run.settings.mode,
        "settings": {
            field.name: getattr(run.settings, field.name)
            for field in dataclasses.fields(usual)
            if getattr(run.settings, field.name) != getattr(usual, field.name)
        },
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
        "unusable": run.state.unusable,
        "unknown_sensor": run.state.unknown,
        "warnings": list(recording.notes),
    }


def _print(said: dict[str, Any]) -> None:
    cpu = said["cpu_s"]
    print(
        f"{said['detections']}: {said['plots']:,} plots in {said['scans']:,} scans → "
        f"{said['tracks']:,} tracks, {said['tracks_per_scan']:.1f} at a time ({said['mode']})"
    )
    print(
        f"tracker {1e3 * cpu['median']:.2f} ms CPU per scan (median; mean {1e3 * cpu['mean']:.2f}, "
        f"99 % {1e3 * cpu['p99']:.2f}, all {cpu['total']:.2f} s)"
    )
