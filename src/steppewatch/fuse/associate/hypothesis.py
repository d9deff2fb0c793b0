"""The best global hypothesis: one leaf for each track, and no plot claimed twice.

Branch and bound. Each plot has a price, found by subgradient steps, at which too many takers are
put off (Lagrangian relaxation of a set-packing problem: Poore & Robertson, *A new Lagrangian
relaxation based algorithm for a class of multidimensional assignment problems*, Computational
Optimization and Applications 8, 1997). The prices give the bound, and the search mends the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.associate.cluster import clusters
from steppewatch.fuse.associate.gnn import starts
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASH = 100.0
STEPS = 40
NODES = 20_000
"""Nodes of the search for each cluster; the best set found so far is the answer when they end."""


def best_set(
    bounds: NDArray[np.int64], score: NDArray[np.float64], serial: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Choose one leaf for each track so that the sum of scores is greatest.

    A plot claimed by two chosen leaves costs 100, so that there is always an answer.

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
    q, p = len(chosen), len(values)
    branch_and_bound(
        found.rows, found.first, bounds, score, name, CLASH, STEPS, NODES,
        np.zeros(p, np.int64), np.zeros(p), np.zeros((3, q + 1)), np.zeros((2, q), np.int64),
        chosen,
    )  # fmt: skip
    return chosen


@kernel
def worth_of(leaf: int, score: Any, name: Any, claimed: Any, clash: float) -> float:
    """Give a leaf's score less what its claims clash with those on the path."""
    out = float(score[leaf])
    for s in range(name.shape[1]):
        if name[leaf, s] >= 0 and claimed[name[leaf, s]] > 0:
            out -= clash
    return out


@kernel
def priced(leaf: int, score: Any, name: Any, price: Any) -> float:
    """Give a leaf's score less the prices of its plots."""
    out = float(score[leaf])
    for s in range(name.shape[1]):
        if name[leaf, s] >= 0:
            out -= price[name[leaf, s]]
    return out


@kernel
def claim(leaf: int, name: Any, claimed: Any, by: int) -> None:
    """Put a leaf's claims on the path (by = 1), or take them back (−1)."""
    for s in range(name.shape[1]):
        if name[leaf, s] >= 0:
            claimed[name[leaf, s]] += by


@kernel
def grab(
    rows: Any, bounds: Any, score: Any, name: Any, price: Any, claimed: Any, clash: float,
    trial: Any,
) -> float:  # fmt: skip
    """Let track after track take its best leaf at these prices that nobody has; give the worth."""
    total = 0.0
    for d in range(len(rows)):
        j, most = rows[d], -np.inf
        for leaf in range(bounds[j], bounds[j + 1]):
            worth = worth_of(leaf, score, name, claimed, clash)
            worth += priced(leaf, score, name, price) - score[leaf]
            if worth > most:
                most, trial[d] = worth, leaf
        total += worth_of(trial[d], score, name, claimed, clash)
        claim(trial[d], name, claimed, 1)
    for d in range(len(rows)):
        claim(trial[d], name, claimed, -1)
    return total


@kernel
def set_prices(
    rows: Any, bounds: Any, score: Any, name: Any, clash: float, steps: int,
    claimed: Any, price: Any, trial: Any, chosen: Any,
) -> tuple[float, float]:  # fmt: skip
    """Find the cluster's prices, all 0 before; keep the best set met. Give its worth and the bound.

    No price passes ``clash``: then the bound also holds for sets that clash.
    """
    best, bound = -np.inf, np.inf
    for step in range(steps):
        found = grab(rows, bounds, score, name, price, claimed, clash, trial)
        if found > best:
            best = found
            for d in range(len(rows)):
                chosen[rows[d]] = trial[d]
        above, size = 0.0, 0
        for d in range(len(rows)):  # what each would take if only prices counted
            j, most = rows[d], -np.inf
            for leaf in range(bounds[j], bounds[j + 1]):
                worth = priced(leaf, score, name, price)
                if worth > most:
                    most, trial[d] = worth, leaf
            above += most
            claim(trial[d], name, claimed, 1)
        for d in range(len(rows)):
            for leaf in range(bounds[rows[d]], bounds[rows[d] + 1]):
                for s in range(name.shape[1]):
                    i = name[leaf, s]
                    if i >= 0 and claimed[i] >= 0:  # each plot once: marked by −1 − count
                        above += price[i]
                        claimed[i] = -1 - claimed[i]
                        if claimed[i] < -2 or (claimed[i] == -1 and price[i] > 0.0):
                            size += (-2 - claimed[i]) ** 2
        bound = min(bound, above)
        length = max(above - best, 0.0) / max(size, 1)
        for d in range(len(rows)):
            for leaf in range(bounds[rows[d]], bounds[rows[d] + 1]):
                for s in range(name.shape[1]):
                    i = name[leaf, s]
                    if i >= 0 and claimed[i] < 0:
                        count = -1 - claimed[i]
                        claimed[i] = 0
                        if size > 0 and step < steps - 1:
                            price[i] = min(max(price[i] + length * (count - 1), 0.0), clash)
        if size == 0 or above - best < 1e-9:
            break
    return best, bound


