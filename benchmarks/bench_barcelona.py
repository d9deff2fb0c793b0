"""How well does the tracker follow real air traffic, beside Stone Soup, with identities hidden?

Twenty minutes of an en-route radar near Barcelona (CAT 048, 4 s a turn, 60 NM, about 46 plots a
turn). Which plots are of one aircraft is known from the Mode S address, which neither tracker is
given; nor codes, nor callsigns. The first rows are of identical plots, one time stamp a turn; the
last of the recording as it is, each plot at its own time. Scored horizontally: GOSPA with
c = 1,000 m, a target keeps its track within 500 m. Neither is told anything but the radar's noise.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import fuse_play
from benchmarks.scenarios import recorded
from benchmarks.scenarios.files import BACK, save
from benchmarks.scenarios.scene import HOME_LAT, HOME_LON, ORIGIN, START_NS, radar_3d
from benchmarks.stonesoup_runs import Job, keep, kept_scans, kept_times, run, tracks_file
from steppewatch import fuse
from steppewatch.engine import track_files_asterix as feeds
from steppewatch.engine.track_run import track
from steppewatch.engine.track_score import score as score_recording
from steppewatch.fuse.score import Report, score_run
from steppewatch.records import Sensor, SensorKind, detection_batch
from steppewatch.wire import asterix
from steppewatch.world.geodesy import enu_from_ecef, local_frame

if TYPE_CHECKING:
    from benchmarks.scenarios.files import Arrays

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
RECORDING = DATA / "asterix" / "barcelona-radar-cat048-20min.ast"
TUNING: dict[str, Any] = {"q": 20.0, "hits": 3, "speed": 120.0}
MODES = ("default", "accurate")
SKIP = 10
BEYOND = 470e3
"""Range of the radar as far as the tracker is told: it does not know where the recording ends."""


def sensor_of(meta: dict[str, Any]) -> Sensor:
    """Describe the radar to the tracker here: two-dimensional, heights are what aircraft report."""
    return radar_3d(
        "radar", BEYOND, height=recorded.PLACE[2], period=meta["T"], pd=meta["pd"],
        sigma=(math.nan, meta["sigma"][1], meta["sigma"][2], math.nan),
        false_alarms=meta["clutter_per_scan"], kind=SensorKind.SECONDARY_RADAR,
    )  # fmt: skip


def play(arrays: Arrays, mode: str) -> Report:
    """Track the stamped plots and score them on the plane."""
    meta = json.loads(str(arrays["meta"]))
    settings = fuse_play.settings_of(mode)
    stage, sensor = fuse.stage(settings), sensor_of(meta)
    state = stage.step(stage.initial, [sensor], START_NS)[0]
    frame = local_frame(HOME_LAT, HOME_LON, sensor.height)
    said = []
    for k in range(len(arrays["det_off"]) - 1):
        rows = slice(arrays["det_off"][k], arrays["det_off"][k + 1])
        now = START_NS + round(k * meta["T"] * 1e9)
        det = arrays["det"][rows]
        batch = detection_batch(
            "radar", ORIGIN, np.full(len(det), now), det[:, 2],
            np.mod(0.5 * math.pi - det[:, 1], 2.0 * math.pi), height=arrays["det_height"][rows],
        )  # fmt: skip
        state, _ = stage.step(state, [batch], now)
        moment = fuse_play.picture(state, now, settings)
        said.append((moment.id, enu_from_ecef(moment.mean[:, :3], frame)[:, :2]))
    return score_plane(arrays, said)


def score_plane(arrays: Arrays, said: list[tuple[Any, Any]]) -> Report:
    """Score tracks ``(id, (n, 2))`` of each turn against the plots' own places."""
    truth = arrays["truth"][:, :, BACK]
    there = []
    for places in truth[: len(said)]:
        alive = np.flatnonzero(np.isfinite(places[:, 0]))
        there.append((alive, places[alive, :2]))
    period = json.loads(str(arrays["meta"]))["T"]
    return score_run([period * k for k in range(len(said))], there, said, skip=SKIP)


