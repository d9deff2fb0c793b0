"""Lobes over smooth ground: the direct ray and the one off the ground, added with their phases.

The reflected ray is weaker by four factors: Fresnel's coefficient of the ground, the divergence
of a convex earth, roughness, and the antenna's pattern below the horizon. Near the horizon rays
fail (a grazing beam is wider than the bulge it grazes); there P.526's smooth-earth loss takes
over. Sources: Kerr, *Propagation of Short Radio Waves*, 1951, §2.13 and §5.2; Blake, *Radar
Range-Performance Analysis*, 1980, ch. 6; Ament 1953; Miller, Brown & Vegh 1984.

F is the voltage ratio to free space: a radar's echo changes by F⁴, a link's power by F². Real
ground is seldom smooth: ask for lobes where the ground about the reflection is flat to
:func:`rayleigh_height`, and for F = 1 where it is not.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.propagation.ground import (
    GROUNDS,
    SPEED_OF_LIGHT,
    Ground,
    complex_permittivity,
)
from steppewatch.sense.propagation.smooth_earth import reflection_point, smooth_earth_db

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Roughness = Literal["miller-brown-vegh", "ament"]
Pattern = Callable[[Array], Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoRay:
    """Hold the two rays of each path, all ``(...)``.

    Attributes:
        factor: F of the two rays, relative to the direct ray's own pattern.
        grazing: Angle between reflected ray and ground [rad]; negative beyond the horizon.
        depression: Of the reflected ray at the antenna, below its horizontal [rad].
        path_difference: Reflected ray less direct ray [m].
        divergence: Spreading by the earth's curve, 0 to 1.
        roughness: What roughness leaves of the coherent ray, 0 to 1.
        reflection: Fresnel's coefficient, complex.
        point: Distance from the antenna to the reflection along the ground [m].
    """

    factor: Array
    grazing: Array
    depression: Array
    path_difference: Array
    divergence: Array
    roughness: Array
    reflection: Complex
    point: Array


def fresnel_reflection(
    grazing: ArrayLike, permittivity: complex, *, vertical: bool = False
) -> Complex:
    """Give the reflection coefficient of smooth flat ground (Fresnel; Kerr 1951, §5.1).

    Args:
        grazing: Angle between ray and ground [rad], any shape.
        permittivity: Complex relative, ``ε′ − jε″``.
        vertical: Polarisation.

    >>> abs(fresnel_reflection(0.0, 22 - 0.1j)).round(6)
    np.float64(1.0)
    """
    sin = np.sin(np.asarray(grazing, float))
    root = np.sqrt(permittivity - 1.0 + sin**2 + 0.0j)
    near = permittivity * sin if vertical else sin + 0.0j
    return np.asarray((near - root) / (near + root))


def rough_surface(
    grazing: ArrayLike,
    roughness: ArrayLike,
    wavelength: float,
    method: Roughness = "miller-brown-vegh",
) -> Array:
    """Give what roughness leaves of the coherent reflection, 0 to 1.

    With ``z = ½ (4π σ sin ψ/λ)²``: Ament has ``exp(−z)``, which measurements exceed; Miller,
    Brown & Vegh have ``exp(−z) I₀(z)``.

    Args:
        grazing: ψ [rad].
        roughness: σ, standard deviation of the surface's height [m].
        wavelength: [m].
        method: Which of the two.
    """
    from scipy.special import i0e  # noqa: PLC0415 (slow to import)

    sin = np.sin(np.asarray(grazing, float))
    z = 0.5 * (4.0 * math.pi / wavelength * np.asarray(roughness, float) * sin) ** 2
    return np.asarray(i0e(z) if method == "miller-brown-vegh" else np.exp(-z))


def rayleigh_height(wavelength: float, grazing: ArrayLike) -> Array:
    """Give the height of bumps up to which ground counts as smooth: ``λ/(8 sin ψ)`` [m]."""
    return np.asarray(wavelength / (8.0 * np.sin(np.asarray(grazing, float))))


def lobe_elevation(wavelength: float, height: float, order: int = 1) -> float:
    """Give the elevation of a lobe's maximum over flat ground: ``sin θ = (2n − 1) λ/4h`` [rad].

    Args:
        wavelength: [m].
        height: Of the antenna above the ground [m].
        order: n, from 1.

    Raises:
        SenseError: There is no such lobe.

    >>> round(math.degrees(lobe_elevation(299_792_458 / 1.3e9, 20.0)), 4)
    0.1652
    """
    return _elevation((2 * order - 1) * wavelength / (4.0 * height), order)


def null_elevation(wavelength: float, height: float, order: int = 1) -> float:
    """Give the elevation of the gap above a lobe: ``sin θ = n λ/2h`` [rad]; as the lobe's."""
    return _elevation(order * wavelength / (2.0 * height), order)


