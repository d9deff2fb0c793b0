"""Many sites, one answer: how many sensors see a place, how well the best, how well together.

Each sensor brings a raster on its own window about its own site. They are asked at common points:
the cells of a latitude/longitude frame for a map, or posts along the border for the dark list.

What nobody knows is never covered. A place within range of sensors whose terrain is unknown there
(or on the way there) to all of them comes out as NaN; a place beyond the range of every sensor is
known: it is not seen.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.sense.viewshed import Viewshed
from steppewatch.world import geodesic
from steppewatch.world.equidistant import EquidistantGrid
from steppewatch.world.geodesy import Array
from steppewatch.world.terrain import Heights, cell_centres

SHORT = 200_000.0  # [m]; up to here the compiled geodesic does
LEAST_RADIUS = 6_335_000.0  # smallest radius of curvature of the ellipsoid [m]
MOST_CELLS = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """Hold what one sensor sees.

    Attributes:
        name: Of the sensor, for lists.
        grid: Where the raster's cells lie.
        chance: ``(2 size + 1, 2 size + 1)`` probability of detection 0…1, or 1 and 0 for in sight
            or not; NaN where unknown.
        max_range: Beyond it the sensor sees nothing [m].
        min_range: Nearer it sees nothing [m].
        warnings: What a careful user must know of it.
    """

    name: str
    grid: EquidistantGrid
    chance: Heights
    max_range: float
    min_range: float = 0.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Hold the cells of a common map: rows ``lat (r,)`` from the north, columns ``lon (c,)`` [rad].

    Attributes:
        lat: Latitudes of the rows' centres.
        lon: Longitudes of the columns' centres.
        south: Southern edge [rad].
        west: Western edge [rad].
        north: Northern edge [rad].
        east: Eastern edge [rad].
    """

    lat: Array
    lon: Array
    south: float
    west: float
    north: float
    east: float

    def area(self) -> Array:
        """Give the area of a cell of each row ``(r, 1)`` relative to the equator's (cos φ)."""
        return np.asarray(np.cos(self.lat)[:, None])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Hold what all sensors see together; arrays have the shape of the points.

    Attributes:
        count: Sensors that reach the required probability, float32; NaN unknown.
        best: Highest single probability; NaN unknown.
        combined: ``1 − Π (1 − pᵢ)``; NaN unknown. **Independence is assumed**: true for noise,
            not for what sensors share (weather, a target that hides); the truth lies between
            ``best`` and this.
        required: The probability that counts.
        sites: Name, latitude and longitude [rad] of each sensor, in order.
    """

    count: Heights
    best: Heights
    combined: Heights
    required: float
    sites: tuple[tuple[str, float, float], ...]


def sight_cover(viewshed: Viewshed, height: float, name: str, min_range: float = 0.0) -> Cover:
    """Say where a sensor has line of sight to ``height`` [m] above the ground: 1, 0 or NaN.

    Raises:
        SenseError: The viewshed's window has no place on earth.
    """
    return cover(viewshed, in_sight(viewshed.min_height, height), name, min_range)


def in_sight(min_height: Heights, height: float) -> Heights:
    """Turn minimum visible heights into 1 (seen at ``height`` [m]), 0 or NaN."""
    seen = (min_height <= height).astype(np.float32)
    return np.where(np.isnan(min_height), np.float32(np.nan), seen)


def cover(viewshed: Viewshed, chance: Heights, name: str, min_range: float = 0.0) -> Cover:
    """Take any raster of probabilities on a viewshed's cells as a sensor's cover."""
    window = viewshed.window
    if window.grid is None:
        raise SenseError(
            f"{name}: its window lies on a plane, not on earth; cut it with site_window"
        )
    if chance.shape != window.heights.shape:
        raise SenseError(
            f"{name}: raster of {chance.shape} on a window of {window.heights.shape} cells"
        )
    told = (
        low_ground_warning(window.heights, window.cell, window.info.resolution)
        if window.info
        else []
    )
    return Cover(
        name=name,
        grid=window.grid,
        chance=chance,
        max_range=window.size * window.cell,
        min_range=min_range,
        warnings=tuple(told),
    )


def sample(one: Cover, lat: Array, lon: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Ask one sensor at points ``(n,)`` [rad].

    The nearest cell answers: half a cell is the error of place.

    Returns:
        Probability, NaN where unknown or out of range; and whether the point is in range.
    """
    grid = one.grid
    if one.max_range > SHORT:
        distance, azimuth, _ = geodesic.inverse(grid.lat, grid.lon, lat, lon)
    else:
        distance, azimuth = geodesic.short_inverse(grid.lat, grid.lon, lat, lon)
    within = (distance <= one.max_range) & (distance >= one.min_range)
    row = np.rint(grid.size - distance * np.cos(azimuth) / grid.cell)
    col = np.rint(grid.size + distance * np.sin(azimuth) / grid.cell)
    last = one.chance.shape[0] - 1
    at = (np.clip(v, 0, last).astype(np.intp) for v in (row, col))
    chance = one.chance[tuple(at)]
    # At the very edge of the range the nearest cell may lie beyond it, where nothing was asked:
    # that is out of range, not unknown ground.
    beyond = (row - grid.size) ** 2 + (col - grid.size) ** 2 > grid.size**2
    within &= ~(beyond & np.isnan(chance))
    return np.where(within, chance, np.nan), within