def peer(
    arrays: Arrays, tuning: dict[str, Any], modes: tuple[str, ...] = MODES
) -> tuple[Report, dict[str, float]]:
    """Score Stone Soup on the same plots; run it where nothing is kept."""
    content = hashlib.sha256(b"".join(arrays[name].tobytes() for name in ("det", "det_off")))
    path = keep() / f"barcelona-{content.hexdigest()[:8]}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, arrays)
    job = Job(name=str(path), options=None, tuning=tuning)
    scans = len(arrays["det_off"]) - 1
    fresh, spent = kept_times(job)
    if kept_scans(job) < scans or (modes and not (fresh and spent.keys() >= set(modes))):
        spent = run(job, scans, modes)
    with np.load(tracks_file(job)) as data:
        ids, plane, offset = data["id"], data["plane"], data["offset"]
    said = [(ids[a:b], plane[a:b, :2]) for a, b in itertools.pairwise(offset)]
    return score_plane(arrays, said), {k: float(np.median(v[SKIP:])) for k, v in spent.items()}


def as_it_is(mode: str) -> tuple[Report, float]:
    """Track the recording as the command does, each plot at its own time."""
    settings = asterix.Settings(sensors=(), fallback=recorded.PLACE, fallback_told=True)
    feed = feeds.hear(RECORDING, settings, None)
    sensor = dataclasses.replace(
        feed.sensors[0], sigma_azimuth=recorded.SIGMA[1], sigma_range=recorded.SIGMA[2]
    )
    feed = dataclasses.replace(feed, sensors=(sensor,))
    heard = feeds.recording_of(feed, RECORDING.name, None, doppler=True, hide=True)
    done = track(heard, fuse_play.settings_of(mode))
    truth = dataclasses.replace(feeds.truth_by_address(named(feed)), flat=True)
    return score_recording(done, truth, trajectories=False), float(np.median(done.cpu))


def named(feed: feeds.Feed) -> feeds.Feed:
    """Take the Mode 3/A code for the name of aircraft without an address."""
    plots = feed.plots[0]
    coded = (plots.mode_s == 0) & (plots.mode_3a >= 0)
    name = np.where(coded, recorded.CODED + plots.mode_3a, plots.mode_s).astype(np.uint32)
    return dataclasses.replace(feed, plots=(dataclasses.replace(plots, mode_s=name),))


def row(name: str, report: Report, seconds: float | None, note: str = "") -> dict[str, object]:
    """Lay out one run."""
    told = [
        f"completeness {report.completeness:.4f}",
        f"{report.switches_rate:.2f} switches per 100 target-minutes",
        f"{report.false:.2f} false a turn",
        f"rms {report.service.rms:.0f} m",
    ]
    if seconds is not None:
        told.insert(0, f"{1e3 * seconds:.2f} ms a turn")
    return {
        "name": f"GOSPA, {name}", "value": report.gospa, "unit": "m",
        "note": ", ".join(told) + note,
    }  # fmt: skip


def main() -> list[dict[str, object]]:
    """Track the recording with both."""
    if not RECORDING.exists():
        raise SystemExit(f"{RECORDING} is not there: this bench needs the real recording")
    arrays = recorded.read(RECORDING)
    theirs, spent = peer(arrays, TUNING)
    rows = [row("Stone Soup 1.9.1", theirs, spent["stonesoup"])]
    for mode in MODES:
        faster = f"; {spent['stonesoup'] / spent[mode]:,.0f} times as fast"
        rows.append(row(f"{mode}, the same plots", play(arrays, mode), spent[mode], faster))
    for mode in MODES:
        report, seconds = as_it_is(mode)
        rows.append(row(f"{mode}, each plot at its own time", report, seconds))
        part = report.service
        rows.append(
            {
                "name": f"probability of update, {mode}", "value": part.update, "unit": "",
                "note": f"en route ED-142 asks 0.97; rms {part.rms:.0f} m of 350 m; gaps over "
                f"{part.gap:.0f} s {100 * part.long_gaps:.2f} % of 1 %; "
                f"95 % within {part.error_95:.0f} m",
            }
        )  # fmt: skip
    return rows


if __name__ == "__main__":
    for line in main():
        print(line)
