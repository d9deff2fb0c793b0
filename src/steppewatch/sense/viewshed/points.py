"""From how high above the ground many sites see chosen points: the farm's inner work.

A viewshed answers for every cell about a site; a siting problem asks for a thin belt of cells,
from ten thousand sites. Here rays are cast only towards the points (see ``points_kernels``), over
the terrain's own grid of latitude and longitude, without resampling. Errors against each pair's
own profile are in docs/visibility-many.md.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.viewshed import points_kernels as kernels
from steppewatch.sense.viewshed.window import principal_curvatures
from steppewatch.world.geodesy import ECCENTRICITY_SQ, MEAN_RADIUS, SEMI_MAJOR, Array
from steppewatch.world.terrain import Heights

SECTORS = 64
SPACING, STEP = 1.0, 0.75  # of rays at the farthest point, and along them, in rows of the terrain
FARTHEST = 300_000.0  # [m] for which the series of the geodesic are good
HIGHEST = math.radians(75.0)
MARGIN = 3  # cells of ground beyond the rays
OVERSHOOT = 0.12  # of reach: rays of a sector go beside its points
SECOND_SQ = ECCENTRICITY_SQ / (1.0 - ECCENTRICITY_SQ)

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Hold a rectangle of terrain on a grid of latitude and longitude with one spacing.

    Attributes:
        heights: ``(rows, cols)`` [m] at the grid's points, row 0 the northernmost; NaN unknown.
        north: Latitude of row 0 [rad].
        west: Longitude of column 0 [rad].
        spacing: Between rows, and between columns [rad].
    """

    heights: Heights
    north: float
    west: float
    spacing: float

    def cell_of(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Array, Array]:
        """Find row and column (floats, grid points at whole numbers) of places [rad]."""
        row = (self.north - np.asarray(lat, float)) / self.spacing
        return row, (np.asarray(lon, float) - self.west) / self.spacing

    def sample(self, lat: ArrayLike, lon: ArrayLike) -> Array:
        """Interpolate bilinearly; NaN where unknown or outside."""
        row, col = self.cell_of(lat, lon)
        rows, cols = self.heights.shape
        inside = (row >= 0.0) & (row <= rows - 1.0) & (col >= 0.0) & (col <= cols - 1.0)
        top = np.clip(np.where(inside, row, 0.0).astype(int), 0, rows - 2)
        left = np.clip(np.where(inside, col, 0.0).astype(int), 0, cols - 2)
        down, right = row - top, col - left
        h = self.heights.astype(np.float64, copy=False)
        upper = h[top, left] + right * (h[top, left + 1] - h[top, left])
        lower = h[top + 1, left] + right * (h[top + 1, left + 1] - h[top + 1, left])
        return np.where(inside, upper + down * (lower - upper), np.nan)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Hold n chosen points, their longitudes rising.

    Attributes:
        lat: ``(n,)`` [rad].
        lon: ``(n,)`` [rad].
    """

    lat: Array
    lon: Array

    def __post_init__(self) -> None:
        """Refuse what cannot be searched."""
        if self.lat.shape != self.lon.shape or self.lat.ndim != 1:
            raise SenseError(
                f"points: {self.lat.shape} latitudes and {self.lon.shape} longitudes: expected "
                "two lists of one length"
            )
        if not (np.isfinite(self.lat).all() and np.isfinite(self.lon).all()):
            raise SenseError("points: some are not numbers: expected latitudes, longitudes [rad]")
        if np.any(np.diff(self.lon) < 0.0):
            raise SenseError("points: longitudes fall: expected them sorted from west to east")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Masts:
    """Hold m masts to look from.

    Attributes:
        lat: ``(m,)`` [rad].
        lon: ``(m,)`` [rad].
        height: ``(m,)`` of the antenna above ground [m].
        reach: ``(m,)`` farthest point asked for [m].
    """

    lat: Array
    lon: Array
    height: Array
    reach: Array

    def __len__(self) -> int:
        """Count the masts."""
        return len(self.lat)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeastHeights:
    """Hold from how high above ground each mast sees each point in its reach.

    Attributes:
        indptr: ``(m + 1,)``; the points of mast i are ``indices[indptr[i]:indptr[i + 1]]``.
        indices: ``(pairs,)`` numbers of points, rising within a mast.
        height: ``(pairs,)`` metres above ground, 0 where the ground itself is seen, infinite
            where it is not known (unknown ground there, at the mast, or between).
        distance: ``(pairs,)`` over the ground [m].
    """

    indptr: Numbers
    indices: NDArray[np.int32]
    height: NDArray[np.float32]
    distance: NDArray[np.float32]


def reach_in_angle(lat: Array, reach: Array) -> tuple[Array, Array]:
    """Give how far in latitude and longitude [rad] places in reach may lie, with 1 % to spare."""
    angle = 1.01 * np.asarray(reach, float) / (SEMI_MAJOR * (1.0 - ECCENTRICITY_SQ))
    edge = np.minimum(np.abs(lat) + angle, 0.5 * math.pi - 1e-3)
    return angle, np.minimum(angle / np.cos(edge), math.pi)


def in_reach(points: Points, masts: Masts) -> LeastHeights:
    """Find the points in reach of each mast, as :func:`least_heights` does; heights are infinite.

    Args:
        points: Places.
        masts: Where to look from.
    """
    half_sin, half_cos = np.sin(0.5 * points.lat), np.cos(0.5 * points.lat)
    first, last = _near(points, masts)
    most = int((last - first).max()) if len(masts) else 0
    east, north, distance = (np.empty(most) for _ in range(3))
    found, sites = np.empty(most, np.int64), sites_of(masts)
    indptr = np.zeros(len(masts) + 1, np.int64)
    indices, far = [np.empty(0, np.int32)], [np.empty(0, np.float32)]
    for i in range(len(masts)):
        near = slice(int(first[i]), int(last[i]))
        size = near.stop - near.start
        kernels.offsets_of_points(
            sites[i],
            points.lat[near],
            points.lon[near],
            half_sin[near],
            half_cos[near],
            east[:size],
            north[:size],
        )
        count = kernels.points_in_reach(
            east[:size], north[:size], float(masts.reach[i]), found, distance
        )
        indptr[i + 1] = indptr[i] + count
        indices.append((found[:count] + near.start).astype(np.int32))
        far.append(distance[:count].astype(np.float32))
    everyone = np.concatenate(indices)
    return LeastHeights(
        indptr=indptr,
        indices=everyone,
        height=np.full(everyone.size, np.inf, np.float32),
        distance=np.concatenate(far),
    )


def _near(points: Points, masts: Masts) -> tuple[Numbers, Numbers]:
    """Give the first and last point whose longitude may be in reach of each mast."""
    _, wide = reach_in_angle(masts.lat, masts.reach)
    first = np.searchsorted(points.lon, masts.lon - wide)
    return first, np.searchsorted(points.lon, masts.lon + wide, "right")


def least_heights(
    ground: Ground,
    points: Points,
    masts: Masts,
    k: float,
    *,
    spacing: float | None = None,
    step: float | None = None,
) -> LeastHeights:
    """Find from how high above the ground each mast sees each point in its reach.

    Args:
        ground: Terrain that holds every mast's rays (``cut.boxes_of_rays``) and three cells more.
        points: Places.
        masts: Where to look from.
        k: Effective earth radius factor.
        spacing: Distance of the rays at the farthest point of each sector [m]; by custom the
            terrain's spacing of rows.
        step: Along a ray [m]; by custom three quarters of it.

    Raises:
        SenseError: A figure is absurd, or the terrain does not hold the reach of a mast.
    """
    _check(masts, k)
    row = ground.spacing * MEAN_RADIUS
    spacing, step = spacing or SPACING * row, step or STEP * row
    heights = np.where(np.isnan(ground.heights), np.float32(kernels.WALL), ground.heights)
    dem, cols = np.ascontiguousarray(heights, np.float32).ravel(), heights.shape[1]
    own = ground.sample(points.lat, points.lon).astype(np.float32)
    own[np.isnan(own)] = kernels.WALL
    antenna = ground.sample(masts.lat, masts.lon) + masts.height
    site_row, site_col = ground.cell_of(masts.lat, masts.lon)
    half_sin, half_cos = np.sin(0.5 * points.lat), np.cos(0.5 * points.lat)
    first, last = _near(points, masts)
    most = int((last - first).max()) if len(masts) else 0
    farthest = float(masts.reach.max()) if len(masts) else 0.0
    rays = math.ceil((2.0 * math.pi / SECTORS * farthest / spacing + 2.0) / 8.0) * 8
    rays = max(rays, kernels.NEAR_RAYS)
    east, north, azimuth, distance = (np.empty(most) for _ in range(4))
    found, order = np.empty(most, np.int64), np.empty(most, np.int64)
    starts = np.empty(SECTORS + 1, np.int64)
    ways = np.empty((18, rays), np.float32)
    horizon = np.empty((int(farthest / step) + 3, rays), np.float32)
    sites, curves = sites_of(masts), curves_of(masts.lat, k)
    indptr = np.zeros(len(masts) + 1, np.int64)
    parts: list[tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]] = []
    for i in range(len(masts)):
        near = slice(int(first[i]), int(last[i]))
        size = near.stop - near.start
        kernels.offsets_of_points(
            sites[i],
            points.lat[near],
            points.lon[near],
            half_sin[near],
            half_cos[near],
            east[:size],
            north[:size],
        )
        count = kernels.sort_by_sector(
            east[:size],
            north[:size],
            float(masts.reach[i]),
            SECTORS,
            found,
            azimuth,
            distance,
            starts,
            order,
        )
        out = np.full(count, np.inf, np.float32)
        if count and math.isfinite(antenna[i]):
            here = near.start + found[:count]
            _check_held(
                ground,
                float(masts.lat[i]),
                float(masts.lon[i]),
                float(masts.reach[i]),
                points.lat[here],
                points.lon[here],
            )
            place = np.array([site_row[i], site_col[i], ground.spacing])
            kernels.heights_of_site(
                dem,
                cols,
                place,
                curves[i],
                float(antenna[i]),
                own[near],
                spacing,
                step,
                found,
                azimuth,
                distance,
                starts,
                order,
                ways,
                horizon,
                out,
            )
        indptr[i + 1] = indptr[i] + count
        parts.append(
            ((found[:count] + near.start).astype(np.int32), out, distance[:count].astype("f4"))
        )
    if not parts:
        parts = [(np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.float32))]
    indices, height, far = (np.concatenate(column) for column in zip(*parts, strict=True))
    return LeastHeights(indptr=indptr, indices=indices, height=height, distance=far)


def sites_of(masts: Masts) -> Array:
    """Give what :func:`points_kernels.offsets_of_points` needs of each mast."""
    half = 0.5 * masts.lat
    same = np.ones(len(masts))
    columns = (masts.lat, masts.lon, np.sin(half), np.cos(half), ECCENTRICITY_SQ * same)
    return np.stack((*columns, SEMI_MAJOR * same), axis=1)


def curves_of(lat: Array, k: float) -> Array:
    """Give what :func:`points_kernels.set_ways` needs of each latitude."""
    rows = []
    for one in lat.tolist():
        east, north = principal_curvatures(one)
        air = (1.0 - 1.0 / k) / MEAN_RADIUS
        cosine = math.cos(one)
        rows.append(
            (
                math.tan(one),
                cosine,
                SECOND_SQ * cosine**2,
                1.0 / east,
                0.5 * (east - air),
                0.5 * (north - air),
            )
        )
    return np.array(rows, float).reshape(-1, 6)


def _check(masts: Masts, k: float) -> None:
    if not 0.5 <= k <= 10.0:
        raise SenseError(f"k is {k:g}, expected 0.5 to 10")
    if not len(masts):
        return
    if not (masts.reach.min() > 0.0 and masts.reach.max() <= FARTHEST):
        raise SenseError(
            f"reach is {masts.reach.max() / 1e3:g} km, expected more than 0 and at most "
            f"{FARTHEST / 1e3:g} km"
        )
    if np.abs(masts.lat).max() > HIGHEST:
        raise SenseError("a mast stands beyond 75° of latitude: expected one nearer the equator")


def _check_held(
    ground: Ground, lat: float, lon: float, far: float, lats: Array, lons: Array
) -> None:
    """Refuse ground that does not hold the rays of a mast: the kernel reads it unchecked."""
    spare = OVERSHOOT * far / MEAN_RADIUS
    wide = spare / math.cos(lat)
    corners = (
        [min(lat, lats.min()) - spare, max(lat, lats.max()) + spare],
        [
            min(lon, lons.min()) - wide,
            max(lon, lons.max()) + wide,
        ],
    )
    row, col = ground.cell_of(*corners)
    rows, cols = ground.heights.shape
    if min(row.min(), col.min()) < 1.0 or row.max() > rows - 2.0 or col.max() > cols - 2.0:
        raise SenseError(
            "the terrain ends inside the reach of a mast: expected a rectangle that holds it and "
            f"{MARGIN} cells more, unknown (NaN) where nothing is known"
        )
