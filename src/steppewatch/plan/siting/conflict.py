"""Why no choice is possible: the smallest set of conditions that contradict each other.

Conditions are dropped one after the other as long as what is left still cannot be met (deletion
filter; Chinneck 2008, "Feasibility and infeasibility in optimization", §6.3); none of those that
remain can be spared. Each question is a small whole programme of the needs alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steppewatch.plan.siting.board import Board
from steppewatch.plan.siting.bound import held_at_first
from steppewatch.plan.siting.core import core_of
from steppewatch.plan.siting.greedy import Reach
from steppewatch.plan.siting.instance import Flags, Need, Siting
from steppewatch.plan.siting.programme import INFEASIBLE, Solver, model_of

QUESTION_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Name one condition: ``budget``, ``fixed``, ``barred``, ``links``, a limit or a need."""

    what: str
    number: int = -1
    told: str = ""


def conditions_of(siting: Siting, packages: Sequence[str] = ()) -> list[Condition]:
    """List a problem's conditions, those that people relax most readily first."""
    found = [Condition(what="budget", told=f"the budget of {siting.budget:,.6g}")]
    for kind in np.flatnonzero(np.isfinite(siting.limits)).tolist():
        name = packages[kind] if kind < len(packages) else f"package {kind}"
        found.append(
            Condition(
                what="limit",
                number=kind,
                told=f"at most {siting.limits[kind]:g} of {name}",
            )
        )
    for number, need in enumerate(siting.needs):
        found.append(
            Condition(
                what="need",
                number=number,
                told=f"need {need.name!r}: {need.share:.1%} covered by {need.sensors}"
                + _most(siting, need),
            )
        )
    barred = int((siting.barred & ~_beside_fixed(siting)).sum())
    if barred:
        found.append(Condition(what="barred", told=f"{barred} options are barred"))
    if siting.links is not None:
        found.append(Condition(what="links", told="every site must reach a gateway"))
    if siting.fixed.any():
        found.append(Condition(what="fixed", told=_fixed(siting)))
    return found


def _beside_fixed(siting: Siting) -> Flags:
    """Say which options stand at a site where another one is fixed ``(n,)``."""
    taken = np.zeros(siting.sites, bool)
    taken[siting.site[siting.fixed]] = True
    return np.asarray(taken[siting.site] & ~siting.fixed)


def _fixed(siting: Siting) -> str:
    cost = float(siting.costs[siting.fixed].sum())
    return f"{int(siting.fixed.sum())} options are fixed and cost {cost:,.6g}"


def _most(siting: Siting, need: Need) -> str:
    """Say how much of a need could be met by everything at once."""
    count = np.zeros(siting.demands, np.int64)
    open_to = np.flatnonzero(~siting.barred)
    # Options of one site exclude each other: a site counts once.
    sites: dict[int, list[int]] = {}
    for i in open_to:
        sites.setdefault(int(siting.site[i]), []).append(int(i))
    for options in sites.values():
        parts = [siting.indices[siting.indptr[i] : siting.indptr[i + 1]] for i in options]
        count[np.unique(np.concatenate(parts))] += 1
    weights = siting.weights[need.rows]
    most = float(weights[count[need.rows] >= need.sensors].sum() / max(weights.sum(), 1e-300))
    return f" (all sites together could cover {most:.1%} so often)"


def conflict(siting: Siting, packages: Sequence[str] = ()) -> list[Condition]:
    """Find conditions that contradict each other, none of which can be spared.

    Args:
        siting: A problem for which no choice was found.
        packages: Names of the packages.

    Returns:
        The conditions; empty when the whole programme finds a choice after all (only links, which
        it does not know, can then be the reason).
    """
    everything = conditions_of(siting, packages)
    apart = _cut_off(siting)
    if apart:
        return [
            Condition(what="links", told="every site must reach a gateway"),
            Condition(what="fixed", told=f"fixed site {apart[0]} can reach none over any links"),
        ]
    kept = [c for c in everything if c.what != "links"]
    if not _impossible(siting, kept):
        return []
    for one in list(kept):
        rest = [c for c in kept if c is not one]
        if _impossible(siting, rest):
            kept = rest
    return kept


def _cut_off(siting: Siting) -> list[int]:
    if siting.links is None or not siting.fixed.any():
        return []
    reach = Reach(siting, Board(siting))
    sites = np.unique(siting.site[siting.fixed])
    return [int(s) for s in sites if not np.isfinite(reach.cost[s])]


def _impossible(siting: Siting, kept: list[Condition]) -> bool:
    """Say whether no choice at all meets some conditions (links apart)."""
    what = {c.what for c in kept}
    numbers = {(c.what, c.number) for c in kept}
    few = np.array([("limit", k) in numbers for k in range(len(siting.limits))], bool)
    needs = tuple(n for k, n in enumerate(siting.needs) if ("need", k) in numbers)
    none = np.zeros(siting.options, bool)
    beside = _beside_fixed(siting)
    barred = siting.barred & ~beside if "barred" in what else none
    asked = replace(
        siting,
        chance=None,
        budget=siting.budget if "budget" in what else 1e300,
        limits=np.where(few, siting.limits, np.inf),
        fixed=siting.fixed if "fixed" in what else none,
        barred=barred | beside if "fixed" in what else barred,
        needs=needs,
        weights=_needed(siting, needs),
        links=None,
    )
    spent = float(asked.costs[asked.fixed].sum())
    number = np.bincount(asked.kind[asked.fixed], minlength=len(asked.limits))
    if spent > asked.budget * (1.0 + 1e-9) or (number > asked.limits).any():
        return True
    if not needs:
        return False
    rows = np.concatenate([need.rows for need in needs])
    wanted = np.zeros(siting.demands, bool)
    wanted[rows] = True
    helps = np.add.reduceat(
        np.append(wanted[siting.indices], False),
        np.minimum(siting.indptr[:-1], len(siting.indices)),
    )
    helps = (helps > 0) & (np.diff(siting.indptr) > 0)
    options = np.flatnonzero((helps & ~asked.barred) | asked.fixed).astype(np.int32)
    if not len(options):
        return any(need.share * float(siting.weights[need.rows].sum()) > 0.0 for need in needs)
    model = model_of(asked, core_of(asked, options), held_at_first(asked))
    answer = Solver(model, whole=True).solve(QUESTION_SECONDS, gap=1.0)
    return bool(answer.status == INFEASIBLE)


def _needed(siting: Siting, needs: tuple[Need, ...]) -> "np.typing.NDArray[np.float64]":
    """Keep the weights of the needs' demands; what else is covered does not matter here."""
    weights = np.zeros(siting.demands)
    for need in needs:
        weights[need.rows] = siting.weights[need.rows]
    return weights
