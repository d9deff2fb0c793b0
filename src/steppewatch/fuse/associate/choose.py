"""Choose how each cluster of tracks and plots is decided, and decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate.decision import Decision, Method
from steppewatch.fuse.associate.gnn import NEVER_CHOSEN, log_weight, match, starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.gate import Pairs

RAREST, SUREST = 0.02, 0.98


def decide(
    pairs: Pairs,
    score: NDArray[np.float64],
    clutter: NDArray[np.float64],
    detection: NDArray[np.float64],
    *,
    mode: str = "default",
) -> Decision:
    """Decide which plots belong to which tracks.

    Args:
        pairs: The k pairs that passed the gate, in any order.
        score: ``(n,)`` log-odds of existence of each track.
        clutter: ``(p,)`` ln of the false-alarm density at each plot.
        detection: ``(n,)`` probability that each track, if real, gives a plot in this look; held
            to 0.02…0.98, as no model of a sensor is surer than that.
        mode: ``"default"`` or ``"accurate"``.

    Returns:
        The decision; a hit track's new score is its old one + ln(pd) + ln-likelihood − clutter.
    """
    del mode
    chance = np.clip(detection, RAREST, SUREST)
    weight = log_weight(pairs, score, clutter, chance)
    track, plot, loglik = pairs.track, pairs.plot, pairs.loglik
    if np.any(track[1:] < track[:-1]):
        order = np.argsort(track, kind="stable")
        track, plot, loglik, weight = track[order], plot[order], loglik[order], weight[order]
    start = starts(track, len(score))
    chosen, greedy = match(start, plot, -weight, NEVER_CHOSEN, len(clutter))
    rows = np.flatnonzero(chosen >= 0)
    pair = chosen[rows]
    taken = plot[pair]
    used = np.zeros(len(clutter))
    used[taken] = 1.0
    return Decision(
        track=rows,
        plot=taken,
        weight=np.ones(len(rows)),
        rows=rows,
        score=score[rows] + np.log(chance[rows]) + loglik[pair] - clutter[taken],
        used=used,
        method=np.full(len(rows), Method.GNN, np.uint8),
        degraded=greedy,
    )
