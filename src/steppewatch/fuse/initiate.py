"""How tracks begin: one plot, a velocity prior and a score.

A plot that no track took begins a tentative track at rest with an honest velocity covariance
(one-point initiation, Mallick & La Scala 2008). Its score is the log-odds that it is a real
thing (Blackman & Popoli 1999, §6.2; Sittler 1964).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.evidence import note
from steppewatch.fuse.kernels import MODELS, fold_rates
from steppewatch.fuse.measure import Plots, place
from steppewatch.fuse.state import Columns, blank
from steppewatch.records import Sensor, SensorKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings


def initiate(
    plots: Plots,
    rows: NDArray[np.intp],
    sensor: Sensor,
    column: int,
    sensors: int,
    next_id: int,
    settings: TrackerSettings,
) -> Columns:
    """Begin one tentative track for each plot in ``rows``.

    Args:
        plots: All plots of the batch.
        rows: ``(k,)`` the ones nobody took.
        sensor: Who saw them.
        column: Its number among the sensors.
        sensors: How many sensors there are.
        next_id: Id of the first new track; the others follow.
        settings: The tracker's settings.
    """
    k = len(rows)
    born = blank(k, sensors)
    position, spread = place(plots, rows, sensor, settings)
    ground = sensor.kind == SensorKind.GROUND_RADAR
    # Whether it is slow or fast is not known yet: the models begin with different priors.
    fast = (settings.speed_air, settings.climb_air)
    paces = [(settings.speed_slow, settings.climb_slow), fast, fast]
    if ground:
        paces = [(settings.speed_ground, settings.climb_ground)] * MODELS
    rotation = plots.frame.rotation
    born["mean"][:, :, :3] = position[:, None]
    born["start"] = position
    born["cov"][:, :, :3, :3] = spread[:, None]
    # Horizontal and vertical in the sensor's ENU: a tilt of a degree is harmless.
    for m, (level, climb) in enumerate(paces):
        born["cov"][:, m, 3:, 3:] = rotation.T @ np.diag((level**2, level**2, climb**2)) @ rotation
    slow = settings.share_slow
    born["prob"][:] = (slow, 0.5 - 0.5 * slow, 0.5 - 0.5 * slow)
    fold_rates(
        born["mean"], born["cov"], born["prob"], rows, plots.z, plots.noise,
        plots.frame.origin, plots.frame.rotation,
    )  # fmt: skip
    born["id"] = next_id + np.arange(k)
    for name in ("time_ns", "born_ns", "seen_ns"):
        born[name] = plots.time_ns[rows]
    born["score"][:] = np.log(settings.birth)
    born["hits"][:] = 1
    born["looks"][:] = 1
    born["ground"][:] = ground
    born["level"] = np.isfinite(plots.z[rows, 2]) | np.isfinite(plots.z[rows, 4])
    born["mode_s"] = plots.mode_s[rows]
    born["mode_3a"] = plots.mode_3a[rows]
    born["callsign"] = plots.callsign[rows]
    born["hit_ns"][:, column] = plots.time_ns[rows]
    born["look_ns"][:, column] = plots.time_ns[rows]
    born["slow"][:], born["high"][:] = np.inf, -np.inf
    born["chance"][:, column] = sensor.detection_probability
    note(born, np.arange(k), rows, column, np.ones(k), plots.time_ns, plots.z)
    return born
