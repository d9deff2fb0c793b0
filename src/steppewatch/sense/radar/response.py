"""What Doppler processing does to a target that closes or opens, and to the ground behind it.

A filter bank (``mtd``) sums the pulses of an interval in phase and drops the filter that holds the
ground: a notch about zero range rate, half the power left at ``min_speed``, repeated at every
blind speed λ·PRF/2. Intervals of different PRF have different blind speeds; their powers are
summed, so the mean of their gains counts. A canceller (``mti``) has the gain
``(4 sin²(π f/PRF))^m / C(2m, m)`` against white noise (Skolnik, *Introduction to Radar Systems*,
3rd ed., §3.2); staggered pulses average it over the PRFs.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.radar.design import Beam, RadarDesign
from steppewatch.sense.radar.detection import Array

LEAST = 1e-12  # power ratio; a target in the notch


def signal_gain(design: RadarDesign, beam: Beam, range_rate: ArrayLike) -> Array:
    """Give the gain of signal against noise at a range rate (power ratio).

    Args:
        design: The radar.
        beam: One of its beams; with too few pulses it does not filter.
        range_rate: Any shape [m/s]; NaN stays NaN.

    Returns:
        1 in a bank far from its notch; up to C(2m, m)⁻¹ 4^m for a canceller, whose mean is 1.
    """
    speed = np.abs(np.asarray(range_rate, float))
    if not design.cancels(beam):
        return np.asarray(np.where(np.isnan(speed), np.nan, 1.0))
    gains = [_one_prf(design, speed, prf) for prf in _used(design, beam)]
    return np.asarray(np.maximum(np.mean(gains, axis=0), LEAST))


def blind_speed(design: RadarDesign, prf: float) -> float:
    """Give the first blind speed λ·PRF/2 [m/s]."""
    return 0.5 * design.wavelength * prf


def _used(design: RadarDesign, beam: Beam) -> tuple[float, ...]:
    """Give the PRFs that a beam really uses."""
    if design.doppler == "mti":
        return beam.prf
    return tuple(beam.prf[i % len(beam.prf)] for i in range(beam.intervals))


def _one_prf(design: RadarDesign, speed: Array, prf: float) -> Array:
    if design.doppler == "mti":
        order = design.canceller_order
        phase = 2.0 * math.pi * speed / design.wavelength / prf
        stop = (4.0 * np.sin(phase) ** 2) ** order / math.comb(2 * order, order)
        return np.asarray(_notch(design, speed, prf) * stop)
    return _notch(design, speed, prf)


def _notch(design: RadarDesign, speed: Array, prf: float) -> Array:
    """Give the notch of ``min_speed`` about zero and about every blind speed."""
    blind = blind_speed(design, prf)
    away = np.abs(np.mod(speed + 0.5 * blind, blind) - 0.5 * blind)
    if design.min_speed <= 0.0:
        return np.ones_like(speed)
    return np.asarray(-np.expm1(-math.log(2.0) * (away / design.min_speed) ** 2))
