"""The k best assignments, in order: what a multi-hypothesis filter asks for at every step.

The best is taken from a queue, and the rest of what it stood for is cut into parts that do not
overlap: the first rows keep their columns, the next one may not have its own (Murty, *An algorithm
for ranking all the assignments in order of increasing cost*, Operations Research 16(3), 1968).
Each part is solved by :func:`scipy.optimize.linear_sum_assignment` on what is left to choose.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Part = tuple[float, int, NDArray[np.int64], int, NDArray[np.float64]]


def k_best(cost: NDArray[np.float64], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rank assignments of every row to a column of its own.

    Args:
        cost: ``(n, m)`` with n ≤ m; ``inf`` forbids a pair.
        k: How many are wanted.

    Returns:
        Columns ``(q, n)`` of the q ≤ k cheapest assignments and their costs ``(q,)``, ascending;
        q < k where no more exist.

    >>> k_best(np.array([[1.0, 2.0], [4.0, 9.0]]), 5)
    (array([[1, 0],
           [0, 1]]), array([ 6., 10.]))
    """
    n = len(cost)
    found: list[NDArray[np.int64]] = []
    worth: list[float] = []
    queue: list[Part] = []
    serial = 0
    best = solve(cost, np.zeros(0, np.int64))
    if best is not None:
        queue.append((*best[:1], serial, best[1], 0, cost))
    while queue and len(found) < k:
        total, _, columns, fixed, allowed = heapq.heappop(queue)
        found.append(columns)
        worth.append(total)
        for row in range(fixed, n):
            rest = allowed.copy()
            rest[row, columns[row]] = np.inf
            part = solve(rest, columns[:row])
            if part is not None:
                serial += 1
                heapq.heappush(queue, (part[0], serial, part[1], row, rest))
    return np.array(found, np.int64).reshape(len(found), n), np.array(worth)


def solve(
    cost: NDArray[np.float64], fixed: NDArray[np.int64]
) -> tuple[float, NDArray[np.int64]] | None:
    """Give cost and columns of the best assignment whose first rows have the columns ``fixed``.

    None if there is none.
    """
    done = len(fixed)
    free = np.setdiff1d(np.arange(cost.shape[1]), fixed)
    left = cost[done:, free]
    if len(free) < len(left) or np.any(np.all(np.isinf(left), axis=1)):
        return None
    try:
        _, chosen = linear_sum_assignment(left)
    except ValueError:  # every complete assignment holds a forbidden pair
        return None
    columns = np.concatenate((fixed, free[chosen])).astype(np.int64)
    return float(cost[np.arange(len(cost)), columns].sum()), columns
