"""From marginals to a decision: soft where plots are in doubt, hard where tracks are.

A track that doubts which of several plots is its own takes each with its probability (JIPDA:
Musicki & Evans, *Joint integrated probabilistic data association*, IEEE TAES 40(3), 2004). Where
two tracks doubt which of them owns a plot, blending would pull both to the middle and a convoy
would coalesce (Fitzgerald, *Track biases and coalescence with probabilistic data association*,
IEEE TAES 21(6), 1985); such tracks take the plot of the best joint event whole.
"""

from __future__ import annotations

import math
from typing import Any

from steppewatch.jit import kernel

CONTESTED = 0.2
"""A plot is contested when a track and the others together each claim it with at least this."""
SHARED = 0.05
"""The same for an update that is to be soft: a smaller claim already spoils it."""
FAINT = 0.02
"""Plots less probable than this are not worth an update; their weight goes to the others."""
SURE = 3.0
"""Log-odds of existence from which a track's update may be soft: what is hardly a track yet has
a velocity too uncertain for its weights to mean much."""
SELDOM = 0.75
"""Detection probability below which an update may be soft. Above it the best joint event is right
so often that blending costs more, in manoeuvres that the filter follows late, than it mends
(docs/association.md has the figures)."""
LEAST = 0.5
"""Weight that the plots of a hit track get at least: the prediction of what manoeuvres is worse
than its covariance says."""
ALONE, GNN, LBP = 0, 1, 2  # as in ``decision.Method``
NEAREST, DOUBTED, LONE = 0, 1, 2


@kernel
def blend(
    start: Any, plot: Any, gain: Any, chance: Any, score: Any, chosen: Any, known: Any,
    pair: Any, used: Any, claim: float, shared: float, faint: float, sure: float, seldom: float,
    least: float,
    out_track: Any, out_plot: Any, out_weight: Any, rows: Any, out_score: Any, method: Any,
    contested: Any,
) -> tuple[int, int]:  # fmt: skip
    """Write the decision of every track; return how many pairs and how many tracks.

    Shapes:
        start: ``(n + 1,)``; plot, gain: ``(k,)`` pairs sorted by track, and ln(likelihood/clutter).
        chance, score: ``(n,)`` detection probability and log-odds of existence.
        chosen: ``(n,)`` pair in the best joint event, −1 for none.
        known: ``(n,)`` NEAREST, DOUBTED (marginals are known) or LONE (one pair, nobody else's).
        pair: ``(k,)`` marginals; used: ``(p,)`` theirs, and out: what births must leave alone.
        claim, shared, faint, sure, seldom, least: See the constants.
        out_track, out_plot, out_weight: Out ``(k,)``; rows, out_score, method: out ``(n,)``.
        contested: Out ``(n,)``, false before.
    """
    pairs = tracks = 0
    for j in range(len(chosen)):
        first, last = start[j], start[j + 1]
        both = 0.0
        if known[j] == DOUBTED:
            for e in range(first, last):
                both = max(both, min(pair[e], used[plot[e]] - pair[e]))
        contested[j] = both > claim
        best = chosen[j]
        if best < 0:
            continue
        rows[tracks] = j
        out_score[tracks] = score[j] + math.log(chance[j]) + gain[best]
        total = kept = 0.0
        if known[j] == DOUBTED and both <= shared and score[j] > sure and chance[j] < seldom:
            # Weights given that the track exists; what it was before and a miss hardly differ.
            unseen = math.exp(score[j]) * (1.0 - chance[j])
            for e in range(first, last):
                total += pair[e]
                if pair[e] > faint:
                    kept += pair[e]
        if kept == 0.0:
            out_track[pairs], out_plot[pairs], out_weight[pairs] = j, plot[best], 1.0
            pairs += 1
            method[tracks] = ALONE if known[j] == LONE else GNN
            tracks += 1
            continue
        exists = total + (1.0 - total) * unseen / (1.0 + unseen)
        share = min(max(total / exists, least), 1.0)
        for e in range(first, last):
            if pair[e] > faint:
                out_track[pairs], out_plot[pairs] = j, plot[e]
                out_weight[pairs] = pair[e] / kept * share
                pairs += 1
        method[tracks] = LBP
        tracks += 1
    for j in range(len(chosen)):
        if chosen[j] >= 0:
            used[plot[chosen[j]]] = 1.0
    return pairs, tracks
