"""Choose candidate sites: make them, take away what breaks a limit, and say how many each took."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import PlanError
from steppewatch.plan.candidates.features import Features, Flags
from steppewatch.plan.candidates.hilltops import apart, hilltops
from steppewatch.plan.rehearse.scenario import SitePlan
from steppewatch.plan.rehearse.stage import place_site
from steppewatch.plan.wanted import Candidates, Wanted
from steppewatch.world.border import Border
from steppewatch.world.geodesy import MEAN_RADIUS, Array, ecef_from_geodetic
from steppewatch.world.terrain import Terrain

LEAST_SLOPE_STEP = 30.0  # [m]

Test = Callable[[Array, Array], Flags]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sites:
    """Hold s places where something may stand.

    Attributes:
        ids: ``(s,)`` short names, none twice.
        lat: ``(s,)`` [rad].
        lon: ``(s,)`` [rad].
        ground: ``(s,)`` height of the ground [m].
        allowed: ``(s, packages)`` which packages may stand there.
        fixed: ``(s,)`` package that stands there already, −1 for none.
        paid: ``(s,)`` whether that is not charged to the budget.
        barred: ``(s,)`` whether nothing may stand there.
        gateway: ``(s,)`` whether it reaches the network by itself.
    """

    ids: tuple[str, ...]
    lat: Array
    lon: Array
    ground: Array
    allowed: Flags
    fixed: NDArray[np.int64]
    paid: Flags
    barred: Flags
    gateway: Flags

    def __len__(self) -> int:
        """Count the places."""
        return len(self.ids)


def given_sites(wanted: Wanted, terrain: Terrain) -> Sites:
    """Put the sites that the plan names on the ground.

    Raises:
        PlanError: Terrain is unknown at one.
    """
    packages = [package.id for package in wanted.packages]
    placed = [
        place_site(
            SitePlan(id=s.id, name=s.id, lat=s.lat, lon=s.lon, seek_high=s.seek_high),
            terrain,
            wanted.source,
        )
        for s in wanted.sites
    ]
    return Sites(
        ids=tuple(s.id for s in wanted.sites),
        lat=np.array([p.lat for p in placed], float),
        lon=np.array([p.lon for p in placed], float),
        ground=np.array([p.height for p in placed], float),
        allowed=np.array([[p in s.packages for p in packages] for s in wanted.sites], bool).reshape(
            len(wanted.sites), len(packages)
        ),
        fixed=np.array(
            [packages.index(s.packages[0]) if s.fixed else -1 for s in wanted.sites], np.int64
        ),
        paid=np.array([s.paid for s in wanted.sites], bool),
        barred=np.array([s.barred for s in wanted.sites], bool),
        gateway=np.array([s.gateway for s in wanted.sites], bool),
    )


def candidate_sites(
    wanted: Wanted,
    terrain: Terrain,
    border: Border,
    watched: tuple[Array, Array],
    reach: float,
    files: Mapping[str, Features],
) -> Sites:
    """Give the plan's own sites and those of all its ``[[candidates]]``.

    A place that two rules give is one site with the packages of both.

    Args:
        wanted: The plan.
        terrain: Any.
        border: For distances inside it.
        watched: Latitudes and longitudes [rad] of what is to be seen.
        reach: A site farther from all of that than this [m] is of no use.
        files: Features of every file that the rules name.

    Raises:
        PlanError: A rule leaves nothing; the message says how many each limit took away.
    """
    near = _Nearness(watched, reach)
    sites = given_sites(wanted, terrain)
    ids, places = list(sites.ids), [(sites.lat, sites.lon)]
    allowed = [sites.allowed]
    packages = [package.id for package in wanted.packages]
    for rule in wanted.candidates:
        names, lat, lon = _of_rule(wanted, rule, terrain, border, near, files)
        known = {(round(a, 9), round(o, 9)) for a, o in _pairs(places)}
        fresh = np.array([(round(a, 9), round(o, 9)) not in known for a, o in _pairs([(lat, lon)])])
        used = set(ids)
        for name in np.array(names, object)[fresh].tolist():
            ids.append(_own_name(name, used))
            used.add(ids[-1])
        places.append((lat[fresh], lon[fresh]))
        may = np.array([package in rule.packages for package in packages])
        allowed.append(np.broadcast_to(may, (int(fresh.sum()), len(packages))))
        _join(places, allowed, (lat[~fresh], lon[~fresh]), may)
    lat, lon = (np.concatenate(column) for column in zip(*places, strict=True))
    added = len(ids) - len(sites)
    none = np.zeros(added, bool)
    return Sites(
        ids=tuple(ids),
        lat=lat,
        lon=lon,
        ground=np.concatenate(
            (sites.ground, np.asarray(terrain.heights(lat, lon), float)[len(sites) :])
        ),
        allowed=np.concatenate(allowed),
        fixed=np.concatenate((sites.fixed, np.full(added, -1))),
        paid=np.concatenate((sites.paid, none)),
        barred=np.concatenate((sites.barred, none)),
        gateway=np.concatenate((sites.gateway, none)),
    )


def _of_rule(
    wanted: Wanted,
    rule: Candidates,
    terrain: Terrain,
    border: Border,
    near: "_Nearness",
    files: Mapping[str, Features],
) -> tuple[list[str], Array, Array]:
    """Make the places of one rule and hold them against its limits."""

    def of_interest(lat: float, lon: float, radius: float) -> bool:
        inside = float(border.locate(lat, lon).distance) if wanted.belt else rule.nearest
        belt = rule.nearest - radius <= inside <= rule.farthest + radius
        return belt and near.block(lat, lon, radius)

    if rule.kind == "hilltops":
        lat, lon = hilltops(terrain, near.box(), rule.spacing, of_interest)
        names = [f"hill-{i + 1}" for i in range(lat.size)]
    else:
        features = files[rule.file or ""]
        if rule.kind == "roads":
            lat, lon = features.along(rule.spacing)
            names = [f"road-{i + 1}" for i in range(lat.size)]
        else:
            lat, lon = features.points()
            names = [n or f"{rule.kind[:-1]}-{i + 1}" for i, n in enumerate(features.ids)]
    made, took = lat.size, []
    keep = np.arange(made)
    for words, test in _limits(wanted, rule, terrain, border, near, files):
        passed = test(lat[keep], lon[keep])
        if not passed.all():
            took.append(f"{int((~passed).sum())} {words}")
        keep = keep[passed]
    if not keep.size:
        raise PlanError(
            f"{wanted.source}: [[candidates]] of kind {rule.kind!r} leave no site: of {made} "
            f"places, {', '.join(took) or 'none was made'}; loosen a limit"
        )
    if rule.number is not None and keep.size > rule.number:
        draw = np.random.default_rng(rule.seed)
        keep = np.sort(draw.choice(keep, rule.number, replace=False))
    return [names[i] for i in keep], lat[keep], lon[keep]


def _limits(
    wanted: Wanted,
    rule: Candidates,
    terrain: Terrain,
    border: Border,
    near: "_Nearness",
    files: Mapping[str, Features],
) -> Iterator[tuple[str, Test]]:
    def in_belt(lat: Array, lon: Array) -> Flags:
        distance = border.locate(lat, lon).distance
        return np.asarray((distance >= rule.nearest) & (distance <= rule.farthest))

    def spaced(lat: Array, lon: Array) -> Flags:
        clear = np.zeros(lat.size, bool)
        clear[apart(lat, lon, rule.spacing)] = True
        return clear

    def close(file: str, distance: float) -> Test:
        return lambda lat, lon: files[file].within(lat, lon, distance)

    if wanted.belt:
        span = f"{rule.nearest / 1e3:g} to {rule.farthest / 1e3:g} km"
        yield f"not {span} inside the border", in_belt
    yield "too far from what is watched", near.places
    yield f"nearer than {rule.spacing / 1e3:g} km to another", spaced
    yield "where terrain is unknown", lambda lat, lon: ~np.isnan(terrain.heights(lat, lon))
    steepest = f"steeper than {math.degrees(rule.steepest):g}°"
    yield steepest, lambda lat, lon: slope(terrain, lat, lon) <= rule.steepest
    if rule.near_file:
        words = f"more than {rule.near / 1e3:g} km from {rule.near_file}"
        yield words, close(rule.near_file, rule.near)
    if rule.power_file:
        words = f"more than {rule.power / 1e3:g} km from {rule.power_file}"
        yield words, close(rule.power_file, rule.power)


def slope(terrain: Terrain, lat: Array, lon: Array) -> Array:
    """Give the slope of the ground [rad] over two steps of the terrain; NaN where unknown."""
    step = max(terrain.describe().resolution, LEAST_SLOPE_STEP / MEAN_RADIUS)
    wide = step / np.cos(lat)
    up = terrain.heights(lat + step, lon) - terrain.heights(lat - step, lon)
    right = terrain.heights(lat, lon + wide) - terrain.heights(lat, lon - wide)
    return np.asarray(np.arctan(np.hypot(up, right) / (2.0 * step * MEAN_RADIUS)))


class _Nearness:
    """Answer how near places are to what is watched."""

    def __init__(self, watched: tuple[Array, Array], reach: float) -> None:
        from scipy.spatial import cKDTree  # noqa: PLC0415 (slow to import)

        self._lat, self._lon, self._reach = *watched, reach
        self._tree = cKDTree(ecef_from_geodetic(*watched))

    def box(self) -> tuple[float, float, float, float]:
        """Give south, west, north, east [rad] of all places that are near."""
        angle = self._reach / MEAN_RADIUS
        south, north = float(self._lat.min()) - angle, float(self._lat.max()) + angle
        wide = angle / math.cos(max(abs(south), abs(north)))
        return south, float(self._lon.min()) - wide, north, float(self._lon.max()) + wide

    def block(self, lat: float, lon: float, radius: float) -> bool:
        """Say whether any place within a radius [m] may be near."""
        distance, _ = self._tree.query(ecef_from_geodetic(lat, lon))
        return bool(distance <= self._reach + radius)

    def places(self, lat: Array, lon: Array) -> Flags:
        """Say which places are near."""
        distance, _ = self._tree.query(ecef_from_geodetic(lat, lon))
        return np.asarray(distance <= self._reach)


def _pairs(places: list[tuple[Array, Array]]) -> list[tuple[float, float]]:
    return [pair for lat, lon in places for pair in zip(lat.tolist(), lon.tolist(), strict=True)]


def _join(
    places: list[tuple[Array, Array]],
    allowed: list[Flags],
    again: tuple[Array, Array],
    may: Flags,
) -> None:
    """Allow the packages of a rule at places that an earlier rule gave too."""
    wanted = {(round(a, 9), round(o, 9)) for a, o in _pairs([again])}
    for i, place in enumerate(places[:-1]):
        hit = [(round(a, 9), round(o, 9)) in wanted for a, o in _pairs([place])]
        if any(hit):
            allowed[i] = allowed[i] | (np.array(hit)[:, None] & may)


def _own_name(name: str, used: set[str]) -> str:
    """Give a name that no other site has."""
    if name not in used:
        return name
    number = 2
    while f"{name}-{number}" in used:
        number += 1
    return f"{name}-{number}"
