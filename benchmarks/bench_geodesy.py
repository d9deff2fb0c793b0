"""How many places a second do our conversions and short lines take, beside PROJ on one core?"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyproj

from steppewatch.engine.border_file import load_border
from steppewatch.world import geodesic, geodesy

COUNT = 200_000


def rate(function: Callable[[], object]) -> float:
    """Run three times after a warm-up and give places a second of the best run."""
    function()
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return COUNT / best


def main() -> list[dict[str, Any]]:
    """Measure and compare."""
    rng = np.random.default_rng(0)
    lat, lon = np.radians(rng.uniform(41, 53, COUNT)), np.radians(rng.uniform(87, 120, COUNT))
    lat2, lon2 = lat + rng.normal(0, 0.005, COUNT), lon + rng.normal(0, 0.005, COUNT)
    height = rng.uniform(0, 12_000, COUNT)
    to_ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    degrees, border = (np.degrees(lon), np.degrees(lat)), load_border()
    place = geodesy.ecef_from_geodetic(lat, lon, height)
    runs: dict[str, Callable[[], object]] = {
        "geodetic to ECEF": lambda: geodesy.ecef_from_geodetic(lat, lon, height),
        "geodetic to ECEF, pyproj": lambda: to_ecef.transform(*degrees, height),
        "ECEF to geodetic": lambda: geodesy.geodetic_from_ecef(place),
        "ECEF to geodetic, pyproj": lambda: to_ecef.transform(*place.T, direction="INVERSE"),
        "distance and azimuth, short kernel": lambda: geodesic.short_inverse(lat, lon, lat2, lon2),
        "distance and azimuth, pyproj": lambda: geodesic.inverse(lat, lon, lat2, lon2),
        "nearest border point": lambda: border.locate(lat, lon),
    }
    return [
        {"name": name, "value": round(rate(run) / 1e6, 2), "unit": "M/s"}
        for name, run in runs.items()
    ]


if __name__ == "__main__":
    for row in main():
        print(row)
