"""Which heights were measured, and which are only assumed.

A radar without elevation gives no height; the tracker then carries an assumption with a wide
standard deviation. The picture must not show an assumption as if somebody had measured it.
"""

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import TargetClass

Array = NDArray[np.float64]

SURE_WITHIN = 60.0
SURE_SHARE = 0.2
FLYING_ABOVE = 60.0
FLYING_SIGMA = 40.0
ON_GROUND = np.array([TargetClass.WALKER, TargetClass.RIDER, TargetClass.VEHICLE], np.uint8)


def upward_sigma(up: Array, cov: Array) -> Array:
    """Give the vertical standard deviation ``(n,)`` [m].

    Args:
        up: ``(n, 3)`` unit vectors up at each track, ECEF.
        cov: ``(n, 3, 3)`` position covariance, ECEF [m²].
    """
    variance: Array = np.einsum("ni,nij,nj->n", up, cov, up)
    sigma: Array = np.sqrt(np.maximum(variance, 0.0))
    return sigma


def measured(above_ground: Array, sigma: Array) -> NDArray[np.bool_]:
    """Tell heights that are known from heights that are assumed.

    Known means to 60 m, or to a fifth of the height above ground, whichever is more.

    Args:
        above_ground: ``(n,)`` height above ground, or above sea level where that is unknown [m].
        sigma: ``(n,)`` its standard deviation [m].
    """
    known: NDArray[np.bool_] = sigma <= np.maximum(SURE_WITHIN, SURE_SHARE * above_ground)
    return known


def surely_flying(above_ground: Array, sigma: Array) -> NDArray[np.bool_]:
    """Tell what was measured so well and so high that it cannot walk, ride or drive.

    Whatever moves like something on the ground is taken to be there unless this says otherwise.

    Args:
        above_ground: ``(n,)`` height above ground [m].
        sigma: ``(n,)`` its standard deviation [m].
    """
    high: NDArray[np.bool_] = above_ground > FLYING_ABOVE + 2.0 * sigma
    return high & (sigma <= FLYING_SIGMA)
