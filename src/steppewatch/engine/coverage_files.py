"""Coverage as cloud-optimised GeoTIFF, for QGIS and every other map program.

One file may hold several bands (a layer each), float32, NaN for unknown, in the site's own
azimuthal equidistant projection. Its tags say what it rests on: terrain, air, sensor, warnings.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch import __version__
from steppewatch.engine.whole_file import whole_file
from steppewatch.errors import EngineError
from steppewatch.sense.viewshed import Window
from steppewatch.world.equidistant import EquidistantGrid
from steppewatch.world.terrain import Heights

BLOCK = 512


def write_coverage(
    path: Path,
    layers: Mapping[str, Heights],
    window: Window,
    tags: Mapping[str, str],
    *,
    averaged: bool = False,
) -> None:
    """Write rasters of one window as a cloud-optimised GeoTIFF.

    Args:
        path: To write.
        layers: Description of each band → ``(n, n)`` values, NaN unknown.
        window: Where the cells lie; made by ``site_window``.
        tags: What the file rests on.
        averaged: Overviews hold means (probabilities); else the nearest cell (heights, which a
            mean would falsify at the edges of shadows).

    Raises:
        EngineError: The window has no place on earth, or the place cannot be written.
        StoreFullError: The disk is full.
    """
    if window.grid is None:
        raise EngineError(f"{path}: this window lies on no place of the earth; use a site's window")
    write_raster(path, layers, projection(window.grid), place(window), tags, averaged=averaged)


def write_raster(
    path: Path,
    layers: Mapping[str, Heights],
    crs: str,
    transform: tuple[float, float, float, float, float, float],
    tags: Mapping[str, str],
    *,
    averaged: bool = False,
) -> None:
    """Write rasters of any projection as a cloud-optimised GeoTIFF.

    Args:
        path: To write.
        layers: Description of each band → ``(r, c)`` values, NaN unknown.
        crs: The projection, for PROJ.
        transform: Its geotransform ``a, b, c, d, e, f``.
        tags: What the file rests on.
        averaged: Overviews hold means; else the nearest cell.

    Raises:
        EngineError: The place cannot be written.
        StoreFullError: The disk is full.
    """
    import rasterio  # noqa: PLC0415 (slow to import)
    from rasterio.errors import RasterioError  # noqa: PLC0415
    from rasterio.io import MemoryFile  # noqa: PLC0415

    rows, cols = next(iter(layers.values())).shape
    profile: dict[str, Any] = {
        "driver": "COG",
        "dtype": "float32",
        "width": cols,
        "height": rows,
        "count": len(layers),
        "nodata": np.nan,
        "crs": crs,
        "transform": rasterio.Affine(*transform),
        "compress": "DEFLATE",
        "predictor": "FLOATING_POINT",
        "blocksize": BLOCK,
        "overview_resampling": "AVERAGE" if averaged else "NEAREST",
    }
    try:
        with MemoryFile() as memory:
            with memory.open(**profile) as out:
                out.update_tags(SOFTWARE=f"Steppewatch {__version__}", **tags)
                for band, (name, values) in enumerate(layers.items(), start=1):
                    out.write(values.astype(np.float32, copy=False), band)
                    out.set_band_description(band, name)
            # GDAL fills memory and Python the disk, so that a full disk is told as one.
            with whole_file(path) as stream:
                stream.write(memory.getbuffer())
    except RasterioError as error:
        raise EngineError(f"{path} cannot be written as GeoTIFF ({error})") from error


def projection(grid: EquidistantGrid) -> str:
    """Name the site's own projection for PROJ."""
    lat, lon = np.degrees(grid.lat), np.degrees(grid.lon)
    return f"+proj=aeqd +lat_0={lat:.9f} +lon_0={lon:.9f} +datum=WGS84 +units=m +no_defs"


def place(window: Window) -> tuple[float, float, float, float, float, float]:
    """Give the geotransform ``a, b, c, d, e, f`` of a window: its middle is (0, 0) [m]."""
    edge = (window.size + 0.5) * window.cell
    return (window.cell, 0.0, -edge, 0.0, -window.cell, edge)
