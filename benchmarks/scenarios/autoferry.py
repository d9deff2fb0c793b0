"""Read the Autoferry recordings: radar, infrared and colour cameras on a moving ferry, two boats.

Helgesen, Vasstein, Brekke & Stahl, "Heterogeneous multi-sensor tracking for an autonomous surface
vehicle in a littoral environment", Ocean Engineering 252 (2022); data CC0. The frames come in the
order of the file, which in some runs is not that of time. Radar detections are places relative to
the ferry; cameras give bearings without elevation, of anything that looks like a boat. Their errors
(0.04 rad and 0.06 rad, up to 0.09 rad the same for seconds) are told with their biases inside, and
their periods are the times after which errors are others; frames come ten times as often.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.records import (
    Look,
    Origin,
    Sensor,
    SensorKind,
    bearing_batch,
    position_reports,
)
from steppewatch.world.geodesy import ecef_from_enu, local_frame

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NS = 1_000_000_000
FRAME = local_frame(math.radians(63.4389029083), math.radians(10.39908278), 39.923)
ORIGIN = Origin(feed="autoferry")
LIDAR, RADAR, IR, EO = 1, 2, 3, 4
NAMES = {RADAR: "radar", IR: "ir", EO: "eo"}
SIGMA_RANGE, SIGMA_AZIMUTH, SIGMA_UP = 6.0, 0.02, 10.0
SIGMA_BEARING = {RADAR: math.nan, IR: 0.12, EO: 0.06}
REACH = 400.0
SENSORS = {
    # kind, period [s], probability of detection, false alarms a look
    RADAR: (SensorKind.GROUND_RADAR, 1.68, 0.8, 3.0),
    IR: (SensorKind.CAMERA, 4.0, 0.3, 3.0),
    EO: (SensorKind.CAMERA, 2.0, 0.5, 6.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Hold one recording.

    Attributes:
        frames: Moment [ns], sensor, message; in the order of the file.
        truth: ``(k,)`` of each boat: times [s] and ``(k, 2)`` east, north [m].
        start_ns, end_ns: First and last moment of the truth.
    """

    frames: tuple[tuple[int, int, object], ...]
    truth: dict[int, tuple[Floats, Floats]]
    start_ns: int
    end_ns: int

    @property
    def backwards(self) -> int:
        """Count the frames that are older than the one before them."""
        when = np.array([frame[0] for frame in self.frames])
        return int((np.diff(when) < 0).sum())

    def at(self, when_ns: int) -> tuple[NDArray[np.int64], Floats]:
        """Give the boats there at a moment: numbers and ``(n, 2)`` east, north [m]."""
        t = when_ns / NS
        here = [(b, [np.interp(t, s, p[:, a]) for a in range(2)])
                for b, (s, p) in self.truth.items() if s[0] <= t <= s[-1]]  # fmt: skip
        return np.array([b for b, _ in here], np.int64), np.array([p for _, p in here]).reshape(
            -1, 2
        )


def read(detections: Path) -> Run:
    """Read ``scenario<k>_detections.json`` and the ground truth beside it."""
    frames = json.loads(detections.read_text())
    truth = json.loads(detections.with_name(truth_name(detections.name)).read_text())
    boats: dict[int, list[tuple[float, float, float]]] = {}
    for told in truth:
        for boat in [told] if isinstance(told, dict) else told:
            north, east = boat["position"][:2]
            boats.setdefault(boat["targetID"], []).append((boat["time"], east, north))
    paths = {}
    for boat, rows in boats.items():
        table = np.array(sorted(set(rows)))
        paths[boat] = table[:, 0], table[:, 1:]
    said = [message_of(frame) for frame in frames if frame["sensorID"] in NAMES]
    first = max(path[0][0] for path in paths.values())
    last = min(path[0][-1] for path in paths.values())
    return Run(frames=tuple(said), truth=paths, start_ns=round(first * NS), end_ns=round(last * NS))


def truth_name(name: str) -> str:
    """Name the file of truth beside a file of detections."""
    return name.replace("detections", "groundTruth")


def sensor(number: int) -> Sensor:
    """Describe one of the ferry's sensors."""
    kind, period, chance, false = SENSORS[number]
    return Sensor(
        id=NAMES[number], name=NAMES[number], site="ferry", kind=kind,
        lat=math.radians(63.4389029083), lon=math.radians(10.39908278), height=39.923,
        min_range=0.0, max_range=REACH, scan_period=period, sector_start=0.0,
        sector_width=2.0 * math.pi, sigma_range=SIGMA_RANGE, sigma_azimuth=SIGMA_BEARING[number],
        sigma_elevation=math.nan, sigma_range_rate=math.nan, detection_probability=chance,
        false_alarms=false, origin=ORIGIN,
    )  # fmt: skip


def message_of(frame: dict[str, object]) -> tuple[int, int, object]:
    """Give moment, sensor and message of one frame."""
    number = int(str(frame["sensorID"]))
    when = round(float(str(frame["time"])) * NS)
    north, east = np.asarray(frame["ownshipPosition"], float)
    ferry = np.array((east, north, 0.0))
    told = np.asarray([] if frame["measurement"] is None else frame["measurement"], float)
    if number == RADAR:
        return when, number, places(when, ferry, told.reshape(2, -1))
    azimuth = np.mod(np.atleast_1d(told).ravel(), 2.0 * math.pi)
    n = len(azimuth)
    lens = ecef_from_enu(ferry, FRAME)
    look = Look(time_ns=when, platform=lens, azimuth=0.0, width=2.0 * math.pi, elevation=0.0,
                tallness=math.pi, reach=REACH)  # fmt: skip
    return when, number, bearing_batch(
        NAMES[number], ORIGIN, np.full(n, when), np.tile(lens, (n, 1)), azimuth,
        np.full(n, SIGMA_BEARING[number]), look=look,
    )  # fmt: skip


def places(when: int, ferry: Floats, told: Floats) -> object:
    """Turn places ``(2, n)`` north, east of the ferry into position reports."""
    off = np.stack((told[1], told[0], np.zeros(told.shape[1])), axis=1)
    reach = np.maximum(np.linalg.norm(off, axis=1), 1.0)
    along = off / reach[:, None]
    across = np.stack((along[:, 1], -along[:, 0], 0.0 * reach), axis=1)
    up = np.array((0.0, 0.0, 1.0))
    cov = SIGMA_RANGE**2 * along[:, :, None] * along[:, None]
    cov = cov + (SIGMA_AZIMUTH**2 * reach**2 + 4.0)[:, None, None] * (
        across[:, :, None] * across[:, None]
    )
    cov = cov + SIGMA_UP**2 * np.outer(up, up)
    turn = FRAME.rotation
    return position_reports(
        NAMES[RADAR], ORIGIN, np.full(len(off), when), ecef_from_enu(ferry + off, FRAME),
        turn.T @ cov @ turn,
    )  # fmt: skip
