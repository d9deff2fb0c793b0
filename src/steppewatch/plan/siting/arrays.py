"""A siting problem and a proof as plain arrays, for files and for other programs.

The smallest file that is accepted has ``indptr, indices, weights, costs, budget``: option i covers
the demands ``indices[indptr[i]:indptr[i + 1]]``. If ``indptr`` has one entry more than there are
demands, and not one more than there are options, the lists are taken as the options of each demand.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.instance import Links, Need, Siting
from steppewatch.plan.siting.tree import Tree

if TYPE_CHECKING:
    from steppewatch.plan.siting.bound import Multipliers, Wall

NEEDED = ("indptr", "indices", "weights", "costs", "budget")


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
    budget = float(_numbers(arrays["budget"], name, "budget").reshape(-1)[0])
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
    kinds = int(kind.max(initial=0)) + 1
    siting = Siting(
        indptr=indptr,
        indices=indices,
        chance=chance,
        weights=weights,
        costs=costs,
        budget=budget,
        site=_whole(arrays.get("site", np.arange(n)), name, "site").astype(np.int32),
        kind=kind,
        limits=np.asarray(arrays.get("limits", np.full(kinds, np.inf)), float),
        fixed=np.asarray(arrays.get("fixed", np.zeros(n)), bool),
        barred=np.asarray(arrays.get("barred", np.zeros(n)), bool),
        needs=_needs(arrays),
        links=_links(arrays),
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
    if array.ndim != 1 or not (array == np.floor(array)).all():
        raise PlanError(f"{name}: {key} is no list of whole numbers")
    if array.size and array.min() < 0:
        raise PlanError(f"{name}: {key} has {array.min()}: expected numbers ≥ 0")
    return array.astype(np.int64)


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


def _needs(arrays: Mapping[str, Any]) -> tuple[Need, ...]:
    if "need_start" not in arrays:
        return ()
    start, rows = arrays["need_start"], np.asarray(arrays["need_rows"], np.int32)
    names = [str(name) for name in arrays["need_names"]]
    return tuple(
        Need(name=names[i], rows=rows[start[i] : start[i + 1]], sensors=int(k), share=float(share))
        for i, (k, share) in enumerate(
            zip(arrays["need_sensors"], arrays["need_share"], strict=True)
        )
    )


def _links(arrays: Mapping[str, Any]) -> Links | None:
    if "link_indptr" not in arrays:
        return None
    return Links(
        indptr=np.asarray(arrays["link_indptr"], np.int64),
        indices=np.asarray(arrays["link_indices"], np.int32),
        gateway=np.asarray(arrays["gateway"], bool),
    )


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
    """
    prices: tuple[Multipliers, ...] = tree.prices
    walls: tuple[Wall, ...] = tree.walls
    chance = {
        "marginal": np.array([p.marginal for p in prices if p.marginal is not None], float),
        "anchor": np.array([i for p in prices[:1] if p.anchor is not None for i in p.anchor], int),
    }
    return chance | {
        "split": tree.split,
        "zero": tree.zero,
        "one": tree.one,
        "cover": np.stack([p.cover for p in prices]).astype(np.float32),
        "money": np.array([p.money for p in prices]),
        "limits": np.stack([p.limits for p in prices]),
        "pays": np.array([p.pays for p in prices]),
        "twice": np.stack([np.concatenate([np.zeros(0), *p.twice]) for p in prices]),
        "walls": np.stack([p.walls for p in prices]),
        "wall_site": np.array([w.site for w in walls], np.int32),
        "wall_start": np.concatenate(([0], np.cumsum([len(w.members) for w in walls]))).astype(int),
        "wall_members": np.concatenate([np.zeros(0, np.int32), *[w.members for w in walls]]),
    }
