"""How well does the tracker follow aircraft on the ground by an airport's primary radar?

Barcelona airport, two hours of real CAT 010: surface radar (primary only, one turn a second), truth
by multilateration of transponders, which the tracker never sees. Scored on the plane once a second
within the radar's reach, for targets that move faster than 2 m/s (parked ones switch their
transponders off); tracks of things without a transponder (vehicles, buses, reflections) cannot be
told from false ones and are not scored. The radar sees the middle of a hull and the transponder
stands elsewhere in it: up to 15 m of the distance is that. Thresholds: EUROCAE ED-87E for the
manoeuvring area as a public evaluation tool encodes them (not checked against the document).
Default settings but one, chosen on the first 25 minutes: what appears may be landing
(``speed_ground``).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.distance import cdist

from benchmarks.scenarios import lebl
from benchmarks.scenarios.lebl import DAY_NS, FRAME, NS, RADAR_OFF, Airport
from steppewatch import fuse
from steppewatch.fuse.score import Report, score_run
from steppewatch.records import DetectionBatch, TrackStatus
from steppewatch.world.geodesy import enu_from_ecef, enu_from_spherical

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
FOLDER = DATA / "asterix" / "barcelona-surface"
FILES = [FOLDER / f"201002-lebl-080001_{name}.ast" for name in ("smr", "mlat")]
SETTINGS = fuse.TrackerSettings(speed_ground=40.0)
CUT, KEEP, SLOWEST, NEAR = 100.0, 60.0, 2.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Hold a run.

    Attributes:
        report: Its scores.
        plotted: Part of the target-moments at which the radar gave a plot within ``KEEP``.
        errors: ``(n,)`` distances of targets from their nearest track [m].
        cpu: Median CPU seconds a turn.
    """

    report: Report
    plotted: float
    errors: NDArray[np.float64]
    cpu: float


def play(airport: Airport, settings: fuse.TrackerSettings | None = None) -> Played:
    """Track the radar's plots second by second and score them."""
    chosen = settings or SETTINGS
    stage = fuse.stage(chosen)
    when = (airport.plots.time_ns - DAY_NS) / NS
    first, last = int(when[0]) + 1, int(when[-1])
    state = stage.step(stage.initial, [airport.sensor], DAY_NS + first * NS)[0]
    said: list[tuple[Any, Any]] = []
    truth: list[tuple[Any, Any]] = []
    errors, spent, before, there = [], [], 0, []
    local = enu_from_spherical(
        airport.plots.slant_range, airport.plots.azimuth, np.zeros(len(airport.plots))
    )
    spots = local[:, :2] + RADAR_OFF[:2]
    for second in range(first, last):
        after = int(np.searchsorted(when, second))
        now = DAY_NS + second * NS
        begun = time.thread_time()
        state = stage.step(state, [part(airport.plots, slice(before, after))], now)[0]
        spent.append(time.thread_time() - begun)
        who, where = moving(airport, second)
        there += plotted(airport, spots[before:after], second, who)
        before = after
        picture = fuse.tracks_at(state, now, chosen)
        sure = picture.status != TrackStatus.TENTATIVE
        plane = enu_from_ecef(picture.mean[sure, :3], FRAME)[:, :2]
        between = cdist(plane, where)
        near = between.min(axis=1, initial=np.inf) < NEAR
        said.append((picture.id[sure][near], plane[near]))
        truth.append((who, where))
        if len(plane) and len(where):
            errors += between.min(axis=0)[between.min(axis=0) < KEEP].tolist()
    report = score_run([float(k) for k in range(len(said))], truth, said, c=CUT, keep=KEEP, skip=10)
    return Played(
        report=report,
        plotted=float(np.mean(there)),
        errors=np.array(errors),
        cpu=float(np.median(spent)),
    )


def plotted(
    airport: Airport, spots: NDArray[np.float64], second: float, who: NDArray[np.int64]
) -> list[bool]:
    """Tell of which targets a turn has a plot."""
    names, where = airport.at(second - 0.5)
    between = cdist(where[np.isin(names, who)], spots)
    return (between.min(axis=1, initial=np.inf) < KEEP).tolist()


def part(plots: DetectionBatch, rows: slice) -> DetectionBatch:
    """Give some of the plots."""
    names = [f for f in DetectionBatch.__dataclass_fields__ if f not in ("sensor", "origin")]
    return replace(plots, **{name: getattr(plots, name)[rows] for name in names})


def moving(airport: Airport, second: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the targets that move, in the radar's reach."""
    who, where = airport.at(second)
    later_who, later = airport.at(second + 2.0)
    shared, one, two = np.intersect1d(who, later_who, return_indices=True)
    fast = np.linalg.norm(later[two] - where[one], axis=1) > 2.0 * SLOWEST
    inside = np.linalg.norm(where[one] - RADAR_OFF[:2], axis=1) < lebl.REACH
    keep = fast & inside
    return shared[keep], where[one][keep]


def main() -> list[dict[str, object]]:
    """Track the two hours."""
    done = play(lebl.read(*FILES))
    report, errors = done.report, done.errors
    return [
        {"name": "completeness", "value": report.completeness, "unit": "",
         "note": f"{report.targets} aircraft and vehicles; ED-87E asks for ≥ 0.99"},
        {"name": "part of it that the radar plotted", "value": done.plotted, "unit": "",
         "note": "target-moments with a plot within 60 m: no tracker can do much better"},
        {"name": "switches", "value": report.switches_rate, "unit": "per 100 target-minutes",
         "note": f"{report.switches} in all"},
        {"name": "GOSPA (c = 100 m)", "value": report.gospa, "unit": "m", "note": ""},
        {"name": "rms", "value": float(np.sqrt(np.mean(errors**2))), "unit": "m",
         "note": "hull against transponder"},
        {"name": "median", "value": float(np.median(errors)), "unit": "m", "note": ""},
        {"name": "95 % within", "value": float(np.quantile(errors, 0.95)), "unit": "m",
         "note": "ED-87E asks for ≤ 12 m"},
        {"name": "CPU per turn", "value": 1e3 * done.cpu, "unit": "ms", "note": "median"},
    ]  # fmt: skip


if __name__ == "__main__":
    for line in main():
        print(f"{line['name']:20} {line['value']:8.3f} {line['unit']}  {line['note']}")
