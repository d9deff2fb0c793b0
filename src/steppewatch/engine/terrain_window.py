"""Cut the ground about a site out of one elevation file, for the line-of-sight sweep."""

import math
from pathlib import Path

import numpy as np

from steppewatch.engine.terrain_files import ElevationFile, inspect, read
from steppewatch.engine.terrain_grid import FileTerrain
from steppewatch.engine.terrain_store import open_terrain
from steppewatch.errors import EngineError
from steppewatch.sense.viewshed import Window, plane_window
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain

SQUARE = 1e-3  # how far the sides of a cell may differ
MOST_CELLS = 20_001


def file_terrain(path: Path, datum: str = "", nodata: float = math.nan) -> FileTerrain:
    """Open one elevation file as terrain, without taking it into the store.

    Args:
        path: GeoTIFF, ``.hgt``, DTED; also in ``.gz`` or ``.zip``.
        datum: Vertical datum, where the user knows better than the file.
        nodata: Value for unknown, where the file does not say.
    """
    return FileTerrain([inspect(path, datum, nodata)])


def chosen_terrain(path: Path | None, datum: str = "", nodata: float = math.nan) -> Terrain:
    """Open one elevation file as :func:`file_terrain`, or the node's own terrain when None."""
    return open_terrain() if path is None else file_terrain(path, datum, nodata)


def spacing(terrain: Terrain) -> float:
    """Give the spacing of a terrain's finest rows [m]: a cell size that loses nothing."""
    return terrain.describe().resolution * MEAN_RADIUS


def map_window(
    path: Path, x: float, y: float, size: int, datum: str = "", nodata: float = math.nan
) -> tuple[Window, tuple[float, float]]:
    """Cut a square out of a projected map, cell by cell as it is.

    Args:
        path: An elevation file in a projection whose unit is the metre.
        x: Easting of the site in that projection [m].
        y: Northing [m].
        size: Cells from the site's own cell to each side.
        datum: Vertical datum, where the user knows better than the file.
        nodata: Value for unknown, where the file does not say.

    Returns:
        The window about the cell in which the site lies, unknown beyond the file's edge; and that
        cell's centre in the projection [m].

    Raises:
        EngineError: The file is no such map, or the site lies outside it.
    """
    file = inspect(path, datum, nodata)
    cell = _check(file, path)
    if not 1 <= size <= MOST_CELLS // 2:
        raise EngineError(f"radius is {size} cells, expected 1 to {MOST_CELLS // 2}")
    a, _, left, _, e, top = file.transform
    col, row = math.floor((x - left) / a), math.floor((y - top) / e)
    if not (0 <= row < file.height and 0 <= col < file.width):
        raise EngineError(
            f"{path} has no place {x:.0f}, {y:.0f}: it spans eastings {left:.0f} to "
            f"{left + a * file.width:.0f} and northings {top + e * file.height:.0f} to {top:.0f}"
        )
    heights = np.full((2 * size + 1, 2 * size + 1), np.nan, np.float32)
    rows = range(max(0, row - size), min(file.height, row + size + 1))
    cols = range(max(0, col - size), min(file.width, col + size + 1))
    down, right = rows.start - (row - size), cols.start - (col - size)
    heights[down : down + len(rows), right : right + len(cols)] = read(
        file, (rows.start, cols.start, len(rows), len(cols)), (len(rows), len(cols))
    )
    centre = (left + a * (col + 0.5), top + e * (row + 0.5))
    return plane_window(heights, cell, info=FileTerrain([file]).describe()), centre


def place_on_earth(path: Path, x: float, y: float) -> tuple[float, float]:
    """Turn an easting and northing of a file's projection [m] into latitude, longitude [rad]."""
    from pyproj import Transformer  # noqa: PLC0415 (slow to import)

    transformer = Transformer.from_crs(inspect(path).crs, "EPSG:4326", always_xy=True)
    lon, lat = transformer.transform(x, y)
    return math.radians(lat), math.radians(lon)


def _geographic(file: ElevationFile) -> bool:
    return file.crs.startswith(("GEOGCRS", "GEOGCS"))


def _check(file: ElevationFile, path: Path) -> float:
    """Refuse a map on which cells are no squares of metres; give the cell's side [m]."""
    from pyproj import CRS  # noqa: PLC0415 (slow to import)

    if _geographic(file):
        raise EngineError(
            f"{path} counts in degrees, so its straight lines are no sight lines: give the site "
            "by --lon and --lat, and it is resampled"
        )
    unit = CRS.from_wkt(file.crs).axis_info[0].unit_name
    if unit != "metre":
        raise EngineError(
            f"{path} counts in {unit}: expected metres; convert it (gdalwarp -t_srs EPSG:326xx)"
        )
    a, b, _, d, e, _ = file.transform
    if b or d or e > 0.0 or a < 0.0:
        raise EngineError(
            f"{path} is turned or upside down: expected rows from north to south; make it so "
            "(gdalwarp does)"
        )
    if abs(a + e) > SQUARE * a:
        raise EngineError(
            f"{path} has cells of {a:g} × {-e:g} m: expected squares; resample it (gdalwarp -tr "
            f"{a:g} {a:g})"
        )
    return a
