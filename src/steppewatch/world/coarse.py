"""Terrain as it looks from far: averages about as large as the cells that will be laid over it.

Points picked out of fine terrain at wide spacing would be hilltops here and gullies there. Local
averages leave hilltop radars' coverage unbiased (docs/sense.md), and reading them is fast.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.world.geodesy import MEAN_RADIUS, Array
from steppewatch.world.terrain import Heights, Terrain, TerrainInfo

# Cells finer than this many terrain samples gain nothing from averages.
WORTH_IT = 1.5
SPARE_CELLS = 3


class CoarseTerrain(Terrain):
    """Hold the averages around one site, and answer from them.

    Args:
        terrain: Asked once, for a grid.
        lat: Latitude of the middle [rad].
        lon: Longitude [rad].
        reach: Distance from the middle that must be answered [m].
        cell: Spacing of the averages [m].
    """

    def __init__(self, terrain: Terrain, lat: float, lon: float, reach: float, cell: float) -> None:
        self._info = terrain.describe()
        step = cell / MEAN_RADIUS
        # The widest parallel decides, and radii of the ellipsoid differ by half a per cent.
        high = min(abs(lat) + reach / MEAN_RADIUS, math.radians(85.0))
        rows = math.ceil(1.01 * reach / cell) + SPARE_CELLS
        self._down, self._right = step, step / math.cos(lat)
        cols = math.ceil(rows * math.cos(lat) / math.cos(high)) + SPARE_CELLS
        self._north, self._west = lat + rows * self._down, lon - cols * self._right
        self._lon = lon
        self._heights = terrain.grid(
            self._north - np.arange(2 * rows + 1) * self._down,
            self._west + np.arange(2 * cols + 1) * self._right,
        )

    def heights(self, lat: ArrayLike, lon: ArrayLike) -> Array:
        """Interpolate bilinearly between the averages; NaN outside, and beside what is unknown."""
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        turn = np.mod(lon - self._lon + math.pi, 2.0 * math.pi) - math.pi + self._lon
        row, col = (self._north - lat) / self._down, (turn - self._west) / self._right
        rows, cols = self._heights.shape
        inside = (row >= 0.0) & (row <= rows - 1.001) & (col >= 0.0) & (col <= cols - 1.001)
        row, col = np.where(inside, row, 0.0), np.where(inside, col, 0.0)
        r, c = row.astype(np.int32), col.astype(np.int32)
        down, right = (row - r).astype(np.float32), (col - c).astype(np.float32)
        h = self._heights
        top = h[r, c] * (1.0 - right) + h[r, c + 1] * right
        bottom = h[r + 1, c] * (1.0 - right) + h[r + 1, c + 1] * right
        return np.asarray(np.where(inside, top * (1.0 - down) + bottom * down, np.nan))

    def grid(self, lat: ArrayLike, lon: ArrayLike) -> Heights:
        """Interpolate where rows and columns cross."""
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        return self.heights(lat[:, None], lon[None, :]).astype(np.float32)

    def describe(self) -> TerrainInfo:
        """Say what the terrain behind it is."""
        return self._info


def seen_from_far(terrain: Terrain, lat: float, lon: float, reach: float, cell: float) -> Terrain:
    """Give terrain that suits cells of ``cell`` metres: itself, or its averages."""
    if cell < WORTH_IT * terrain.describe().resolution * MEAN_RADIUS:
        return terrain
    return CoarseTerrain(terrain, lat, lon, reach, cell)
