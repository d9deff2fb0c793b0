"""Put a siting problem together: a plan file, terrain and border become options and demands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import PlanError
from steppewatch.plan.belt import Cells, cells
from steppewatch.plan.candidates import Features, Sites, candidate_sites
from steppewatch.plan.reach import Kit, ReachTable, kits, reach_table
from steppewatch.plan.reach_kernels import chances_of_option
from steppewatch.plan.siting.instance import Links, Need, Siting
from steppewatch.plan.wanted import Wanted, WantedLinks
from steppewatch.sense.viewshed.clearance import paths
from steppewatch.sense.viewshed.points import LeastHeights, Masts, Points
from steppewatch.world.atmosphere import Atmosphere, site_atmosphere
from steppewatch.world.border import Border
from steppewatch.world.terrain import Terrain

LEAST_CHANCE = 0.01  # of a chance that is worth keeping

See = Callable[[Points, Masts, float], LeastHeights]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Name the options and demands of a siting problem.

    Attributes:
        sites: Places; ``Siting.site`` numbers them.
        site: ``(n,)`` site of each option.
        package: ``(n,)`` package of each option, in the plan's order.
        cells: What is watched; demand ``c × len(cells) + i`` is cell i for class c.
        cell: ``(m,)`` cell of each demand.
        target: ``(m,)`` class of each demand, in the plan's order.
        ground: ``(cells,)`` height of the ground [m].
        k: Effective earth radius factor that was used.
        pairs: Pairs of mast and cell whose visibility was asked.
    """

    sites: Sites
    site: NDArray[np.int32]
    package: NDArray[np.int32]
    cells: Cells
    cell: NDArray[np.int32]
    target: NDArray[np.int32]
    ground: NDArray[np.float64]
    k: float
    pairs: int


def named_files(wanted: Wanted) -> tuple[str, ...]:
    """List the files of features that a plan names."""
    names = [area.file for area in wanted.areas]
    for rule in wanted.candidates:
        names += [n for n in (rule.file, rule.near_file, rule.power_file) if n]
    if wanted.links is not None and wanted.links.gateway_file:
        names.append(wanted.links.gateway_file)
    return tuple(dict.fromkeys(names))


def assemble(
    wanted: Wanted,
    terrain: Terrain,
    border: Border,
    *,
    see: See,
    read: Callable[[str], str],
    files: Mapping[str, Features],
) -> tuple[Siting, Table]:
    """Make the siting problem of a plan.

    Args:
        wanted: The plan.
        terrain: Any.
        border: For the belt.
        see: Works out from how high above ground masts see points, given points, masts and k.
        read: Reads a sensor's ``.toml`` file.
        files: Features of all :func:`named_files`.

    Raises:
        PlanError: Nothing is to be watched, no candidate is left, or a need names no cell.
    """
    belt = cells(wanted, border, files)
    equipment = kits(wanted.packages, read)
    reach = max(kit.reach for kit in equipment)
    sites = candidate_sites(wanted, terrain, border, (belt.lat, belt.lon), reach, files)
    air, place = _usual_air(wanted, sites)
    tables = [
        [reach_table(kit, c, place, air.height, air) for c in wanted.classes] for kit in equipment
    ]
    least = LEAST_CHANCE if wanted.score == "expected" else wanted.required
    far = [_useful(kit, row, least) for kit, row in zip(equipment, tables, strict=True)]
    masts, of_mast = _masts(wanted, sites, far)
    seen = see(belt.points, masts, air.k)
    ground = np.asarray(terrain.heights(belt.lat, belt.lon), float)
    site, package = (a.astype(np.int32) for a in np.nonzero(sites.allowed))
    indptr, indices, chance = _covers(
        wanted, tables, far, (sites, site, package), of_mast, seen, ground, least
    )
    fixed = sites.fixed[site] == package
    price = np.array([p.price for p in wanted.packages], float)[package]
    siting = Siting(
        indptr=indptr,
        indices=indices,
        chance=chance if wanted.score == "expected" else None,
        weights=np.concatenate([belt.weight * one.weight for one in wanted.classes]),
        costs=np.where(fixed & sites.paid[site], 0.0, price),
        budget=wanted.budget,
        site=site,
        kind=package,
        limits=np.array([np.inf if p.most is None else p.most for p in wanted.packages], float),
        fixed=fixed,
        barred=sites.barred[site],
        needs=tuple(_need(wanted, border, belt, i) for i in range(len(wanted.needs))),
        links=None
        if wanted.links is None
        else _links(wanted, wanted.links, terrain, sites, air.k, files),
    )
    classes = len(wanted.classes)
    table = Table(
        sites=sites,
        site=site,
        package=package,
        cells=belt,
        cell=np.tile(np.arange(len(belt), dtype=np.int32), classes),
        target=np.repeat(np.arange(classes, dtype=np.int32), len(belt)),
        ground=ground,
        k=air.k,
        pairs=len(seen.indices),
    )
    return siting, table


def _usual_air(wanted: Wanted, sites: Sites) -> tuple[Atmosphere, tuple[float, float]]:
    """Give the air that stands for all sites: that of their middle and their median height."""
    place = float(np.median(sites.lat)), float(np.median(sites.lon))
    return site_atmosphere(*place, float(np.median(sites.ground)), k=wanted.k), place


