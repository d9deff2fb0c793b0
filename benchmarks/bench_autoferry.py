"""Does a radar with two cameras follow boats better than the radar alone, in every real run?

Autoferry (CC0): a ferry's radar (1.7 s), infrared and colour cameras (8 and 5 Hz, bearings only),
two boats with satellite navigation as truth; in some runs a third of the frames come out of order.
One tracker, default settings, frames in the order of the file. GOSPA (p = 2, c = 50 m) on the
plane, once a second. The truth names two boats and no others, so that tracks farther than c from
both are not scored (moored boats, buoys and piers are real).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from benchmarks.scenarios import autoferry
from benchmarks.scenarios.autoferry import EO, FRAME, IR, NS, RADAR, Run
from steppewatch import fuse
from steppewatch.fuse.score import Report, score_run
from steppewatch.records import TrackStatus
from steppewatch.world.geodesy import enu_from_ecef

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
FOLDER = Path(os.environ.get("STEPPEWATCH_AUTOFERRY", DATA / "tracking" / "autoferry"))
CUT, KEEP = 50.0, 30.0
USES = {"radar": (RADAR,), "radar + EO": (RADAR, EO), "radar + EO + IR": (RADAR, EO, IR)}


def play(run: Run, use: tuple[int, ...], settings: fuse.TrackerSettings | None = None) -> Report:
    """Track one run with some of its sensors and score it once a second."""
    chosen = settings or fuse.TrackerSettings()
    stage = fuse.stage(chosen)
    sensors = [autoferry.sensor(number) for number in use]
    state = stage.step(stage.initial, sensors, run.start_ns)[0]
    now, due = run.start_ns, run.start_ns
    said: list[tuple[Any, Any]] = []
    truth: list[tuple[Any, Any]] = []
    for when, number, message in run.frames:
        while due < when and due <= run.end_ns:
            picture = fuse.tracks_at(state, due, chosen)
            sure = picture.status != TrackStatus.TENTATIVE
            plane = enu_from_ecef(picture.mean[sure, :3], FRAME)[:, :2]
            there = run.at(due)
            near = cdist(plane, there[1]).min(axis=1, initial=np.inf) < CUT
            said.append((picture.id[sure][near], plane[near]))
            truth.append(there)
            due += NS
        if number in use:
            now = max(now, when)
            state = stage.step(state, [message], now)[0]
    times = [float(k) for k in range(len(said))]
    return score_run(times, truth, said, c=CUT, keep=KEEP, skip=5)


def runs() -> dict[int, Run]:
    """Read all runs that are there."""
    files = FOLDER.glob("scenario*_detections.json")
    found = {int(path.name.split("_")[0][8:]): path for path in files}
    return {number: autoferry.read(found[number]) for number in sorted(found)}


def main() -> list[dict[str, object]]:
    """Score every run with each choice of sensors."""
    rows: list[dict[str, object]] = []
    ratios = []
    for number, run in runs().items():
        reports = {use: play(run, which) for use, which in USES.items()}
        ratios.append(reports["radar + EO + IR"].gospa / reports["radar"].gospa)
        for use, report in reports.items():
            note = (
                f"completeness {report.completeness:.3f}, rms {report.rms:.1f} m, "
                f"{report.false:.2f} false, {report.switches} switches"
            )
            if use == "radar + EO + IR":
                note += f"; {ratios[-1]:.2f} of radar alone; {run.backwards} frames late"
            name = f"run {number}, {use}"
            rows.append({"name": name, "value": report.gospa, "unit": "m", "note": note})
    better = sum(ratio < 1.0 for ratio in ratios)
    mean = float(np.exp(np.mean(np.log(ratios)))) if ratios else float("nan")
    note = f"of {len(ratios)}; GOSPA {mean:.2f} of radar alone in the geometric mean"
    name = "runs in which radar + EO + IR is better"
    rows.append({"name": name, "value": better, "unit": "runs", "note": note})
    return rows


if __name__ == "__main__":
    for line in main():
        print(f"{line['name']:42} {line['value']:8.2f}  {line['note']}")
