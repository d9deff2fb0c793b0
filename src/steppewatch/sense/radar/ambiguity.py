"""Say what a train of pulses cannot tell apart, and refuse trains that cannot do their work.

An echo that arrives after the next pulse is taken for a nearer target; a Doppler shift beyond half
the PRF is taken for a slower one; an echo that arrives while the transmitter is on is cut
(Skolnik, *Introduction to Radar Systems*, 3rd ed., §1.1, §3.1; Richards 2014, §1.4, §5.3).
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError

Array = NDArray[np.float64]

LIGHT = 299_792_458.0  # [m/s]
LIMITS = {  # what a surveillance radar on land can be: lowest, highest, unit, remedy
    "frequency": (30e6, 300e9, "Hz", "VHF 0.1e9, L 1.3e9, S 3e9, X 10e9, Ku 16e9 are usual"),
    "prf": (1.0, 1e7, "Hz", "250 to 10,000 are usual"),
    "pulse_width": (1e-9, 1.0, "s", "1e-6 to 200e-6 are usual"),
    "bandwidth": (1e3, 1e10, "Hz", "1e6 to 50e6 are usual"),
    "wavelength": (1e-3, 10.0, "m", "it is 3e8 / frequency"),
    "beamwidth": (1e-4, 2.0 * np.pi, "rad", "a degree is 0.01745"),
    "dwell": (1e-6, 1e3, "s", "pulses / prf of one coherent interval"),
    "loss_db": (0.0, 100.0, "dB", "a loss is positive; a gain belongs to the antenna"),
}


def check(**values: float) -> None:
    """Refuse figures that no radar has; the names are those of :data:`LIMITS`.

    Raises:
        SenseError: One lies outside its range; the message names the range and a remedy.

    >>> check(loss_db=-3.0)
    Traceback (most recent call last):
    steppewatch.errors.SenseError: loss_db is -3 dB, expected 0 to 100; a loss is positive; ...
    """
    for name, value in values.items():
        low, high, unit, remedy = LIMITS[name]
        if not low <= value <= high:
            raise SenseError(f"{name} is {value:g} {unit}, expected {low:g} to {high:g}; {remedy}")


def unambiguous_range(prf: float) -> float:
    """Give the range c / 2 PRF beyond which echoes fold [m].

    >>> round(unambiguous_range(300.0) / 1e3, 1)
    499.7
    """
    check(prf=prf)
    return LIGHT / (2.0 * prf)


def unambiguous_speed(prf: float, wavelength: float) -> float:
    """Give the greatest range rate ±λ PRF / 4 that is read aright [m/s]."""
    check(prf=prf, wavelength=wavelength)
    return wavelength * prf / 4.0


def folded_range(slant_range: ArrayLike, prf: float) -> Array:
    """Give the range at which a target appears [m]."""
    return np.asarray(np.mod(np.asarray(slant_range, np.float64), unambiguous_range(prf)))


def folded_range_rate(range_rate: ArrayLike, prf: float, wavelength: float) -> Array:
    """Give the range rate at which a target appears [m/s], within ±λ PRF / 4."""
    half = unambiguous_speed(prf, wavelength)
    return np.asarray(np.mod(np.asarray(range_rate, np.float64) + half, 2.0 * half) - half)


def received_fraction(slant_range: ArrayLike, prf: float, pulse_width: float) -> Array:
    """Give the part of the echo that arrives while the transmitter is off, 0 to 1.

    Args:
        slant_range: Slant range [m], any shape.
        prf: Pulse repetition frequency [Hz].
        pulse_width: Transmitted pulse, before compression [s].

    Raises:
        SenseError: The pulse fills the interval, or an argument is out of range.
    """
    check(prf=prf, pulse_width=pulse_width)
    interval = 1.0 / prf
    if 2.0 * pulse_width >= interval:
        raise SenseError(
            f"pulse_width is {pulse_width:g} s at prf {prf:g} Hz, expected less than half the "
            f"interval, {0.5 * interval:g} s; shorten the pulse, lower the PRF, or model the radar "
            "as continuous"
        )
    begin = np.mod(2.0 * np.asarray(slant_range, np.float64) / LIGHT, interval)
    head = np.clip(pulse_width - begin, 0.0, pulse_width)  # lost behind this pulse
    tail = np.clip(begin + pulse_width - interval, 0.0, pulse_width)  # lost under the next
    return np.asarray(1.0 - (head + tail) / pulse_width)


def eclipsing_loss_db(slant_range: ArrayLike, prf: float, pulse_width: float) -> Array:
    """Give what is lost of an echo that the transmitter cuts [dB]; infinite when all is.

    The filter stays matched to the whole pulse, so amplitude falls with the part received:
    −20 log₁₀ (Richards 2014, §5.3.4).
    """
    with np.errstate(divide="ignore"):
        part = received_fraction(slant_range, prf, pulse_width)
        return np.asarray(-20.0 * np.log10(part))


def clear_intervals(
    slant_range: ArrayLike, prfs: Sequence[float], pulse_width: float
) -> NDArray[np.int64]:
    """Count the PRFs of a set at which a target is received whole; shape of ``slant_range``."""
    parts = [received_fraction(slant_range, prf, pulse_width) for prf in prfs]
    return cast("NDArray[np.int64]", np.sum(np.asarray(parts) >= 1.0 - 1e-9, axis=0))


def check_train(
    *, prf: float, pulse_width: float, max_range: float, ambiguous: bool = False
) -> None:
    """Refuse a train of pulses that does not reach the instrumented range without folding.

    Args:
        prf: The highest PRF used [Hz].
        pulse_width: Transmitted pulse [s].
        max_range: Instrumented slant range [m].
        ambiguous: True when several PRFs resolve folded ranges, as in medium and high PRF.

    Raises:
        SenseError: The range folds and nothing resolves it, or an argument is out of range.
    """
    check(prf=prf, pulse_width=pulse_width)
    reach = unambiguous_range(prf) - 0.5 * LIGHT * pulse_width
    if max_range > reach and not ambiguous:
        most = 1.0 / (2.0 * max_range / LIGHT + pulse_width)
        raise SenseError(
            f"prf is {prf:g} Hz, which is unambiguous to {reach / 1e3:.1f} km only, expected at "
            f"most {most:.1f} Hz for {max_range / 1e3:.1f} km; lower the PRF, shorten the range, "
            "or use several PRFs and say so"
        )
