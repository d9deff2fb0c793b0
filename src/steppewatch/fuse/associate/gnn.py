"""Global nearest neighbour: the one set of pairs that explains everything at the least cost.

The cost of a pair is the negative log-odds that the plot comes from this track rather than from
clutter and the track was missed (Blackman & Popoli 1999, §6.4; the ln|S| term is inside). The
assignment is solved exactly by shortest augmenting paths on the sparse graph of gated pairs
(Jonker & Volgenant 1987, without their dense initialisation): a search never leaves the cluster
that its track stands in, so the work is that of many small problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.gate import Pairs

NEVER_CHOSEN = 30.0
WORK_PER_PAIR = 200
"""Steps of search per pair before the rest is matched greedily; clusters that real traffic makes
take fewer than ten (docs/association.md)."""


def log_weight(
    pairs: Pairs,
    score: NDArray[np.float64],
    clutter: NDArray[np.float64],
    detection: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give ln of each pair's weight against "the track was missed and the plot is clutter".

    With existence r = σ(score), detection pd, likelihood l and clutter density λ the weight is
    r·pd·l / (λ·(1 − r·pd)).

    Args:
        pairs: What passed the gate.
        score: ``(n,)`` log-odds of existence of each track.
        clutter: ``(p,)`` ln of the false-alarm density at each plot.
        detection: ``(n,)`` probability of detection of each track, inside (0, 1).
    """
    seen = np.log(detection) - np.log((1.0 - detection) + np.exp(-score))
    out: NDArray[np.float64] = pairs.loglik - clutter[pairs.plot] + seen[pairs.track]
    return out


def pair_cost(
    pairs: Pairs,
    score: NDArray[np.float64],
    clutter: NDArray[np.float64],
    detection: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Give the cost of each pair: minus :func:`log_weight`, with one detection for all allowed."""
    return -log_weight(pairs, score, clutter, np.broadcast_to(detection, score.shape))


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
    if len(track) == 0:
        return np.zeros(0, np.intp)
    order = np.argsort(track, kind="stable")
    start = starts(track[order], int(track[order[-1]]) + 1)
    chosen, _ = match(start, plot[order], cost[order], unmatched, int(plot.max()) + 1)
    return np.sort(order[chosen[chosen >= 0]])


def starts(track: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Give where the pairs of each of n tracks begin ``(n + 1,)``, ``track`` being ascending."""
    out = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(track, minlength=n), out=out[1:])
    return out


def match(
    start: NDArray[np.int64],
    plot: NDArray[np.int64],
    cost: NDArray[np.float64],
    unmatched: float,
    plots: int,
) -> tuple[NDArray[np.int64], int]:
    """Solve the assignment of pairs that are sorted by track.

    Args:
        start: ``(n + 1,)`` from :func:`starts`.
        plot: ``(k,)`` plot of each pair.
        cost: ``(k,)`` cost of each pair.
        unmatched: What a track without a plot costs.
        plots: Number of plots.

    Returns:
        ``(n,)`` chosen pair of each track, −1 for none, and how many tracks were matched greedily
        because the work budget ran out (0: the answer is optimal).
    """
    chosen = np.full(len(start) - 1, -1)
    greedy = shortest_paths(
        start, plot, cost, unmatched, WORK_PER_PAIR * len(plot) + 10_000,
        chosen, np.full(plots, -1), np.full(plots, np.inf), np.zeros(plots),
        np.empty((4, plots), np.int64),
    )  # fmt: skip
    return chosen, greedy


@kernel
def shortest_paths(
    start: Any, plot: Any, cost: Any, unmatched: float, budget: int,
    chosen: Any, owner: Any, dist: Any, price: Any, scratch: Any,
) -> int:  # fmt: skip
    """Augment track after track along its cheapest alternating path; return the greedy ones.

    Shapes:
        start: ``(n + 1,)``; plot, cost: ``(k,)`` as in :func:`match`.
        budget: Steps of search after which what is left is matched greedily.
        chosen: Out ``(n,)`` pair of each track, all −1 at first.
        owner: ``(p,)`` track of each plot, all −1; dist: ``(p,)`` all inf; price: ``(p,)`` all 0.
        scratch: ``(4, p)`` touched plots, pair and track they were reached by, scanned or not.
    """
    touched, by_pair, by_track, scanned = scratch[0], scratch[1], scratch[2], scratch[3]
    greedy = 0
    for first in range(len(chosen)):
        best, least = -1, unmatched
        for e in range(start[first], start[first + 1]):
            reduced = cost[e] - price[plot[e]]
            if reduced < least and (budget > 0 or owner[plot[e]] < 0):
                best, least = e, reduced
        if best < 0:
            continue
        if owner[plot[best]] < 0:  # nobody in the way
            chosen[first] = best
            owner[plot[best]] = first
            greedy += budget <= 0
            continue
        row, base, count = first, 0.0, 0
        end, end_cost, column = first, unmatched, -1
        while True:
            if base + unmatched < end_cost:
                end, end_cost = row, base + unmatched
            for e in range(start[row], start[row + 1]):
                i = plot[e]
                reach = base + cost[e] - price[i]
                if not reach < dist[i]:
                    continue
                if dist[i] == np.inf:
                    touched[count] = i
                    scanned[i] = 0
                    count += 1
                elif scanned[i] == 1:  # rounding must not reopen what is settled
                    continue
                dist[i] = reach
                by_pair[i], by_track[i] = e, row
            column, least = -1, end_cost
            for t in range(count):
                i = touched[t]
                if scanned[i] == 0 and dist[i] < least:
                    column, least = i, dist[i]
            budget -= count + start[row + 1] - start[row]
            if column < 0 or owner[column] < 0:
                break
            scanned[column] = 1
            row = owner[column]
            base = least - (cost[chosen[row]] - price[column])
        for t in range(count):
            i = touched[t]
            if scanned[i] == 1:
                price[i] += dist[i] - least
            dist[i] = np.inf
        if column < 0:  # the cheapest way is that track ``end`` goes without
            if end == first:
                continue
            column = plot[chosen[end]]
            chosen[end] = -1
        while True:
            row = by_track[column]
            before = chosen[row]
            chosen[row] = by_pair[column]
            owner[column] = row
            if row == first:
                break
            column = plot[before]
    return greedy
