"""Write a plan's layers for QGIS and every other map program: GeoPackage and GeoJSON."""

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.border_file import load_border
from steppewatch.engine.plan_report_belt import Belt, belt_of
from steppewatch.engine.plan_report_read import Cells, Plan, PlanSite, read_cells, read_plan
from steppewatch.engine.terrain_store import disk_errors
from steppewatch.engine.whole_file import whole_file
from steppewatch.errors import EngineError
from steppewatch.world.border import Border
from steppewatch.world.geodesy import Array

WGS84 = "EPSG:4326"
PIECE = 5_000.0  # length of a piece of the belt [m]
MOST_CELLS = 400_000  # more are left to the pieces of the belt
DIGITS = 6  # of a degree: 0.1 m


def write_layers(folder: Path) -> tuple[Path, Path]:
    """Write ``plan.gpkg`` and ``sites.geojson`` beside a plan.

    The GeoPackage has the layers ``sites``, ``links``, ``border`` (pieces of 5 km with what is
    seen of each), ``sections`` (as the plan names them) and ``cells`` (points of the belt with the
    number of sensors for each class), all in WGS 84. The GeoJSON is of RFC 7946.

    Args:
        folder: Holds ``plan.json`` and, where there is terrain, ``cells.npz``.

    Returns:
        The two files, each written whole or not at all.

    Raises:
        EngineError: The plan cannot be read, or the files cannot be written.
        StoreFullError: The disk is full.
    """
    plan, cells, border = read_plan(folder), read_cells(folder), load_border()
    points, package = folder / "sites.geojson", folder / "plan.gpkg"
    with whole_file(points) as stream:
        stream.write(json.dumps(sites_collection(plan), ensure_ascii=False).encode("utf-8"))
    with _scratch(package) as path:
        _layer(path, "sites", "Point", _site_points(plan), _site_fields(plan))
        _layer(path, "links", "LineString", *_link_lines(plan))
        _layer(path, "sections", "MultiLineString", *_section_lines(plan, border))
        if cells is not None:
            belt = belt_of(cells.lat, cells.lon, border, PIECE)
            _layer(path, "border", "LineString", *_belt_lines(cells, belt, border))
            _layer(path, "cells", "Point", *_cell_points(cells, belt))
    return package, points


