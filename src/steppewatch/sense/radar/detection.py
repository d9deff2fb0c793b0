"""Say exactly how probable detection is: square law, n pulses summed, Swerling 0 to 4.

The detector adds the power of n pulses, each with noise of mean power 1, and compares the sum
with a threshold T (Marcum 1960; Swerling 1960). Noise alone makes the sum a gamma variable of
shape n. A target of total energy S (in units of noise) makes it a Poisson mixture of gamma
variables: shape ``n + K`` with K Poisson of mean S (the noncentral chi-square series). A gamma
variable of integer shape a exceeds T exactly when a Poisson count X of mean T stays below a. So

    Pd = P(X < n + K) = Pfa + Σ_{m ≥ n} P(X = m) · P(K > m − n)

with X and K independent. When the target fluctuates, S is a gamma variable of k degrees (k = 1, n,
2, 2n for Swerling 1 to 4; Meyer & Mayer 1973, §1; Shnidman 2003) and K is negative binomial. All
terms are positive and the sum is short (some 12 √T terms about T), so nothing cancels: for
n ≤ 1,000, Pfa ≥ 1e-12 and every signal-to-noise ratio the error stays below 1e-10
(``tests/sense/radar/test_detection.py`` holds it against contour integrals of the characteristic
function, which share no formula with this module).

The pocket formulas of Albersheim and Shnidman stand in ``rules_of_thumb.py``.

Sources: Marcum, *A Statistical Theory of Target Detection by Pulsed Radar*, IRE Trans. IT-6
(1960); Swerling, *Probability of Detection for Fluctuating Targets*, ibid.; Meyer & Mayer, *Radar
Target Detection* (1973); DiFranco & Rubin, *Radar Detection* (1968), ch. 9 to 11; Richards,
*Fundamentals of Radar Signal Processing*, 2nd ed. (2014), §6.3.
"""

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from steppewatch.errors import SenseError

Array = NDArray[np.float64]

MAX_PULSES = 10_000
MIN_PFA, MAX_PFA = 1e-16, 0.5
SWERLING = (0, 1, 2, 3, 4)
CLEAR = 1e100  # [power ratio]; a stronger echo is detected with probability 1 in any case
BLOCK = 1_000_000  # numbers at work at once: 8 MB an array


def threshold(pfa: float, n: int) -> float:
    """Give the threshold that noise alone crosses with probability ``pfa``.

    Args:
        pfa: False-alarm probability of one decision, 1e-16 to 0.5.
        n: Pulses summed, 1 to 10,000.

    Returns:
        Threshold on the sum of n powers, each of mean 1 in noise.

    Raises:
        SenseError: An argument lies outside its range.

    >>> round(threshold(1e-6, 1), 4)
    13.8155
    """
    check_detector(pfa, n)
    return float(special.gammainccinv(n, pfa))


def detection_probability(snr: ArrayLike, n: int, pfa: float, swerling: int) -> Array:
    """Give the probability that a target crosses the threshold.

    Args:
        snr: Mean signal-to-noise ratio of one pulse (power, not dB), any shape; NaN stays NaN.
        n: Pulses summed after the square-law detector, 1 to 10,000.
        pfa: False-alarm probability of one decision, 1e-16 to 0.5.
        swerling: 0 steady; 1 and 3 fluctuate from scan to scan, 2 and 4 from pulse to pulse;
            1 and 2 with exponential power (many scatterers), 3 and 4 with one dominant scatterer.

    Returns:
        Probability, shape of ``snr``; absolute error below 1e-10 for n ≤ 1,000, Pfa ≥ 1e-12.

    Raises:
        SenseError: An argument lies outside its range.

    >>> detection_probability([0.0, 130.1], 1, 1e-6, 1).round(4)
    array([0. , 0.9])
    """
    limit = threshold(pfa, n)
    energy = check_snr(snr)
    check_swerling(swerling)
    if swerling == 2 or (n == 1 and swerling == 1):
        # Independent exponential pulses: a gamma variable again, with mean 1 + SNR each.
        return cast("Array", special.gammaincc(n, limit / (1.0 + energy)))
    last = int(limit + 12.0 * np.sqrt(limit) + 60.0)
    m = np.arange(n, last + 1, dtype=np.float64)
    weight = np.exp(m * np.log(limit) - limit - special.gammaln(m + 1.0))
    return mixture(energy, n, pfa, swerling, weight)


