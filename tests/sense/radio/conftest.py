"""Ground that a pencil can check: a plain along the equator, with ridges and holes by longitude."""

import math

import numpy as np
import pytest

from steppewatch.sense.radio import Radio, Station
from steppewatch.world.terrain import Terrain, TerrainInfo

EQUATOR_RADIUS = 6_378_137.0


class Strip(Terrain):
    """Heights by distance east of the first site."""

    def __init__(self, height, *, spacing=50.0, synthetic=False):
        self.height = height
        self.info = TerrainInfo(
            label="strip", synthetic=synthetic, datum="EGM96", resolution=spacing / 6_371_008.8,
            south=-1.0, west=-1.0, north=1.0, east=1.0, source="pencil",
        )  # fmt: skip

    def heights(self, lat, lon):
        east = np.asarray(lon, float) * EQUATOR_RADIUS
        return np.broadcast_arrays(self.height(east), np.asarray(lat, float))[0].astype(float)

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], lon).astype(np.float32)

    def describe(self):
        return self.info


@pytest.fixture
def strip():
    return Strip


@pytest.fixture
def ends():
    def make(distance, mast_a=20.0, mast_b=20.0):
        return (
            Station(lat=0.0, lon=0.0, mast=mast_a, name="A"),
            Station(lat=0.0, lon=distance / EQUATOR_RADIUS, mast=mast_b, name="B"),
        )

    return make


@pytest.fixture
def radio():
    def make(mhz=400.0, **changes):
        figures = {
            "power_dbm": 40.0, "gain_a_db": 6.0, "gain_b_db": 9.0, "sensitivity_dbm": -100.0,
        }  # fmt: skip
        return Radio(frequency=mhz * 1e6, **{**figures, **changes})

    return make


@pytest.fixture
def place():
    return lambda lon, lat, mast: Station(lat=math.radians(lat), lon=math.radians(lon), mast=mast)
