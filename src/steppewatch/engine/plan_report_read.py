"""Read what ``plan sites`` left in a folder: ``plan.json`` and ``cells.npz``, strictly.

Files lie about and are edited by hand: everything is checked here, once, so that report, layers
and the planner's picture need not.
"""

import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.plan_report_fields import Item, items_of
from steppewatch.errors import EngineError
from steppewatch.world.geodesy import Array

FORMAT = "steppewatch-plan/1"
MOST_SITES, MOST_CELLS = 5_000, 5_000_000
LONGEST_FILE = 64 * 1024 * 1024
Counts = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPackage:
    """Hold what money buys: price, how many were bought, and of which sensors it is made."""

    id: str
    price: float
    most: float | None
    bought: int
    sensors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanClass:
    """Hold what is to be seen: class, height above ground [m], weight, share that is seen."""

    target: str
    height: float
    weight: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Hold what to take when a site is refused, and the share that this loses."""

    id: str
    package: str
    lat: float
    lon: float
    loses: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSite:
    """Hold one chosen site.

    Attributes:
        id: Its name in the plan.
        lat: Latitude [rad].
        lon: Longitude [rad].
        ground: Height of the ground [m], NaN where not told.
        mast: [m].
        package: What stands there.
        price: In the plan's currency.
        fixed: It stands there already.
        relay: It only hands on.
        adds: Share that the choice loses without it.
        alone: Share that it sees by itself.
        rank: 1 for the one that adds most.
        border: Neighbour of the nearest border; ``""`` where not told.
        along: Metres along that border, NaN where not told.
        inside: Metres inside it, NaN where not told.
        links: Sites that it speaks to.
        alternatives: The next best, best first.
    """

    id: str
    lat: float
    lon: float
    ground: float
    mast: float
    package: str
    price: float
    fixed: bool
    relay: bool
    adds: float
    alone: float
    rank: int
    border: str
    along: float
    inside: float
    links: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Hold the best share found for a budget, the share that no choice can pass, and its sites."""

    budget: float
    share: float
    bound_share: float
    sites: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSection:
    """Hold how much of a stretch of border [m] is seen."""

    border: str
    start: float
    end: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Hold a whole plan; shares are fractions of the total weight.

    Attributes:
        raw: The file as it was read, for whoever writes it again.
    """

    title: str
    source: str
    currency: str
    gap: float
    cpu: float
    share: float
    bound_share: float
    budget: float
    spent: float
    terrain: str
    synthetic: bool
    method: str
    warnings: tuple[str, ...]
    packages: tuple[PlanPackage, ...]
    classes: tuple[PlanClass, ...]
    sites: tuple[PlanSite, ...]
    curve: tuple[CurvePoint, ...]
    robust: tuple[tuple[str, float], ...]
    sections: tuple[PlanSection, ...]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Hold the ground that is watched: n cells, c classes.

    Attributes:
        lat: ``(n,)`` latitudes [rad].
        lon: ``(n,)`` longitudes [rad].
        weight: ``(n, c)`` ≥ 0.
        seen: ``(n, c)`` how many chosen options cover it.
        names: Classes.
    """

    lat: Array
    lon: Array
    weight: Array
    seen: Counts
    names: tuple[str, ...]


def read_plan(folder: Path) -> Plan:
    """Read ``plan.json`` of a folder.

    Raises:
        EngineError: It is not there, or not a plan; the message names the entry.
    """
    path = folder / "plan.json"
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise EngineError(f"{path} is longer than {LONGEST_FILE} bytes: not a plan")
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): give a folder that steppewatch plan sites wrote"
        ) from error
    return parse_plan(raw, str(path))


def parse_plan(raw: Any, where: str) -> Plan:
    """Check a plan; raises as :func:`read_plan`, naming ``where``."""
    item = Item(where, "", raw)
    if item.text("format", "") != FORMAT:
        raise EngineError(f"{where}: format is {raw.get('format')!r}, expected {FORMAT!r}")
    sites = tuple(_site(one) for one in items_of(item, "sites", MOST_SITES))
    names = [site.id for site in sites]
    twice = next((name for i, name in enumerate(names) if name in set(names[:i])), None)
    if twice is not None:
        raise EngineError(f"{where}: two sites are called {twice!r}; each needs an id of its own")
    return Plan(
        title=item.text("title", "") or "Plan",
        source=item.text("source", ""),
        currency=item.text("currency", "USD"),
        gap=item.number("gap", 0.0, 0.0),
        cpu=item.number("cpu_s", 0.0, 0.0),
        share=item.share("share"),
        bound_share=item.share("bound_share", 1.0),
        budget=item.number("budget", math.nan, 0.0),
        spent=item.number("spent", 0.0, 0.0),
        terrain=item.text("terrain", ""),
        synthetic=item.flag("synthetic"),
        method=item.text("method", ""),
        warnings=item.texts("warnings"),
        packages=tuple(_package(one) for one in items_of(item, "packages")),
        classes=tuple(_class(one) for one in items_of(item, "classes")),
        sites=sites,
        curve=tuple(sorted(map(_point, items_of(item, "curve")), key=lambda p: p.budget)),
        robust=tuple((i.text("lost"), i.share("share")) for i in items_of(item, "robust")),
        sections=tuple(_section(one) for one in items_of(item, "sections")),
        raw=raw,
    )


