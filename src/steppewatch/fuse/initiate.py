"""How tracks begin: one plot, a velocity prior and a score.

A plot that no track took begins a tentative track at rest with an honest velocity covariance
(one-point initiation, Mallick & La Scala 2008). Its score is the log-odds that it is a real
thing (Blackman & Popoli 1999, §6.2; Sittler 1964).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.associate import Method
from steppewatch.fuse.evidence import take
from steppewatch.fuse.kernels import fold_rates
from steppewatch.fuse.measure import Plots, place
from steppewatch.jit import kernel
from steppewatch.records import Sensor, SensorKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns

    Floats = NDArray[np.float64]
    Ints = NDArray[Any]

ONE_LOOK = 0.5  # log-odds above the end with which a track begins at least


def initiate(
    plots: Plots,
    rows: NDArray[np.intp],
    excess: NDArray[np.float64],
    sensor: Sensor,
    column: int,
    born: Columns,
    next_id: int,
    settings: TrackerSettings,
) -> None:
    """Begin one tentative track for each plot in ``rows``.

    There are no more new targets where there are more false alarms; but each plot has one look's
    time to show that it is one.

    Args:
        plots: All plots of the batch.
        rows: ``(k,)`` the ones nobody took.
        excess: ``(p,)`` ln of how much denser false alarms are at each plot than usual.
        sensor: Who saw them.
        column: Its number among the sensors.
        born: Columns of ``k`` tracks, zero; written.
        next_id: Id of the first new track; the others follow.
        settings: The tracker's settings.
    """
    k = len(rows)
    born["start"][:], spread = place(plots, rows, sensor, settings)
    ground = sensor.kind == SensorKind.GROUND_RADAR
    # Whether it is slow or fast is not known yet: the models begin with different priors.
    fast = (float(settings.speed_air), float(settings.climb_air))
    slow = (float(settings.speed_slow), float(settings.climb_slow))
    if ground:
        slow = fast = (float(settings.speed_ground), float(settings.climb_ground))
    begin(
        rows, plots.z, plots.noise, plots.time_ns, excess, spread, plots.frame.origin,
        plots.frame.rotation, slow, fast, float(settings.share_slow), math.log(settings.birth),
        settings.drop_score + ONE_LOOK, float(sensor.detection_probability), column, next_id,
        born["start"], born["mean"], born["cov"], born["prob"], born["score"], born["id"],
        born["time_ns"], born["born_ns"], born["mode_3a"], born["slow"], born["high"],
        born["chance"],
    )  # fmt: skip
    # What it got is noted as for any track: the plot is its first hit.
    take(
        born, np.arange(k), plots, rows, np.ones(k), born["score"],
        np.full(k, Method.ALONE, np.uint8), column, np.empty(k, bool), ceiling=math.inf,
        ground=ground,
    )  # fmt: skip


@kernel
def begin(
    rows: Ints, z: Floats, noise: Floats, plot_ns: Ints, excess: Floats, spread: Floats,
    origin: Floats, rotation: Floats, slow_pace: tuple[float, float],
    fast_pace: tuple[float, float], share_slow: float, odds: float, least: float, nominal: float,
    column: int, next_id: int, start: Floats, mean: Floats, cov: Floats, prob: Floats,
    score: Floats, id_: Ints, time_ns: Ints, born_ns: Ints, mode_3a: Ints, slow: Floats,
    high: Floats, chance: Floats,
) -> None:  # fmt: skip
    """Begin a track at rest for each plot, as sure of its speed as each model's prior is.

    Shapes and units:
        rows: ``(k,)`` plots; z, noise: ``(p, 5)``; plot_ns, excess: ``(p,)``.
        start: ``(k, 3)`` ECEF [m] and spread: ``(k, 3, 3)`` [m²] of their places.
        slow_pace, fast_pace: σ of horizontal and vertical speed [m/s] of the first model and of
            the others; share_slow: probability of the first.
        odds, least: Log-odds of existence where false alarms are as usual, and where they abound.
        nominal: The sensor's probability of detection.
        mean … chance: Columns of the new tracks, written.
    """
    models = prob.shape[1]
    rates = np.empty((models, 3, 3))
    # Horizontal and vertical in the sensor's ENU: a tilt of a degree is harmless.
    for m in range(models):
        level, climb = slow_pace if m == 0 else fast_pace
        for a in range(3):
            for b in range(3):
                rates[m, a, b] = (climb**2 - level**2) * rotation[2, a] * rotation[2, b]
            rates[m, a, a] += level**2
    for k in range(len(rows)):
        i = rows[k]
        for m in range(models):
            prob[k, m] = share_slow if m == 0 else (1.0 - share_slow) / (models - 1)
            for a in range(3):
                mean[k, m, a] = start[k, a]
                mean[k, m, 3 + a] = 0.0
                for b in range(3):
                    cov[k, m, a, b] = spread[k, a, b]
                    cov[k, m, a, 3 + b] = 0.0
                    cov[k, m, 3 + a, b] = 0.0
                    cov[k, m, 3 + a, 3 + b] = rates[m, a, b]
        score[k] = max(odds - max(excess[i], 0.0), least)
        id_[k] = next_id + k
        time_ns[k] = plot_ns[i]
        born_ns[k] = plot_ns[i]
        mode_3a[k] = -1
        slow[k], high[k] = np.inf, -np.inf
        chance[k, column] = nominal
    fold_rates(mean, cov, prob, rows, z, noise, origin, rotation)
