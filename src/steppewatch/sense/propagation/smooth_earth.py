"""Diffraction round a smooth earth: Recommendation ITU-R P.526-15, §3.1 and §3.2.

Beyond the horizon the first term of the residue series holds; between the horizon and 60 % of
Fresnel clearance the loss is interpolated, within it there is none. The Recommendation's rounded
constants are kept, so that results agree with other implementations of it to 0.001 dB.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.sense.propagation.ground import SPEED_OF_LIGHT, Ground, find_ground

Array = NDArray[np.float64]


def smooth_earth_db(
    distance: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    wavelength: float,
    effective_radius: float,
    *,
    vertical: bool,
    ground: Ground,
    water_share: float = 0.0,
) -> Array:
    """Give the one-way diffraction loss between two antennas over a smooth earth [dB] (§3.2).

    Args:
        distance: ``(...)`` [m].
        start: ``(...)`` one antenna above the surface [m].
        end: ``(...)`` the other antenna above the surface [m].
        wavelength: [m].
        effective_radius: ``k a`` [m].
        vertical: Polarisation.
        ground: Kind of ground.
        water_share: Share of the path over the sea, 0 to 1.
    """
    d, h1, h2 = np.broadcast_arrays(*[np.asarray(v, float) for v in (distance, start, end)])
    kind = {"vertical": vertical, "ground": ground, "water_share": water_share}
    beyond = first_term_db(d, h1, h2, wavelength, effective_radius, **kind)  # type: ignore[arg-type]
    sight = np.sqrt(2.0 * effective_radius) * (np.sqrt(h1) + np.sqrt(h2))
    with np.errstate(divide="ignore", invalid="ignore"):
        clearance, split = _clearance(d, h1, h2, effective_radius)
        needed = 0.552 * np.sqrt(np.maximum(split * (d - split), 0.0) * wavelength / d)
        bent = 0.5 * (d / (np.sqrt(h1) + np.sqrt(h2))) ** 2
        at_horizon = first_term_db(d, h1, h2, wavelength, bent, **kind)  # type: ignore[arg-type]
        between = (1.0 - clearance / needed) * np.maximum(at_horizon, 0.0)
    lit = np.where(clearance > needed, 0.0, between)
    loss = np.where(d >= sight, beyond, lit)
    return np.where(np.isfinite(d + h1 + h2), loss, np.nan)


def first_term_db(
    distance: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    wavelength: float,
    effective_radius: ArrayLike,
    *,
    vertical: bool,
    ground: Ground,
    water_share: float = 0.0,
) -> Array:
    """Give the first term of the residue series [dB] (§3.1.1.2); arguments as above.

    ``effective_radius`` may be an array here: the method asks for the radius at which the two
    antennas would just see each other.
    """
    loss = _one_ground(distance, start, end, wavelength, effective_radius, vertical, ground)
    if water_share <= 0.0:
        return loss
    sea = find_ground("sea")
    wet = _one_ground(distance, start, end, wavelength, effective_radius, vertical, sea)
    return np.asarray(water_share * wet + (1.0 - water_share) * loss)


def _one_ground(
    distance: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    wavelength: float,
    effective_radius: ArrayLike,
    vertical: bool,
    ground: Ground,
) -> Array:
    mhz = SPEED_OF_LIGHT / wavelength / 1e6
    radius = np.asarray(effective_radius, float) / 1e3
    admittance = 0.36 * (radius * mhz) ** (-1.0 / 3.0)
    loss = 18_000.0 * ground.conductivity / mhz
    k = admittance * ((ground.permittivity - 1.0) ** 2 + loss**2) ** -0.25
    if vertical:
        k = k * np.sqrt(ground.permittivity**2 + loss**2)
    squared, fourth = k**2, k**4
    beta = (1.0 + 1.6 * squared + 0.67 * fourth) / (1.0 + 4.5 * squared + 1.53 * fourth)
    x = 2.188 * beta * mhz ** (1.0 / 3.0) * radius ** (-2.0 / 3.0) * np.asarray(distance) / 1e3
    per_metre = 9.575e-3 * beta * mhz ** (2.0 / 3.0) * radius ** (-1.0 / 3.0)
    far = np.where(
        x >= 1.6,
        11.0 + 10.0 * np.log10(x) - 17.6 * x,
        -20.0 * np.log10(x) - 5.6488 * x**1.425,
    )
    low, high = (_height_gain(beta * per_metre * np.asarray(h), k) for h in (start, end))
    return np.asarray(-far - low - high)


def _height_gain(b: Array, k: Array) -> Array:
    """Give ``G`` of ``b = β Y`` (eqs. 18 and 18a) [dB], at least ``2 + 20 log K``."""
    tall = np.maximum(b, 2.0) - 1.1
    high = 17.6 * np.sqrt(tall) - 5.0 * np.log10(tall) - 8.0
    low = 20.0 * np.log10(np.maximum(b + 0.1 * b**3, 1e-30))
    return np.asarray(np.maximum(np.where(b > 2.0, high, low), 2.0 + 20.0 * np.log10(k)))


def reflection_point(d: Array, h1: Array, h2: Array, radius: float) -> Array:
    """Give where a smooth earth reflects between two antennas, from the first [m] (§3.2, eq. 22).

    Args:
        d: ``(...)`` distance [m].
        h1: ``(...)`` first antenna above the surface [m].
        h2: ``(...)`` second antenna above the surface [m].
        radius: ``k a`` [m].
    """
    c = (h1 - h2) / (h1 + h2)
    m = d**2 / (4.0 * radius * (h1 + h2))
    turn = np.clip(1.5 * c * np.sqrt(3.0 * m / (m + 1.0) ** 3), -1.0, 1.0)
    b = 2.0 * np.sqrt((m + 1.0) / (3.0 * m)) * np.cos(np.pi / 3.0 + np.arccos(turn) / 3.0)
    return np.asarray(0.5 * d * (1.0 + b))


def _clearance(d: Array, h1: Array, h2: Array, radius: float) -> tuple[Array, Array]:
    """Give the smallest height of the line over the curved earth, and where that is (§3.2)."""
    d1 = reflection_point(d, h1, h2, radius)
    d2 = d - d1
    over = (h1 - d1**2 / (2.0 * radius)) * d2 + (h2 - d2**2 / (2.0 * radius)) * d1
    return over / d, d1
