"""Decide later: track-oriented multiple hypotheses for the tracks that are in doubt.

Each doubtful track keeps up to three leaves (Blackman, *Multiple hypothesis tracking for multiple
target tracking*, IEEE AES Magazine 19(1), 2004). A look branches every leaf into "missed" and one
child for each gated plot; the best set of leaves, one for each track and no plot used twice, is
found by branch and bound in each cluster of tracks that share plots; what contradicts it N scans
ago is cut off. Scores are relative: existence stays with the track, and a missed look changes it
alike for all its leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate.forest import DEPTH, STATE, Forest, Leaves, leaves_of
from steppewatch.fuse.associate.gnn import log_weight
from steppewatch.fuse.associate.hypothesis import best_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from steppewatch.fuse.gate import Pairs
    from steppewatch.fuse.state import Columns

LEAVES = 3
FOUND = 30.0
"""What a leaf gains by having a plot at all, beside its weight: as in :mod:`gnn`, a plot in the
gate is taken unless somebody else has it. Targets in a turn stand where their weight is small."""
WORST = FOUND + 8.0
SCANS = 3
CHILDREN = 24
"""Children of one track among which a look chooses; those that missed come on top, as whoever
loses every plot to others must be able to have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Say what a sensor's batch offers to the doubtful tracks.

    Attributes:
        score: ``(n,)`` log-odds of existence of all tracks.
        chance: ``(n,)`` probability of detection of each.
        clutter: ``(p,)`` ln of the false-alarm density at each plot.
        when_ns: ``(p,)`` time of each plot.
        period_ns: The sensor's scan period.
        free: ``(p,)`` bool, plots that no track outside the forest has taken; None: all.
    """

    score: NDArray[np.float64]
    chance: NDArray[np.float64]
    clutter: NDArray[np.float64]
    when_ns: NDArray[np.int64]
    period_ns: int
    free: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Say what the forest holds for true at the moment, for each of its q tracks.

    Attributes:
        rows: ``(q,)`` rows of the tracks, ascending.
        plot: ``(q,)`` plot of this look, −1 for none.
        gain: ``(q,)`` ln(pd) + ln-likelihood − clutter of that plot, 0 for none.
        columns: State of each track's chosen leaf.
    """

    rows: NDArray[np.int64]
    plot: NDArray[np.int64]
    gain: NDArray[np.float64]
    columns: Columns


def deliberate(
    forest: Forest,
    tracks: Columns,
    wanted: NDArray[np.bool_],
    look: Look,
    gate: Callable[[Columns], Pairs],
    update: Callable[[Columns, NDArray[np.int64], NDArray[np.int64]], None],
) -> tuple[Forest, Verdict]:
    """Branch, choose and prune.

    Args:
        forest: What was open until now.
        tracks: Columns of the state, ids ascending.
        wanted: ``(n,)`` tracks in doubt; those of the forest stay in it anyway.
        look: What the batch offers.
        gate: Gives the pairs of leaves and plots, from columns of leaves.
        update: Folds plots into rows of columns of leaves, in place.

    Returns:
        The new forest, without the tracks whose past is settled, and the verdict on all others.
    """
    leaves = leaves_of(forest, tracks, wanted)
    parent, plot, score, gain = branch(leaves, gate(leaves.columns), look)
    parent, plot, score, gain, serial, when_ns = thin(
        leaves, parent, plot, score, gain, forest.next_serial, look
    )
    row = leaves.row[parent]
    rows, first = np.unique(row, return_index=True)
    bounds = np.append(first, len(row))
    best = best_set(bounds, score, serial)
    cut_ns = int(look.when_ns.max()) - SCANS * look.period_ns
    chosen = np.repeat(best, np.diff(bounds))
    stay = agrees(serial, when_ns, chosen, cut_ns) & near(score, chosen, bounds)
    stay, kept = settle(serial, chosen, stay, bounds)
    columns = {name: column[parent] for name, column in leaves.columns.items()}
    hit = np.flatnonzero((plot >= 0) & stay)
    update(columns, hit, plot[hit])
    verdict = Verdict(
        rows=rows,
        plot=plot[best],
        gain=gain[best],
        columns={name: columns[name][best] for name in STATE},
    )
    relative = score - score[chosen]
    grown = Forest(
        owner=tracks["id"][row[kept]],
        score=relative[kept],
        serial=serial[kept],
        when_ns=when_ns[kept],
        next_serial=forest.next_serial + len(look.clutter),
        **{name: columns[name][kept] for name in STATE},
    )
    return grown, verdict


