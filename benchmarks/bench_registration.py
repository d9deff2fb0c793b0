"""How well does the tracker find what two radars are off by, and what is that worth?

Two radars 80 km apart, each off by 150 m, 0.3° in azimuth, 0.1° in elevation and 0.4 s (signs
drawn), 40 targets, Pd 0.9, 20 false alarms a turn; 40 % of the aircraft send ADS-B. Ten minutes,
ten seeds from 1000 on. Errors are the largest of both radars after ten minutes: the median seed
and the worst one. Scores are of the last five minutes.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios.pair import EVERY_SCORE, NOTHING, Pair, make
from steppewatch import fuse
from steppewatch.fuse import registration
from steppewatch.records import DoubtKind, SensorDoubt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenarios import Scene

SEEDS = range(1000, 1010)
LAST = 60
DRIFT = math.radians(0.1) / 60.0
NOTED = 300.0
ERRORS = (
    (0, "range bias error", 1.0, "m", "goal 10, stretch 5"),
    (2, "azimuth bias error", 180.0 / math.pi, "°", "goal 0.03, stretch 0.01"),
    (3, "elevation bias error", 180.0 / math.pi, "°", ""),
    (4, "time bias error", 1.0, "s", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Hold one run."""

    scene: Scene
    state: fuse.TrackerState
    moments: list[fuse_play.Moment]
    doubts: list[SensorDoubt]
    settled: dict[str, float]
    cpu: float

    def error(self) -> NDArray[np.float64]:
        """Give the biases' errors ``(sensors, 5)``."""
        return registration.observe(self.state.registration).value - self.scene.site["biases"]

    def pull(self) -> float:
        """Give the largest error over its σ."""
        sigma = registration.observe(self.state.registration).sigma
        return float(np.nanmax(np.abs(self.error() / sigma)))


def attempt(how: Pair, *, register: bool = True) -> Tried:
    """Play a scene; remember when range and azimuth first were, and stayed, within the goal."""
    scene = make(how)
    settings = fuse_play.settings_of(register=register)
    tracker = fuse.stage(settings)
    state = tracker.step(tracker.initial, list(scene.sensors), scene.steps[0][0])[0]
    wanted = set(scene.times_ns.tolist())
    moments, doubts = [], []
    settled = {"range": math.inf, "azimuth": math.inf}
    spent = 0.0
    for second, (now, messages) in enumerate(scene.steps, start=1):
        begin = time.thread_time()
        state, said = tracker.step(state, messages, now)
        spent += time.thread_time() - begin
        doubts += [fact for fact in said if isinstance(fact, SensorDoubt)]
        if now not in wanted:
            continue
        moments.append(fuse_play.picture(state, now, settings))
        if register and len(state.registration):
            seen = registration.observe(state.registration)
            off = np.abs(seen.value - scene.site["biases"])
            for name, k, goal in (("range", 0, 10.0), ("azimuth", 2, math.radians(0.03))):
                good = off[:, k].max() <= goal and seen.observable[: how.radars, k].all()
                settled[name] = min(settled[name], second) if good else math.inf
    return Tried(
        scene=scene, state=state, moments=moments, doubts=doubts, settled=settled, cpu=spent
    )


def doubles(tried: Tried, near: float = 1_500.0) -> float:
    """Give the tracks per moment that are near a target which has a nearer one (last half)."""
    count = 0
    scene = tried.scene
    for k in range(LAST, len(tried.moments)):
        moment = tried.moments[k]
        real = scene.truth[k][np.isfinite(scene.truth[k, :, 0]), :3]
        away = np.linalg.norm(moment.mean[:, None, :3] - real[None], axis=2)
        whose = away.argmin(axis=1)[away.min(axis=1) < near]
        count += len(whose) - len(np.unique(whose))
    return count / max(len(tried.moments) - LAST, 1)


def row(name: str, values: list[float], unit: str, note: str = "") -> dict[str, object]:
    """Give one line: the median over the seeds, and the worst in the note."""
    worst = f"worst {max(values):.3g}"
    return {
        "name": name,
        "value": float(np.median(values)),
        "unit": unit,
        "note": f"{worst}; {note}" if note else worst,
    }


def scored(tried: Tried) -> tuple[float, float, float]:
    """Give GOSPA, completeness and ANEES of the last half."""
    report = fuse_play.score(tried.scene, tried.moments, skip=LAST)
    whole = fuse_play.consistency(tried.scene, tried.moments, skip=LAST)
    return report.gospa, report.completeness, whole[-1].anees


