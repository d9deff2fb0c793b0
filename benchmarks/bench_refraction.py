"""How near is the ray table to the integrated ray, and how many conversions a second does it make?

One process, medians of five; the reference is scipy's DOP853 on the ray's differential equation.
"""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from steppewatch.world.atmosphere import gas_loss_db, ray_table, site_atmosphere
from steppewatch.world.atmosphere.refraction import RayTable
from steppewatch.world.atmosphere.site import Atmosphere

COUNT = 1_000_000
AIR = site_atmosphere(math.radians(48.0), math.radians(107.0), 1_300.0)
ANTENNA = 1_320.0


def main() -> list[dict[str, Any]]:
    """Measure accuracy to 400 km between −1° and 20°, speed, and what a fixed earth would err."""
    rays = ray_table(AIR, ANTENNA)
    rng = np.random.default_rng(0)
    slant = rng.uniform(1e3, 400e3, COUNT)
    elevation = np.radians(rng.uniform(-1.0, 20.0, COUNT))
    height, ground = rays.target_height(slant, elevation), rays.ground_range(slant, elevation)
    grid = np.meshgrid(np.linspace(1e3, 400e3, 200), np.radians(np.linspace(-1.0, 20.0, 100)))
    worst, textbook = _worst(rays)
    per = 1e-6 * COUNT
    forward = _median(lambda: rays.target_height(slant, elevation))
    return [
        _row("height against the integrated ray, worst", worst, "m"),
        _row("height on a 4/3 earth, worst", textbook, "m"),
        _row("to height and ground range", per / forward, "M/s"),
        _row("to range and elevation", per / _median(lambda: rays.apparent(ground, height)), "M/s"),
        _row("making a table", 1e3 * _median(_make), "ms"),
        _row("gas over 20,000 places, table kept", 1e3 * _median(lambda: _gas(3e9, grid)), "ms"),
        _row("gas over 20,000 places, first time", 1e3 * _median(_first_gas(grid)), "ms"),
    ]  # fmt: skip


def _worst(rays: RayTable) -> tuple[float, float]:
    """Give the largest errors in height [m]: the table's, and that of a 4/3 earth."""
    ranges = np.linspace(4e3, 400e3, 100)
    ours, fixed = 0.0, 0.0
    for elevation in np.radians(np.concatenate((np.linspace(-1.0, 2.0, 40), np.arange(3, 21)))):
        known = _integrate(AIR, float(elevation), ranges, rays.radius)
        radius = 4.0 / 3.0 * rays.radius + ANTENNA
        flat = np.sqrt(radius**2 + ranges**2 + 2.0 * radius * ranges * math.sin(elevation))
        ours = max(ours, float(np.abs(rays.target_height(ranges, elevation) - known).max()))
        fixed = max(fixed, float(np.abs(flat - radius + ANTENNA - known).max()))
    return ours, fixed


def _integrate(air: Atmosphere, elevation: float, ranges: Any, radius: float) -> Any:
    def rates(_: float, state: Any) -> tuple[float, float]:
        h, theta = state
        n = 1e-6 * air.refractivity * math.exp(-(h - air.height) / air.scale_height)
        bend = -n / air.scale_height / (1.0 + n)
        return math.sin(theta), math.cos(theta) * (1.0 / (radius + h) + bend)

    return solve_ivp(
        rates, (0.0, ranges[-1]), (ANTENNA, elevation), method="DOP853", t_eval=ranges,
        rtol=1e-11, atol=1e-9,
    ).y[0]  # fmt: skip


def _make() -> None:
    ray_table.cache_clear()
    ray_table(AIR, ANTENNA)


def _gas(frequency: float, grid: Any) -> Any:
    return gas_loss_db(AIR, frequency, ANTENNA, *grid)


def _first_gas(grid: Any) -> Callable[[], object]:
    """Ask at another frequency each time: the ray table is kept, the gas table is not."""
    frequencies = iter(np.linspace(1e9, 2e9, 20))
    return lambda: _gas(float(next(frequencies)), grid)


def _row(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit}


def _median(run: Callable[[], object]) -> float:
    run()
    spent = []
    for _ in range(5):
        begin = time.perf_counter()
        run()
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent)


if __name__ == "__main__":
    for row in main():
        print(row)
