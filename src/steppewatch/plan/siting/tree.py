"""Branch and bound with a proof: every leaf carries multipliers, and the leaves cover all choices.

A node fixes some options as taken or not. Its linear programme gives multipliers, they give a
bound that anyone can work out again; a node whose bound is above the best choice is split on an
option that the programme takes to a share (Land & Doig 1960). HiGHS's own search is far faster,
but leaves nothing behind that could be checked without trusting it.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from steppewatch.plan.siting.board import value_of
from steppewatch.plan.siting.bound import Held, Multipliers, Wall, bound_of
from steppewatch.plan.siting.instance import Array, Flags, Numbers, Siting
from steppewatch.plan.siting.programme import INFEASIBLE, OPTIMAL, Model, Solver, multipliers_of
from steppewatch.plan.siting.walls import walls_of

WHOLE = 1e-6
MOST_STORED = 30_000_000  # multipliers of demands, over all leaves
RAY_LENGTHS = tuple(10.0**k for k in range(10))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """Hold a search: its nodes, and the multipliers at its leaves.

    Attributes:
        split: ``(nodes,)`` option that each node is split on; -1 for a leaf. Node 0 is the root.
        zero: ``(nodes,)`` child in which that option is not taken.
        one: ``(nodes,)`` child in which it is.
        prices: Multipliers of each leaf, in the order of the leaves' node numbers.
        walls: Rings that the multipliers refer to.
        peg: Multipliers that prove of some options that no better choice holds them; the leaves
            do without those. None where there are none.
        peg_walls: How many of the walls ``peg`` refers to.
    """

    split: Numbers
    zero: Numbers
    one: Numbers
    prices: tuple[Multipliers, ...]
    walls: tuple[Wall, ...] = ()
    peg: Multipliers | None = None
    peg_walls: int = 0


def single(price: Multipliers, walls: tuple[Wall, ...] = ()) -> Tree:
    """Make the tree of one leaf; walls without a price are left out."""
    none = np.full(1, -1, np.int32)
    priced = walls if len(price.walls) == len(walls) else ()
    return Tree(split=none, zero=none, one=none, prices=(price,), walls=priced)


def rounding(siting: Siting) -> bool:
    """Say whether values are whole numbers, so that a bound may be rounded down."""
    return siting.chance is None and bool((siting.weights == np.floor(siting.weights)).all())


def rounded(bound: float, *, whole: bool) -> float:
    """Round a bound down where values are whole numbers; a millionth allows for rounding."""
    return float(np.floor(bound + WHOLE)) if whole and np.isfinite(bound) else bound


class Search:
    """Split nodes until the bound is low enough; :attr:`tree` is a proof at any time.

    Args:
        siting: The problem; covering is certain.
        model: Its programme, over all options or a core of them.
        price: Multipliers at the root.
        best: Value of the best choice known.
        left: Gives the seconds left.
    """

    def __init__(
        self,
        siting: Siting,
        model: Model,
        price: Multipliers,
        best: float,
        left: Callable[[], float],
    ) -> None:
        self._left = left
        self._siting, self._model = siting, model
        self._solver = Solver(model)
        self._whole = rounding(siting)
        self.best = best
        self.chosen: Numbers | None = None
        self._split, self._zero, self._one = [-1], [-1], [-1]
        self._price = {0: price}
        self._fixed: dict[int, tuple[tuple[int, bool], ...]] = {0: ()}
        self._now: tuple[tuple[int, bool], ...] = ()
        self._heap: list[tuple[float, int, int]] = []
        self._closed = -np.inf
        self._share: dict[int, Array] = {}
        self._place = np.full(siting.options, -1, np.int64)
        self._place[model.core.options] = np.arange(len(model.core.options))
        self._visit(0)

    @property
    def bound(self) -> float:
        """Give the value that no choice exceeds, as proved so far."""
        return max(self._closed, -self._heap[0][0] if self._heap else -np.inf)

    @property
    def tree(self) -> Tree:
        """Give the proof."""
        split = np.array(self._split, np.int32)
        return Tree(
            split=split,
            zero=np.array(self._zero, np.int32),
            one=np.array(self._one, np.int32),
            prices=tuple(self._price[int(n)] for n in np.flatnonzero(split < 0)),
            walls=self._model.walls,
        )

    def run(self, target: float) -> None:
        """Split the worst node until the bound is at most ``target`` above the best choice."""
        most = max(1, MOST_STORED // max(self._siting.demands, 1))
        while self._heap and self.bound > self.best + target:
            if self._left() <= 0.0 or len(self._price) >= most:
                return
            _, _, node = heapq.heappop(self._heap)
            self._branch(node)

    def _branch(self, node: int) -> None:
        share = self._share.pop(node)
        options = self._model.core.options
        known = {option for option, _ in self._fixed[node]}
        doubt = np.maximum(np.minimum(share, 1.0 - share), 0.0)  # -1e-16 is no decision
        doubt[[self._place[o] for o in known]] = -1.0
        held = self._siting.fixed[options] | self._siting.barred[options]
        doubt[held] = -1.0
        c = int(np.argmax(doubt))
        if doubt[c] < 0.0:  # the core is decided, and others could still be taken
            self._closed = max(self._closed, self._leaf_bound(node))
            return
        option = int(options[c])
        price = self._price.pop(node)
        self._split[node] = option
        for taken, children in ((False, self._zero), (True, self._one)):
            child = len(self._split)
            children[node] = child
            self._split.append(-1)
            self._zero.append(-1)
            self._one.append(-1)
            self._fixed[child] = (*self._fixed[node], (option, taken))
            self._price[child] = price
            self._visit(child)
        del self._fixed[node]

    def _held(self, node: int) -> Held:
        one, zero = self._siting.fixed.copy(), self._siting.barred.copy()
        for option, taken in self._fixed[node]:
            (one if taken else zero)[option] = True
        return Held(one=one, zero=zero)

    def _leaf_bound(self, node: int) -> float:
        held = self._held(node)
        if impossible(self._siting, held):
            return -np.inf
        if (held.one | held.zero).all():
            return settled_value(self._siting, held)
        bound = bound_of(self._siting, self._price[node], held, self._model.walls)
        return rounded(bound, whole=self._whole)

    def _visit(self, node: int) -> None:
        """Solve a node's programme; keep its multipliers where they beat its parent's."""
        self._go_to(node)
        answer = self._solver.solve(max(self._left(), 1.0))
        before = self._leaf_bound(node)
        if answer.status == OPTIMAL:
            own = multipliers_of(self._siting, self._model, answer.dual, self._price[node])
            self._try(node, own, before)
            self._share[node] = answer.share
            self._take_up(answer.share)
        elif answer.status == INFEASIBLE:
            self._shoot(node)
            self._share[node] = np.zeros(len(self._model.core.options))
        else:
            self._share[node] = np.full(len(self._model.core.options), 0.5)
        bound = self._leaf_bound(node)
        if bound <= self.best or self._closed >= bound:
            self._closed = max(self._closed, bound)
            self._share.pop(node)
        else:
            heapq.heappush(self._heap, (-bound, node, node))

    def _try(self, node: int, price: Multipliers, before: float) -> None:
        bound = bound_of(self._siting, price, self._held(node), self._model.walls)
        if rounded(bound, whole=self._whole) <= before:
            self._price[node] = price

    def _go_to(self, node: int) -> None:
        """Change the limits of the options in which this node differs from the last one."""
        wanted = dict(self._fixed[node])
        floor, ceiling = self._model.floor, self._model.ceiling
        changed = sorted(set(dict(self._now)) | set(wanted))
        places = np.array([self._place[o] for o in changed], np.int32)
        low = np.array([float(wanted.get(o, floor[self._place[o]])) for o in changed])
        high = np.array([float(wanted.get(o, ceiling[self._place[o]])) for o in changed])
        self._solver.limit(places, low, high)
        self._now = self._fixed[node]

    def _take_up(self, share: Array) -> None:
        """Keep the programme's solution where it is whole and better than the best choice."""
        if np.minimum(share, 1.0 - share).max(initial=0.0) > WHOLE:
            return
        chosen = self._model.core.options[share > 0.5]
        one = np.zeros(self._siting.options, bool)
        one[chosen] = True
        # A whole choice may still meet a need by shares of "covered often enough" alone.
        value = settled_value(self._siting, Held(one=one, zero=~one))
        if value > self.best:
            self.best, self.chosen = value, chosen

    def _shoot(self, node: int) -> None:
        """Follow the ray that proves a node empty until its bound is below the best choice."""
        ray = self._solver.ray()
        if ray is None:
            return
        start = self._price[node]
        for length in RAY_LENGTHS:
            far = multipliers_of(self._siting, self._model, ray * length, start)
            own = replace(far, cover=np.minimum(far.cover, self._siting.weights))
            if bound_of(self._siting, own, self._held(node), self._model.walls) <= self.best:
                self._price[node] = own
                return


