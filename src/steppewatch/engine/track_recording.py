"""What a tracker is given to hear and what it is held against: a recording and its truth."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import BearingBatch, DetectionBatch, PositionReports, Sensor
from steppewatch.world.geodesy import Array, LocalFrame, local_frame

START_NS = 1_700_000_000_000_000_000
"""Moment of scan 0 for files that know no date [ns UTC]."""
NS = 1_000_000_000
Heard = DetectionBatch | PositionReports | BearingBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Say in which east, north, up a run is written down.

    Attributes:
        lat: Latitude of the origin [rad].
        lon: Longitude [rad].
        height: Height of the origin [m].
        lift: Added to "up" [m], so that z is what the file calls z and not height above the radar.
    """

    lat: float
    lon: float
    height: float
    lift: float = 0.0

    @property
    def frame(self) -> LocalFrame:
        """Give the tangent frame at the origin."""
        return local_frame(self.lat, self.lon, self.height)

    def described(self) -> dict[str, float]:
        """Say it in degrees and metres, for files and JSON."""
        return {
            "lat_deg": round(math.degrees(self.lat), 9),
            "lon_deg": round(math.degrees(self.lon), 9),
            "height_m": self.height,
            "z_offset_m": self.lift,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Hold what the tracker hears in one step, and when.

    Attributes:
        now_ns: Moment of the step [ns UTC]; the tracks are asked for at this moment.
        messages: Sensors and detection batches, in order.
    """

    now_ns: int
    messages: tuple[object, ...]

    @property
    def plots(self) -> int:
        """Count the detections, positions and bearings in it."""
        heard = [m for m in self.messages if isinstance(m, Heard)]
        return sum(len(m) for m in heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Hold a recording as the tracker hears it, step by step.

    Attributes:
        name: Of the file.
        layout: What kind of file it was, in words.
        ground: Where its east, north, up is.
        sensors: Known before the first scan.
        scans: In the order of time.
        notes: What had to be assumed or left out, for a person.
        order: Where in the file each scan stood; empty when scans are not the file's own.
    """

    name: str
    layout: str
    ground: Ground
    sensors: tuple[Sensor, ...]
    scans: tuple[Scan, ...]
    notes: tuple[str, ...] = ()
    order: tuple[int, ...] = ()

    @property
    def plots(self) -> int:
        """Count the detections."""
        return sum(scan.plots for scan in self.scans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Hold where things really were: r reports of some targets.

    Attributes:
        time_ns: ``(r,)`` int64, ascending for each target.
        target: ``(r,)`` int64 number of the target, a row of ``names``.
        position: ``(r, 3)`` ECEF [m].
        velocity: ``(r, 3)`` ECEF [m/s]; NaN when not known.
        names: What the file calls each target.
        kind: ``(len(names),)`` the class of each target, a number of ``kinds``.
        kinds: What the file calls each class; empty when it has none.
        gap: Longest time between two reports over which a target is taken to be there [s].
        flat: True when heights are not known: positions lie at the sensor's height, and only the
            horizontal distance may be scored.
        notes: What had to be assumed, for a person.
    """

    time_ns: NDArray[np.int64]
    target: NDArray[np.int64]
    position: Array
    velocity: Array
    names: tuple[str, ...]
    kind: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    kinds: tuple[str, ...] = ()
    gap: float = math.inf
    flat: bool = False
    notes: tuple[str, ...] = field(default_factory=tuple)


def truth_at(truth: Truth, moments_ns: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Give what was there at each moment, between two reports by a straight line.

    Args:
        truth: The reports.
        moments_ns: ``(k,)`` [ns UTC].

    Returns:
        For each moment ``target`` ``(t,)``, ``position`` ``(t, 3)`` and ``velocity`` ``(t, 3)``.
    """
    moments = np.asarray(moments_ns, np.int64)
    order = np.lexsort((truth.time_ns, truth.target))
    time_ns, target = truth.time_ns[order], truth.target[order]
    position, velocity = truth.position[order], truth.velocity[order]
    found: list[list[tuple[int, Array, Array]]] = [[] for _ in moments]
    bounds = np.searchsorted(target, np.arange(len(truth.names) + 1))
    for number in range(len(truth.names)):
        part = slice(int(bounds[number]), int(bounds[number + 1]))
        when = time_ns[part]
        if not len(when):
            continue
        after = np.searchsorted(when, moments, side="left")
        inside = np.flatnonzero((after < len(when)) & (moments >= when[0]))
        for k in inside.tolist():
            b = int(after[k])
            a = b if when[b] == moments[k] else b - 1
            seconds = (when[b] - when[a]) / NS
            if seconds > truth.gap:
                continue
            share = 0.0 if a == b else float(moments[k] - when[a]) / float(when[b] - when[a])
            here, there = position[part][a], position[part][b]
            moved = (there - here) / seconds if seconds > 0.0 else np.full(3, np.nan)
            told = (1.0 - share) * velocity[part][a] + share * velocity[part][b]
            rate = told if np.isfinite(told).all() else moved
            place = (1.0 - share) * here + share * there
            if np.isfinite(place).all():
                found[k].append((number, place, rate))
    return [
        {
            "target": np.array([f[0] for f in here], np.int64),
            "position": np.array([f[1] for f in here]).reshape(-1, 3),
            "velocity": np.array([f[2] for f in here]).reshape(-1, 3),
        }
        for here in found
    ]
