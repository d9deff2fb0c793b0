"""How fast and how near the truth is the tracker beside Stone Soup, on the same plots in one run?

    python -m benchmarks stonesoup                                     all, resumed
    python -m benchmarks.bench_stonesoup --cells d1000 --seeds 1000-1002 --scans 14

Stone Soup 1.9.1, tuned in its own favour (``stonesoup_peer``), and the tracker here take each scan
in turn in one process; thread CPU time, median of the scored scans. Seeds from 1000 on are for
reports, those below 100 for tuning. GOSPA with c = 1,000 m, p = 2, α = 2; the ratio is below 1
where the tracker here is nearer. Ratios are means over seeds ± the standard error of the mean.
What Stone Soup tracked is kept outside the project, so the bench can be run in pieces.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios.files import scene_of
from benchmarks.scenarios.single import Options, make
from benchmarks.stonesoup_runs import (
    DENSE,
    SPARSE,
    Job,
    kept_scans,
    kept_times,
    run,
    their_moments,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.score import Report

SEEDS = range(1000, 1010)
MODES = ("default", "accurate")
TIMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Name one row of the comparison.

    Attributes:
        title: As the table says it.
        name: Of the scene.
        n: Targets.
        doppler: Whether both are given range rates.
        tuning: Stone Soup's.
        scans: Scans that are run.
        skip: First scans that are not scored.
    """

    title: str
    name: str
    n: int
    doppler: bool = False
    tuning: dict[str, Any]
    scans: int = 60
    skip: int = 10

    def job(self, seed: int) -> Job:
        """Give the run of one seed."""
        return Job(
            name=self.name,
            options=Options(n=self.n, seed=seed),
            doppler=self.doppler,
            tuning=self.tuning,
            source=os.environ.get("STONESOUP_SOURCE", ""),
        )


