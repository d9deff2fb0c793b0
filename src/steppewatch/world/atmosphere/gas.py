"""What oxygen and water vapour take from a ray: Recommendation ITU-R P.676-13, Annex 1.

Line by line: 44 lines of oxygen, 35 of water vapour and the dry continuum. The loss of a path is
the integral of the specific attenuation along the ray, through the profile of the site's season.
"""

import csv
import functools
import importlib.resources
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere.refraction import ray_table
from steppewatch.world.atmosphere.site import Atmosphere
from steppewatch.world.geodesy import MEAN_RADIUS

Array = NDArray[np.float64]

LOWEST_HZ, HIGHEST_HZ = 1e8, 350e9
TOP = 40_000.0  # [m]; above it there is nothing to absorb
HEIGHTS = 405
NODES, NEAR = 192, 300.0  # of range; [m] to the first
ELEVATIONS = 0.03 * np.sinh(
    np.linspace(math.asinh(math.radians(-8.0) / 0.03), math.asinh(0.5 * math.pi / 0.03), 96)
)


@functools.cache
def _lines() -> tuple[Array, Array]:
    """Read Tables 1 and 2: ``(7, n)`` frequency [GHz] and six coefficients, oxygen and vapour."""
    text = importlib.resources.files("steppewatch.world").joinpath("data/p676_lines.csv")
    rows = list(csv.reader(r for r in text.read_text("utf-8").splitlines() if r[:1] != "#"))
    oxygen, vapour = (
        np.array([[float(v) for v in row[1:]] for row in rows if row[0].startswith(gas)]).T
        for gas in ("oxygen", "water")
    )
    return oxygen, vapour


def specific_attenuation(
    frequency: float, temperature: ArrayLike, dry_pressure: ArrayLike, vapour_density: ArrayLike
) -> Array:
    """Give what moist air takes from a wave [dB/km] (P.676-13, eqs. 1–9).

    Args:
        frequency: [Hz], 100 MHz to 350 GHz.
        temperature: ``(n,)`` [K].
        dry_pressure: ``(n,)`` without water vapour [hPa].
        vapour_density: ``(n,)`` [g/m³].

    Returns:
        ``(n,)`` [dB/km].

    Raises:
        WorldError: The frequency is out of range.

    >>> round(float(specific_attenuation(10e9, 288.15, 1013.25, 7.5)), 8)
    0.01419854
    """
    _check(frequency)
    f = frequency / 1e9
    temperature, p, rho = (
        np.asarray(v, float)[..., None] for v in (temperature, dry_pressure, vapour_density)
    )
    theta = 300.0 / temperature
    e = rho * temperature / 216.7
    oxygen, vapour = _lines()
    f0, a1, a2, a3, a4, a5, a6 = oxygen
    strength = a1 * 1e-7 * p * theta**3 * np.exp(a2 * (1.0 - theta))
    width = a3 * 1e-4 * (p * theta ** (0.8 - a4) + 1.1 * e * theta)
    width = np.sqrt(width**2 + 2.25e-6)
    shift = (a5 + a6 * theta) * 1e-4 * (p + e) * theta**0.8
    total = (strength * _shape(f, f0, width, shift)).sum(axis=-1)
    f0, b1, b2, b3, b4, b5, b6 = vapour
    strength = b1 * 0.1 * e * theta**3.5 * np.exp(b2 * (1.0 - theta))
    width = b3 * 1e-4 * (p * theta**b4 + b5 * e * theta**b6)
    width = 0.535 * width + np.sqrt(0.217 * width**2 + 2.1316e-12 * f0**2 / theta)
    total = total + (strength * _shape(f, f0, width, 0.0)).sum(axis=-1)
    p, e, theta = p[..., 0], e[..., 0], theta[..., 0]
    d = 5.6e-4 * (p + e) * theta**0.8
    dry = 6.14e-5 / (d * (1.0 + (f / d) ** 2)) + 1.4e-12 * p * theta**1.5 / (1.0 + 1.9e-5 * f**1.5)
    return np.asarray(0.1820 * f * (total + f * p * theta**2 * dry))


