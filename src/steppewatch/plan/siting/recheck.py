"""Check a choice and the proof of its bound, with numpy alone: no solver, none of the kernels.

Everything is worked out again from the problem's arrays: whether the choice keeps every condition,
what it covers, whether the leaves of the tree cover all choices, and what each leaf's multipliers
prove. Nothing is believed of the file but the multipliers, and any multipliers ≥ 0 prove a bound
(docs/siting.md shows why on one page). The work is a few passes over the covered pairs for each
leaf.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import PlanError
from steppewatch.plan.siting.instance import Siting

AT_ONCE = 4_000_000  # covered pairs
TOLERANCE = 1e-9

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Hold what was worked out again: value, bound, spent, number of leaves, and what is wrong."""

    value: float
    bound: float
    spent: float
    leaves: int
    faults: tuple[str, ...]


def recheck(siting: Siting, chosen: NDArray[np.int64], proof: Mapping[str, Any]) -> Verdict:
    """Check a choice and a proof.

    Args:
        siting: The problem.
        chosen: ``(k,)`` options.
        proof: Arrays by name, as ``proof_arrays`` lays them out.

    Raises:
        PlanError: The arrays do not fit the problem or each other.
    """
    faults = list(_faults(siting, chosen))
    _fit(siting, proof)
    leaves = list(_leaves(siting, proof))
    whole = siting.chance is None and bool((siting.weights % 1.0 == 0.0).all())
    value = _value(siting, chosen)
    out = np.zeros(siting.options, bool)
    if bool(proof.get("pegged", False)):
        if faults:
            raise PlanError(f"the proof rests on a choice that is none: {faults[0]}")
        number = int((np.asarray(proof["split"]) < 0).sum())  # the row after the leaves'
        out = _ruled_out(siting, proof, number, value, whole=whole)
    bound = max(_leaf_bound(siting, proof, number, fixed, out) for number, fixed in leaves)
    if whole and np.isfinite(bound):
        bound = float(np.floor(bound + 1e-6))
    if out.any():
        bound = max(bound, value)
    if not bound >= value * (1.0 - TOLERANCE):
        faults.append(f"the bound {bound:g} is below the value {value:g}: one of them is wrong")
    return Verdict(
        value=value,
        bound=bound,
        spent=float(siting.costs[chosen].sum()),
        leaves=len(leaves),
        faults=tuple(faults),
    )


def _value(siting: Siting, chosen: NDArray[np.int64]) -> float:
    miss = np.ones(siting.demands)
    for i in chosen:
        part = slice(siting.indptr[i], siting.indptr[i + 1])
        p = 1.0 if siting.chance is None else siting.chance[part].astype(float)
        miss[siting.indices[part]] *= 1.0 - p
    return float(siting.weights @ (1.0 - miss))


def _faults(siting: Siting, chosen: NDArray[np.int64]) -> Iterator[str]:
    """Name every condition that a choice breaks."""
    taken = np.zeros(siting.options, bool)
    taken[chosen] = True
    if len(np.unique(chosen)) != len(chosen):
        yield "an option is taken twice"
    spent = float(siting.costs[taken].sum())
    if spent > siting.budget * (1.0 + TOLERANCE):
        yield f"it costs {spent:g}, the budget is {siting.budget:g}"
    if (siting.fixed & ~taken).any():
        yield f"fixed option {int(np.flatnonzero(siting.fixed & ~taken)[0])} is not taken"
    if (siting.barred & taken).any():
        yield f"barred option {int(np.flatnonzero(siting.barred & taken)[0])} is taken"
    for kind, most in enumerate(siting.limits):
        number = int((siting.kind[taken] == kind).sum())
        if number > most:
            yield f"package {kind} is bought {number} times, at most {most:g} are allowed"
    sites = siting.site[taken & ~siting.fixed]
    if len(np.unique(sites)) < len(sites) or np.isin(sites, siting.site[siting.fixed]).any():
        yield "a site has two options"
    count = np.zeros(siting.demands, int)
    for i in chosen:
        count[siting.indices[siting.indptr[i] : siting.indptr[i + 1]]] += 1
    for need in siting.needs:
        weights = siting.weights[need.rows]
        met = float(weights[count[need.rows] >= need.sensors].sum())
        if met < need.share * float(weights.sum()) * (1.0 - TOLERANCE):
            yield (
                f"need {need.name!r}: {met / float(weights.sum()):.4%} is covered by "
                f"{need.sensors}, asked {need.share:.4%}"
            )
    yield from _apart(siting, np.unique(siting.site[taken]))


