"""A country one degree high, and tracks to send across its borders."""

import numpy as np
import pytest

from steppewatch.records import Origin, TargetClass, TrackBatch, TrackStatus
from steppewatch.world import border as borders
from steppewatch.world.geodesy import ecef_from_geodetic, enu_rotation

T0 = 1_700_000_000_000_000_000


@pytest.fixture(scope="session")
def box():
    """Give a country between 45° and 46° N, 100° and 104° E: RU around the north, CN below."""

    def feature(name, points):
        return {
            "type": "Feature",
            "properties": {"neighbour": name},
            "geometry": {"type": "LineString", "coordinates": points},
        }

    south = [[100.0 + 0.1 * i, 45.0] for i in range(41)]
    north = [[100.0, 45.0], *[[100.0 + 0.1 * i, 46.0] for i in range(41)], [104.0, 45.0]]
    return borders.parse({"features": [feature("RU", north), feature("CN", south)]})


@pytest.fixture
def tracks():
    """Make a batch of tracks at latitudes and longitudes [deg] with velocities (n, 3) in ENU."""

    def make(
        lat_deg,
        lon_deg,
        velocity,
        *,
        now_ns=T0,
        ids=None,
        height=1500.0,
        status=TrackStatus.CONFIRMED,
        target=TargetClass.UNKNOWN,
        sigma=20.0,
        feed="fuse",
        mode_s=0,
        seen_ns=None,
    ):
        lat, lon = np.radians(np.atleast_1d(lat_deg)), np.radians(np.atleast_1d(lon_deg))
        lat, lon = np.broadcast_arrays(lat, lon)
        n = len(lat)
        velocity = np.broadcast_to(np.asarray(velocity, float), (n, 3))
        ecef = np.einsum("nji,nj->ni", enu_rotation(lat, lon), velocity)
        return TrackBatch(
            time_ns=np.full(n, now_ns),
            id=np.arange(n) if ids is None else np.asarray(ids, np.int64),
            mean=np.hstack((ecef_from_geodetic(lat, lon, height), ecef)),
            cov=np.tile(np.diag([sigma**2] * 3 + [1.0] * 3), (n, 1, 1)),
            status=np.full(n, int(status), "u1"),
            existence=np.ones(n, "f4"),
            target=np.full(n, int(target), "u1"),
            born_ns=np.full(n, now_ns - 10**10),
            seen_ns=np.full(n, now_ns if seen_ns is None else seen_ns),
            hits=np.full(n, 5, "u4"),
            mode_s=np.full(n, mode_s, "u4"),
            mode_3a=np.full(n, -1, "i4"),
            callsign=np.full(n, b"", "S8"),
            origin=Origin(feed=feed),
        )

    return make
