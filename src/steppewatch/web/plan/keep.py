"""Write a changed plan as a plan again, honestly: what was proven of the old one is not claimed."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from starlette.exceptions import HTTPException

from steppewatch.engine.plan_report_read import FORMAT
from steppewatch.engine.whole_file import make_folder, whole_file, write_npz
from steppewatch.errors import WebError
from steppewatch.web.plan.scene import Scene
from steppewatch.web.plan.tally import Outcome

NAME = re.compile(r"[\w][\w .-]{0,79}")
METHOD = "changed by hand in the planning picture; shares by sense network's model"


def read_name(name: Any) -> str:
    """Read the name of a folder: letters, digits, blanks, dots and dashes, no path.

    Raises:
        HTTPException: 400.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name) or name != name.strip(" ."):
        raise HTTPException(
            400, "name must be 1…80 letters, digits, blanks, dots or dashes, such as plan-b"
        )
    return name


def changed_plan(
    scene: Scene, outcome: Outcome, told: dict[str, Any], title: str
) -> dict[str, Any]:
    """Give the changed plan in the form of ``plan.json``.

    Args:
        scene: The plan that was changed.
        outcome: What it gives now.
        told: The state that the screen shows.
        title: Of the new plan.
    """
    plan, raw = scene.plan, scene.plan.raw
    whole = float(scene.cells.weight.sum())
    old = {one["id"]: one for one in raw["sites"]}
    fix = scene.border.locate(
        np.array([s.lat for s in outcome.sites]), np.array([s.lon for s in outcome.sites])
    )
    sites = []
    for i, (placed, now) in enumerate(zip(outcome.sites, told["sites"], strict=True)):
        site = dict(old.get(placed.id, {}))
        moved = (
            not site
            or site.get("package") != placed.package
            or (site["lat_deg"], site["lon_deg"]) != (placed.lat_deg, placed.lon_deg)
        )
        if moved:
            kit = scene.kits[placed.package]
            line = scene.border.lines[int(fix.neighbour[i])].neighbour
            site |= {
                "id": placed.id, "lat_deg": now["lat"], "lon_deg": now["lon"],
                "package": placed.package, "price": kit.price, "mast_m": kit.mast,
                "border": line, "km": float(fix.along[i]) / 1e3,
                "inside_km": float(fix.distance[i]) / 1e3, "alternatives": [], "fixed": False,
            }  # fmt: skip
        site |= {"adds": now["adds"], "alone": now["alone"], "ground_m": now["ground"]}
        sites.append(site)
    for rank, at in enumerate(sorted(range(len(sites)), key=lambda i: -sites[i]["adds"]), 1):
        sites[at]["rank"] = rank
    share = told["share"]
    known = {site["id"] for site in sites}
    for site in sites:
        site["links"] = [name for name in site.get("links", []) if name in known]
    bound = max(plan.bound_share, share)
    note = (
        "changed by hand: the limit is that of the plan it came from, and holds only within that "
        "plan's budget and candidates; links of moved sites were not rechecked"
    )
    return {
        **raw,
        "format": FORMAT,
        "title": title,
        "share": share,
        "value": share * whole,
        "bound_share": bound,
        "bound": bound * whole,
        "gap": (bound - share) / bound if bound > 0.0 else 0.0,
        "spent": told["spent"],
        "method": METHOD,
        "warnings": [*raw.get("warnings", []), note],
        "packages": [
            {**one, "bought": told["bought"][one["id"]]} for one in raw.get("packages", [])
        ],
        "classes": [
            {**one, "share": told["classes"][c]} for c, one in enumerate(raw.get("classes", []))
        ],
        "sites": sites,
        "curve": [],
        "robust": [{"lost": one["id"], "share": share - one["adds"]} for one in sites],
        "sections": [],
    }


def keep_plan(scene: Scene, outcome: Outcome, plan: dict[str, Any], folder: Path) -> Path:
    """Write a changed plan and its cells into a new folder.

    Raises:
        WebError: The folder holds something already.
        EngineError: It cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WebError(f"{folder.name} is there already: give the changed plan another name")
    make_folder(folder)
    cells = scene.cells
    write_npz(
        folder / "cells.npz", lat=cells.lat, lon=cells.lon, weight=cells.weight,
        seen=outcome.count.astype(np.int32), class_names=np.array(cells.names),
    )  # fmt: skip
    with whole_file(folder / "plan.json") as stream:
        stream.write(json.dumps(plan, ensure_ascii=False, allow_nan=False).encode("utf-8"))
    return folder
