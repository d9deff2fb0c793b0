"""A plan as the planner's picture holds it: read once, laid along the border, to be changed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.assure_plan import Problem, load_problem
from steppewatch.engine.plan_report_belt import Belt, belt_of
from steppewatch.engine.plan_report_fields import Item
from steppewatch.engine.plan_report_read import (
    Cells,
    Plan,
    PlanPackage,
    PlanSite,
    read_cells,
    read_plan,
)
from steppewatch.errors import EngineError, WebError
from steppewatch.plan.assure import MEASURES
from steppewatch.plan.assure.sites import package_of
from steppewatch.sense.eoir.library import CAMERAS, find_camera, is_camera
from steppewatch.sense.radar.library import find_design
from steppewatch.web.plan.assured import Assured
from steppewatch.web.plan.sight import Design, Kit, Sights
from steppewatch.world.border import Border
from steppewatch.world.terrain import Terrain

PIECE = 1_000.0  # of the border [m], where cells are no larger than that
REQUIRED = 0.8
MOST_POSTS = 1_500  # so many answer in well under a second when a site moves
RELAY_MAST = 10.0  # [m], where nobody says


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Hold one plan of the picture.

    Attributes:
        folder: Where it was read.
        plan: What it says.
        cells: The ground that is watched.
        belt: Where that lies along the border.
        border: The line itself.
        kits: What each package is.
        required: Probability from which a cell counts as seen.
        sights: What sites see of the cells; shared between plans that watch the same ones.
        terrain: Under all of it.
        assured: What it assures; None without the plan's file.
    """

    folder: Path
    plan: Plan
    cells: Cells
    belt: Belt
    border: Border
    kits: dict[str, Kit]
    required: float
    sights: Sights
    terrain: Terrain
    assured: Assured | None = None

    def kit_of(self, site: PlanSite) -> Kit:
        """Give the package of one of the plan's own sites, on its own mast."""
        kit = self.kits[site.package]
        return replace(kit, mast=site.mast) if site.mast > 0.0 else kit


def read_scenes(
    folders: Sequence[Path],
    terrain: Terrain,
    border: Border,
    *,
    file: Path | None = None,
    dem: Path | None = None,
) -> tuple[Scene, ...]:
    """Read plans for the picture.

    Args:
        folders: As ``plan sites`` wrote them.
        terrain: Under them.
        border: The line.
        file: The plan file (TOML) that they were made from: with it the picture says what a plan
            assures. None for seen shares alone.
        dem: The elevation file that ``terrain`` is of; None for the node's own.

    Raises:
        EngineError: A plan cannot be read.
        WebError: A plan has no ground cells, or a package's sensors are unknown.
    """
    scenes: list[Scene] = []
    for folder in folders:
        plan, cells = read_plan(folder), read_cells(folder)
        if cells is None:
            raise WebError(
                f"{folder} has no cells.npz: the picture shows plans over terrain, written by "
                "steppewatch plan sites"
            )
        if [c.target for c in plan.classes] != list(cells.names):
            raise WebError(
                f"{folder}: plan.json has the classes {[c.target for c in plan.classes]}, "
                f"cells.npz {list(cells.names)}: expected the same; run plan sites again"
            )
        same = next((s for s in scenes if _alike(s, cells, plan)), None)
        belt = same.belt if same else belt_of(cells.lat, cells.lon, border, _piece(cells))
        problem = None if file is None else load_problem(file, folder, dem=dem, every=_every(belt))
        kits = {package.id: _kit(package, plan, folder, problem) for package in plan.packages}
        for site in plan.sites:
            if site.package not in kits:
                raise WebError(
                    f"{folder}: site {site.id!r} has the package {site.package!r}, expected one "
                    f"of {', '.join(kits) or 'the plan (it has none)'}"
                )
        scenes.append(
            Scene(
                folder=folder,
                plan=plan,
                cells=cells,
                belt=belt,
                border=border,
                kits=kits,
                required=Item(str(folder / "plan.json"), "", plan.raw).share("required", REQUIRED),
                sights=same.sights if same else Sights(terrain, cells, plan.classes),
                terrain=terrain,
                assured=None if problem is None else Assured(problem, belt),
            )
        )
    return tuple(scenes)


def describe(scene: Scene) -> dict[str, Any]:
    """Give what does not change while a planner works (docs/planning-picture.md)."""
    plan, cells, info = scene.plan, scene.cells, scene.terrain.describe()
    vertex_lat, vertex_lon = _vertices(scene)
    return {
        "_": "plan-scene/1",
        "title": plan.title,
        "folder": scene.folder.name,
        "currency": plan.currency,
        "budget": _or_none(plan.budget),
        "share": plan.share,
        "bound_share": plan.bound_share,
        "required": scene.required,
        "terrain": info.label,
        "synthetic": info.synthetic or plan.synthetic,
        "warnings": list(plan.warnings),
        "packages": [
            {
                "id": package.id,
                "price": package.price,
                "most": package.most,
                "sensors": list(package.sensors),
                "mast": scene.kits[package.id].mast,
                "reach": _reach(scene.kits[package.id]),
            }
            for package in plan.packages
        ],
        "classes": [
            {"target": one.target, "height": _or_none(one.height), "weight": one.weight}
            for one in plan.classes
        ],
        "sites": [_site(s, raw) for s, raw in zip(plan.sites, plan.raw["sites"], strict=True)],
        "measures": list(MEASURES) if scene.assured is not None else [],
        "cell": _spacing(cells),
        "cell_lat": np.degrees(cells.lat).astype(np.float32),
        "cell_lon": np.degrees(cells.lon).astype(np.float32),
        "step": scene.belt.step,
        "lines": [
            {"border": one.neighbour, "length": one.length, "first": one.first, "count": one.count}
            for one in scene.belt.lines
        ],
        "vertex_lat": vertex_lat,
        "vertex_lon": vertex_lon,
    }


