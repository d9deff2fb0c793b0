"""Add up what the sites of a changed plan see: shares, the border kilometre by kilometre, money."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import PlanError, WebError
from steppewatch.plan.rehearse.scenario import SitePlan
from steppewatch.plan.rehearse.stage import place_site
from steppewatch.web.plan.ask import Placed, Wanted
from steppewatch.web.plan.scene import Scene
from steppewatch.web.plan.sight import Kit, Sight
from steppewatch.world.geodesy import Array

CODES, NOTHING = 250, 255  # a share in 250ths; 255 where nothing is watched
WEAK = 0.5  # a kilometre of which less is seen is weak
MOST_STRETCHES = 12
Counts = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Hold what a changed plan gives.

    Attributes:
        sites: Where each stands now.
        sights: What each sees.
        count: ``(n, c)`` sites that see a cell with the required probability.
        missed: ``(n, c)`` float32, probability that nobody sees it, Π (1 - p).
    """

    sites: tuple[Placed, ...]
    sights: tuple[Sight, ...]
    count: Counts
    missed: NDArray[np.float32]


def evaluate(scene: Scene, wanted: Wanted) -> Outcome:
    """Put the sites on the ground, and add up what they see.

    Raises:
        WebError: A site stands where nobody knows the ground.
    """
    own = {site.id: site for site in scene.plan.sites}
    sites = tuple(_settle(one, wanted, scene) for one in wanted.sites)
    sights = []
    count = np.zeros(scene.cells.weight.shape, np.uint8)
    missed = np.ones(scene.cells.weight.shape, np.float32)
    for one in sites:
        kit, site = scene.kits[one.package], own.get(one.id)
        keep = site is not None and (one.lat, one.lon) == (site.lat, site.lon)
        if site is not None and site.package == one.package:
            kit = scene.kit_of(site)
        found = scene.sights.of(one.lat, one.lon, kit, keep=keep)
        count[found.cells] += found.chance >= scene.required
        missed[found.cells] *= 1.0 - found.chance
        sights.append(found)
    return Outcome(sites=sites, sights=tuple(sights), count=count, missed=missed)


def steps_of(scene: Scene) -> int:
    """Count the steps of a plan's survey: its sites, and then what they assure together."""
    return len(scene.plan.sites) + (scene.assured is not None)


def survey(scene: Scene, number: int) -> None:
    """Do one step of the survey, so that the first question is quick."""
    if number == len(scene.plan.sites):
        if scene.assured is not None:
            scene.assured.of([_planned(raw) for raw in scene.plan.raw["sites"]])
        return
    site, raw = scene.plan.sites[number], scene.plan.raw["sites"][number]
    scene.sights.of(site.lat, site.lon, scene.kit_of(site), keep=True)
    if scene.assured is not None:
        scene.assured.survey(_planned(raw))


def _planned(raw: Mapping[str, Any]) -> Placed:
    return Placed(
        id=raw["id"],
        lat_deg=float(raw["lat_deg"]),
        lon_deg=float(raw["lon_deg"]),
        package=raw["package"],
    )


def state(scene: Scene, outcome: Outcome, begun: float, *, assure: bool = False) -> dict[str, Any]:
    """Give the answer of docs/planning-picture.md, ``plan-state/1``.

    Args:
        scene: The plan.
        outcome: From :func:`evaluate`.
        begun: When the question was taken up, on ``time.perf_counter`` [s].
        assure: Say what it assures, too, where that can be said.
    """
    weight = scene.cells.weight
    whole = max(float(weight.sum()), 1e-300)
    seen = (outcome.count > 0).astype(float)
    chance = 1.0 - outcome.missed.astype(np.float64)
    by_class = np.maximum(weight.sum(axis=0), 1e-300)
    money = _money(scene, outcome)
    return {
        "_": "plan-state/1",
        "share": float((weight * seen).sum()) / whole,
        "expected": float((weight * chance).sum()) / whole,
        "classes": ((weight * seen).sum(axis=0) / by_class).tolist(),
        "classes_expected": ((weight * chance).sum(axis=0) / by_class).tolist(),
        "sites": _sites(scene, outcome, whole),
        "stretches": stretches(scene, weight, seen),
        "counts": outcome.count,
        "pieces": pieces(scene, weight, seen),
        "chances": pieces(scene, weight, chance),
        **money,
        "assurance": scene.assured.of(outcome.sites) if assure and scene.assured else None,
        "seconds": time.perf_counter() - begun,
    }


