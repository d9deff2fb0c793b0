"""The terrain that is always there: real coarse relief, refined by seeded synthetic detail.

Between the samples of a real 5′ relief a smooth surface (local quasi-interpolating cubic spline)
carries noise with an eroded look. Its strength follows the local relief, with the law found on
real 15″ elevation of Mongolia against the same 5′ samples: the steppe stays smooth, the Altai is
rough. A height depends on place and seed alone: tiles meet without seams, in any order.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import WorldError
from steppewatch.world import kernels
from steppewatch.world.geodesy import Array
from steppewatch.world.kernels import TILE
from steppewatch.world.terrain import Heights, Terrain, TerrainInfo
from steppewatch.world.tiles import TilePool

SPACING = math.radians(3.0 / 3600.0)  # of the fine grid that heights are interpolated on
NOISE_CELLS = 5400  # around the globe in the first octave: 4′, just above what 5′ samples carry
OCTAVES = 6  # the last has cells of 7.5″: the fine grid still resolves it
MARGIN = 5  # coarse cells around a request: two for the spline, one for each filter, one to spare
WORTH_A_TILE = TILE * TILE // 8  # points asked in a tile (four nodes each) before it is kept whole

CoarseRows = Callable[[int, int], Heights]


class SyntheticRelief(Terrain):
    """Serve the refined relief as a terrain.

    Args:
        rows: Gives the coarse rows from a first to before a last one, ``(r, columns)`` metres.
            The rows span 360° and more, so that every longitude has neighbours on both sides.
        shape: Rows and columns of the coarse relief.
        north: Latitude of its row 0 [rad].
        west: Longitude of its column 0 [rad].
        step: Its spacing [rad].
        pool: Where tiles are kept.
        seed: Of the detail; another seed is another landscape in the same mountains.
        source: What the coarse relief is.
    """

    def __init__(
        self,
        rows: CoarseRows,
        *,
        shape: tuple[int, int],
        north: float,
        west: float,
        step: float,
        pool: TilePool | None = None,
        seed: int = 7,
        source: str = "coarse relief",
    ) -> None:
        if not 0 <= seed < 2**31:
            raise WorldError(f"terrain seed {seed}: give a whole number from 0 to 2147483647")
        self._rows, self._shape, self._north, self._west = rows, shape, north, west
        self._step, self._seed, self._source = step, seed, source
        self._pool = TilePool() if pool is None else pool
        self._asked: dict[tuple[int, int], int] = {}
        self._fields = lru_cache(maxsize=64)(self._make_fields)

    def heights(self, lat: ArrayLike, lon: ArrayLike) -> Array:
        """Interpolate bilinearly between the nodes of the fine 3″ grid."""
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        known = np.isfinite(lat) & np.isfinite(lon) & (np.abs(lat) <= 0.5 * math.pi)
        row = np.where(known, (0.5 * math.pi - lat) / SPACING, np.nan).ravel()
        col = np.where(known, np.mod(lon + math.pi, 2.0 * math.pi) / SPACING, np.nan).ravel()
        out = np.full(row.shape, np.nan)
        self._pool.sample((0, self._seed), row, col, out, self._make_tile, self._want)
        rest = np.isfinite(row) & np.isnan(out)
        if rest.any():
            out[rest] = self._direct(row[rest], col[rest])
        return out.reshape(lat.shape)

    def grid(self, lat: ArrayLike, lon: ArrayLike) -> Heights:
        """Evaluate on a grid; octaves of detail finer than the grid are left out."""
        lat, lon = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
        steps = np.abs(np.diff(lon))
        spacing = float(steps.max()) if steps.size else SPACING
        if spacing <= 1.5 * SPACING:
            return self.heights(lat[:, None], lon[None, :]).astype(np.float32)
        out = np.empty((lat.size, lon.size), np.float32)
        if out.size:
            lon = np.mod(lon + math.pi, 2.0 * math.pi) - math.pi
            kernels.relief_grid(lat, lon, *self._around(lat, lon), *self._noise(spacing), out)
        return out

    def describe(self) -> TerrainInfo:
        """Say that this is synthetic, and out of what."""
        note = (
            f"real only at {math.degrees(self._step) * 60:.0f}′ and coarser; all finer detail is "
            "invented: for rehearsal and teaching, never for siting real equipment"
        )
        return TerrainInfo(
            label=f"{self._source}, synthetic detail (seed {self._seed})",
            synthetic=True,
            datum="mean sea level",
            resolution=SPACING,
            south=-0.5 * math.pi,
            west=-math.pi,
            north=0.5 * math.pi,
            east=math.pi,
            source=self._source,
            holes=0.0,
            notes=(note,),
        )

    def _want(self, row: int, col: int, count: int) -> bool:
        """Keep a tile once enough points were asked in it; until then answer them one by one."""
        if len(self._asked) > 100_000:
            self._asked.clear()
        asked = self._asked.get((row, col), 0) + count
        self._asked[row, col] = 0 if asked >= WORTH_A_TILE else asked
        return asked >= WORTH_A_TILE

    def _make_tile(self, row: int, col: int) -> Heights:
        nodes = np.arange(TILE + 1, dtype=np.float64)
        lat = 0.5 * math.pi - (row * TILE + nodes) * SPACING
        lon = (col * TILE + nodes) * SPACING - math.pi
        out = np.empty((TILE + 1, TILE + 1), np.float32)
        kernels.relief_grid(lat, lon, *self._around(lat, lon), *self._noise(SPACING), out)
        return out

    def _direct(self, row: Array, col: Array) -> Array:
        out = np.empty(row.shape)
        lat, lon = 0.5 * math.pi - row * SPACING, col * SPACING - math.pi
        around, noise = self._around(lat, lon), self._noise(SPACING)
        kernels.relief_points(row, col, SPACING, *around, *noise, out)
        return out

    def _noise(self, spacing: float) -> tuple[Array, int, int]:
        """Fade out the octaves whose cells are finer than two grid steps."""
        cells = 2.0 * math.pi / NOISE_CELLS / 2.0 ** np.arange(OCTAVES) / max(spacing, SPACING)
        return np.clip(cells - 1.0, 0.0, 1.0), NOISE_CELLS, self._seed

    def _around(self, lat: Array, lon: Array) -> tuple[float, float, float, Array, Array]:
        """Give the spline fields around some places, in blocks that neighbouring requests share."""
        block = 16
        rows = (self._north - np.array([lat.max(), lat.min()])) / self._step
        cols = (np.array([lon.min(), lon.max()]) - self._west) / self._step
        first_row, first_col = int(rows[0]) // block * block, int(cols[0]) // block * block
        last_row = (int(rows[1]) // block + 1) * block
        last_col = (int(cols[1]) // block + 1) * block
        smooth, rough = self._fields(first_row, last_row, first_col, last_col)
        north = self._north - (first_row - MARGIN) * self._step
        west = self._west + (first_col - MARGIN) * self._step
        return north, west, self._step, smooth, rough

    def _make_fields(
        self, first_row: int, last_row: int, first_col: int, last_col: int
    ) -> tuple[Array, Array]:
        """Filter a rectangle of coarse samples into spline coefficients and roughness.

        At the poles the outermost row is repeated, in longitude the relief goes round.
        """
        edge = MARGIN + 2  # the filters eat two cells
        rows = np.clip(np.arange(first_row - edge, last_row + edge), 0, self._shape[0] - 1)
        around = round(2.0 * math.pi / self._step)
        cols = np.arange(first_col - edge, last_col + edge) % around
        block = self._rows(int(rows.min()), int(rows.max()) + 1)
        heights = block[rows - rows.min()][:, cols].astype(float)
        smooth = (8.0 * heights[1:-1] - heights[:-2] - heights[2:]) / 6.0
        smooth = (8.0 * smooth[:, 1:-1] - smooth[:, :-2] - smooth[:, 2:]) / 6.0
        return smooth[1:-1, 1:-1].copy(), roughness(heights)


def roughness(heights: Array) -> Array:
    """Estimate the detail's standard deviation [m] from the coarse relief around.

    The law is a fit to what real 15″ elevation of Mongolia has beside the smooth 5′ surface: for
    a relief g (standard deviation of 3 × 3 samples) well above 15 m about 0.55 g, less below.
    Ground below its surroundings (5 × 5 samples) is a valley floor and gets less, a crest more.

    Args:
        heights: ``(r, c)`` coarse heights [m].

    Returns:
        ``(r − 4, c − 4)`` metres, 0 on a plane such as the sea.
    """
    near = np.lib.stride_tricks.sliding_window_view(heights[1:-1, 1:-1], (3, 3))
    wide = np.lib.stride_tricks.sliding_window_view(heights, (5, 5))
    relief = near.std(axis=(2, 3))
    above = (heights[2:-2, 2:-2] - wide.mean(axis=(2, 3))) / (wide.std(axis=(2, 3)) + 10.0)
    law = 0.55 * relief**2 / (relief + 15.0) + 0.4 * relief / (relief + 1.0)
    return np.asarray(law * np.clip(0.9 + 0.6 * above, 0.25, 1.6))
