"""Find hilltops: places that nothing within the spacing overlooks."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from steppewatch.world.geodesy import MEAN_RADIUS, Array
from steppewatch.world.terrain import Heights, Terrain

BLOCK = math.radians(0.5)
PER_SPACING = 8.0  # rows of terrain within the spacing that are enough to find its top

Near = Callable[[float, float, float], bool]


def hilltops(
    terrain: Terrain, box: tuple[float, float, float, float], spacing: float, near: Near
) -> tuple[Array, Array]:
    """Find the local maxima of a terrain.

    Args:
        terrain: Any.
        box: South, west, north, east [rad].
        spacing: No higher ground within this distance to north, south, east or west [m].
        near: Says whether a block about a place with a radius [m] is of interest.

    Returns:
        Latitudes and longitudes [rad], the highest first; on a level top all of its cells.
    """
    info = terrain.describe()
    step = max(info.resolution, spacing / MEAN_RADIUS / PER_SPACING)
    # Grid points on the terrain's own lattice, where its rows are that fine.
    south, west = info.south + 0.5 * step, info.west + 0.5 * step
    rows = range(math.floor((box[0] - south) / step), math.ceil((box[2] - south) / step))
    cols = range(math.floor((box[1] - west) / step), math.ceil((box[3] - west) / step))
    size = max(int(BLOCK / step), 8)
    found: list[tuple[Array, Array, Heights]] = []
    for first in range(rows.start, rows.stop, size):
        for left in range(cols.start, cols.stop, size):
            lat, lon = south + (first + size / 2) * step, west + (left + size / 2) * step
            known = info.south - size * step < lat < info.north + size * step
            if known and near(lat, lon, 0.8 * size * step * MEAN_RADIUS):
                found.append(_block(terrain, (south, west, step), (first, left, size), spacing))
    if not found:
        return np.empty(0), np.empty(0)
    lats, lons, heights = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((lons, lats, -heights))
    return lats[order], lons[order]


def apart(lat: Array, lon: Array, spacing: float) -> NDArray[np.int64]:
    """Keep places in their order, leaving out what lies nearer than ``spacing`` [m] to a kept one.

    Returns:
        Numbers of the kept places, rising.
    """
    kept: dict[tuple[int, int], list[int]] = {}
    y = MEAN_RADIUS * lat
    wide = np.cos(lat)
    strip = np.floor(y / spacing).astype(int)
    out = []
    for i, (row, place) in enumerate(zip(strip.tolist(), lon.tolist(), strict=True)):
        clear = True
        for r in (row - 1, row, row + 1):
            column = math.floor(place * MEAN_RADIUS * wide_of(r, spacing) / spacing)
            for c in (column - 1, column, column + 1):
                for j in kept.get((r, c), ()):
                    x = (place - lon[j]) * MEAN_RADIUS * wide[i]
                    clear = clear and x * x + (y[i] - y[j]) ** 2 >= spacing * spacing
        if clear:
            column = math.floor(place * MEAN_RADIUS * wide_of(row, spacing) / spacing)
            kept.setdefault((row, column), []).append(i)
            out.append(i)
    return np.array(out, np.int64)


def wide_of(row: int, spacing: float) -> float:
    """Give the cosine of latitude by which a strip is cut into columns."""
    return math.cos(row * spacing / MEAN_RADIUS)


def _block(
    terrain: Terrain,
    lattice: tuple[float, float, float],
    block: tuple[int, int, int],
    spacing: float,
) -> tuple[Array, Array, Heights]:
    """Find the maxima of one block, with ground about it to compare with."""
    south, west, step = lattice
    first, left, size = block
    down = max(int(spacing / (step * MEAN_RADIUS)), 1)
    right = max(int(spacing / (step * MEAN_RADIUS * math.cos(south + first * step))), 1)
    lats = south + step * np.arange(first + size + down - 1, first - down - 1, -1, dtype=np.float64)
    lons = west + step * np.arange(left - right, left + size + right, dtype=np.float64)
    heights = terrain.grid(lats, lons)
    known = np.where(np.isnan(heights), np.float32(-1e9), heights)
    top = known == maximum_filter(known, size=(2 * down + 1, 2 * right + 1))
    top &= np.isfinite(heights)
    top[:down] = top[top.shape[0] - down :] = False
    top[:, :right] = top[:, top.shape[1] - right :] = False
    row, col = np.nonzero(top)
    return lats[row], lons[col], heights[row, col]
