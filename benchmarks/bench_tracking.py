"""How well does the tracker do from 10 to 10,000 targets, and in what is hard for trackers?

    python -m benchmarks tracking
    python -m benchmarks.bench_tracking --scenes crossing "sparse, Pd 0.6" --peer

Seeded scenes (``benchmarks/scenarios``), means over seeds from 1000 on, 3-D radars of 5 s with
Pd 0.9 and half a false alarm per target where nothing else is said. GOSPA with c = 1,000 m over
scans from 10 on. Stone Soup's figures are of its release, tuned as in ``bench_stonesoup``, on the
same plots, where it was run (``--peer`` runs it). CPU of one thread, median scan. Other scenes
have benches of their own: shadows of hills in ``custody``, biased radars in ``registration``,
reports that come late in ``late``, ships seen by radar, EO and IR in ``autoferry``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios import border
from benchmarks.scenarios.files import scene_of
from benchmarks.scenarios.single import Options, make
from benchmarks.stonesoup_runs import DENSE, SPARSE, Job, kept_scans, run, their_moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.scenarios.scene import Scene
    from steppewatch.fuse.score import Report

FIRST = 1000
MODES = ("default", "accurate")
MANY = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Name one line of the table.

    Attributes:
        name: Of the scene: of one radar (``single.NAMES``), or ``border``.
        options: How it is drawn; the seed is replaced.
        seeds: How many.
        scans: That are played.
        doppler: Whether range rates are given.
        border: How a scene of many sensors is drawn.
    """

    name: str
    options: Options = field(default_factory=Options)
    seeds: int = 5
    scans: int = 60
    doppler: bool = False
    border: border.Border | None = None

    def scenes(self) -> Iterator[tuple[int, Scene]]:
        """Draw it with each seed."""
        for seed in range(FIRST, FIRST + self.seeds):
            if self.border is not None:
                yield seed, border.make(replace(self.border, seed=seed))
            else:
                arrays = make(self.name, replace(self.options, seed=seed))
                yield seed, scene_of(arrays, self.name, doppler=self.doppler, scans=self.scans)

    def job(self, seed: int) -> Job | None:
        """Give Stone Soup's run of a seed; None for what it cannot be fed."""
        if self.border is not None:
            return None
        return Job(
            name=self.name, options=replace(self.options, seed=seed), doppler=self.doppler,
            tuning=DENSE if self.name in {"dense", "formation"} else SPARSE,
        )  # fmt: skip


def sized(name: str, n: int, *, seeds: int = 5, scans: int = 60, **options: float) -> Case:
    """Give a case of one radar."""
    return Case(name=name, options=Options(n=n, **options), seeds=seeds, scans=scans)  # type: ignore[arg-type]


THREE = border.Border(n=300, radars=3, radius=60e3, drones=0, sectors=8, seconds=150.0)
WATCHED = border.Border(n=60, radars=1, radius=30e3, drones=4, sectors=8, seconds=120.0)
CASES = {
    "sparse, N=10": sized("sparse", 10),
    "sparse, N=30": sized("sparse", 30),
    "sparse, N=100": sized("sparse", 100),
    "sparse, N=300": sized("sparse", 300, seeds=3, scans=40),
    "sparse, N=1000": sized("sparse", 1000, seeds=2, scans=20),
    "sparse, N=10,000": sized("sparse", 10_000, seeds=1, scans=16),
    "dense, N=100": sized("dense", 100),
    "dense, N=300": sized("dense", 300, seeds=3, scans=40),
    "dense, N=1000": sized("dense", 1000, seeds=2, scans=20),
    "dense, N=100, Doppler": replace(sized("dense", 100), doppler=True),
    "sparse, Pd 0.6": sized("sparse", 100, pd=0.6),
    "dense, Pd 0.6": sized("dense", 100, pd=0.6),
    "light clutter (0.1 a target)": sized("sparse", 100, clutter=0.1),
    "heavy clutter (3 a target)": sized("sparse", 100, clutter=3.0),
    "heavy clutter (10 a target)": sized("sparse", 100, clutter=10.0, seeds=3),
    "crossing": sized("crossing", 100),
    "formations of five": sized("formation", 100),
    "manoeuvring": sized("manoeuvring", 100),
    "low over ground clutter": sized("low", 100),
    "three radars out of step, by sectors": Case(name="border", border=THREE, seeds=2),
    "one radar": Case(name="border", border=replace(WATCHED, drones=0), seeds=3),
    "the same and four drones' bearings": Case(name="border", border=WATCHED, seeds=3),
}


