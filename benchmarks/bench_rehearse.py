"""How many times faster than life can a dense airspace be rehearsed (sense and truth, no tracker)?

Shown are CPU seconds of one core: the first minutes build each radar's horizon, later ones use it.
"""

import time
from pathlib import Path
from typing import Any

from steppewatch.engine.border_file import load_border
from steppewatch.engine.terrain_store import open_terrain
from steppewatch.plan import rehearse
from steppewatch.records import DetectionBatch

SCENARIO = Path(__file__).resolve().parents[1] / "examples" / "dense-airspace.toml"
SECONDS = 120
STEP_NS = 100_000_000


def main() -> list[dict[str, Any]]:
    """Rehearse twice two minutes at ten steps a second of scenario time."""
    scenario = rehearse.load(SCENARIO.read_text("utf-8"), SCENARIO.name, load_border())
    terrain = open_terrain()
    begin = time.process_time()
    population = rehearse.populate(scenario, terrain)
    stage = rehearse.stage(scenario, terrain, population)
    laid = time.process_time() - begin
    state, plots, spent = stage.initial, 0, []
    for half in range(2):
        begin = time.process_time()
        for i in range(half * 10 * SECONDS, (half + 1) * 10 * SECONDS):
            state, said = stage.step(state, (), scenario.start_ns + i * STEP_NS)
            plots += sum(len(m) for m in said if isinstance(m, DetectionBatch))
        spent.append(time.process_time() - begin)
    return [
        {"name": "movers", "value": len(population), "unit": ""},
        {"name": "sensors", "value": len(scenario.sensors), "unit": ""},
        {"name": "plots in four minutes", "value": plots, "unit": ""},
        {"name": "laying out all paths", "value": laid, "unit": "CPU s"},
        {"name": "first two minutes", "value": SECONDS / spent[0], "unit": "× real time"},
        {"name": "next two minutes", "value": SECONDS / spent[1], "unit": "× real time"},
    ]
