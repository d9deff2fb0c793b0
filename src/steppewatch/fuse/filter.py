"""Predict, update, report: the interacting multiple-model filter over columns of tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.kernels import report_tracks, update_tracks
from steppewatch.fuse.measure import height_prior
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor


def update(
    tracks: Columns,
    rows: NDArray[np.int64],
    plots: Plots,
    taken: NDArray[np.int64],
    weight: NDArray[np.float64],
    sensor: Sensor,
    settings: TrackerSettings,
) -> None:
    """Fold plot ``taken[k]`` into track ``rows[k]`` with probability ``weight[k]``, in place.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` tracks, ascending; one track may have several plots.
        plots: The batch.
        taken: ``(k,)`` rows of it.
        weight: ``(k,)`` in (0, 1], summing to at most 1 for each track; the rest stays on the
            prediction.
        sensor: Who saw them.
        settings: The tracker's settings.
    """
    ground = sensor.kind == SensorKind.GROUND_RADAR
    update_tracks(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, taken,
        weight, plots.z, plots.noise, plots.time_ns, plots.frame.origin, plots.frame.rotation,
        settings.motion(ground=ground), height_prior(sensor, settings)[1],
    )  # fmt: skip


def report(
    tracks: Columns,
    rows: NDArray[np.intp],
    at_ns: NDArray[np.int64],
    settings: TrackerSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give mean ``(k, 6)`` and covariance ``(k, 6, 6)`` of ``rows``, predicted to ``at_ns``.

    Ground motion is assumed for what a ground radar saw last, air motion for all else.
    """
    mean, cov = np.empty((len(rows), 6)), np.empty((len(rows), 6, 6))
    kind = tracks["ground"][rows]
    every = np.arange(len(rows))
    for ground in (False, True):
        places = every if not kind.any() else np.flatnonzero(kind == ground)
        if len(places):
            motion = settings.motion(ground=ground)
            report_tracks(
                tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, at_ns,
                motion, places, mean, cov,
            )  # fmt: skip
        if places is every:
            break
    return mean, cov