def _apart(siting: Siting, used: NDArray[np.int32]) -> Iterator[str]:
    links = siting.links
    if links is None:
        return
    left = {int(s) for s in used}
    ready = [s for s in left if links.gateway[s]]
    left -= set(ready)
    while ready:
        s = ready.pop()
        near = {int(t) for t in links.indices[links.indptr[s] : links.indptr[s + 1]]} & left
        left -= near
        ready += near
    if left:
        yield f"{len(left)} sites reach no gateway, site {min(left)} among them"


def _leaves(siting: Siting, proof: Mapping[str, Any]) -> Iterator[tuple[int, dict[int, bool]]]:
    """Walk the tree from its root; both ways of every split lead to a leaf."""
    split, zero, one = (np.asarray(proof[key]) for key in ("split", "zero", "one"))
    number = np.cumsum(split < 0) - 1
    seen = np.zeros(len(split), bool)
    ready: list[tuple[int, dict[int, bool]]] = [(0, {})]
    while ready:
        node, fixed = ready.pop()
        if not 0 <= node < len(split) or seen[node]:
            raise PlanError("the proof's tree is damaged: a node is its own descendant or missing")
        seen[node] = True
        option = int(split[node])
        if option < 0:
            yield int(number[node]), fixed
            continue
        if option >= siting.options or option in fixed:
            raise PlanError(f"the proof's tree is damaged: it splits on option {option}")
        ready += [(int(zero[node]), {**fixed, option: False})]
        ready += [(int(one[node]), {**fixed, option: True})]


def _fit(siting: Siting, proof: Mapping[str, Any]) -> None:
    """Refuse arrays whose shapes do not fit, and multipliers that are below 0 or endless."""
    split, members = (np.asarray(proof[key]) for key in ("split", "wall_members"))
    leaves = int((split < 0).sum()) if split.dtype.kind in "iu" else 0
    rows = leaves + bool(proof.get("pegged", False))
    walls, nodes = np.size(proof["wall_site"]), np.size(split)
    counted: list[tuple[str, tuple[int, ...]]] = [(key, (nodes,)) for key in ("zero", "one")]
    counted += [("split", (nodes,)), ("wall_site", (walls,)), ("wall_start", (walls + 1,))]
    priced: list[tuple[str, tuple[int, ...]]] = [
        ("money", (rows,)),
        ("cover", (rows, siting.demands)),
        ("limits", (rows, len(siting.limits))),
        ("pays", (rows, len(siting.needs))),
        ("twice", (rows, sum(len(need.rows) for need in siting.needs))),
        ("walls", (rows, walls)),
    ]
    if np.size(proof.get("marginal", [])):
        priced.append(("marginal", (rows, siting.demands)))
    for number, (key, shape) in enumerate(counted + priced):
        values = np.asarray(proof[key])
        kinds = "iu" if number < len(counted) else "iuf"
        if leaves < 1 or values.shape != shape or values.dtype.kind not in kinds:
            raise PlanError(f"the proof's {key} is {values.shape}: expected {shape}")
    for key, _ in priced:
        values = np.asarray(proof[key])
        if not ((values >= 0.0) & (values < np.inf)).all():
            raise PlanError(f"the proof's {key} has a number below 0, or none: expected ≥ 0")
    start = np.asarray(proof["wall_start"])
    if (
        members.ndim != 1
        or start[0] != 0
        or (np.diff(start) < 0).any()
        or start[-1] != len(members)
        or not ((members >= 0) & (members < siting.sites)).all()
    ):
        raise PlanError("the proof's walls do not fit together: a member is no site, or missing")


