"""Site the whole border once in a process of its own, and print the figures as JSON.

    python -m benchmarks.siting_border single      200 of 10,000 hilltops, three classes
    python -m benchmarks.siting_border mixed       four packages, posts that stand, needs, links
    python -m benchmarks.siting_border FILE.npz    any covering problem

Started by bench_siting, so that the peak of memory is that of one problem. The problems are made
of plan files by the same path as ``plan sites``; sights are kept under the user's cache folder.
"""

import json
import math
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from steppewatch.engine.border_file import load_border
from steppewatch.engine.siting_files import check_folder, load_siting, write_proof
from steppewatch.engine.terrain_window import chosen_terrain
from steppewatch.engine.vector_files import read_features
from steppewatch.engine.visibility_farm import in_processes, visibility
from steppewatch.engine.visibility_work import FileSource
from steppewatch.plan.assemble import assemble, named_files
from steppewatch.plan.siting.arrays import settled
from steppewatch.plan.siting.first import first_choice
from steppewatch.plan.siting.instance import Siting
from steppewatch.plan.siting.solve import solve
from steppewatch.plan.wanted import load_wanted

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("STEPPEWATCH_REAL_DATA", ROOT.parent / "shared" / "data"))
DEM = DATA / "terrain" / "mongolia_15s_dequantised.tif"
PLACES = DATA / "border" / "geonames_cities1000_MN.csv"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "steppewatch-peers"
SECONDS, GAP = 100.0, 0.001

CLASSES = """
[[class]]
target = "4x4"
[[class]]
target = "light-aircraft"
height_m = 100
[[class]]
target = "helicopter"
height_m = 300
[[candidates]]
kind = "hilltops"
number = 10_000
from_km = 1
to_km = 45
"""
SINGLE = """
[plan]
title = "200 of 10,000"
budget = 200
[[package]]
id = "tower"
sensors = ["long-range-3d", "ground-surveillance"]
mast_m = 20
max_range_km = 100
price = 1
"""
MIXED = """
[plan]
title = "Mixed"
budget = 200_000_000
[[package]]
id = "long-range"
sensors = ["long-range-3d"]
mast_m = 20
max_range_km = 100
price = 4_500_000
most = 25
[[package]]
id = "gap-filler"
sensors = ["gap-filler"]
mast_m = 20
max_range_km = 60
price = 1_500_000
[[package]]
id = "ground"
sensors = ["ground-surveillance", "mast-thermal"]
mast_m = 30
price = 400_000
[[package]]
id = "relay"
sensors = []
mast_m = 30
price = 80_000
[[need]]
name = "first crossing"
border = "CN"
from_km = 2_650
to_km = 2_750
target = "4x4"
sensors = 2
share = 0.4
[[need]]
name = "second crossing"
border = "RU"
from_km = 1_720
to_km = 1_780
target = "light-aircraft"
sensors = 2
share = 0.8
[links]
reach_km = 50
frequency_ghz = 7.5
gateways = "settlements"
gateway_file = "places.csv"
gateway_km = 15
"""
POST = """
[[site]]
id = "post-{n}"
border = "{border}"
km = {km}
offset_km = 6
seek_high_km = 3
package = "gap-filler"
fixed = true
gateway = true
"""


def text_of(name: str) -> str:
    """Write the plan file."""
    if name == "single":
        return SINGLE + CLASSES
    posts = [("CN", 300 + 800 * n) for n in range(5)] + [("RU", 250 + 500 * n) for n in range(5)]
    standing = [POST.format(n=n, border=border, km=km) for n, (border, km) in enumerate(posts)]
    return MIXED + CLASSES + "".join(standing)


def problem(name: str) -> tuple[Siting, float]:
    """Make a siting problem of its plan file; give the CPU time for it, too."""
    if name.endswith(".npz"):
        return load_siting(Path(name)), math.nan
    begin = cpu()
    border = load_border()
    wanted = load_wanted(text_of(name), f"{name}.toml", border)

    def see(points: Any, masts: Any, k: float) -> Any:
        store = CACHE / "siting"
        return visibility(FileSource(path=DEM), points, masts, k, store=store, run=in_processes(2))

    files = {place: read_features(PLACES) for place in named_files(wanted)}
    siting, _ = assemble(
        wanted,
        chosen_terrain(DEM),
        border,
        see=see,
        read=lambda path: Path(path).read_text("utf-8"),
        files=files,
    )
    return settled(siting), cpu() - begin


def cpu() -> float:
    """Give the CPU time of this process and of those that it has ended [s]."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in both)


def figures(name: str) -> dict[str, Any]:
    """Solve, prove, and check."""
    siting, made = problem(name)
    total = float(siting.weights.sum())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    begin = time.process_time()
    found = solve(siting, seconds=SECONDS, gap=GAP, clock=time.process_time)
    spent = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    with tempfile.TemporaryDirectory() as folder:
        write_proof(Path(folder), siting, found.chosen, found.tree)
        begin = time.process_time()
        verdict, _ = check_folder(Path(folder))
        checked = time.process_time() - begin
    begin = time.process_time()
    first = first_choice(siting, until=lambda: True)  # greedy, without exchanges
    greedy = time.process_time() - begin
    return {
        "options": siting.options,
        "demands": siting.demands,
        "pairs": len(siting.indices),
        "chosen": len(found.chosen),
        "made_s": made,
        "greedy": first.value / total,
        "greedy_s": greedy,
        "value": found.value / total,
        "bound": found.bound / total,
        "gap": found.gap,
        "cpu_s": spent,
        "peak_mib": peak,
        "before_mib": before,
        "check_s": checked,
        "check_ok": not verdict.faults and bool(np.isclose(verdict.bound, found.bound, rtol=1e-6)),
        "leaves": verdict.leaves,
        "steps": "; ".join(found.steps),
    }


if __name__ == "__main__":
    print(json.dumps(figures(sys.argv[1])))
