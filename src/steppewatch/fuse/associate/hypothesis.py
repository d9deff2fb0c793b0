"""The best global hypothesis: one leaf for each track, and no plot claimed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.associate.cluster import clusters
from steppewatch.fuse.associate.gnn import starts
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASH = 30.0
NODES = 5_000
"""Nodes of the search for each cluster; the best set found so far is the answer when they end."""


def best_set(
    bounds: NDArray[np.int64], score: NDArray[np.float64], serial: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Choose one leaf for each track so that the sum of scores is greatest.

    A plot claimed by two chosen leaves costs 30, so that there is always an answer.

    Args:
        bounds: ``(q + 1,)`` where each track's leaves begin; the best stands first.
        score: ``(h,)`` score of each leaf, descending inside a track.
        serial: ``(h, d)`` plots that each leaf claims, −1 for none.

    Returns:
        ``(q,)`` the chosen leaf of each track.

    >>> best_set(np.array([0, 2, 4]), np.array([0.0, -1.0, 0.0, -3.0]),
    ...          np.array([[7], [8], [7], [-1]]))
    array([1, 2])
    """
    claims = serial >= 0
    name = np.full(serial.shape, -1)
    values, name[claims] = np.unique(serial[claims], return_inverse=True)
    track = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    owner = np.repeat(track, claims.sum(axis=1))
    found = clusters(starts(owner, len(bounds) - 1), name[claims], len(values))
    chosen = np.array(bounds[:-1])
    q = len(chosen)
    branch_and_bound(
        found.rows, found.first, bounds, score, name, CLASH, NODES,
        np.zeros(len(values), np.int64), np.zeros(q + 1), np.zeros(q + 1), np.zeros(q, np.int64),
        chosen,
    )  # fmt: skip
    return chosen


@kernel
def branch_and_bound(
    rows: Any, first: Any, bounds: Any, score: Any, name: Any, clash: float, nodes: int,
    claimed: Any, rest: Any, partial: Any, tried: Any, chosen: Any,
) -> None:  # fmt: skip
    """Search each cluster depth first, the best leaves first, with the sum of the best as bound.

    Shapes:
        rows, first: As in ``Clusters``; bounds, score: as in :func:`best_set`.
        name: ``(h, d)`` plots numbered from 0, −1 for none.
        claimed: ``(values,)`` zeros, how many leaves on the path claim each plot.
        rest, partial: ``(q + 1,)`` scratch; tried, added: ``(q,)`` scratch.
        chosen: ``(q,)`` out; holds the first leaf of each track before.
    """
    for c in range(len(first) - 1):
        a, size = first[c], first[c + 1] - first[c]
        if size == 1:
            continue
        rest[size] = 0.0
        for d in range(size - 1, -1, -1):
            rest[d] = rest[d + 1] + score[bounds[rows[a + d]]]
        best, left, depth = -np.inf, nodes, 0
        partial[0] = 0.0
        tried[0] = bounds[rows[a]] - 1
        while depth >= 0:
            j = rows[a + depth]
            if tried[depth] >= bounds[j]:  # take back the leaf that stands here
                for s in range(name.shape[1]):
                    if name[tried[depth], s] >= 0:
                        claimed[name[tried[depth], s]] -= 1
            tried[depth] += 1
            leaf = tried[depth]
            if (
                leaf == bounds[j + 1]
                or (left <= 0 and best > -np.inf)
                or partial[depth] + score[leaf] + rest[depth + 1] <= best
            ):
                depth -= 1
                continue
            left -= 1
            worth = score[leaf]
            for s in range(name.shape[1]):
                if name[leaf, s] >= 0:
                    worth -= clash * claimed[name[leaf, s]]
            for s in range(name.shape[1]):
                if name[leaf, s] >= 0:
                    claimed[name[leaf, s]] += 1
            if partial[depth] + worth + rest[depth + 1] <= best:
                continue
            if depth == size - 1:
                best = partial[depth] + worth
                for d in range(size):
                    chosen[rows[a + d]] = tried[d]
                continue
            depth += 1
            partial[depth] = partial[depth - 1] + worth
            tried[depth] = bounds[rows[a + depth]] - 1
