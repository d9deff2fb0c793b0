"""Read points, lines and polygons that planners bring: GeoJSON, GeoPackage, or a table (CSV)."""

import csv
from pathlib import Path

import numpy as np

from steppewatch.errors import EngineError
from steppewatch.plan.candidates.features import Features

LATITUDES, LONGITUDES = ("lat", "lat_deg", "latitude"), ("lon", "lon_deg", "lng", "longitude")
NAMES = ("id", "name", "title")


def read_features(path: Path) -> Features:
    """Read a file of features; its coordinates become longitude and latitude in degrees.

    Args:
        path: GeoJSON, GeoPackage or whatever else GDAL's vector drivers know; a CSV with columns
            ``lat``, ``lon`` and perhaps ``id`` or ``name``.

    Raises:
        EngineError: The file is missing, damaged, empty, or lies nowhere on earth.
    """
    if not path.is_file():
        raise EngineError(f"{path} is not a file: give GeoJSON, GeoPackage or CSV (lat, lon, id)")
    features = _table(path) if path.suffix.lower() == ".csv" else _geometries(path)
    if not len(features.shapes):
        raise EngineError(f"{path} holds no features: expected one at least")
    south, west, north, east = np.degrees(features.bounds()).tolist()
    if not (-90.0 <= south <= north <= 90.0 and -180.0 <= west <= east <= 180.0):
        raise EngineError(
            f"{path} spans longitudes {west:g} to {east:g} and latitudes {south:g} to {north:g}: "
            "expected degrees; name its coordinate reference, or convert it (ogr2ogr -t_srs "
            "EPSG:4326)"
        )
    return features


def _table(path: Path) -> Features:
    import shapely  # noqa: PLC0415 (slow to import)

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EngineError(f"{path} cannot be read as CSV ({error}): expected UTF-8") from error
    columns = {name.strip().lower(): name for name in (rows[0] if rows else {}) if name}
    lat, lon, name = (
        next((columns[n] for n in known if n in columns), None)
        for known in (LATITUDES, LONGITUDES, NAMES)
    )
    if lat is None or lon is None:
        raise EngineError(
            f"{path} has columns {', '.join(columns) or 'none'}: expected lat and lon in degrees"
        )
    places = []
    for number, row in enumerate(rows, 2):
        try:
            places.append((float(row[lon]), float(row[lat])))
        except (TypeError, ValueError) as error:
            raise EngineError(
                f"{path}:{number}: {row[lat]!r}, {row[lon]!r} is no place: expected latitude and "
                "longitude in degrees"
            ) from error
    return Features(
        source=path.name,
        shapes=np.atleast_1d(shapely.points(np.array(places).reshape(-1, 2))),
        ids=tuple((row[name] or "").strip() if name else "" for row in rows),
    )


def _geometries(path: Path) -> Features:
    import pyogrio  # noqa: PLC0415 (slow to import)
    import shapely  # noqa: PLC0415
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    try:
        about, _, raw, fields = pyogrio.raw.read(path, force_2d=True)
        shapes = shapely.from_wkb(raw)
    except (DataSourceError, DataLayerError, shapely.errors.ShapelyError, ValueError) as error:
        raise EngineError(
            f"{path} cannot be read as features ({error}): expected GeoJSON or GeoPackage"
        ) from error
    if about["crs"] not in (None, "EPSG:4326", "OGC:CRS84") and len(shapes):
        from pyproj import Transformer  # noqa: PLC0415

        change = Transformer.from_crs(about["crs"], "EPSG:4326", always_xy=True)
        shapes = shapely.transform(
            shapes, lambda xy: np.stack(change.transform(xy[:, 0], xy[:, 1]), axis=1)
        )
    names = [str(n).lower() for n in about["fields"]]
    column = next((names.index(n) for n in NAMES if n in names), None)
    ids = [""] * len(shapes) if column is None else [str(v or "") for v in fields[column]]
    keep = np.array([s is not None and not s.is_empty for s in shapes], bool)
    return Features(
        source=path.name,
        shapes=np.asarray(shapes, object)[keep],
        ids=tuple(n for n, good in zip(ids, keep, strict=True) if good),
    )