def _elevation(sine: float, order: int) -> float:
    if order < 1 or not 0.0 < sine <= 1.0:
        raise SenseError(
            f"lobe {order} would stand at sin θ = {sine:g}, expected 0 to 1: count from 1, and ask "
            "for fewer lobes than 2h/λ"
        )
    return math.asin(sine)


def two_ray(
    distance: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    frequency: float,
    effective_radius: float,
    *,
    ground: Ground | None = None,
    vertical: bool = False,
    roughness: ArrayLike = 0.0,
    method: Roughness = "miller-brown-vegh",
    pattern: Pattern | None = None,
) -> TwoRay:
    """Add the direct and the reflected ray over a smooth curved earth.

    Args:
        distance: ``(...)`` along the ground [m].
        start: ``(...)`` antenna above the reflecting surface [m].
        end: ``(...)`` target above that surface [m].
        frequency: [Hz].
        effective_radius: ``k a`` [m].
        ground: Kind of ground; average land when None.
        vertical: Polarisation.
        roughness: Standard deviation of the surface's height [m].
        method: For roughness.
        pattern: Voltage gain over elevation [rad] of the antenna at the start; alike up and down
            when None.

    Raises:
        SenseError: A figure is out of range.
    """
    d, h1, h2 = np.broadcast_arrays(*[np.asarray(v, float) for v in (distance, start, end)])
    _check(frequency, effective_radius, d, h1, h2, np.asarray(roughness, float))
    wavelength = SPEED_OF_LIGHT / frequency
    d1 = reflection_point(d, h1, h2, effective_radius)
    d2 = d - d1
    # Heights above the plane that touches the earth at the reflection.
    low = h1 - d1**2 / (2.0 * effective_radius)
    high = h2 - d2**2 / (2.0 * effective_radius)
    direct = np.hypot(d, high - low)
    bounced = np.hypot(d, high + low)
    extra = 4.0 * low * high / (direct + bounced)
    grazing = np.arctan2(low + high, d)
    up = np.maximum(np.sin(grazing), 1e-12)
    divergence = 1.0 / np.sqrt(1.0 + 2.0 * d1 * d2 / (effective_radius * d * up))
    kind = GROUNDS["land"] if ground is None else ground
    reflection = fresnel_reflection(
        np.maximum(grazing, 0.0), complex_permittivity(kind, frequency), vertical=vertical
    )
    left = rough_surface(np.maximum(grazing, 0.0), roughness, wavelength, method)
    depression = grazing + d1 / effective_radius
    ratio: Array | float = 1.0
    if pattern is not None:
        above = np.arctan2(high - low, d) - d1 / effective_radius
        ratio = pattern(-depression) / pattern(above)
    turn = np.exp(-2j * math.pi * extra / wavelength)
    return TwoRay(
        factor=np.abs(1.0 + ratio * divergence * left * reflection * turn),
        grazing=np.where((low > 0.0) & (high > 0.0), grazing, -np.abs(grazing)),
        depression=depression,
        path_difference=extra,
        divergence=divergence,
        roughness=left,
        reflection=reflection,
        point=d1,
    )


