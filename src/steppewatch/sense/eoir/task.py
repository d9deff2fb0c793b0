"""The three questions put to an observer, and how often the answer comes: Johnson and TTP.

* **detect**: something is there that deserves a closer look;
* **recognise**: it is a person, an animal, a vehicle or an aircraft;
* **identify**: its class: walker, rider, 4x4, truck… **Never who it is.**
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.world.geodesy import Array


class Task(StrEnum):
    """Name the question."""

    DETECT = "detect"
    RECOGNISE = "recognise"
    IDENTIFY = "identify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Hold what a task takes for half of all observers to succeed.

    Attributes:
        cycles: Johnson's N50, resolvable cycles across the critical dimension.
        v50: The TTP metric's V50, cycles weighted by excess contrast.
    """

    cycles: float
    v50: float


# N50 0.75, 3 and 6 across √area: Kennedy 1991 (Proc. SPIE 1488, 45: three quarters of the older
# counts 1, 4, 8, for two-dimensional resolution), used by ACQUIRE and by the trade's range tables
# (1.5, 6 and 12 pixels). V50 2.7, 14.5 and 18.8 are the figures commonly quoted for vehicles with
# the NVThermIP model. They were not checked against its manual: count them as *assumed*, and
# compare both methods. For telling a 4x4 from a truck they are on the safe side.
CRITERIA: dict[Task, Criteria] = {
    Task.DETECT: Criteria(cycles=0.75, v50=2.7),
    Task.RECOGNISE: Criteria(cycles=3.0, v50=14.5),
    Task.IDENTIFY: Criteria(cycles=6.0, v50=18.8),
}

# Johnson 1958 (Image Intensifier Symposium, Fort Belvoir): cycles across the *smallest* dimension.
JOHNSON_1958 = {Task.DETECT: 1.0, Task.RECOGNISE: 4.0, Task.IDENTIFY: 6.4}


def johnson_probability(cycles: ArrayLike, cycles50: float) -> Array:
    """Give the share of observers who succeed with N resolvable cycles (the TTPF of NVESD).

    ``P = x^E / (1 + x^E)``, ``x = N/N50``, ``E = 2.7 + 0.7 x`` (Ratches 1976, Opt. Eng. 15, 525;
    Holst, *Electro-Optical Imaging System Performance*, §20).

    >>> [round(float(johnson_probability(n, 1.0)), 2) for n in (0.25, 0.5, 0.75, 1.0, 1.5, 2, 3)]
    [0.02, 0.11, 0.28, 0.5, 0.82, 0.94, 0.99]
    """
    x = np.maximum(np.asarray(cycles, float) / cycles50, 0.0)
    return _odds(x, 2.7 + 0.7 * x)


def ttp_probability(v: ArrayLike, v50: float) -> Array:
    """Give the share of observers who succeed with the TTP metric V.

    ``P = x^E / (1 + x^E)``, ``x = V/V50``, ``E = 1.51 + 0.24 x`` (Vollmerhausen, Jacobs &
    Driggers 2004, Opt. Eng. 43, 2806).

    >>> round(float(ttp_probability(18.8, 18.8)), 3), round(float(ttp_probability(37.6, 18.8)), 3)
    (0.5, 0.799)
    """
    x = np.maximum(np.asarray(v, float) / v50, 0.0)
    return _odds(x, 1.51 + 0.24 * x)


def _odds(x: Array, exponent: Array) -> Array:
    """Turn a ratio and an exponent into a probability; safe for 0, large and unknown ratios."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-exponent * np.log(x))))