class Tally:
    """Add up sensors at fixed points, one after the other, without keeping their rasters.

    Args:
        lat: Latitudes [rad]; ``frame.lat[:, None]`` for a map.
        lon: Longitudes [rad], broadcast; ``frame.lon`` for a map.
        required: Probability at which a sensor counts as seeing.

    Raises:
        SenseError: The required probability is not within 0…1.
    """

    def __init__(self, lat: ArrayLike, lon: ArrayLike, *, required: float = 0.5) -> None:
        if not 0.0 < required <= 1.0:
            raise SenseError(f"required probability is {required:g}, expected above 0 up to 1")
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        self._shape, self._required = lat.shape, required
        self._lat, self._lon = lat.ravel(), lon.ravel()
        self._count, self._best = np.zeros((2, lat.size), np.float32)
        self._missed = np.ones(lat.size)
        self._known, self._asked = np.zeros((2, lat.size), np.bool_)
        self._sites: list[tuple[str, float, float]] = []

    def add(self, one: Cover) -> None:
        """Add what one sensor sees."""
        self._sites.append((one.name, one.grid.lat, one.grid.lon))
        near = _near(one, self._lat, self._lon)
        chance, within = sample(one, self._lat[near], self._lon[near])
        fits = ~np.isnan(chance)
        self._asked[near[within]] = True
        self._known[near[within & fits]] = True
        chance = np.where(fits, chance, 0.0)
        self._count[near] += chance >= self._required
        self._best[near] = np.maximum(self._best[near], chance)
        self._missed[near] *= 1.0 - chance

    def network(self) -> Network:
        """Give the sum so far."""
        unknown = self._asked & ~self._known | np.isnan(self._lat) | np.isnan(self._lon)
        return Network(
            count=_finish(self._count, unknown, self._shape),
            best=_finish(self._best, unknown, self._shape),
            combined=_finish(1.0 - self._missed, unknown, self._shape),
            required=self._required,
            sites=tuple(self._sites),
        )


def combine(
    covers: Iterable[Cover], lat: ArrayLike, lon: ArrayLike, *, required: float = 0.5
) -> Network:
    """Add up sensors at points [rad], broadcast: :class:`Tally` in one go."""
    tally = Tally(lat, lon, required=required)
    for one in covers:
        tally.add(one)
    return tally.network()


def frame_about(
    places: Sequence[tuple[float, float, float]], cell: float, margin: float = 0.0
) -> Frame:
    """Lay a latitude/longitude frame over all circles.

    Args:
        places: Latitude, longitude [rad] and range [m] of each sensor.
        cell: Side of a cell [m] at the middle latitude.
        margin: Added on every side [m].

    Raises:
        SenseError: No places, a cell that is none, or more cells than memory should hold.
    """
    if not places or not cell > 0.0:
        raise SenseError(f"{len(places)} sites, cells of {cell:g} m: expected 1 or more, above 0")
    reach = [(far + margin) / LEAST_RADIUS for _, _, far in places]
    south = min(lat - r for (lat, _, _), r in zip(places, reach, strict=True))
    north = max(lat + r for (lat, _, _), r in zip(places, reach, strict=True))
    slim = math.cos(min(max(abs(south), abs(north)), math.radians(85.0)))
    west = min(lon - r / slim for (_, lon, _), r in zip(places, reach, strict=True))
    east = max(lon + r / slim for (_, lon, _), r in zip(places, reach, strict=True))
    step = cell / LEAST_RADIUS
    rows = max(1, math.ceil((north - south) / step))
    cols = max(1, math.ceil((east - west) * math.cos(0.5 * (south + north)) / step))
    if rows * cols > MOST_CELLS:
        raise SenseError(
            f"a map of {rows} × {cols} cells of {cell:g} m is more than {MOST_CELLS:,} cells: "
            "take larger cells or fewer sites"
        )
    return Frame(
        lat=cell_centres(north, south, rows),
        lon=cell_centres(west, east, cols),
        south=south,
        west=west,
        north=north,
        east=east,
    )


def _near(one: Cover, lat: Array, lon: Array) -> NDArray[np.int64]:
    """Find the points in the box about a sensor's range: indices."""
    reach = one.max_range / LEAST_RADIUS
    slim = math.cos(min(abs(one.grid.lat) + reach, math.radians(85.0)))
    turn = np.mod(lon - one.grid.lon + math.pi, 2.0 * math.pi) - math.pi
    return np.nonzero((np.abs(lat - one.grid.lat) <= reach) & (np.abs(turn) <= reach / slim))[0]


def _finish(values: Array | Heights, unknown: NDArray[np.bool_], shape: tuple[int, ...]) -> Heights:
    return np.where(unknown, np.nan, values).astype(np.float32).reshape(shape)
