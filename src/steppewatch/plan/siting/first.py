"""The first choice: the better of two greedy ones, or whatever the whole programme finds."""

from collections.abc import Callable, Sequence

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import NO_CHANCE, Board
from steppewatch.plan.siting.bound import Wall, held_at_first
from steppewatch.plan.siting.conflict import conflict
from steppewatch.plan.siting.core import core_of
from steppewatch.plan.siting.greedy import Reach, Rule, fill
from steppewatch.plan.siting.improve import improve, sound
from steppewatch.plan.siting.instance import Siting
from steppewatch.plan.siting.mend import join_fixed, mend
from steppewatch.plan.siting.need import meet
from steppewatch.plan.siting.programme import Solver, model_of
from steppewatch.plan.siting.walls import walls_of

MOST_ASKED, PATIENCE = 3_000, 30.0  # options and seconds, when greedy finds no choice
ROUNDS = 12


def first_choice(
    siting: Siting,
    *,
    until: Callable[[], bool] = lambda: False,
    packages: Sequence[str] = (),
) -> Board:
    """Make the better of two greedy choices, with exchanges.

    Raises:
        PlanError: What is fixed, or the needs, cannot be paid, or cannot reach the network.
    """
    best: Board | None = None
    first = Board(siting)
    for by_ratio in (False, True):
        board = first if best is None else Board(siting, first.way)
        reach = Reach(siting, board)
        join_fixed(board, reach)
        meet(board, reach)
        fill(board, reach, Rule(by_ratio=by_ratio))
        if sound(board) and affordable(board):
            improve(board, until=until)
            if best is None or board.value > best.value:
                best = board
        elif best is None:
            first = board
        if siting.costs.min() == siting.costs.max() and best is not None:
            break
    if best is None:
        best = _by_programme(siting, first)
    if best is None:
        raise PlanError(_why_none(siting, packages))
    return best


def affordable(board: Board) -> bool:
    """Say whether a choice keeps its budget and limits; what is fixed alone may break them."""
    siting = board.siting
    within = board.spent <= siting.budget * (1.0 + 1e-9)
    return within and not bool((board.bought > siting.limits).any())


def _by_programme(siting: Siting, board: Board) -> Board | None:
    """Ask the whole programme for any choice, where greedy found none."""
    needed = np.zeros(siting.demands)
    for need in siting.needs:
        needed[need.rows] = siting.weights[need.rows]
    core = core_of(siting, np.flatnonzero(~siting.barred).astype(np.int32))
    if len(core.options) > MOST_ASKED:
        useful = np.empty(siting.options)
        kernels.prices(siting.indptr, siting.indices, NO_CHANCE, needed, useful)
        best = np.argsort(-np.where(siting.barred, -1.0, useful), kind="stable")[:MOST_ASKED]
        core = core_of(siting, np.union1d(best, np.flatnonzero(siting.fixed)).astype(np.int32))
    walls: tuple[Wall, ...] = ()
    for _ in range(ROUNDS):
        model = model_of(siting, core, held_at_first(siting), walls)
        answer = Solver(model, whole=True).solve(PATIENCE, gap=0.01)
        if not answer.share.any():
            return None
        chosen = core.options[answer.share > 0.5]
        other = Board(siting, board.way)
        for i in chosen:
            if not other.taken[i]:
                other.put(int(i))
        mend(other)
        if sound(other) and other.spent <= siting.budget * (1.0 + 1e-9):
            improve(other)
            return other
        broken = walls_of(siting, chosen)
        if not broken:
            return None
        walls += broken
    return None


def _why_none(siting: Siting, packages: Sequence[str]) -> str:
    """Say which conditions contradict each other."""
    found = conflict(siting, packages)
    if not found:
        return (
            "no choice was found that meets all needs within the budget and hangs together; "
            "without [links] there is one: allow longer links, more gateways or cheaper relays"
        )
    told = "\n".join(f"  - {one.told}" for one in found)
    return (
        "no choice is possible. These conditions contradict each other, and none of them can be "
        f"spared from that:\n{told}\nrelax one of them"
    )
