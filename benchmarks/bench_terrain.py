"""How fast does the embedded terrain answer: first use, points, windows, profiles?"""

import math
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from steppewatch.engine.terrain_relief import default_relief
from steppewatch.world.profile import profile

FIRST = """
import time; start = time.perf_counter()
from steppewatch.engine.terrain_relief import default_relief
default_relief().heights(0.8378, 1.8661)
print(time.perf_counter() - start)
"""


def best(function: Callable[[], object], runs: int = 5) -> float:
    """Give the shortest of some runs [s]."""
    found = math.inf
    for _ in range(runs):
        start = time.perf_counter()
        function()
        found = min(found, time.perf_counter() - start)
    return found


def once(function: Callable[[], object]) -> float:
    """Give the time of a first run [s]."""
    return best(function, 1)


def main() -> list[dict[str, Any]]:
    """Measure the relief that comes with the installation."""
    rng = np.random.default_rng(0)
    first = min(
        float(subprocess.run([sys.executable, "-c", FIRST], capture_output=True, check=True).stdout)
        for _ in range(3)
    )
    terrain = default_relief()
    terrain.heights(0.8378, 1.8661)
    near = np.radians(rng.uniform(47, 48, 10**6)), np.radians(rng.uniform(106, 107, 10**6))
    wide = np.radians(rng.uniform(41, 53, 10**6)), np.radians(rng.uniform(87, 120, 10**6))
    ends = np.radians(rng.uniform(47.5, 48.5, 1000)), np.radians(rng.uniform(106, 108, 1000))
    fine, coarse = np.radians([48.0, 90.0, 48.2, 90.2]), np.radians([47.0, 90.0, 49.0, 92.0])
    rows = [
        ("first height in a new process, imports included, kernels compiled before", first * 1e3),
        ("1 M points in 1° × 1°, first time", once(lambda: terrain.heights(*near)) * 1e3),
        ("1 M points in 1° × 1°, again", best(lambda: terrain.heights(*near)) * 1e3),
        ("1 M points all over Mongolia", best(lambda: terrain.heights(*wide), 2) * 1e3),
        ("window 256 × 256 at 3″, first time", once(lambda: terrain.window(*fine, 256, 256)) * 1e3),
        ("window 256 × 256 at 3″, again", best(lambda: terrain.window(*fine, 256, 256)) * 1e3),
        ("window 256 × 256 at 28″", best(lambda: terrain.window(*coarse, 256, 256)) * 1e3),
        (
            "1,000 profiles of 200 samples, tiles held",
            best(lambda: profile(terrain, 0.8378, 1.8675, *ends, 200)) * 1e3,
        ),
    ]
    return [{"name": name, "value": round(value, 1), "unit": "ms"} for name, value in rows]


if __name__ == "__main__":
    for row in main():
        print(row)
