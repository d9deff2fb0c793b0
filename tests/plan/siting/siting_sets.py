"""Tiny random siting problems, and their best value by trying every choice."""

import itertools

import numpy as np

from steppewatch.plan.siting.arrays import settled
from steppewatch.plan.siting.bound import Multipliers, Spare
from steppewatch.plan.siting.instance import Links, Need, Siting

ALL = frozenset({"fixed", "barred", "limits", "needs", "links", "pairs"})


def siting(columns, weights, costs, budget, **more):
    """Make a problem from lists of demands; ``more`` replaces fields."""
    n = len(columns)
    fields = {
        "indptr": np.concatenate(([0], np.cumsum([len(c) for c in columns]))).astype(np.int64),
        "indices": np.concatenate([np.zeros(0), *map(np.asarray, columns)]).astype(np.int32),
        "weights": np.asarray(weights, float),
        "costs": np.asarray(costs, float),
        "budget": float(budget),
        "site": np.arange(n, dtype=np.int32),
        "kind": np.zeros(n, np.int32),
        "limits": np.array([np.inf]),
        "fixed": np.zeros(n, bool),
        "barred": np.zeros(n, bool),
    } | more
    return settled(Siting(**fields))


def links(sites, pairs, gateways):
    """Make links from pairs of sites."""
    near = [[] for _ in range(sites)]
    for a, b in pairs:
        near[a].append(b)
        near[b].append(a)
    return Links(
        indptr=np.concatenate(([0], np.cumsum([len(x) for x in near]))).astype(np.int64),
        indices=np.array([t for x in near for t in sorted(x)], np.int32),
        gateway=np.isin(np.arange(sites), gateways),
    )