def biased(rows: list[dict[str, object]]) -> None:
    """Measure biased radars with ADS-B, corrected and not."""
    on = [attempt(Pair(seed=s)) for s in SEEDS]
    off = [attempt(Pair(seed=s), register=False) for s in SEEDS]
    true = [attempt(Pair(seed=s, bias=NOTHING)) for s in SEEDS]
    blind = [attempt(Pair(seed=s, bias=NOTHING), register=False) for s in SEEDS]
    for k, name, factor, unit, note in ERRORS:
        errors = [factor * float(np.abs(t.error()[:2, k]).max()) for t in on]
        rows.append(row(name, errors, unit, note))
    rows.append(row("largest bias error over its σ", [t.pull() for t in on], "1"))
    for name in ("range", "azimuth"):
        label = f"{name} within the goal for good after"
        rows.append(row(label, [t.settled[name] for t in on], "s"))
    for label, runs in (
        ("biased, registration on", on),
        ("biased, registration off", off),
        ("no biases, registration on", true),
        ("no biases, registration off", blind),
    ):
        gospa, complete, anees = zip(*(scored(t) for t in runs), strict=True)
        rows.append(row(f"{label}: GOSPA", list(gospa), "m"))
        rows.append(row(f"{label}: double tracks", [doubles(t) for t in runs], "per moment"))
        rows.append({
            "name": f"{label}: ANEES", "value": float(np.median(anees)), "unit": "1",
            "note": f"{min(anees):.2f} to {max(anees):.2f}; completeness {np.mean(complete):.4f}",
        })  # fmt: skip
    cost = [100.0 * (a.cpu / b.cpu - 1.0) for a, b in zip(true, blind, strict=True)]
    rows.append({
        "name": "registration's share of the tracker's CPU", "value": float(np.median(cost)),
        "unit": "%", "note": "no biases, on against off",
    })  # fmt: skip
    rows.append(row("no biases: largest estimate over its σ", [t.pull() for t in true], "1"))
    false = sum(d.kind == DoubtKind.DRIFT for t in (*on, *true) for d in t.doubts)
    rows.append({"name": "false reports of drift", "value": float(false), "unit": "in 20 runs"})


def drifting(rows: list[dict[str, object]]) -> None:
    """Measure how soon a radar is reported whose north mark turns away after five minutes."""
    runs = [attempt(Pair(seed=s, drift=DRIFT)) for s in SEEDS]
    delays, others = [], 0
    for tried in runs:
        facts = [d for d in tried.doubts if d.kind == DoubtKind.DRIFT]
        mine = [d.time_ns for d in facts if d.sensor == "east"]
        others += len(facts) - len(mine)
        after = (min(mine, default=10**20) - tried.scene.times_ns[0]) * 1e-9 + EVERY_SCORE - NOTED
        delays.append(float(after) if mine else math.inf)
    rows.append(row("0.1° a minute of drift: reported after", delays, "s"))
    told = sum(math.isfinite(d) for d in delays)
    rows.append({
        "name": "drifts reported", "value": float(told), "unit": f"of {len(runs)}",
        "note": f"{others} reports about other sensors",
    })  # fmt: skip
    rows.append(row("GOSPA while drifting", [scored(t)[0] for t in runs], "m"))


def unseen(rows: list[dict[str, object]]) -> None:
    """Measure what two radars without any reference show, and that the time is said not to."""
    runs = [attempt(Pair(seed=s, adsb=0.0)) for s in SEEDS]
    for k, name, factor, unit, _ in ERRORS[:2]:
        errors = [factor * float(np.abs(t.error()[:, k]).max()) for t in runs]
        rows.append(row(f"without ADS-B: {name}", errors, unit))
    split = [float(abs(t.error()[0, 4] - t.error()[1, 4])) for t in runs]
    rows.append(row("without ADS-B: error of the time difference", split, "s"))
    said = sum(not registration.observe(t.state.registration).observable[:, 4].any() for t in runs)
    rows.append({
        "name": "without ADS-B: common time said to be unobservable", "value": float(said),
        "unit": f"of {len(runs)}",
    })  # fmt: skip


def main() -> list[dict[str, object]]:
    """Measure all of it."""
    rows: list[dict[str, object]] = []
    attempt(Pair(seed=0, seconds=60.0))
    biased(rows)
    unseen(rows)
    drifting(rows)
    return rows
