"""Pay for not knowing the noise: cell-averaging CFAR, exact for every Swerling case.

The threshold is the mean of M reference cells times a multiplier, so it is a gamma variable itself
and the Poisson count X of :mod:`~steppewatch.sense.radar.detection` becomes negative binomial;
all else stays. For one pulse and Swerling 1 this gives ``Pd = (1 + a/(1 + SNR))^−M`` with
``a = Pfa^(−1/M) − 1`` (Finn & Johnson, RCA Review 29, 1968; Richards 2014, §6.5.3). Reference
cells hold noise alone: no clutter edge, no neighbour target.
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
    mixture,
    required_snr,
    solve_snr,
)

Array = NDArray[np.float64]

MIN_CELLS, MAX_CELLS = 4, 4096


def multiplier(cells: int, pfa: float, n: int = 1) -> float:
    """Give the factor on the *sum* of the reference cells that keeps ``pfa``.

    Args:
        cells: Reference cells M, 4 to 4,096; each sums the same n pulses as the cell under test.
        pfa: False-alarm probability.
        n: Pulses summed.

    Raises:
        SenseError: An argument lies outside its range.

    >>> round(multiplier(16, 1e-6), 4)  # 10^(6/16) − 1
    1.3714
    """
    check_detector(pfa, n)
    if not (float(cells).is_integer() and MIN_CELLS <= cells <= MAX_CELLS):
        raise SenseError(
            f"cells is {cells:g}, expected a whole number from {MIN_CELLS} to {MAX_CELLS}; "
            "16 to 64 reference cells are usual"
        )
    p = float(special.betaincinv(cells * n, n, pfa))
    return (1.0 - p) / p


def cfar_detection_probability(
    snr: ArrayLike, n: int, pfa: float, swerling: int, cells: int
) -> Array:
    """Give the probability of detection behind a cell-averaging CFAR.

    Args:
        snr: Mean signal-to-noise ratio of one pulse (power), any shape; NaN stays NaN.
        n: Pulses summed.
        pfa: False-alarm probability.
        swerling: Fluctuation, 0 to 4.
        cells: Reference cells, 4 to 4,096.

    Raises:
        SenseError: An argument lies outside its range.

    >>> cfar_detection_probability([0.0, 10**2.3151], 1, 1e-6, 1, 16).round(4)
    array([0. , 0.9])
    """
    factor = multiplier(cells, pfa, n)
    power = check_snr(snr)
    check_swerling(swerling)
    if n == 1 and swerling in (1, 2):
        return cast("Array", np.asarray((1.0 + factor / (1.0 + power)) ** -float(cells)))
    r = float(cells * n)
    p, q = 1.0 / (1.0 + factor), factor / (1.0 + factor)
    last = r * factor + 60.0
    while special.betainc(last, r, q) > 1e-14:  # P(X ≥ last)
        last *= 1.25
    m = np.arange(n, int(last) + 1, dtype=np.float64)
    weight = np.exp(
        special.gammaln(m + r)
        - special.gammaln(m + 1.0)
        - special.gammaln(r)
        + r * np.log(p)
        + m * np.log(q)
    )
    return mixture(power, n, pfa, swerling, weight)


def cfar_loss_db(cells: int, pd: float, pfa: float, n: int = 1, swerling: int = 1) -> float:
    """Give the extra signal-to-noise ratio that CFAR asks for, beside known noise [dB].

    Args:
        cells: Reference cells, 4 to 4,096.
        pd: Probability of detection where the loss is taken.
        pfa: False-alarm probability.
        n: Pulses summed.
        swerling: Fluctuation, 0 to 4.

    Raises:
        SenseError: An argument lies outside its range.

    >>> round(cfar_loss_db(32, 0.9, 1e-6), 2)
    0.97
    """
    known = required_snr(pd, n, pfa, swerling)
    estimated = solve_snr(
        lambda snr: float(cfar_detection_probability(snr, n, pfa, swerling, cells)), pd, pfa
    )
    return float(10.0 * np.log10(estimated / known))
