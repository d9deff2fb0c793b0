"""How much of an antenna's gain a direction gets: main lobe, side lobes, cosecant-squared, tilt.

The main lobe is Gaussian, −12 (Δ/θ₃)² dB, 3 dB down at half the width each way (the form of ITU-R
M.1851 for unknown illuminations, and within 0.5 dB of uniform and tapered apertures down to
−10 dB). Below ``sidelobe_db`` all directions get that floor, which is an average of side lobes,
not their peaks. A cosecant-squared antenna holds ``sin²θ₁/sin²θ`` above its lower edge θ₁, so that
a target of constant height is seen alike at all ranges (Skolnik, *Introduction to Radar Systems*,
3rd ed., §9.11).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.radar.design import Beam, RadarDesign
from steppewatch.sense.radar.detection import Array

HALF_POWER_DB = 10.0 * math.log10(2.0)


def lobe_db(offset: ArrayLike, width: float) -> Array:
    """Give the one-way main lobe against its peak [dB]; −3.01 at half the width.

    Args:
        offset: Angle from the axis [rad], any shape.
        width: One-way 3 dB width [rad].
    """
    return np.asarray(-4.0 * HALF_POWER_DB * (np.asarray(offset, float) / width) ** 2)


def elevation_db(design: RadarDesign, beam: Beam, elevation: ArrayLike) -> Array:
    """Give the one-way pattern in elevation against the beam's own peak [dB].

    Args:
        design: The radar.
        beam: One of its beams.
        elevation: Above the antenna's horizontal [rad], any shape.

    >>> from steppewatch.sense.radar.library import radar_design
    >>> radar = radar_design("atc-2d")
    >>> low, high = elevation_db(radar, radar.beams[0], np.radians([10.0, 20.0]))
    >>> round(float(high - low), 2)  # sin² 10° / sin² 20°
    -5.89
    """
    elevation = np.asarray(elevation, float)
    axis = beam.centre + design.tilt
    pattern = lobe_db(elevation - axis, beam.width)
    if design.pattern == "csc2":
        edge = axis + 0.5 * beam.width
        shaped = -HALF_POWER_DB + 20.0 * np.log10(
            math.sin(edge) / np.sin(np.clip(elevation, edge, 0.5 * math.pi))
        )
        inside = (elevation > edge) & (elevation <= design.elevation_max + design.tilt)
        pattern = np.where(inside, shaped, pattern)
    return np.asarray(np.maximum(pattern, design.sidelobe_db))


def two_way_db(design: RadarDesign, beam: Beam, elevation: ArrayLike) -> Array:
    """Give transmit and receive pattern together against the beam's own peak [dB].

    Stacked beams are formed on receive alone: their group is flooded by one transmit pattern,
    flat from its lowest to its highest axis; ``tx_change_db`` says what the flooding costs.
    """
    receive = elevation_db(design, beam, elevation)
    group = [other for other in design.beams if other.group == beam.group]
    if len(group) == 1:
        return 2.0 * receive
    return receive + np.maximum(_flood_db(group, design.tilt, elevation), design.sidelobe_db)


def azimuth_db(design: RadarDesign, offset: ArrayLike) -> Array:
    """Give the one-way pattern in azimuth against its peak [dB]; ``offset`` from the axis [rad]."""
    return np.asarray(np.maximum(lobe_db(offset, design.azimuth_width), design.sidelobe_db))


def _flood_db(group: list[Beam], tilt: float, elevation: ArrayLike) -> Array:
    """Give the transmit pattern that floods a stack: flat over it, Gaussian at its edges."""
    low = min(group, key=lambda beam: beam.centre)
    high = max(group, key=lambda beam: beam.centre)
    elevation = np.asarray(elevation, float) - tilt
    below = lobe_db(np.minimum(elevation - low.centre, 0.0), low.width)
    above = lobe_db(np.maximum(elevation - high.centre, 0.0), high.width)
    return np.asarray(below + above)
