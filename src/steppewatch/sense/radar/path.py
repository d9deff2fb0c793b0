"""What the air takes on the way: gas and rain between a site and its targets, tabulated.

Nodes stand even in the logarithm of range and in elevation, so that a target needs one logarithm
and one bilinear interpolation. Losses are two-way.
"""

import math
from dataclasses import dataclass

import numpy as np

from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.detection import Array
from steppewatch.world.atmosphere import Atmosphere, cloud_loss_db, gas_loss_db, rain_loss_db

RANGES = 48
NEAREST = 30.0  # [m]
ELEVATION_STEP = math.radians(0.5)
SPACE = 800_000.0  # [m]; above it nothing absorbs
LOWEST_SKY = math.radians(0.3)  # a beam on the horizon looks at sky from here up
TILT = {"horizontal": 0.0, "vertical": 0.5 * math.pi, "circular": 0.25 * math.pi}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """Hold two-way losses of the air.

    Attributes:
        loss: ``(r, e)`` gas, cloud and rain [dB].
        gas: ``(r, e)`` gas alone [dB].
        ranges: ``(r,)`` slant ranges of the rows [m].
        elevations: ``(e,)`` elevations of the columns [rad].
        grid: Log10 of the first range and its step; first elevation and its step.
    """

    loss: Array
    gas: Array
    ranges: Array
    elevations: Array
    grid: Array


def path_table(design: RadarDesign, atmosphere: Atmosphere | None, height: float) -> Path:
    """Tabulate the two-way losses of a site's air over range and elevation.

    Args:
        design: The radar.
        atmosphere: None for a vacuum.
        height: Of the antenna above sea level [m].
    """
    first = math.log10(max(design.min_range, NEAREST))
    logs = np.linspace(first, math.log10(design.max_range), RANGES)
    low, high = design.elevation_min, design.elevation_max
    elevations = np.linspace(low, high, max(2, math.ceil((high - low) / ELEVATION_STEP) + 1))
    ranges = 10.0**logs
    shape = (len(ranges), len(elevations))
    grid = np.array([first, logs[1] - logs[0], low, elevations[1] - elevations[0]])
    gas = np.zeros(shape)
    other = np.zeros(shape)
    if atmosphere is not None:
        slant, up = np.broadcast_arrays(ranges[:, None], elevations[None, :])
        gas = 2.0 * np.asarray(gas_loss_db(atmosphere, design.frequency, height, slant, up))
        other = weather_loss_db(design, atmosphere, height, slant, up)
    return Path(loss=gas + other, gas=gas, ranges=ranges, elevations=elevations, grid=grid)


def weather_loss_db(
    design: RadarDesign, atmosphere: Atmosphere, height: float, slant: Array, elevation: Array
) -> Array:
    """Give the two-way loss of rain and cloud [dB]; 0 in a dry atmosphere."""
    rain = rain_loss_db(
        atmosphere, design.frequency, height, slant, elevation, TILT[design.polarisation]
    )
    cloud = cloud_loss_db(atmosphere, design.frequency, height, slant, elevation)
    return np.asarray(2.0 * (np.asarray(rain) + np.asarray(cloud)))


def sky_loss_db(
    design: RadarDesign, atmosphere: Atmosphere | None, height: float, elevation: float
) -> float:
    """Give the one-way loss between the antenna and space along a beam's axis [dB]."""
    if atmosphere is None:
        return 0.0
    up = np.array([max(elevation, LOWEST_SKY)])
    return float(gas_loss_db(atmosphere, design.frequency, height, np.array([SPACE]), up)[0])
