"""What do reports cost that come up to 30 s late, shuffled, and what is it worth to sort them?

Two radars and ADS-B (the registration scene without biases), 30 targets, 120 s, ten seeds from
1000 on; a tenth of all plots comes late by 0 to 30 s, shuffled. "As it comes" is the score of each
moment with what had come by then, which even a perfect tracker cannot have in full; "settled" is
the last picture, when the last straggler is in.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios.delays import delayed
from benchmarks.scenarios.pair import NOTHING, Pair, make
from steppewatch import fuse

if TYPE_CHECKING:
    from benchmarks.scenarios import Scene

SEEDS = range(1000, 1010)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Hold one run."""

    live: float
    settled: float
    last: fuse_play.Moment
    cpu: float
    state: fuse.TrackerState


def attempt(scene: Scene, **changes: float) -> Tried:
    """Play a scene."""
    settings = fuse_play.settings_of(**changes)
    stage = fuse.stage(settings)
    state = stage.step(stage.initial, list(scene.sensors), scene.steps[0][0])[0]
    wanted, moments, spent = set(scene.times_ns.tolist()), [], 0.0
    for now, messages in scene.steps:
        begin = time.thread_time()
        state, _ = stage.step(state, messages, now)
        spent += time.thread_time() - begin
        if now in wanted:
            moments.append(fuse_play.picture(state, now, settings))
    last = fuse_play.picture(state, int(scene.times_ns[-1]), settings)
    moments[-1] = last
    return Tried(
        live=fuse_play.score(scene, moments[:-1]).gospa,
        settled=fuse_play.score(scene, moments, skip=len(moments) - 1).gospa,
        last=last,
        cpu=spent,
        state=state,
    )


def apart(one: fuse_play.Moment, two: fuse_play.Moment) -> float:
    """Give the largest distance of a track from the nearest one of the other picture [m]."""
    away = np.linalg.norm(one.mean[:, None, :3] - two.mean[None, :, :3], axis=2)
    return float(max(away.min(axis=0).max(), away.min(axis=1).max()))


def main() -> list[dict[str, object]]:
    """Measure all of it."""
    attempt(make(Pair(n=10, seconds=30.0)))
    runs: dict[str, list[Tried]] = {}
    for seed in SEEDS:
        scene = make(Pair(seed=seed, n=30, seconds=120.0, bias=NOTHING))
        late = delayed(scene, seed=seed)
        for name, one, changes in (
            ("in order", scene, {}),
            ("in order, no window", scene, {"late_window": 0.0}),
            ("late, put in place", late, {}),
            ("late, put in place at once", late, {"late_work": 1e4}),
            ("late, as they come", late, {"late_window": 0.0}),
            ("late ones lost", delayed(scene, seed=seed, most=np.inf), {}),
        ):
            runs.setdefault(name, []).append(attempt(one, **changes))
    base = runs["in order"]
    rows: list[dict[str, object]] = []
    for name, tried in runs.items():
        for part in ("live", "settled"):
            mean = float(np.mean([getattr(t, part) for t in tried]))
            ratio = mean / float(np.mean([getattr(t, part) for t in base]))
            what = "as it comes" if part == "live" else "settled"
            rows.append({
                "name": f"{name}: GOSPA {what}", "value": mean, "unit": "m",
                "note": f"{ratio:.4f} of in order",
            })  # fmt: skip
        cpu = float(np.median([t.cpu / b.cpu for t, b in zip(tried, base, strict=True)]))
        rows.append({"name": f"{name}: CPU", "value": cpu, "unit": "of in order"})
    at_once = runs["late, put in place at once"]
    for name in ("late, put in place at once", "late, as they come"):
        off = [apart(t.last, b.last) for t, b in zip(runs[name], base, strict=True)]
        rows.append({
            "name": f"{name}: furthest track from that of the run in order",
            "value": float(np.median(off)), "unit": "m", "note": f"worst seed {max(off):.3g}",
        })  # fmt: skip
    placed = sum(t.state.late.placed for t in at_once)
    stranded = sum(t.state.late.beyond for t in at_once)
    rows.append({
        "name": "late plots put in place", "value": placed / max(placed + stranded, 1) * 100.0,
        "unit": "%", "note": f"{placed} of {placed + stranded}",
    })  # fmt: skip
    return rows
