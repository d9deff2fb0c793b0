"""The air over a place as the reference atmospheres of ITU-R P.835-6 have it, in closed form.

Low latitudes (below 22°) have one profile, middle (22° to 45°) and high ones a summer and a
winter; "standard" is the global mean. Kilometres live only inside the Recommendation's formulae.
Pressures are barometric, water vapour included; P.676 and P.453 want that without vapour. Heights
below sea level get the air of sea level, heights above 80 km that of 80 km.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

TOP = 80_000.0  # [m]

# Temperature: (upper height [km], "poly" (c0, c1, …) in h | "line" T at foot, slope, foot |
# "exp" T at foot, rate, foot | "bend": the 1 − exp form of the mid-latitude summer).
# Pressure: (c0, c1, c2) to 10 km, then exponentials with two rates. Vapour: factor, exponents.
_TEMPERATURE: dict[str, tuple[tuple[float, str, tuple[float, ...]], ...]] = {
    "low-latitude": (
        (17.0, "poly", (300.4222, -6.3533, 0.005886)),
        (47.0, "line", (194.0, 2.533, 17.0)),
        (52.0, "poly", (270.0,)),
        (80.0, "line", (270.0, -3.0714, 52.0)),
    ),
    "mid-latitude summer": (
        (13.0, "poly", (294.9838, -5.2159, -0.07109)),
        (17.0, "poly", (215.15,)),
        (47.0, "exp", (215.15, 0.008128, 17.0)),
        (53.0, "poly", (275.0,)),
        (80.0, "bend", (275.0, 0.06, 53.0)),
    ),
    "mid-latitude winter": (
        (10.0, "poly", (272.7241, -3.6217, -0.1759)),
        (33.0, "poly", (218.0,)),
        (47.0, "line", (218.0, 3.3571, 33.0)),
        (53.0, "poly", (265.0,)),
        (80.0, "line", (265.0, -2.0370, 53.0)),
    ),
    "high-latitude summer": (
        (10.0, "poly", (286.8374, -4.7805, -0.1402)),
        (23.0, "poly", (225.0,)),
        (48.0, "exp", (225.0, 0.008317, 23.0)),
        (53.0, "poly", (277.0,)),
        (79.0, "line", (277.0, -4.0769, 53.0)),
        (80.0, "poly", (171.0,)),
    ),
    "high-latitude winter": (
        (8.5, "poly", (257.4345, 2.3474, -1.5479, 0.08473)),
        (30.0, "poly", (217.5,)),
        (50.0, "line", (217.5, 2.125, 30.0)),
        (54.0, "poly", (260.0,)),
        (80.0, "line", (260.0, -1.667, 54.0)),
    ),
}
_PRESSURE = {
    "low-latitude": ((1012.0306, -109.0338, 3.6316), 0.147, 0.165),
    "mid-latitude summer": ((1012.8186, -111.5569, 3.8646), 0.147, 0.165),
    "mid-latitude winter": ((1018.8627, -124.2954, 4.8307), 0.147, 0.155),
    "high-latitude summer": ((1008.0278, -113.2494, 3.9408), 0.140, 0.165),
    "high-latitude winter": ((1010.8828, -122.2411, 4.554), 0.147, 0.150),
}
_VAPOUR = {
    "low-latitude": (19.6542, (-0.2313, -0.1122, 0.01351, -0.0005923), 15.0),
    "mid-latitude summer": (14.3542, (-0.4174, -0.02290, 0.001007), 15.0),
    "mid-latitude winter": (3.4742, (-0.2697, -0.03604, 0.0004489), 10.0),
    "high-latitude summer": (8.988, (-0.3614, -0.005402, -0.001955), 15.0),
    "high-latitude winter": (1.2319, (0.07481, -0.0981, 0.00281), 10.0),
}
# The standard atmosphere: geopotential base [km], temperature there [K], lapse [K/km].
_LAYERS = (
    (0.0, 288.15, -6.5),
    (11.0, 216.65, 0.0),
    (20.0, 216.65, 1.0),
    (32.0, 228.65, 2.8),
    (47.0, 270.65, 0.0),
    (51.0, 270.65, -2.8),
    (71.0, 214.65, -2.0),
)


def reference_air(name: str, height: ArrayLike) -> tuple[Array, Array, Array]:
    """Evaluate a reference atmosphere (P.835-6, §1 to 4).

    Args:
        name: "standard", "low-latitude", "mid-latitude summer", "mid-latitude winter",
            "high-latitude summer" or "high-latitude winter".
        height: Above mean sea level [m], any shape.

    Returns:
        Temperature [K], pressure [hPa] and water vapour [g/m³], of the shape of ``height``.

    >>> [float(v) for v in reference_air("standard", 0.0)]
    [288.15, 1013.25, 7.5]
    """
    h = np.clip(np.asarray(height, float), 0.0, TOP) / 1000.0
    if name == "standard":
        temperature, pressure = _standard(h)
        return temperature, pressure, np.asarray(7.5 * np.exp(-0.5 * h))
    factor, exponents, top = _VAPOUR[name]
    power = np.polyval((*exponents[::-1], 0.0), h)
    vapour = np.where(h <= top, factor * np.exp(np.minimum(power, 1.0)), 0.0)
    coefficients, lower, upper = _PRESSURE[name]
    low, middle = np.minimum(h, 10.0), np.clip(h, 10.0, 72.0)
    pressure = np.polyval(coefficients[::-1], low) * np.exp(
        -lower * (middle - 10.0) - upper * np.maximum(h - 72.0, 0.0)
    )
    return _temperature(name, h), np.asarray(pressure), np.asarray(vapour, np.float64)


def _temperature(name: str, h: Array) -> Array:
    """Evaluate the pieces of one profile [K] at heights [km]."""
    out = np.full(h.shape, np.nan)
    for top, form, numbers in reversed(_TEMPERATURE[name]):
        if form == "poly":
            piece = np.polyval(numbers[::-1], h)
        elif form == "line":
            piece = numbers[0] + numbers[1] * (h - numbers[2])
        elif form == "exp":
            piece = numbers[0] * np.exp(numbers[1] * (h - numbers[2]))
        else:
            piece = numbers[0] + 20.0 * (1.0 - np.exp(numbers[1] * (h - numbers[2])))
        out = np.where((h < top) | (top == 80.0), piece, out)
    return np.asarray(out, np.float64)


def _standard(h: Array) -> tuple[Array, Array]:
    """Evaluate the mean annual global reference atmosphere (P.835-6, §1) at heights [km]."""
    geopotential = 6356.766 * h / (6356.766 + h)
    temperature, pressure = np.empty(h.shape), np.empty(h.shape)
    at_base = 1013.25
    for number, (base, kelvin, lapse) in enumerate(_LAYERS):
        here = geopotential >= base
        rise = geopotential - base
        temperature = np.where(here, kelvin + lapse * rise, temperature)
        ratio = _barometric(kelvin, lapse, np.maximum(rise, 0.0))
        pressure = np.where(here, at_base * ratio, pressure)
        if number + 1 < len(_LAYERS):
            step = np.array(_LAYERS[number + 1][0] - base)
            at_base *= float(_barometric(kelvin, lapse, step))
    return temperature, pressure


def _barometric(kelvin: float, lapse: float, rise: Array) -> Array:
    """Give pressure over that at the base of a layer (the hydrostatic law of P.835-6, §1.1)."""
    if lapse == 0.0:
        return np.asarray(np.exp(-34.1632 * rise / kelvin))
    return np.asarray((kelvin / np.maximum(kelvin + lapse * rise, 1.0)) ** (34.1632 / lapse))
