"""A mountain valley: vehicles and low drones go through the shadows of spurs and ridges.

The ground is a valley from west to east between walls, with spurs from a sum of waves; the radars
stand on high ground. What they see is decided by the sense room's horizon over the *true* ground,
which is rough by a few metres that the tracker's elevation file does not know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from benchmarks.scenarios.scene import (
    HOME_LAT,
    HOME_LON,
    METRES_EAST,
    METRES_NORTH,
    ORIGIN,
    Scene,
    from_map,
    nanoseconds,
    on_map,
    radar_3d,
)
from steppewatch.records import DetectionBatch, Sensor, detection_batch
from steppewatch.sense.sight import Horizon
from steppewatch.world.geodesy import enu_from_ecef, local_frame, spherical_from_enu

Array = NDArray[np.float64]

HALF = (12_000.0, 4_000.0)  # [m]; half the area that traffic starts in, east and north
SIGMA = (math.radians(0.15), math.radians(0.1), 30.0)
POSTS = ((-7_000.0, -3_500.0), (6_500.0, 3_500.0), (500.0, -4_500.0))
SECOND = 1.0
LOWEST, HIGHEST = -0.05, 0.35  # [rad]; elevations of false alarms


@dataclass(frozen=True, slots=True, kw_only=True)
class Valley:
    """Choose a valley.

    Attributes:
        seed: Of the ground, the traffic and the echoes.
        radars: How many stand there (1…3).
        targets: Vehicles and drones, half of each.
        seconds: How long.
        period: Of a scan [s].
        pd: Detection probability in the open.
        false_alarms: Per scan and radar.
        rough: σ of the true ground's roughness [m].
        straight: Mean length of a straight leg [s].
        ends: Share of targets that end on the way.
        blind_speed: Of the radars [m/s]; they measure range rate where it is not NaN.
    """

    seed: int = 0
    radars: int = 3
    targets: int = 40
    seconds: float = 900.0
    period: float = 5.0
    pd: float = 0.9
    false_alarms: float = 15.0
    rough: float = 3.0
    straight: float = 600.0
    ends: float = 0.2
    blind_speed: float = math.nan


class Ground:
    """Give heights anywhere: a valley with spurs, smooth or as rough as it truly is."""

    def __init__(self, seed: int, rough: float) -> None:
        rng = np.random.default_rng([seed, 77])
        self.length = rng.uniform(2_500.0, 7_000.0, 14)
        turn, self.phase = rng.uniform(0.0, 2.0 * np.pi, (2, 14))
        self.wave = 2.0 * np.pi / self.length * np.stack((np.cos(turn), np.sin(turn)))
        self.rise = 0.011 * self.length
        self.rough = rough
        self.noise = rng.normal(0.0, 1.0, (256, 256))

    def heights(self, lat: Array, lon: Array) -> Array:
        """Give heights [m] at latitudes and longitudes [rad]."""
        east = (np.asarray(lon) - HOME_LON) * METRES_EAST
        north = (np.asarray(lat) - HOME_LAT) * METRES_NORTH
        return self.at(*np.broadcast_arrays(east, north))

    def at(self, east: Array, north: Array) -> Array:
        """Give heights [m] at places of the map [m]."""
        out = 1_400.0 + 250.0 * np.minimum((north / 5_000.0) ** 2, 2.5)
        for k in range(len(self.rise)):
            out = out + self.rise[k] * np.sin(
                self.wave[0, k] * east + self.wave[1, k] * north + self.phase[k]
            )
        if self.rough > 0.0:
            cell = np.stack((np.ravel(east), np.ravel(north))) / 90.0
            bump = map_coordinates(self.noise, cell, order=1, mode="grid-wrap")
            out = out + self.rough * bump.reshape(np.shape(out))
        return np.asarray(out)


def valley(options: Valley) -> Scene:
    """Draw a valley; ``site`` holds the tracker's terrain and ``gone_s`` of each target."""
    true, known = Ground(options.seed, options.rough), Ground(options.seed, 0.0)
    flights, echoes = (np.random.default_rng([options.seed, salt]) for salt in (1, 2))
    path, kind = traffic(options, known, true, flights)
    gone = np.where(
        flights.random(len(kind)) < options.ends,
        flights.uniform(0.25, 0.75, len(kind)) * options.seconds,
        np.inf,
    )
    sensors = tuple(stand(options, i, known) for i in range(options.radars))
    horizons = [Horizon(true, s.lat, s.lon, s.height, s.max_range, rays=2_880) for s in sensors]
    scans = int(options.seconds / options.period)
    steps, moments = [], []
    truth = np.full((scans, len(kind), 6), np.nan)
    hidden = np.ones((scans, len(kind)), bool)
    for k in range(scans):
        for i, (sensor, horizon) in enumerate(zip(sensors, horizons, strict=True)):
            when = (k + i / len(sensors)) * options.period
            state = at(path, when)
            there = when < gone
            seen = horizon.visible(enu_from_ecef(state[:, :3], horizon.frame))
            hidden[k] &= ~seen  # of the way on, too, that a target no longer goes
            batch = look(options, sensor, state[seen & there], when, echoes)
            steps.append((nanoseconds(when), (batch,)))
        truth[k] = np.where(there[:, None], state, np.nan)
        moments.append(nanoseconds(when))
    return Scene(
        name=f"valley:radars={options.radars}:seed={options.seed}",
        sensors=sensors,
        steps=tuple(steps),
        times_ns=np.array(moments),
        truth=truth,
        kind=kind,
        period=options.period,
        hidden=hidden,
        site={"terrain": known, "gone_s": gone, "options": options},
    )


