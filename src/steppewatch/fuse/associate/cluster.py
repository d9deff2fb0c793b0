"""Which tracks share plots: the connected components of the gated pairs.

What happens in one cluster does not touch another, so each may be decided by its own method
(Blackman & Popoli 1999, on clustering in MHT). One pass of union-find over the pairs, linear but
for its inverse Ackermann factor (Tarjan 1975).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """List c clusters of the m tracks that have at least one pair.

    Attributes:
        rows: ``(m,)`` tracks, cluster after cluster, ascending inside each.
        first: ``(c + 1,)`` where each cluster begins in ``rows``; clusters are in the order of
            their first track.
        plots: ``(c,)`` number of plots of each.
        pairs: ``(c,)`` number of pairs of each.
    """

    rows: NDArray[np.int64]
    first: NDArray[np.int64]
    plots: NDArray[np.int64]
    pairs: NDArray[np.int64]

    @property
    def tracks(self) -> NDArray[np.int64]:
        """Count the tracks of each cluster ``(c,)``."""
        return np.diff(self.first)

    def part(self, some: NDArray[np.bool_]) -> Clusters:
        """Give some of the clusters ``(c,)``."""
        size = self.tracks
        first = np.zeros(int(some.sum()) + 1, np.int64)
        np.cumsum(size[some], out=first[1:])
        return Clusters(
            rows=self.rows[np.repeat(some, size)],
            first=first,
            plots=self.plots[some],
            pairs=self.pairs[some],
        )


def clusters(start: NDArray[np.int64], plot: NDArray[np.int64], plots: int) -> Clusters:
    """Find the connected components.

    Args:
        start: ``(n + 1,)`` first pair of each track, the pairs being sorted by track.
        plot: ``(k,)`` plot of each pair.
        plots: Number of plots.

    >>> found = clusters(np.array([0, 2, 3, 4]), np.array([0, 1, 2, 1]), 3)
    >>> found.rows, found.first, found.plots
    (array([0, 2, 1]), array([0, 2, 3]), array([2, 1]))
    """
    n = len(start) - 1
    label = np.full(n, -1)
    parent, name = np.arange(n + plots), np.full(n + plots, -1)
    tracks, touched, pairs = (np.zeros(n, np.int64) for _ in range(3))
    count = components(start, plot, parent, name, label, tracks, touched, pairs)
    with_pairs = np.flatnonzero(label >= 0)
    first = np.zeros(count + 1, np.int64)
    np.cumsum(tracks[:count], out=first[1:])
    return Clusters(
        rows=with_pairs[np.argsort(label[with_pairs], kind="stable")],
        first=first,
        plots=touched[:count],
        pairs=pairs[:count],
    )


@kernel
def root(parent: Any, node: int) -> int:
    """Find a node's representative, halving the way there."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@kernel
def components(
    start: Any, plot: Any, parent: Any, name: Any, label: Any, tracks: Any, plots: Any, pairs: Any
) -> int:
    """Join tracks and plots, number the clusters by first track, and count what is in each.

    Shapes:
        start: ``(n + 1,)``; plot: ``(k,)`` as in :func:`clusters`.
        parent: ``(n + p,)`` each its own at first; name: ``(n + p,)`` all −1.
        label: Out ``(n,)`` cluster of each track, −1 for those without pairs.
        tracks, plots, pairs: Out ``(n,)``, zero at first, of which the number returned is used.
    """
    n, count = len(label), 0
    for j in range(n):
        for e in range(start[j], start[j + 1]):
            a, b = root(parent, j), root(parent, n + plot[e])
            if a < b:
                parent[b] = a
            else:
                parent[a] = b
    for j in range(n):
        if start[j] == start[j + 1]:
            continue
        top = root(parent, j)
        if name[top] < 0:
            name[top] = count
            count += 1
        label[j] = name[top]
        tracks[label[j]] += 1
        pairs[label[j]] += start[j + 1] - start[j]
    for i in range(n, len(parent)):
        top = root(parent, i)
        if top < n:
            plots[name[top]] += 1
    return count
