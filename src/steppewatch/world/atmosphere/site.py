"""The air over a site: what it is made of, how it bends rays, how much it rains.

Reference profiles of Recommendation ITU-R P.835-6, §1.2–1.3: mid-latitude (22°–45°) and high
latitude (above 45°), summer and winter, as closed forms of height. The Recommendation steps from
one to the other at 45°; so do we.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError

Array = NDArray[np.float64]
Season = Literal["summer", "winter", "year"]

SEASONS: tuple[Season, ...] = ("summer", "winter", "year")
LOW_LATITUDE, HIGH_LATITUDE = math.radians(22.0), math.radians(45.0)
RADIUS_TERM = 157.0  # [N/km], 10⁶ / 6371: the gradient that bends a ray like the earth
LEAST_K, MOST_K = 0.5, 10.0

# Polynomials in height [km] up to a height, a constant above (temperature [K]); pressure [hPa] to
# 10 km, then exp(−rate (h − 10)); water vapour [g/m³] as factor × exp(polynomial).
_PROFILES: dict[str, tuple[tuple[float, ...], float, tuple[float, ...], float, float,
                           tuple[float, ...]]] = {
    "mid-latitude summer": ((294.9838, -5.2159, -0.07109), 13.0,
                            (1012.8186, -111.5569, 3.8646), 0.147,
                            14.3542, (-0.4174, -0.02290, 0.001007)),
    "mid-latitude winter": ((272.7241, -3.6217, -0.1759), 10.0,
                            (1018.8627, -124.2954, 4.8307), 0.147,
                            3.4742, (-0.2697, -0.03604, 0.0004489)),
    "high-latitude summer": ((286.8374, -4.7805, -0.1402), 10.0,
                             (1008.0278, -113.2494, 3.9408), 0.140,
                             8.988, (-0.3614, -0.005402, -0.001955)),
    "high-latitude winter": ((257.4345, 2.3474, -1.5479, 0.08473), 8.5,
                             (1010.8828, -122.2411, 4.554), 0.147,
                             1.2319, (0.07481, -0.0981, 0.00281)),
}  # fmt: skip
_ANNUAL = (288.15, 1013.25, 7.5)  # K, hPa, g/m³ at sea level: the mean global reference, §1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Atmosphere:
    """Describe the air at one site.

    Attributes:
        lat: Latitude [rad].
        lon: Longitude [rad].
        height: Of the ground at the site [m above mean sea level].
        profiles: Names of the P.835 profiles whose mean is taken.
        temperature: At the ground [K].
        pressure: [hPa], water vapour included.
        vapour_density: [g/m³].
        refractivity: Ns at the ground [N units].
        gradient: Change of N in the first kilometre above it [N/km], negative.
        scale_height: Of ``N(h) = Ns exp(−(h − height)/scale_height)`` with that gradient [m].
        k: Effective earth radius factor.
        k_given: True when somebody fixed ``k`` by hand.
        rain_rate: [mm/h]; 0 for dry.
        rain_percent: Of an average year in which it rains harder; NaN for dry.
        rain_height: Below which rain falls [m above mean sea level]; NaN for dry.
        cloud_liquid: Columnar liquid water of cloud [kg/m²].
        label: One line for products.
    """

    lat: float
    lon: float
    height: float
    profiles: tuple[str, ...]
    temperature: float
    pressure: float
    vapour_density: float
    refractivity: float
    gradient: float
    scale_height: float
    k: float
    k_given: bool
    rain_rate: float
    rain_percent: float
    rain_height: float
    cloud_liquid: float
    label: str

    def profile(self, height: ArrayLike) -> tuple[Array, Array, Array]:
        """Give temperature [K], pressure [hPa], water vapour [g/m³] at heights above sea level."""
        if not self.profiles:
            return _standard_profile(height)
        parts = [_profile(name, height) for name in self.profiles]
        mean = [np.mean([part[i] for part in parts], axis=0) for i in range(3)]
        return mean[0], mean[1], mean[2]


def refractivity(temperature: ArrayLike, pressure: ArrayLike, vapour_density: ArrayLike) -> Array:
    """Give N [N units] of air (P.453-14, eq. 6): T [K], total pressure [hPa], vapour [g/m³].

    >>> round(float(refractivity(288.15, 1013.25, 7.5)), 1)
    317.7
    """
    temperature = np.asarray(temperature, float)
    vapour = np.asarray(vapour_density, float) * temperature / 216.7
    dry = np.asarray(pressure, float) - vapour
    return np.asarray(
        77.6 * dry / temperature + 72.0 * vapour / temperature + 3.75e5 * vapour / temperature**2
    )


def surface_gradient(surface_refractivity: float) -> float:
    """Give the mean change of N in the first kilometre [N/km] (P.453-14, §4.1; CRPL 1959)."""
    return -7.32 * math.exp(0.005577 * surface_refractivity)


def effective_k(gradient: float) -> float:
    """Give the effective earth radius factor of a gradient [N/km] (P.834-9, §3).

    >>> round(effective_k(-39.25), 4)
    1.3333
    """
    return RADIUS_TERM / (RADIUS_TERM + gradient)


def site_atmosphere(
    lat: float,
    lon: float,
    height: float,
    *,
    season: Season = "year",
    rain_percent: float | None = None,
    k: float | None = None,
    cloud_liquid: float = 0.0,
) -> Atmosphere:
    """Describe the air at a site by the reference profiles of its latitude and season.

    Args:
        lat: Latitude [rad].
        lon: Longitude [rad].
        height: Of the ground [m above mean sea level].
        season: ``"summer"``, ``"winter"`` or ``"year"``, the mean of both.
        rain_percent: Rain exceeded for this part of an average year [%], by the maps of P.837
            and P.839; None for dry. The maps take seconds to load.
        k: Fixes the effective earth radius factor by hand; the ray table follows it.
        cloud_liquid: Columnar liquid water of cloud [kg/m²].

    Raises:
        WorldError: A figure is out of its range.

    >>> round(site_atmosphere(math.radians(47.9), math.radians(106.9), 1_300.0).k, 2)
    1.27
    """
    _check(lat, height, season, rain_percent, k, cloud_liquid)
    band = "high-latitude" if abs(lat) > HIGH_LATITUDE else "mid-latitude"
    names = tuple(f"{band} {s}" for s in (("summer", "winter") if season == "year" else (season,)))
    rate, top = (0.0, math.nan)
    if rain_percent is not None:
        from steppewatch.world.atmosphere.rain import rain_climate  # noqa: PLC0415 (loads maps)

        rate, top = rain_climate(lat, lon, rain_percent)
    where = f"P.835 {band}, {'mean of summer and winter' if season == 'year' else season}"
    wet = "dry" if rain_percent is None else f"rain {rate:.1f} mm/h ({rain_percent:g} % of a year)"
    return _assemble(
        lat, lon, height, names, where, wet, (rate, rain_percent, top), k, cloud_liquid
    )


def standard_atmosphere(height: float = 0.0) -> Atmosphere:
    """Describe the mean global reference atmosphere (P.835-6, §1.1) over ground at a height [m]."""
    return _assemble(
        0.0, 0.0, height, (), "P.835 mean global", "dry", (0.0, None, math.nan), None, 0.0
    )


def _assemble(
    lat: float,
    lon: float,
    height: float,
    names: tuple[str, ...],
    where: str,
    wet: str,
    rain: tuple[float, float | None, float],
    k: float | None,
    cloud_liquid: float,
) -> Atmosphere:
    parts = [_profile(name, height) for name in names] or [_standard_profile(height)]
    temperature, pressure, vapour = (float(sum(p[i] for p in parts)) / len(parts) for i in range(3))
    surface = float(refractivity(temperature, pressure, vapour))
    gradient = surface_gradient(surface) if k is None else RADIUS_TERM * (1.0 / k - 1.0)
    # An exponential that loses |gradient| in its first kilometre (Bean & Thayer 1959); where a
    # k below 1 is asked for, N rises with height instead.
    scale = -1_000.0 / math.log1p(gradient / surface) if gradient else math.inf
    factor = effective_k(gradient)
    source = f"k = {factor:.3f} given by hand" if k is not None else f"k = {factor:.3f}"
    return Atmosphere(
        lat=lat,
        lon=lon,
        height=height,
        profiles=names,
        temperature=temperature,
        pressure=pressure,
        vapour_density=vapour,
        refractivity=surface,
        gradient=gradient,
        scale_height=scale,
        k=factor,
        k_given=k is not None,
        rain_rate=rain[0],
        rain_percent=math.nan if rain[1] is None else rain[1],
        rain_height=rain[2],
        cloud_liquid=cloud_liquid,
        label=f"{where}; Ns = {surface:.0f}, {source}; {wet}",
    )


def _profile(name: str, height: ArrayLike) -> tuple[Array, Array, Array]:
    """Evaluate one P.835 profile."""
    warm, warm_top, press, rate, wet, wet_terms = _PROFILES[name]
    km = np.maximum(np.asarray(height, float) / 1e3, -0.5)
    low, ten = np.minimum(km, warm_top), np.minimum(km, 10.0)
    temperature = np.polynomial.polynomial.polyval(low, warm)
    pressure = np.polynomial.polynomial.polyval(ten, press) * np.exp(-rate * (km - ten))
    vapour = wet * np.exp(np.polynomial.polynomial.polyval(km, (0.0, *wet_terms)))
    dry = np.where(km <= 10.0, vapour, 0.0)
    return np.asarray(temperature), np.asarray(pressure), np.asarray(dry, np.float64)


def _standard_profile(height: ArrayLike) -> tuple[Array, Array, Array]:
    """Evaluate the mean global profile to 20 km; its vapour has a scale height of 2 km."""
    km = np.maximum(np.asarray(height, float) / 1e3, -0.5)
    low = np.minimum(km, 11.0)
    warm, press, wet = _ANNUAL
    temperature = warm - 6.5 * low
    pressure = press * (temperature / warm) ** (34.163 / 6.5)
    pressure = pressure * np.exp(-34.163 * (km - low) / temperature)
    return temperature, pressure, wet * np.exp(-km / 2.0)


def _check(
    lat: float,
    height: float,
    season: str,
    rain_percent: float | None,
    k: float | None,
    cloud_liquid: float,
) -> None:
    if season not in SEASONS:
        raise WorldError(f"season is {season!r}, expected one of {', '.join(SEASONS)}")
    if not LOW_LATITUDE <= abs(lat) <= math.pi / 2:
        raise WorldError(
            f"latitude is {math.degrees(lat):g}°, expected 22° to 90° north or south: the "
            "reference profiles of the tropics are not here"
        )
    for name, value, low, high, unit in (
        ("height", height, -500.0, 9_000.0, " m"),
        ("rain_percent", rain_percent, 0.001, 10.0, " %"),
        ("k", k, LEAST_K, MOST_K, ""),
        ("cloud_liquid", cloud_liquid, 0.0, 10.0, " kg/m²"),
    ):
        if value is not None and not low <= value <= high:
            raise WorldError(f"{name} is {value:g}{unit}, expected {low:g} to {high:g}{unit}")