def _shape(f: float, f0: Array, width: Array, shift: Array | float) -> Array:
    """Give the line shape (eq. 5)."""
    below, above = f0 - f, f0 + f
    return np.asarray(
        f
        / f0
        * (
            (width - shift * below) / (below**2 + width**2)
            + (width - shift * above) / (above**2 + width**2)
        )
    )


@functools.lru_cache(maxsize=64)
def _table(air: Atmosphere, frequency: float, antenna: float, far: float) -> Array:
    """Integrate along bent rays by Simpson's rule: ``(elevations, nodes)`` one-way loss [dB]."""
    heights = np.linspace(-500.0, TOP, HEIGHTS)
    temperature, pressure, vapour = air.profile(heights)
    dry = pressure - vapour * temperature / 216.7
    specific = specific_attenuation(frequency, temperature, dry, vapour)
    ends = _nodes(far)
    s = np.empty(2 * NODES - 1)
    s[::2], s[1::2] = ends, 0.5 * (ends[1:] + ends[:-1])
    along = np.interp(_heights(air, antenna, s), heights, specific, right=0.0)
    steps = (along[:, :-1:2] + 4.0 * along[:, 1::2] + along[:, 2::2]) * np.diff(ends) / 6e3
    return np.concatenate((np.zeros((len(ELEVATIONS), 1)), np.cumsum(steps, axis=1)), axis=1)


def _heights(air: Atmosphere, antenna: float, s: Array) -> Array:
    """Give ``(elevations, ranges)`` heights [m] of bent rays; far out, of the effective earth's."""
    radius = air.k * MEAN_RADIUS + antenna
    sin = np.sin(ELEVATIONS)[:, None]
    height = np.sqrt(radius**2 + s**2 + 2.0 * radius * s * sin) - radius + antenna
    bent = ray_table(air, antenna).target_height(s, ELEVATIONS[:, None])
    return np.where(np.isnan(bent), height, bent)


def _nodes(far: float) -> Array:
    """Space the nodes of range geometrically, after the first few hundred metres."""
    return np.asarray(NEAR * np.expm1(np.linspace(0.0, math.log1p(far / NEAR), NODES)))


def gas_loss_db(
    atmosphere: Atmosphere,
    frequency: float,
    antenna_height: float,
    slant_range: ArrayLike,
    elevation: ArrayLike,
) -> Array:
    """Give the one-way loss in gas along rays from an antenna [dB].

    Args:
        atmosphere: Of the site.
        frequency: [Hz].
        antenna_height: [m above mean sea level].
        slant_range: [m].
        elevation: At the antenna [rad], broadcast; NaN in either gives NaN.

    Raises:
        WorldError: The frequency is out of range.
    """
    _check(frequency)
    slant, angle = np.broadcast_arrays(np.asarray(slant_range, float), np.asarray(elevation, float))
    known = np.isfinite(slant) & np.isfinite(angle)
    slant, angle = np.where(known, slant, 0.0), np.where(known, angle, 0.0)
    far = 1e5 * math.ceil(float(np.max(slant, initial=1.0)) / 1e5)
    table = _table(atmosphere, float(frequency), float(antenna_height), far)
    col = np.log1p(slant / NEAR) * ((NODES - 1) / math.log1p(far / NEAR))
    col = np.clip(col, 0.0, NODES - 1.001)
    row = np.interp(angle, ELEVATIONS, np.arange(len(ELEVATIONS)))
    row = np.clip(row, 0.0, len(ELEVATIONS) - 1.001)
    i, j = row.astype(int), col.astype(int)
    a, b = row - i, col - j
    low = table[i, j] + b * (table[i, j + 1] - table[i, j])
    high = table[i + 1, j] + b * (table[i + 1, j + 1] - table[i + 1, j])
    return np.where(known, low + a * (high - low), np.nan)


def _check(frequency: float) -> None:
    if not LOWEST_HZ <= frequency <= HIGHEST_HZ:
        raise WorldError(
            f"frequency is {frequency:g} Hz, expected {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz: is it in "
            "MHz or GHz?"
        )
