"""What a sensor's resolution does to plots: two targets in one, and one target in several.

Two targets in one resolution cell give one plot. The one of both tracks that the assignment left
without is not missed: it takes the same plot, and for both the plot's noise grows by what a cell
hides, so that neither believes it twice (unresolved measurements, Koch & van Keuk 1997, IEEE
Trans. Aerosp. Electron. Syst. 33(3), here as a hard decision). A large target, or a strong one in
a side lobe, gives several plots in neighbouring cells; those beside a plot that a track took begin
no track, and of several new ones side by side one does.

Both need a sensor that says how large its cells are; of any other nothing is assumed.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.associate import Decision
    from steppewatch.fuse.gate import Pairs
    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

    Floats = NDArray[np.float64]
    Ints = NDArray[Any]
    Bools = NDArray[np.bool_]

BESIDE = 1.5  # cells; echoes of one target lie no further from one another
HIDES = 0.5  # cells (σ); where in a merged plot a target is
GONE = 0.25  # of a miss; what sharing a plot costs the track that it was not assigned to
NS = 1e-9
TWO_PI = 2.0 * math.pi


def cell_of(sensor: Sensor) -> tuple[float, float]:
    """Give a sensor's resolution in range [m] and azimuth [rad]; NaN for both where unknown."""
    depth, width = float(sensor.range_cell), float(sensor.azimuth_cell)
    if 0.0 < depth < math.inf and 0.0 < width < math.inf:
        return depth, width
    return math.nan, math.nan


