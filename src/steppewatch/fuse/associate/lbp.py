"""How probable each pair is: marginal association probabilities by loopy belief propagation.

Tracks and plots send each other messages along the gated pairs until they agree (Williams & Lau,
*Approximate evaluation of marginal association probabilities with belief propagation*, IEEE TAES
50(4), 2014). A track may be missed or not exist, a plot may be clutter. On clusters
without cycles the answer is exact; elsewhere it is near (the tests say how near). Existence
follows as in the track-oriented marginal multi-Bernoulli/Poisson filter (Williams, *Marginal
multi-Bernoulli filters*, IEEE TAES 51(3), 2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.associate.cluster import Clusters

CLOSE = 1e-3
ROUNDS = 200
HEAVIEST = 300.0  # ln of a weight; above, products of messages leave the range of a double


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginals:
    """Hold the marginals of k pairs, n tracks and p plots; what was not asked for is 0.

    Attributes:
        pair: ``(k,)`` probability that the track exists and made the plot.
        odds: ``(n,)`` probability that the track made one of the plots, over that it made none.
        used: ``(p,)`` probability that one of the tracks made the plot.
        residual: ``(c,)`` greatest change of a log-message in the last round, by cluster.
        rounds: ``(c,)`` how many rounds were needed.
    """

    pair: NDArray[np.float64]
    odds: NDArray[np.float64]
    used: NDArray[np.float64]
    residual: NDArray[np.float64]
    rounds: NDArray[np.int64]


def marginals(
    found: Clusters,
    start: NDArray[np.int64],
    plot: NDArray[np.int64],
    log_weight: NDArray[np.float64],
    plots: int,
    *,
    close: float = CLOSE,
    rounds: int = ROUNDS,
) -> Marginals:
    """Propagate beliefs in some clusters.

    Args:
        found: The clusters that are wanted.
        start: ``(n + 1,)`` first pair of each track, the pairs being sorted by track.
        plot: ``(k,)`` plot of each pair.
        log_weight: ``(k,)`` ln of each pair's weight against "missed, and clutter".
        plots: Number of plots.
        close: A cluster is done when no log-message changed by more than this in a round.
        rounds: Most rounds; the work of one is in proportion to the cluster's pairs.
    """
    k, c = len(plot), len(found.plots)
    weight = np.exp(np.clip(log_weight, -HEAVIEST, HEAVIEST))
    out = Marginals(
        pair=np.zeros(k), odds=np.zeros(len(start) - 1), used=np.zeros(plots),
        residual=np.zeros(c), rounds=np.zeros(c, np.int64),
    )  # fmt: skip
    propagate(
        found.rows, found.first, start, plot, weight, close, rounds,
        np.zeros(k), np.ones(k), np.zeros((2, plots)), np.zeros(plots, np.int64),
        out.pair, out.odds, out.used, out.residual, out.rounds,
    )  # fmt: skip
    return out


def distance_to_fixed_point(residual: float, track_weight: float, plot_weight: float) -> float:
    """Bound how far the log-messages are from where they would end up.

    One round maps messages that differ by factors of at most e^d to such of at most e^F(d), where
    F(d) = f(f(d)) and f(d) = ln((1 + W·e^d) / (1 + W)): a contraction, as every slope is below 1.
    Hence the distance D obeys D ≤ F(D + residual), whose root is found from below (the argument is
    that of Williams & Lau 2014). A marginal is then off by at most D/2.

    Args:
        residual: Greatest change of a log-message in the last round.
        track_weight: Greatest sum of the weights of one track.
        plot_weight: Greatest sum of the weights of one plot.

    Returns:
        The bound, ``inf`` if the residual is too large to say.
    """
    room = -sum(math.log(w / (1.0 + w)) for w in (track_weight, plot_weight))
    if residual >= room:
        return math.inf
    distance = 0.0
    for _ in range(100_000):
        grown = distance + residual
        for w in (track_weight, plot_weight):
            grown = math.log1p(w * math.exp(grown)) - math.log1p(w)
        if grown - distance < 1e-12:
            break
        distance = grown
    return grown


@kernel
def propagate(
    rows: Any, first: Any, start: Any, plot: Any, weight: Any, close: float, most: int,
    to_plot: Any, to_track: Any, total: Any, largest: Any,
    pair: Any, odds: Any, used: Any, residual: Any, rounds: Any,
) -> None:  # fmt: skip
    """Run every cluster's messages to agreement and write its marginals.

    Sums over "all but one" leave out the largest term apart, as subtracting it from the sum
    would cancel all digits when one weight dwarfs the rest.

    Shapes:
        rows, first: As in ``Clusters``; start, plot, weight: as in :func:`marginals`.
        to_plot: ``(k,)`` zeros; to_track: ``(k,)`` ones; total: ``(2, p)`` zeros: largest message
            to each plot and the sum of the others; largest: ``(p,)`` scratch.
        pair, odds, used, residual, rounds: Out, as in ``Marginals``.
    """
    peak, rest = total[0], total[1]
    for c in range(len(first) - 1):
        for turn in range(most):
            for m in range(first[c], first[c + 1]):
                j = rows[m]
                top, other, best = 0.0, 0.0, -1
                for e in range(start[j], start[j + 1]):
                    term = weight[e] * to_track[e]
                    if term > top:
                        other += top
                        top, best = term, e
                    else:
                        other += term
                for e in range(start[j], start[j + 1]):
                    out = 1.0 + other
                    if e != best:
                        out += top - weight[e] * to_track[e]
                    to_plot[e] = weight[e] / out
                    i = plot[e]
                    if to_plot[e] > peak[i]:
                        rest[i] += peak[i]
                        peak[i], largest[i] = to_plot[e], e
                    else:
                        rest[i] += to_plot[e]
            worst = 0.0
            for m in range(first[c], first[c + 1]):
                for e in range(start[rows[m]], start[rows[m] + 1]):
                    i = plot[e]
                    out = 1.0 + rest[i]
                    if e != largest[i]:
                        out += peak[i] - to_plot[e]
                    worst = max(worst, abs(np.log(to_track[e] * out)))
                    to_track[e] = 1.0 / out
            done = worst < close or turn == most - 1
            for m in range(first[c], first[c + 1]):
                for e in range(start[rows[m]], start[rows[m] + 1]):
                    i = plot[e]
                    if done and peak[i] > 0.0:
                        used[i] = (peak[i] + rest[i]) / (1.0 + peak[i] + rest[i])
                    peak[i] = rest[i] = 0.0
            if done:
                residual[c], rounds[c] = worst, turn + 1
                break
        for m in range(first[c], first[c + 1]):
            j = rows[m]
            total_odds = 0.0
            for e in range(start[j], start[j + 1]):
                total_odds += weight[e] * to_track[e]
            odds[j] = total_odds
            for e in range(start[j], start[j + 1]):
                pair[e] = weight[e] * to_track[e] / (1.0 + total_odds)
