"""Search for multipliers with a low bound: subgradient steps.

A step prices all options, sees which would be taken, and moves the price of every demand that too
many or too few of them cover (Held, Wolfe & Crowder 1974; deflected directions, Camerini, Fratta &
Maffioli 1975). On a small core of options the steps are cheaper, and useless: thousands of options
are so nearly alike that those left out become the better ones at once.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import NO_CHANCE
from steppewatch.plan.siting.bound import (
    Held,
    Multipliers,
    Spare,
    Wall,
    best_at,
    fixed_part,
    profits,
)
from steppewatch.plan.siting.core import (
    Core,
    NeedGroups,
    core_of,
    core_prices,
    gather_need,
    need_groups,
    spread_need,
)
from steppewatch.plan.siting.instance import Array, Numbers, Siting
from steppewatch.plan.siting.walls import wall_rows

DEFLECT = 0.8  # share of the direction before
FIRST_SHARE = 0.6  # of a demand's weight, to the options that cover it
MOST_SPARED, OFTEN = 40, 0.2  # options that a need is also priced without
NEED_STEP = 1.0  # of what a need pays for its weight
WALL_STEP = 0.1  # of what a typical option earns
RECENT = 0.03  # share of the latest pick in how often an option is taken
FIRST_STEP, LEAST_STEP, SHRINK, PATIENCE = 0.1, 2e-4, 0.7, 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proof:
    """Hold multipliers, the bound that they prove, and each option's profit before money."""

    price: Multipliers
    bound: float
    profit: Array


def proof_of(siting: Siting, price: Multipliers, held: Held, walls: tuple[Wall, ...] = ()) -> Proof:
    """Price everything once, money anew."""
    earned = profits(siting, dataclasses.replace(price, money=0.0), walls)
    price = dataclasses.replace(price, money=_money(siting, earned, held))
    profit = earned - price.money * siting.costs
    return Proof(
        price=price, bound=fixed_part(siting, price) + best_at(siting, profit, held), profit=earned
    )


def _money(siting: Siting, earned: Array, held: Held) -> float:
    """Find the price of money that makes the bound lowest."""
    free = np.flatnonzero(~(held.one | held.zero))
    free = free[np.argsort(siting.site[free], kind="stable")]
    if not len(free):
        return 0.0
    first = first_options(siting.site[free])
    costs, profit = siting.costs[free], earned[free]
    pick = np.empty(len(first) - 1, np.int32)
    budget = siting.budget - float(siting.costs[held.one].sum())
    high = float((profit / np.maximum(costs, 1e-12)).max()) + 1e-9
    return float(kernels.price_of_money(profit, costs, first, budget, pick, 0.0, max(high, 0.0)))


def first_options(site: Numbers) -> NDArray[np.int64]:
    """Say where each site's options begin, in options sorted by site ``(sites + 1,)``."""
    return np.flatnonzero(np.concatenate(([True], site[1:] != site[:-1], [True]))).astype(np.int64)


def first_price(siting: Siting, count: Numbers) -> Multipliers:
    """Begin from a choice: a demand covered c times is worth its weight over c to each."""
    coverable = np.zeros(siting.demands)
    open_to = np.flatnonzero(~siting.barred).astype(np.int32)
    kernels.cover_counts(siting.indptr, siting.indices, open_to, np.ones(len(open_to)), coverable)
    cover = siting.weights * FIRST_SHARE / np.maximum(count, 1)
    never = coverable == 0.0
    cover[never] = siting.weights[never]
    return Multipliers(
        cover=cover,
        limits=np.zeros(len(siting.limits)),
        pays=tuple(0.0 for _ in siting.needs),
        twice=tuple(np.zeros(len(need.rows)) for need in siting.needs),
    )


