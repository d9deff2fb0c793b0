"""Sites and the sensors that stand on them."""

import math
from dataclasses import dataclass
from enum import IntEnum

from steppewatch.records.binary import record
from steppewatch.records.origin import Origin


class SensorKind(IntEnum):
    """Say what a sensor measures, as far as the tracker and the picture care."""

    UNKNOWN = 0
    RADAR_3D = 1
    RADAR_2D = 2
    GROUND_RADAR = 3
    CAMERA = 4
    SECONDARY_RADAR = 5
    REPORTS = 6


@record("site")
@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Describe a place where equipment stands.

    Attributes:
        id: Unique short name.
        name: What people call it.
        lat: Geodetic latitude [rad].
        lon: Longitude [rad].
        height: Ground height [m], vertical datum as in ``docs/conventions.md``.
    """

    id: str
    name: str
    lat: float
    lon: float
    height: float
    origin: Origin


@record("sensor")
@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Describe one sensor: all that the tracker and the picture must know of it.

    Sent as a message when the sensor appears and whenever its description changes.

    Attributes:
        id: Unique short name.
        site: ``Site.id``.
        lat: Latitude of the phase centre or lens [rad].
        lon: Longitude [rad].
        height: Height of the phase centre or lens [m], same datum as the terrain.
        min_range: Closest measurable slant range [m].
        max_range: Instrumented slant range [m].
        scan_period: Seconds between two looks at the same target [s].
        sector_start: Where the covered sector begins, clockwise from true north [rad].
        sector_width: Its width [rad]; 2π for all round.
        sigma_range: Standard deviation of range [m].
        sigma_azimuth: Of azimuth [rad].
        sigma_elevation: Of elevation [rad]; NaN when not measured.
        sigma_range_rate: Of range rate [m/s]; NaN when not measured.
        detection_probability: Nominal, in the clear, for a target that it is made for.
        false_alarms: Expected number per scan over the whole coverage.
        address: Foreign address, ``"asterix:<SAC>/<SIC>"``; ``""`` when there is none.
        position_assumed: True when nobody told us where it stands; the picture says so.
        blind_speed: Range rate at which the notch against standing ground halves the signal [m/s];
            0 when there is no notch, NaN when not known.
        range_cell: Range resolution: nearer neighbours make one plot [m]; NaN when not known.
        azimuth_cell: Azimuth resolution, about the beam's width [rad]; NaN when not known.
    """

    id: str
    name: str
    site: str
    kind: SensorKind
    lat: float
    lon: float
    height: float
    min_range: float
    max_range: float
    scan_period: float
    sector_start: float
    sector_width: float
    sigma_range: float
    sigma_azimuth: float
    sigma_elevation: float
    sigma_range_rate: float
    detection_probability: float
    false_alarms: float
    address: str = ""
    position_assumed: bool = False
    blind_speed: float = math.nan
    range_cell: float = math.nan
    azimuth_cell: float = math.nan
    origin: Origin

    def __post_init__(self) -> None:
        """Give ``kind`` its name back after decoding."""
        object.__setattr__(self, "kind", SensorKind(self.kind))
