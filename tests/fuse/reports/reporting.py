"""Sources and their reports for the tests of position reports and bearings."""

import numpy as np

from steppewatch.records import Origin, Sensor, SensorKind, position_reports
from steppewatch.world.geodesy import ecef_from_enu, local_frame

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
