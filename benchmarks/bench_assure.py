"""How long does the assurance of the whole border take, at first and when one site is moved?

Posts every kilometre, 40 sites beside the border (ground radars and gap fillers in turn), three
classes; the real 15″ elevation where it is at hand, the node's own terrain otherwise. CPU seconds
of one core, kernels warm.
"""

import dataclasses
import os
import time
from pathlib import Path
from typing import Any

from steppewatch.engine.border_file import load_border
from steppewatch.engine.terrain_window import chosen_terrain
from steppewatch.plan.assure.board import Board
from steppewatch.plan.assure.sites import Equipped, designs_of, package_of
from steppewatch.plan.rehearse.beside import beside
from steppewatch.plan.wanted import load_wanted

SITES = 40
INSIDE = 5_000.0  # [m]
ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
DEM = DATA / "terrain" / "mongolia_15s_dequantised.tif"
PLAN = """
[[candidates]]
kind = "hilltops"
[[class]]
target = "walker"
[[class]]
target = "4x4"
[[class]]
target = "light-aircraft"
height_m = 150
[[package]]
id = "ground"
sensors = ["ground-surveillance"]
mast_m = 20
price = 800_000
[[package]]
id = "gap"
sensors = ["gap-filler"]
mast_m = 20
price = 2_000_000
"""


def main() -> list[dict[str, Any]]:
    """Answer a plan for the whole border, again, and with one site moved by two kilometres."""
    border, terrain = load_border(), chosen_terrain(DEM if DEM.is_file() else None)
    wanted = load_wanted(PLAN, "bench.toml", border)
    designs = designs_of(wanted, str)
    sites = []
    whole = [(line.neighbour, line.length) for line in border.lines]
    total = sum(length for _, length in whole)
    for n in range(SITES):
        along = (n + 0.5) * total / SITES
        neighbour, length = whole[0]
        if along > length:
            along, (neighbour, length) = along - length, whole[1]
        lat, lon = beside(border, neighbour, along, INSIDE)
        package = package_of(wanted, ("ground", "gap")[n % 2], "bench")
        sites.append(Equipped(id=f"site-{n}", lat=lat, lon=lon, package=package))
    Board(wanted, border, terrain, designs, every=100_000.0).answer(sites[:2])  # warm
    begin = time.process_time()
    board = Board(wanted, border, terrain, designs)
    laid = time.process_time() - begin
    begin = time.process_time()
    found = board.answer(sites)
    first = time.process_time() - begin
    moved = []
    for n in (4, 5, 20, 21):
        one = dataclasses.replace(sites[n], lon=sites[n].lon + 0.0003)
        begin = time.process_time()
        board.answer([*sites[:n], one, *sites[n + 1 :]])
        moved.append(time.process_time() - begin)
        board.answer(sites)
    begin = time.process_time()
    fresh = Board(wanted, border, terrain, designs)
    fresh._kept.update(board._kept)  # noqa: SLF001 (what a board does when all sensors are kept)
    fresh.answer(sites)
    kept = time.process_time() - begin - laid
    posts = len(board.paths[0])
    points = posts * len(board.paths[0].offset)
    mean = board.mean(found)
    return [
        {"name": "posts", "value": posts, "unit": ""},
        {"name": "points of all ways", "value": points, "unit": ""},
        {"name": "sensors", "value": len(found.standings), "unit": ""},
        {"name": "laying out the ways", "value": laid, "unit": "CPU s"},
        {"name": "first answer, sight of all sensors within", "value": first, "unit": "CPU s"},
        {"name": "answer with all sensors kept", "value": kept, "unit": "CPU s"},
        {
            "name": "one site moved",
            "value": sum(moved) / len(moved),
            "unit": "CPU s",
            "note": f"{min(moved):.2f} … {max(moved):.2f}",
        },
        {"name": "mean detected", "value": mean["detected"], "unit": "", "note": "no claim"},
    ]
