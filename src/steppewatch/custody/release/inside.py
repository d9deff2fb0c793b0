"""Whether places lie inside an area."""

import numpy as np
from numpy.typing import NDArray


def inside(
    corners: NDArray[np.float64], lat: NDArray[np.float64], lon: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which places ``(n,)`` [rad] lie in a polygon ``(k, 2)`` of latitude and longitude [rad].

    Edges are straight in latitude and longitude; even-odd rule. An area must not cross the date
    line. Fewer than three corners hold nothing.

    >>> square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    >>> inside(square, np.array([0.5, 2.0]), np.array([0.5, 0.5])).tolist()
    [True, False]
    """
    odd = np.zeros(len(lat), bool)
    if len(corners) < 3:
        return odd
    places: list[list[float]] = corners.tolist()
    for (lat_a, lon_a), (lat_b, lon_b) in zip([places[-1], *places[:-1]], places, strict=True):
        if lat_a == lat_b:
            continue
        crosses = (lat_a > lat) != (lat_b > lat)
        at = lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a)
        odd ^= crosses & (lon < at)
    return odd