def tiny(seed, *, what=ALL, chance=False, most=12):
    """Draw a problem of at most ``most`` options; some are impossible."""
    rng = np.random.default_rng(seed)
    each = 2 if "pairs" in what else 1
    sites = int(rng.integers(1, most // each + 1))
    n, m = sites * each, int(rng.integers(1, 40))
    density = rng.uniform(0.05, 0.5)
    columns = [np.flatnonzero(rng.random(m) < density) for _ in range(n)]
    for i in range(each - 1, n, 3):
        columns[i] = columns[i][: int(rng.integers(0, 3))]  # a relay, or nearly
    weights = rng.integers(1, 20, m) if rng.random() < 0.5 else rng.random(m)
    costs = np.ones(n) if rng.random() < 0.3 else rng.integers(1, 10, n)
    more = {
        "site": np.repeat(np.arange(sites), each).astype(np.int32),
        "kind": np.tile(np.arange(each), sites).astype(np.int32),
        "limits": np.full(each, np.inf),
    }
    costs = costs.astype(float)
    if "barred" in what:
        more["barred"] = rng.random(n) < 0.1
    if "fixed" in what and rng.random() < 0.5:
        more["fixed"] = np.arange(n) == rng.integers(n)
        costs[more["fixed"]] = rng.choice([0.0, 1.0])
    if "limits" in what and rng.random() < 0.5:
        more["limits"][0] = rng.integers(1, 4)
    if "needs" in what and rng.random() < 0.5:
        rows = np.sort(rng.choice(m, min(m, 5), replace=False)).astype(np.int32)
        share = float(rng.uniform(0.1, 0.6))
        more["needs"] = (
            Need(name="pass", rows=rows, sensors=int(rng.integers(1, 3)), share=share),
        )
    if "links" in what and rng.random() < 0.6:
        pairs = [p for p in itertools.combinations(range(sites), 2) if rng.random() < 0.4]
        more["links"] = links(sites, pairs, np.flatnonzero(rng.random(sites) < 0.4))
    budget = 3 if costs.max(initial=1) == 1 else int(rng.integers(8, 25))
    problem = siting(columns, weights, costs, budget, **more)
    if not chance:
        return problem
    p = rng.uniform(0.05, 1.0, len(problem.indices)).astype(np.float32)
    p[rng.random(len(p)) < 0.1] = 1.0
    fields = {name: getattr(problem, name) for name in problem.__slots__}
    return Siting(**fields | {"chance": p})


def chances(problem):
    """Give the chance of every option and demand ``(n, m)``."""
    full = np.zeros((problem.options, problem.demands))
    owner = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    full[owner, problem.indices] = 1.0 if problem.chance is None else problem.chance
    return full


def worth(problem, chosen):
    """Give the value of a choice, by the definition."""
    miss = np.prod(1.0 - chances(problem)[np.asarray(chosen, int)], axis=0)
    return float(problem.weights @ (1.0 - miss))


def hangs_together(problem, used):
    """Say whether every used site reaches a gateway over used sites, by repeated looking."""
    if problem.links is None:
        return True
    near = problem.links
    here = {int(s) for s in used if near.gateway[s]}
    while True:
        more = {
            int(s)
            for s in used
            if set(near.indices[near.indptr[s] : near.indptr[s + 1]].tolist()) & here
        } - here
        if not more:
            return here == {int(s) for s in used}
        here |= more


def allowed(problem, chosen):
    """Say whether a choice keeps every condition, by the definition."""
    chosen = np.asarray(chosen, int)
    taken = np.isin(np.arange(problem.options), chosen)
    sites = problem.site[taken & ~problem.fixed].tolist()
    number = np.bincount(problem.kind[taken], minlength=len(problem.limits))
    count = (chances_listed(problem)[taken]).sum(axis=0)
    met = all(
        problem.weights[need.rows][count[need.rows] >= need.sensors].sum()
        >= need.share * problem.weights[need.rows].sum() * (1.0 - 1e-9)
        for need in problem.needs
    )
    return bool(
        problem.costs[taken].sum() <= problem.budget * (1.0 + 1e-9)
        and (problem.fixed <= taken).all()
        and not (problem.barred & taken).any()
        and (number <= problem.limits).all()
        and len(set(sites)) == len(sites)
        and not set(sites) & set(problem.site[problem.fixed].tolist())
        and met
        and hangs_together(problem, np.unique(problem.site[taken]))
    )


def chances_listed(problem):
    """Say which option lists which demand ``(n, m)``, whatever the chance."""
    full = np.zeros((problem.options, problem.demands), bool)
    owner = np.repeat(np.arange(problem.options), np.diff(problem.indptr))
    full[owner, problem.indices] = True
    return full


def best_of_all(problem):
    """Try every choice: ``(value, choice)`` of the best one, ``(None, ())`` where none is allowed.

    Money sifts first, value sorts, and the first choice that is allowed is the best one.
    """
    free = np.flatnonzero(~problem.barred)
    bits = np.array(list(itertools.product((False, True), repeat=len(free))), bool)
    bits = bits.reshape(2 ** len(free), len(free))
    bits = bits[bits @ problem.costs[free] <= problem.budget * (1.0 + 1e-9)]
    bits = bits[bits[:, problem.fixed[free]].all(axis=1)]
    miss = np.ones((len(bits), problem.demands))
    for column, p in zip(bits.T, chances(problem)[free], strict=True):
        miss *= np.where(column[:, None], 1.0 - p, 1.0)
    value = (1.0 - miss) @ problem.weights
    for k in np.argsort(-value, kind="stable"):
        chosen = free[bits[k]]
        if allowed(problem, chosen):
            return float(value[k]), chosen
    return None, ()


def some_prices(problem, rng, *, walls=0, anchor=None):
    """Draw any multipliers ≥ 0, good or bad."""
    scale = rng.choice([0.0, 0.3, 1.0, 3.0], size=5)
    weights = problem.weights
    cover = rng.random(problem.demands) * weights * scale[0]
    marginal = None
    if anchor is not None:
        cover = np.minimum(cover, weights)
        marginal = (weights - cover) * rng.random(problem.demands)
    return Multipliers(
        cover=cover.astype(np.float32).astype(float) * (1.0 - 1e-6),
        money=float(rng.random() * scale[1]),
        limits=np.where(np.isfinite(problem.limits), rng.random(len(problem.limits)), 0.0)
        * scale[2],
        pays=tuple(float(rng.random() * scale[3]) for _ in problem.needs),
        twice=tuple(rng.random(len(n.rows)) * scale[4] for n in problem.needs),
        walls=rng.random(walls) * scale[2],
        spares=tuple(
            Spare(
                need=number,
                option=int(rng.integers(problem.options)),
                worth=rng.random(len(need.rows)) * scale[4],
            )
            for number, need in enumerate(problem.needs)
            for _ in range(int(rng.integers(0, 3)))
        ),
        marginal=marginal,
        anchor=anchor,
    )