def descend(
    siting: Siting,
    start: Proof,
    held: Held,
    lower: float,
    *,
    walls: tuple[Wall, ...] = (),
    steps: int = 250,
    length: float = FIRST_STEP,
    often: Array | None = None,
    until: Callable[[], bool] = lambda: False,
) -> tuple[Proof, Array]:
    """Lower a bound.

    Args:
        siting: The problem; covering is certain.
        start: Where to begin.
        held: Options fixed.
        lower: Value of a choice, for the length of the steps.
        walls: Rings that connectivity must pass; a price is kept where there is one.
        steps: At most so many.
        length: Of the first step, as a share of the way to ``lower``.
        often: ``(n,)`` how often each option was taken before: needs are then also priced without
            each of those that are taken most.
        until: Stops when it says so.

    Returns:
        The proof, and how often each option was taken of late ``(n,)``: nearly the shares of the
        linear programme (Barahona & Anbil 2000, "The volume algorithm").
    """
    core = core_of(siting, np.flatnonzero(~held.zero).astype(np.int32))
    if not len(core.options):
        return start, np.zeros(siting.options)
    spared = _spared(siting, core, often)
    walk = _Descent(siting, core, start.price, held, walls, length, spared)
    for _ in range(steps):
        if until() or not walk.step(lower):
            break
    found = proof_of(siting, walk.price(start.price), held, walls)
    taken = np.zeros(siting.options)
    taken[core.options] = walk.often
    return (found if found.bound < start.bound else start), taken


def _spared(siting: Siting, core: Core, often: Array | None) -> tuple[Numbers, ...]:
    """List for each need the core's options that are often taken and cover its demands."""
    found = []
    for need in siting.needs:
        if often is None or need.sensors < 2:
            found.append(np.zeros(0, np.int32))
            continue
        inside = np.zeros(siting.demands)
        inside[need.rows] = 1.0
        touched = np.empty(siting.options)
        kernels.prices(siting.indptr, siting.indices, NO_CHANCE, inside, touched)
        rank = np.where(touched > 0.0, often, 0.0)[core.options]
        best = np.argsort(-rank, kind="stable")[:MOST_SPARED]
        found.append(best[rank[best] > OFTEN].astype(np.int32))
    return tuple(found)


def _hits(core: Core, own: Numbers, need: NeedGroups) -> Array:
    """Say which of a need's groups some of the core's options cover ``(options, groups)``."""
    hits = np.zeros((len(own), len(core.weights)))
    for row, c in enumerate(own):
        hits[row, core.indices[core.indptr[c] : core.indptr[c + 1]]] = 1.0
    return hits[:, need.groups]


@dataclass(slots=True, eq=False)
class _Prices:
    """Hold the multipliers while they move: groups, limits, needs' groups, needs, walls."""

    cover: Array
    limits: Array
    twice: list[Array]
    pays: Array
    walls: Array
    spare: list[Array]

    def copy(self) -> "_Prices":
        return _Prices(
            self.cover.copy(),
            self.limits.copy(),
            [t.copy() for t in self.twice],
            self.pays.copy(),
            self.walls.copy(),
            [s.copy() for s in self.spare],
        )


