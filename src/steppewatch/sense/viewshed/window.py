"""The ground about one site as a square of cells: what the line-of-sight sweep works on."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import SenseError
from steppewatch.world.coarse import seen_from_far
from steppewatch.world.equidistant import EquidistantGrid, equidistant_grid
from steppewatch.world.geodesy import ECCENTRICITY_SQ, MEAN_RADIUS, SEMI_MAJOR, Array
from steppewatch.world.terrain import Heights, Terrain, TerrainInfo

ROWS_AT_ONCE = 64
SPARE_CELLS = 2.0  # of averages beyond the range, for interpolation at its edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hold the ground about a site; the site is the middle cell.

    Attributes:
        heights: ``(2 size + 1, 2 size + 1)`` ground at the cells' centres [m], row 0 the
            northernmost; NaN where unknown.
        cell: Side of a cell [m].
        curvature_x: Of the earth along a row [1/m].
        curvature_y: Along a column [1/m].
        grid: Where the cells lie on earth; None for a plane.
        info: The terrain that the heights come from, None when not known.
    """

    heights: Heights
    cell: float
    curvature_x: float
    curvature_y: float
    grid: EquidistantGrid | None = None
    info: TerrainInfo | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a square about a middle cell."""
        rows, cols = self.heights.shape
        if rows != cols or rows % 2 == 0 or rows < 3:
            raise SenseError(
                f"a terrain window of {rows} × {cols} cells: expected a square with a middle "
                "cell, 3 × 3, 5 × 5 and so on"
            )

    @property
    def size(self) -> int:
        """Count the cells from the middle one to each side."""
        return len(self.heights) // 2

    @property
    def ground(self) -> float:
        """Give the height of the ground at the site [m]; NaN when unknown."""
        return float(self.heights[self.size, self.size])

    def reach(self) -> NDArray[np.int64]:
        """Give the last cell in range on each line: ``(size + 1,)``, a circle."""
        s = np.arange(self.size + 1)
        return np.array([math.isqrt(v) for v in (self.size**2 - s**2).tolist()], np.int64)


def plane_window(
    heights: Heights,
    cell: float,
    *,
    radius: float = MEAN_RADIUS,
    info: TerrainInfo | None = None,
) -> Window:
    """Take a square of a projected map as it is, on a round earth.

    Args:
        heights: ``(n, n)``, n odd, metres; NaN unknown.
        cell: Side of a cell [m].
        radius: Of the earth [m].
        info: The terrain that the heights come from.

    Raises:
        SenseError: It is no square about a middle cell.
    """
    bend = 1.0 / radius
    return Window(heights=heights, cell=cell, curvature_x=bend, curvature_y=bend, info=info)


def principal_curvatures(lat: float) -> tuple[float, float]:
    """Give the ellipsoid's curvature to the east and to the north [1/m] at a latitude [rad].

    Prime vertical and meridian (Torge & Müller 2012, Geodesy, §4.1.3). By Euler's theorem the
    fall of the ground at (x, y) is ``(x² κ_east + y² κ_north) / 2`` in every azimuth.
    """
    w = 1.0 - ECCENTRICITY_SQ * math.sin(lat) ** 2
    return math.sqrt(w) / SEMI_MAJOR, w**1.5 / (SEMI_MAJOR * (1.0 - ECCENTRICITY_SQ))


def site_window(terrain: Terrain, lat: float, lon: float, max_range: float, cell: float) -> Window:
    """Resample terrain to a grid about a site on which lines of sight are straight.

    Heights are interpolated bilinearly at the cells' centres. Cells beyond the range are left
    unknown and cost nothing.

    Args:
        terrain: Any terrain.
        lat: Latitude of the site [rad].
        lon: Longitude [rad].
        max_range: How far to look [m].
        cell: Side of a cell [m]; about the terrain's own spacing loses nothing.

    Raises:
        SenseError: The range is shorter than one cell.
        WorldError: The place or the range is beyond what the grid is good for.
    """
    size = math.floor(max_range / cell + 1e-9) if cell > 0.0 else 0
    if size < 1:
        raise SenseError(
            f"range is {max_range:g} m with cells of {cell:g} m: expected one cell at least; "
            "give a longer range or smaller cells"
        )
    grid = equidistant_grid(lat, lon, cell, size)
    east, north = principal_curvatures(lat)
    heights = np.full((2 * size + 1, 2 * size + 1), np.nan, np.float32)
    window = Window(
        heights=heights,
        cell=cell,
        curvature_x=east,
        curvature_y=north,
        grid=grid,
        info=terrain.describe(),
    )
    reach = window.reach()
    for top in range(0, 2 * size + 1, ROWS_AT_ONCE):
        rows = slice(top, min(top + ROWS_AT_ONCE, 2 * size + 1))
        nearest = min(abs(r - size) for r in (rows.start, rows.stop - 1))
        nearest = 0 if rows.start <= size < rows.stop else nearest
        wide = min(int(reach[nearest]) + 1, size)
        cols = slice(size - wide, size + wide + 1)
        lats, lons = grid.places(rows, cols)
        heights[rows, cols] = _sample(terrain, lats, lons)
    return window


def averaged_window(
    terrain: Terrain, lat: float, lon: float, max_range: float, cell: float
) -> Window:
    """Resample as :func:`site_window`, from averages where cells are larger than the terrain's.

    Arguments and errors are the same.
    """
    ground = seen_from_far(terrain, lat, lon, max_range + SPARE_CELLS * cell, cell)
    return site_window(ground, lat, lon, max_range, cell)


def _sample(terrain: Terrain, lat: Array, lon: Array) -> Array:
    return np.asarray(terrain.heights(lat, lon))
