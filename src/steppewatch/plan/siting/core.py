"""A small copy of a problem: a few options, and demands that the same of them cover as one."""

from dataclasses import dataclass

import numpy as np

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import NO_CHANCE
from steppewatch.plan.siting.instance import Array, Numbers, Siting

KEY_SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Core:
    """Hold K options of a problem over G groups of demands.

    Attributes:
        options: ``(K,)`` their numbers in the whole problem, rising.
        indptr: ``(K + 1,)``.
        indices: Groups that each covers.
        weights: ``(G,)`` summed over the group.
        group: ``(m,)`` group of each demand, -1 where none of these options covers it.
    """

    options: Numbers
    indptr: "np.typing.NDArray[np.int64]"
    indices: Numbers
    weights: Array
    group: Numbers

    def spread(self, worth: Array, weights: Array, elsewhere: Array) -> Array:
        """Share out what groups are worth over their demands, by weight.

        Args:
            worth: ``(G,)``.
            weights: ``(m,)`` of the whole problem.
            elsewhere: ``(m,)`` for demands of no group.
        """
        if not len(self.weights):
            return elsewhere.copy()
        per_weight = worth / np.maximum(self.weights, 1e-300)
        return np.where(self.group >= 0, weights * per_weight[self.group], elsewhere)

    def gather(self, worth: Array) -> Array:
        """Add up what demands are worth over their groups ``(G,)``."""
        inside = self.group >= 0
        return np.asarray(
            np.bincount(self.group[inside], worth[inside], minlength=len(self.weights)), float
        )


def core_of(siting: Siting, options: Numbers) -> Core:
    """Keep some options, and merge the demands that exactly the same of them cover.

    Two demands are taken as the same when 64 random bits per option add up to the same sum over
    the options that cover them: a mistake has a chance of 2^-64 for each pair, and would only
    cost quality, since values and bounds are worked out on the whole problem.
    """
    options = np.sort(options).astype(np.int32)
    rng = np.random.default_rng(KEY_SEED)
    tag = rng.integers(1, 2**63, size=len(options), dtype=np.int64)
    key = np.zeros(siting.demands, np.int64)
    kernels.add_tags(siting.indptr, siting.indices, options, tag, key)
    key[siting.weights == 0.0] = 0  # what counts nothing need not be covered
    kinds, first, group = np.unique(key, return_index=True, return_inverse=True)
    number = np.arange(len(kinds), dtype=np.int32)
    if len(kinds) and (kinds == 0).any():
        number = np.where(kinds == 0, -1, np.cumsum(kinds != 0) - 1).astype(np.int32)
    of_demand = number[group.ravel()]
    speaker = np.full(siting.demands, -1, np.int32)
    speaker[first] = number
    sizes = np.zeros(len(options) + 1, np.int64)
    kernels.count_kept(siting.indptr, siting.indices, options, speaker, sizes)
    indptr = np.cumsum(sizes)
    indices = np.empty(int(indptr[-1]), np.int32)
    kernels.keep_groups(siting.indptr, siting.indices, options, speaker, indptr, indices)
    groups = int(number.max()) + 1 if len(number) else 0
    inside = of_demand >= 0
    weights = np.asarray(
        np.bincount(of_demand[inside], siting.weights[inside], minlength=groups), float
    )
    return Core(options=options, indptr=indptr, indices=indices, weights=weights, group=of_demand)


def core_prices(core: Core, worth: Array, out: Array) -> None:
    """Add up what each option's groups are worth ``(K,)``."""
    kernels.prices(core.indptr, core.indices, NO_CHANCE, worth.astype(np.float32), out)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NeedGroups:
    """Merge the demands of one need: group of each ``(r,)``, its groups, and their weights."""

    of_row: Numbers
    groups: Numbers
    weights: Array
    wanted: float
    sensors: int


def need_groups(siting: Siting, core: Core) -> tuple[NeedGroups, ...]:
    """Merge the needs' demands as the core merges its own."""
    found = []
    for need in siting.needs:
        group = core.group[need.rows]
        groups, of_row = np.unique(group, return_inverse=True)
        weights = np.bincount(of_row.ravel(), siting.weights[need.rows], minlength=len(groups))
        inside = groups >= 0
        found.append(
            NeedGroups(
                of_row=np.where(group >= 0, of_row.ravel() - int((~inside).sum()), -1).astype(
                    np.int32
                ),
                groups=groups[inside].astype(np.int32),
                weights=np.asarray(weights[inside], float),
                wanted=need.share * float(siting.weights[need.rows].sum()),
                sensors=need.sensors,
            )
        )
    return tuple(found)


def spread_need(weights: Array, need: NeedGroups, worth: Array, pays: float) -> Array:
    """Share out what a need's groups are worth over its demands ``(r,)``, by weight.

    Args:
        weights: ``(r,)`` of its demands.
        need: Its groups.
        worth: ``(groups,)``.
        pays: What the need pays for a unit of weight: demands that no option of the core covers
            are worth so much that they add nothing.
    """
    most = pays * weights / need.sensors
    if not len(worth):
        return most
    per_weight = worth / np.maximum(need.weights, 1e-300)
    return np.where(need.of_row >= 0, weights * per_weight[need.of_row], most)


def gather_need(need: NeedGroups, worth: Array) -> Array:
    """Add up what a need's demands ``(r,)`` are worth over its groups."""
    inside = need.of_row >= 0
    return np.asarray(
        np.bincount(need.of_row[inside], worth[inside], minlength=len(need.groups)), float
    )
