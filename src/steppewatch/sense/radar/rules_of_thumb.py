"""Check the exact detection probability by the trade's two pocket formulas, inside their limits.

Nothing in the house computes with them: :func:`~steppewatch.sense.radar.detection.required_snr`
is exact. They let an engineer check a figure by hand.
"""

import math

from steppewatch.errors import SenseError
from steppewatch.sense.radar.detection import check_detector, check_swerling, fluctuation_degrees

EXACT = "use required_snr, which is exact everywhere"


def albersheim_snr_db(pd: float, pfa: float, n: int) -> float:
    """Estimate the signal-to-noise ratio of one pulse for a steady target [dB].

    For a linear detector; published error 0.2 dB inside its limits (Albersheim 1981; Tufts & Cann
    1983; Richards 2014, §6.3.6). Measured against our exact square law: within 0.4 dB for Pd of
    0.5 to 0.9, but up to 4 dB too hopeful at Pd 0.1.

    Args:
        pd: Probability of detection, 0.1 to 0.9.
        pfa: False-alarm probability, 1e-7 to 1e-3.
        n: Pulses summed, 1 to 8,096.

    Raises:
        SenseError: An argument lies outside the published limits.

    >>> round(albersheim_snr_db(0.9, 1e-6, 1), 3)
    13.115
    """
    check_detector(pfa, n)
    _within("Albersheim's formula", pd, (0.1, 0.9), pfa, (1e-7, 1e-3), n, 8096)
    a = math.log(0.62 / pfa)
    b = math.log(pd / (1.0 - pd))
    return -5.0 * math.log10(n) + (6.2 + 4.54 / math.sqrt(n + 0.44)) * math.log10(
        a + 0.12 * a * b + 1.7 * b
    )


def shnidman_snr_db(pd: float, pfa: float, n: int, swerling: int) -> float:
    """Estimate the signal-to-noise ratio of one pulse for any Swerling case [dB].

    Square law; published error 0.5 dB inside its limits, except for Swerling 1 near their edge
    (Shnidman, *Determination of Required SNR Values*, IEEE Trans. AES-38, 2002; Richards 2014,
    §6.3.6). Measured: 0.3 dB for a steady target, 0.65 dB for cases 2 to 4, 1.2 dB for case 1.

    Args:
        pd: Probability of detection, 0.1 to 0.99.
        pfa: False-alarm probability, 1e-9 to 1e-3.
        n: Pulses summed, 1 to 100.
        swerling: Fluctuation, 0 to 4.

    Raises:
        SenseError: An argument lies outside the published limits.

    >>> round(shnidman_snr_db(0.9, 1e-6, 1, 1), 2)
    21.35
    """
    check_detector(pfa, n)
    check_swerling(swerling)
    _within("Shnidman's formula", pd, (0.1, 0.99), pfa, (1e-9, 1e-3), n, 100)
    degrees = fluctuation_degrees(swerling, n) if swerling else math.inf
    alpha = 0.25 if n >= 40 else 0.0
    eta = math.sqrt(-0.8 * math.log(4.0 * pfa * (1.0 - pfa))) + math.copysign(
        math.sqrt(max(-0.8 * math.log(4.0 * pd * (1.0 - pd)), 0.0)), pd - 0.5
    )
    steady = eta * (eta + 2.0 * math.sqrt(n / 2.0 + (alpha - 0.25)))
    extra_db = (((17.7006 * pd - 18.4496) * pd + 14.5339) * pd - 3.525) / degrees
    if pd > 0.872:
        extra_db += (
            math.exp(27.31 * pd - 25.14)
            + (pd - 0.8) * (0.7 * math.log(1e-5 / pfa) + (2.0 * n - 20.0) / 80.0)
        ) / degrees
    return 10.0 * math.log10(steady / n) + extra_db


def _within(
    formula: str,
    pd: float,
    pds: tuple[float, float],
    pfa: float,
    pfas: tuple[float, float],
    n: int,
    most: int,
) -> None:
    for name, value, low, high in (
        ("pd", pd, *pds),
        ("pfa", pfa, *pfas),
        ("n", float(n), 1.0, float(most)),
    ):
        if not low * (1.0 - 1e-9) <= value <= high * (1.0 + 1e-9):
            raise SenseError(
                f"{name} is {value:g}, expected {low:g} to {high:g}, where {formula} holds; {EXACT}"
            )
