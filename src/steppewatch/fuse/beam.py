"""Which tracks a sector of plots can concern, before anything is predicted.

A radar that delivers its turn in sectors asks of all tracks in hand, sector after sector, which
ones may have given the plots of this one. Two planes through the radar's vertical bound it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.kernels import NS, roaming
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.state import Columns

    Floats = NDArray[np.float64]
    Ints = NDArray[Any]

MANY = 2_000
"""Of so few tracks all are asked: the gate itself is quick enough."""
WIDEST = 0.8 * np.pi
SLACK = 1_000.0


def in_beam(
    tracks: Columns, plots: Plots, motion: NDArray[np.float64], reach: float
) -> NDArray[np.int64] | None:
    """Give the tracks, as rows ``(k,)``, that the plots' sector can concern; None for "all".

    Args:
        tracks: Columns of the state.
        plots: At least one.
        motion: From ``TrackerSettings.motion``.
        reach: Standard deviations that the gate reaches.
    """
    if len(tracks["id"]) < MANY:
        return None
    begin, end = sector_of(plots.z[:, 1])
    if end - begin > WIDEST:
        return None
    edges = np.array(((np.cos(begin), -np.sin(begin), 0.0), (-np.cos(end), np.sin(end), 0.0)))
    first, last = int(plots.time_ns.min()), int(plots.time_ns.max())
    rough = 2.0 * reach * float(np.sqrt(plots.noise[:, 1].max()))
    out = np.empty(len(tracks["id"]), np.int64)
    count = list_beam(
        tracks["mean"], tracks["cov"], tracks["time_ns"], plots.frame.origin,
        edges @ plots.frame.rotation, (first + last) // 2, (last - first) / 2e9, reach, rough,
        motion, out,
    )  # fmt: skip
    return None if 2 * count > len(out) else out[:count]


def sector_of(azimuth: NDArray[np.float64]) -> tuple[float, float]:
    """Give the ends of the shortest arc over some azimuths [rad], the second not the less.

    >>> begin, end = sector_of(np.array([0.2, 6.2, 0.1]))
    >>> round(begin, 3), round(end, 3)
    (6.2, 6.483)
    """
    ordered = np.sort(azimuth)
    gap = np.diff(ordered, append=ordered[0] + 2.0 * np.pi)
    widest = int(np.argmax(gap))
    begin = float(ordered[(widest + 1) % len(ordered)])
    return begin, begin + max(2.0 * np.pi - float(gap[widest]), 0.0)


@kernel
def list_beam(
    mean: Floats, cov: Floats, time_ns: Ints, origin: Floats, edges: Floats, middle_ns: int,
    spread: float, reach: float, rough: float, motion: Floats, out: Ints,
) -> int:  # fmt: skip
    """List the tracks that may stand between two planes; return how many.

    Shapes and units:
        mean: ``(n, m, 6)``; cov: ``(n, m, 6, 6)``; time_ns: ``(n,)``.
        origin: ``(3,)`` ECEF; edges: ``(2, 3)`` normals of the planes, inwards.
        middle_ns: Middle of the batch; spread: half its length [s].
        reach: Standard deviations that the gate reaches; rough: what the plots' own noise adds to
            it [rad]; motion: from ``TrackerSettings.motion``.
        out: ``(n,)`` rows, ascending.
    """
    count, models = 0, mean.shape[1]
    for j in range(len(time_ns)):
        dt = (middle_ns - time_ns[j]) * NS
        r2 = v2 = 0.0
        off0 = off1 = 0.0
        for a in range(3):
            d = mean[j, 0, a] + dt * mean[j, 0, a + 3] - origin[a]
            r2 += d * d
            v2 += mean[j, 0, a + 3] ** 2
            off0 += edges[0, a] * d
            off1 += edges[1, a] * d
        inside = min(off0, off1)
        if inside < 0.0:  # how far beyond the edge may it be seen?
            var = jump = 0.0
            for a in range(3):
                most = far = 0.0
                for m in range(models):
                    most = max(most, cov[j, m, a, a] + dt * dt * cov[j, m, a + 3, a + 3])
                    far = max(far, abs(mean[j, m, a] - mean[j, 0, a]))
                    far = max(far, abs(dt) * abs(mean[j, m, a + 3] - mean[j, 0, a + 3]) + far)
                var += most
                jump += far
            free = roaming(motion, v2, models) * abs(dt) ** 3
            inside += 4.0 * reach * np.sqrt(var + free) + rough * np.sqrt(r2) + 2.0 * jump
            inside += np.sqrt(v2) * (2.0 * spread + 0.5 * abs(dt)) + SLACK
        if inside >= 0.0:
            out[count] = j
            count += 1
    return count
