"""How much contrast of a fine pattern survives the air, the lens, the motion and the pixels.

Modulation transfer functions (MTF) over spatial frequency in **cycles per radian** of object
angle. Each is 1 at frequency 0. Goodman, *Introduction to Fourier Optics*, §6.3 (diffraction);
Holst, *Electro-Optical Imaging System Performance*, ch. 6–8 (detector, motion, display); Fried
1966, J. Opt. Soc. Am. 56, 1372 (turbulence).
"""

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.eoir.camera import CameraDesign
from steppewatch.world.geodesy import Array


def diffraction(frequency: ArrayLike, wavelength: float, aperture: float) -> Array:
    """Give the MTF of a perfect round lens; 0 beyond ``aperture / wavelength``.

    >>> float(diffraction(0.0, 10e-6, 0.1)), float(diffraction(10_000.0, 10e-6, 0.1))
    (1.0, 0.0)
    """
    x = np.clip(np.abs(np.asarray(frequency, float)) * wavelength / aperture, 0.0, 1.0)
    return np.asarray(2.0 / np.pi * (np.arccos(x) - x * np.sqrt(1.0 - x * x)))


def detector(frequency: ArrayLike, angle: float) -> Array:
    """Give the MTF of a square sensitive area that subtends ``angle`` [rad]: |sinc|."""
    return np.asarray(np.abs(np.sinc(np.asarray(frequency, float) * angle)))


def jitter(frequency: ArrayLike, rms: float) -> Array:
    """Give the MTF of random motion of ``rms`` [rad] on the axis: a Gaussian."""
    return np.asarray(np.exp(-2.0 * (np.pi * rms * np.asarray(frequency, float)) ** 2))


def coherence_diameter(wavelength: float, cn2: ArrayLike, slant_range: ArrayLike) -> Array:
    """Give Fried's r₀ [m] for a point at ``slant_range`` [m] through even turbulence.

    Spherical wave: ``r₀ = (0.423 k² Cn² R · 3/8)^(−3/5)``; infinite without turbulence.

    Args:
        wavelength: [m].
        cn2: Mean structure parameter of the refractive index on the path [m^(−2/3)].
        slant_range: [m].
    """
    k = 2.0 * np.pi / wavelength
    strength = 0.423 * k**2 * np.asarray(cn2, float) * np.asarray(slant_range, float) * 3.0 / 8.0
    with np.errstate(divide="ignore"):
        return np.asarray(strength ** (-3.0 / 5.0))


def turbulence(frequency: ArrayLike, wavelength: float, r0: ArrayLike) -> Array:
    """Give the long-exposure MTF of the air, ``exp(−3.44 (λ ν / r₀)^(5/3))`` (Fried 1966)."""
    scaled = wavelength * np.abs(np.asarray(frequency, float)) / np.asarray(r0, float)
    return np.asarray(np.exp(-3.44 * scaled ** (5.0 / 3.0)))


def system(frequency: ArrayLike, camera: CameraDesign, zoom: str | float = "narrow") -> Array:
    """Multiply lens, pixel, motion and display pixel; the air is not in it.

    The display shows each pixel as a square of its own size (``sinc`` of the pixel's angle).

    Args:
        frequency: Cycles per radian, any shape.
        camera: The camera.
        zoom: As in :meth:`CameraDesign.focal`.
    """
    ifov = camera.ifov(zoom)
    return np.asarray(
        diffraction(frequency, camera.band.wavelength, camera.aperture(zoom))
        * detector(frequency, ifov * camera.fill)
        * jitter(frequency, camera.jitter)
        * detector(frequency, ifov)
    )
