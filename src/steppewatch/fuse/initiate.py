"""How tracks begin: one plot, a velocity prior and a score.

A plot that no track took begins a tentative track at rest with an honest velocity covariance
(one-point initiation, Mallick & La Scala 2008). Its score is the log-odds that it is a real
thing (Blackman & Popoli 1999, §6.2; Sittler 1964).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.evidence import note
from steppewatch.fuse.kernels import fold
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
    across, climb = (
        (settings.speed_ground, settings.climb_ground)
        if ground
        else (settings.speed_air, settings.climb_air)
    )
    # Velocity prior: horizontal and vertical in the sensor's ENU; a tilt of a degree is harmless.
    rotation = plots.frame.rotation
    velocity = rotation.T @ np.diag((across**2, across**2, climb**2)) @ rotation
    born["mean"][:, :, :3] = position[:, None]
    born["start"] = position
    born["cov"][:, :, :3, :3] = spread[:, None]
    born["cov"][:, :, 3:, 3:] = velocity
    fold_rates(born, plots, rows)
    born["prob"][:] = 0.5
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


def fold_rates(born: Columns, plots: Plots, rows: NDArray[np.intp]) -> None:
    """Fold the measured range rates into the new tracks, in place."""
    rated = np.flatnonzero(np.isfinite(plots.z[rows, 3]))
    h, H, gain = np.empty(5), np.zeros((5, 6)), np.empty(12)
    z = np.full(5, np.nan)
    for k in rated:
        z[3] = plots.z[rows[k], 3]
        for m in range(2):
            fold(
                born["mean"][k, m], born["cov"][k, m], z, plots.noise[rows[k]], 0.0,
                plots.frame.origin, plots.frame.rotation, np.inf, h, H, gain,
            )  # fmt: skip