def propagation_factor(
    slant_range: ArrayLike,
    elevation: ArrayLike,
    height: float,
    frequency: float,
    effective_radius: float,
    *,
    ground: Ground | None = None,
    vertical: bool = False,
    roughness: ArrayLike = 0.0,
    method: Roughness = "miller-brown-vegh",
    pattern: Pattern | None = None,
) -> Array:
    """Give F over smooth ground for targets at range and elevation, lobes and shadow alike.

    Down to twice the grazing angle ``(λ/2πka)^⅓`` at which rays begin to fail (Kerr 1951, §2.13)
    F is that of two rays; below that angle and beyond the horizon it is P.526's smooth earth;
    between, decibels are mixed evenly (*ours*).

    Args:
        slant_range: ``(...)`` [m].
        elevation: ``(...)`` apparent elevation at the antenna [rad].
        height: Of the antenna above the reflecting surface [m].
        frequency: [Hz].
        effective_radius: ``k a`` [m].
        ground: As for :func:`two_ray`.
        vertical: As there.
        roughness: As there.
        method: As there.
        pattern: As there.

    Returns:
        ``(...)`` F; NaN where the ray from the antenna would lie under the ground.

    >>> from steppewatch.sense.propagation.ground import GROUNDS
    >>> peak = lobe_elevation(299_792_458 / 1.3e9, 20.0)
    >>> round(float(propagation_factor(1e6, peak, 20.0, 1.3e9, 1e15, ground=GROUNDS["sea"])), 2)
    2.0
    """
    slant, angle = np.broadcast_arrays(np.asarray(slant_range, float), np.asarray(elevation, float))
    distance, target = _over_sphere(slant, angle, height, effective_radius)
    above = target > 0.0
    safe = np.where(above, target, 1.0)
    rays = two_ray(
        distance,
        height,
        safe,
        frequency,
        effective_radius,
        ground=ground,
        vertical=vertical,
        roughness=roughness,
        method=method,
        pattern=pattern,
    )
    wavelength = SPEED_OF_LIGHT / frequency
    loss = smooth_earth_db(
        distance,
        height,
        safe,
        wavelength,
        effective_radius,
        vertical=vertical,
        ground=GROUNDS["land"] if ground is None else ground,
    )
    least = (wavelength / (2.0 * math.pi * effective_radius)) ** (1.0 / 3.0)
    share = np.clip(rays.grazing / least - 1.0, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        mixed = share * np.log10(rays.factor) - (1.0 - share) * loss / 20.0
    return np.where(above, np.where(share >= 1.0, rays.factor, 10.0**mixed), np.nan)


def _over_sphere(
    slant: Array, elevation: Array, height: float, radius: float
) -> tuple[Array, Array]:
    """Turn slant range and elevation into ground distance and height over a sphere."""
    up, along = slant * np.sin(elevation), slant * np.cos(elevation)
    centre = radius + height
    # (√(c² + e) − radius) without the difference of two great numbers.
    far = np.hypot(centre + up, along)
    rise = (2.0 * centre * up + slant**2) / (far + centre) + height
    return radius * np.arctan2(along, centre + up), rise


def _check(
    frequency: float, radius: float, d: Array, h1: Array, h2: Array, roughness: Array
) -> None:
    for name, lowest, highest, low, high, unit in (
        ("frequency", frequency, frequency, 1e6, 1e12, "Hz"),
        ("effective earth radius", radius, radius, 1e6, math.inf, "m"),
        ("distance", np.nanmin(d), np.nanmax(d), 1e-3, 2e6, "m"),
        ("antenna height", np.nanmin(h1), np.nanmax(h1), 0.0, 1e5, "m"),
        ("target height", np.nanmin(h2), np.nanmax(h2), 0.0, 1e6, "m"),
        ("roughness", np.nanmin(roughness), np.nanmax(roughness), 0.0, 1e3, "m"),
    ):
        if not (low <= lowest and highest <= high):
            raise SenseError(
                f"two-ray {name} is {lowest if lowest < low else highest:g} {unit}, expected "
                f"{low:g} to {high:g} {unit}"
            )