def _leaf_bound(
    siting: Siting,
    proof: Mapping[str, Any],
    number: int,
    fixed: dict[int, bool],
    out: NDArray[np.bool_],
) -> float:
    """Work out what one leaf's multipliers prove for the choices in it without some options."""
    one, zero = siting.fixed.copy(), siting.barred | out
    for option, taken in fixed.items():
        (one if taken else zero)[option] = True
    if (one & zero).any() or _crowded(siting, one):
        return -np.inf
    if (one | zero).all():
        only = np.flatnonzero(one)
        return -np.inf if any(_faults(siting, only)) else _value(siting, only)
    total, profit = _prices(siting, proof, number)
    return total + float(_best(siting, profit, one, zero).sum()) + float(profit[one].sum())


def _ruled_out(
    siting: Siting, proof: Mapping[str, Any], number: int, value: float, *, whole: bool
) -> NDArray[np.bool_]:
    """Say which options no choice better than ``value`` holds, by one set of multipliers."""
    one, zero = siting.fixed, siting.barred
    total, profit = _prices(siting, proof, number)
    best = _best(siting, profit, one, zero)
    bound = total + float(best.sum()) + float(profit[one].sum())
    forced = bound - best[siting.site] + profit
    if whole:
        forced = np.floor(forced + 1e-6)
    return np.asarray(~(one | zero) & (forced <= value))


def _best(siting: Siting, profit: Array, one: NDArray[np.bool_], zero: NDArray[np.bool_]) -> Array:
    """Give the most that each site can earn ``(s,)``; nothing where something is fixed."""
    best: Array = np.zeros(siting.sites)
    free = ~(one | zero)
    np.maximum.at(best, siting.site[free], profit[free])
    best[siting.site[one]] = 0.0
    return best


def _prices(siting: Siting, proof: Mapping[str, Any], number: int) -> tuple[float, Array]:
    """Give the part of the bound that no option changes, and what each option earns ``(n,)``."""
    cover = np.asarray(proof["cover"][number], float)
    money, limits = float(proof["money"][number]), np.asarray(proof["limits"][number], float)
    often = np.zeros(siting.demands)
    anchored, earned = _anchored(siting, proof, number)
    total = float(np.maximum(siting.weights - cover - anchored, 0.0).sum()) + earned[0]
    if (cover + anchored > siting.weights * (1.0 + 1e-6)).any() and anchored.any():
        raise PlanError("the proof gives two cuts of a demand more than its weight")
    at = 0
    spares = _spares(siting, proof, number)
    for which, (need, pays) in enumerate(zip(siting.needs, proof["pays"][number], strict=True)):
        twice = np.asarray(proof["twice"][number][at : at + len(need.rows)], float)
        at += len(need.rows)
        own = [worth for other, _, worth in spares if other == which]
        asked = need.sensors * twice + (need.sensors - 1) * sum(own, np.zeros(len(need.rows)))
        weights = siting.weights[need.rows]
        total += float(np.maximum(pays * weights - asked, 0.0).sum())
        total -= float(pays) * need.share * float(weights.sum())
        np.add.at(often, need.rows, sum(own, twice))
    total += money * siting.budget
    few = np.isfinite(siting.limits)
    total += float((limits[few] * siting.limits[few]).sum())
    profit = _sums(siting, cover, siting.chance) + earned[1]
    profit += _sums(siting, often, None) if often.any() else 0.0
    for which, option, worth in spares:
        own_worth = np.zeros(siting.demands)
        np.add.at(own_worth, siting.needs[which].rows, worth)
        part = slice(siting.indptr[option], siting.indptr[option + 1])
        profit[option] -= float(own_worth[siting.indices[part]].sum())
    profit -= money * siting.costs + np.where(few, limits, 0.0)[siting.kind]
    profit -= _walls(siting, proof, number)[siting.site]
    return total, profit


def _crowded(siting: Siting, one: NDArray[np.bool_]) -> bool:
    """Say whether options fixed together break the budget, a limit or a site."""
    sites = siting.site[one & ~siting.fixed]
    number = np.bincount(siting.kind[one], minlength=len(siting.limits))
    return (
        bool(siting.costs[one].sum() > siting.budget * (1.0 + TOLERANCE))
        or bool((number > siting.limits).any())
        or len(np.unique(sites)) < len(sites)
        or bool(np.isin(sites, siting.site[siting.fixed]).any())
    )


