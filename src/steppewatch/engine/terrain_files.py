"""Read elevation files through GDAL: GeoTIFF in any projection, SRTM ``.hgt``, DTED.

GDAL gives the place of a sample as the centre of its pixel whatever the file says (pixel-is-area
or pixel-is-point), so one rule serves all. ``rasterio`` is imported when the first file is read.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.errors import EngineError, WorldError
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Heights

if TYPE_CHECKING:
    from pyproj import CRS

METRES = {None, "", "m", "metre", "meter", "metres", "meters"}
KINDS = {".tif", ".tiff", ".hgt", ".dt0", ".dt1", ".dt2"}
HIGHEST, LOWEST = 9_000.0, -500.0  # m: Everest is 8,849 m, the Dead Sea's shore −430 m
HGT_SIZES = {2 * 1201 * 1201: 1201, 2 * 3601 * 3601: 3601, 2 * 3601 * 1801: 1801}


@dataclass(frozen=True, slots=True, kw_only=True)
class ElevationFile:
    """Describe one elevation file: all that is needed to read samples from it.

    Attributes:
        path: The file, or GDAL's name for a member of an archive.
        crs: Coordinate reference of its horizontal axes, WKT.
        transform: GDAL's ``a, b, c, d, e, f``: x = a·col + b·row + c, y = d·col + e·row + f, for
            pixel corners.
        width: Columns.
        height: Rows.
        nodata: Value that means unknown, NaN when the file names none.
        datum: Vertical datum, ``"unknown"`` when neither file nor user says.
        bounds: South, west, north, east [rad].
        resolution: Spacing of its rows [rad].
        kind: GDAL's name of the format.
    """

    path: str
    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int
    nodata: float
    datum: str
    bounds: tuple[float, float, float, float]
    resolution: float
    kind: str


def inspect(path: Path, datum: str = "", nodata: float = math.nan) -> ElevationFile:
    """Open an elevation file and check that it can be used.

    Args:
        path: GeoTIFF, ``.hgt``, DTED, or one of these in ``.gz`` or ``.zip``.
        datum: Vertical datum, where the user knows better than the file.
        nodata: Value for unknown, where the file does not say.
    """
    from rasterio.warp import transform_bounds  # noqa: PLC0415 (slow to import)

    name = gdal_name(path)
    check_size(path)
    with opened(name) as dataset:
        _check(path, dataset)
        crs = _crs(dataset)
        rows_step = math.hypot(dataset.transform.b, dataset.transform.e)
        geographic = dataset.crs.is_geographic
        west, south, east, north = transform_bounds(
            dataset.crs, "EPSG:4326", *dataset.bounds, densify_pts=21
        )
        declared = math.nan if dataset.nodata is None else float(dataset.nodata)
        return ElevationFile(
            path=name,
            crs=_horizontal(crs).to_wkt(),
            transform=tuple(dataset.transform)[:6],
            width=dataset.width,
            height=dataset.height,
            nodata=declared if math.isnan(nodata) else nodata,
            datum=datum or _datum(path, dataset, crs),
            bounds=(
                math.radians(south),
                math.radians(west),
                math.radians(north),
                math.radians(east),
            ),
            resolution=math.radians(rows_step) if geographic else rows_step / MEAN_RADIUS,
            kind=dataset.driver,
        )


def read(file: ElevationFile, window: tuple[int, int, int, int], shape: tuple[int, int]) -> Heights:
    """Read heights [m]; NaN where the file knows none.

    Args:
        file: From :func:`inspect`.
        window: First row, first column, rows, columns.
        shape: Rows and columns wanted; fewer than in the window gives local averages.
    """
    from rasterio.enums import Resampling  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    row, col, rows, cols = window
    with opened(file.path) as dataset:
        raw = dataset.read(
            1,
            window=Window(col, row, cols, rows),
            out_shape=shape,
            resampling=Resampling.average,
        )
        heights: Heights = raw.astype(np.float32)
        unknown = ~np.isfinite(heights)
        if not math.isnan(file.nodata):
            unknown |= raw == file.nodata
        if raw.dtype == np.int16:  # the void of SRTM, declared or not
            unknown |= raw == -32768
        heights *= np.float32(dataset.scales[0])
        heights += np.float32(dataset.offsets[0])
    heights[unknown] = np.nan
    return heights


def read_through(file: ElevationFile) -> float:
    """Read the whole file once to prove that it can be read: the share of unknown samples."""
    strip = max(1, 4_000_000 // file.width)
    holes = 0
    for row in range(0, file.height, strip):
        rows = min(strip, file.height - row)
        heights = read(file, (row, 0, rows, file.width), (rows, file.width))
        known = heights[np.isfinite(heights)]
        holes += heights.size - known.size
        if known.size and not (known.min() >= LOWEST and known.max() <= HIGHEST):
            wrong = float(known.min() if known.min() < LOWEST else known.max())
            raise EngineError(
                f"{file.path} has a height of {wrong:g} m and does not call it unknown; heights on "
                f"earth are {LOWEST:g}…{HIGHEST:g} m: if it marks holes, add it with "
                f"--nodata {wrong:g}"
            )
    if holes == file.width * file.height:
        raise EngineError(f"{file.path} holds no known height at all: leave it out")
    return holes / (file.width * file.height)


@contextmanager
def opened(name: str) -> Iterator[Any]:
    """Open a file with GDAL; its errors become ours, with the file's name."""
    import rasterio  # noqa: PLC0415 (slow to import)
    from rasterio.errors import RasterioError  # noqa: PLC0415

    try:
        with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"), rasterio.open(name) as dataset:
            yield dataset
    except (RasterioError, OSError) as error:
        cause = error.__cause__ or error
        raise EngineError(
            f"{name} cannot be read as elevation ({cause}): it is damaged, cut short or of another "
            "kind; get it again, as GeoTIFF, SRTM .hgt or DTED"
        ) from error


