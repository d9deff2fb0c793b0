"""A siting problem and a proof as plain arrays, for files and for other programs.

The smallest file that is accepted has ``indptr, indices, weights, costs, budget``: option i covers
the demands ``indices[indptr[i]:indptr[i + 1]]``. If ``indptr`` has one entry more than there are
demands, and not one more than there are options, the lists are taken as the options of each demand.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.bound import Multipliers, Wall
from steppewatch.plan.siting.instance import Links, Need, Siting
from steppewatch.plan.siting.tree import Tree

NEEDED = ("indptr", "indices", "weights", "costs", "budget")
MOST = 2**31 - 1  # numbers of options and demands are kept in 32 bits


def siting_of(arrays: Mapping[str, Any], name: str) -> Siting:
    """Read a problem.

    Args:
        arrays: By name.
        name: Of the file, for messages.

    Raises:
        PlanError: Something is missing, does not fit, or is no number.
    """
    missing = [key for key in NEEDED if key not in arrays]
    if missing:
        raise PlanError(
            f"{name}: no array {', '.join(missing)}: a covering problem needs {', '.join(NEEDED)} "
            "(docs/siting.md)"
        )
    weights, costs = (_numbers(arrays[key], name, key) for key in ("weights", "costs"))
    indptr = _whole(arrays["indptr"], name, "indptr")
    indices = _whole(arrays["indices"], name, "indices")
    money = _numbers(arrays["budget"], name, "budget")
    if len(money) != 1 or not len(costs):
        raise PlanError(
            f"{name}: {len(money)} budgets and {len(costs)} costs: expected one budget and the "
            "cost of at least one option"
        )
    budget = float(money[0])
    n, m = len(costs), len(weights)
    chance = _chance(arrays, name, len(indices))
    by_demand = len(indptr) == m + 1 and len(indptr) != n + 1
    if not by_demand and len(indptr) != n + 1:
        raise PlanError(
            f"{name}: indptr has {len(indptr)} entries: expected {n + 1} (one more than the "
            f"{n} costs), or {m + 1} (one more than the {m} weights)"
        )
    indptr, indices, chance = _lists(name, indptr, indices, chance, n if by_demand else m)
    if by_demand:
        indptr, indices, chance = _turned(indptr, indices, chance, n)
    kind = _whole(arrays.get("kind", np.zeros(n)), name, "kind").astype(np.int32)
    site = _whole(arrays.get("site", np.arange(n)), name, "site").astype(np.int32)
    siting = Siting(
        indptr=indptr,
        indices=indices,
        chance=chance,
        weights=weights,
        costs=costs,
        budget=budget,
        site=site,
        kind=kind,
        limits=_limits(arrays, name, int(kind.max(initial=0)) + 1),
        fixed=np.asarray(arrays.get("fixed", np.zeros(n)), bool),
        barred=np.asarray(arrays.get("barred", np.zeros(n)), bool),
        needs=_needs(arrays, name, m),
        links=_links(arrays, name, int(site.max(initial=-1)) + 1),
    )
    for key in ("site", "kind", "fixed", "barred"):
        if len(getattr(siting, key)) != n:
            raise PlanError(f"{name}: {key} has {len(getattr(siting, key))} entries, expected {n}")
    return settled(siting)


def settled(siting: Siting) -> Siting:
    """Bar whatever else stands at a site whose option is fixed."""
    taken = np.zeros(siting.sites, bool)
    taken[siting.site[siting.fixed]] = True
    siting.barred[taken[siting.site] & ~siting.fixed] = True
    siting.barred[siting.fixed] = False
    return siting


def _numbers(value: Any, name: str, key: str) -> Any:
    try:
        array = np.atleast_1d(np.asarray(value, float))
    except (TypeError, ValueError) as error:
        raise PlanError(f"{name}: {key} holds {value!r}: expected numbers") from error
    wrong = ~np.isfinite(array) | (array < 0.0)
    if key == "budget":
        wrong &= ~(array == np.inf)
        array = np.where(array == np.inf, 1e300, array)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise PlanError(f"{name}: {key}[{at}] is {array[at]}: expected a finite number ≥ 0")
    return array.ravel()


def _whole(value: Any, name: str, key: str) -> Any:
    array = np.asarray(value)
    number = array.ndim == 1 and array.dtype.kind in "biuf" and bool(np.isfinite(array).all())
    if not number or (array != np.floor(array)).any():
        raise PlanError(f"{name}: {key} is no list of whole numbers")
    if array.size and not (0 <= array.min() <= array.max() <= MOST):
        raise PlanError(
            f"{name}: {key} runs from {array.min()} to {array.max()}: expected 0 to {MOST}"
        )
    return array.astype(np.int64)


def _limits(arrays: Mapping[str, Any], name: str, kinds: int) -> Any:
    limits = np.asarray(arrays.get("limits", np.full(kinds, np.inf)), float)
    if limits.ndim != 1 or len(limits) < kinds or not (limits >= 0.0).all():
        raise PlanError(
            f"{name}: limits must hold a number ≥ 0 (inf for none) for each of {kinds} packages"
        )
    return limits


def _chance(arrays: Mapping[str, Any], name: str, pairs: int) -> Any:
    if "chance" not in arrays:
        return None
    chance = np.asarray(arrays["chance"], np.float32)
    if len(chance) != pairs or not ((chance >= 0.0) & (chance <= 1.0)).all():
        raise PlanError(f"{name}: chance must hold {pairs} probabilities from 0 to 1")
    return chance


def _lists(name: str, indptr: Any, indices: Any, chance: Any, end: int) -> tuple[Any, Any, Any]:
    """Check the lists, and put each in order without anything twice."""
    if indptr[0] != 0 or (np.diff(indptr) < 0).any() or indptr[-1] != len(indices):
        raise PlanError(
            f"{name}: indptr runs from {indptr[0]} to {indptr[-1]}: expected 0 to {len(indices)} "
            "(the length of indices), never falling"
        )
    if len(indices) and indices.max() >= end:
        raise PlanError(f"{name}: indices has {indices.max()}: expected less than {end}")
    owner = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    rising = (np.diff(indices) > 0) | (np.diff(owner) > 0)
    if not rising.all():
        order = np.lexsort((indices, owner))
        owner, indices = owner[order], indices[order]
        keep = np.concatenate(([True], (np.diff(indices) > 0) | (np.diff(owner) > 0)))
        chance = None if chance is None else chance[order][keep]
        owner, indices = owner[keep], indices[keep]
        indptr = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(indptr) - 1))))
    return indptr.astype(np.int64), indices.astype(np.int32), chance


def _turned(indptr: Any, indices: Any, chance: Any, options: int) -> tuple[Any, Any, Any]:
    start = np.concatenate(([0], np.cumsum(np.bincount(indices, minlength=options))))
    demands, place = np.empty(len(indices), np.int32), np.empty(len(indices), np.int64)
    kernels.transpose(indptr, indices, demands, place, start[:-1].copy())
    return start, demands, None if chance is None else chance[place]


def _needs(arrays: Mapping[str, Any], name: str, demands: int) -> tuple[Need, ...]:
    if "need_start" not in arrays:
        return ()
    _complete(arrays, name, ("need_rows", "need_sensors", "need_share", "need_names"))
    start = _whole(arrays["need_start"], name, "need_start")
    rows = _whole(arrays["need_rows"], name, "need_rows")
    _, rows, _ = _lists(f"{name}, need_start and need_rows", start, rows, None, demands)
    number = len(start) - 1
    each = [arrays[key] for key in ("need_names", "need_sensors", "need_share")]
    if any(np.shape(values) != (number,) for values in each) or len(rows) != start[-1]:
        raise PlanError(
            f"{name}: need_names, need_sensors and need_share must have {number} entries, one for "
            "each need, and need_rows none twice in a need"
        )
    sensors, share = _whole(each[1], name, "need_sensors"), _numbers(each[2], name, "need_share")
    if (sensors < 1).any() or (share > 1.0).any():
        raise PlanError(f"{name}: a need asks less than 1 sensor, or a share above 1")
    return tuple(
        Need(
            name=str(each[0][i]),
            rows=rows[start[i] : start[i + 1]],
            sensors=int(sensors[i]),
            share=float(share[i]),
        )
        for i in range(number)
    )


def _links(arrays: Mapping[str, Any], name: str, sites: int) -> Links | None:
    if "link_indptr" not in arrays:
        return None
    _complete(arrays, name, ("link_indices", "gateway"))
    start = _whole(arrays["link_indptr"], name, "link_indptr")
    near = _whole(arrays["link_indices"], name, "link_indices")
    gateway = np.asarray(arrays["gateway"], bool)
    if len(start) != sites + 1 or gateway.shape != (sites,):
        raise PlanError(
            f"{name}: link_indptr and gateway have {len(start)} and {gateway.size} entries: "
            f"expected {sites + 1} and {sites} for {sites} sites"
        )
    start, near, _ = _lists(f"{name}, link_indptr and link_indices", start, near, None, sites)
    here = np.repeat(np.arange(sites), np.diff(start))
    one_way = np.setdiff1d(here * sites + near, near.astype(np.int64) * sites + here)
    if len(one_way):
        raise PlanError(
            f"{name}: a link leads from site {one_way[0] // sites} to {one_way[0] % sites} and not "
            "back: list both directions"
        )
    return Links(indptr=start, indices=near, gateway=gateway)


def _complete(arrays: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> None:
    missing = [key for key in keys if key not in arrays]
    if missing:
        raise PlanError(f"{name}: no array {', '.join(missing)} (docs/siting.md)")


def arrays_of(siting: Siting) -> dict[str, Any]:
    """Lay a problem out as arrays by name; :func:`siting_of` reads them."""
    out: dict[str, Any] = {
        "indptr": siting.indptr,
        "indices": siting.indices,
        "weights": siting.weights,
        "costs": siting.costs,
        "budget": siting.budget,
        "site": siting.site,
        "kind": siting.kind,
        "limits": siting.limits,
        "fixed": siting.fixed,
        "barred": siting.barred,
    }
    if siting.chance is not None:
        out["chance"] = siting.chance
    if siting.needs:
        sizes = [len(need.rows) for need in siting.needs]
        out |= {
            "need_start": np.concatenate(([0], np.cumsum(sizes))),
            "need_rows": np.concatenate([need.rows for need in siting.needs]),
            "need_sensors": np.array([need.sensors for need in siting.needs]),
            "need_share": np.array([need.share for need in siting.needs]),
            "need_names": np.array([need.name for need in siting.needs]),
        }
    if siting.links is not None:
        out |= {
            "link_indptr": siting.links.indptr,
            "link_indices": siting.links.indices,
            "gateway": siting.links.gateway,
        }
    return out


def proof_arrays(tree: Tree) -> dict[str, Any]:
    """Lay a proof out as arrays by name.

    ``split, zero, one`` are the tree; leaf number l, in the order of the leaves' nodes, has the
    multipliers ``cover[l], money[l], limits[l], pays[l], twice[l], walls[l]``. Where covering is a
    matter of chance there is one leaf, with ``marginal[0]`` and ``anchor`` besides.
    Where ``pegged`` is true, one set of multipliers more follows the leaves': no choice better than
    ``chosen`` holds an option that they rule out.
    """
    prices: tuple[Multipliers, ...] = tree.prices
    if tree.peg is not None:
        rest = np.zeros(len(tree.walls) - len(tree.peg.walls))
        prices += (replace(tree.peg, walls=np.concatenate((tree.peg.walls, rest))),)
    walls: tuple[Wall, ...] = tree.walls
    chance = {
        "marginal": np.array([p.marginal for p in prices if p.marginal is not None], float),
        "anchor": np.array([i for p in prices[:1] if p.anchor is not None for i in p.anchor], int),
    }
    return chance | {
        "pegged": np.array(tree.peg is not None),
        "split": tree.split,
        "zero": tree.zero,
        "one": tree.one,
        "cover": np.stack([p.cover for p in prices]),
        "money": np.array([p.money for p in prices]),
        "limits": np.stack([p.limits for p in prices]),
        "pays": np.array([p.pays for p in prices]),
        "twice": np.stack([np.concatenate([np.zeros(0), *p.twice]) for p in prices]),
        "walls": np.stack([p.walls for p in prices]),
        **_spare_arrays(prices),
        "wall_site": np.array([w.site for w in walls], np.int32),
        "wall_start": np.concatenate(([0], np.cumsum([len(w.members) for w in walls]))).astype(int),
        "wall_members": np.concatenate([np.zeros(0, np.int32), *[w.members for w in walls]]),
    }


def _spare_arrays(prices: tuple[Multipliers, ...]) -> dict[str, Any]:
    """Lay out what the leaves say of needs without an option, one after the other."""
    spares = [(leaf, spare) for leaf, price in enumerate(prices) for spare in price.spares]
    sizes = [len(spare.worth) for _, spare in spares]
    return {
        "spare_leaf": np.array([leaf for leaf, _ in spares], int),
        "spare_need": np.array([spare.need for _, spare in spares], int),
        "spare_option": np.array([spare.option for _, spare in spares], int),
        "spare_start": np.concatenate(([0], np.cumsum(sizes))).astype(int),
        "spare_worth": np.concatenate([np.zeros(0), *[spare.worth for _, spare in spares]]),
    }
