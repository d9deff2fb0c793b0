"""A radar on its hill: what the site adds to the design, tabulated once.

Air and ground differ from site to site, not from target to target. So gas and rain become a table
over range and elevation, clutter a table over land, beam and range, and each beam a row of
figures; the look then costs some tens of nanoseconds a target. Nothing here knows the terrain:
what hides or bends the ray comes into :func:`steppewatch.sense.radar.look.look` from outside.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import SenseError
from steppewatch.records import Origin, Sensor
from steppewatch.sense.radar import kernels
from steppewatch.sense.radar.design import LIGHT, Beam, RadarDesign
from steppewatch.sense.radar.detection import Array, required_snr
from steppewatch.sense.radar.equation import REFERENCE_PD, beam_constant_db
from steppewatch.sense.radar.ground import clutter_table, improvement_db
from steppewatch.sense.radar.measure import range_cell
from steppewatch.sense.radar.path import Path, path_table, sky_loss_db
from steppewatch.world.atmosphere import Atmosphere
from steppewatch.world.landcover import LandCover


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EmplacedRadar:
    """Hold a radar at a place and its tables.

    Attributes:
        design: The radar.
        lat: Latitude [rad].
        lon: Longitude [rad].
        ground: Height of the ground [m].
        mast: Antenna above ground [m].
        atmosphere: Air over the site; None for a vacuum.
        land: Row of :attr:`clutter` where a target's own land is not said.
        beams: ``(b, COLUMNS)`` figures of the beams, see ``kernels``.
        order: ``(b,)`` beams by falling margin on their axes.
        path: Gas and rain.
        clutter: ``(l, b, r)`` clutter to noise before the filter [dB], l the ``LandCover``.
        limits: Smallest and greatest slant range [m], smallest and greatest elevation [rad].
        summed: ``(b,)`` powers that the detector sums.
    """

    design: RadarDesign
    lat: float
    lon: float
    ground: float
    mast: float
    atmosphere: Atmosphere | None
    land: int
    beams: Array
    order: NDArray[np.int64]
    path: Path
    clutter: Array
    limits: Array
    summed: NDArray[np.int64]

    @property
    def height(self) -> float:
        """Give the height of the antenna, in the terrain's datum [m]."""
        return self.ground + self.mast


def stand(
    design: RadarDesign,
    lat: float,
    lon: float,
    ground: float,
    atmosphere: Atmosphere | None = None,
    *,
    land: int | None = None,
    mast: float | None = None,
) -> EmplacedRadar:
    """Stand a radar on a place and tabulate what the place decides.

    Args:
        design: The radar.
        lat: Latitude [rad].
        lon: Longitude [rad].
        ground: Height of the ground [m].
        atmosphere: Air over the site; None for a vacuum, which is for checks.
        land: ``LandCover`` where the caller does not know better; steppe when None.
        mast: Antenna above ground [m]; the design's own when None.

    Raises:
        SenseError: The place is none of this earth.
    """
    mast = design.mast if mast is None else mast
    for field, value, low, high, unit in (
        ("lat", lat, -0.5 * math.pi, 0.5 * math.pi, "rad"),
        ("lon", lon, -2.0 * math.pi, 2.0 * math.pi, "rad"),
        ("ground", ground, -500.0, 9_000.0, "m"),
        ("mast", mast, 0.0, 300.0, "m"),
    ):
        if not low <= value <= high:
            raise SenseError(
                f"radar {design.name!r}: {field} is {value:g} {unit}, expected {low:g} to {high:g}"
                + ("; is terrain unknown there?" if math.isnan(value) else "")
            )
    path = path_table(design, atmosphere, ground + mast)
    beams = np.array([_row(design, beam, atmosphere, ground + mast) for beam in design.beams])
    return EmplacedRadar(
        design=design,
        lat=lat,
        lon=lon,
        ground=ground,
        mast=mast,
        atmosphere=atmosphere,
        land=LandCover.STEPPE if land is None else land,
        beams=beams,
        order=np.argsort(beams[:, kernels.REQUIRED] - beams[:, kernels.CONSTANT], kind="stable"),
        path=path,
        clutter=clutter_table(design, beams, path, mast),
        limits=np.array(
            [design.min_range, design.max_range, design.elevation_min, design.elevation_max]
        ),
        summed=np.array([design.summed(beam) for beam in design.beams]),
    )


def sensor_of(radar: EmplacedRadar, *, sensor_id: str, name: str, site: str, feed: str) -> Sensor:
    """Describe an emplaced radar to the tracker and the picture.

    Args:
        radar: The radar.
        sensor_id: ``Sensor.id``.
        name: What people call it.
        site: ``Site.id``.
        feed: Where its detections come from.
    """
    d = radar.design
    return Sensor(
        id=sensor_id,
        name=name,
        site=site,
        kind=d.kind,
        lat=radar.lat,
        lon=radar.lon,
        height=radar.height,
        min_range=d.min_range,
        max_range=max(d.max_range, d.secondary_range if d.secondary_probability else 0.0),
        scan_period=d.scan_period,
        sector_start=d.sector_start,
        sector_width=d.sector_width,
        sigma_range=d.sigma_range,
        sigma_azimuth=d.sigma_azimuth,
        sigma_elevation=d.sigma_elevation,
        sigma_range_rate=d.sigma_range_rate,
        detection_probability=d.nominal_pd,
        false_alarms=d.false_alarms,
        blind_speed=0.0 if d.doppler == "none" else d.min_speed,
        range_cell=range_cell(d.bandwidth),
        azimuth_cell=d.azimuth_width,
        origin=Origin(sensor=sensor_id, feed=feed),
    )


def _row(
    design: RadarDesign, beam: Beam, atmosphere: Atmosphere | None, height: float
) -> list[float]:
    """Write one beam's figures in the order of the kernel's columns."""
    axis = beam.centre + design.tilt
    group = [other for other in design.beams if other.group == beam.group]
    low = min(group, key=lambda other: other.centre)
    high = max(group, key=lambda other: other.centre)
    row = [math.nan] * kernels.COLUMNS
    row[kernels.CONSTANT] = beam_constant_db(
        design, beam, sky_loss_db(design, atmosphere, height, axis)
    )
    row[kernels.AXIS], row[kernels.WIDTH] = axis, beam.width
    if len(group) > 1:
        row[kernels.LOW_AXIS], row[kernels.LOW_WIDTH] = low.centre + design.tilt, low.width
        row[kernels.HIGH_AXIS], row[kernels.HIGH_WIDTH] = high.centre + design.tilt, high.width
    if design.pattern == "csc2":
        row[kernels.EDGE] = axis + 0.5 * beam.width
        row[kernels.TOP] = design.elevation_max + design.tilt
    row[kernels.BLIND] = 0.0 if design.continuous else 0.5 * LIGHT * beam.pulse_width
    row[kernels.REACH] = design.reach(beam)
    row[kernels.REQUIRED] = 10.0 * math.log10(
        required_snr(REFERENCE_PD, design.summed(beam), design.pfa, 1)
    )
    row[kernels.IMPROVEMENT] = improvement_db(design, beam)
    return row
