"""Flights that radars see in turns, and the same reports in another order of arrival."""

import dataclasses
import math

import numpy as np

from steppewatch import fuse
from steppewatch.fuse.state import COLUMNS
from steppewatch.records import (
    Origin,
    Sensor,
    SensorDoubt,
    SensorKind,
    TrackBatch,
    detection_batch,
)
from steppewatch.world.geodesy import (
    ecef_from_enu,
    enu_from_ecef,
    local_frame,
    spherical_from_enu,
)

NS = 1_000_000_000
START_NS = 1_700_000_000 * NS
ORIGIN = Origin(feed="rehearsal")
HERE = local_frame(math.radians(47.0), math.radians(106.0), 1500.0)


def radar(name, lon_deg, period=5.0):
    return Sensor(
        id=name, name=name, site="site", kind=SensorKind.RADAR_3D,
        lat=math.radians(47.0), lon=math.radians(lon_deg), height=1500.0,
        min_range=0.0, max_range=250e3, scan_period=period, sector_start=0.0,
        sector_width=2.0 * math.pi, sigma_range=40.0, sigma_azimuth=math.radians(0.1),
        sigma_elevation=math.radians(0.15), sigma_range_rate=math.nan,
        detection_probability=0.9, false_alarms=1.0, origin=ORIGIN,
    )  # fmt: skip


def see(sensor, places, stamps, rng):
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    z = np.stack(spherical_from_enu(enu_from_ecef(places, frame)), axis=1)
    z += rng.normal(
        0.0, (sensor.sigma_range, sensor.sigma_azimuth, sensor.sigma_elevation), z.shape
    )
    azimuth = np.mod(z[:, 1], 2.0 * np.pi)
    return detection_batch(sensor.id, ORIGIN, stamps, z[:, 0], azimuth, elevation=z[:, 2])


WEST, EAST = radar("west", 105.8), radar("east", 106.2, period=4.0)
PLAIN = fuse.TrackerSettings(late_work=1e3, coast_scans=20.0)


def turns(sensors=(WEST, EAST), seconds=60, n=6, seed=0, pd=0.9, clutter=2):
    """Give ``(second, batch)`` of whole turns, each plot at its own time, all arriving in time."""
    rng = np.random.default_rng(seed)
    start = np.column_stack(
        (rng.uniform(-40e3, 40e3, n), rng.uniform(-40e3, 40e3, n), rng.uniform(1e3, 6e3, n))
    )
    speed = np.column_stack((rng.uniform(-200, 200, (n, 2)), np.zeros(n)))
    out = []
    for sensor in sensors:
        period = int(sensor.scan_period)
        for first in range(0, seconds - period + 1, period):
            seen = np.flatnonzero(rng.random(n) < pd)
            when = first + np.sort(rng.uniform(0.1, period - 0.1, n))[seen]
            places = ecef_from_enu(start[seen] + when[:, None] * speed[seen], HERE)
            stamps = START_NS + np.round(when * 1e9).astype(np.int64)
            real = see(sensor, places, stamps, rng)
            k = rng.poisson(clutter)
            moments = np.append(rng.uniform(first, first + period - 0.1, k), first + period - 0.05)
            k += 1
            false = detection_batch(
                sensor.id, ORIGIN, START_NS + np.round(moments * 1e9).astype(np.int64),
                rng.uniform(5e3, 60e3, k), rng.uniform(0.0, 2 * np.pi, k),
                elevation=rng.uniform(0.0, 0.2, k),
            )  # fmt: skip
            out.append((first + period, ordered(joined(real, false))))
    return sorted(out, key=lambda item: (item[0], int(item[1].time_ns.max())))


def joined(one, two):
    names = [f.name for f in dataclasses.fields(one) if f.name not in ("sensor", "origin")]
    return dataclasses.replace(
        one, **{n: np.concatenate((getattr(one, n), getattr(two, n))) for n in names}
    )


def part(batch, rows):
    names = [f.name for f in dataclasses.fields(batch) if f.name not in ("sensor", "origin")]
    return dataclasses.replace(batch, **{n: getattr(batch, n)[rows] for n in names})


def ordered(batch):
    return part(batch, np.argsort(batch.time_ns, kind="stable"))


@dataclasses.dataclass
class Heard:
    """What a run came to: the state, all tracks told, all doubts."""

    state: fuse.TrackerState
    tracks: list
    doubts: list

    @property
    def told(self):
        """Give the last status told of each id."""
        return {
            int(i): int(s)
            for batch in self.tracks
            for i, s in zip(batch.id, batch.status, strict=True)
        }


def play(arrivals, *, sensors=(WEST, EAST), settings=PLAIN, each=lambda state: state, until=None):
    """Step the tracker by the second; ``arrivals`` are ``(second, batch)``."""
    stage = fuse.stage(settings)
    state, _ = stage.step(stage.initial, list(sensors), START_NS)
    tracks, doubts = [], []
    last = max(second for second, _ in arrivals) if until is None else until
    for second in range(1, math.ceil(last) + 1):
        due = [batch for when, batch in arrivals if second - 1 < when <= second]
        state, said = stage.step(state, due, START_NS + second * NS)
        tracks += [one for one in said if isinstance(one, TrackBatch)]
        doubts += [one for one in said if isinstance(one, SensorDoubt)]
        state = each(state)
    return Heard(state, tracks, doubts)


ONCE_A_STEP = ("slow", "pace", "high")
"""Extremes of what was told, noted once a step: which plots share a step shows in them."""


def same_tracks(one, two):
    """Compare all columns of two states but the ids, and see that ids differ one to one."""
    assert len(one) == len(two)
    orders = [np.lexsort((s.start[:, 0], s.born_ns)) for s in (one, two)]
    for name in COLUMNS:
        if name != "id" and name not in ONCE_A_STEP:
            first, second = (getattr(s, name)[o] for s, o in zip((one, two), orders, strict=True))
            np.testing.assert_array_equal(first, second, err_msg=name)
    assert len(set(one.id.tolist())) == len(set(two.id.tolist())) == len(one)