class _Descent:
    """Walk down the bound; a cache of what steps need, and the best prices met."""

    def __init__(
        self,
        siting: Siting,
        core: Core,
        price: Multipliers,
        held: Held,
        walls: tuple[Wall, ...] = (),
        length: float = FIRST_STEP,
        often: tuple[Numbers, ...] = (),
    ) -> None:
        often = often or tuple(np.zeros(0, np.int32) for _ in siting.needs)
        self._walls = wall_rows(siting, walls)
        self._siting, self._core = siting, core
        self._needs = need_groups(siting, core)
        order = np.argsort(siting.site[core.options], kind="stable")
        self._order, options = order, core.options[order]
        self._first = first_options(siting.site[options])
        self._kind, self._costs = siting.kind[options], siting.costs[options]
        self._one = held.one[options]
        self._free_costs = np.where(self._one, 0.0, self._costs)
        self._budget = siting.budget - float(self._costs[self._one].sum())
        self._limits = siting.limits - np.bincount(
            self._kind[self._one], minlength=len(siting.limits)
        )
        self._few = np.isfinite(self._limits)
        self._now = _Prices(
            core.gather(price.cover),
            price.limits.copy(),
            [
                gather_need(need, twice)
                for need, twice in zip(self._needs, price.twice, strict=True)
            ],
            np.asarray(price.pays, float),
            np.concatenate((price.walls, np.zeros(len(walls))))[: len(walls)],
            [
                np.zeros((len(own), len(n.groups)))
                for own, n in zip(often, self._needs, strict=True)
            ],
        )
        self._often = often
        self._hits = [_hits(core, own, n) for own, n in zip(often, self._needs, strict=True)]
        self._site = siting.site[options]
        self._best, self._best_bound, self._best_money = self._now.copy(), np.inf, price.money
        self._direction = np.zeros(len(core.weights))
        self._stall, self._length = 0, length
        self._pick = np.full(len(self._first) - 1, -1, np.int32)
        self._profit = np.empty(len(options))
        self._count = np.zeros(len(core.weights))
        self.often = np.zeros(len(options))
        outside = core.group < 0
        self._outside = float(np.maximum(siting.weights - price.cover, 0.0)[outside].sum())

    def step(self, lower: float) -> bool:
        """Price, pick, and move the prices; say whether it is worth going on."""
        bound, taken = self._look()
        self._stall += 1
        if bound < self._best_bound:
            if bound < self._best_bound - 1e-7 * abs(bound):
                self._stall = 0
            self._best, self._best_bound = self._now.copy(), bound
            self._best_money = self._money
        if self._stall >= PATIENCE:
            self._stall, self._length, self._now = 0, self._length * SHRINK, self._best.copy()
            self._direction[:] = 0.0
            return self._length >= LEAST_STEP
        return self._move(bound - lower, taken)

    def _look(self) -> tuple[float, Numbers]:
        """Give the bound at the prices now, and the options picked (as ordered here)."""
        core, now, profit = self._core, self._now, self._profit
        worth = now.cover
        if self._needs:
            worth = worth.copy()
            for need, twice, spare in zip(self._needs, now.twice, now.spare, strict=True):
                worth[need.groups] += twice + spare.sum(axis=0)
        core_prices(core, worth, profit)
        for own, spare, hits in zip(self._often, now.spare, self._hits, strict=True):
            profit[own] -= (spare * hits).sum(axis=1)
        earned = profit[self._order] - now.limits[self._kind]
        if len(now.walls):
            earned -= (now.walls @ self._walls)[self._site]
        held = float(earned[self._one].sum())
        earned[self._one] = 0.0
        high = float((earned / np.maximum(self._costs, 1e-12)).max(initial=0.0)) + 1e-9
        self._money = kernels.price_of_money(
            earned, self._free_costs, self._first, self._budget, self._pick, 0.0, high
        )
        taken = self._pick[self._pick >= 0]
        bound = self._outside + float((core.weights - now.cover).sum()) + held
        bound += float((earned[taken] - self._money * self._costs[taken]).sum())
        bound += self._money * self._budget
        bound += float((now.limits[self._few] * self._limits[self._few]).sum())
        for number, need in enumerate(self._needs):
            left = now.pays[number] * need.weights - self._asked(number)
            bound += float(np.maximum(left, 0.0).sum()) - float(now.pays[number]) * need.wanted
        self._typical = float(earned[taken].mean()) if len(taken) else 1.0
        return bound, taken

    def _move(self, gap: float, taken: Numbers) -> bool:
        core, now, count = self._core, self._now, self._count
        count[:] = 0.0
        chosen = np.concatenate((self._order[taken], self._order[self._one])).astype(np.int32)
        kernels.cover_counts(core.indptr, core.indices, chosen, np.ones(len(chosen)), count)
        self.often *= 1.0 - RECENT
        self.often[chosen] += RECENT
        slope = 1.0 - count
        slope[(now.cover >= core.weights) & (slope > 0.0)] = 0.0
        self._direction *= DEFLECT
        self._direction += (1.0 - DEFLECT) * slope
        move = self._direction.copy()
        move[(now.cover <= 0.0) & (move < 0.0)] = 0.0
        move[(now.cover >= core.weights) & (move > 0.0)] = 0.0
        # A group moves in proportion to its weight: it stands for so many demands.
        size = float((move * move * core.weights).sum())
        if size <= 0.0:
            return False
        length = self._length * max(gap, 0.0) / size
        np.clip(now.cover + length * move * core.weights, 0.0, core.weights, out=now.cover)
        self._move_limits(taken)
        self._move_needs(length, chosen)
        self._move_walls(taken)
        return True

    def _move_limits(self, taken: Numbers) -> None:
        few, now = self._few, self._now
        if few.any():
            over = np.bincount(self._kind[taken], minlength=len(few)) - self._limits
            share = over[few] / np.maximum(self._limits[few], 1.0)
            now.limits[few] += self._length * self._typical * share
            np.maximum(now.limits, 0.0, out=now.limits)

    def _asked(self, number: int) -> Array:
        """Give what a need's groups must be paid to count as met."""
        need, now = self._needs[number], self._now
        spare = (need.sensors - 1) * now.spare[number].sum(axis=0)
        return np.asarray(need.sensors * now.twice[number] + spare)

    def _move_needs(self, length: float, chosen: Numbers) -> None:
        now = self._now
        for number, need in enumerate(self._needs):
            worth = now.pays[number] * need.weights
            met = self._asked(number) < worth
            count, own = self._count[need.groups], self._often[number]
            by = length * need.weights
            now.twice[number] = np.maximum(
                now.twice[number] + by * (need.sensors * met - count), 0.0
            )
            others = count - np.isin(own, chosen)[:, None] * self._hits[number]
            now.spare[number] = np.maximum(
                now.spare[number] + by * ((need.sensors - 1) * met - others), 0.0
            )
            lack = 1.0 - float(need.weights[met].sum()) / max(need.wanted, 1e-12)
            now.pays[number] = max(0.0, now.pays[number] + self._length * NEED_STEP * lack)
            # To ask for more than a need pays only costs.
            worth, asked = now.pays[number] * need.weights, self._asked(number)
            part = np.minimum(1.0, worth / np.maximum(asked, 1e-300))
            now.twice[number] *= part
            now.spare[number] *= part

    def _move_walls(self, taken: Numbers) -> None:
        now = self._now
        if len(now.walls):
            used = np.zeros(self._siting.sites)
            used[self._site[taken]] = 1.0
            used[self._site[self._one]] = 1.0
            broken = np.clip(self._walls @ used, -3.0, 1.0)
            now.walls += self._length * WALL_STEP * self._typical * broken
            np.maximum(now.walls, 0.0, out=now.walls)

    def _spares(self) -> tuple[Spare, ...]:
        found = []
        for number, (whole, need) in enumerate(zip(self._siting.needs, self._needs, strict=True)):
            for own, worth in zip(self._often[number], self._best.spare[number], strict=True):
                if worth.any():
                    weights = self._siting.weights[whole.rows]
                    found.append(
                        Spare(
                            need=number,
                            option=int(self._core.options[own]),
                            worth=spread_need(weights, need, worth, 0.0),
                        )
                    )
        return tuple(found)

    def price(self, before: Multipliers) -> Multipliers:
        """Give the best multipliers met, for all demands."""
        siting, core, best = self._siting, self._core, self._best
        return dataclasses.replace(
            before,
            cover=core.spread(best.cover, siting.weights, before.cover),
            money=self._best_money,
            limits=best.limits,
            walls=best.walls,
            spares=self._spares(),
            pays=tuple(float(p) for p in best.pays),
            twice=tuple(
                spread_need(siting.weights[whole.rows], need, twice, pays)
                for whole, need, twice, pays in zip(
                    siting.needs, self._needs, best.twice, best.pays, strict=True
                )
            ),
        )
