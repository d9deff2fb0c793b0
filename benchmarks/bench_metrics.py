"""How long does scoring a run take, each metric by itself?

CPU seconds of one thread. Drawn runs: straight flight, 97 of 100 targets told at each moment with
150 m of error, two changes of number per 1,000 target-moments, one stray for each 50 targets. The
crowded one has 100 targets in 8 km × 8 km, so that each meets many others. An
hour of terminal traffic has 48 targets at 901 moments.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from steppewatch.fuse.score import Series, follow, meetings, ospa2, score_run, series, t_gospa
from steppewatch.fuse.score.assign import near

CUT_OFF, PERIOD = 1_000.0, 5.0


def drawn(targets: int, moments: int, area: float, seed: int = 0) -> tuple[Any, Series, Series]:
    """Draw times [s], targets and tracks in a square of ``area`` [m] to each side."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(-area, area, (targets, 3)) * [1.0, 1.0, 0.05]
    speed = rng.normal(0.0, 80.0, (targets, 3)) * [1.0, 1.0, 0.0]
    number = np.arange(targets)
    fresh = targets
    names, places, truth = [], [], []
    for k in range(moments):
        here = start + k * PERIOD * speed
        truth.append(here)
        new = np.flatnonzero(rng.random(targets) < 0.002)
        stray = max(targets // 50, 1)
        number[new] = np.arange(fresh, fresh + len(new))
        fresh += len(new)
        told = rng.random(targets) < 0.97
        odd = rng.uniform(-area, area, (stray, 3)) * [1.0, 1.0, 0.05]
        names.append(np.concatenate((number[told], np.arange(fresh, fresh + stray))))
        places.append(np.concatenate((here[told] + rng.normal(0.0, 87.0, (told.sum(), 3)), odd)))
        fresh += stray
    offset = np.concatenate(([0], np.cumsum([len(n) for n in names])))
    return (
        PERIOD * np.arange(moments),
        series(
            targets * np.arange(moments + 1),
            np.tile(np.arange(targets), moments),
            np.concatenate(truth),
        ),
        series(offset, np.concatenate(names), np.concatenate(places)),
    )


def main() -> list[dict[str, Any]]:
    """Time three runs."""
    rows = []
    for name, given in (
        ("1,000 targets × 60", (1_000, 60, 200e3)),
        ("100 crowded targets × 60", (100, 60, 4e3)),
        ("48 targets × 901", (48, 901, 60e3)),
    ):
        rows += timed(name, *given)
    return rows


def timed(name: str, targets: int, moments: int, area: float) -> list[dict[str, Any]]:
    """Time the metrics of one run."""
    times, truth, tracks = drawn(targets, moments, area)
    pairs = [
        near(truth.position[truth.rows(k)], tracks.position[tracks.rows(k)], CUT_OFF)
        for k in range(moments)
    ]
    met = meetings(truth, tracks, pairs, CUT_OFF)
    cuts = [t_gospa(met, CUT_OFF, window=window) for window in (10, None)]
    note = f"{cuts[0].per_moment:,.0f} m in windows, {cuts[1].per_moment:,.0f} m as one"
    return [
        _row(f"{name}: all but T-GOSPA", _cpu(lambda: score_run(times, truth, tracks))),
        _row(f"{name}: identity alone", _cpu(lambda: follow(truth, tracks, 500.0, pairs))),
        _row(f"{name}: OSPA⁽²⁾ alone", _cpu(lambda: ospa2(met, CUT_OFF))),
        _row(f"{name}: T-GOSPA, windows of 10", _cpu(lambda: t_gospa(met, CUT_OFF, window=10))),
        _row(f"{name}: T-GOSPA as one", _cpu(lambda: t_gospa(met, CUT_OFF)), note),
    ]


def _row(name: str, value: float, note: str = "") -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": "s", "note": note}


def _cpu(run: Callable[[], object]) -> float:
    """Give the least of two runs' CPU seconds."""
    spent = []
    for _ in range(2):
        begin = time.thread_time()
        run()
        spent.append(time.thread_time() - begin)
    return min(spent)


if __name__ == "__main__":
    for row in main():
        print(row)
