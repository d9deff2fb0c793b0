"""Two radars side by side: which figures differ, how far each sees what, and who covers what."""

import math
from dataclasses import dataclass, fields
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from steppewatch.sense.coverage.radar_map import ON_THE_GROUND, Layer, RadarMap
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import TargetModel
from steppewatch.world.geodesy import Array

RANGES, ELEVATIONS = 600, 121
FINE = 101  # ranges between two of those: a hundredth of 1.6 %
DEGREE = math.degrees(1.0)
# field → factor and unit in which people read it
UNITS: dict[str, tuple[float, str]] = {
    "frequency": (1e-6, "MHz"),
    "peak_power": (1.0, "W"),
    "bandwidth": (1e-6, "MHz"),
    **dict.fromkeys(
        ("azimuth_width", "tilt", "elevation_min", "elevation_max", "sector_start", "sector_width",
         "sigma_azimuth", "sigma_elevation"),
        (DEGREE, "°"),
    ),
    **dict.fromkeys(("tx_gain_db", "rx_gain_db"), (1.0, "dBi")),
    **dict.fromkeys(("min_range", "max_range", "secondary_range"), (1e-3, "km")),
    **dict.fromkeys(("sigma_range", "mast"), (1.0, "m")),
    **dict.fromkeys(("min_speed", "sigma_range_rate"), (1.0, "m/s")),
    "scan_period": (1.0, "s"),
}  # fmt: skip
NOT_FIGURES = {"name", "note", "sources", "beams"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Hold one figure that two designs do not share, as people read it."""

    name: str
    one: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Hold who covers what of one layer [m²]: both, one alone, the other alone."""

    layer: Layer
    both: float
    one_alone: float
    other_alone: float

    @property
    def one(self) -> float:
        """Give all that the first covers [m²]."""
        return self.both + self.one_alone

    @property
    def other(self) -> float:
        """Give all that the second covers [m²]."""
        return self.both + self.other_alone


def differences(one: RadarDesign, other: RadarDesign) -> tuple[Difference, ...]:
    """List the figures in which two designs differ, the schedule of beams as one line."""
    found = []
    for field in fields(RadarDesign):
        if field.name in NOT_FIGURES:
            continue
        told = [_told(field.name, getattr(design, field.name)) for design in (one, other)]
        if told[0] != told[1]:
            found.append(Difference(name=field.name, one=told[0], other=told[1]))
    if one.beams != other.beams:
        found.append(Difference(name="beams", one=_schedule(one), other=_schedule(other)))
    return tuple(found)


def free_range(radar: EmplacedRadar, target: TargetModel, least: float = 0.5) -> float:
    """Give how far a radar sees a class that nothing hides, at its best elevation [m].

    What walks or drives is looked for at the horizon, with its ground in sight as clutter; what
    flies at the elevation where the radar reaches farthest, clear of clutter. 0 when never.

    Args:
        radar: Where it stands, with its air.
        target: Section, fluctuation, speed; mean over headings.
        least: Probability of detection in one scan that counts.
    """
    design = radar.design
    ground = target.high <= ON_THE_GROUND
    slant = np.geomspace(max(design.min_range, 30.0), design.max_range, RANGES)
    low, high = design.elevation_min, design.elevation_max
    up = np.array([min(max(0.0, low), high)]) if ground else np.linspace(low, high, ELEVATIONS)

    def reached(at: Array) -> NDArray[np.intp]:
        found = look(
            radar,
            at,
            up[:, None],
            rcs=target.section(design.frequency),
            swerling=target.swerling,
            speed=target.speed,
            clutter_visible=ground,
        )
        return np.flatnonzero(found.pd.max(axis=0) >= least)

    last = reached(slant)
    if not last.size:
        return 0.0
    if last[-1] == RANGES - 1:
        return float(slant[-1])
    fine = np.geomspace(slant[last[-1]], slant[last[-1] + 1], FINE)
    return float(fine[reached(fine)[-1]])


def shares(one: RadarMap, other: RadarMap, least: float = 0.5) -> tuple[Shares, ...]:
    """Say who covers what, layer by layer, on one window; unknown ground counts for nobody.

    Args:
        one: The first radar's map.
        other: The second's, of the same layers on the same cells.
        least: Probability of detection in one scan that counts.
    """
    area = one.seen.window.cell**2
    found = []
    for layer, first, second in zip(one.layers, one.pd, other.pd, strict=True):
        with np.errstate(invalid="ignore"):
            a, b = first >= least, second >= least
        found.append(
            Shares(
                layer=layer,
                both=float((a & b).sum()) * area,
                one_alone=float((a & ~b).sum()) * area,
                other_alone=float((b & ~a).sum()) * area,
            )
        )
    return tuple(found)


def _told(name: str, value: object) -> str:
    if isinstance(value, Enum):
        return value.name.lower().replace("_", "-")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        factor, unit = UNITS.get(name, (1.0, "dB" if name.endswith("_db") else ""))
        if math.isnan(value):
            return "not measured"
        return f"{value * factor:.6g} {unit}".rstrip()
    return str(value)


def _schedule(design: RadarDesign) -> str:
    low = min(beam.centre - 0.5 * beam.width for beam in design.beams) * DEGREE
    high = max(beam.centre + 0.5 * beam.width for beam in design.beams) * DEGREE
    pulses = sum(beam.pulses * beam.intervals for beam in design.beams)
    return f"{len(design.beams)} from {low:.1f}° to {high:.1f}°, {pulses} pulses"