def _spares(siting: Siting, proof: Mapping[str, Any], number: int) -> list[tuple[int, int, Array]]:
    """Read what one leaf says of needs without an option: need, option, multipliers ``(r,)``."""
    found = []
    start, leaves = np.asarray(proof["spare_start"]), np.asarray(proof["spare_leaf"])
    each = {np.shape(proof[key]) for key in ("spare_need", "spare_option", "spare_leaf")}
    if each != {(max(0, len(start) - 1),)}:
        raise PlanError("the proof's spares do not fit together: some array is too short")
    for s, leaf in enumerate(leaves):
        if leaf != number:
            continue
        which, option = int(proof["spare_need"][s]), int(proof["spare_option"][s])
        worth = np.asarray(proof["spare_worth"][start[s] : start[s + 1]], float)
        if not (
            0 <= which < len(siting.needs)
            and 0 <= option < siting.options
            and len(worth) == len(siting.needs[which].rows)
            and (worth >= 0.0).all()
        ):
            raise PlanError(f"the proof's spare {s} does not fit a need, or is below 0")
        found.append((which, option, worth))
    return found


def _anchored(
    siting: Siting, proof: Mapping[str, Any], number: int
) -> tuple[Array, tuple[float, Array]]:
    """Work out the cut that starts from an anchor choice.

    Returns:
        Its multipliers ``(m,)``; what it gives without any option; what it pays each ``(n,)``.
    """
    none = np.zeros(siting.demands), (0.0, np.zeros(siting.options))
    marginal = np.asarray(proof.get("marginal", []), float)
    if marginal.size == 0 or siting.chance is None:
        return none
    anchor, own = np.asarray(proof["anchor"]).astype(int), marginal[number]
    if anchor.size and not 0 <= anchor.min() <= anchor.max() < siting.options:
        raise PlanError("the proof's cut has an anchor that is no option")
    miss = np.ones(siting.demands)
    for i in np.unique(anchor):
        part = slice(siting.indptr[i], siting.indptr[i + 1])
        miss[siting.indices[part]] *= 1.0 - siting.chance[part].astype(float)
    pays = _sums(siting, own * miss, siting.chance)
    pays[anchor] = 0.0
    return own, (float(own @ (1.0 - miss)), pays)


def _sums(siting: Siting, worth: Array, chance: Any) -> Array:
    """Add up the worth of each option's demands, some millions of pairs at a time."""
    out = np.zeros(siting.options)
    first = 0
    while first < siting.options:
        last = int(np.searchsorted(siting.indptr, siting.indptr[first] + AT_ONCE, "right")) - 1
        last = min(max(last, first + 1), siting.options)
        part = slice(siting.indptr[first], siting.indptr[last])
        value = worth[siting.indices[part]]
        if chance is not None:
            value = value * chance[part]
        running = np.concatenate(([0.0], np.cumsum(value)))
        ends = siting.indptr[first : last + 1] - siting.indptr[first]
        out[first:last] = np.diff(running[ends])
        first = last
    return out


def _walls(siting: Siting, proof: Mapping[str, Any], number: int) -> Array:
    """Give what the walls charge each site (a site that must be left) or pay it ``(s,)``."""
    charge = np.zeros(siting.sites)
    links = siting.links
    for w, site in enumerate(proof["wall_site"]):
        members = {
            int(s)
            for s in proof["wall_members"][proof["wall_start"][w] : proof["wall_start"][w + 1]]
        }
        if links is None or int(site) not in members or any(links.gateway[s] for s in members):
            raise PlanError(f"the proof's wall {w} holds a gateway or not its own site")
        near = {
            int(t) for s in members for t in links.indices[links.indptr[s] : links.indptr[s + 1]]
        }
        worth = float(proof["walls"][number][w])
        charge[int(site)] += worth
        charge[list(near - members)] -= worth
    return charge
