"""How long does it take to stand a radar on a site, and then to look at each cell of a map?

Medians of five, a million cells at random ranges and low elevations, one process.
"""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from steppewatch.sense import look, radar_design, stand
from steppewatch.sense.radar.look import probability
from steppewatch.world.atmosphere import site_atmosphere

CELLS = 1_000_000
LAT, LON, GROUND = math.radians(48.0), math.radians(105.0), 1_300.0


def main() -> list[dict[str, Any]]:
    """Look over a map with each class of the library that schedules beams differently."""
    rows = []
    rng = np.random.default_rng(1)
    for name in ("long-range-3d", "gap-filler", "ground-surveillance"):
        design = radar_design(name)
        air = site_atmosphere(LAT, LON, GROUND, season="summer")
        radar = stand(design, LAT, LON, GROUND, air)
        slant = rng.uniform(design.min_range, design.max_range, CELLS)
        up = rng.uniform(-0.01, 0.05, CELLS)
        clutter = np.ones(CELLS, bool)
        one = look(radar, slant, up, clutter_visible=clutter)
        for measure, run, scale, unit in (
            ("stand on a site", lambda d=design, a=air: stand(d, LAT, LON, GROUND, a), 1e3, "ms"),
            (
                "look, ground in sight everywhere",
                lambda r=radar, s=slant, u=up, c=clutter: look(
                    r, s, u, speed=11.0, clutter_visible=c
                ),
                1e9 / CELLS,
                "ns a cell",
            ),
            (
                "each further class",
                lambda r=radar, o=one: probability(r, o, rcs=3.0, speed=55.0),
                1e9 / CELLS,
                "ns a cell",
            ),
        ):
            rows.append({"name": f"{name}: {measure}", "value": _median(run) * scale, "unit": unit})
    return rows


def _median(run: Callable[[], object]) -> float:
    run()
    spent = []
    for _ in range(5):
        begin = time.perf_counter()
        run()
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent)
