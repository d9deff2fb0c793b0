"""Read an airport's surface radar, and its multilateration of the same hours as truth.

Barcelona airport (LEBL), CAT 010, two hours: a primary radar that turns once a second, and
multilateration of transponders. Neither recording says where its reference point is; the one of
the radar lies 1,398 m east and 165 m south of the other, by 5,995 pairs of moving plots and places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.engine.recording import read_recordings
from steppewatch.records import DetectionBatch, PositionReports, Sensor
from steppewatch.wire import asterix
from steppewatch.world.geodesy import (
    ecef_from_enu,
    enu_from_ecef,
    geodetic_from_ecef,
    local_frame,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NS = 1_000_000_000
REFERENCE = (math.radians(41.29706), math.radians(2.07845), 4.0)
FRAME = local_frame(*REFERENCE)
RADAR_OFF = np.array((1_398.0, -165.0, 40.0))
SIGMA_RANGE, SIGMA_AZIMUTH = 6.0, math.radians(0.25)
REACH = 2_500.0
GAP = 5.0
DAY_NS = 1_601_596_800 * NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Airport:
    """Hold what the radar saw and where transponders were.

    Attributes:
        sensor: The surface radar.
        plots: Its plots, in time.
        time, address, place: ``(n,)``, ``(n,)``, ``(n, 2)`` multilateration on the ground: seconds
            of the day, Mode S address, east and north [m].
    """

    sensor: Sensor
    plots: DetectionBatch
    time: Floats
    address: NDArray[np.int64]
    place: Floats

    def at(self, second: float) -> tuple[NDArray[np.int64], Floats]:
        """Give who was where: between two reports at most ``GAP`` apart by a straight line."""
        window = slice(*np.searchsorted(self.time, (second - GAP, second + GAP)))
        time, address, place = self.time[window], self.address[window], self.place[window]
        who, where = [], []
        for one in np.unique(address):
            mine = address == one
            when = time[mine]
            if when[0] <= second <= when[-1]:
                who.append(one)
                where.append([np.interp(second, when, place[mine, a]) for a in range(2)])
        return np.array(who, np.int64), np.array(where).reshape(-1, 2)


def read(smr: Path, mlat: Path, end: float = math.inf) -> Airport:
    """Read both recordings up to a second of the day."""
    lat, lon, height = geodetic_from_ecef(ecef_from_enu(RADAR_OFF, FRAME))
    seen = hear(smr, (float(lat), float(lon), float(height)), end)
    told = hear(mlat, REFERENCE, end)
    (sensor,) = [m for m in seen if isinstance(m, Sensor)]
    plots = [m for m in seen if isinstance(m, DetectionBatch)]
    places = [m for m in told if isinstance(m, PositionReports)]
    ground = [np.isnan(m.height) & (m.mode_s != 0) for m in places]
    time = np.concatenate([m.time_ns[g] for m, g in zip(places, ground, strict=True)])
    order = np.argsort(time, kind="stable")
    where = np.concatenate([m.position[g] for m, g in zip(places, ground, strict=True)])
    who = np.concatenate([m.mode_s[g] for m, g in zip(places, ground, strict=True)])
    names = [f for f in DetectionBatch.__dataclass_fields__ if f not in ("sensor", "origin")]
    whole = {name: np.concatenate([getattr(m, name) for m in plots]) for name in names}
    return Airport(
        sensor=replace(
            sensor, sigma_range=SIGMA_RANGE, sigma_azimuth=SIGMA_AZIMUTH, max_range=REACH
        ),
        plots=replace(plots[0], **whole),
        time=(time[order] - DAY_NS) / NS,
        address=who[order].astype(np.int64),
        place=enu_from_ecef(where[order], FRAME)[:, :2],
    )


def hear(path: Path, place: tuple[float, float, float], end: float) -> list[object]:
    """Read a recording through the wire's own stage."""
    packets = read_recordings([path], DAY_NS)
    stage = asterix.stage(asterix.Settings(fallback=place, fallback_told=True))
    state, said = stage.initial, []
    for first in range(0, len(packets), 200):
        some = packets[first : first + 200]
        state, more = stage.step(state, some, some[-1].time_ns)
        said += more
        if (some[-1].time_ns - DAY_NS) / NS > end:
            break
    return said
