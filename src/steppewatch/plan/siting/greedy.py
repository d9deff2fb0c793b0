"""The first choice: whatever adds most, in all or for its money, until the money is gone.

Greedy is within 1 - 1/e of the best for a number of sites (Nemhauser, Wolsey & Fisher 1978) and,
as the better of both rules, within (1 - 1/e)/2 for a budget (Leskovec et al. 2007, "Cost-effective
outbreak detection in networks", theorem 3). On real ground it is within one or two per cent.
"""

from dataclasses import dataclass

import numpy as np

from steppewatch.plan.siting import kernels
from steppewatch.plan.siting.board import Board
from steppewatch.plan.siting.instance import AnyNumbers, Array, Flags, Numbers, Siting

NOTHING = 1e-9  # share of the whole weight


class Reach:
    """Keep for each site what relays would join it to the network.

    Args:
        siting: The problem.
        board: The choice so far; its sites that reach a gateway are members.
    """

    def __init__(self, siting: Siting, board: Board) -> None:
        self._siting = siting
        sites = siting.sites
        self._links = siting.links
        self.relay, self.option = cheapest(siting)
        self.cost = np.zeros(sites)
        self.via = np.full(sites, kernels.ALONE, np.int32)
        if self._links is not None:
            self.cost[:] = np.inf
            self._spread(np.flatnonzero(self._links.gateway), member=False)
            self._spread(np.flatnonzero(joined(siting, board.used)), member=True)

    def _spread(self, sources: AnyNumbers, *, member: bool) -> None:
        if self._links is not None and len(sources):
            kernels.spread_reach(
                sources.astype(np.int32),
                member,
                self._links.indptr,
                self._links.indices,
                self.relay,
                self.cost,
                self.via,
            )

    def relays_to(self, site: int) -> list[int]:
        """List the options (relays) that join a site to the network."""
        found, at = [], int(self.via[site])
        while at >= 0 and self.via[at] != kernels.MEMBER:
            found.append(int(self.option[at]))
            at = int(self.via[at])
        return found

    def join(self, sites: list[int]) -> None:
        """Count sites as members from now on."""
        self._spread(np.asarray(sites, np.int32), member=True)


def cheapest(siting: Siting) -> tuple[Array, Numbers]:
    """Give for each site the price of its cheapest option, and that option (-1 for none)."""
    price, option = np.full(siting.sites, np.inf), np.full(siting.sites, -1, np.int32)
    for i in np.lexsort((siting.costs, siting.site))[::-1]:
        if not siting.barred[i]:
            price[siting.site[i]], option[siting.site[i]] = siting.costs[i], i
    return price, option


def joined(siting: Siting, used: Flags) -> Flags:
    """Say which used sites reach a gateway over used sites ``(s,)``; all when nobody asks."""
    if siting.links is None:
        return used.copy()
    found = np.zeros(siting.sites, bool)
    kernels.reached(
        used,
        siting.links.gateway,
        siting.links.indptr,
        siting.links.indices,
        found,
        np.empty(siting.sites, np.int32),
    )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Say how the next option is chosen: by gain for the money, or by gain alone."""

    by_ratio: bool


def fill(board: Board, reach: Reach, rule: Rule, worth: Array | None = None) -> list[int]:
    """Take options as long as one adds something and can be paid, relays included.

    Args:
        board: Grows.
        reach: Follows the board.
        rule: Which option is next.
        worth: ``(n,)`` kept by the board's owner, used instead of the board's gains.

    Returns:
        The options taken, in order.
    """
    siting = board.siting
    order: list[int] = []
    least = NOTHING * float(siting.weights.sum())
    gain = board.gain if worth is None else worth
    barred = np.zeros(siting.options, bool)
    while True:
        left = siting.budget - board.spent
        open_to = board.open_to() & ~barred
        i = kernels.best_option(
            gain, siting.costs, reach.cost[siting.site], left, rule.by_ratio, open_to, least
        )
        if i < 0:
            return order
        taken = take_with_relays(board, reach, i)
        if taken:
            order += taken
        else:
            barred[i] = True


def take_with_relays(board: Board, reach: Reach, i: int) -> list[int]:
    """Take an option and the relays that join it; nothing when a limit forbids one of them."""
    siting = board.siting
    site = int(siting.site[i])
    relays = reach.relays_to(site) if siting.links is not None else []
    wanted = np.bincount(siting.kind[[i, *relays]], minlength=len(siting.limits))
    if (board.bought + wanted > siting.limits).any():
        return []
    for option in (*relays, i):
        board.put(option)
    if siting.links is not None:
        reach.join([int(siting.site[o]) for o in (*reversed(relays), i)])
    return [*relays, i]
