"""A recording in which a radar and a partner's tracker tell of one aircraft, the partner of two."""

import math
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "wire"))

from asterix_bytes import block, plot, record

from steppewatch.world.geodesy import (
    ecef_from_enu,
    ecef_from_geodetic,
    enu_from_ecef,
    geodetic_from_ecef,
    local_frame,
)

RADAR = (47.0, 107.0, 1_300.0)
LEVEL = 200.0
HEIGHT = LEVEL * 30.48
NOON = 43_200.0
NAUTICAL_MILE = 1_852.0


def flight(seconds, north):
    """Give latitude and longitude [deg] of an aircraft that flies east at 100 m/s."""
    frame = local_frame(math.radians(RADAR[0]), math.radians(RADAR[1]), HEIGHT)
    ecef = ecef_from_enu(np.array([-10e3 + 100.0 * seconds, north, 0.0]), frame)
    lat, lon, _ = geodetic_from_ecef(ecef)
    return math.degrees(lat), math.degrees(lon)


def seen(seconds, north, rng):
    """Encode the radar's plot of an aircraft (CAT 048)."""
    lat, lon = flight(seconds, north)
    frame = local_frame(math.radians(RADAR[0]), math.radians(RADAR[1]), RADAR[2])
    place = ecef_from_geodetic(math.radians(lat), math.radians(lon), HEIGHT)
    east, up_north, up = enu_from_ecef(place, frame)
    rho = math.sqrt(east**2 + up_north**2 + up**2) + rng.normal(0.0, 40.0)
    theta = math.degrees(math.atan2(east, up_north)) + rng.normal(0.0, 0.08)
    return plot(NOON + seconds, rho / NAUTICAL_MILE, theta % 360.0, source=(25, 12), level=LEVEL)


def told(seconds, north, number, rng):
    """Encode the partner's track of an aircraft (CAT 062), with an accuracy of 60 m."""
    lat, lon = flight(seconds, north)
    lat += rng.normal(0.0, 40.0) / 111_000.0
    lon += rng.normal(0.0, 40.0) / 76_000.0
    return record(
        {
            1: bytes((25, 100)),
            4: round((NOON + seconds) * 128).to_bytes(3, "big"),
            5: round(lat / 180 * 2**25).to_bytes(4, "big", signed=True)
            + round(lon / 180 * 2**25).to_bytes(4, "big", signed=True),
            7: (400).to_bytes(2, "big") + (0).to_bytes(2, "big"),
            12: number.to_bytes(2, "big"),
            13: b"\x00",
            17: round(LEVEL * 4).to_bytes(2, "big"),
            27: b"\x80" + (120).to_bytes(2, "big") * 2,
        }
    )  # fmt: skip


def recording(path, seconds=200, silent_after=120):
    """Write the feed: a radar that sees every 4 s from the 20th on, a partner that falls silent."""
    rng = np.random.default_rng(4)
    data = b""
    for second in range(seconds):
        if second % 4 == 0 and second >= 20:
            data += block(48, seen(second, 40e3, rng))
        if second % 5 == 0 and second < silent_after:
            data += block(62, told(second, 40e3, 7, rng), told(second, -60e3, 8, rng))
    path.write_bytes(data)
    return path
