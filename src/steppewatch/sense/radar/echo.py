"""Draw echoes for the simulator from exactly the statistics that planning computes.

The sum of n powers of target and noise is, whatever the target, distributed as
``|√S + g|² + G``: S the target's energy in this look, g one complex normal voltage, G gamma of
shape n − 1, for the signal's energy can be turned into one of the n voltages without changing the
noise. S itself is steady or gamma with the Swerling degrees. Each target takes :data:`LUCK` even
random numbers, seen or unseen, so the draw of one never shifts that of another.
"""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from steppewatch.errors import SenseError
from steppewatch.sense.radar.detection import (
    check_detector,
    check_snr,
    check_swerling,
    fluctuation_degrees,
)

Array = NDArray[np.float64]

LUCK = 4  # random numbers of one target: its energy, two for one voltage, the other voltages
LEAST_LUCK = 2.0**-54  # stands for a drawn zero, which has no logarithm


def draw_statistic(snr: ArrayLike, n: int, swerling: int, luck: Array) -> Array:
    """Draw the detector's sum of n powers; noise has mean 1 a pulse.

    Compare it with ``threshold(pfa, n)``: the chance of crossing is ``detection_probability(snr,
    n, pfa, swerling)`` exactly.

    Args:
        snr: ``(m,)`` or scalar, mean signal-to-noise ratio of one pulse (power); NaN stays NaN.
        n: Pulses summed.
        swerling: Fluctuation, 0 to 4.
        luck: ``(m, LUCK)`` even random numbers in [0, 1).

    Returns:
        ``(m,)`` the sum, without unit.

    Raises:
        SenseError: An argument lies outside its range.

    >>> luck = np.random.default_rng(1).random((100_000, LUCK))
    >>> power = draw_statistic(130.1, 1, 1, luck)  # Pd 0.9 at Pfa 1e-6
    >>> round(float(np.mean(power > 13.8155)), 2)
    0.9
    """
    check_swerling(swerling)
    check_detector(0.5, n)
    u = check_luck(luck)
    mean = n * check_snr(snr)
    if swerling:
        k = fluctuation_degrees(swerling, n)
        energy = mean * (-np.log1p(-u[:, 0]) if k == 1 else special.gammaincinv(k, u[:, 0]) / k)
    else:
        energy = mean
    # Box & Muller: a complex normal voltage of mean power 1.
    size, turn = np.sqrt(-np.log(u[:, 1])), 2.0 * np.pi * u[:, 2]
    power = (np.sqrt(energy) + size * np.cos(turn)) ** 2 + (size * np.sin(turn)) ** 2
    if n > 1:
        power = power + special.gammaincinv(n - 1, u[:, 3])
    return cast("Array", power)


def draw_false_alarm(n: int, pfa: float, luck: ArrayLike) -> Array:
    """Draw the sum of n noise powers given that it crossed the threshold.

    Args:
        n: Pulses summed.
        pfa: False-alarm probability that set the threshold.
        luck: Even random numbers in [0, 1), any shape.

    Returns:
        The sum, shape of ``luck``; never below ``threshold(pfa, n)``.

    Raises:
        SenseError: An argument lies outside its range.
    """
    check_detector(pfa, n)
    # 1 − u lies in (0, 1]: none of the draws is infinite.
    return cast("Array", special.gammainccinv(n, pfa * (1.0 - np.asarray(luck, np.float64))))


def measured_snr(statistic: ArrayLike, n: int) -> Array:
    """Give the signal-to-noise ratio of one pulse that a radar reports for this sum (power).

    The mean of the sum is ``n (1 + SNR)``, so ``sum / n − 1`` is unbiased before the threshold;
    of what crossed the threshold it is biased upwards, as a real radar's report is. Crossings at
    Pfa below 0.3 are always above 0; the floor of 0 serves weaker sums.

    Args:
        statistic: Sums of n powers.
        n: Pulses summed.
    """
    return cast("Array", np.maximum(np.asarray(statistic, np.float64) / n - 1.0, 0.0))


def check_luck(luck: Array) -> Array:
    """Take ``(m, LUCK)`` even random numbers, with zeros moved off the edge.

    Raises:
        SenseError: The shape is another.
    """
    u = np.asarray(luck, np.float64)
    if u.ndim != 2 or u.shape[1] != LUCK:
        raise SenseError(
            f"luck has shape {u.shape}, expected (targets, {LUCK}): draw rng.random((m, {LUCK}))"
        )
    return np.maximum(u, LEAST_LUCK)
