"""Who made which plot: global nearest neighbour over everything that passed the gate.

The cost of a pair is the negative log-odds that the plot comes from this track rather than from
clutter and the track was missed (Blackman & Popoli 1999, §6.4; the ln|S| term is inside). Pairs
that compete with nobody are settled at once; the rest is one sparse linear assignment problem
(LAPJVsp of Jonker & Volgenant, as in SciPy), in which every track may also stay without a plot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.gate import Pairs


NEVER_CHOSEN = 30.0


def pair_cost(
    pairs: Pairs,
    score: NDArray[np.float64],
    clutter: NDArray[np.float64],
    detection: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Give the cost of each pair, relative to "the track was missed and the plot is clutter".

    Args:
        pairs: What passed the gate.
        score: ``(n,)`` log-odds of existence of each track.
        clutter: ``(p,)`` ln of the false-alarm density at each plot.
        detection: ``(n,)`` probability of detection of each track, or one for all.
    """
    seen_if_real = np.broadcast_to(detection, score.shape)[pairs.track]
    seen = seen_if_real / (1.0 + np.exp(-score[pairs.track]))
    seen = np.log(seen) - np.log1p(-seen)
    out: NDArray[np.float64] = -(pairs.loglik - clutter[pairs.plot] + seen)
    return out


def assign(
    track: NDArray[np.int64], plot: NDArray[np.int64], cost: NDArray[np.float64], unmatched: float
) -> NDArray[np.intp]:
    """Choose the pairs of least total cost; a track left without a plot costs ``unmatched``.

    Args:
        track: ``(k,)`` track of each pair.
        plot: ``(k,)`` plot of each pair.
        cost: ``(k,)`` cost of each pair.
        unmatched: Pairs dearer than this are never chosen.

    Returns:
        Numbers of the chosen pairs, in ascending order.

    >>> assign(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1.0, 2.0, 1.0]), 9.0)
    array([1, 2])
    """
    able = np.flatnonzero(cost < unmatched)
    if len(able) == 0:
        return able
    rivals_t = np.bincount(track[able])[track[able]]
    rivals_p = np.bincount(plot[able])[plot[able]]
    alone = (rivals_t == 1) & (rivals_p == 1)
    contested = able[~alone]
    if len(contested) == 0:
        return able
    rows, row = np.unique(track[contested], return_inverse=True)
    columns, column = np.unique(plot[contested], return_inverse=True)
    k = len(rows)
    # LAPJVsp reads a zero as "no edge": lift all costs, alike for every row, above zero.
    lift = 1.0 - min(float(cost[contested].min()), unmatched)
    weight = np.concatenate((cost[contested], np.full(k, unmatched))) + lift
    graph = csr_array(
        (
            weight,
            (
                np.concatenate((row, np.arange(k))),
                np.concatenate((column, len(columns) + np.arange(k))),
            ),
        ),
        shape=(k, len(columns) + k),
    )
    chosen_row, chosen_column = min_weight_full_bipartite_matching(graph)
    match = np.full(k, -1)
    match[chosen_row] = chosen_column
    return np.sort(np.concatenate((able[alone], contested[match[row] == column])))