def impossible(siting: Siting, held: Held) -> bool:
    """Say whether what is fixed contradicts itself, by money, numbers, sites or both ways."""
    one = held.one
    if (one & held.zero).any() or siting.costs[one].sum() > siting.budget * (1.0 + 1e-9):
        return True
    if (np.bincount(siting.kind[one], minlength=len(siting.limits)) > siting.limits).any():
        return True
    free: Flags = one & ~siting.fixed
    sites = siting.site[free]
    return len(np.unique(sites)) < len(sites) or bool(
        np.isin(sites, siting.site[siting.fixed]).any()
    )


def settled_value(siting: Siting, held: Held) -> float:
    """Give the value of the only choice left, or minus infinity where it breaks a condition."""
    chosen = np.flatnonzero(held.one).astype(np.int32)
    count = np.bincount(
        np.concatenate(
            [np.zeros(0, int)]
            + [siting.indices[siting.indptr[i] : siting.indptr[i + 1]] for i in chosen]
        ),
        minlength=siting.demands,
    )
    for need in siting.needs:
        weights = siting.weights[need.rows]
        met = float(weights[count[need.rows] >= need.sensors].sum())
        if met < need.share * float(weights.sum()) * (1.0 - 1e-9):
            return -np.inf
    return -np.inf if walls_of(siting, chosen) else value_of(siting, chosen)
