"""Walls: what connectivity asks of sites that are apart, as rows of a programme.

A group of used sites that reaches no gateway needs a used site among its neighbours. Every choice
that hangs together keeps that, whatever the group, so the rows may be found one by one, from
choices that do not (as the subtours of a travelling salesman; Dantzig, Fulkerson & Johnson 1954).
"""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from steppewatch.plan.siting.bound import Wall, around
from steppewatch.plan.siting.greedy import joined
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


def neighbours(siting: Siting, walls: tuple[Wall, ...]) -> Numbers:
    """List the cheapest option of every site through which a wall can be passed."""
    if not walls:
        return np.zeros(0, np.int32)
    sites = np.unique(np.concatenate([around(siting, wall.members) for wall in walls]))
    options = np.flatnonzero(np.isin(siting.site, sites) & ~siting.barred)
    order = options[np.lexsort((siting.costs[options], siting.site[options]))]
    _, first = np.unique(siting.site[order], return_index=True)
    return order[first].astype(np.int32)
