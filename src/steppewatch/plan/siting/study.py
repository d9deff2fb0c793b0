"""What a planner asks about a choice: what each site adds, what could stand in for it, what if."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from steppewatch.plan.siting.board import Board
from steppewatch.plan.siting.bound import Multipliers, held_at_first
from steppewatch.plan.siting.dual import descend, proof_of
from steppewatch.plan.siting.first import first_choice
from steppewatch.plan.siting.greedy import joined
from steppewatch.plan.siting.improve import Beside, improve, sound
from steppewatch.plan.siting.instance import Numbers, Siting

NEXT_BEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """Name an option that could stand in for another, and the weight lost by it."""

    option: int
    loses: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Say what one option of a choice is worth.

    Attributes:
        option: Which.
        adds: Weight that the choice would lose without it.
        alone: Weight that it covers by itself.
        left: Weight covered when it is lost, and with it whatever reaches the network through it.
        instead: The next best options, best first.
    """

    option: int
    adds: float
    alone: float
    left: float
    instead: tuple[Instead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Hold one point of the trade-off: a budget, what it covers, what no choice can exceed."""

    budget: float
    value: float
    bound: float
    options: int


def board_of(siting: Siting, chosen: Numbers, way: Board | None = None) -> Board:
    """Put a choice on a board."""
    board = Board(siting, None if way is None else way.way)
    for i in chosen:
        if not board.taken[i]:
            board.put(int(i))
    return board


def parts_of(board: Board) -> list[Part]:
    """Say what each option of a choice is worth, and what could stand in for it."""
    siting, whole = board.siting, board.value
    rest = []
    for i in board.chosen():
        part = slice(siting.indptr[i], siting.indptr[i + 1])
        p = 1.0 if siting.chance is None else siting.chance[part]
        rest.append(
            Part(
                option=int(i),
                adds=board.loss(int(i)),
                alone=float((siting.weights[siting.indices[part]] * p).sum()),
                left=_without(board, int(i)),
                instead=_instead(board, int(i)) if not siting.fixed[i] else (),
            )
        )
        board.value = whole
    return rest


def _without(board: Board, i: int) -> float:
    """Give what is left when an option is lost, and whatever it cuts off."""
    siting = board.siting
    board.take(i)
    lost = [i]
    if siting.links is not None:
        here = joined(siting, board.used)
        for k in board.chosen():
            if not here[siting.site[k]]:
                board.take(int(k))
                lost.append(int(k))
    left = board.value
    for k in reversed(lost):
        board.put(k)
    return left


def _instead(board: Board, i: int) -> tuple[Instead, ...]:
    """Find what could stand in for an option, at another site, for the money there is."""
    siting, value = board.siting, board.value
    board.take(i)
    found: list[Instead] = []
    beside = Beside(board)
    open_to = board.open_to() & (siting.site != siting.site[i])
    open_to &= siting.costs <= siting.budget - board.spent
    open_to &= np.isfinite(beside.cost[siting.site])
    order = np.flatnonzero(open_to)
    order = order[np.argsort(-board.gain[order], kind="stable")]
    sites: set[int] = set()
    for k in order[: 20 * NEXT_BEST]:
        if int(siting.site[k]) in sites:
            continue
        board.put(int(k))
        if sound(board):
            sites.add(int(siting.site[k]))
            found.append(Instead(option=int(k), loses=value - board.value))
        board.take(int(k))
        if len(found) == NEXT_BEST:
            break
    board.put(i)
    return tuple(found)


def curve(
    siting: Siting,
    price: Multipliers,
    budgets: Iterable[float],
    *,
    steps: int = 60,
    until: Callable[[], bool] = lambda: False,
) -> list[Point]:
    """Trade coverage against budget; every point has its own proven bound.

    Args:
        siting: The problem.
        price: Multipliers found at its own budget, to begin from.
        budgets: Money.
        steps: To lower each bound.
        until: Stops when it says so; the points so far are given.
    """
    least = float(siting.costs[siting.fixed].sum())
    points = []
    for budget in budgets:
        if until() or budget < least:
            continue
        asked = replace(siting, budget=budget, needs=())
        board = first_choice(asked)
        improve(board)
        held = held_at_first(asked)
        begin = proof_of(asked, replace(price, pays=(), twice=()), held)
        bound = begin.bound
        if siting.chance is None:
            bound = descend(asked, begin, held, board.value, steps=steps)[0].bound
        points.append(
            Point(
                budget=budget,
                value=board.value,
                bound=max(bound, board.value),
                options=int(board.taken.sum()),
            )
        )
    return points
