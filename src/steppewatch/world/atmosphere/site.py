"""The air over a site: what it is made of, how it bends rays, how much it rains.

The profiles are those of Recommendation ITU-R P.835-6 (:mod:`reference`): low latitude (below
22°), mid-latitude (to 45°) and high latitude, summer and winter. The Recommendation steps from
one to the other; so do we.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere.reference import reference_air

Array = NDArray[np.float64]
Season = Literal["summer", "winter", "year"]

SEASONS: tuple[Season, ...] = ("summer", "winter", "year")
LOW_LATITUDE, HIGH_LATITUDE = math.radians(22.0), math.radians(45.0)
RADIUS_TERM = 157.0  # [N/km], 10⁶ / 6371: the gradient that bends a ray like the earth
LEAST_K, MOST_K = 0.5, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Atmosphere:
    """Describe the air at one site.

    Attributes:
        lat: Latitude [rad]; NaN for the standard atmosphere, which stands nowhere.
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
        parts = [reference_air(name, height) for name in self.profiles]
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
    cloud_liquid: float | None = None,
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
        cloud_liquid: Columnar liquid water of cloud [kg/m²]; None for that of the map of P.840
            at ``rain_percent``, and no cloud in dry air.

    Raises:
        WorldError: A figure is out of its range.

    >>> round(site_atmosphere(math.radians(47.9), math.radians(106.9), 1_300.0).k, 2)
    1.27
    """
    _check(lat, height, season, rain_percent, k, cloud_liquid)
    band, names = _reference_of(lat, season)
    rate, top = (0.0, math.nan)
    liquid = 0.0 if cloud_liquid is None else cloud_liquid
    if rain_percent is not None:
        from steppewatch.world.atmosphere.rain import rain_climate  # noqa: PLC0415 (loads maps)

        rate, top, cloud = rain_climate(lat, lon, rain_percent)
        liquid = cloud if cloud_liquid is None else cloud_liquid
    where = f"P.835 {band}, {'mean of summer and winter' if season == 'year' else season}"
    wet = "dry" if rain_percent is None else f"rain {rate:.1f} mm/h ({rain_percent:g} % of a year)"
    if liquid > 0.0:
        wet += f", cloud {liquid:.2g} kg/m²"
    return _assemble(lat, lon, height, names, where, wet, (rate, rain_percent, top), k, liquid)


def standard_atmosphere(height: float = 0.0) -> Atmosphere:
    """Describe the mean global reference atmosphere (P.835-6, §1.1) over ground at a height [m]."""
    return _assemble(
        math.nan,
        math.nan,
        height,
        ("standard",),
        "P.835 mean global",
        "dry",
        (0.0, None, math.nan),
        None,
        0.0,
    )


def _reference_of(lat: float, season: Season) -> tuple[str, tuple[str, ...]]:
    """Name the band of latitude and the profiles whose mean is taken."""
    if abs(lat) < LOW_LATITUDE:
        return "low-latitude", ("low-latitude",)
    band = "high-latitude" if abs(lat) > HIGH_LATITUDE else "mid-latitude"
    seasons = ("summer", "winter") if season == "year" else (season,)
    return band, tuple(f"{band} {name}" for name in seasons)


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
    parts = [reference_air(name, height) for name in names]
    temperature, pressure, vapour = (float(np.mean([p[i] for p in parts])) for i in range(3))
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


def _check(
    lat: float,
    height: float,
    season: str,
    rain_percent: float | None,
    k: float | None,
    cloud_liquid: float | None,
) -> None:
    if season not in SEASONS:
        raise WorldError(f"season is {season!r}, expected one of {', '.join(SEASONS)}")
    if not abs(lat) <= math.pi / 2:
        raise WorldError(f"latitude is {lat:g} rad, expected −π/2 to π/2: is it in degrees?")
    for name, value, low, high, unit in (
        ("height", height, -500.0, 9_000.0, " m"),
        ("rain_percent", rain_percent, 0.001, 10.0, " %"),
        ("k", k, LEAST_K, MOST_K, ""),
        ("cloud_liquid", cloud_liquid, 0.0, 10.0, " kg/m²"),
    ):
        if value is not None and not low <= value <= high:
            raise WorldError(f"{name} is {value:g}{unit}, expected {low:g} to {high:g}{unit}")