def stand(options: Valley, number: int, ground: Ground) -> Sensor:
    """Stand a radar on the highest ground about its post."""
    east, north = POSTS[number]
    grid = np.linspace(-1_200.0, 1_200.0, 41)
    e, n = np.meshgrid(east + grid, north + grid)
    best = np.unravel_index(np.argmax(ground.at(e, n)), e.shape)
    lat, lon = on_map(float(e[best]), float(n[best]))
    height = float(ground.at(e[best], n[best])) + 15.0
    doppler = not math.isnan(options.blind_speed)
    sensor = radar_3d(
        f"valley-{number}", 25e3, lat=lat, lon=lon, height=height, period=options.period,
        sigma=(*SIGMA, 0.8 if doppler else math.nan), pd=options.pd,
        false_alarms=options.false_alarms,
    )  # fmt: skip
    return replace(sensor, min_range=200.0, blind_speed=options.blind_speed)


def traffic(
    options: Valley, known: Ground, true: Ground, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int64]]:
    """Move vehicles and drones; give ``(seconds, n, 6)`` ECEF each second, and their classes."""
    n = options.targets
    kind = np.arange(n) % 2
    speed = np.where(kind == 0, rng.uniform(8.0, 22.0, n), rng.uniform(12.0, 30.0, n))
    above = np.where(kind == 0, 1.5, rng.uniform(40.0, 120.0, n))
    east, north = rng.uniform(-0.9, 0.9, (2, n)) * np.array(HALF)[:, None]
    course = np.where(rng.random(n) < 0.5, 0.5, 1.5) * np.pi + rng.normal(0.0, 0.15, n)
    rate, left = np.zeros(n), rng.exponential(options.straight, n)
    plane = np.empty((int(options.seconds) + 8, n, 6))
    for t in range(len(plane)):
        left -= SECOND
        done = left < 0.0
        turning = done & (rate == 0.0)
        rate = np.where(done, 0.0, rate)
        rate = np.where(turning, rng.choice((-1.0, 1.0), n) * np.radians(2.0), rate)
        left = np.where(
            turning,
            rng.uniform(5.0, 25.0, n),
            np.where(done, rng.exponential(options.straight, n), left),
        )
        # Whoever climbs the valley's walls turns back along it.
        out = (np.abs(north) > HALF[1]) & (np.cos(course) * north > 0.0)
        along = np.where(np.sin(course) > 0.0, 0.5, 1.5) * np.pi - 0.1 * np.sign(north)
        off = np.mod(along - course + np.pi, 2.0 * np.pi) - np.pi
        bend = np.where(out, np.clip(off, -np.radians(1.0), np.radians(1.0)), rate)
        course = course + bend * SECOND
        move = np.stack((np.sin(course), np.cos(course))) * speed
        plane[t, :, 0], plane[t, :, 1] = east, north
        # A drone keeps its height over the ground as its map has it, smoothed by where it goes.
        ahead = [
            known.at(east + s * move[0], north + s * move[1]) for s in (-6.0, -3.0, 0.0, 3.0, 6.0)
        ]
        plane[t, :, 2] = np.where(kind == 0, true.at(east, north), np.mean(ahead, axis=0)) + above
        east, north = east + move[0] * SECOND, north + move[1] * SECOND
    plane[:, :, 3:] = np.gradient(plane[:, :, :3], SECOND, axis=0)
    return from_map(plane), kind


def at(path: Array, when: float) -> Array:
    """Give all targets' ``(n, 6)`` at a moment [s]."""
    k, part = int(when), when - int(when)
    return np.asarray((1.0 - part) * path[k] + part * path[k + 1])


def look(
    options: Valley, sensor: Sensor, state: Array, when: float, rng: np.random.Generator
) -> DetectionBatch:
    """Give what a radar makes of the targets in its sight, and of nothing."""
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    local = enu_from_ecef(state[:, :3], frame)
    r, az, el = spherical_from_enu(local)
    rate = np.sum(local * (state[:, 3:] @ frame.rotation.T), axis=1) / r
    chance = np.full(len(r), options.pd)
    doppler = not math.isnan(options.blind_speed)
    if doppler:  # a Swerling 1 echo loses power in the notch (visibility.sight.notch_sigma)
        clear = math.log(1e-6) / math.log(options.pd) - 1.0
        power = clear * (1.0 - 2.0 ** -((rate / options.blind_speed) ** 2))
        chance = 1e-6 ** (1.0 / (1.0 + power))
    got = rng.random(len(r)) < chance
    false = rng.poisson(options.false_alarms)
    columns = [
        np.concatenate((rng.normal(true[got], s), rng.uniform(low, high, false)))
        for true, s, low, high in (
            (r, sensor.sigma_range, 200.0, sensor.max_range),
            (az, sensor.sigma_azimuth, 0.0, 2.0 * math.pi),
            (el, sensor.sigma_elevation, LOWEST, HIGHEST),
            (rate, sensor.sigma_range_rate if doppler else 0.0, -40.0, 40.0),
        )
    ]  # fmt: skip
    order = rng.permutation(len(columns[0]))
    stamps = np.full(len(order), nanoseconds(when))
    return detection_batch(
        sensor.id, ORIGIN, stamps, columns[0][order], np.mod(columns[1][order], 2.0 * math.pi),
        elevation=columns[2][order], range_rate=columns[3][order] if doppler else None,
    )  # fmt: skip
