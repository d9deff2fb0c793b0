"""Match two sets of points where they are near each other: the piece under every score here.

With a cut-off, an assignment is never better for a pair that is farther apart than it. So only
near pairs are looked at, found by k-d trees, and each connected component of them is solved by
itself: 10,000 targets cost 10,000 small problems instead of one of 10⁸ numbers, with the same sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching
from scipy.spatial import cKDTree

Points = NDArray[np.float64]
Rows = NDArray[np.intp]

DENSE = 4_000_000  # rows × columns up to which one component is solved as a full matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Hold pairs of rows of two sets, ordered by the first, then the second.

    Attributes:
        first: ``(p,)`` rows of the first set.
        second: ``(p,)`` rows of the second set.
        distance: ``(p,)`` how far apart they are [m].
    """

    first: Rows
    second: Rows
    distance: Points

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.first)


def near(first: Points, second: Points, reach: float) -> Pairs:
    """Find all pairs of points closer than ``reach``.

    Args:
        first: ``(t, d)`` points [m], all finite.
        second: ``(n, d)`` points in the same frame [m], all finite.
        reach: Pairs at this distance or farther are left out [m].
    """
    if not len(first) or not len(second):
        i, j = np.zeros(0, np.intp), np.zeros(0, np.intp)
    else:
        reachable = reach * (1.0 + 1e-9) + 1e-9  # the tree rounds otherwise than the line below
        found = cKDTree(first).sparse_distance_matrix(
            cKDTree(second), reachable, output_type="ndarray"
        )
        i, j = found["i"].astype(np.intp), found["j"].astype(np.intp)
    distance = np.sqrt(((first[i] - second[j]) ** 2).sum(axis=1)) if len(i) else np.zeros(0)
    inside = np.flatnonzero(distance < reach)
    order = inside[np.lexsort((j[inside], i[inside]))]
    return Pairs(first=i[order], second=j[order], distance=distance[order])


def match(first: Rows, second: Rows, gain: Points) -> Rows:
    """Choose pairs so that no row is used twice and the sum of their gains is greatest.

    Args:
        first: ``(p,)`` rows of the first set.
        second: ``(p,)`` rows of the second set; a pair is named once.
        gain: ``(p,)`` what choosing the pair is worth; pairs of no gain are never chosen.

    Returns:
        Chosen positions in the three arrays, ascending.
    """
    worth = np.flatnonzero(gain > 0.0)
    if not len(worth):
        return worth
    i, j, value = first[worth], second[worth], gain[worth]
    lone = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)
    chosen = [worth[lone]]
    rest = np.flatnonzero(~lone)
    if len(rest):
        chosen.extend(worth[rest[group]] for group in _solve(i[rest], j[rest], value[rest]))
    return np.sort(np.concatenate(chosen))


def components(first: Rows, second: Rows) -> Rows:
    """Number the connected components of a set of pairs; ``(p,)`` the component of each pair."""
    if not len(first):
        return np.zeros(0, np.intp)
    shift = int(first.max()) + 1
    size = shift + int(second.max()) + 1
    graph = coo_array((np.ones(len(first)), (first, second + shift)), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    return np.unique(label[first], return_inverse=True)[1].astype(np.intp)


def _solve(i: Rows, j: Rows, value: Points) -> list[Rows]:
    """Solve each connected component of the pairs; positions that are chosen."""
    part = components(i, j)
    order = np.argsort(part, kind="stable")
    bounds = np.flatnonzero(np.diff(part[order])) + 1
    return [_one(group, i[group], j[group], value[group]) for group in np.split(order, bounds)]


def _one(group: Rows, i: Rows, j: Rows, value: Points) -> Rows:
    """Solve one component: a star takes its best pair, the others the assignment problem."""
    rows, row = np.unique(i, return_inverse=True)
    columns, column = np.unique(j, return_inverse=True)
    if len(rows) == 1 or len(columns) == 1:
        return group[[int(np.argmax(value))]]
    shape = (len(rows), len(columns))
    if shape[0] * shape[1] > DENSE:
        return group[_sparse(row, column, value, shape)]
    place = np.full(shape, -1, np.intp)
    full = np.zeros(shape)
    full[row, column] = value
    place[row, column] = np.arange(len(group))
    taken: Rows = place[linear_sum_assignment(full, maximize=True)]
    return group[taken[taken >= 0]]


def _sparse(row: Rows, column: Rows, value: Points, shape: tuple[int, int]) -> Rows:
    """Solve one large component by SciPy's sparse Jonker–Volgenant; each row may stay alone."""
    top = float(value.max())
    rows, columns = shape
    alone = np.arange(rows)
    cost = csr_array(
        (
            np.concatenate((2.0 * top - value, np.full(rows, 2.0 * top))),
            (np.concatenate((row, alone)), np.concatenate((column, columns + alone))),
        ),
        shape=(rows, columns + rows),
    )
    mate = np.full(rows, -1, np.intp)
    left, right = min_weight_full_bipartite_matching(cost)
    mate[left] = right
    chosen: Rows = np.flatnonzero(mate[row] == column)
    return chosen
