"""Choose how each cluster of tracks and plots is decided, and decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.associate.blend import (
    CONTESTED,
    DOUBTED,
    FAINT,
    LEAST,
    LONE,
    SELDOM,
    SHARED,
    SURE,
    blend,
)
from steppewatch.fuse.associate.cluster import Clusters, clusters
from steppewatch.fuse.associate.decision import Decision
from steppewatch.fuse.associate.gnn import NEVER_CHOSEN, match
from steppewatch.fuse.associate.lbp import marginals
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.gate import Pairs

RAREST, SUREST = 0.02, 0.98
LARGEST = 2_000
"""Pairs in one cluster whose marginals are worth their time; above it, nearest neighbours do."""
MOST = 100_000
"""Pairs in all ambiguous clusters of one batch; clusters beyond are decided by nearest ones."""


def decide(
    pairs: Pairs,
    score: NDArray[np.float64],
    clutter: NDArray[np.float64],
    detection: NDArray[np.float64],
    *,
    mode: str = "default",
) -> Decision:
    """Decide which plots belong to which tracks.

    The best joint event (:mod:`~steppewatch.fuse.associate.gnn`) says who was hit. In accurate mode
    the marginals of the pairs in ambiguous clusters (:mod:`~steppewatch.fuse.associate.lbp`) say
    how sure it is: :func:`~steppewatch.fuse.associate.blend.blend` makes the update soft where that
    helps, and contested clusters go on to :mod:`~steppewatch.fuse.associate.later`.

    Args:
        pairs: The k pairs that passed the gate, in any order.
        score: ``(n,)`` log-odds of existence of each track.
        clutter: ``(p,)`` ln of the false-alarm density at each plot.
        detection: ``(n,)`` probability that each track, if real, gives a plot in this look; held
            to 0.02…0.98, as no model of a sensor is surer than that.
        mode: ``"default"`` or ``"accurate"``.

    Returns:
        The decision; a hit track's new score is its old one + ln(pd) + ln-likelihood − clutter of
        its plot in the best joint event.
    """
    track, plot, loglik = pairs.track, pairs.plot, pairs.loglik
    if len(track) and np.any(track[1:] < track[:-1]):
        order = np.argsort(track, kind="stable")
        track, plot, loglik = track[order], plot[order], loglik[order]
    n, p, k = len(score), len(clutter), len(track)
    chance, weight, start = np.empty(n), np.empty(k), np.zeros(n + 1, np.int64)
    known, contested = np.empty(n, np.uint8), np.zeros(n, bool)
    weigh_pairs(
        track, plot, loglik, score, clutter, detection, RAREST, SUREST, LONE,
        np.zeros(p, np.int64), chance, weight, start, known,
    )  # fmt: skip
    chosen, greedy = match(start, plot, -weight, NEVER_CHOSEN, p)
    pair, used, degraded = np.zeros(k), np.zeros(p), greedy
    if mode == "accurate":
        every = clusters(start, plot, p)
        crowded = every.part(every.pairs > 1)
        part = crowded.part(affordable(crowded))
        degraded = max(greedy, len(crowded.rows) - len(part.rows))
        known[part.rows] = DOUBTED
        found = marginals(part, start, plot, weight, p)
        pair, used = found.pair, found.used
    room = np.empty((2, k), np.int64), np.empty(k)
    rows, gain, method = np.empty(n, np.int64), np.empty(n), np.empty(n, np.uint8)
    count, hits = blend(
        start, plot, loglik - clutter[plot], chance, score, chosen, known, pair, used,
        CONTESTED, SHARED, FAINT, SURE, SELDOM, LEAST, room[0][0], room[0][1], room[1], rows, gain,
        method, contested,
    )  # fmt: skip
    return Decision(
        track=room[0][0, :count],
        plot=room[0][1, :count],
        weight=room[1][:count],
        rows=rows[:hits],
        score=gain[:hits],
        used=used,
        method=method[:hits],
        contested=contested,
        degraded=degraded,
    )


@kernel
def weigh_pairs(
    track: Any, plot: Any, loglik: Any, score: Any, clutter: Any, detection: Any, rarest: float,
    surest: float, lone: int, shared: Any, chance: Any, weight: Any, start: Any, known: Any,
) -> None:  # fmt: skip
    """Weigh the pairs as ``gnn.log_weight`` does, count them by track, and mark the lone ones.

    Shapes:
        track, plot, loglik: ``(k,)`` the pairs, sorted by track.
        score, detection: ``(n,)``; clutter: ``(p,)``.
        rarest, surest: Limits of the probability of detection.
        lone: What is written for a track whose only plot is no other's, 0 for the others.
        shared: ``(p,)`` scratch, zero.
        chance: Out ``(n,)``, detection within its limits.
        weight: Out ``(k,)``; start: out ``(n + 1,)``, zero at first, first pair of each track.
        known: Out ``(n,)``.
    """
    for j in range(len(score)):
        chance[j] = min(max(detection[j], rarest), surest)
        known[j] = 0
    before, seen = -1, 0.0
    for e in range(len(track)):
        j = track[e]
        if j != before:
            before = j
            seen = np.log(chance[j]) - np.log((1.0 - chance[j]) + np.exp(-score[j]))
        weight[e] = loglik[e] - clutter[plot[e]] + seen
        start[j + 1] += 1
        shared[plot[e]] += 1
    for j in range(len(score)):
        start[j + 1] += start[j]
        if start[j + 1] - start[j] == 1 and shared[plot[start[j]]] == 1:
            known[j] = lone


def affordable(found: Clusters) -> NDArray[np.bool_]:
    """Say which clusters ``(c,)`` the work budget has room for."""
    small = found.pairs <= LARGEST
    return np.asarray(small & (np.cumsum(np.where(small, found.pairs, 0)) <= MOST))
