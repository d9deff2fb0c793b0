"""Scenes of one 3-D radar: sparse, dense, crossing, formations, manoeuvring, low over clutter."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scenarios.files import Arrays, arrays_of
from benchmarks.scenarios.radar import MAST, density, look
from benchmarks.scenarios.traffic import Traffic, draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = ("sparse", "dense", "crossing", "formation", "manoeuvring", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Choose a scene of one radar.

    Attributes:
        n: Targets.
        scans: Turns of the radar.
        period: Seconds of a turn.
        pd: Detection probability.
        clutter: False alarms per scan for each target; None: as the scene has it.
        seed: Of the generator.
    """

    n: int = 100
    scans: int = 60
    period: float = 5.0
    pd: float = 0.9
    clutter: float | None = None
    seed: int = 0


def make(name: str, options: Options) -> Arrays:
    """Draw a scene as the arrays of a file.

    ``sparse``: R = 200 km √(n/1000), half a false alarm per target. ``dense``: a tenth of that
    area, one per target, half the targets in formations of five. ``formation``: all of them, at
    sparse density. ``crossing``: fours that meet within 150 m at one moment at narrow angles.
    ``manoeuvring``: a turn every 15 s, speeds change, ground vehicles halt. ``low``: 50 to 150 m
    high or on the ground, over ground returns (two per target) that keep their places.
    """
    dense = name == "dense"
    radius = 200e3 * math.sqrt(options.n / 1000.0 / (10.0 if dense else 1.0))
    clutter = (1.0 if dense else 0.5) if options.clutter is None else options.clutter
    how = Traffic(n=options.n, radius=radius, seconds=options.scans * options.period)
    flights, echoes = (np.random.default_rng([options.seed, salt]) for salt in (1, 2))
    if dense:
        how = replace(how, grouped=0.5)
    elif name == "formation":
        how = replace(how, grouped=1.0)
    elif name == "manoeuvring":
        how = replace(how, straight=15.0, turn=12.0, surge=0.5, halt=0.3)
    elif name == "low":
        how = replace(how, shares=(0.5, 0.4, 0.1, 0.0), heights=(50.0, 150.0))
    truth, kind = draw(how, flights, options.period)
    if name == "crossing":
        cross(truth, kind, radius, options.period, flights)
    ground = 2.0 * options.n if name == "low" else 0.0
    alarms = clutter * options.n
    plots = look(truth, radius, echoes, pd=options.pd, clutter=alarms, ground=ground)
    meta = {
        "n": options.n, "scans": options.scans, "T": options.period, "seed": options.seed,
        "dense": dense, "name": name, "pd": options.pd, "clutter_per_scan": alarms + ground,
        "R": radius, "z_radar": MAST, "clutter_density": density(radius, alarms),
        "clutter_density_rr": density(radius, alarms) / 520.0,
    }  # fmt: skip
    return arrays_of(truth, kind, plots, meta)


def cross(
    truth: NDArray[np.float64],
    kind: NDArray[np.int64],
    radius: float,
    period: float,
    rng: np.random.Generator,
) -> None:
    """Let fours of one class fly straight, all within 150 m of a point at one moment.

    Their courses lie within 20° of each other; half of the fours turn away by up to 30° just
    there, the others go on. The moment lies in the middle half of the scene.
    """
    moments, n = truth.shape[:2]
    span = moments * period
    speeds = {0: (10.0, 25.0), 1: (15.0, 40.0), 2: (45.0, 90.0), 3: (120.0, 250.0)}
    when = np.arange(moments) * period
    for first in range(0, n - n % 4, 4):
        four = np.arange(first, first + 4)
        kind[four] = kind[first]
        reach = radius * math.sqrt(rng.uniform(0.04, 0.6))
        angle, main = rng.uniform(0.0, 2.0 * math.pi, 2)
        meeting = np.array((reach * math.cos(angle), reach * math.sin(angle)))
        moment = span * rng.uniform(0.25, 0.75)
        height = np.nanmedian(truth[:, first, 2])
        turns = rng.random() < 0.5
        speed = rng.uniform(*speeds[int(kind[first])])
        for target in four:
            course = main + math.radians(rng.uniform(-10.0, 10.0))
            after = course + (math.radians(rng.uniform(-30.0, 30.0)) if turns else 0.0)
            own = speed * rng.uniform(0.9, 1.1)
            miss = rng.uniform(-75.0, 75.0, 2)
            heading = np.where(when < moment, course, after)[:, None]
            way = np.concatenate((np.cos(heading), np.sin(heading)), axis=1) * own
            truth[:, target, :2] = meeting + miss + way * (when - moment)[:, None]
            truth[:, target, 2] = height
            truth[:, target, 3:5] = way
            truth[:, target, 5] = 0.0
