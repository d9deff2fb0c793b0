"""Put a plan file, the chosen sites of a folder and the node's terrain on one board."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.border_file import load_border
from steppewatch.engine.plan_report_read import Plan, read_plan
from steppewatch.engine.terrain_window import chosen_terrain
from steppewatch.errors import EngineError
from steppewatch.plan.assure.board import Board
from steppewatch.plan.assure.rules import rules_from
from steppewatch.plan.assure.sites import Equipped, designs_of, fixed_sites, package_of
from steppewatch.plan.wanted import load_wanted

if TYPE_CHECKING:
    from pathlib import Path

    from steppewatch.fuse import TrackerSettings
    from steppewatch.plan.wanted import Wanted
    from steppewatch.world.border import Border
    from steppewatch.world.geodesy import Array
    from steppewatch.world.terrain import Terrain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Hold a plan that is to be assured.

    Attributes:
        wanted: The plan file.
        border: The line.
        terrain: Ground heights.
        board: Answers what sites assure.
        sites: Fixed sites, and the chosen ones of the folder.
        plan: The folder's plan; None without one.
        gateways: ``(g, 2)`` places of the network [rad]; None without links.
    """

    wanted: Wanted
    border: Border
    terrain: Terrain
    board: Board
    sites: tuple[Equipped, ...]
    plan: Plan | None
    gateways: Array | None


def load_problem(
    path: Path,
    folder: Path | None = None,
    *,
    dem: Path | None = None,
    every: float = 1_000.0,
    tracker: TrackerSettings | None = None,
) -> Problem:
    """Read a plan file and the sites that were chosen for it.

    Args:
        path: ``PLAN.toml``.
        folder: Folder that ``plan sites`` wrote; None for the fixed sites alone.
        dem: Elevation file; the node's own terrain when None.
        every: Distance between posts along the border [m].
        tracker: Settings of the tracker whose rules hold; the usual ones when None.

    Raises:
        EngineError: A file cannot be read.
        PlanError: The plan is impossible, or has no sensor at all.
    """
    border = load_border()
    wanted = load_wanted(_text(path, "a plan file (docs/plans.md)"), str(path), border)
    terrain = chosen_terrain(dem)

    def read(name: str) -> str:
        return _text(path.parent / name, "a sensor's .toml file (docs/sense.md)")

    sites = {site.id: site for site in fixed_sites(wanted, terrain)}
    plan = None if folder is None else read_plan(folder)
    if plan is not None:
        for one in plan.sites:
            if one.id not in sites:
                sites[one.id] = Equipped(
                    id=one.id,
                    lat=one.lat,
                    lon=one.lon,
                    package=package_of(wanted, one.package, f"{folder}: site {one.id!r}"),
                    gateway=any(s.id == one.id and s.gateway for s in wanted.sites),
                    price=one.price,
                )
    if not sites:
        raise EngineError(
            f"{path}: no site stands: mark a [[site]] as fixed, or give the folder that "
            "steppewatch plan sites wrote with --sites"
        )
    gateways = None
    if wanted.links is not None and wanted.links.gateway_file is not None:
        gateways = _places(path.parent / wanted.links.gateway_file)
    board = Board(
        wanted,
        border,
        terrain,
        designs_of(wanted, read),
        gateways=gateways,
        every=every,
        rules=rules_from(tracker),
    )
    return Problem(
        wanted=wanted,
        border=border,
        terrain=terrain,
        board=board,
        sites=tuple(sites.values()),
        plan=plan,
        gateways=gateways,
    )


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise EngineError(f"{path} cannot be read ({error}): expected {what}") from error


def _places(path: Path) -> Array:
    """Read places ``(g, 2)`` [rad] from GeoJSON points or a CSV with lat and lon columns."""
    text = _text(path, "GeoJSON points, or a CSV with the columns lat and lon")
    try:
        if path.suffix.lower() == ".csv":
            rows = list(csv.DictReader(io.StringIO(text)))
            keys = [_column(rows[0], name) for name in ("lat", "lon")] if rows else ["", ""]
            degrees = [[float(row[key]) for key in keys] for row in rows]
        else:
            degrees = [_point(one) for one in json.loads(text)["features"]]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise EngineError(
            f"{path} holds no places ({error}): expected GeoJSON points, or a CSV with the "
            "columns lat and lon in degrees"
        ) from error
    return np.asarray(np.radians(np.array(degrees, float).reshape(-1, 2)))


def _column(row: dict[str, Any], name: str) -> str:
    for key in row:
        if key.strip().lower() in {name, f"{name}_deg", {"lat": "latitude"}.get(name, "longitude")}:
            return key
    raise KeyError(name)


def _point(feature: Any) -> list[float]:
    lon, lat = feature["geometry"]["coordinates"][:2]
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise ValueError("position")
    return [float(lat), float(lon)]
