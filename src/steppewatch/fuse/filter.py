"""Predict, update, report: the interacting multiple-model filter over columns of tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.kernels import report_tracks, update_tracks
from steppewatch.fuse.measure import height_prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

PACE_KNOWN = 4.0


def update(
    tracks: Columns,
    rows: NDArray[np.int64],
    plots: Plots,
    taken: NDArray[np.int64],
    sensor: Sensor,
    settings: TrackerSettings,
) -> None:
    """Fold plot ``taken[k]`` into track ``rows[k]``, in place, for every k."""
    quiet, agile = settings.motion(sensor.kind)
    update_tracks(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, taken,
        plots.z, plots.noise, plots.time_ns, plots.frame.origin, plots.frame.rotation,
        quiet, agile, settings.upright, np.array((settings.stay_quiet, settings.stay_agile)),
        height_prior(sensor, settings)[1],
    )  # fmt: skip


def report(
    tracks: Columns,
    rows: NDArray[np.intp],
    at_ns: NDArray[np.int64],
    settings: TrackerSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give mean ``(k, 6)`` and covariance ``(k, 6, 6)`` of ``rows``, predicted to ``at_ns``.

    Air motion is assumed for all: it matters for the growth of a coasting track alone.
    """
    mean, cov = np.empty((len(rows), 6)), np.empty((len(rows), 6, 6))
    stay = np.array((settings.stay_quiet, settings.stay_agile))
    for ground in (False, True):
        part = np.flatnonzero(tracks["ground"][rows] == ground)
        if len(part) == 0:
            continue
        quiet, agile = (
            (settings.ground_quiet, settings.ground_agile)
            if ground
            else (settings.quiet, settings.agile)
        )
        some_mean, some_cov = np.empty((len(part), 6)), np.empty((len(part), 6, 6))
        report_tracks(
            tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows[part],
            at_ns[part], quiet, agile, settings.upright, stay, some_mean, some_cov,
        )  # fmt: skip
        mean[part], cov[part] = some_mean, some_cov
    return mean, cov
