"""Plan which track stands for which target when, if every change of mind costs something.

The linear programme of García-Fernández, Rahmathullah & Svensson 2020 (§IV-B), in terms of what a
pair gains at a moment over leaving both alone, so that pairs that are never near drop out. It is
solved exactly, and only where it must be: pairs are taken in when their price under the duals of
the programme so far is positive (column generation), and what is connected is solved together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, diags_array, eye_array, hstack, kron, vstack

from steppewatch.errors import FuseError
from steppewatch.fuse.score.assign import components, match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]
    Floats = NDArray[np.float64]

SURE = 1e-7  # a price below this part of the largest gain is none: the solver's own tolerance
BATCH = 4_000  # weights in one call of the solver; small problems share a call


def plan(first: Indices, second: Indices, gain: Floats, change: float) -> Floats:
    """Choose weights that make gains minus changes greatest.

    Args:
        first: ``(p,)`` the target of each pair; a pair is named once.
        second: ``(p,)`` the track of each pair.
        gain: ``(k, p)`` what a pair is worth at each moment, not negative.
        change: What a weight's change by one costs from one moment to the next.

    Returns:
        ``(k, p)`` weights in [0, 1]; at each moment those of a target sum to at most one, and
        those of a track too.

    Raises:
        FuseError: The solver gave up.
    """
    moments, count = gain.shape
    weight = np.zeros((moments, count))
    if not count or gain.max() <= 0.0:
        return weight
    unit = float(gain.max())
    worth, cost = gain / unit, change / unit
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    dual = np.zeros((moments, rows)), np.zeros((moments, columns))
    active = np.zeros(count, np.bool_)
    active[match(first, second, worth.sum(axis=0))] = True
    fresh = active.copy()
    while fresh.any():
        _settle(first, second, worth, cost, active, fresh, weight, dual)
        fresh = _price(worth - dual[0][:, first] - dual[1][:, second], cost) > SURE
        fresh &= ~active
        active |= fresh
    return weight


def _settle(
    first: Indices,
    second: Indices,
    worth: Floats,
    cost: float,
    active: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    weight: Floats,
    dual: tuple[Floats, Floats],
) -> None:
    """Solve all components that hold a fresh pair; write their weights and duals."""
    pair = np.flatnonzero(active)
    part = components(first[pair], second[pair])
    size = np.bincount(part)
    stirred = np.isin(part, part[fresh[pair]])
    alone = pair[stirred & (size[part] == 1)]
    weight[:, alone] = 1.0
    dual[0][:, first[alone]] = 0.5 * worth[:, alone]
    dual[1][:, second[alone]] = 0.5 * worth[:, alone]
    together = np.flatnonzero(stirred & (size[part] > 1))
    order = together[np.argsort(part[together], kind="stable")]
    label = part[order]
    begins = np.flatnonzero(np.diff(label, prepend=-1))
    start = 0
    for stop in [*begins[1:].tolist(), len(order)]:
        full = (stop - start) * len(worth) >= BATCH
        if stop > start and (full or stop == len(order)):
            _solve(pair[order[start:stop]], first, second, worth, cost, weight, dual)
            start = stop


def _solve(
    pair: Indices,
    first: Indices,
    second: Indices,
    worth: Floats,
    cost: float,
    weight: Floats,
    dual: tuple[Floats, Floats],
) -> None:
    """Solve the programme of some pairs; write their weights and duals.

    Variables are the weights, moment by moment, then their rises, then their falls.
    """
    moments, n = len(worth), len(pair)
    rows, row = np.unique(first[pair], return_inverse=True)
    columns, column = np.unique(second[pair], return_inverse=True)
    here = np.arange(n)
    one = np.ones(n)
    seats = vstack(
        [
            coo_array((one, (row, here)), shape=(len(rows), n)),
            coo_array((one, (column, here)), shape=(len(columns), n)),
        ]
    )
    steps = (moments - 1) * n
    at_most = csr_array(kron(eye_array(moments), seats))
    at_most.resize((moments * seats.shape[0], moments * n + 2 * steps))
    result = linprog(
        np.concatenate((-worth[:, pair].ravel(), np.full(2 * steps, cost))),
        A_ub=at_most,
        b_ub=np.ones(at_most.shape[0]),
        A_eq=_tied(moments, n) if steps else None,
        b_eq=np.zeros(steps) if steps else None,
        bounds=(0.0, None),
        method="highs",
    )
    if result.x is None:
        raise FuseError(f"the solver gave up on {n} pairs at {moments} moments: {result.message}")
    weight[:, pair] = np.clip(result.x[: moments * n].reshape(moments, n), 0.0, 1.0)
    price = np.maximum(-result.ineqlin.marginals, 0.0).reshape(moments, -1)
    dual[0][:, rows] = price[:, : len(rows)]
    dual[1][:, columns] = price[:, len(rows) :]


def _tied(moments: int, n: int) -> csr_array:
    """Tie rises and falls to the weights: a weight, less the one before, is rise less fall."""
    steps = (moments - 1) * n
    rise = diags_array([-1.0, 1.0], offsets=[0, n], shape=(steps, moments * n))
    one = eye_array(steps)
    return csr_array(hstack([rise, -one, one]))


def _price(margin: Floats, cost: float) -> Floats:
    """Give the most that each pair could add, switched on and off at the best moments ``(p,)``."""
    on, off = margin[0].copy(), np.zeros(margin.shape[1])
    for now in margin[1:]:
        on, off = np.maximum(on, off - cost) + now, np.maximum(off, on - cost)
    best: Floats = np.maximum(on, off)
    return best
