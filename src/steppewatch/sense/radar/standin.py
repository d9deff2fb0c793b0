"""Hold the place of the detection curve and measurement errors until their own modules land."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.radar.detection import Array, detection_probability


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DetectionCurve:
    """Hold Pd over dB."""

    first_db: float
    step_db: float
    pd: Array

    def at(self, snr_db: ArrayLike) -> Array:
        """Interpolate."""
        grid = self.first_db + self.step_db * np.arange(len(self.pd))
        return np.asarray(np.interp(np.asarray(snr_db, float), grid, self.pd))


@cache
def detection_curve(n: int, pfa: float, swerling: int) -> DetectionCurve:
    """Tabulate Pd."""
    grid = -30.0 + 0.1 * np.arange(1101)
    pd = detection_probability(10.0 ** (grid / 10.0), n, pfa, swerling)
    return DetectionCurve(first_db=-30.0, step_db=0.1, pd=pd)


def sigma_range(bandwidth: float, snr: ArrayLike) -> Array:
    """Give c/(2B√(2 SNR)) [m]."""
    return np.asarray(299_792_458.0 / (2.0 * bandwidth * np.sqrt(2.0 * np.asarray(snr))))


def sigma_angle(width: ArrayLike, snr: ArrayLike) -> Array:
    """Give θ/(1.6√(2 SNR)) [rad]."""
    return np.asarray(np.asarray(width) / (1.6 * np.sqrt(2.0 * np.asarray(snr))))


def sigma_range_rate(wavelength: float, dwell: ArrayLike, snr: ArrayLike) -> Array:
    """Give λ/(2T√(2 SNR)) [m/s]."""
    return np.asarray(wavelength / (2.0 * np.asarray(dwell) * np.sqrt(2.0 * np.asarray(snr))))