def branch(
    leaves: Leaves, pairs: Pairs, look: Look
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give parent leaf, plot (−1: missed), score and gain of every child, track by track."""
    if look.free is not None:
        free = look.free[pairs.plot]
        pairs = replace(
            pairs,
            track=pairs.track[free],
            plot=pairs.plot[free],
            loglik=pairs.loglik[free],
            distance=pairs.distance[free],
        )
    existence, chance = look.score[leaves.row], look.chance[leaves.row]
    weight = log_weight(pairs, existence, look.clutter, chance)
    worth = np.log(chance[pairs.track]) + pairs.loglik - look.clutter[pairs.plot]
    h = len(leaves.row)
    parent = np.concatenate((np.arange(h), pairs.track))
    plot = np.concatenate((np.full(h, -1), pairs.plot))
    score = leaves.score[parent]
    score[h:] += weight + FOUND
    gain = np.concatenate((np.zeros(h), worth))
    order = np.lexsort((plot, -score, leaves.row[parent]))
    return parent[order], plot[order], score[order], gain[order]


def thin(
    leaves: Leaves,
    parent: NDArray[np.int64],
    plot: NDArray[np.int64],
    score: NDArray[np.float64],
    gain: NDArray[np.float64],
    next_serial: int,
    look: Look,
) -> tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int64],
    NDArray[np.int64],
]:
    """Keep enough children of each track to choose from, and write down the plots of each."""
    row = leaves.row[parent]
    _, first, count = np.unique(row, return_index=True, return_counts=True)
    rank = np.arange(len(row)) - np.repeat(first, count)
    keep = (rank < CHILDREN) | (plot < 0)
    parent, plot, score, gain = parent[keep], plot[keep], score[keep], gain[keep]
    serial, when_ns = leaves.serial[parent], leaves.when_ns[parent]
    hit = np.flatnonzero(plot >= 0)
    serial[hit, 1:], when_ns[hit, 1:] = serial[hit, : DEPTH - 1], when_ns[hit, : DEPTH - 1]
    serial[hit, 0], when_ns[hit, 0] = next_serial + plot[hit], look.when_ns[plot[hit]]
    return parent, plot, score, gain, serial, when_ns


def settle(
    serial: NDArray[np.int64],
    chosen: NDArray[np.int64],
    stay: NDArray[np.bool_],
    bounds: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Cut off what claims a plot of a track whose past is settled, until nothing more is.

    Returns:
        Leaves ``(h,)`` that stay, and the numbers of those whose tracks are still in doubt.
    """
    size = np.diff(bounds)
    best = chosen[bounds[:-1]]
    while True:
        left = np.add.reduceat(stay, bounds[:-1])
        claims = serial[best[left == 1]]
        taken = np.isin(serial, claims[claims >= 0]).any(axis=1)
        cut = stay & taken & (np.arange(len(serial)) != chosen)
        if not cut.any():
            return stay, np.flatnonzero(stay & np.repeat(left > 1, size))
        stay = stay & ~cut


def near(
    score: NDArray[np.float64], chosen: NDArray[np.int64], bounds: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which leaves ``(h,)``, best first in each track, are good enough to be kept open.

    Those are the chosen one and a few others that are not much worse than it.
    """
    leaf = np.arange(len(score))
    rank = leaf - np.repeat(bounds[:-1], np.diff(bounds))
    rank += rank < chosen - np.repeat(bounds[:-1], np.diff(bounds))
    return np.asarray((leaf == chosen) | ((rank < LEAVES) & (score > score[chosen] - WORST)))


def agrees(
    serial: NDArray[np.int64],
    when_ns: NDArray[np.int64],
    best: NDArray[np.int64],
    cut_ns: int,
) -> NDArray[np.bool_]:
    """Say which leaves had the same latest plot at the time of the cut as their track's best."""
    old = np.where(when_ns <= cut_ns, serial, -1)
    latest = old.max(axis=1)
    return np.asarray(latest == latest[best])
