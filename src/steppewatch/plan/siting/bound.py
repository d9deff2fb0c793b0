"""Multipliers, and the bound that they prove: no choice whatever is worth more.

Every condition of the problem is given a price (Lagrange multiplier): what a demand covered is
worth to the options that cover it, what money costs, what a package of few costs, what a need
pays. Once the prices are fixed the problem falls apart, demand by demand and site by site, and its
best value is a sum. Whatever the prices, that sum is at least the value of the best choice (weak
duality; Geoffrion 1974, "Lagrangean relaxation for integer programming"). At the best prices it
equals the bound of the linear programme, since the parts are integral.
"""

from dataclasses import dataclass, field

import numpy as np

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import NO_CHANCE, missed
from steppewatch.plan.siting.instance import Array, Flags, Numbers, Siting


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wall:
    """Hold a ring of sites that the sites within can only leave through it.

    Every used site inside ``members`` (none of which is a gateway) needs a used site among the
    neighbours of ``members``: Σ used(neighbours) ≥ used(site).

    Attributes:
        site: Which member.
        members: Sites.
    """

    site: int
    members: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spare:
    """Price for one need that it is met without one option as well.

    A demand that k options cover is covered by k - 1 when any one of them is left out:
    (k - 1) z ≤ Σ x over the options other than this one. Without it a linear programme takes a
    demand that one whole option covers for 1/k met.

    Attributes:
        need: Which.
        option: The one that is left out.
        worth: ``(r,)`` ≥ 0, for the need's demands.
    """

    need: int
    option: int
    worth: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multipliers:
    """Price every condition; all are ≥ 0.

    Attributes:
        cover: ``(m,)`` for y ≤ Σ x, at most the demand's weight where nothing else is said.
        money: For the budget.
        limits: ``(kinds,)`` for the numbers of packages.
        pays: For each need, what a unit of its weight pays.
        twice: For each need ``(r,)``, for k z ≤ Σ x.
        walls: For each wall of the problem's list.
        spares: More about the needs.
        marginal: ``(m,)`` where covering is a matter of chance: for y ≤ f(S) + Σ m(S) p x over
            the options outside the anchor S, a submodular cut (Nemhauser & Wolsey 1981); with
            ``cover`` at most the demand's weight.
        anchor: The choice S, options.
    """

    cover: Array
    money: float = 0.0
    limits: Array
    pays: tuple[float, ...] = ()
    twice: tuple[Array, ...] = ()
    walls: Array = field(default_factory=lambda: np.zeros(0))
    spares: tuple[Spare, ...] = ()
    marginal: Array | None = None
    anchor: Numbers | None = None


def profits(siting: Siting, price: Multipliers, walls: tuple[Wall, ...] = ()) -> Array:
    """Give what each option earns at these prices, after what it costs ``(n,)``."""
    out = np.empty(siting.options)
    chance = NO_CHANCE if siting.chance is None else siting.chance
    often = np.zeros(siting.demands)
    for need, twice in zip(siting.needs, price.twice, strict=True):
        np.add.at(often, need.rows, twice)
    for spare in price.spares:
        np.add.at(often, siting.needs[spare.need].rows, spare.worth)
    worth = price.cover
    if siting.chance is None:
        worth = worth + often
    elif price.marginal is not None and price.anchor is not None:
        worth = worth + price.marginal * missed(siting, price.anchor)
    kernels.prices(siting.indptr, siting.indices, chance, worth, out)
    if siting.chance is not None:
        if price.marginal is not None and price.anchor is not None:
            # The cut gives nothing to the options that it starts from.
            more = price.marginal * missed(siting, price.anchor)
            for i in price.anchor:
                part = slice(siting.indptr[i], siting.indptr[i + 1])
                out[i] -= float(siting.chance[part].astype(float) @ more[siting.indices[part]])
        if often.any():
            counted = np.empty(siting.options)
            kernels.prices(siting.indptr, siting.indices, NO_CHANCE, often, counted)
            out += counted
    for spare in price.spares:
        own = np.zeros(siting.demands)
        np.add.at(own, siting.needs[spare.need].rows, spare.worth)
        part = slice(siting.indptr[spare.option], siting.indptr[spare.option + 1])
        out[spare.option] -= float(own[siting.indices[part]].sum())
    return out - overhead(siting, price, walls)


def overhead(siting: Siting, price: Multipliers, walls: tuple[Wall, ...] = ()) -> Array:
    """Give what each option costs at these prices, apart from its demands ``(n,)``."""
    out = price.money * siting.costs + price.limits[siting.kind]
    if walls and price.walls.any():
        per_site = np.zeros(siting.sites)
        for wall, worth in zip(walls, price.walls, strict=True):
            if worth:
                per_site[wall.site] += worth
                per_site[around(siting, wall.members)] -= worth
        out += per_site[siting.site]
    return out


def around(siting: Siting, members: Numbers) -> Numbers:
    """List the neighbours of some sites, those themselves apart."""
    links = siting.links
    if links is None:
        return np.zeros(0, np.int32)
    near = np.unique(
        np.concatenate([links.indices[links.indptr[s] : links.indptr[s + 1]] for s in members])
    )
    return np.setdiff1d(near, members)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Fix some options for a part of the search: ``one`` are taken, ``zero`` are not ``(n,)``."""

    one: Flags
    zero: Flags


def held_at_first(siting: Siting) -> Held:
    """Fix what the problem itself fixes."""
    return Held(one=siting.fixed, zero=siting.barred)


def fixed_part(siting: Siting, price: Multipliers) -> float:
    """Give the part of the bound that does not depend on the options."""
    weights, cover = siting.weights, price.cover
    if price.marginal is not None and price.anchor is not None:
        cover = cover + price.marginal
        seen = 1.0 - missed(siting, price.anchor)
        total = float((price.marginal * seen).sum())
    else:
        total = 0.0
    total += float(np.maximum(weights - cover, 0.0).sum()) + price.money * siting.budget
    bound = np.isfinite(siting.limits)
    total += float((price.limits[bound] * siting.limits[bound]).sum())
    for number, need in enumerate(siting.needs):
        w, pays = weights[need.rows], price.pays[number]
        asked = need.sensors * price.twice[number]
        for spare in price.spares:
            if spare.need == number:
                asked = asked + (need.sensors - 1) * spare.worth
        total += float(np.maximum(pays * w - asked, 0.0).sum())
        total -= pays * need.share * float(w.sum())
    return total


def best_at(siting: Siting, profit: Array, held: Held) -> float:
    """Give the most that sites can earn: one option each at most, none at a loss."""
    best = np.zeros(siting.sites)
    free = ~(held.one | held.zero)
    np.maximum.at(best, siting.site[free], profit[free])
    best[siting.site[held.one]] = 0.0
    return float(best.sum() + profit[held.one].sum())


def bound_of(
    siting: Siting,
    price: Multipliers,
    held: Held | None = None,
    walls: tuple[Wall, ...] = (),
) -> float:
    """Give the value that no choice can exceed.

    Args:
        siting: The problem.
        price: Any multipliers ≥ 0.
        held: Options fixed besides; the problem's own when None.
        walls: Rings that ``price.walls`` belong to.
    """
    held = held_at_first(siting) if held is None else held
    return fixed_part(siting, price) + best_at(siting, profits(siting, price, walls), held)