def pieces(scene: Scene, weight: Array, seen: Array) -> Counts:
    """Give the share of each piece of border: all classes together, then each ``(p, 1 + c)``."""
    shares = scene.belt.shares(weight, seen)
    together = _together(scene, weight, seen)
    both = np.column_stack((together, shares))
    codes = np.where(np.isnan(both), NOTHING, np.rint(np.nan_to_num(both) * CODES))
    return codes.astype(np.uint8)


def stretches(scene: Scene, weight: Array, seen: Array) -> list[dict[str, Any]]:
    """Rank the weak stretches by the weight that is lost there, worst first."""
    whole = float(weight.sum())
    lost = np.bincount(scene.belt.piece, (weight * (1.0 - seen)).sum(axis=1), scene.belt.pieces)
    share = _together(scene, weight, seen)
    found = []
    for line in scene.belt.lines:
        part = slice(line.first, line.first + line.count)
        weak = np.concatenate(([False], share[part] < WEAK, [False]))
        edges = np.flatnonzero(weak[1:] != weak[:-1])
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            found.append(
                {
                    "border": line.neighbour,
                    "from_km": start * scene.belt.step / 1e3,
                    "to_km": min(end * scene.belt.step, line.length) / 1e3,
                    "lost": float(lost[part][start:end].sum()) / max(whole, 1e-300),
                    "share": float(np.nanmean(share[part][start:end])),
                }
            )
    return sorted(found, key=lambda one: -one["lost"])[:MOST_STRETCHES]


def _together(scene: Scene, weight: Array, seen: Array) -> Array:
    whole = np.bincount(scene.belt.piece, weight.sum(axis=1), scene.belt.pieces)
    part = np.bincount(scene.belt.piece, (weight * seen).sum(axis=1), scene.belt.pieces)
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0.0))


def _settle(one: Placed, wanted: Wanted, scene: Scene) -> Placed:
    """Move the site that was dragged to high ground, when it seeks that."""
    if one.id != wanted.moved or wanted.seek_high <= 0.0:
        return one
    asked = SitePlan(id=one.id, name=one.id, lat=one.lat, lon=one.lon, seek_high=wanted.seek_high)
    try:
        found = place_site(asked, scene.terrain, scene.plan.title)
    except PlanError as error:
        raise WebError(str(error)) from error
    return replace(one, lat_deg=math.degrees(found.lat), lon_deg=math.degrees(found.lon))


def _sites(scene: Scene, outcome: Outcome, whole: float) -> list[dict[str, Any]]:
    weight, told = scene.cells.weight, []
    for one, found in zip(outcome.sites, outcome.sights, strict=True):
        covers = found.chance >= scene.required
        here = weight[found.cells]
        only = covers & (outcome.count[found.cells] == 1)
        told.append(
            {
                "id": one.id,
                "lat": one.lat_deg,
                "lon": one.lon_deg,
                "package": one.package,
                "ground": found.ground,
                "alone": float((here * covers).sum()) / whole,
                "adds": float((here * only).sum()) / whole,
                "warnings": list(found.warnings),
            }
        )
    return told


def _money(scene: Scene, outcome: Outcome) -> dict[str, Any]:
    """Count what is bought; what stands already as the plan has it costs what the plan says."""
    own = {site.id: site for site in scene.plan.sites}
    spent, bought = 0.0, dict.fromkeys(scene.kits, 0)
    for one in outcome.sites:
        bought[one.package] += 1
        site = own.get(one.id)
        if site is not None and site.fixed and site.package == one.package:
            continue
        spent += _price(scene.kits[one.package], site, one)
    spent += _charged(scene)
    limits = {p.id: p.most for p in scene.plan.packages}
    broken = [
        f"{number} × {name} bought, at most {limits[name]:.0f} may be"
        for name, number in bought.items()
        if limits[name] is not None and number > (limits[name] or 0.0)
    ]
    if spent > scene.plan.budget:
        broken.append(
            f"{spent:,.0f} {scene.plan.currency} spent, the budget is {scene.plan.budget:,.0f}"
        )
    return {"spent": spent, "bought": bought, "broken": broken}


def _price(kit: Kit, site: Any, one: Placed) -> float:
    """Give a site's price: the plan's own where its package is the same, else the package's."""
    if site is not None and site.package == one.package:
        return float(site.price)
    return kit.price


def _charged(scene: Scene) -> float:
    """Give what the plan spends beside the prices of its new sites: charged fixed ones."""
    new = sum(site.price for site in scene.plan.sites if not site.fixed)
    return max(0.0, scene.plan.spent - new)