def _piece(cells: Cells) -> float:
    """Choose the length of a piece of border [m]: long enough that each has cells beside it."""
    cell = _spacing(cells)
    return PIECE if cell <= 1.2 * PIECE else PIECE * math.ceil(1.4 * cell / PIECE)


def _every(belt: Belt) -> float:
    """Choose the distance of the posts at which assurance is asked [m]: whole pieces."""
    watched = np.unique(belt.piece).size
    return belt.step * max(1, math.ceil(watched / MOST_POSTS))


def _site(site: PlanSite, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": site.id,
        # Degrees as they stand in the file: they come back as the very same place.
        "lat": float(raw["lat_deg"]),
        "lon": float(raw["lon_deg"]),
        "package": site.package,
        "fixed": site.fixed,
        "relay": site.relay,
        "border": site.border,
        "km": _or_none(site.along / 1e3),
        "links": list(site.links),
        "alternatives": [
            {
                "id": one.id,
                "package": one.package,
                "lat": _or_none(math.degrees(one.lat)),
                "lon": _or_none(math.degrees(one.lon)),
                "loses": one.loses,
            }
            for one in site.alternatives
        ],
    }


def _alike(scene: Scene, cells: Cells, plan: Plan) -> bool:
    """Tell whether two plans watch the same ground for the same classes."""
    other = scene.cells
    return (
        [(c.target, c.height) for c in scene.plan.classes]
        == [(c.target, c.height) for c in plan.classes]
        and np.array_equal(other.lat, cells.lat)
        and np.array_equal(other.lon, cells.lon)
    )


def _kit(package: PlanPackage, plan: Plan, folder: Path, problem: Problem | None) -> Kit:
    raw = next(one for one in plan.raw["packages"] if one["id"] == package.id)
    item = Item(str(folder / "plan.json"), f"package {package.id}", raw)
    designs = tuple(_design(name, folder) for name in package.sensors)
    stand = next((s.mast for s in plan.sites if s.package == package.id and s.mast > 0.0), None)
    usual = designs[0].mast if designs else RELAY_MAST
    reach = item.number("max_range_km", math.nan, 0.1, 1_000.0) * 1e3
    if problem is not None:
        asked = package_of(problem.wanted, package.id, str(folder / "plan.json"))
        stand, reach = asked.mast, asked.max_range or reach
    return Kit(
        id=package.id,
        designs=designs,
        mast=item.number("mast_m", usual if stand is None else stand, 0.1, 6_000.0),
        max_range=None if math.isnan(reach) else reach,
        price=package.price,
    )


def _design(name: str, folder: Path) -> Design:
    """Find a sensor in the library, or in a file beside the plan or its folder."""

    def read(file: str) -> str:
        path = Path(file)
        if path.is_absolute() or ".." in path.parts:
            raise EngineError(f"{file}: expected a sensor's file beside the plan")
        for place in (folder, folder.parent):
            if (place / path).is_file():
                try:
                    return (place / path).read_text("utf-8")
                except (OSError, ValueError) as error:
                    raise EngineError(f"{place / path} cannot be read ({error})") from error
        raise EngineError(
            f"{file} is neither in {folder} nor in {folder.parent}: put the sensor's file there"
        )

    if name in CAMERAS or (name.endswith(".toml") and is_camera(read(name))):
        return find_camera(name, read)
    return find_design(name, read)


def _reach(kit: Kit) -> float | None:
    if not kit.designs:
        return None
    longest = max(design.max_range for design in kit.designs)
    return longest if kit.max_range is None else min(longest, kit.max_range)


def _spacing(cells: Cells) -> float:
    """Give the usual distance between neighbouring cells [m]."""
    from scipy.spatial import cKDTree  # noqa: PLC0415

    if cells.lat.size < 2:
        return 1_000.0
    slim = math.cos(float(cells.lat.mean()))
    place = np.column_stack((cells.lat, cells.lon * slim)) * 6_371_008.8
    near, _ = cKDTree(place).query(place[:: max(1, len(place) // 2_000)], k=2)
    return float(np.median(near[:, 1]))


def _vertices(scene: Scene) -> tuple[Any, Any]:
    """Give the ends of all pieces, ``count + 1`` for each line, float32 [deg]."""
    lat, lon = [], []
    for line in scene.belt.lines:
        along = np.minimum(np.arange(line.count + 1) * scene.belt.step, line.length)
        here = scene.border.point_at(line.neighbour, along)
        lat.append(np.degrees(here[0]).astype(np.float32))
        lon.append(np.degrees(here[1]).astype(np.float32))
    return np.concatenate(lat), np.concatenate(lon)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