def mixture(snr: Array, n: int, pfa: float, swerling: int, weight: Array) -> Array:
    """Sum ``Pfa + Σ weight[i] · P(K > i)``: the series of the module docstring.

    Args:
        snr: Mean signal-to-noise ratio of one pulse, any shape, checked.
        n: Pulses summed.
        pfa: False-alarm probability.
        swerling: Fluctuation, 0 to 4.
        weight: ``(terms,)`` probability that the threshold count X equals n + i.
    """
    used = np.flatnonzero(weight > 1e-19)
    count: Array = used.astype(np.float64) + 1.0
    weight = weight[used]
    flat = snr.ravel()
    out = np.empty_like(flat)
    rows = max(BLOCK // max(len(used), 1), 1)
    for first in range(0, len(flat), rows):
        part = flat[first : first + rows, None]
        out[first : first + rows] = pfa + count_tail(part, n, swerling, count) @ weight
    return cast("Array", np.minimum(out, 1.0).reshape(snr.shape))


def count_tail(snr: Array, n: int, swerling: int, count: Array) -> Array:
    """Give P(K ≥ count) for the Poisson count K of the target's energy.

    Args:
        snr: Mean signal-to-noise ratio of one pulse.
        n: Pulses summed.
        swerling: Fluctuation, 0 to 4.
        count: At least 1; broadcasts with ``snr``.
    """
    if swerling == 0:
        return cast("Array", special.gammainc(count, n * snr))
    degrees = fluctuation_degrees(swerling, n)
    mean = n * snr / degrees
    p = 1.0 / (1.0 + mean)  # of the negative binomial
    q = mean * p
    if degrees == 1:
        return q**count
    if degrees == 2:
        return q**count * (1.0 + count * p)
    return cast("Array", special.betainc(count, degrees, q))


def fluctuation_degrees(swerling: int, n: int) -> int:
    """Give the shape k of the gamma variable that the energy of n pulses is; Swerling 1 to 4."""
    return (1, n, 2, 2 * n)[swerling - 1]


def required_snr(pd: float, n: int, pfa: float, swerling: int) -> float:
    """Give the mean signal-to-noise ratio of one pulse that reaches ``pd``; exact inverse.

    Args:
        pd: Wanted probability of detection, more than ``pfa``, less than 1.
        n: Pulses summed.
        pfa: False-alarm probability.
        swerling: Fluctuation, 0 to 4.

    Returns:
        Signal-to-noise ratio (power, not dB).

    Raises:
        SenseError: An argument lies outside its range.

    >>> snr = required_snr(0.9, 1, 1e-6, 1)
    >>> print(round(10 * np.log10(snr), 3))
    21.144
    """
    check_detector(pfa, n)
    check_swerling(swerling)
    return solve_snr(lambda snr: float(detection_probability(snr, n, pfa, swerling)), pd, pfa)


def check_detector(pfa: float, n: int) -> None:
    """Refuse a detector that nobody could build.

    Raises:
        SenseError: ``pfa`` or ``n`` is out of range.
    """
    if not MIN_PFA <= pfa <= MAX_PFA:
        raise SenseError(
            f"pfa is {pfa:g}, expected {MIN_PFA:g} to {MAX_PFA:g}; a threshold without false "
            "alarms does not exist, 1e-6 is usual"
        )
    if not (float(n).is_integer() and 1 <= n <= MAX_PULSES):
        raise SenseError(
            f"n is {n:g} pulses, expected a whole number from 1 to {MAX_PULSES}; longer sums lose "
            "to coherent integration: put it into the signal-to-noise ratio of one look"
        )


def check_swerling(swerling: int) -> None:
    """Refuse a fluctuation that is none of the five.

    Raises:
        SenseError: ``swerling`` is not 0, 1, 2, 3 or 4.
    """
    if swerling not in SWERLING:
        raise SenseError(
            f"swerling is {swerling}, expected 0 (steady), 1 or 3 (scan to scan), 2 or 4 (pulse "
            "to pulse); 1 suits most targets"
        )


def check_snr(snr: ArrayLike) -> Array:
    """Take signal-to-noise ratios as an array, refusing negative power; NaN passes.

    Raises:
        SenseError: A value is negative.
    """
    power = np.asarray(snr, np.float64)
    if np.any(power < 0.0):
        raise SenseError(
            f"snr is {np.nanmin(power):g}, expected 0 or more: it is a power ratio; give dB as "
            "10 ** (db / 10)"
        )
    return cast("Array", np.minimum(power, CLEAR))


def solve_snr(probability: Callable[[float], float], pd: float, pfa: float) -> float:
    """Find the signal-to-noise ratio where a rising probability reaches ``pd``.

    Raises:
        SenseError: ``pd`` does not lie between ``pfa`` and 1.
    """
    if not pfa < pd < 1.0:
        raise SenseError(
            f"pd is {pd:g}, expected more than pfa ({pfa:g}) and less than 1; certainty needs "
            "endless power, 0.5, 0.8 or 0.9 are usual"
        )
    low, high = -120.0, 160.0  # [dB]
    if probability(10.0 ** (low / 10.0)) >= pd:
        return float(10.0 ** (low / 10.0))
    if probability(10.0 ** (high / 10.0)) < pd:
        raise SenseError(f"pd is {pd:g}, expected what {high:g} dB can reach; ask for less")
    return float(
        10.0
        ** (
            optimize.brentq(
                lambda db: probability(10.0 ** (db / 10.0)) - pd, low, high, xtol=1e-10, rtol=1e-12
            )
            / 10.0
        )
    )
