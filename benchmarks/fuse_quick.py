"""Score the tracker on some scenes in a moment, for tuning.

    python -m benchmarks.fuse_quick n100.npz dense:n=300:seed=3 --mode default --set quiet=0.5

Names are files of the shared format, or scenes with options (``sparse dense crossing formation
manoeuvring low``; n, scans, pd, clutter, seed; ``doppler`` gives the tracker range rates). A spec
with ``seed=0-4`` runs five and gives the mean. A file name without a folder is looked for in the
shared data. GOSPA in metres (c = 1,000 m, scans 10 on), switches per 100 target-minutes, ANEES
by class, median CPU milliseconds of a scan.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios.catalogue import scenes_of
from benchmarks.scenarios.files import load, scene_of
from benchmarks.scenarios.scene import Scene
from benchmarks.scenarios.single import Options, make

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
HEAD = (
    f"{'scene':34s} {'GOSPA':>8s} {'rms':>6s} {'compl':>6s} {'false':>6s} {'swit':>5s} "
    f"{'lat':>5s} {'ms':>8s}  ANEES by class (all, then each)"
)


def read(spec: str, *, doppler: bool, scans: int | None) -> Iterator[Scene]:
    """Give the scenes of one argument."""
    if ".npz" in spec:
        path = Path(spec.split(":", maxsplit=1)[0])
        if not path.exists():
            path = DATA / "tracking" / "synthetic" / path.name
        yield scene_of(load(path), path.stem, doppler=doppler, scans=scans)
        return
    yield from scenes_of(spec, doppler=doppler, scans=scans)


def line(scene: Scene, settings: "fuse_play.fuse.TrackerSettings") -> dict[str, float]:
    """Play one scene and give its figures."""
    played = fuse_play.play(scene, settings)
    report = fuse_play.score(scene, played.moments)
    figures = {
        "GOSPA": report.gospa, "rms": report.rms, "completeness": report.completeness,
        "false": report.false, "switches": report.switches_rate, "latency": report.latency,
        "ms": 1e3 * float(np.median(played.cpu[scene.skip :])),
    }  # fmt: skip
    for part in fuse_play.consistency(scene, played.moments):
        figures[f"ANEES {part.name}"] = part.anees
    return figures


def text(name: str, f: dict[str, float]) -> str:
    """Lay out one line."""
    parts = [f"{v:.2f} {k[6:]}" for k, v in f.items() if k.startswith("ANEES")]
    return (
        f"{name:34s} {f['GOSPA']:8.1f} {f['rms']:6.1f} {f['completeness']:6.4f} {f['false']:6.2f} "
        f"{f['switches']:5.2f} {f['latency']:5.1f} {f['ms']:8.3f}  " + ", ".join(reversed(parts))
    )


def main() -> None:
    """Run the scenes that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuse_quick", description=__doc__)
    parser.add_argument("scenes", nargs="*", default=["n100.npz", "n100_dense.npz"])
    parser.add_argument("--mode", default="default")
    parser.add_argument("--doppler", action="store_true")
    parser.add_argument("--scans", type=int, help="only the first so many")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    changes = {k: json.loads(v) for k, v in (item.split("=", 1) for item in given.set)}
    settings = fuse_play.settings_of(given.mode, **changes)
    warm = scene_of(make("dense", Options(n=20, scans=8)), "warm", doppler=given.doppler)
    fuse_play.play(warm, settings)
    if not given.json:
        print(HEAD)
    for spec in given.scenes:
        rows = []
        for scene in read(spec, doppler=given.doppler, scans=given.scans):
            rows.append(line(scene, settings))
            if not given.json:
                print(text(scene.name, rows[-1]), flush=True)
            else:
                print(json.dumps({"scene": scene.name, **rows[-1]}), flush=True)
        if len(rows) > 1 and not given.json:
            mean = {k: float(np.nanmean([r[k] for r in rows if k in r])) for k in rows[0]}
            print(text(f"  mean of {len(rows)}", mean), flush=True)


if __name__ == "__main__":
    main()
