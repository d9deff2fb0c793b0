"""Geodesics on the WGS 84 ellipsoid, exact: how far, which way, and what lies between.

Karney's algorithms through PROJ (Karney 2013, "Algorithms for geodesics", J. Geodesy 87): 15 nm.
For many short lines at once see :func:`short_inverse`, a compiled kernel that agrees with it to
less than 1 mm up to 300 km outside the polar caps (82° and beyond).
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.world import kernels
from steppewatch.world.geodesy import Array

if TYPE_CHECKING:
    from pyproj import Geod

_ELLIPSOID: list["Geod"] = []


def _geod() -> "Geod":
    """Load PROJ when first asked (0.2 s)."""
    if not _ELLIPSOID:
        from pyproj import Geod  # noqa: PLC0415 (slow to import)

        _ELLIPSOID.append(Geod(ellps="WGS84"))
    return _ELLIPSOID[0]


def _broadcast(*values: ArrayLike) -> list[Array]:
    """Make contiguous float arrays of one shape: PROJ wants them all alike."""
    arrays = np.broadcast_arrays(*[np.asarray(v, float) for v in values])
    return [np.array(a, float, order="C") for a in arrays]


def inverse(
    lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike
) -> tuple[Array, Array, Array]:
    """Measure the geodesic from the first point to the second.

    Args:
        lat1: Latitude of the start [rad].
        lon1: Longitude of the start [rad].
        lat2: Latitude of the end [rad].
        lon2: Longitude of the end [rad].

    Returns:
        Distance [m], azimuth at the start and azimuth at the end (both in the direction of
        travel, clockwise from north, 0…2π) [rad], broadcast.

    >>> import math
    >>> round(float(inverse(0.0, 0.0, 0.0, math.radians(1.0))[0]), 3)
    111319.491
    """
    lat1, lon1, lat2, lon2 = _broadcast(lat1, lon1, lat2, lon2)
    start, back, distance = _geod().inv(lon1, lat1, lon2, lat2, radians=True)
    return (
        np.asarray(distance),
        np.mod(start, 2.0 * np.pi),
        np.mod(np.asarray(back) + np.pi, 2.0 * np.pi),
    )


def direct(
    lat: ArrayLike, lon: ArrayLike, azimuth: ArrayLike, distance: ArrayLike
) -> tuple[Array, Array]:
    """Walk along a geodesic: latitude, longitude [rad] after ``distance`` [m] at ``azimuth``."""
    lat, lon, azimuth, distance = _broadcast(lat, lon, azimuth, distance)
    lon_end, lat_end, _ = _geod().fwd(lon, lat, azimuth, distance, radians=True)
    return np.asarray(lat_end), np.asarray(lon_end)


def interpolate(
    lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike, fraction: ArrayLike
) -> tuple[Array, Array]:
    """Find points on geodesics at a fraction (0 start, 1 end) of their length, broadcast [rad]."""
    distance, azimuth, _ = inverse(lat1, lon1, lat2, lon2)
    return direct(lat1, lon1, azimuth, distance * np.asarray(fraction, float))


def lengths_along(lat: ArrayLike, lon: ArrayLike) -> Array:
    """Measure along a line of points ``(n,)``: ``(n,)`` geodesic metres from its start."""
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    legs = inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])[0]
    return np.concatenate(([0.0], np.cumsum(legs)))


def short_inverse(
    lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike
) -> tuple[Array, Array]:
    """Measure many short lines fast: distance [m] and azimuth at the start [rad, 0…2π].

    For distances up to 300 km and latitudes up to 82°: distance within 1 mm of the geodesic,
    azimuth within 2e-6 rad (1.4 cm across at 100 km). Beyond, use :func:`inverse`.
    """
    arrays = _broadcast(lat1, lon1, lat2, lon2)
    distance, azimuth = np.empty(arrays[0].size), np.empty(arrays[0].size)
    a, b, c, d = (array.ravel() for array in arrays)
    kernels.short_inverse(a, b, c, d, distance, azimuth)
    return distance.reshape(arrays[0].shape), azimuth.reshape(arrays[0].shape)
