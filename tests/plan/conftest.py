"""A gentle land, a small scenario, and the border that comes with the house."""

import numpy as np
import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.plan import rehearse

TEXT = """
[scenario]
title = "Small"
seed = 5
start = 2026-06-01T04:00:00Z
duration_s = 120

[[site]]
id = "hill"
lat_deg = 49.00
lon_deg = 91.00
seek_high_km = 1

[[sensor]]
id = "air"
site = "hill"
model = "gap-filler"

[[sensor]]
id = "ground"
site = "hill"
model = "ground-surveillance"
sector_deg = [300, 120]

[[route]]
id = "walkers"
kind = "walker"
waypoints = [[49.02, 91.00], [49.03, 91.02], [49.05, 91.00]]
count = 3
repeat = "back-and-forth"
start_s = -100
pauses = [{ waypoint = 1, seconds = 90 }]

[[route]]
id = "plane"
kind = "light-aircraft"
waypoints = [[49.2, 90.8], [49.1, 91.2], [48.9, 91.1]]
repeat = "loop"

[[traffic]]
id = "sky"
number = 12
south_deg = 48.7
north_deg = 49.3
west_deg = 90.5
east_deg = 91.5
mix = { airliner = 1, helicopter = 1, small-drone = 1 }
formations = 0.5
leg_km = 20

[[event]]
sensor = "air"
off_s = 20
on_s = 40
reason = "test of the reason"
"""


class Waves:
    """Smooth hills a few kilometres across."""

    def heights(self, lat, lon):
        lat, lon = np.asarray(lat), np.asarray(lon)
        return 1_000.0 + 60.0 * np.sin(lat * 4e3) * np.cos(lon * 3e3)


@pytest.fixture(scope="session")
def land():
    return Waves()


@pytest.fixture
def small():
    return TEXT


@pytest.fixture(scope="session")
def scenario():
    return rehearse.load(TEXT, "small.toml")


@pytest.fixture(scope="session")
def border():
    return load_border()