def gdal_name(path: Path) -> str:
    """Give GDAL's name of a file, looking into ``.gz`` and ``.zip``."""
    if not path.is_file():
        raise EngineError(f"{path} is not a file: give an elevation file that exists")
    if path.suffix == ".gz":
        return f"/vsigzip/{path.resolve()}"
    if path.suffix == ".zip":
        return f"/vsizip/{path.resolve()}/{archive_member(path)}"
    return str(path)


def archive_member(path: Path) -> str:
    """Find the one elevation file in a zip archive."""
    import zipfile  # noqa: PLC0415 (seldom needed)

    try:
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if Path(n).suffix.lower() in KINDS]
    except (OSError, zipfile.BadZipFile) as error:
        raise EngineError(f"{path} cannot be read as zip ({error}): get it again") from error
    if len(names) != 1:
        raise EngineError(
            f"{path} holds {len(names)} elevation files: unpack it and add them one by one"
        )
    return names[0]


def check_size(path: Path) -> None:
    """Refuse an ``.hgt`` that is cut short; it has no header that would say so."""
    if path.suffix.lower() == ".hgt" and path.stat().st_size not in HGT_SIZES:
        raise EngineError(
            f"{path} has {path.stat().st_size} bytes; an SRTM .hgt has 2884802 (3″) or 25934402 "
            "(1″): it is cut short or something else; get it again"
        )


def _check(path: Path, dataset: Any) -> None:
    """Refuse what would give wrong heights silently."""
    if dataset.crs is None or dataset.transform.is_identity:
        raise EngineError(
            f"{path} does not say where on earth it lies: expected a coordinate reference and a "
            "geotransform; set them (gdal_edit.py -a_srs … -a_ullr …)"
        )
    if dataset.count != 1 or dataset.dtypes[0] not in {
        "int16",
        "uint16",
        "int32",
        "uint32",
        "float32",
        "float64",
    }:
        raise EngineError(
            f"{path} has {dataset.count} band(s) of {dataset.dtypes[0]}: expected one band of "
            "heights (int16 or float32), this looks like a picture"
        )
    if dataset.units[0] not in METRES:
        raise EngineError(
            f"{path} has heights in {dataset.units[0]!r}: expected metres; convert it first "
            "(gdal_calc.py) and set its unit to m"
        )


def _crs(dataset: Any) -> "CRS":
    from pyproj import CRS  # noqa: PLC0415 (slow to import)
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        crs = CRS.from_wkt(dataset.crs.to_wkt())
    except CRSError as error:
        raise WorldError(
            f"{dataset.name}: its coordinate reference is not known: {error}"
        ) from error
    vertical = crs.sub_crs_list[1] if crs.is_compound else None
    if vertical is not None and vertical.axis_info[0].unit_name not in METRES:
        raise EngineError(
            f"{dataset.name} has heights in {vertical.axis_info[0].unit_name} ({vertical.name}): "
            "expected metres; convert it first (gdalwarp -t_srs …)"
        )
    return crs


def _horizontal(crs: "CRS") -> "CRS":
    return crs.sub_crs_list[0] if crs.is_compound else crs.to_2d()


def _datum(path: Path, dataset: Any, crs: "CRS") -> str:
    """Find the vertical datum: from the reference system, the format, or a known product."""
    if crs.is_compound:
        return str(crs.sub_crs_list[1].name).removesuffix(" height")
    if len(crs.axis_info) == 3:
        return "ellipsoid"
    if dataset.driver == "SRTMHGT":
        return "EGM96"
    if dataset.driver == "DTED":
        code = dataset.tags().get("DTED_VerticalDatum", "").strip()
        return {"E96": "EGM96", "MSL": "mean sea level"}.get(code, code or "mean sea level")
    return "EGM2008" if path.name.startswith("Copernicus_DSM") else "unknown"
