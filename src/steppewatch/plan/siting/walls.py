"""Walls: what connectivity asks of sites that are apart, as rows of a programme.

A group of used sites that reaches no gateway needs a used site among its neighbours. Every choice
that hangs together keeps that, whatever the group, so the rows may be found one by one, from
choices that do not (as the subtours of a travelling salesman; Dantzig, Fulkerson & Johnson 1954).
"""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from steppewatch.plan.siting.bound import Wall, around
from steppewatch.plan.siting.greedy import cheapest, joined
from steppewatch.plan.siting.instance import Numbers, Siting


def walls_of(siting: Siting, chosen: Numbers) -> tuple[Wall, ...]:
    """Find the walls that a choice breaks: one for each group of sites that is apart."""
    links = siting.links
    if links is None:
        return ()
    used = np.zeros(siting.sites, bool)
    used[siting.site[chosen]] = True
    apart = np.flatnonzero(used & ~joined(siting, used))
    if not len(apart):
        return ()
    every = sparse.csr_matrix(
        (np.ones(len(links.indices), np.int8), links.indices, links.indptr),
        shape=(siting.sites, siting.sites),
    )
    count, group = connected_components(every[apart][:, apart], directed=False)
    return tuple(
        Wall(site=int(apart[group == g][0]), members=apart[group == g].astype(np.int32))
        for g in range(count)
    )


def wall_rows(siting: Siting, walls: tuple[Wall, ...]) -> sparse.csr_matrix:
    """Write walls as rows over the sites: 1 at the site that must be left, -1 at neighbours."""
    start, sites, signs = [0], [], []
    for wall in walls:
        near = around(siting, wall.members)
        sites.append(np.concatenate(([wall.site], near)))
        signs.append(np.concatenate(([1.0], -np.ones(len(near)))))
        start.append(start[-1] + len(near) + 1)
    if not walls:
        return sparse.csr_matrix((0, siting.sites))
    return sparse.csr_matrix(
        (np.concatenate(signs), np.concatenate(sites), start), shape=(len(walls), siting.sites)
    )


def bridges(siting: Siting, chosen: Numbers, each: int = 3) -> Numbers:
    """Suggest relays: for every group that is apart, where one joins it to most other groups.

    Args:
        siting: The problem.
        chosen: A choice that does not hang together.
        each: How many for a group.

    Returns:
        The cheapest option of each such site.
    """
    links = siting.links
    if links is None:
        return np.zeros(0, np.int32)
    used = np.unique(siting.site[chosen])
    every = sparse.csr_matrix(
        (np.ones(len(links.indices), np.int32), links.indices, links.indptr),
        shape=(siting.sites, siting.sites),
    )
    count, group = connected_components(every[used][:, used], directed=False)
    member = sparse.csr_matrix(
        (np.ones(len(used), np.int32), (np.arange(len(used)), group)), shape=(len(used), count)
    )
    touches = (every[:, used] @ member > 0).tocsc()
    # A free gateway joins a group to the network as another group would.
    number = np.asarray(touches.sum(axis=1)).ravel() + links.gateway
    number[used] = 0
    sites: set[int] = set()
    for g in range(count):
        near = touches.indices[touches.indptr[g] : touches.indptr[g + 1]]
        best = near[np.argsort(-number[near], kind="stable")[:each]]
        sites.update(best[number[best] > 1].tolist())
    price, option = cheapest(siting)
    found = np.array(sorted(sites), int)
    return np.asarray(option[found[np.isfinite(price[found])]])
