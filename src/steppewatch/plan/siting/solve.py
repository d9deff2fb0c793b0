"""From a problem to a choice with a proof: greedy, exchanges, multipliers, a small whole programme.

1. Greedy, by gain and by gain for the money, and exchanges: a good choice in a second.
2. Subgradient steps on all options: a bound, and how often each option is wanted.
3. The options that are wanted, with whole numbers, by HiGHS: a very good choice.
4. Branch and bound with multipliers at the leaves while time is left: a lower bound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import NO_CHANCE, Board, value_of
from steppewatch.plan.siting.bound import Held, Wall, bound_of, held_at_first
from steppewatch.plan.siting.conflict import conflict
from steppewatch.plan.siting.core import core_of
from steppewatch.plan.siting.dual import Proof, descend, first_price, proof_of
from steppewatch.plan.siting.expected import descend_expected
from steppewatch.plan.siting.greedy import Reach, Rule, fill
from steppewatch.plan.siting.improve import improve, sound
from steppewatch.plan.siting.instance import Array, Numbers, Siting
from steppewatch.plan.siting.need import meet
from steppewatch.plan.siting.programme import OPTIMAL, Solver, model_of
from steppewatch.plan.siting.tree import Search, Tree, rounded, rounding, single
from steppewatch.plan.siting.walls import walls_of

STEPS = 400
SMALL = 400_000  # covered pairs of a problem that goes to the solver whole
WANTED = 1.75  # options of the core for each of the choice
LEAST_CORE = 150
MOST_ASKED, PATIENCE = 3_000, 30.0  # options and seconds, when greedy finds no choice
ROUNDS = 12  # of the whole programme, with the walls of the round before
DESCENT_SHARE, PROGRAMME_SHARE = 0.35, 0.8  # of the time, at which each step ends
HOPELESS = 1e-12


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
    tell("whole programme", board.value, proof.bound)
    solver_bound = np.inf
    walls: tuple[Wall, ...] = ()
    if not enough():
        until = begin + PROGRAMME_SHARE * seconds
        solver_bound, walls = _programme(siting, board, held, often, gap, until, clock)
        steps.append(f"whole programme: {board.value:g}")
    tell("proof", board.value, proof.bound)
    small = len(siting.indices) <= SMALL
    if not enough() and not small:
        proof, _ = descend(
            siting, proof, held, board.value, walls=walls, steps=STEPS, until=spent(1.0)
        )
        steps.append(f"bound by more steps: {proof.bound:g}")
    tree = single(proof.price, walls)
    bound = rounded(bound_of(siting, tree.prices[0], held, tree.walls), whole=whole)
    if not enough() and small and not spent(1.0)():
        tree, bound = _search(siting, board, proof, often, gap, walls, spent(1.0))
        steps.append(f"branch and bound, {len(tree.prices)} leaves: {bound:g}")
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
        if sound(board):
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


def join_fixed(board: Board, reach: Reach) -> None:
    """Take the relays that join sites already fixed to the network."""
    siting = board.siting
    if siting.links is None:
        return
    for site in np.unique(siting.site[siting.fixed]):
        if np.isfinite(reach.cost[site]) and reach.via[site] != -1:
            join_site(board, reach, int(site))


def join_site(board: Board, reach: Reach, site: int) -> None:
    """Take the relays that join a used site to the network; nothing where a limit forbids them."""
    siting = board.siting
    relays = [r for r in reach.relays_to(site) if not board.used[siting.site[r]]]
    wanted = np.bincount(siting.kind[np.array(relays, int)], minlength=len(siting.limits))
    if (board.bought + wanted > siting.limits).any():
        return
    for relay in relays:
        board.put(relay)
    reach.join([*(int(siting.site[r]) for r in relays), site])


def _wanted(siting: Siting, board: Board, often: Array) -> Numbers:
    """List the options for the whole programme: those of the choice, and the most wanted."""
    size = max(LEAST_CORE, round(WANTED * int(board.taken.sum())))
    if len(siting.indices) <= SMALL:
        size = siting.options
    open_to = ~siting.barred
    best = np.argsort(-np.where(open_to, often, -1.0), kind="stable")[:size]
    best = best[open_to[best]]
    return np.union1d(best, board.chosen()).astype(np.int32)


def _programme(
    siting: Siting,
    board: Board,
    held: Held,
    often: Array,
    gap: float,
    until: float,
    clock: Callable[[], float],
) -> tuple[float, tuple[Wall, ...]]:
    """Solve the wanted options with whole numbers; put a better choice on the board.

    Choices that do not hang together are mended, and give walls for another try.

    Returns:
        HiGHS's bound where it saw all options, else infinity; and the walls.
    """
    walls: tuple[Wall, ...] = ()
    wanted = _wanted(siting, board, often)
    bound = np.inf
    for _ in range(ROUNDS):
        core = core_of(siting, np.union1d(wanted, board.chosen()).astype(np.int32))
        solver = Solver(model_of(siting, core, held, walls), whole=True)
        solver.begin(board.taken[core.options])
        answer = solver.solve(max(until - clock(), 0.1), gap=gap / 4.0)
        if not answer.share.any():
            break
        chosen = core.options[answer.share > 0.5]
        adopt(board, chosen)
        if answer.status == OPTIMAL and len(core.options) == int((~siting.barred).sum()):
            bound = min(bound, answer.bound)
        broken = walls_of(siting, chosen)
        if not broken or clock() >= until:
            break
        walls += broken
    return bound, walls


def adopt(board: Board, chosen: Numbers) -> bool:
    """Turn the board to another choice, mended where it does not hang together, if it is better."""
    siting = board.siting
    other = Board(siting, board.way)
    for i in chosen:
        if not other.taken[i]:
            other.put(int(i))
    if siting.links is not None and not sound(other, needs=False):
        mend(other)
    if not sound(other) or other.spent > siting.budget * (1.0 + 1e-9):
        return False
    improve(other)
    if other.value <= board.value:
        return False
    board.turn_to(other)
    return True


def mend(board: Board) -> None:
    """Join what is apart by relays; give up the least useful options until it can be paid."""
    siting = board.siting
    reach = Reach(siting, board)
    for i in sorted(board.chosen(), key=lambda c: -board.loss(int(c))):
        site = int(siting.site[i])
        if reach.via[site] == -1 or not np.isfinite(reach.cost[site]):
            continue
        join_site(board, reach, site)
    _cut_down(board)


def _cut_down(board: Board) -> None:
    """Give up the least useful options that nothing hangs on, until the rest can be paid."""
    siting = board.siting
    while board.spent > siting.budget * (1.0 + 1e-12):
        own = np.flatnonzero(board.taken & ~siting.fixed)
        loss = np.array([board.loss(int(i)) for i in own]) / np.maximum(siting.costs[own], 1e-12)
        for i in own[np.argsort(loss, kind="stable")]:
            board.take(int(i))
            if sound(board):
                break
            board.put(int(i))
        else:
            return


def _search(
    siting: Siting,
    board: Board,
    proof: Proof,
    often: Array,
    gap: float,
    walls: tuple[Wall, ...],
    until: Callable[[], bool],
) -> tuple[Tree, float]:
    core = core_of(siting, _wanted(siting, board, often))
    model = model_of(siting, core, held_at_first(siting), walls)
    price = replace(proof.price, walls=np.zeros(len(walls)))
    search = Search(siting, model, price, board.value)
    search.run(gap * board.value, until)
    if search.chosen is not None:
        adopt(board, search.chosen)
    return search.tree, max(search.bound, board.value)
