"""What the air takes away: haze, water vapour, and light scattered into the view.

Visible: Koschmieder's law and Duntley's sky-to-ground ratio. Infrared: haze after Kruse and Kim,
water vapour after published window models. Simple models, no spectra: trust them to some 10 % of
transmission over 10 km, not more. Visibility is meteorological: where the contrast of a black
object against the horizon falls to 2 % (an automatic station's 5 % range is 0.77 of that).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import SenseError
from steppewatch.sense.eoir.camera import Band
from steppewatch.world.geodesy import Array

KOSCHMIEDER = -math.log(0.02)  # 3.912: Koschmieder 1924

# Water-vapour windows: A, k, β, w₀ [mm]: exp(−A √w) up to w₀, k (w₀/w)^β beyond. Langer 1957, in
# Weichel, "Laser Beam Propagation in the Atmosphere" (SPIE TT3, 1990), after Elder & Strong 1953.
WINDOW_VI = (0.373, 0.827, 0.095, 0.26)  # 2.7–4.3 µm
WINDOW_VII = (0.913, 0.679, 0.194, 0.18)  # 4.3–6.0 µm
MWIR_SHARE = 0.65  # of 3–5 µm, the part below 4.3 µm, which is window VI

LINES_LWIR = 6e-6  # extinction of the many weak lines of 8–12 µm [1/m per g/m³]; assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Hold what a camera's range depends on outside.

    Attributes:
        visibility: Meteorological visibility, 2 % contrast [m].
        vapour_density: Water vapour [g/m³].
        temperature: Of the air [K].
        cn2: Mean turbulence on the path, Cn² [m^(−2/3)]; 0 leaves heat shimmer out.
        sky_ground_ratio: Brightness of the horizon over that of the background. Middleton 1952
            (*Vision Through the Atmosphere*): fresh snow 0.2, desert 1.4, forest 5 under a clear
            sky, five times that when overcast. 1 gives Koschmieder's law.
        night: True when there is no daylight.
    """

    visibility: float = 23_000.0
    vapour_density: float = 5.0
    temperature: float = 283.0
    cn2: float = 1e-14
    sky_ground_ratio: float = 1.4
    night: bool = False

    def __post_init__(self) -> None:
        """Refuse weather that is not of this earth."""
        for name, low, high, unit in (
            ("visibility", 20.0, 400_000.0, "m"),
            ("vapour_density", 0.0, 60.0, "g/m³"),
            ("temperature", 210.0, 330.0, "K"),
            ("cn2", 0.0, 1e-10, "m^(-2/3)"),
            ("sky_ground_ratio", 0.05, 50.0, ""),
        ):
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise SenseError(
                    f"weather: {name} is {value:g} {unit}, expected {low:g}…{high:g} {unit}"
                )


def size_exponent(visibility: float) -> float:
    """Give Kim's exponent q of haze and fog for a visibility [m].

    Kruse et al. 1962 above 6 km, Kim et al. 2001 (Proc. SPIE 4214) below: no dependence on
    wavelength in fog under 500 m.

    >>> [size_exponent(v) for v in (60e3, 23e3, 3e3, 700.0, 300.0)]
    [1.6, 1.3, 0.8200000000000001, 0.19999999999999996, 0.0]
    """
    km = visibility / 1e3
    if km > 50.0:
        return 1.6
    if km > 6.0:
        return 1.3
    if km > 1.0:
        return 0.16 * km + 0.34
    return km - 0.5 if km > 0.5 else 0.0


def haze_extinction(wavelength: float, visibility: float) -> float:
    """Give the extinction by haze and fog [1/m] at a wavelength [m]; 3.912/V at 0.55 µm."""
    ratio = wavelength / 0.55e-6
    return KOSCHMIEDER / visibility * math.pow(ratio, -size_exponent(visibility))


def continuum_extinction(vapour_density: float, temperature: float, pressure: float = 1.0) -> float:
    """Give the water-vapour continuum of 8–12 µm [1/m].

    Roberts, Selby & Biberman 1976 (Appl. Opt. 15, 2085): ``C = (4.18 + 5578 e^(−0.00787 ν))
    e^(1800 (1/T − 1/296))`` cm²/(g atm), times ``w (e + 0.002 (p − e))``; mean over 833–1250 /cm.

    Args:
        vapour_density: [g/m³].
        temperature: [K].
        pressure: Of the air [atm].
    """
    decay = (math.exp(-0.00787 * 833.0) - math.exp(-0.00787 * 1250.0)) / (0.00787 * 417.0)
    strength = (4.18 + 5578.0 * decay) * math.exp(1800.0 * (1.0 / temperature - 1.0 / 296.0))
    vapour = vapour_density * 1e-3 * 461.5 * temperature / 101_325.0
    return strength * vapour_density * 1e-4 * (vapour + 0.002 * (pressure - vapour))


def window_transmission(water: ArrayLike, window: tuple[float, float, float, float]) -> Array:
    """Give the transmission of ``water`` [mm precipitable on the path] in one of the windows."""
    a, k, beta, limit = window
    water = np.asarray(water, float)
    much = k * (limit / np.maximum(water, limit)) ** beta
    little = np.exp(-a * np.sqrt(np.maximum(water, 0.0)))
    return np.asarray(np.where(water < limit, little, much))


def transmission(band: Band, weather: Weather, slant_range: ArrayLike) -> Array:
    """Give the share of the signal that arrives, 0…1, over an even path [m].

    Visible: haze alone, the beam transmission (see :func:`visible_contrast` for contrast).
    """
    distance = np.asarray(slant_range, float)
    haze = np.exp(-haze_extinction(band.wavelength, weather.visibility) * distance)
    if band is Band.VISIBLE:
        return np.asarray(haze)
    if band is Band.LWIR:
        gas = (
            continuum_extinction(weather.vapour_density, weather.temperature)
            + LINES_LWIR * weather.vapour_density
        )
        return np.asarray(haze * np.exp(-gas * distance))
    water = weather.vapour_density * distance * 1e-3  # 1 g/m³ over 1 km is 1 mm
    vapour = MWIR_SHARE * window_transmission(water, WINDOW_VI)
    return np.asarray(haze * (vapour + (1.0 - MWIR_SHARE) * window_transmission(water, WINDOW_VII)))


def visible_contrast(contrast: ArrayLike, weather: Weather, slant_range: ArrayLike) -> Array:
    """Give what is left of an object's contrast against its background, 0…1.

    Duntley 1948: ``C = C₀ / (1 + S (e^(βR) − 1))`` with the sky-to-ground ratio S.
    """
    beta = haze_extinction(Band.VISIBLE.wavelength, weather.visibility)
    growth = np.expm1(np.minimum(beta * np.asarray(slant_range, float), 600.0))
    return np.asarray(np.asarray(contrast, float) / (1.0 + weather.sky_ground_ratio * growth))
