"""Notional radar classes to start from: typical of their trade, copied from no product.

No official range, band or power of any donated radar is public, so these are classes, not
models; docs/sense.md gives the reasoning of each figure. All SI and radians.
"""

import difflib
import math
from dataclasses import dataclass

from steppewatch.errors import SenseError
from steppewatch.records import Origin, Sensor, SensorKind
from steppewatch.sense.radar.simulate import RadarModel

DEGREE = math.pi / 180.0
NOT_MEASURED = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Hold one radar class; attributes as in :class:`Sensor` and :class:`RadarModel`."""

    kind: SensorKind
    min_range: float
    max_range: float
    scan_period: float
    sigma_range: float
    sigma_azimuth: float
    sigma_elevation: float
    sigma_range_rate: float
    detection_probability: float
    false_alarms: float
    reference_range: float
    false_alarm_probability: float
    min_speed: float
    beam_azimuth: float
    beam_elevation: float
    elevation_min: float
    elevation_max: float
    secondary_probability: float = 0.0
    mast: float = 15.0
    sector_start: float = 0.0
    sector_width: float = 2.0 * math.pi


PRESETS: dict[str, Preset] = {
    "long-range-3d": Preset(
        kind=SensorKind.RADAR_3D,
        min_range=5_000.0,
        max_range=400_000.0,
        scan_period=10.0,
        sigma_range=100.0,
        sigma_azimuth=0.16 * DEGREE,
        sigma_elevation=0.20 * DEGREE,
        sigma_range_rate=NOT_MEASURED,
        detection_probability=0.85,
        false_alarms=6.0,
        reference_range=250_000.0,
        false_alarm_probability=1e-6,
        min_speed=12.0,
        beam_azimuth=1.4 * DEGREE,
        beam_elevation=1.8 * DEGREE,
        elevation_min=-1.5 * DEGREE,
        elevation_max=20.0 * DEGREE,
    ),
    "gap-filler": Preset(
        kind=SensorKind.RADAR_3D,
        min_range=500.0,
        max_range=120_000.0,
        scan_period=4.0,
        sigma_range=40.0,
        sigma_azimuth=0.22 * DEGREE,
        sigma_elevation=0.35 * DEGREE,
        sigma_range_rate=1.0,
        detection_probability=0.85,
        false_alarms=3.0,
        reference_range=65_000.0,
        false_alarm_probability=1e-6,
        min_speed=6.0,
        beam_azimuth=1.8 * DEGREE,
        beam_elevation=3.0 * DEGREE,
        elevation_min=-5.0 * DEGREE,
        elevation_max=40.0 * DEGREE,
    ),
    "ground-surveillance": Preset(
        kind=SensorKind.GROUND_RADAR,
        min_range=50.0,
        max_range=30_000.0,
        scan_period=3.0,
        sigma_range=6.0,
        sigma_azimuth=0.30 * DEGREE,
        sigma_elevation=NOT_MEASURED,
        sigma_range_rate=0.2,
        detection_probability=0.85,
        false_alarms=0.6,
        reference_range=10_000.0,
        false_alarm_probability=1e-6,
        min_speed=0.3,
        beam_azimuth=2.4 * DEGREE,
        beam_elevation=NOT_MEASURED,
        elevation_min=-20.0 * DEGREE,
        elevation_max=15.0 * DEGREE,
        mast=10.0,
    ),
    "atc-2d": Preset(
        kind=SensorKind.RADAR_2D,
        min_range=1_000.0,
        max_range=220_000.0,
        scan_period=5.0,
        sigma_range=60.0,
        sigma_azimuth=0.12 * DEGREE,
        sigma_elevation=NOT_MEASURED,
        sigma_range_rate=NOT_MEASURED,
        detection_probability=0.9,
        false_alarms=4.0,
        reference_range=85_000.0,
        false_alarm_probability=1e-6,
        min_speed=10.0,
        beam_azimuth=1.4 * DEGREE,
        beam_elevation=NOT_MEASURED,
        elevation_min=-0.5 * DEGREE,
        elevation_max=40.0 * DEGREE,
        secondary_probability=0.97,
    ),
}


def preset(name: str) -> Preset:
    """Find a radar class by name.

    Raises:
        SenseError: There is none of that name; the message names the closest.
    """
    found = PRESETS.get(name)
    if found is None:
        close = difflib.get_close_matches(name, PRESETS, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise SenseError(f"radar model is {name!r}, expected one of {', '.join(PRESETS)}{hint}")
    return found


def radar_model(
    chosen: Preset,
    *,
    sensor_id: str,
    name: str,
    site: str,
    lat: float,
    lon: float,
    ground: float,
) -> RadarModel:
    """Stand a radar of a class on a place.

    Args:
        chosen: The class, with overrides already put in by ``dataclasses.replace``.
        sensor_id: ``Sensor.id``.
        name: What people call it.
        site: ``Site.id``.
        lat: Latitude [rad].
        lon: Longitude [rad].
        ground: Ground height [m]; the antenna stands ``chosen.mast`` above it.

    Raises:
        SenseError: No real radar could be so.
    """
    sensor = Sensor(
        id=sensor_id,
        name=name,
        site=site,
        kind=chosen.kind,
        lat=lat,
        lon=lon,
        height=ground + chosen.mast,
        min_range=chosen.min_range,
        max_range=chosen.max_range,
        scan_period=chosen.scan_period,
        sector_start=chosen.sector_start,
        sector_width=chosen.sector_width,
        sigma_range=chosen.sigma_range,
        sigma_azimuth=chosen.sigma_azimuth,
        sigma_elevation=chosen.sigma_elevation,
        sigma_range_rate=chosen.sigma_range_rate,
        detection_probability=chosen.detection_probability,
        false_alarms=chosen.false_alarms,
        origin=Origin(sensor=sensor_id, feed="rehearsal"),
    )
    return RadarModel(
        sensor=sensor,
        reference_range=chosen.reference_range,
        false_alarm_probability=chosen.false_alarm_probability,
        min_speed=chosen.min_speed,
        beam_azimuth=chosen.beam_azimuth,
        beam_elevation=chosen.beam_elevation,
        elevation_min=chosen.elevation_min,
        elevation_max=chosen.elevation_max,
        secondary_probability=chosen.secondary_probability,
    )
