"""Ground that a formula gives: rolling hills, one wall, a hole; and radars that look over it."""

import dataclasses
import math

import numpy as np

from steppewatch.sense import post_radar, radar_design, stand
from steppewatch.world.geodesy import (
    MEAN_RADIUS,
    ecef_from_geodetic,
)

LAT, LON = math.radians(45.0), math.radians(105.0)


class Hills:
    """Rolling ground, the same everywhere it is asked."""

    def heights(self, lat, lon):
        x = np.asarray(lon) * MEAN_RADIUS * math.cos(LAT) / 1_500.0
        y = np.asarray(lat) * MEAN_RADIUS / 2_000.0
        return 1_200.0 + 60.0 * np.sin(x) * np.cos(y) + 25.0 * np.sin(2.3 * x + 1.7 * y)


class Wall:
    """A plain with a wall from south to north, ``far`` metres east of the antenna."""

    def __init__(self, far=4_000.0, height=80.0, thick=400.0):
        self.far, self.height, self.thick = far, height, thick

    def heights(self, lat, lon):
        east = (np.asarray(lon) - LON) * MEAN_RADIUS * math.cos(LAT) + 0.0 * np.asarray(lat)
        return np.where(np.abs(east - self.far) < 0.5 * self.thick, self.height, 0.0)


class Unknown:
    """Nobody has been there."""

    def heights(self, lat, lon):
        return np.full(np.broadcast(lat, lon).shape, np.nan)


def post(terrain, name="ground-surveillance", **changes):
    """Stand a radar of the library at the middle of everything."""
    design = dataclasses.replace(radar_design(name), **changes)
    ground = float(terrain.heights(np.array([LAT]), np.array([LON]))[0])
    radar = stand(design, LAT, LON, 0.0 if math.isnan(ground) else ground)
    return post_radar(radar, sensor_id="r1", name="R1", site="s1")


def on_ground(terrain, east, north, above=1.5):
    """Stand targets on the ground, metres east and north of the antenna."""
    east, north = np.broadcast_arrays(np.asarray(east, float), np.asarray(north, float))
    lat = LAT + north / MEAN_RADIUS
    lon = LON + east / (MEAN_RADIUS * math.cos(LAT))
    height = np.nan_to_num(terrain.heights(lat, lon)) + above
    return ecef_from_geodetic(lat, lon, height).reshape(-1, 3)
