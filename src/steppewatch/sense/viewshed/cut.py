"""Cut terrain for many masts: who shares a rectangle of ground, and the rectangle itself."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.sense.viewshed.points import (
    MARGIN,
    OVERSHOOT,
    Ground,
    LeastHeights,
    Masts,
    Points,
)
from steppewatch.world.geodesy import MEAN_RADIUS, Array
from steppewatch.world.terrain import Terrain

TILE = math.radians(2.0)  # masts of one tile share a rectangle
MOST_CELLS = 40_000_000
TILE_CELLS = 64
MOST_TO_SIDE = 600.0  # cells from a mast to its reach, as for a network's covers

Numbers = NDArray[np.int64]


def averaged(reach: ArrayLike, resolution: float) -> Numbers:
    """Say how many cells of a terrain (its ``resolution`` [rad]) become one for a reach [m]."""
    cells = np.asarray(reach, float) / (MOST_TO_SIDE * resolution * MEAN_RADIUS)
    return np.maximum(np.rint(cells), 1.0).astype(np.int64)


def groups(masts: Masts, resolution: float, most: int = 800) -> list[Numbers]:
    """Put masts together that share ground: those of a tile of 2°, in parts of at most ``most``.

    Returns:
        Numbers of masts, each once; neither other masts nor their order change a tile.
    """
    row, col = (np.floor(v / TILE).astype(np.int64) for v in (masts.lat, masts.lon))
    fine = averaged(masts.reach, resolution)
    order = np.lexsort((masts.height, masts.lon, masts.lat, fine, col, row))
    steps = [np.diff(key[order]) != 0 for key in (row, col, fine)]
    edges = np.flatnonzero(np.any(steps, axis=0)) + 1
    return [
        tile[first : first + most]
        for tile in np.split(order, edges)
        for first in range(0, tile.size, most)
    ]


def some(masts: Masts, which: Numbers) -> Masts:
    """Take some of the masts."""
    return Masts(
        lat=masts.lat[which],
        lon=masts.lon[which],
        height=masts.height[which],
        reach=masts.reach[which],
    )


def boxes_of_rays(points: Points, masts: Masts, near: LeastHeights) -> Array:
    """Give the box that holds each mast's rays: ``(m, 4)`` south, west, north, east [rad].

    Args:
        points: Places.
        masts: Where to look from.
        near: The points in reach of each.
    """
    boxes = np.stack((masts.lat, masts.lon, masts.lat, masts.lon), axis=1)
    some_near = np.flatnonzero(np.diff(near.indptr) > 0)
    if some_near.size:
        starts = near.indptr[some_near]
        for axis, values in enumerate((points.lat[near.indices], points.lon[near.indices])):
            low = np.minimum.reduceat(values, starts)
            high = np.maximum.reduceat(values, starts)
            boxes[some_near, axis] = np.minimum(boxes[some_near, axis], low)
            boxes[some_near, axis + 2] = np.maximum(boxes[some_near, axis + 2], high)
    spare = OVERSHOOT * masts.reach / MEAN_RADIUS
    return boxes + np.stack(
        (-spare, -spare / np.cos(masts.lat), spare, spare / np.cos(masts.lat)), axis=1
    )


def ground_about(terrain: Terrain, boxes: Array, reach: float = 0.0) -> Ground:
    """Cut the rectangle that holds boxes, on the terrain's own lattice.

    The rectangle is made of whole tiles of 64 × 64 cells, counted from the lattice's own origin:
    the same tile whatever the masts. Ground is averaged over 2 × 2, 3 × 3 and so on where it is
    much finer than a 600th of the reach, or than 40 million cells allow.

    Args:
        terrain: Any.
        boxes: ``(n, 4)`` south, west, north, east [rad].
        reach: Farthest that is looked [m].
    """
    south, west = boxes[:, :2].min(axis=0).tolist()
    north, east = boxes[:, 2:].max(axis=0).tolist()
    info = terrain.describe()
    fine = info.resolution
    coarser = math.ceil(math.sqrt((north - south) * (east - west) / fine**2 / MOST_CELLS))
    step = fine * max(coarser, int(averaged(reach, fine)))
    # The lattice of the terrain's own samples, counted from the equator and Greenwich, so that it
    # stays the same when files are added; whole tiles of it, so that a tile can be told by digest.
    low, left = (math.fmod(edge + 0.5 * step, step) for edge in (info.south, info.west))
    first_row, rows = _tiles((south - low) / step, (north - low) / step)
    first_col, cols = _tiles((west - left) / step, (east - left) / step)
    lats = low + step * np.arange(first_row + rows - 1, first_row - 1, -1.0)
    lons = left + step * np.arange(first_col, first_col + cols)
    heights = np.asarray(terrain.grid(lats, lons), np.float32)
    return Ground(heights=heights, north=float(lats[0]), west=float(lons[0]), spacing=step)


def _tiles(low: float, high: float) -> tuple[int, int]:
    """Give the first row and the number of rows of whole tiles that hold a span."""
    first = (math.floor(low) - MARGIN) // TILE_CELLS * TILE_CELLS
    last = -(-(math.ceil(high) + MARGIN + 1) // TILE_CELLS) * TILE_CELLS
    return first, last - first
