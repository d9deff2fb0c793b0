"""WGS 84 geodesy on arrays: geodetic, earth-centred (ECEF) and local east-north-up (ENU).

Frames and signs are those of ``docs/conventions.md``: latitude and longitude in radians, heights
in metres above the ellipsoid, ECEF in metres, azimuth clockwise from true north, elevation up
from the local horizontal. Every function broadcasts over leading dimensions and accepts scalars.

Sources: NIMA TR8350.2 (WGS 84 constants); Bowring 1985 (ECEF to geodetic);
IOGP 373-7-2 §4.1 (topocentric conversions).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SEMI_MAJOR = 6_378_137.0
FLATTENING = 1.0 / 298.257223563
SEMI_MINOR = SEMI_MAJOR * (1.0 - FLATTENING)
ECCENTRICITY_SQ = FLATTENING * (2.0 - FLATTENING)
SECOND_ECCENTRICITY_SQ = ECCENTRICITY_SQ / (1.0 - ECCENTRICITY_SQ)
MEAN_RADIUS = 6_371_008.7714


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFrame:
    """Hold one local tangent frame: its origin in ECEF and the rotation ECEF → ENU.

    Attributes:
        origin: ``(3,)`` ECEF of the origin [m].
        rotation: ``(3, 3)``; its rows are the unit vectors east, north, up in ECEF.
    """

    origin: Array
    rotation: Array


def ecef_from_geodetic(lat: ArrayLike, lon: ArrayLike, height: ArrayLike = 0.0) -> Array:
    """Convert geodetic positions to ECEF.

    Args:
        lat: Latitude [rad].
        lon: Longitude [rad].
        height: Height above the ellipsoid [m].

    Returns:
        ``(..., 3)`` ECEF [m].

    >>> ecef_from_geodetic(0.0, 0.0, 0.0).tolist()
    [6378137.0, 0.0, 0.0]
    """
    lat, lon, height = np.broadcast_arrays(
        np.asarray(lat, float), np.asarray(lon, float), np.asarray(height, float)
    )
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    normal = SEMI_MAJOR / np.sqrt(1.0 - ECCENTRICITY_SQ * sin_lat**2)
    across = (normal + height) * cos_lat
    return np.stack(
        (
            across * np.cos(lon),
            across * np.sin(lon),
            (normal * (1.0 - ECCENTRICITY_SQ) + height) * sin_lat,
        ),
        axis=-1,
    )


def geodetic_from_ecef(position: ArrayLike) -> tuple[Array, Array, Array]:
    """Convert ECEF to geodetic by Bowring's method, iterated twice (< 1 µm up to 1,000 km high).

    Args:
        position: ``(..., 3)`` ECEF [m]; further columns (a velocity, say) are ignored.

    Returns:
        Latitude [rad], longitude [rad], height above the ellipsoid [m], each ``(...)``.
    """
    position = np.asarray(position, float)
    x, y, z = position[..., 0], position[..., 1], position[..., 2]
    across = np.hypot(x, y)
    reduced = np.arctan2(z, (1.0 - FLATTENING) * across)
    for _ in range(2):
        lat = np.arctan2(
            z + SECOND_ECCENTRICITY_SQ * SEMI_MINOR * np.sin(reduced) ** 3,
            across - ECCENTRICITY_SQ * SEMI_MAJOR * np.cos(reduced) ** 3,
        )
        reduced = np.arctan2((1.0 - FLATTENING) * np.sin(lat), np.cos(lat))
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    height = (
        across * cos_lat + z * sin_lat - SEMI_MAJOR * np.sqrt(1.0 - ECCENTRICITY_SQ * sin_lat**2)
    )
    return lat, np.arctan2(y, x), height


def enu_rotation(lat: ArrayLike, lon: ArrayLike) -> Array:
    """Give the rotation ECEF → ENU at each place: ``(..., 3, 3)``, rows east, north, up."""
    lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
    sin_lat, cos_lat, sin_lon, cos_lon = np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon)
    zero = np.zeros_like(sin_lat)
    east = np.stack((-sin_lon, cos_lon, zero), axis=-1)
    north = np.stack((-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat), axis=-1)
    up = np.stack((cos_lat * cos_lon, cos_lat * sin_lon, sin_lat), axis=-1)
    return np.stack((east, north, up), axis=-2)


def local_frame(lat: float, lon: float, height: float = 0.0) -> LocalFrame:
    """Make the ENU frame at one place (radians, metres above the ellipsoid)."""
    return LocalFrame(origin=ecef_from_geodetic(lat, lon, height), rotation=enu_rotation(lat, lon))


def enu_from_ecef(position: ArrayLike, frame: LocalFrame) -> Array:
    """Express ECEF ``(..., 3)`` [m] in a local frame: east, north, up ``(..., 3)`` [m]."""
    return (np.asarray(position, float) - frame.origin) @ frame.rotation.T


def ecef_from_enu(local: ArrayLike, frame: LocalFrame) -> Array:
    """Express local east, north, up ``(..., 3)`` [m] in ECEF ``(..., 3)`` [m]."""
    return np.asarray(local, float) @ frame.rotation + frame.origin


def enu_from_spherical(slant_range: ArrayLike, azimuth: ArrayLike, elevation: ArrayLike) -> Array:
    """Turn a radar's range [m], azimuth [rad] and elevation [rad] into ENU ``(..., 3)`` [m]."""
    slant_range, azimuth, elevation = np.broadcast_arrays(
        np.asarray(slant_range, float), np.asarray(azimuth, float), np.asarray(elevation, float)
    )
    ground = slant_range * np.cos(elevation)
    return np.stack(
        (ground * np.sin(azimuth), ground * np.cos(azimuth), slant_range * np.sin(elevation)),
        axis=-1,
    )


def spherical_from_enu(local: ArrayLike) -> tuple[Array, Array, Array]:
    """Give range [m], azimuth [rad, 0…2π] and elevation [rad] of ENU positions ``(..., 3)``."""
    local = np.asarray(local, float)
    east, north, up = local[..., 0], local[..., 1], local[..., 2]
    ground = np.hypot(east, north)
    return (
        np.hypot(ground, up),
        np.mod(np.arctan2(east, north), 2.0 * np.pi),
        np.arctan2(up, ground),
    )
