"""Say how well a radar measures: error from signal to noise, resolution, and the error ellipse.

The signal-to-noise ratio here is that of the whole detection (all pulses), not of one pulse.
Sources: Barton, *Radar System Analysis* (1964) and *Radar Equations for Modern Radar* (2013),
§10.2; Curry, *Radar System Performance Modeling*, 2nd ed. (2005), §8.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.radar.ambiguity import LIGHT, check
from steppewatch.sense.radar.detection import check_snr

Array = NDArray[np.float64]

BEAM_SPLITTING = 1.6  # slope of a monopulse difference beam, Barton (1964)


def sigma_range(bandwidth: float, snr: ArrayLike) -> Array:
    """Give the standard deviation of range, c / (2 B √(2 SNR)) [m].

    Args:
        bandwidth: Of the waveform after compression [Hz].
        snr: Signal to noise of the detection (power); 0 gives infinity, NaN stays NaN.

    >>> round(float(sigma_range(1e6, 10**1.3)), 2)
    23.73
    """
    check(bandwidth=bandwidth)
    return _over_root(LIGHT / (2.0 * bandwidth), snr)


def sigma_angle(beamwidth: ArrayLike, snr: ArrayLike) -> Array:
    """Give the standard deviation of azimuth or elevation, θ / (1.6 √(2 SNR)) [rad].

    Args:
        beamwidth: One-way 3 dB width [rad]; broadcasts with ``snr``.
        snr: Signal to noise of the detection (power).

    >>> round(float(np.degrees(sigma_angle(np.radians(1.5), 10**1.3))), 4)
    0.1484
    """
    return _over_root(_positive("beamwidth", beamwidth) / BEAM_SPLITTING, snr)


def sigma_range_rate(wavelength: float, dwell: ArrayLike, snr: ArrayLike) -> Array:
    """Give the standard deviation of range rate, λ / (2 T √(2 SNR)) [m/s].

    Args:
        wavelength: [m].
        dwell: Coherent time T [s]; broadcasts with ``snr``.
        snr: Signal to noise of the detection (power).
    """
    check(wavelength=wavelength)
    return _over_root(0.5 * wavelength / _positive("dwell", dwell), snr)


def range_cell(bandwidth: float) -> float:
    """Give the range resolution c / 2 B [m]."""
    check(bandwidth=bandwidth)
    return LIGHT / (2.0 * bandwidth)


def cross_cell(slant_range: ArrayLike, beamwidth: float) -> Array:
    """Give the resolution across the beam, R θ [m]."""
    check(beamwidth=beamwidth)
    return np.asarray(slant_range, np.float64) * beamwidth


def range_rate_cell(wavelength: float, dwell: float) -> float:
    """Give the resolution in range rate, λ / 2 T [m/s]."""
    check(wavelength=wavelength, dwell=dwell)
    return wavelength / (2.0 * dwell)


def error_ellipse(
    slant_range: ArrayLike,
    azimuth: ArrayLike,
    elevation: ArrayLike,
    sigma_slant: ArrayLike,
    sigma_azimuth: ArrayLike,
    sigma_elevation: ArrayLike = 0.0,
) -> tuple[Array, Array, Array]:
    """Give the horizontal error ellipse of a plot at one standard deviation.

    Scale both axes by :func:`ellipse_scale` for a chosen probability. To first order in the
    errors, the axes lie along and across the line of sight.

    Args:
        slant_range: [m]; all arguments broadcast.
        azimuth: Clockwise from true north [rad].
        elevation: [rad].
        sigma_slant: Standard deviation of slant range [m].
        sigma_azimuth: Of azimuth [rad].
        sigma_elevation: Of elevation [rad]; 0 when the height is known from elsewhere; NaN (not
            measured) gives NaN at elevations that matter, so 2-D radars pass 0 and say so.

    Returns:
        Semi-major axis [m], semi-minor axis [m], bearing of the major axis in [0, π) [rad].

    >>> major, minor, bearing = error_ellipse(100e3, 0.0, 0.0, 100.0, 0.003)
    >>> print(float(major), float(minor), round(float(np.degrees(bearing))))
    300.0 100.0 90
    """
    r, el = np.asarray(slant_range, np.float64), np.asarray(elevation, np.float64)
    along = np.hypot(
        np.cos(el) * np.asarray(sigma_slant, np.float64),
        r * np.sin(el) * np.asarray(sigma_elevation, np.float64),
    )
    across = r * np.cos(el) * np.asarray(sigma_azimuth, np.float64)
    along, across, bearing = np.broadcast_arrays(along, across, np.asarray(azimuth, np.float64))
    turned = np.where(across > along, bearing + 0.5 * np.pi, bearing)
    return (
        np.maximum(along, across),
        np.minimum(along, across),
        np.asarray(np.mod(turned, np.pi)),
    )


def sigma_height(
    slant_range: ArrayLike, elevation: ArrayLike, sigma_slant: ArrayLike, sigma_elevation: ArrayLike
) -> Array:
    """Give the standard deviation of height above the radar's horizontal plane [m]."""
    r, el = np.asarray(slant_range, np.float64), np.asarray(elevation, np.float64)
    return np.asarray(
        np.hypot(
            np.sin(el) * np.asarray(sigma_slant, np.float64),
            r * np.cos(el) * np.asarray(sigma_elevation, np.float64),
        )
    )


def ellipse_scale(probability: float) -> float:
    """Give the factor on the one-sigma ellipse that holds a share of all plots: √(−2 ln(1 − p)).

    Raises:
        SenseError: The share is not between 0 and 1.

    >>> round(ellipse_scale(0.95), 3)
    2.448
    """
    if not 0.0 < probability < 1.0:
        raise SenseError(
            f"probability is {probability:g}, expected more than 0 and less than 1; 0.5 and 0.95 "
            "are usual"
        )
    return float(np.sqrt(-2.0 * np.log1p(-probability)))


def _over_root(scale: float | Array, snr: ArrayLike) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(scale / np.sqrt(2.0 * check_snr(snr)))


def _positive(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value, np.float64)
    if np.any(array <= 0.0):
        raise SenseError(
            f"{name} is {np.nanmin(array):g}, expected more than 0; give radians and seconds"
        )
    return array
