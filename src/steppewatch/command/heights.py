"""Which heights were measured, and which are only assumed.

A radar without elevation gives no height; the tracker then carries an assumption with a wide
standard deviation. The picture must not show an assumption as if somebody had measured it.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SURE_WITHIN = 60.0
SURE_SHARE = 0.2


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
