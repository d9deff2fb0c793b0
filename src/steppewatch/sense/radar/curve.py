"""Read Pd fast: one table per detector, made exactly once, read by straight lines.

Maps and kernels ask for millions of probabilities with few detectors. The table stands on even
steps of 0.02 dB and is read linearly; its error against the exact function was at most 4e-5
(``tests/sense/radar/test_curve.py`` holds 1e-4).
"""

import functools
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.sense.radar.detection import detection_probability, required_snr

Array = NDArray[np.float64]

STEP_DB = 0.02
TAIL = 1e-5  # the table ends where Pd is this near to Pfa and to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionCurve:
    """Hold Pd against signal-to-noise ratio on even steps.

    A kernel reads it as ``u = (snr_db − first_db) / step_db``, clamped to ``0 … m − 1``.

    Attributes:
        first_db: Signal-to-noise ratio of one pulse at ``pd[0]`` [dB].
        step_db: Step [dB].
        pd: ``(m,)`` probability of detection, rising; read only.
    """

    first_db: float
    step_db: float
    pd: Array

    def at(self, snr_db: ArrayLike) -> Array:
        """Read Pd, within 1e-4.

        Args:
            snr_db: Mean signal-to-noise ratio of one pulse [dB], any shape; −inf is no signal,
                NaN stays NaN.
        """
        where = (np.asarray(snr_db, np.float64) - self.first_db) / self.step_db
        last = len(self.pd) - 1
        known = np.clip(np.nan_to_num(where, nan=0.0, posinf=last, neginf=0.0), 0.0, last)
        left = np.minimum(known.astype(np.int64), last - 1)
        part = known - left
        pd = self.pd[left] * (1.0 - part) + self.pd[left + 1] * part
        return cast("Array", np.where(np.isnan(where), np.nan, pd))


@functools.cache
def detection_curve(n: int, pfa: float, swerling: int) -> DetectionCurve:
    """Tabulate the exact Pd of one detector; kept for the life of the process.

    Args:
        n: Pulses summed.
        pfa: False-alarm probability.
        swerling: Fluctuation, 0 to 4.

    Raises:
        SenseError: An argument lies outside its range (as in ``detection_probability``).

    >>> detection_curve(1, 1e-6, 1).at([-np.inf, 21.1436]).round(4)
    array([0. , 0.9])
    """
    low = required_snr(pfa + TAIL * (1.0 - pfa), n, pfa, swerling)
    high = required_snr(1.0 - TAIL, n, pfa, swerling)
    first = int(np.floor(10.0 * np.log10(low) / STEP_DB))
    last = int(np.ceil(10.0 * np.log10(high) / STEP_DB))
    snr_db = np.arange(first, last + 1) * STEP_DB
    pd = detection_probability(10.0 ** (snr_db / 10.0), n, pfa, swerling)
    pd[0] = pfa
    pd.flags.writeable = False
    return DetectionCurve(first_db=float(snr_db[0]), step_db=STEP_DB, pd=pd)