def mean(reports: Sequence[Report], name: str) -> float:
    """Average one figure."""
    return float(np.mean([getattr(report, name) for report in reports]))


def row_of(title: str, case: Case, *, peer: bool = False) -> list[dict[str, object]]:
    """Play one case in both modes and lay it out."""
    reports: dict[str, list[Report]] = {mode: [] for mode in MODES}
    spent: dict[str, list[float]] = {mode: [] for mode in MODES}
    anees: list[float] = []
    theirs: list[float] = []
    ours: list[float] = []
    for seed, scene in case.scenes():
        for mode in MODES:
            played = fuse_play.play(scene, fuse_play.settings_of(mode))
            spent[mode].append(float(np.median(played.cpu[scene.skip :])))
            if case.options.n <= MANY:
                reports[mode].append(fuse_play.score(scene, played.moments))
                if mode == MODES[0]:
                    anees += [c.anees for c in fuse_play.consistency(scene, played.moments)][-1:]
        job = case.job(seed)
        if job is not None and peer and kept_scans(job) < case.scans:
            run(job, case.scans, ())
        if job is not None and kept_scans(job) > scene.skip and reports[MODES[0]]:
            told = their_moments(job, scene)
            theirs.append(fuse_play.score(scene, told).gospa)
            cut = replace(scene, times_ns=scene.times_ns[: len(told)])
            ours.append(fuse_play.score(cut, played_again(cut, len(told))).gospa)
    return lay_out(title, reports, spent, anees, (theirs, ours))


def played_again(scene: Scene, scans: int) -> list[fuse_play.Moment]:
    """Give the default mode's moments of the first scans alone."""
    return fuse_play.play(scene).moments[:scans]


def lay_out(
    title: str,
    reports: dict[str, list[Report]],
    spent: dict[str, list[float]],
    anees: list[float],
    beside: tuple[list[float], list[float]],
) -> list[dict[str, object]]:
    """Lay out a case: one row, or two where the modes differ."""
    rows: list[dict[str, object]] = []
    for mode in MODES:
        some = reports[mode]
        time = 1e3 * float(np.mean(spent[mode]))
        if not some:
            rows.append({"name": f"{title}: CPU of a scan, {mode}", "value": time, "unit": "ms"})
            continue
        note = (
            f"completeness {mean(some, 'completeness'):.4f}, {mean(some, 'false'):.2f} false a "
            f"scan, {mean(some, 'switches_rate'):.2f} switches, rms {mean(some, 'rms'):.0f} m, "
            f"{time:.2f} ms; {len(some)} seeds"
        )
        if mode == MODES[0]:
            note += f"; ANEES {np.mean(anees):.2f}"
            theirs, ours = beside
            if theirs:
                ratio = np.mean(np.divide(ours, theirs))
                note += f"; {ratio:.3f} of Stone Soup's {np.mean(theirs):.0f} m ({len(theirs)})"
        rows.append(
            {"name": f"{title}: {mode}", "value": mean(some, "gospa"), "unit": "m", "note": note}
        )
    return rows


def main(names: Sequence[str] = tuple(CASES), *, peer: bool = False) -> list[dict[str, object]]:
    """Play all cases, after one small one that compiles."""
    for doppler in (False, True):
        for mode in MODES:
            small = scene_of(make("dense", Options(n=20, scans=12)), "warm", doppler=doppler)
            fuse_play.play(small, fuse_play.settings_of(mode))
    rows = []
    for name in names:
        rows += row_of(name, CASES[name], peer=peer)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_tracking")
    parser.add_argument("--scenes", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--peer", action="store_true", help="run Stone Soup where nothing is kept")
    given = parser.parse_args()
    for line in main(given.scenes, peer=given.peer):
        told = f"{line['name']:50s} {line['value']:10.2f} {line['unit']:2s} {line.get('note', '')}"
        sys.stdout.write(told + "\n")
