"""Targets that sensors with known biases see, and the rings that a perfect tracker would keep."""

import dataclasses
import math

import numpy as np

from steppewatch.fuse import registration
from steppewatch.records import Origin, Sensor, SensorKind
from steppewatch.world.geodesy import ecef_from_enu, enu_from_ecef, local_frame, spherical_from_enu

START_NS = 1_700_000_000_000_000_000
RING = 6
HERE = local_frame(math.radians(47.0), math.radians(106.0), 0.0)


def sensor(name, lon_deg, *, kind=SensorKind.RADAR_3D, period=5.0, sigma=(30.0, 0.1, 0.15)):
    if kind == SensorKind.RADAR_2D:
        sigma = (*sigma[:2], math.nan)
    return Sensor(
        id=name, name=name, site="site", kind=kind, lat=math.radians(47.0),
        lon=math.radians(lon_deg), height=1500.0, min_range=0.0, max_range=250e3,
        scan_period=period, sector_start=0.0, sector_width=2.0 * math.pi, sigma_range=sigma[0],
        sigma_azimuth=math.radians(sigma[1]), sigma_elevation=math.radians(sigma[2]),
        sigma_range_rate=math.nan, detection_probability=0.9, false_alarms=1.0,
        origin=Origin(feed="rehearsal"),
    )  # fmt: skip


def frame_of(one):
    return local_frame(one.lat, one.lon, one.height)


@dataclasses.dataclass
class Traffic:
    """Straight flights in the ENU of 47° N 106° E."""

    start: np.ndarray
    velocity: np.ndarray

    def at(self, seconds):
        """Give ECEF ``(n, 3)`` at ``seconds`` ``(n,)``."""
        return ecef_from_enu(self.start + seconds[:, None] * self.velocity, HERE)

    @property
    def ecef_velocity(self):
        return self.velocity @ HERE.rotation


def traffic(rng, n=30, radius=90e3, speed=(80.0, 240.0)):
    angle, reach = rng.uniform(0.0, 2.0 * np.pi, n), radius * np.sqrt(rng.uniform(0.01, 1.0, n))
    course, fast = rng.uniform(0.0, 2.0 * np.pi, n), rng.uniform(*speed, n)
    height = rng.uniform(2e3, 10e3, n)
    start = np.stack((reach * np.sin(angle), reach * np.cos(angle), height), 1)
    velocity = np.stack((fast * np.sin(course), fast * np.cos(course), 0 * fast), 1)
    return Traffic(start - 300.0 * velocity, velocity)


def measure(one, flights, seconds, bias, rng):
    """Give what a biased sensor stamps ``seconds``: z ``(n, 5)``."""
    place = flights.at(seconds - bias[4])
    if one.kind == SensorKind.REPORTS:
        z = np.full((len(place), 5), np.nan)
        z[:, :3] = place + rng.normal(0.0, one.sigma_range, place.shape)
        return z
    reach, azimuth, elevation = spherical_from_enu(enu_from_ecef(place, frame_of(one)))
    z = np.full((len(reach), 5), np.nan)
    z[:, 0] = reach * (1 + bias[1]) + bias[0] + rng.normal(0.0, one.sigma_range, len(reach))
    z[:, 1] = azimuth + bias[2] + rng.normal(0.0, one.sigma_azimuth, len(reach))
    if math.isfinite(one.sigma_elevation):
        z[:, 2] = elevation + bias[3] + rng.normal(0.0, one.sigma_elevation, len(reach))
    return z


class Rings:
    """Keep the rings of n tracks, every plot given to its own track."""

    def __init__(self, n):
        self.time_ns = np.zeros((n, RING), np.int64)
        self.sensor = np.zeros((n, RING), np.int64)
        self.z = np.full((n, RING, 5), np.nan)

    def note(self, rows, column, time_ns, z):
        for mine, new in ((self.time_ns, time_ns), (self.sensor, column), (self.z, z)):
            mine[rows, 1:] = mine[rows, :-1]
            mine[rows, 0] = new


def run(sensors, biases, seconds, seed, *, n=30, wrong=0.0, state=None, each=None, start=0.0):
    """Play seconds of traffic; give the state and, if asked, the evidence of each batch."""
    rng = np.random.default_rng(seed)
    flights = traffic(rng, n)
    rings = Rings(n)
    state = registration.empty(sensors) if state is None else state
    looks = []
    for column, one in enumerate(sensors):
        phase = rng.uniform(0.0, one.scan_period)
        looks += [(t, column) for t in np.arange(start + phase, start + seconds, one.scan_period)]
    for t, column in sorted(looks):
        one = sensors[column]
        rows = np.flatnonzero(rng.random(n) < 0.9)
        # A scan takes its time: each target at its own moment.
        when = t + rng.uniform(0.0, 0.4 * one.scan_period, n)[rows]
        bias = biases[column](t) if callable(biases[column]) else biases[column]
        part = Traffic(flights.start[rows], flights.velocity[rows])
        z = measure(one, part, when, np.asarray(bias, float), rng)
        swap = rng.random(len(rows)) < wrong
        z[swap] = np.roll(z[swap], 1, axis=0)
        stamped = START_NS + np.round(when * 1e9).astype(np.int64)
        noise = np.ones((len(rows), 5))
        if one.kind != SensorKind.REPORTS:
            z, noise, stamped = registration.correct(state, column, z, noise, stamped)
        rings.note(rows, column, stamped, z)
        velocity = part.ecef_velocity + rng.normal(0.0, 3.0, (len(rows), 3))
        newest = (rings.time_ns[rows, 0] - START_NS) * 1e-9
        place = part.at(newest) + rng.normal(0.0, 50.0, (len(rows), 3))
        evidence = registration.gather(
            state,
            registration.Plotted(
                time_ns=rings.time_ns[rows],
                sensor=rings.sensor[rows],
                z=rings.z[rows],
                mean=np.concatenate((place, velocity), 1),
            ),
        )
        if each is not None:
            each.append(evidence)
        state = registration.learn(state, evidence, int(stamped.max()))
    return state
