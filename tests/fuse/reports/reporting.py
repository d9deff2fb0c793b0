"""Sources and their reports for the tests of position reports and bearings."""

import numpy as np

from steppewatch.records import (
    Look,
    Origin,
    Sensor,
    SensorKind,
    bearing_batch,
    position_reports,
)
from steppewatch.world.geodesy import (
    ecef_from_enu,
    enu_from_ecef,
    geodetic_from_ecef,
    local_frame,
    spherical_from_enu,
)

NS = 1_000_000_000
START = 1_700_000_000 * NS
LAT, LON = np.radians(48.0), np.radians(106.0)
FRAME = local_frame(LAT, LON, 0.0)
ORIGIN = Origin(feed="test")


def source(name="adsb", kind=SensorKind.REPORTS, **changes):
    given = {
        "id": name, "name": name, "site": "s", "kind": kind, "lat": LAT, "lon": LON,
        "height": 0.0, "min_range": 0.0, "max_range": 200_000.0, "scan_period": 1.0,
        "sector_start": 0.0, "sector_width": 2.0 * np.pi, "sigma_range": 10.0,
        "sigma_azimuth": 1e-3, "sigma_elevation": np.nan, "sigma_range_rate": np.nan,
        "detection_probability": 0.95, "false_alarms": 0.01, "origin": ORIGIN,
    }  # fmt: skip
    return Sensor(**{**given, **changes})


def ecef(enu):
    return ecef_from_enu(enu, FRAME)


def reports(when, enu, generator=None, sigma=20.0, name="adsb", **optional):
    """Report places ``(n, 3)`` given in ENU, with noise where a generator is given."""
    enu = np.asarray(enu, float)
    if generator is not None:
        enu = enu + generator.normal(0.0, sigma, enu.shape)
    cov = np.tile(sigma**2 * np.eye(3), (len(enu), 1, 1))
    times = np.broadcast_to(np.asarray(when, np.int64), (len(enu),))
    return position_reports(name, ORIGIN, times, ecef(enu), cov, **optional)


def bearings(when, platform, enu, generator=None, sigma=2e-3, name="eo", tall=True, **optional):
    """See places ``(n, 3)`` from one platform, both given in ENU."""
    place, eye = ecef(np.asarray(enu, float)), ecef(np.asarray(platform, float))
    lat, lon, height = geodetic_from_ecef(eye)
    local = enu_from_ecef(place, local_frame(float(lat), float(lon), float(height)))
    _, azimuth, elevation = spherical_from_enu(local)
    n = len(azimuth)
    if generator is not None:
        azimuth = np.mod(azimuth + generator.normal(0.0, sigma, n), 2.0 * np.pi)
        elevation = elevation + generator.normal(0.0, sigma, n)
    if tall:
        optional |= {"elevation": elevation, "sigma_elevation": np.full(n, sigma)}
    times = np.full(n, when, np.int64)
    return bearing_batch(
        name, ORIGIN, times, np.tile(eye, (n, 1)), azimuth, np.full(n, sigma), **optional
    )


def looking(when, platform, enu, width=0.2, reach=30_000.0):
    """Point a camera's view from one place at another, both given in ENU."""
    one = bearings(when, platform, [enu])
    return Look(
        time_ns=int(when), platform=one.platform[0], azimuth=float(one.azimuth[0]), width=width,
        elevation=float(one.elevation[0]), tallness=width, reach=reach,
    )  # fmt: skip
