"""The bound where options cover with a chance: two cuts for each demand, mixed by subgradient.

The chance that a demand is covered, 1 - Π (1 - p) over the choice, is at most Σ p over the choice,
and at most what an anchor choice S gives and each option outside S would add to S (Nemhauser &
Wolsey 1981, "Maximizing submodular set functions"; the concave 1 - exp(-Σ q x) is loose where p is
great, since half a sensor twice would count as a whole one). Any mix of the two is a bound. With
the second alone, and S the greedy choice, it is the bound of Leskovec et al. (2007).
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import missed
from steppewatch.plan.siting.bound import Held, Multipliers
from steppewatch.plan.siting.dual import DEFLECT, PATIENCE, SHRINK, Proof, first_options, proof_of
from steppewatch.plan.siting.instance import Array, Numbers, Siting

FIRST_STEP, LEAST_STEP = 0.3, 1e-3


def descend_expected(
    siting: Siting,
    anchor: Numbers,
    held: Held,
    lower: float,
    *,
    steps: int = 200,
    until: Callable[[], bool] = lambda: False,
) -> Proof:
    """Find multipliers with a low bound.

    Args:
        siting: The problem, with chances.
        anchor: A good choice.
        held: Options fixed.
        lower: Its value.
        steps: At most so many.
        until: Stops when it says so.
    """
    weights = siting.weights
    start = Multipliers(
        cover=np.zeros(siting.demands),
        limits=np.zeros(len(siting.limits)),
        pays=tuple(0.0 for _ in siting.needs),
        twice=tuple(np.zeros(len(need.rows)) for need in siting.needs),
        marginal=weights.copy(),
        anchor=anchor,
    )
    best = proof_of(siting, start, held)
    rest = missed(siting, anchor)
    plain, marginal = start.cover.copy(), weights.copy()
    length, stall = FIRST_STEP, 0
    way_plain, way_marginal = np.zeros(siting.demands), np.zeros(siting.demands)
    now = best
    for _ in range(steps):
        if until() or length < LEAST_STEP:
            break
        hits, other = _covered(siting, _picked(siting, now, held), anchor)
        way_plain = DEFLECT * way_plain + (1.0 - DEFLECT) * (1.0 - hits)
        way_marginal = DEFLECT * way_marginal + (1.0 - DEFLECT) * (rest - rest * other)
        size = float(((way_plain**2 + way_marginal**2) * weights).sum())
        if size <= 0.0:
            break
        go = length * max(now.bound - lower, 0.0) / size
        plain, marginal = _onto(
            plain + go * way_plain * weights, marginal + go * way_marginal * weights, weights
        )
        now = proof_of(siting, dataclasses.replace(start, cover=plain, marginal=marginal), held)
        stall = 0 if now.bound < best.bound * (1.0 - 1e-7) else stall + 1
        if now.bound < best.bound:
            best = now
        if stall >= PATIENCE and best.price.marginal is not None:
            stall, length, now = 0, length * SHRINK, best
            plain, marginal = best.price.cover.copy(), best.price.marginal.copy()
            way_plain[:], way_marginal[:] = 0.0, 0.0
    return best


def _picked(siting: Siting, proof: Proof, held: Held) -> Numbers:
    """List the options that would be taken at these prices."""
    free = np.flatnonzero(~(held.one | held.zero))
    free = free[np.argsort(siting.site[free], kind="stable")]
    if not len(free):
        return np.flatnonzero(held.one).astype(np.int32)
    first = first_options(siting.site[free])
    pick = np.empty(len(first) - 1, np.int32)
    kernels.spend(proof.profit[free], siting.costs[free], first, proof.price.money, pick)
    return np.concatenate((free[pick[pick >= 0]], np.flatnonzero(held.one))).astype(np.int32)


def _covered(siting: Siting, taken: Numbers, anchor: Numbers) -> tuple[Array, Array]:
    """Add up Σ p over some options ``(m,)``, and over those outside the anchor."""
    hits, other = np.zeros(siting.demands), np.zeros(siting.demands)
    inside = set(anchor.tolist())
    for i in taken.tolist():
        part = slice(siting.indptr[i], siting.indptr[i + 1])
        p = 1.0 if siting.chance is None else siting.chance[part].astype(float)
        hits[siting.indices[part]] += p
        if i not in inside:
            other[siting.indices[part]] += p
    return hits, other


def _onto(plain: Array, marginal: Array, weights: Array) -> tuple[Array, Array]:
    """Put both back to ≥ 0 and to a sum of at most the weight."""
    plain, marginal = np.maximum(plain, 0.0), np.maximum(marginal, 0.0)
    over = np.maximum(plain + marginal - weights, 0.0)
    first = np.minimum(0.5 * over, np.minimum(plain, marginal))
    plain, marginal = plain - first, marginal - first
    over -= 2.0 * first
    more = plain > marginal
    plain = np.where(more, plain - over, plain)
    marginal = np.where(more, marginal, marginal - over)
    return np.maximum(plain, 0.0), np.maximum(marginal, 0.0)
