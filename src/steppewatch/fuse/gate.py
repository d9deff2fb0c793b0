"""Which plot may belong to which track: cells of range × azimuth, then the statistical gate.

Plots are sorted into cells of range and azimuth once; a track looks into the cells that its own
uncertainty reaches, so the work grows with the number of tracks and not with its square
(Blackman & Popoli 1999, §6.3 on gating, §8 on its preparation).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import chi2

from steppewatch.fuse.beam import in_beam
from steppewatch.fuse.kernels import gate_pairs
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns

WIDE_GATE = 100.0
GATED = ("mean", "cov", "prob", "time_ns", "mode_s", "mode_3a")
MOST_RINGS = 512
MOST_SECTORS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """List the k pairs that passed the gate.

    Attributes:
        track, plot: ``(k,)`` row numbers.
        loglik: ``(k,)`` logarithm of the plot's likelihood, given the track, with identity.
        distance: ``(k,)`` squared Mahalanobis distance, the closer of both models.
    """

    track: NDArray[np.int64]
    plot: NDArray[np.int64]
    loglik: NDArray[np.float64]
    distance: NDArray[np.float64]


@functools.lru_cache(maxsize=8)  # asked for at every step; the quantiles take 0.1 ms
def gate_limits(settings: TrackerSettings) -> NDArray[np.float64]:
    """Give the limit of the squared distance by number of measured components ``(6,)``."""
    limits: NDArray[np.float64] = chi2.ppf(settings.gate, np.arange(1, 6))
    return np.concatenate(([0.0], limits))


def cells(
    z: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], int, int, float, float]:
    """Sort plots into cells of range × azimuth.

    Returns:
        Start of each cell, plots in the order of cells, rings, sectors, first range [m], ring
        width [m].
    """
    n = len(z)
    rings = min(max(n // 4, 1), MOST_RINGS)
    sectors = min(max(n // 8, 1), MOST_SECTORS)
    start, order = np.zeros(rings * sectors + 1, np.int64), np.empty(n, np.int64)
    low, width = sort_cells(z, rings, sectors, np.empty(n, np.int64), start, order)
    return start, order, rings, sectors, low, width


@kernel
def sort_cells(
    z: Any, rings: int, sectors: int, cell: Any, start: Any, order: Any
) -> tuple[float, float]:
    """Count plots into cells, then list them cell by cell, each in the order of the batch.

    Shapes and units:
        z: ``(p, 5)`` as in ``measure.Plots``; rings, sectors: how many cells.
        cell: ``(p,)`` scratch; start: ``(rings · sectors + 1,)``, zero at first; order: ``(p,)``.

    Returns:
        First range and width of a ring [m].
    """
    low, high = np.inf, -np.inf
    for p in range(len(z)):
        low, high = min(low, z[p, 0]), max(high, z[p, 0])
    width = max((high - low) / rings, 1.0) * (1.0 + 1e-9)
    for p in range(len(z)):
        ring = min(int((z[p, 0] - low) / width), rings - 1)
        sector = min(int(z[p, 1] / (2.0 * np.pi / sectors)), sectors - 1)
        cell[p] = ring * sectors + sector
        start[cell[p] + 1] += 1
    for c in range(rings * sectors):
        start[c + 1] += start[c]
    for p in range(len(z)):
        order[start[cell[p]]] = p
        start[cell[p]] += 1
    for c in range(rings * sectors, 0, -1):
        start[c] = start[c - 1]
    start[0] = 0
    return low, width


def gate(
    tracks: Columns,
    sensor: int,
    plots: Plots,
    motion: NDArray[np.float64],
    period: float,
    limits: NDArray[np.float64],
    settings: TrackerSettings,
) -> Pairs:
    """Find all pairs of tracks and plots that may belong together.

    Args:
        tracks: Columns of the state.
        sensor: Column number of the plots' sensor.
        plots: Its plots, at least one.
        motion: From ``TrackerSettings.motion``.
        period: Scan period [s].
        limits: From :func:`gate_limits`.
        settings: The tracker's settings.
    """
    rows = in_beam(tracks, plots, motion, float(np.sqrt(limits[3])))
    hit_ns = np.ascontiguousarray(tracks["hit_ns"][slice(None) if rows is None else rows, sensor])
    if rows is not None:
        tracks = {name: tracks[name][rows] for name in GATED}
    start, order, rings, sectors, low, width = cells(plots.z)
    first, last = int(plots.time_ns.min()), int(plots.time_ns.max())
    room = 4 * (len(plots.z) + len(hit_ns)) + 64
    while True:
        track, plot = np.empty(room, np.int64), np.empty(room, np.int64)
        loglik, distance = np.empty(room), np.empty(room)
        count = gate_pairs(
            tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], hit_ns,
            tracks["mode_s"], tracks["mode_3a"],
            plots.z, plots.noise, plots.time_ns, plots.mode_s, plots.mode_3a,
            start, order, rings, sectors, low, width,
            plots.frame.origin, plots.frame.rotation,
            (first + last) // 2, (last - first) / 2e9, motion,
            int(0.5e9 * period), int(settings.late * 1e9),
            limits, WIDE_GATE, settings.identity_bonus, settings.code_bonus,
            track, plot, loglik, distance,
        )  # fmt: skip
        if count <= room:
            break
        room = count
    track = track[:count] if rows is None else rows[track[:count]]
    return Pairs(track=track, plot=plot[:count], loglik=loglik[:count], distance=distance[:count])
