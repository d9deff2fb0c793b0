"""What rain and cloud take from a ray: Recommendations ITU-R P.838-3, P.837, P.839, P.840.

Rain falls below the rain height, and hard rain in cells of some kilometres, not along 200 km: of
the ground length d of the wet path, ``d / (1 + d/d0)`` counts, ``d0 = 35 exp(−0.015 R)`` km
(P.530-8 to -12, §2.4.1). The later form of P.530-17 is fitted to links of up to 60 km at 0.01 %
and is not monotone beyond, so links have it (``sense.radio``), radars do not.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere.site import Atmosphere
from steppewatch.world.geodesy import MEAN_RADIUS

Array = NDArray[np.float64]

# P.838-3, Tables 1 to 4: rows a, b, c of each Gaussian term, then slope m and offset.
_K_H = ((-5.33980, -0.35351, -0.23789, -0.94158), (-0.10008, 1.26970, 0.86036, 0.64552),
        (1.13098, 0.45400, 0.15354, 0.16817), -0.18961, 0.71147)  # fmt: skip
_K_V = ((-3.80595, -3.44965, -0.39902, 0.50167), (0.56934, -0.22911, 0.73042, 1.07319),
        (0.81061, 0.51059, 0.11899, 0.27195), -0.16398, 0.63297)  # fmt: skip
_A_H = ((-0.14318, 0.29591, 0.32177, -5.37610, 16.1721),
        (1.82442, 0.77564, 0.63773, -0.96230, -3.29980),
        (-0.55187, 0.19822, 0.13164, 1.47828, 3.43990), 0.67849, -1.95537)  # fmt: skip
_A_V = ((-0.07771, 0.56727, -0.20238, -48.2991, 48.5833),
        (2.33840, 0.95545, 1.14520, 0.791669, 0.791459),
        (-0.76284, 0.54039, 0.26809, 0.116226, 0.116479), -0.053739, 0.83433)  # fmt: skip
LOWEST_HZ, HIGHEST_HZ = 1e9, 1e12
CELL_KM, MOST_RAIN = 35.0, 100.0  # of P.530's path length factor: [km], [mm/h]
LEAST_CLOUD_PERCENT = 0.1  # the lowest that P.840 maps
CLOUD_BASE, CLOUD_TOP = 1_500.0, 2_500.0  # [m above ground], assumed
HORIZONTAL, CIRCULAR, VERTICAL = 0.0, math.pi / 4, math.pi / 2


def rain_climate(lat: float, lon: float, percent: float) -> tuple[float, float, float]:
    """Read the maps: rain rate [mm/h], rain height [m], cloud water [kg/m²] (P.837, 839, 840).

    Args:
        lat: Latitude [rad].
        lon: Longitude [rad].
        percent: Of an average year in which it rains harder [%].
    """
    from itur.models.itu837 import rainfall_rate  # noqa: PLC0415 (seconds to load)
    from itur.models.itu839 import rain_height  # noqa: PLC0415
    from itur.models.itu840 import columnar_content_reduced_liquid  # noqa: PLC0415

    place = math.degrees(lat), math.degrees(lon) % 360.0
    cloud = columnar_content_reduced_liquid(*place, max(percent, LEAST_CLOUD_PERCENT))
    return (
        float(rainfall_rate(*place, percent).value),
        1e3 * float(rain_height(*place).value),
        float(cloud.value),
    )


def rain_coefficients(frequency: float, elevation: ArrayLike, tilt: float) -> tuple[Array, Array]:
    """Give k and α of ``γ = k R^α`` [dB/km, R in mm/h] (P.838-3).

    Args:
        frequency: [Hz], 1 GHz to 1 THz.
        elevation: Of the path [rad].
        tilt: Of the polarisation from the horizontal [rad]; π/4 for circular.

    Raises:
        WorldError: The frequency is out of range.

    >>> k, alpha = rain_coefficients(10e9, 0.0, 0.0)
    >>> round(float(k), 6), round(float(alpha), 4)
    (0.012167, 1.2571)
    """
    if not LOWEST_HZ <= frequency <= HIGHEST_HZ:
        raise WorldError(
            f"frequency is {frequency:g} Hz, expected {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz for rain"
        )
    log = math.log10(frequency / 1e9)

    def curve(terms: tuple[tuple[float, ...], ...] | tuple[object, ...]) -> float:
        a, b, c, slope, offset = terms
        gauss = np.asarray(a) * np.exp(-(((log - np.asarray(b)) / np.asarray(c)) ** 2))
        return float(gauss.sum() + slope * log + offset)  # type: ignore[operator]

    k_h, k_v, a_h, a_v = 10 ** curve(_K_H), 10 ** curve(_K_V), curve(_A_H), curve(_A_V)
    mix = np.cos(np.asarray(elevation, float)) ** 2 * math.cos(2.0 * tilt)
    k = (k_h + k_v + (k_h - k_v) * mix) / 2.0
    alpha = (k_h * a_h + k_v * a_v + (k_h * a_h - k_v * a_v) * mix) / (2.0 * k)
    return k, alpha


def rain_loss_db(
    atmosphere: Atmosphere,
    frequency: float,
    antenna_height: float,
    slant_range: ArrayLike,
    elevation: ArrayLike,
    tilt: float = HORIZONTAL,
) -> Array:
    """Give the one-way loss in rain [dB]; 0 in dry air.

    Args:
        atmosphere: Of the site, made with a rain percentage.
        frequency: [Hz]; below 1 GHz the loss is that at 1 GHz, an upper bound near nothing.
        antenna_height: [m above mean sea level].
        slant_range: [m].
        elevation: At the antenna [rad], broadcast.
        tilt: Of the polarisation from the horizontal [rad].
    """
    slant, angle = np.broadcast_arrays(np.asarray(slant_range, float), np.asarray(elevation, float))
    if atmosphere.rain_rate <= 0.0:
        return np.zeros(slant.shape)
    k, alpha = rain_coefficients(max(frequency, LOWEST_HZ), angle, tilt)
    specific = k * atmosphere.rain_rate**alpha
    wet = _below(atmosphere, antenna_height, slant, angle, atmosphere.rain_height)
    cell = CELL_KM * math.exp(-0.015 * min(atmosphere.rain_rate, MOST_RAIN))
    share = 1.0 / (1.0 + wet / 1e3 * np.cos(angle) / cell)
    return np.asarray(specific * wet / 1e3 * share)


def cloud_coefficient(frequency: float, temperature: float = 273.15) -> float:
    """Give the mass absorption of cloud water [(dB/km)/(g/m³)] (P.840-8, eqs. 2–9).

    Args:
        frequency: [Hz].
        temperature: Of the droplets [K].

    >>> round(cloud_coefficient(30e9), 2)
    0.77
    """
    f, theta = frequency / 1e9, 300.0 / temperature
    e0 = 77.66 + 103.3 * (theta - 1.0)
    e1, e2 = 0.0671 * e0, 3.52
    first = 20.20 - 146.0 * (theta - 1.0) + 316.0 * (theta - 1.0) ** 2
    second = 39.8 * first
    loss = f * (e0 - e1) / (first * (1.0 + (f / first) ** 2)) + f * (e1 - e2) / (
        second * (1.0 + (f / second) ** 2)
    )
    real = (e0 - e1) / (1.0 + (f / first) ** 2) + (e1 - e2) / (1.0 + (f / second) ** 2) + e2
    eta = (2.0 + real) / loss
    return float(0.819 * f / (loss * (1.0 + eta**2)))


def cloud_loss_db(
    atmosphere: Atmosphere,
    frequency: float,
    antenna_height: float,
    slant_range: ArrayLike,
    elevation: ArrayLike,
) -> Array:
    """Give the one-way loss in cloud [dB], its water spread from 1.5 to 2.5 km above ground."""
    slant, angle = np.broadcast_arrays(np.asarray(slant_range, float), np.asarray(elevation, float))
    if atmosphere.cloud_liquid <= 0.0:
        return np.zeros(slant.shape)
    base, top = atmosphere.height + CLOUD_BASE, atmosphere.height + CLOUD_TOP
    inside = _below(atmosphere, antenna_height, slant, angle, top) - _below(
        atmosphere, antenna_height, slant, angle, base
    )
    density = 1e3 * atmosphere.cloud_liquid / (CLOUD_TOP - CLOUD_BASE)  # [g/m³]
    return np.asarray(cloud_coefficient(frequency) * density * np.maximum(inside, 0.0) / 1e3)


def _below(air: Atmosphere, antenna: float, slant: Array, elevation: Array, top: float) -> Array:
    """Give how much of each ray runs below a height [m], on the effective earth."""
    radius = air.k * MEAN_RADIUS + antenna
    sin = np.sin(elevation)
    rise = top - antenna
    inside = radius**2 * sin**2 + 2.0 * radius * rise + rise**2
    root = np.sqrt(np.maximum(inside, 0.0))
    out = np.maximum(-radius * sin + root, 0.0)  # where the ray leaves through the top
    into = np.maximum(-radius * sin - root, 0.0)  # where one that starts above comes down to it
    length = np.minimum(slant, out) - np.minimum(slant, into)
    return np.where(inside > 0.0, np.maximum(length, 0.0), 0.0)
