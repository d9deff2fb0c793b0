"""What do reports cost that come up to 30 s late, shuffled, and what of that is the tracker's?

Two radars and ADS-B (the registration scene without biases), 30 targets, ten seeds from 1000 on;
a tenth of all plots comes late by 0 to 30 s, shuffled. Scored are the moments from 55 to 115 s.
"As it came" is the score of each moment with what had come by then. "Bound": for each moment a
tracker without any memory of late reports is played anew, in order, exactly the plots that had
come by then: nobody who does not foretell plots can know more. "Settled": the picture of each
moment as the tracker knows it 35 s later (``late.past``), when its stragglers are in.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios.delays import delayed, known_by
from benchmarks.scenarios.pair import NOTHING, Pair, make
from steppewatch import fuse
from steppewatch.fuse.late.past import state_at
from steppewatch.fuse.visibility import NominalSight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.scenarios import Scene

SEEDS = range(1000, 1010)
SECONDS, LAST, SETTLED = 160.0, 115, 35
NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Hold one run.

    Attributes:
        live: GOSPA as it came [m]; settled: 35 s later, NaN where nothing is kept.
        cpu: Thread CPU seconds.
        settled_at: The settled pictures; live_at: the pictures as it came.
        state: At the end.
    """

    live: float
    settled: float
    cpu: float
    settled_at: list[fuse_play.Moment]
    live_at: list[fuse_play.Moment]
    state: fuse.TrackerState


def attempt(scene: Scene, *, settle: bool = False, **changes: Any) -> Tried:
    """Play a scene; pictures of the past are asked for outside of the time that counts."""
    settings = fuse_play.settings_of(**changes)
    stage = fuse.stage(settings)
    state = stage.step(stage.initial, list(scene.sensors), scene.steps[0][0])[0]
    wanted, live, late, spent = set(scored(scene)), [], [], 0.0
    for now, messages in scene.steps:
        begin = time.thread_time()
        state, _ = stage.step(state, messages, now)
        spent += time.thread_time() - begin
        if now in wanted:
            live.append(fuse_play.picture(state, now, settings))
        past_ns = now - SETTLED * NS
        if settle and past_ns in wanted:
            then = state_at(state, past_ns, settings, NominalSight())
            late.append(fuse_play.picture(then, past_ns, settings))
    return Tried(
        live=gospa(scene, live),
        settled=gospa(scene, late) if settle else np.nan,
        cpu=spent,
        settled_at=late,
        live_at=live,
        state=state,
    )


def bound(scene: Scene, seed: int) -> float:
    """Score what playing anew, in order, all that had come by each moment gives [m]."""
    settings = fuse_play.settings_of(late_window=0.0)
    stage = fuse.stage(settings)
    moments: list[fuse_play.Moment] = []
    for until in scored(scene):
        state = stage.step(stage.initial, list(scene.sensors), scene.steps[0][0])[0]
        if len(moments) >= scene.skip:
            for now, messages in known_by(scene, until, seed=seed):
                state, _ = stage.step(state, messages, now)
        moments.append(fuse_play.picture(state, until, settings))
    return gospa(scene, moments)


def scored(scene: Scene) -> list[int]:
    """Give the moments that count."""
    return [int(t) for t in scene.times_ns if t <= scene.times_ns[0] + (LAST - 5) * NS]


def gospa(scene: Scene, moments: list[fuse_play.Moment]) -> float:
    """Score pictures of the scored moments, the first ones left out."""
    return fuse_play.score(scene, moments).gospa


def apart(one: fuse_play.Moment, two: fuse_play.Moment) -> float:
    """Give the largest distance of a track from the nearest one of the other picture [m]."""
    away = np.linalg.norm(one.mean[:, None, :3] - two.mean[None, :, :3], axis=2)
    return float(max(away.min(axis=0).max(), away.min(axis=1).max()))


def main(seeds: Sequence[int] = SEEDS) -> list[dict[str, object]]:
    """Measure all of it."""
    attempt(make(Pair(n=10, seconds=30.0)))
    runs: dict[str, list[Tried]] = {}
    best: list[float] = []
    for seed in seeds:
        scene = make(Pair(seed=seed, n=30, seconds=SECONDS, bias=NOTHING))
        late = delayed(scene, seed=seed)
        for name, one, settle, changes in (
            ("in order", scene, False, {}),
            ("late, put in place", late, True, {}),
            ("late, as they come", late, False, {"late_window": 0.0}),
            ("late ones lost", delayed(scene, seed=seed, most=np.inf), False, {}),
        ):
            runs.setdefault(name, []).append(attempt(one, settle=settle, **changes))
        best.append(bound(scene, seed))
    return told(runs, best)


def told(runs: dict[str, list[Tried]], best: list[float]) -> list[dict[str, object]]:
    """Lay out what was measured."""
    base = runs["in order"]
    order = [t.live for t in base]
    rows = [row("in order: GOSPA", order, order)]
    rows.append(row("late, bound: GOSPA of all that had come, played anew", best, order))
    for name, tried in runs.items():
        if tried is not base:
            rows.append(row(f"{name}: GOSPA as it came", [t.live for t in tried], order))
        if np.isfinite(tried[0].settled):
            rows.append(row(f"{name}: GOSPA settled", [t.settled for t in tried], order))
            off = [
                max(apart(a, b) for a, b in zip(t.settled_at[10:], o.live_at[10:], strict=True))
                for t, o in zip(tried, base, strict=True)
            ]
            rows.append({
                "name": f"{name}: furthest settled track from the run in order",
                "value": float(np.median(off)), "unit": "m",
                "note": f"median of seeds, any moment; worst {max(off):.3g}",
            })  # fmt: skip
        if tried is not base:
            cpu = [t.cpu / b.cpu for t, b in zip(tried, base, strict=True)]
            again = sum(t.state.late.reruns for t in tried)
            note = f"{again} re-runs in {len(tried)} seeds" if again else ""
            rows.append({
                "name": f"{name}: CPU", "value": float(np.median(cpu)), "unit": "× in order",
                "note": note,
            })  # fmt: skip
    states = [t.state.late for t in runs["late, put in place"]]
    placed, stranded = sum(m.placed for m in states), sum(m.beyond for m in states)
    rows.append({
        "name": "late plots put in place", "value": placed / max(placed + stranded, 1) * 100.0,
        "unit": "%", "note": f"{placed} of {placed + stranded}",
    })  # fmt: skip
    return rows


def row(name: str, values: list[float], order: list[float]) -> dict[str, object]:
    """Give a mean GOSPA, and how it compares with the run in order."""
    each = np.array(values) / np.array(order)
    ratio = float(np.mean(values) / np.mean(order))
    note = "" if values is order else (
        f"{ratio:.4f} of in order; by seed {each.min():.3f} to {each.max():.3f}"
    )  # fmt: skip
    return {"name": name, "value": float(np.mean(values)), "unit": "m", "note": note}
