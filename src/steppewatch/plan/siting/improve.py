"""Local search: take one option out, fill the money anew, keep what is better.

Teitz & Bart 1968, "Heuristic methods for estimating the generalized vertex median".
"""

from collections.abc import Callable

import numpy as np

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import Board
from steppewatch.plan.siting.greedy import NOTHING, joined
from steppewatch.plan.siting.need import lacking

MOST_SWEEPS = 50


class Beside:
    """Keep for each site whether a link leads to a used site: 0 money to join, else endless."""

    def __init__(self, board: Board) -> None:
        self._links = board.siting.links
        self._site = board.siting.site
        self.cost = np.zeros(board.siting.sites)
        if self._links is not None:
            self._count = np.zeros(board.siting.sites, np.int64)
            self._count[self._links.gateway] = 1
            for site in np.flatnonzero(board.used):
                self._add(int(site), 1)
            self.cost[:] = np.where(self._count > 0, 0.0, np.inf)

    def _add(self, site: int, way: int) -> None:
        links = self._links
        if links is None:
            return
        near = links.indices[links.indptr[site] : links.indptr[site + 1]]
        self._count[near] += way
        self.cost[near] = np.where(self._count[near] > 0, 0.0, np.inf)

    def put(self, board: Board, i: int) -> None:
        """Take an option into the choice."""
        board.put(i)
        self._add(int(self._site[i]), 1)

    def take(self, board: Board, i: int) -> None:
        """Take it out."""
        board.take(i)
        self._add(int(self._site[i]), -1)


def improve(board: Board, *, until: Callable[[], bool] = lambda: False) -> int:
    """Make a choice better, one exchange at a time, until none helps.

    Args:
        board: A choice that meets its needs and hangs together; it still does afterwards.
        until: Stops the search when it says so.

    Returns:
        How many exchanges were made.
    """
    siting, beside = board.siting, Beside(board)
    least = NOTHING * float(siting.weights.sum())
    made = 0
    for _ in range(MOST_SWEEPS):
        before = made
        made += _fill(board, beside, least, by_ratio=False) > 0
        own = np.flatnonzero(board.taken & ~siting.fixed)
        # The least useful for its money is asked first.
        loss = np.array([board.loss(int(i)) for i in own])
        for i in own[np.argsort(loss / np.maximum(siting.costs[own], 1e-12), kind="stable")]:
            if until():
                return made
            made += _exchange(board, beside, int(i), least)
        if made == before:
            break
    return made


def _exchange(board: Board, beside: Beside, i: int, least: float) -> int:
    value = board.value
    for by_ratio in (False, True):
        beside.take(board, i)
        added: list[int] = []
        if sound(board, needs=False):
            added = _add(board, beside, least, by_ratio=by_ratio, instead_of=i)
            if board.value > value + least and sound(board):
                return 1
        for k in reversed(added):
            beside.take(board, k)
        beside.put(board, i)
        board.value = value
        if board.siting.costs.min() == board.siting.costs.max():
            break
    return 0


def _add(
    board: Board, beside: Beside, least: float, *, by_ratio: bool, instead_of: int = -1
) -> list[int]:
    siting = board.siting
    added: list[int] = []
    while True:
        open_to = board.open_to()
        if instead_of >= 0:
            open_to[instead_of] = False
        i = kernels.best_option(
            board.gain,
            siting.costs,
            beside.cost[siting.site],
            siting.budget - board.spent,
            by_ratio,
            open_to,
            least,
        )
        if i < 0:
            return added
        beside.put(board, i)
        added.append(i)


def _fill(board: Board, beside: Beside, least: float, *, by_ratio: bool) -> int:
    return len(_add(board, beside, least, by_ratio=by_ratio))


def sound(board: Board, *, needs: bool = True) -> bool:
    """Say whether a choice hangs together and meets its needs."""
    siting = board.siting
    if siting.links is not None and not joined(siting, board.used)[board.used].all():
        return False
    return not needs or not any(lacking(board, need) > 0.0 for need in siting.needs)