def sites_collection(plan: Plan) -> dict[str, Any]:
    """Give the sites as a GeoJSON feature collection (RFC 7946)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": site.id,
                "geometry": {
                    "type": "Point",
                    "coordinates": [
                        round(_east(site.lon), DIGITS),
                        round(math.degrees(site.lat), DIGITS),
                    ],
                },
                "properties": {
                    **{key: _known(value) for key, value in _site_row(site).items()},
                    "links": list(site.links),
                    "alternatives": [
                        {"id": a.id, "package": a.package, "loses": a.loses}
                        for a in site.alternatives
                    ],
                },
            }
            for site in plan.sites
        ],
    }


def _site_row(site: PlanSite) -> dict[str, Any]:
    return {
        "id": site.id,
        "package": site.package,
        "price": site.price,
        "fixed": site.fixed,
        "relay": site.relay,
        "adds": site.adds,
        "alone": site.alone,
        "rank": site.rank,
        "ground_m": site.ground,
        "mast_m": site.mast,
        "border": site.border,
        "km": site.along / 1e3,
        "inside_km": site.inside / 1e3,
    }


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _east(lon: float) -> float:
    """Give a longitude in degrees, −180…180 (RFC 7946, 3.1.9)."""
    return math.degrees(math.remainder(lon, 2.0 * math.pi))


def _site_points(plan: Plan) -> Array:
    lon, lat = ([f(s) for s in plan.sites] for f in (lambda s: _east(s.lon), _north))
    return np.column_stack((np.array(lon, float), np.array(lat, float)))


def _north(site: PlanSite) -> float:
    return math.degrees(site.lat)


def _site_fields(plan: Plan) -> dict[str, Any]:
    rows = [_site_row(site) for site in plan.sites]
    kinds = {"fixed": bool, "relay": bool, "rank": np.int32, "id": object, "package": object,
             "border": object}  # fmt: skip
    names = rows[0] if rows else {}
    fields: dict[str, Any] = {
        name: np.array([row[name] for row in rows], kinds.get(name, float)) for name in names
    }
    best = ["; ".join(f"{a.id} (-{a.loses:.4f})" for a in s.alternatives[:3]) for s in plan.sites]
    return {**fields, "instead": np.array(best, object)} if rows else {}


def _link_lines(plan: Plan) -> tuple[list[Array], dict[str, Any]]:
    places = {s.id: (_east(s.lon), math.degrees(s.lat)) for s in plan.sites}
    pairs = sorted(
        {(min(s.id, o), max(s.id, o)) for s in plan.sites for o in s.links if o in places}
    )
    lines = [np.array([places[one], places[other]]) for one, other in pairs]
    one, other = ([pair[i] for pair in pairs] for i in (0, 1))
    return lines, {"site": np.array(one, object), "other": np.array(other, object)}


def _section_lines(plan: Plan, border: Border) -> tuple[list[Array], dict[str, Any]]:
    known = {line.neighbour: line.length for line in border.lines}
    shown = [s for s in plan.sections if s.border in known and s.start < known[s.border]]
    ends = [min(known[s.border], s.end if s.end > s.start else math.inf) for s in shown]
    lines = [_along(border, s.border, s.start, end) for s, end in zip(shown, ends, strict=True)]
    return lines, {
        "border": np.array([s.border for s in shown], object),
        "from_km": np.array([s.start / 1e3 for s in shown], float),
        "to_km": np.array([end / 1e3 for end in ends], float),
        "share": np.array([s.share for s in shown], float),
    }


def _belt_lines(cells: Cells, belt: Belt, border: Border) -> tuple[list[Array], dict[str, Any]]:
    seen = (cells.seen > 0).astype(float)
    share = belt.shares(cells.weight, seen)
    all_of_it = _weighted(belt, cells, seen)
    watched = np.flatnonzero(np.isfinite(all_of_it))
    named = [belt.name(int(piece)) for piece in watched]
    lines = [_along(border, *one) for one in named]
    fields = {
        "border": np.array([one[0] for one in named], object),
        "from_km": np.array([one[1] / 1e3 for one in named], float),
        "to_km": np.array([one[2] / 1e3 for one in named], float),
        "share": all_of_it[watched],
    }
    return lines, fields | {
        f"share_{name}": share[watched, c] for c, name in enumerate(cells.names)
    }


def _weighted(belt: Belt, cells: Cells, seen: Array) -> Array:
    whole = np.bincount(belt.piece, cells.weight.sum(axis=1), belt.pieces)
    part = np.bincount(belt.piece, (cells.weight * seen).sum(axis=1), belt.pieces)
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0.0))


def _cell_points(cells: Cells, belt: Belt) -> tuple[Array, dict[str, Any]]:
    thin = slice(None, None, max(1, math.ceil(cells.lat.size / MOST_CELLS)))
    lon = np.degrees(np.remainder(cells.lon + math.pi, 2.0 * math.pi) - math.pi)
    fields: dict[str, Any] = {"piece": belt.piece[thin].astype(np.int32)}
    fields |= {f"seen_{name}": cells.seen[thin, c] for c, name in enumerate(cells.names)}
    fields |= {f"weight_{name}": cells.weight[thin, c] for c, name in enumerate(cells.names)}
    return np.column_stack((lon, np.degrees(cells.lat)))[thin], fields


def _along(border: Border, neighbour: str, start: float, end: float) -> Array:
    """Give the vertices of a part of the border: ``(n, 2)`` longitude and latitude [deg]."""
    line = border.line(neighbour)
    start, end = max(start, 0.0), min(end, line.length)
    within = line.along[(line.along > start) & (line.along < end)]
    lat, lon = border.point_at(neighbour, np.concatenate(([start], within, [end])))
    return np.degrees(np.column_stack((lon, lat)))


def _layer(
    path: Path, name: str, kind: str, shapes: Array | Sequence[Array], fields: Mapping[str, Any]
) -> None:
    """Add a layer to the GeoPackage; one without features is left out."""
    import shapely  # noqa: PLC0415 (slow to import)
    from pyogrio.errors import DataSourceError  # noqa: PLC0415
    from pyogrio.raw import write  # noqa: PLC0415

    if len(shapes) == 0:
        return
    if kind == "Point":
        geometry = shapely.points(np.asarray(shapes))
    else:
        geometry = np.array([shapely.LineString(line) for line in shapes], object)
        if kind == "MultiLineString":
            geometry = np.array([shapely.MultiLineString([line]) for line in geometry], object)
    try:
        write(
            str(path), shapely.to_wkb(geometry), list(fields.values()), list(fields), layer=name,
            driver="GPKG", geometry_type=kind, crs=WGS84, append=path.exists(),
        )  # fmt: skip
    except (DataSourceError, RuntimeError, ValueError) as error:
        raise EngineError(f"{path}: layer {name} cannot be written ({error})") from error


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """Lend a name beside the file; what was written there takes the file's name at the end."""
    scratch = path.with_name(f".{path.stem}-{os.getpid()}.part.gpkg")
    with disk_errors(path):
        try:
            scratch.unlink(missing_ok=True)
            with scratch.open("wb") as stream:  # says at once when the place cannot be written
                stream.write(b"")
            scratch.unlink()
            yield scratch
            with scratch.open("rb+") as stream:
                os.fsync(stream.fileno())
            scratch.replace(path)
        finally:
            for part in path.parent.glob(f"{scratch.name}*"):
                part.unlink(missing_ok=True)
