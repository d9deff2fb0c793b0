"""From a problem to a choice with a proof: greedy, exchanges, multipliers, a small whole programme.

1. Greedy, by gain and by gain for the money, and exchanges: a good choice in a second.
2. Subgradient steps on all options: a bound, and how often each option is wanted.
3. The options that are wanted, with whole numbers, by HiGHS: a very good choice.
4. Branch and bound with multipliers at the leaves while time is left: a lower bound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from steppewatch.plan.siting.board import Board, value_of
from steppewatch.plan.siting.bound import Held, Wall, bound_of, held_at_first
from steppewatch.plan.siting.core import core_of
from steppewatch.plan.siting.dual import Proof, descend, first_price, proof_of
from steppewatch.plan.siting.expected import descend_expected
from steppewatch.plan.siting.first import first_choice
from steppewatch.plan.siting.instance import Array, Flags, Numbers, Siting
from steppewatch.plan.siting.mend import adopt
from steppewatch.plan.siting.peg import pegged
from steppewatch.plan.siting.programme import OPTIMAL, Solver, model_of
from steppewatch.plan.siting.tree import Search, Tree, rounded, rounding, single
from steppewatch.plan.siting.walls import bridges, walls_of

STEPS = 400
SMALL, SMALL_OPTIONS = 500_000, 2_500  # covered pairs and options that can be searched whole
WANTED, LEAST_CORE = 1.75, 150  # options of the core for each of the choice, and at least
ROUNDS = 12  # of the whole programme, with the walls of the round before
# Of the time: where each step ends.
DESCENT_SHARE, WANTED_SHARE, WHOLE_SHARE = 0.3, 0.6, 0.75
HOPELESS = 1e-12
LATER_STEP = 0.03


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """Hold a choice and the proof of how good it is.

    Attributes:
        chosen: ``(k,)`` options, rising.
        value: Weight that they cover.
        bound: No choice covers more.
        tree: Multipliers that prove it.
        solver_bound: What HiGHS found besides for the wanted options alone; infinite if nothing.
        steps: What was done, for people.
    """

    chosen: Numbers
    value: float
    bound: float
    tree: Tree
    solver_bound: float
    steps: tuple[str, ...]

    @property
    def gap(self) -> float:
        """Give the proven distance to the best choice, as a share of the value."""
        if self.bound <= self.value:
            return 0.0
        return (self.bound - self.value) / self.value if self.value > 0.0 else np.inf


def solve(
    siting: Siting,
    *,
    seconds: float,
    gap: float = 0.0,
    clock: Callable[[], float],
    tell: Callable[[str, float, float], None] = lambda *_: None,
    packages: Sequence[str] = (),
) -> Solution:
    """Choose the best options, and prove how good the choice is.

    Args:
        siting: The problem.
        seconds: Time to spend; the first choice and one bound are made in any case.
        gap: Stop when the proven gap is as small as this.
        clock: Gives the seconds spent so far (CPU time, by custom).
        tell: Hears what is being done, the value and the bound.
        packages: Their names, for the message when there is no choice.

    Raises:
        PlanError: No choice meets the conditions; the message names the smallest set of them that
            contradict each other.
    """
    begin = clock()

    def spent(share: float) -> Callable[[], bool]:
        return lambda: clock() - begin >= share * seconds

    held = held_at_first(siting)
    tell("greedy", 0.0, np.inf)
    board = first_choice(siting, until=spent(DESCENT_SHARE), packages=packages)
    steps = [f"greedy and exchanges: {board.value:g}"]
    tell("bound", board.value, np.inf)
    if siting.chance is not None:
        return _expected(siting, board, held, steps, spent(1.0))
    proof = proof_of(siting, first_price(siting, board.count), held)
    whole = rounding(siting)

    def enough() -> bool:
        bound = rounded(proof.bound, whole=whole)
        return bound - board.value <= max(gap * board.value, HOPELESS * bound)

    proof, often = descend(
        siting, proof, held, board.value, steps=STEPS, until=spent(DESCENT_SHARE)
    )
    steps.append(f"bound by multipliers: {proof.bound:g}")
    walls: tuple[Wall, ...] = ()
    solver_bound = np.inf
    tree = single(proof.price)
    wanted, solved = board.chosen(), True
    if not enough():
        tell("wanted options, whole", board.value, proof.bound)
        until = begin + WANTED_SHARE * seconds
        size = max(LEAST_CORE, round(WANTED * int(board.taken.sum())))
        while solved and clock() < until:
            wanted = _wanted(siting, board, often, size)
            solved, solver_bound, walls = _programme(
                siting, board, wanted, walls, gap, until, clock
            )
            steps.append(f"{len(wanted)} wanted options, whole: {board.value:g}")
            if size >= siting.options:
                break
            size *= 2
    if not enough():
        tell("bound", board.value, proof.bound)
        until_then = spent(WANTED_SHARE if _small(siting, ~siting.barred) else 1.0)
        proof, _ = descend(
            siting,
            proof,
            held,
            board.value,
            walls=walls,
            steps=STEPS,
            length=LATER_STEP,
            often=often,
            until=until_then,
        )
        steps.append(f"bound by more steps: {proof.bound:g}")
        tree = single(proof.price, walls)
    bound = rounded(bound_of(siting, tree.prices[0], held, tree.walls), whole=whole)
    if not enough():
        closed = pegged(siting, tree.prices[0], held, walls, board.value, whole=whole)
        closed &= ~board.taken
        left = ~(siting.barred | closed)
        if _small(siting, left) and not spent(1.0)():
            tell(f"{int(left.sum())} options left, whole", board.value, bound)
            asked = replace(siting, barred=~left)
            every = np.flatnonzero(left).astype(np.int32)
            if len(every) > len(wanted) and solved:
                until = begin + WHOLE_SHARE * seconds
                _, solver_bound, walls = _programme(asked, board, every, walls, gap, until, clock)
                steps.append(f"{len(every)} options left, whole: {board.value:g}")
            tell("proof", board.value, bound)
            found, low = _search(
                asked, board, proof, every, gap, walls, lambda: begin + seconds - clock()
            )
            low = max(low, board.value)
            if low < bound:
                bound, tree = low, replace(found, peg=tree.prices[0], peg_walls=len(tree.walls))
            steps.append(f"branch and bound, {len(found.prices)} leaves: {bound:g}")
    chosen = board.chosen()
    return Solution(
        chosen=chosen,
        value=value_of(siting, chosen),
        bound=bound,
        tree=tree,
        solver_bound=solver_bound,
        steps=tuple(steps),
    )


def _expected(
    siting: Siting, board: Board, held: Held, steps: list[str], until: Callable[[], bool]
) -> Solution:
    """Prove a bound where covering is a matter of chance."""
    chosen = board.chosen()
    proof = descend_expected(siting, chosen, held, board.value, until=until)
    tree = single(proof.price)
    return Solution(
        chosen=chosen,
        value=value_of(siting, chosen),
        bound=max(bound_of(siting, tree.prices[0], held), board.value),
        tree=tree,
        solver_bound=np.inf,
        steps=(*steps, f"bound by submodular cuts: {proof.bound:g}"),
    )


def _small(siting: Siting, left: Flags) -> bool:
    """Say whether options are so few that they can be looked at with whole numbers all at once."""
    pairs = int(np.diff(siting.indptr)[left].sum())
    return pairs <= SMALL and int(left.sum()) <= SMALL_OPTIONS


def _wanted(siting: Siting, board: Board, often: Array, size: int) -> Numbers:
    """List the options for the whole programme: those of the choice, and the most wanted."""
    open_to = ~siting.barred
    best = np.argsort(-np.where(open_to, often, -1.0), kind="stable")[:size]
    best = best[open_to[best]]
    return np.union1d(best, board.chosen()).astype(np.int32)


def _programme(
    siting: Siting,
    board: Board,
    wanted: Numbers,
    walls: tuple[Wall, ...],
    gap: float,
    until: float,
    clock: Callable[[], float],
) -> tuple[bool, float, tuple[Wall, ...]]:
    """Solve the wanted options with whole numbers; put a better choice on the board.

    Choices that do not hang together are mended, and give walls for another try.

    Returns:
        Whether it was solved to the end; HiGHS's bound where it saw all options, else infinity; and
        the walls.
    """
    bound, held, solved = np.inf, held_at_first(siting), False
    for _ in range(ROUNDS):
        core = core_of(siting, np.union1d(wanted, board.chosen()).astype(np.int32))
        solver = Solver(model_of(siting, core, held, walls), whole=True)
        solver.begin(board.taken[core.options])
        answer = solver.solve(max(until - clock(), 0.1), gap=gap / 4.0)
        if not answer.share.any():
            break
        chosen = core.options[answer.share > 0.5]
        adopt(board, chosen)
        solved = bool(answer.status == OPTIMAL)
        if solved and len(core.options) == int((~siting.barred).sum()):
            bound = min(bound, answer.bound)
        broken = walls_of(siting, chosen)
        if not broken or clock() >= until:
            break
        walls += broken
        wanted = np.union1d(wanted, bridges(siting, chosen))
    return solved, bound, walls


def _search(
    siting: Siting,
    board: Board,
    proof: Proof,
    every: Numbers,
    gap: float,
    walls: tuple[Wall, ...],
    left: Callable[[], float],
) -> tuple[Tree, float]:
    """Split until the bound is low enough; ``siting`` has the pegged options barred."""
    core = core_of(siting, np.union1d(every, board.chosen()).astype(np.int32))
    model = model_of(siting, core, held_at_first(siting), walls)
    none = np.zeros(len(walls) - len(proof.price.walls))
    price = replace(proof.price, walls=np.concatenate((proof.price.walls, none)))
    search = Search(siting, model, price, board.value, left)
    search.run(gap * board.value)
    if search.chosen is not None:
        adopt(board, search.chosen)
    return search.tree, search.bound
