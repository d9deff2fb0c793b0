"""Which directions a sensor covers: one rule for maps, screens, budgets and the simulator."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

EDGE = 1e-9  # [rad]; rounding must not lose a target that stands on either edge


def in_sector(azimuth: ArrayLike, start: float, width: float) -> NDArray[np.bool_]:
    """Say which azimuths lie in a sector, both edges included; NaN lies in none.

    Args:
        azimuth: Clockwise from north [rad], any shape and any turn.
        start: Where the sector begins, clockwise from north [rad].
        width: How far it goes on clockwise [rad]; 2π for all round.

    >>> in_sector(np.radians([350.0, 10.0, 20.0]), math.radians(340.0), math.radians(40.0)).tolist()
    [True, True, True]
    >>> in_sector(np.radians([339.9, 20.1]), math.radians(340.0), math.radians(40.0)).tolist()
    [False, False]
    """
    turned = np.mod(np.asarray(azimuth, float) - start + EDGE, 2.0 * math.pi)
    return np.asarray(turned <= width + 2.0 * EDGE)
