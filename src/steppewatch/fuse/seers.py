"""Sensors in a line each, for the tracker on arrays."""

import math

from steppewatch.errors import FuseError
from steppewatch.records import Origin, Sensor, SensorKind

ORIGIN = Origin(feed="arrays")
LAT_DEG, LON_DEG, HEIGHT = 47.0, 106.0, 1_500.0


def radar(
    name: str = "radar",
    *,
    lat_deg: float = LAT_DEG,
    lon_deg: float = LON_DEG,
    height: float = HEIGHT,
    period: float = 5.0,
    reach: float = 150e3,
    sigma: tuple[float, ...] = (30.0, 1.7e-3, 2.6e-3, 1.0),
    detection: float = 0.9,
    false_alarms: float = 10.0,
    ground: bool = False,
    blind_speed: float = math.nan,
) -> Sensor:
    """Describe a radar that turns.

    Args:
        name: Its own.
        lat_deg: Where it stands [deg].
        lon_deg: ...
        height: Of its phase centre above sea level [m].
        period: Seconds between two looks at a target.
        reach: Instrumented range [m].
        sigma: Standard deviations of range [m], azimuth [rad], elevation [rad], range rate [m/s];
            a shorter one measures less.
        detection: Nominal probability of detection.
        false_alarms: Expected number in a scan.
        ground: It looks for walkers and vehicles.
        blind_speed: Range rate at which its Doppler notch halves the signal [m/s]; NaN unknown.

    Raises:
        FuseError: A number is not what it can be.

    >>> radar("north", sigma=(30.0, 0.002)).kind.name
    'RADAR_2D'
    """
    if not 2 <= len(sigma) <= 4 or not all(math.isfinite(s) and s > 0.0 for s in sigma):
        raise FuseError(
            f"{name}: sigma is {sigma}, expected 2 to 4 numbers above 0: range [m], azimuth [rad], "
            "elevation [rad], range rate [m/s]"
        )
    if max(sigma[1:3]) > 0.5:
        raise FuseError(
            f"{name}: sigma {sigma} has angles above 0.5 rad: give radians, not degrees"
        )
    told = (*sigma, math.nan, math.nan)
    upright = len(sigma) > 2
    kind = SensorKind.RADAR_3D if upright else SensorKind.RADAR_2D
    return _sensor(
        name, SensorKind.GROUND_RADAR if ground else kind, (lat_deg, lon_deg, height), period,
        reach, detection, false_alarms, (told[0], told[1], told[2], told[3]), blind_speed,
    )  # fmt: skip


def camera(
    name: str = "camera",
    *,
    lat_deg: float = LAT_DEG,
    lon_deg: float = LON_DEG,
    height: float = HEIGHT,
    period: float = 1.0,
    reach: float = 10e3,
    sigma: tuple[float, float] = (1e-3, 1e-3),
    detection: float = 0.8,
    false_alarms: float = 1.0,
) -> Sensor:
    """Describe a camera that gives directions alone.

    Args:
        name: As for :func:`radar`, and so for the others.
        lat_deg: ...
        lon_deg: ...
        height: ...
        period: ...
        reach: ...
        sigma: Standard deviations of azimuth and elevation [rad].
        detection: ...
        false_alarms: ...
    """
    return _sensor(
        name, SensorKind.CAMERA, (lat_deg, lon_deg, height), period, reach, detection,
        false_alarms, (math.nan, sigma[0], sigma[1], math.nan), math.nan,
    )  # fmt: skip


def positions(
    name: str = "positions",
    *,
    lat_deg: float = LAT_DEG,
    lon_deg: float = LON_DEG,
    height: float = HEIGHT,
    period: float = 1.0,
    reach: float = 300e3,
    sigma: tuple[float, float] = (30.0, 75.0),
    detection: float = 0.95,
    false_alarms: float = 1.0,
) -> Sensor:
    """Describe a source of positions: ADS-B, multilateration, a camera with a rangefinder.

    Args:
        name: As for :func:`radar`, and so for the others.
        lat_deg: ...
        lon_deg: ...
        height: ...
        period: ...
        reach: ...
        sigma: Standard deviations of each horizontal axis, and of height [m].
        detection: ...
        false_alarms: ...
    """
    return _sensor(
        name, SensorKind.REPORTS, (lat_deg, lon_deg, height), period, reach, detection,
        false_alarms, (sigma[0], math.nan, sigma[1], math.nan), math.nan,
    )  # fmt: skip


def _sensor(
    name: str,
    kind: SensorKind,
    place: tuple[float, float, float],
    period: float,
    reach: float,
    detection: float,
    false_alarms: float,
    sigma: tuple[float, float, float, float],
    blind_speed: float,
) -> Sensor:
    if not (period > 0.0 and reach > 0.0 and 0.0 < detection < 1.0 and false_alarms >= 0.0):
        raise FuseError(
            f"{name}: period {period}, reach {reach}, detection {detection}, false_alarms "
            f"{false_alarms}: expected numbers above 0, and a detection below 1"
        )
    if not (-90.0 <= place[0] <= 90.0 and -180.0 <= place[1] <= 180.0):
        raise FuseError(f"{name}: lat_deg {place[0]}, lon_deg {place[1]} are no place on earth")
    return Sensor(
        id=name,
        name=name,
        site="",
        kind=kind,
        lat=math.radians(place[0]),
        lon=math.radians(place[1]),
        height=place[2],
        min_range=0.0,
        max_range=reach,
        scan_period=period,
        sector_start=0.0,
        sector_width=2.0 * math.pi,
        sigma_range=sigma[0],
        sigma_azimuth=sigma[1],
        sigma_elevation=sigma[2],
        sigma_range_rate=sigma[3],
        detection_probability=detection,
        false_alarms=false_alarms,
        blind_speed=blind_speed,
        origin=ORIGIN,
    )
