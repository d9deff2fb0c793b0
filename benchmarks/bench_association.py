"""How good is each way to associate, and how far from a Poisson multi-Bernoulli mixture?

    python -m benchmarks.bench_association [--seeds 1000-1004] [--reference 1000-1002]

Scenes of one radar, 100 targets, 60 scans: default and accurate mode.
Then small scenes of 12 targets with the reference (``benchmarks/pmbm.py``: one constant-velocity
model, plots converted to a plane) on the same plots. GOSPA with c = 1,000 m, ID switches per 100
target-minutes, means over the seeds; CPU of the thread per scan.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks import fuse_play, pmbm
from benchmarks.scenarios.files import BACK, Arrays, scene_of
from benchmarks.scenarios.radar import SIGMA, density
from benchmarks.scenarios.single import Options, make
from steppewatch.fuse.score import Report, score_run

SCENES = (
    "sparse", "dense", "crossing", "formation", "manoeuvring", "dense:pd=0.6", "crossing:pd=0.6",
    "formation:pd=0.6", "dense:clutter=5",
)  # fmt: skip
SMALL = ("crossing:n=12:scans=40", "formation:n=10:scans=40")
MODES = ("default", "accurate")
KINDS = {"n": int, "scans": int, "pd": float, "clutter": float}
ACCELERATION = 1.0  # [m²/s³] of the reference, the best of 1, 3, 10 on seed 0
SPEED, CLIMB = 60.0, 5.0
HEIGHT = 3_000.0  # of the air that births are spread over [m]
BIRTH = 0.05  # new targets for each false alarm, as the tracker's settings have it


def drawn(spec: str, seed: int) -> Arrays:
    """Draw a scene."""
    name, *options = spec.split(":")
    pairs = dict(option.split("=") for option in options)
    return make(name, Options(seed=seed, **{k: KINDS[k](v) for k, v in pairs.items()}))


def tracked(arrays: Arrays, mode: str) -> tuple[Report, float]:
    """Play a scene in a mode; give its scores and the median CPU ms of a scan."""
    scene = scene_of(arrays, "scene")
    played = fuse_play.play(scene, fuse_play.settings_of(mode))
    return fuse_play.score(scene, played.moments), 1e3 * float(np.median(played.cpu[10:]))


def referenced(arrays: Arrays, _: str) -> tuple[Report, float]:
    """Track a scene by the reference, in the plane of the file."""
    meta = json.loads(str(arrays["meta"]))
    period = meta["T"]
    F, Q = np.eye(6), np.zeros((6, 6))
    F[:3, 3:] = period * np.eye(3)
    shape = np.diag((1.0, 1.0, 0.1)) * ACCELERATION
    Q[:3, :3], Q[3:, 3:] = shape * period**3 / 3.0, shape * period
    Q[:3, 3:] = Q[3:, :3] = shape * period**2 / 2.0
    motion, how = pmbm.Motion(F, Q, 0.998), pmbm.Sensing(np.eye(3, 6), meta["pd"])
    room = math.pi * meta["R"] ** 2 * HEIGHT
    velocity = np.diag((SPEED**2, SPEED**2, CLIMB**2))
    born = pmbm.Everywhere(BIRTH * meta["clutter_per_scan"] / room, velocity)
    post, said, cpu = pmbm.Posterior(born), [], []
    for k in range(len(arrays["det_off"]) - 1):
        before = time.thread_time()
        rows = arrays["det"][arrays["det_off"][k] : arrays["det_off"][k + 1]]
        z, noise, clutter = converted(rows, meta)
        post = pmbm.update(
            pmbm.predict(post, motion), z, noise, clutter, how, pmbm.Limits(most=50, reported=0.5)
        )
        cpu.append(time.thread_time() - before)
        found = pmbm.estimates(post, pmbm.Limits(reported=0.5))
        ids = np.array(list(found), np.int64)
        said.append((ids, np.array([b.mean[:3] for b in found.values()]).reshape(-1, 3)))
    plane = arrays["truth"][:, :, BACK]
    alive = [np.flatnonzero(np.isfinite(moment[:, 0])) for moment in plane]
    truth = [(a, moment[a, :3]) for a, moment in zip(alive, plane, strict=True)]
    times = [period * k for k in range(len(said))]
    return score_run(times, truth, said, skip=10), 1e3 * float(np.median(cpu[10:]))


def converted(rows: Any, meta: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Give places ``(p, 3)``, covariances ``(p, 3, 3)`` and false-alarm densities ``(p,)``."""
    elevation, azimuth, reach = rows[:, 0], rows[:, 1], rows[:, 2]
    sin_e, cos_e, sin_a, cos_a = (f(x) for x in (elevation, azimuth) for f in (np.sin, np.cos))
    zero = np.zeros_like(reach)
    along = np.stack((cos_e * cos_a, cos_e * sin_a, sin_e), -1)
    across = np.stack((-sin_a, cos_a, zero), -1) * (reach * cos_e * SIGMA[1])[:, None]
    over = np.stack((-sin_e * cos_a, -sin_e * sin_a, cos_e), -1) * (reach * SIGMA[0])[:, None]
    root = np.stack((along * SIGMA[2], across, over), -1)
    place = along * reach[:, None] + (0.0, 0.0, meta["z_radar"])
    per_volume = density(meta["R"], meta["clutter_per_scan"]) / (reach**2 * cos_e)
    return place, root @ root.swapaxes(1, 2), per_volume


def seeds(text: str) -> range:
    """Read ``first-last``."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def rows(
    specs: tuple[str, ...], ways: dict[str, Callable[[Arrays, str], tuple[Report, float]]],
    over: range,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Run the scenes and give a row for each figure."""
    for spec in specs:
        drawings = [drawn(spec, seed) for seed in over]
        for name, run in ways.items():
            reports, cpu = zip(*(run(arrays, name) for arrays in drawings), strict=True)
            gospa = np.array([r.gospa for r in reports])
            switches = float(np.mean([r.switches_rate for r in reports]))
            note = f"{switches:.2f} switches, {float(np.median(cpu)):.1f} ms"
            error = float(gospa.std() / math.sqrt(len(gospa)))
            yield {
                "name": f"{spec}, {name}", "value": float(gospa.mean()), "unit": "m",
                "note": f"± {error:.0f}; {note}",
            }  # fmt: skip


def main(
    over: range = range(1000, 1005), reference: range = range(1000, 1003)
) -> list[dict[str, Any]]:
    """Compare the modes, then the modes and the reference."""
    warm = drawn("dense:n=20:scans=8", 0)
    for mode in MODES:
        tracked(warm, mode)
    ways = dict.fromkeys(MODES, tracked)
    out = list(rows(SCENES, ways, over))
    return out + list(rows(SMALL, {**ways, "reference": referenced}, reference))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=seeds, default=range(1000, 1005))
    parser.add_argument("--reference", type=seeds, default=range(1000, 1003))
    given = parser.parse_args()
    for row in main(given.seeds, given.reference):
        print(f"{row['name']:40s} {row['value']:8.1f} {row['unit']}  {row['note']}")