@kernel
def branch_and_bound(
    rows: Any, first: Any, bounds: Any, score: Any, name: Any, clash: float, steps: int,
    nodes: int, claimed: Any, price: Any, sums: Any, scratch: Any, chosen: Any,
) -> None:  # fmt: skip
    """Search each cluster depth first, with the prices' bound.

    Shapes:
        rows, first: As in ``Clusters``; bounds, score: as in :func:`best_set`.
        name: ``(h, d)`` plots numbered from 0, −1 for none.
        claimed: ``(values,)`` zeros, how many leaves on the path claim each plot.
        price: ``(values,)`` zeros.
        sums: ``(3, q + 1)`` scratch; scratch: ``(2, q)``.
        chosen: ``(q,)`` out; holds the first leaf of each track before, and keeps it where a track
            contends with nobody.
    """
    rest, partial, reach, tried = sums[0], sums[1], sums[2], scratch[0]
    for c in range(len(first) - 1):
        own = rows[first[c] : first[c + 1]]
        size = len(own)
        if size == 1:
            continue
        best, bound = set_prices(
            own, bounds, score, name, clash, steps, claimed, price, scratch[1], chosen
        )
        if bound - best < 1e-9:
            continue
        rest[size] = 0.0
        for d in range(size - 1, -1, -1):
            most = -np.inf
            for leaf in range(bounds[own[d]], bounds[own[d] + 1]):
                most = max(most, priced(leaf, score, name, price))
            rest[d] = rest[d + 1] + most
        # What all prices together are worth to whoever pays none: added once, at the top.
        paid = 0.0
        for d in range(size):
            for leaf in range(bounds[own[d]], bounds[own[d] + 1]):
                for s in range(name.shape[1]):
                    i = name[leaf, s]
                    if i >= 0 and claimed[i] == 0:
                        paid += price[i]
                        claimed[i] = 1
        for d in range(size):
            for leaf in range(bounds[own[d]], bounds[own[d] + 1]):
                for s in range(name.shape[1]):
                    if name[leaf, s] >= 0:
                        claimed[name[leaf, s]] = 0
        left, depth = nodes, 0
        partial[0], reach[0] = 0.0, paid
        tried[0] = bounds[own[0]] - 1
        while depth >= 0:
            j = own[depth]
            if tried[depth] >= bounds[j]:
                claim(tried[depth], name, claimed, -1)
            tried[depth] += 1
            leaf = tried[depth]
            if leaf == bounds[j + 1] or left <= 0:
                tried[depth] = bounds[j] - 1
                depth -= 1
                continue
            left -= 1
            worth = worth_of(leaf, score, name, claimed, clash)
            up = worth
            for s in range(name.shape[1]):
                if name[leaf, s] >= 0 and claimed[name[leaf, s]] == 0:
                    up -= price[name[leaf, s]]
            claim(leaf, name, claimed, 1)
            if reach[depth] + up + rest[depth + 1] <= best + 1e-9:
                continue
            if depth == size - 1:
                if partial[depth] + worth > best:
                    best = partial[depth] + worth
                    for d in range(size):
                        chosen[own[d]] = tried[d]
                continue
            depth += 1
            partial[depth] = partial[depth - 1] + worth
            reach[depth] = reach[depth - 1] + up
            tried[depth] = bounds[own[depth]] - 1
