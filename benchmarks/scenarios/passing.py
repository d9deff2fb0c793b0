"""Flights past a Doppler radar: about the nearest point they move across, and in the notch."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from benchmarks.scenarios.scene import Scene, from_plane, nanoseconds, radar_3d
from benchmarks.scenarios.valley import SIGMA, Valley, look
from steppewatch.world.geodesy import local_frame

PERIOD, SCANS = 5.0, 72


def passing(seed: int, n: int = 12, blind_speed: float = 4.0) -> Scene:
    """Draw n straight flights, each at its own distance from the radar; ``hidden`` is the notch.

    A look at a target counts as hidden where the notch leaves it less than a tenth of the usual
    chance.
    """
    flights, echoes = (np.random.default_rng([seed, salt]) for salt in (3, 4))
    sensor = radar_3d("passing", 40e3, period=PERIOD, sigma=(*SIGMA, 0.8), false_alarms=15.0)
    sensor = replace(sensor, blind_speed=blind_speed)
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    course = np.arange(n) * 2.0 * math.pi / n + flights.uniform(-0.2, 0.2, n)
    ahead = np.stack((np.sin(course), np.cos(course)), axis=1)
    aside = np.stack((ahead[:, 1], -ahead[:, 0]), axis=1)
    speed = flights.uniform(20.0, 45.0, n)
    nearest = flights.uniform(6e3, 20e3, n)
    middle = flights.uniform(0.45, 0.55, n) * SCANS * PERIOD
    height = flights.uniform(100.0, 800.0, n)
    options = Valley(pd=sensor.detection_probability, blind_speed=blind_speed, false_alarms=15.0)
    truth, hidden = np.empty((SCANS, n, 6)), np.zeros((SCANS, n), bool)
    steps = []
    for k in range(SCANS):
        along = (speed * (k * PERIOD - middle))[:, None]
        plane = np.column_stack(
            (ahead * along + aside * nearest[:, None], height, ahead * speed[:, None], np.zeros(n))
        )
        truth[k] = from_plane(plane, frame)
        r = np.linalg.norm(plane[:, :3], axis=1)
        rate = np.sum(plane[:, :3] * plane[:, 3:], axis=1) / r
        clear = math.log(1e-6) / math.log(options.pd) - 1.0
        left = clear * (1.0 - 2.0 ** -((rate / blind_speed) ** 2))
        hidden[k] = 1e-6 ** (1.0 / (1.0 + left)) < 0.1 * options.pd
        batch = look(options, sensor, truth[k], k * PERIOD, echoes)
        steps.append((nanoseconds(k * PERIOD), (batch,)))
    return Scene(
        name=f"passing:seed={seed}",
        sensors=(sensor,),
        steps=tuple(steps),
        times_ns=np.array([now_ns for now_ns, _ in steps]),
        truth=truth,
        kind=np.ones(n, np.int64),
        period=PERIOD,
        hidden=hidden,
    )