def share_merged(
    decision: Decision,
    pairs: Pairs,
    plots: Plots,
    tracks: Columns,
    chance: NDArray[np.float64],
    sensor: Sensor,
) -> tuple[Plots, Decision]:
    """Give a plot that two unresolved tracks made to both of them.

    Args:
        decision: One plot for each track, one track for each plot.
        pairs: What passed the gate.
        plots: The batch.
        tracks: Columns of the state.
        chance: ``(n,)`` probability of detection of each track.
        sensor: Whose plots.

    Returns:
        The plots, with more noise where two tracks share one, and the decision with the pairs
        that were added. An added track loses a part of what a miss costs, so that one whose target
        has gone does not live on another's plots.
    """
    depth, width = cell_of(sensor)
    if math.isnan(depth) or len(decision.rows) == 0 or len(decision.track) != len(decision.rows):
        return plots, decision
    shared = np.empty(len(tracks["id"]), np.int64)
    count = find_merged(
        pairs.track, pairs.plot, pairs.loglik, decision.track, decision.plot, tracks["mean"],
        tracks["prob"], tracks["time_ns"], tracks["confirmed"], plots.time_ns,
        plots.frame.origin, depth, width, shared,
    )  # fmt: skip
    if count == 0:
        return plots, decision
    mine = np.flatnonzero(shared >= 0)
    taken = shared[mine]
    noise = plots.noise.copy()
    for plot in np.unique(taken):
        noise[plot, 0] += (HIDES * depth) ** 2
        noise[plot, 1] += (HIDES * width) ** 2
    rows = np.concatenate((decision.rows, mine))
    order = np.argsort(rows, kind="stable")

    def both(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(np.concatenate((old, new))[order])

    return dataclasses.replace(plots, noise=noise), dataclasses.replace(
        decision,
        track=rows[order],
        plot=both(decision.plot, taken),
        weight=both(decision.weight, np.ones(len(mine))),
        rows=rows[order],
        score=both(decision.score, tracks["score"][mine] + GONE * np.log1p(-chance[mine])),
        method=both(decision.method, np.full(len(mine), decision.method[0])),
    )


@kernel
def find_merged(
    pair_track: Ints, pair_plot: Ints, loglik: Floats, track: Ints, plot: Ints, mean: Floats,
    prob: Floats, time_ns: Ints, confirmed: Bools, plot_ns: Ints, origin: Floats, depth: float,
    width: float, shared: Ints,
) -> int:  # fmt: skip
    """Find for each track without a plot the likeliest one that it may have made with another.

    Both tracks must be confirmed, and in one resolution cell when the plot was made.

    Shapes and units:
        pair_track, pair_plot, loglik: ``(k,)`` pairs that passed the gate.
        track, plot: ``(m,)`` pairs that were decided for, each track and each plot once.
        mean: ``(n, m, 6)`` ECEF; prob: ``(n, m)``; time_ns, confirmed: ``(n,)``; plot_ns: ``(p,)``.
        origin: ``(3,)`` ECEF of the sensor; depth [m] and width [rad] of its cells.
        shared: ``(n,)``, written: the plot, or −1.

    Returns:
        How many tracks have one.
    """
    count = 0
    owner, best = np.full(len(plot_ns), -1), np.empty(len(shared))
    one, other = np.empty(3), np.empty(3)
    shared[:] = -1
    for k in range(len(track)):
        owner[plot[k]] = track[k]
        shared[track[k]] = -2  # has its own
    for k in range(len(pair_track)):
        j, i = pair_track[k], pair_plot[k]
        if shared[j] == -2 or not confirmed[j] or owner[i] < 0 or not confirmed[owner[i]]:
            continue
        if shared[j] >= 0 and loglik[k] <= best[j]:
            continue
        locate(mean[j], prob[j], (plot_ns[i] - time_ns[j]) * NS, one)
        locate(mean[owner[i]], prob[owner[i]], (plot_ns[i] - time_ns[owner[i]]) * NS, other)
        reach = along = apart = 0.0
        for a in range(3):
            off, ray = one[a] - other[a], one[a] - origin[a]
            reach += ray * ray
            along += off * ray
            apart += off * off
        reach = np.sqrt(reach)
        along /= reach
        if abs(along) < depth and np.sqrt(max(apart - along * along, 0.0)) / reach < width:
            count += shared[j] == -1
            shared[j], best[j] = i, loglik[k]
    return count


@kernel
def locate(mean: Floats, prob: Floats, dt: float, place: Floats) -> None:
    """Write where a track ``(m, 6)``, ``(m,)`` is after ``dt`` [s]: ECEF ``(3,)`` [m]."""
    for a in range(3):
        place[a] = 0.0
        for m in range(len(prob)):
            place[a] += prob[m] * (mean[m, a] + dt * mean[m, 3 + a])


def echoes(plots: Plots, taken: NDArray[np.bool_], sensor: Sensor) -> NDArray[np.bool_]:
    """Say which plots ``(p,)`` are further echoes of a target whose plot was taken.

    Args:
        plots: The batch.
        taken: ``(p,)`` which plots a track took.
        sensor: Whose plots.
    """
    out = np.zeros(len(plots.z), bool)
    depth, width = cell_of(sensor)
    if math.isnan(depth) or not taken.any() or taken.all():
        return out
    own = np.flatnonzero(taken)
    own = own[np.argsort(plots.z[own, 0], kind="stable")]
    find_echoes(plots.z, taken, own, BESIDE * depth, BESIDE * width, out)
    return out


@kernel
def find_echoes(z: Floats, taken: Bools, own: Ints, depth: float, width: float, out: Bools) -> None:
    """Mark the plots that lie beside one that was taken, see :func:`echoes`.

    Shapes and units:
        z: ``(p, 5)`` as in ``measure.Plots``; taken, out: ``(p,)``.
        own: Plots that were taken, in the order of range.
        depth: How far beside in range [m]; width: in azimuth [rad].
    """
    reach = z[own, 0]
    for i in range(len(z)):
        if taken[i]:
            continue
        k = np.searchsorted(reach, z[i, 0] - depth)
        while k < len(own) and reach[k] <= z[i, 0] + depth and not out[i]:
            out[i] = turned(z[own[k], 1], z[i, 1]) < width
            k += 1


@kernel
def turned(one: float, other: float) -> float:
    """Give the angle between two azimuths [rad], 0…π."""
    off = one - other
    return float(abs(off - TWO_PI * np.round(off / TWO_PI)))


def lone(plots: Plots, rows: NDArray[np.intp], sensor: Sensor) -> NDArray[np.intp]:
    """Leave one of several plots that may be echoes of one new target.

    Args:
        plots: The batch.
        rows: ``(k,)`` plots that may begin tracks.
        sensor: Whose.

    Returns:
        Those of ``rows`` that have no nearer neighbour left within the cells of one target, in
        their order.
    """
    depth, width = cell_of(sensor)
    if math.isnan(depth) or len(rows) < 2:
        return rows
    order = np.argsort(plots.z[rows, 0], kind="stable")
    kept = np.empty(len(rows), np.bool_)
    keep_lone(plots.z, rows, order, BESIDE * depth, BESIDE * width, kept)
    return rows[kept]


@kernel
def keep_lone(z: Floats, rows: Ints, order: Ints, depth: float, width: float, kept: Bools) -> None:
    """Mark which plots are kept, see :func:`lone`: the nearest first, then those not beside one.

    Shapes and units:
        z: ``(p, 5)`` as in ``measure.Plots``; rows, order, kept: ``(k,)``, ``order`` by range.
        depth: How far beside in range [m]; width: in azimuth [rad].
    """
    for a in range(len(order)):
        i, b = rows[order[a]], a - 1
        kept[order[a]] = True
        while b >= 0:
            j = rows[order[b]]
            if z[i, 0] - z[j, 0] > depth:
                break
            if kept[order[b]] and turned(z[i, 1], z[j, 1]) < width:
                kept[order[a]] = False
                break
            b -= 1