def read_cells(folder: Path) -> Cells | None:
    """Read ``cells.npz`` of a folder; None when there is none.

    Raises:
        EngineError: It is damaged, or its arrays do not fit each other.
    """
    path = folder / "cells.npz"
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as held:
            lat, lon, weight = (np.asarray(held[k], np.float64) for k in ("lat", "lon", "weight"))
            seen = np.asarray(held["seen"])
            names = tuple(str(name) for name in held["class_names"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): run steppewatch plan sites again"
        ) from error
    shape = (lat.size, len(names))
    fits = lat.shape == lon.shape == shape[:1] and weight.shape == seen.shape == shape
    if not fits or lat.size > MOST_CELLS or len(set(names)) != len(names) or not names:
        raise EngineError(
            f"{path}: lat {lat.shape}, lon {lon.shape}, weight {weight.shape}, seen {seen.shape}, "
            f"{len(names)} class names: expected (n,), (n,), (n, c), (n, c) and c different ones"
        )
    whole = np.abs(lat) <= math.pi / 2, np.abs(lon) <= 2 * math.pi, np.isfinite(weight)
    if not all(part.all() for part in whole) or (weight < 0.0).any():
        raise EngineError(f"{path}: places must be radians of this earth, weights 0 or more")
    return Cells(lat=lat, lon=lon, weight=weight, seen=seen.astype(np.int32), names=names)


def _site(item: Item) -> PlanSite:
    return PlanSite(
        id=item.text("id"),
        lat=math.radians(item.number("lat_deg", None, -90.0, 90.0)),
        lon=math.radians(item.number("lon_deg", None, -360.0, 360.0)),
        ground=item.number("ground_m", math.nan),
        mast=item.number("mast_m", 0.0, 0.0),
        package=item.text("package", ""),
        price=item.number("price", 0.0, 0.0),
        fixed=item.flag("fixed"),
        relay=item.flag("relay"),
        adds=item.number("adds", 0.0),
        alone=item.number("alone", 0.0),
        rank=int(item.number("rank", 0.0)),
        border=item.text("border", ""),
        along=item.number("km", math.nan) * 1e3,
        inside=item.number("inside_km", math.nan) * 1e3,
        links=item.texts("links"),
        alternatives=tuple(_alternative(one) for one in items_of(item, "alternatives")),
    )


def _alternative(item: Item) -> Alternative:
    return Alternative(
        id=item.text("id"),
        package=item.text("package", ""),
        lat=math.radians(item.number("lat_deg", math.nan, -90.0, 90.0)),
        lon=math.radians(item.number("lon_deg", math.nan, -360.0, 360.0)),
        loses=item.number("loses", 0.0),
    )


def _package(item: Item) -> PlanPackage:
    most = item.number("most", math.nan, 0.0)
    return PlanPackage(
        id=item.text("id"),
        price=item.number("price", 0.0, 0.0),
        most=None if math.isnan(most) else most,
        bought=int(item.number("bought", 0.0, 0.0)),
        sensors=item.texts("sensors"),
    )


def _class(item: Item) -> PlanClass:
    return PlanClass(
        target=item.text("target"),
        height=item.number("height_m", math.nan),
        weight=item.number("weight", 1.0, 0.0),
        share=item.share("share"),
    )


def _point(item: Item) -> CurvePoint:
    return CurvePoint(
        budget=item.number("budget", None, 0.0),
        share=item.share("share"),
        bound_share=item.share("bound_share", 1.0),
        sites=int(item.number("sites", 0.0, 0.0)),
    )


def _section(item: Item) -> PlanSection:
    return PlanSection(
        border=item.text("border", ""),
        start=item.number("from_km", 0.0) * 1e3,
        end=item.number("to_km", math.nan) * 1e3,
        share=item.share("share"),
    )