def _useful(kit: Kit, row: list[ReachTable], least: float) -> float:
    """Give how far a package is of any use [m]; 0 for a relay."""
    return min(kit.reach, max((table.farthest(least) for table in row), default=0.0))


def _masts(wanted: Wanted, sites: Sites, far: list[float]) -> tuple[Masts, dict[float, Numbers]]:
    """List a mast for each height that a site's packages have, as far as they are of use.

    Returns:
        The masts; and for each height the number of each site's mast, −1 for none.
    """
    heights = sorted({p.mast for p in wanted.packages})
    columns: list[tuple[Numbers, NDArray[np.float64], float]] = []
    of_mast, count = {}, 0
    for height in heights:
        reach = np.zeros(len(sites))
        for i, package in enumerate(wanted.packages):
            if package.mast == height:
                reach = np.where(sites.allowed[:, i], np.maximum(reach, far[i]), reach)
        which = np.flatnonzero(reach > 0.0)
        numbers = np.full(len(sites), -1, np.int64)
        numbers[which] = count + np.arange(which.size)
        of_mast[height] = numbers
        count += which.size
        columns.append((which, reach[which], height))
    which = np.concatenate([c[0] for c in columns])
    masts = Masts(
        lat=sites.lat[which],
        lon=sites.lon[which],
        height=np.concatenate([np.full(c[0].size, c[2]) for c in columns]),
        reach=np.concatenate([c[1] for c in columns]),
    )
    return masts, of_mast


def _covers(
    wanted: Wanted,
    tables: list[list[ReachTable]],
    far: list[float],
    options: tuple[Sites, NDArray[np.int32], NDArray[np.int32]],
    of_mast: dict[float, Numbers],
    seen: LeastHeights,
    ground: NDArray[np.float64],
    least: float,
) -> tuple[Numbers, NDArray[np.int32], NDArray[np.float32]]:
    """List the demands of every option, with their chances."""
    sites, site, package = options
    most = int(np.diff(seen.indptr).max(initial=0)) * len(wanted.classes)
    rows, chance = np.empty(most, np.int32), np.empty(most, np.float32)
    indptr = np.zeros(len(site) + 1, np.int64)
    found: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    chances: list[NDArray[np.float32]] = [np.empty(0, np.float32)]
    for option, (s, p) in enumerate(zip(site.tolist(), package.tolist(), strict=True)):
        mast = wanted.packages[p].mast
        number = int(of_mast[mast][s])
        count = 0
        if number >= 0 and far[p] > 0.0:
            pairs = slice(int(seen.indptr[number]), int(seen.indptr[number + 1]))
            for c, one in enumerate(wanted.classes):
                count += chances_of_option(
                    seen.indices[pairs],
                    seen.height[pairs],
                    seen.distance[pairs],
                    ground,
                    float(sites.ground[s]) + mast,
                    one.height,
                    far[p],
                    tables[p][c].chance,
                    tables[p][c].scale,
                    least,
                    c * len(ground),
                    rows[count:],
                    chance[count:],
                )
        indptr[option + 1] = indptr[option] + count
        found.append(rows[:count].copy())
        chances.append(chance[:count].copy())
    return indptr, np.concatenate(found), np.concatenate(chances)


def _need(wanted: Wanted, border: Border, belt: Cells, index: int) -> Need:
    asked = wanted.needs[index]
    names = [line.neighbour for line in border.lines]
    target = [one.target for one in wanted.classes].index(asked.target)
    inside = belt.neighbour == names.index(asked.neighbour)
    inside &= (belt.along >= asked.start) & (belt.along < asked.end)
    rows = np.flatnonzero(inside)
    if not rows.size:
        raise PlanError(
            f"{wanted.source}: [[need]] {asked.name!r} holds no watched cell; expected a stretch "
            "of the [[section]]s"
        )
    return Need(
        name=asked.name,
        rows=(rows + target * len(belt)).astype(np.int32),
        sensors=asked.sensors,
        share=asked.share,
    )


def _links(
    wanted: Wanted,
    asked: WantedLinks,
    terrain: Terrain,
    sites: Sites,
    k: float,
    files: Mapping[str, Features],
) -> Links:
    """Find which sites can speak to each other, each from its lowest mast."""
    heights = np.array([p.mast for p in wanted.packages], float)
    lowest = np.where(sites.allowed, heights, np.inf).min(axis=1)
    masts = Masts(
        lat=sites.lat,
        lon=sites.lon,
        height=np.where(np.isfinite(lowest), lowest, heights.min()),
        reach=np.full(len(sites), asked.reach),
    )
    found = paths(terrain, masts, k, asked.frequency)
    clear = found.clearance >= asked.clearance
    one = np.concatenate((found.first[clear], found.second[clear]))
    other = np.concatenate((found.second[clear], found.first[clear]))
    order = np.lexsort((other, one))
    indptr = np.zeros(len(sites) + 1, np.int64)
    np.cumsum(np.bincount(one, minlength=len(sites)), out=indptr[1:])
    gateway = sites.gateway.copy()
    if asked.gateway_file is not None:
        gateway |= files[asked.gateway_file].within(sites.lat, sites.lon, asked.gateway_within)
    if not gateway.any():
        raise PlanError(
            f"{wanted.source}: [links] finds no gateway among {len(sites)} sites: expected a "
            "larger gateway_km, places nearer to them, or a [[site]] with gateway = true"
        )
    return Links(indptr=indptr, indices=other[order].astype(np.int32), gateway=gateway)
