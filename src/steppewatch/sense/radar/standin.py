"""Hold the place of the measurement errors until their own module lands."""

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.radar.detection import Array


def sigma_range(bandwidth: float, snr: ArrayLike) -> Array:
    """Give c/(2B√(2 SNR)) [m]."""
    return np.asarray(299_792_458.0 / (2.0 * bandwidth * np.sqrt(2.0 * np.asarray(snr))))


def sigma_angle(width: ArrayLike, snr: ArrayLike) -> Array:
    """Give θ/(1.6√(2 SNR)) [rad]."""
    return np.asarray(np.asarray(width) / (1.6 * np.sqrt(2.0 * np.asarray(snr))))


def sigma_range_rate(wavelength: float, dwell: ArrayLike, snr: ArrayLike) -> Array:
    """Give λ/(2T√(2 SNR)) [m/s]."""
    return np.asarray(wavelength / (2.0 * np.asarray(dwell) * np.sqrt(2.0 * np.asarray(snr))))
