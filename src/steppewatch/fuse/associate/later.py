"""Accurate mode: where tracks contest plots, keep several pasts open instead of deciding at once.

The confirmed tracks of clusters in which tracks contest plots, or whose past is still open, go to
the hypothesis forest (:mod:`steppewatch.fuse.associate.mht`); all others stay as they were decided.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate.choose import RAREST, SUREST
from steppewatch.fuse.associate.cluster import clusters
from steppewatch.fuse.associate.decision import Decision, Method
from steppewatch.fuse.associate.forest import STATE, Forest
from steppewatch.fuse.associate.gnn import starts
from steppewatch.fuse.associate.mht import Look, deliberate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from steppewatch.fuse.gate import Pairs
    from steppewatch.fuse.state import Columns

LARGEST = 24
"""Tracks in a cluster; a larger one (jamming, a swarm) stays as it was decided, and is counted."""
MOST = 2_000
"""Tracks in doubt in one batch; clusters beyond that stay as they were decided, and are counted."""


def reconsider(
    forest: Forest,
    tracks: Columns,
    decision: Decision,
    pairs: Pairs,
    look: Look,
    gate: Callable[[Columns], Pairs],
    update: Callable[[Columns, NDArray[np.int64], NDArray[np.int64]], None],
) -> tuple[Forest, Decision, NDArray[np.bool_]]:
    """Take the doubtful clusters out of a decision and let the forest decide them.

    Args:
        forest: What is open.
        tracks: Columns of the state, ids ascending; states of tracks in the forest are written.
        decision: On all tracks, by the quicker methods.
        pairs: What it was made from.
        look: What the batch offers; ``free`` is filled in here.
        gate: Gives the pairs of leaves and plots, from columns of leaves.
        update: Folds plots into rows of columns of leaves, in place.

    Returns:
        The new forest, the decision on all tracks, and which of its pairs ``(k,)`` still have to
        be folded in: the forest's are.
    """
    forest = still_true(forest, tracks)
    wanted, degraded = doubtful(forest, tracks, decision, pairs, len(look.clutter))
    forest = part_of(forest, np.isin(forest.owner, tracks["id"][wanted]))
    if not wanted.any():
        todo = np.ones(len(decision.track), bool)
        return forest, dataclasses.replace(decision, degraded=decision.degraded + degraded), todo
    left = ~wanted[decision.track]
    used = np.zeros(len(look.clutter))
    np.add.at(used, decision.plot[left], decision.weight[left])
    chance = np.clip(look.chance, RAREST, SUREST)
    look = dataclasses.replace(look, chance=chance, free=used < 0.5)
    forest, verdict = deliberate(forest, tracks, wanted, look, gate, update)
    for name in STATE:
        tracks[name][verdict.rows] = verdict.columns[name]
    hit = np.flatnonzero(verdict.plot >= 0)
    rows, plot = verdict.rows[hit], verdict.plot[hit]
    used[plot] = 1.0
    track = np.concatenate((decision.track[left], rows))
    order = np.argsort(track, kind="stable")
    stay = ~wanted[decision.rows]
    every = np.concatenate((decision.rows[stay], rows))
    rank = np.argsort(every)
    out = Decision(
        track=track[order],
        plot=np.concatenate((decision.plot[left], plot))[order],
        weight=np.concatenate((decision.weight[left], np.ones(len(hit))))[order],
        rows=every[rank],
        score=np.concatenate((decision.score[stay], look.score[rows] + verdict.gain[hit]))[rank],
        used=np.minimum(used, 1.0),
        method=np.concatenate((decision.method[stay], np.full(len(hit), Method.MHT, np.uint8)))[
            rank
        ],
        contested=decision.contested,
        degraded=decision.degraded + degraded,
    )
    return forest, out, order < int(left.sum())


def still_true(forest: Forest, tracks: Columns) -> Forest:
    """Leave out the leaves of tracks that ended, or that something else has moved meanwhile."""
    if len(forest) == 0:
        return forest
    row = np.minimum(np.searchsorted(tracks["id"], forest.owner), len(tracks["id"]) - 1)
    same = (tracks["id"][row] == forest.owner) & (tracks["time_ns"][row] == forest.time_ns)
    same &= np.all(tracks["mean"][row] == forest.mean, axis=(1, 2))
    return part_of(forest, np.isin(forest.owner, forest.owner[same]))


def part_of(forest: Forest, keep: NDArray[np.bool_]) -> Forest:
    """Give some of the leaves ``(h,)``."""
    if keep.all():
        return forest
    parts = {
        f.name: getattr(forest, f.name)[keep]
        for f in dataclasses.fields(Forest)
        if f.name != "next_serial"
    }
    return dataclasses.replace(forest, **parts)


def doubtful(
    forest: Forest, tracks: Columns, decision: Decision, pairs: Pairs, plots: int
) -> tuple[NDArray[np.bool_], int]:
    """Say which tracks ``(n,)`` the forest is to decide, and how many are too many for it."""
    n = len(tracks["id"])
    wanted = np.isin(tracks["id"], forest.owner) | decision.contested
    order = np.argsort(pairs.track, kind="stable")
    found = clusters(starts(pairs.track[order], n), pairs.plot[order], plots)
    label = np.repeat(np.arange(len(found.plots)), found.tracks)
    called = np.bincount(label, wanted[found.rows], len(found.plots)) > 0
    small = found.tracks <= LARGEST
    room = np.cumsum(np.where(called & small, found.tracks, 0)) <= MOST
    taken = called & small & room
    inside = np.zeros(n, bool)
    inside[found.rows] = True
    out = wanted & ~inside
    out[found.rows] = np.repeat(taken, found.tracks)
    # What is tentative yet would, with a past to choose, take up what the sure ones leave behind.
    out &= tracks["confirmed"]
    return out, int(found.tracks[called & ~taken].sum())
