"""A square grid about one place on which every straight line from the middle is a geodesic.

The azimuthal equidistant projection (Snyder 1987, "Map Projections", USGS PP 1395, §25) keeps
distance and azimuth from its centre. Straight lines in a latitude/longitude grid do not: at 47° N
they stray 0.2 km from the geodesic at 100 km and 3.4 km at 400 km.

A grid has millions of cells, so latitude and longitude are interpolated by Chebyshev polynomials
in x and y from 400 exact geodesics (Karney's, through PROJ): within 1 mm up to 400 km.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike

from steppewatch.errors import WorldError
from steppewatch.world import geodesic
from steppewatch.world.geodesy import Array

DEGREE = 19
FARTHEST = 600_000.0  # [m] from the centre to a side
HIGHEST = math.radians(80.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquidistantGrid:
    """Hold ``2 size + 1`` × ``2 size + 1`` cells about a place; row 0 is the northernmost.

    Attributes:
        lat: Latitude of the middle cell's centre [rad].
        lon: Its longitude [rad].
        cell: Side of a cell [m].
        size: Cells from the middle one to each side.
        lat_terms: ``(20, 20)`` Chebyshev terms of latitude over (y, x) [rad].
        lon_terms: ``(20, 20)`` of the difference of longitude [rad].
    """

    lat: float
    lon: float
    cell: float
    size: int
    lat_terms: Array
    lon_terms: Array

    def places(self, rows: slice, cols: slice) -> tuple[Array, Array]:
        """Give latitude and longitude ``(r, c)`` [rad] of the centres of a block of cells.

        Args:
            rows: Rows, from the north.
            cols: Columns, from the west.
        """
        count = 2 * self.size + 1
        across = (np.arange(count)[cols] - self.size) / self.size
        up = (self.size - np.arange(count)[rows]) / self.size
        over_x, over_y = (chebyshev.chebvander(v, DEGREE) for v in (across, up))
        lat = self.lat + over_y @ self.lat_terms @ over_x.T
        lon = self.lon + over_y @ self.lon_terms @ over_x.T
        return np.asarray(lat), np.asarray(lon)

    def cell_of(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Array, Array]:
        """Find row and column (floats, centres at whole numbers) of places [rad], broadcast."""
        distance, azimuth, _ = geodesic.inverse(self.lat, self.lon, lat, lon)
        row = self.size - distance * np.cos(azimuth) / self.cell
        col = self.size + distance * np.sin(azimuth) / self.cell
        return row, col


def equidistant_grid(lat: float, lon: float, cell: float, size: int) -> EquidistantGrid:
    """Lay a grid about a place.

    Args:
        lat: Latitude of the middle [rad].
        lon: Longitude [rad].
        cell: Side of a cell [m].
        size: Cells from the middle to each side, 1 or more.

    Raises:
        WorldError: Near a pole, or larger than the projection is good for.

    >>> grid = equidistant_grid(math.radians(48.0), math.radians(106.0), 90.0, 2_000)
    >>> lat, lon = grid.places(slice(0, 1), slice(2_000, 2_001))  # 180 km to the north
    >>> f"{math.degrees(lat[0, 0]):.4f} {math.degrees(lon[0, 0]):.4f}"
    '49.6186 106.0000'
    """
    if not (abs(lat) <= HIGHEST and math.isfinite(lon)):
        raise WorldError(
            f"a grid about latitude {math.degrees(lat):g}°, longitude {math.degrees(lon):g}°: "
            "expected a place between 80° S and 80° N"
        )
    if not (cell > 0.0 and size >= 1 and cell * size <= FARTHEST):
        raise WorldError(
            f"a grid of {size} cells of {cell:g} m to each side: expected 1 cell or more, and at "
            f"most {FARTHEST / 1e3:g} km; take a shorter range"
        )
    nodes = chebyshev.chebpts1(DEGREE + 1)
    half = cell * size
    x, y = np.meshgrid(nodes * half, nodes * half)
    lats, lons = geodesic.direct(lat, lon, np.arctan2(x, y), np.hypot(x, y))
    turn = np.mod(lons - lon + math.pi, 2.0 * math.pi) - math.pi
    fit = chebyshev.chebvander(nodes, DEGREE).T * (2.0 / (DEGREE + 1))
    fit[0] *= 0.5  # discrete orthogonality of the terms at the nodes
    return EquidistantGrid(
        lat=lat,
        lon=lon,
        cell=cell,
        size=size,
        lat_terms=fit @ (lats - lat) @ fit.T,
        lon_terms=fit @ turn @ fit.T,
    )
