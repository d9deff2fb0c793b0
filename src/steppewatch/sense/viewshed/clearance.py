"""How clear the paths between many sites are: the least clearance in radii of the Fresnel zone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel
from steppewatch.sense.viewshed import points_kernels as kernels
from steppewatch.sense.viewshed.cut import ground_about, groups, some
from steppewatch.sense.viewshed.points import Masts, Points, curves_of, reach_in_angle, sites_of
from steppewatch.world.geodesy import MEAN_RADIUS, Array
from steppewatch.world.terrain import Terrain

LIGHT = 299_792_458.0
STEP = 0.75  # rows of the terrain
SPARE = 3e-4  # [rad]: a geodesic of 150 km bulges 0.5 km from its parallel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths:
    """Hold pairs of masts, each once, and how clear the path between them is.

    Attributes:
        first: ``(pairs,)`` number of a mast.
        second: ``(pairs,)`` number of another.
        clearance: ``(pairs,)`` least clearance in radii of the first Fresnel zone; −inf where
            ground is unknown.
        distance: ``(pairs,)`` [m].
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    clearance: NDArray[np.float32]
    distance: NDArray[np.float32]


def paths(terrain: Terrain, masts: Masts, k: float, frequency: float) -> Paths:
    """Find the clearance of every path between masts that is no longer than either's reach.

    The terrain is sampled every three quarters of a row along the path; near the ends the zone is
    narrow, and the first and last step are left out.

    Args:
        terrain: Any.
        masts: Where the antennas are; ``reach`` is the longest path of each.
        k: Effective earth radius factor.
        frequency: [Hz].
    """
    order = np.argsort(masts.lon, kind="stable")
    points = Points(lat=masts.lat[order], lon=masts.lon[order])
    height, reach = masts.height[order], masts.reach[order]
    half_sin, half_cos = np.sin(0.5 * points.lat), np.cos(0.5 * points.lat)
    parts = []
    for group in groups(masts, terrain.describe().resolution):
        here = some(masts, group)
        high, wide = reach_in_angle(here.lat, here.reach)
        partners = (points.lat >= (here.lat - high).min()) & (points.lat <= (here.lat + high).max())
        partners &= points.lon >= (here.lon - wide).min()
        partners &= points.lon <= (here.lon + wide).max()
        ground = ground_about(
            terrain, _box(points.lat[partners], points.lon[partners]), here.reach.max()
        )
        dem = np.where(np.isnan(ground.heights), np.float32(kernels.WALL), ground.heights)
        rows, cols = dem.shape
        row, col = ground.cell_of(points.lat, points.lon)
        inside = partners & (row >= 0) & (row < rows - 1) & (col >= 0) & (col < cols - 1)
        top = np.full(len(order), np.nan)
        top[inside] = ground.sample(points.lat[inside], points.lon[inside])
        top += height
        own_row, own_col = ground.cell_of(here.lat, here.lon)
        antenna = ground.sample(here.lat, here.lon) + here.height
        sites, curves = sites_of(here), curves_of(here.lat, k)
        east, north, out = (np.empty(len(order)) for _ in range(3))
        step = STEP * ground.spacing * MEAN_RADIUS
        for i, number in enumerate(group.tolist()):
            kernels.offsets_of_points(
                sites[i], points.lat, points.lon, half_sin, half_cos, east, north
            )
            far = np.hypot(east, north)
            near = np.flatnonzero((far <= np.minimum(reach, here.reach[i])) & (order > number))
            _clear(
                dem.ravel(),
                cols,
                np.array([own_row[i], own_col[i], ground.spacing]),
                curves[i],
                float(antenna[i]),
                east[near],
                north[near],
                top[near],
                LIGHT / frequency,
                step,
                np.empty((9, 1), np.float32),
                out,
            )
            parts.append(
                (np.full(near.size, number), order[near], out[: near.size].copy(), far[near])
            )
    if not parts:
        parts = [(np.empty(0, int), np.empty(0, int), np.empty(0), np.empty(0))]
    first, second, clear, far = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Paths(
        first=first,
        second=second,
        clearance=clear.astype(np.float32),
        distance=far.astype(np.float32),
    )


def _box(lat: Array, lon: Array) -> Array:
    """Give the box that holds places and, with a little to spare, the paths between them."""
    box = np.array([[lat.min(), lon.min(), lat.max(), lon.max()]])
    return box + SPARE * np.array([[-1.0, -1.0, 1.0, 1.0]])


@kernel
def _clear(
    dem: NDArray[np.float32],
    cols: int,
    place: NDArray[np.float64],
    curve: NDArray[np.float64],
    antenna: float,
    east: NDArray[np.float64],
    north: NDArray[np.float64],
    top: NDArray[np.float64],
    wavelength: float,
    step: float,
    ways: NDArray[np.float32],
    out: NDArray[np.float64],
) -> None:
    """Follow each path; arrays as in :mod:`points_kernels`, ``top`` the far antennas [m]."""
    for i in range(east.shape[0]):
        whole = np.sqrt(east[i] ** 2 + north[i] ** 2)
        kernels.set_ways(np.arctan2(east[i], north[i]), 0.0, 1, place, curve, ways)
        bend = ways[8, 0]
        least = np.inf
        if not (np.isfinite(antenna) and np.isfinite(top[i])):
            out[i] = -np.inf
            continue
        count = max(int(whole / step), 2)
        for s in range(1, count):
            d = whole * s / count
            row = ways[0, 0] + d * (ways[1, 0] + d * (ways[2, 0] + d * ways[3, 0]))
            col = ways[4, 0] + d * (ways[5, 0] + d * (ways[6, 0] + d * ways[7, 0]))
            ground = kernels.bilinear(dem, cols, row, col)
            line = antenna + (top[i] - antenna) * d / whole - bend * d * (whole - d)
            zone = np.sqrt(wavelength * d * (whole - d) / whole)
            clear = (line - ground) / zone if ground < kernels.ABSURD else -np.inf
            least = min(least, clear)
        out[i] = least
