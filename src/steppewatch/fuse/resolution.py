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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.associate import Decision
    from steppewatch.fuse.gate import Pairs
    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

BESIDE = 1.5  # cells; echoes of one target lie no further from one another
HIDES = 0.5  # cells (σ); where in a merged plot a target is
GONE = 0.25  # of a miss; what sharing a plot costs the track that it was not assigned to
NS = 1e-9


def cell_of(sensor: Sensor) -> tuple[float, float]:
    """Give a sensor's resolution in range [m] and azimuth [rad]; NaN for both where unknown."""
    cell = (sensor.range_cell, sensor.azimuth_cell)
    return cell if all(math.isfinite(c) and c > 0.0 for c in cell) else (math.nan, math.nan)


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
    owner = np.full(len(plots.z), -1)
    owner[decision.plot] = decision.track
    hit = np.zeros(len(tracks["id"]), bool)
    hit[decision.rows] = True
    open_ = ~hit[pairs.track] & (owner[pairs.plot] >= 0) & tracks["confirmed"][pairs.track]
    some = np.flatnonzero(open_)
    if len(some) == 0:
        return plots, decision
    mine, theirs = pairs.track[some], owner[pairs.plot[some]]
    when_ns = plots.time_ns[pairs.plot[some]]
    one, other = (_predicted(tracks, rows, when_ns) - plots.frame.origin for rows in (mine, theirs))
    reach = np.linalg.norm(one, axis=1)
    off = one - other
    along = np.einsum("ka,ka->k", off, one) / reach
    across = np.sqrt(np.maximum(np.einsum("ka,ka->k", off, off) - along * along, 0.0)) / reach
    unresolved = (np.abs(along) < depth) & (across < width) & tracks["confirmed"][theirs]
    some, mine = some[unresolved], mine[unresolved]
    # Of several such plots the likeliest.
    order = np.lexsort((-pairs.loglik[some], mine))
    first = np.ones(len(order), bool)
    first[1:] = mine[order[1:]] != mine[order[:-1]]
    mine, taken = mine[order[first]], pairs.plot[some[order[first]]]
    if len(mine) == 0:
        return plots, decision
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


def _predicted(
    tracks: Columns, rows: NDArray[np.int64], when_ns: NDArray[np.int64]
) -> NDArray[np.float64]:
    mean = np.einsum("nm,nma->na", tracks["prob"][rows], tracks["mean"][rows])
    dt = (when_ns - tracks["time_ns"][rows]) * NS
    return np.asarray(mean[:, :3] + dt[:, None] * mean[:, 3:])


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
    own, free = np.flatnonzero(taken), np.flatnonzero(~taken)
    own = own[np.argsort(plots.z[own, 0], kind="stable")]
    reach = plots.z[own, 0]
    first = np.searchsorted(reach, plots.z[free, 0] - BESIDE * depth, side="left")
    last = np.searchsorted(reach, plots.z[free, 0] + BESIDE * depth, side="right")
    for i, a, b in zip(free.tolist(), first.tolist(), last.tolist(), strict=True):
        turned = plots.z[own[a:b], 1] - plots.z[i, 1]
        off = np.abs(turned - 2.0 * np.pi * np.round(turned / (2.0 * np.pi)))
        out[i] = bool(np.any(off < BESIDE * width))
    return out


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
    order = rows[np.argsort(plots.z[rows, 0], kind="stable")]
    kept: list[int] = []
    for i in order.tolist():
        for j in reversed(kept):
            if plots.z[i, 0] - plots.z[j, 0] > BESIDE * depth:
                kept.append(i)
                break
            off = plots.z[i, 1] - plots.z[j, 1]
            if abs(off - 2.0 * math.pi * round(off / (2.0 * math.pi))) < BESIDE * width:
                break
        else:
            kept.append(i)
    return rows[np.isin(rows, kept)]
