"""Simulated radars and targets for the tracker's tests."""

import math

import numpy as np

from steppewatch.records import Origin, Sensor, SensorKind, detection_batch
from steppewatch.world.geodesy import LocalFrame, enu_from_ecef, local_frame, spherical_from_enu

START_NS = 1_700_000_000_000_000_000
ORIGIN = Origin(feed="rehearsal")
KINDS = {
    SensorKind.RADAR_3D: (40.0, math.radians(0.1), math.radians(0.15), 250e3),
    SensorKind.RADAR_2D: (60.0, math.radians(0.15), math.nan, 320e3),
    SensorKind.GROUND_RADAR: (5.0, math.radians(0.4), math.nan, 15e3),
}


def radar(kind=SensorKind.RADAR_3D, period=5.0, name="radar", lon_deg=106.0, false_alarms=1.0):
    sigma_range, sigma_azimuth, sigma_elevation, reach = KINDS[kind]
    return Sensor(
        id=name, name=name, site="site", kind=kind,
        lat=math.radians(47.0), lon=math.radians(lon_deg), height=1500.0,
        min_range=0.0, max_range=reach, scan_period=period,
        sector_start=0.0, sector_width=2.0 * math.pi,
        sigma_range=sigma_range, sigma_azimuth=sigma_azimuth, sigma_elevation=sigma_elevation,
        sigma_range_rate=math.nan, detection_probability=0.9, false_alarms=false_alarms,
        origin=ORIGIN,
    )  # fmt: skip


def frame_of(sensor) -> LocalFrame:
    return local_frame(sensor.lat, sensor.lon, sensor.height)


def see(sensor, ecef, times_ns, rng=None, **identity):
    """Measure ECEF positions ``(n, 3)`` at ``times_ns`` ``(n,)``, with this sensor's errors."""
    reach, azimuth, elevation = spherical_from_enu(enu_from_ecef(ecef, frame_of(sensor)))
    if rng is not None:
        reach = reach + rng.normal(0.0, sensor.sigma_range, len(reach))
        azimuth = azimuth + rng.normal(0.0, sensor.sigma_azimuth, len(reach))
    if math.isfinite(sensor.sigma_elevation):
        if rng is not None:
            elevation = elevation + rng.normal(0.0, sensor.sigma_elevation, len(reach))
        identity["elevation"] = elevation
    times = np.asarray(times_ns, np.int64)
    return detection_batch(sensor.id, ORIGIN, times, reach, np.mod(azimuth, 2 * np.pi), **identity)