CELLS = {
    "s100": Cell(title="sparse, N=100", name="sparse", n=100, tuning=SPARSE),
    "d100": Cell(title="dense, N=100", name="dense", n=100, tuning=DENSE, scans=40),
    "dd100": Cell(
        title="dense, N=100, Doppler", name="dense", n=100, doppler=True, tuning=DENSE, scans=40
    ),
    "s1000": Cell(title="sparse, N=1000", name="sparse", n=1000, tuning=SPARSE, scans=14, skip=6),
    "d1000": Cell(title="dense, N=1000", name="dense", n=1000, tuning=DENSE, scans=12, skip=6),
    "dd1000": Cell(
        title="dense, N=1000, Doppler",
        name="dense", n=1000, doppler=True, tuning=DENSE, scans=12, skip=6,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Hold one seed: both trackers' reports, and times if they are of the tracker as it is now."""

    seed: int
    theirs: Report
    ours: dict[str, Report]
    spent: dict[str, float]


def fill(cell: Cell, seeds: Sequence[int], *, scans: int, timed: int) -> None:
    """Run what is not kept, and time anew the first few seeds if the tracker has changed."""
    for place, seed in enumerate(seeds):
        job = cell.job(seed)
        fresh, spent = kept_times(job)
        fresh = fresh and spent.keys() >= set(MODES)
        if kept_scans(job) < scans or (place < timed and not fresh):
            print(f"  {cell.title}, seed {seed}: Stone Soup, {scans} scans…", flush=True)
            run(job, scans, MODES)


def compare(cell: Cell, seed: int) -> Pair:
    """Score both on one seed, over the scans that are kept."""
    job = cell.job(seed)
    arrays = make(cell.name, Options(n=cell.n, seed=seed))
    scene = scene_of(arrays, cell.title, doppler=cell.doppler, scans=kept_scans(job))
    theirs = fuse_play.score(scene, their_moments(job, scene), skip=cell.skip)
    ours = {}
    for mode in MODES:
        played = fuse_play.play(scene, fuse_play.settings_of(mode))
        ours[mode] = fuse_play.score(scene, played.moments, skip=cell.skip)
    fresh, spent = kept_times(job)
    times = {who: float(np.median(all_[cell.skip :])) for who, all_ in spent.items()}
    return Pair(
        seed=seed,
        theirs=theirs,
        ours=ours,
        spent=times if fresh and times.keys() >= set(MODES) else {},
    )


def mean_se(values: NDArray[np.float64]) -> str:
    """Write a mean and its standard error."""
    if len(values) < 2:
        return f"{values.mean():.4g}"
    return f"{values.mean():.4g} ± {values.std(ddof=1) / np.sqrt(len(values)):.2g}"


def over(reports: Sequence[Report]) -> str:
    """Write the quality of some runs."""
    parts = (
        ("GOSPA", "gospa", "{:.0f} m"), ("completeness", "completeness", "{:.4f}"),
        ("false", "false", "{:.2f} a scan"), ("switches", "switches_rate", "{:.2f}"),
    )  # fmt: skip
    return ", ".join(
        f"{name} {how.format(np.mean([getattr(r, key) for r in reports]))}"
        for name, key, how in parts
    )


def rows_of(cell: Cell, pairs: Sequence[Pair]) -> list[dict[str, object]]:
    """Lay out one cell: for each mode the speed and the accuracy together."""
    rows: list[dict[str, object]] = []
    timed = [p.spent for p in pairs if p.spent]
    for mode in MODES:
        gospa = np.array([p.ours[mode].gospa / p.theirs.gospa for p in pairs])
        if timed:
            fast = np.array([t["stonesoup"] / t[mode] for t in timed])
            theirs, ours = (1e3 * np.mean([t[who] for t in timed]) for who in ("stonesoup", mode))
            note = f"{mean_se(fast)}; {theirs:,.0f} against {ours:.2f} ms; {len(timed)} seeds"
            rows.append(
                {"name": f"{cell.title}: times as fast, {mode}", "value": float(fast.mean()),
                 "unit": "×", "note": note}
            )  # fmt: skip
        rows.append(
            {
                "name": f"{cell.title}: GOSPA ratio, {mode}", "value": float(gospa.mean()),
                "unit": "", "note": f"{mean_se(gospa)}; {over([p.ours[mode] for p in pairs])}",
            }
        )  # fmt: skip
    rows.append(
        {
            "name": f"{cell.title}: Stone Soup's GOSPA",
            "value": float(np.mean([p.theirs.gospa for p in pairs])), "unit": "m",
            "note": f"{over([p.theirs for p in pairs])}; seeds {pairs[0].seed}-{pairs[-1].seed}",
        }
    )  # fmt: skip
    return rows


def main(
    cells: Sequence[str] = tuple(CELLS),
    seeds: Sequence[int] = SEEDS,
    scans: int | None = None,
    timed: int = TIMED,
    *,
    kept_only: bool | None = None,
) -> list[dict[str, object]]:
    """Run what is missing, unless STEPPEWATCH_KEPT_ONLY is set; then compare."""
    if kept_only is None:
        kept_only = "STEPPEWATCH_KEPT_ONLY" in os.environ
    rows = []
    for name in cells:
        cell = CELLS[name]
        if not kept_only:
            fill(cell, seeds, scans=scans or cell.scans, timed=timed)
        there = [seed for seed in seeds if kept_scans(cell.job(seed)) > cell.skip]
        if there:
            rows += rows_of(cell, [compare(cell, seed) for seed in there])
    return rows


def options() -> argparse.Namespace:
    """Read the options of a piece."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_stonesoup")
    parser.add_argument("--cells", nargs="+", choices=list(CELLS), default=list(CELLS))
    parser.add_argument("--seeds", default="1000-1009", help="first-last")
    parser.add_argument("--scans", type=int, help="scans of each seed, if not the usual number")
    parser.add_argument("--timed", type=int, default=TIMED, help="seeds that are timed anew")
    parser.add_argument("--keep", help="folder of the venv and of kept runs")
    parser.add_argument(
        "--kept-only", action="store_true", help="run nothing, compare what is kept"
    )
    return parser.parse_args()


if __name__ == "__main__":
    given = options()
    if given.keep:
        os.environ["STEPPEWATCH_PEERS"] = given.keep
    first, _, last = given.seeds.partition("-")
    asked = range(int(first), int(last or first) + 1)
    for line in main(given.cells, asked, given.scans, given.timed, kept_only=given.kept_only):
        sys.stdout.write(
            f"{line['name']:45s} {line['value']:10.4g} {line['unit']:2s} {line['note']}\n"
        )
