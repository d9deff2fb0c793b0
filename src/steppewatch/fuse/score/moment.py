"""Say how far a set of tracks is from the truth at one moment: GOSPA and OSPA.

GOSPA is that of Rahmathullah, García-Fernández & Svensson 2017 (eq. 1, α = 2); OSPA that of
Schuhmacher, Vo & Vo 2008 (eq. 3). Both are exact and look at near pairs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import FuseError
from steppewatch.fuse.score.assign import match, near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.score.assign import Pairs, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Gospa:
    """Split one GOSPA value (α = 2) into its causes; ``distance**p`` is the sum of the three.

    Attributes:
        distance: The metric [m].
        localisation: Distances of the matched pairs to the power p, summed [m^p].
        missed: c^p/2 for each target that nothing matched [m^p].
        false: c^p/2 for each track that nothing matched [m^p].
        pairs: ``(k, 2)`` matched rows of truth and tracks.
    """

    distance: float
    localisation: float
    missed: float
    false: float
    pairs: NDArray[np.intp]


def gospa(truth: Points, tracks: Points, c: float = 1_000.0, p: float = 2.0) -> Gospa:
    """Measure how far a set of tracks is from the truth, with α = 2.

    Args:
        truth: ``(t, d)`` positions in any Cartesian frame [m].
        tracks: ``(n, d)`` positions in the same frame [m].
        c: Distance from which a pair counts as one missed and one false [m].
        p: Order; large errors weigh more with a larger one.

    Raises:
        FuseError: ``c`` is not a positive number, or ``p`` is below 1.

    >>> result = gospa(np.zeros((1, 3)), np.array([[3.0, 4.0, 0.0], [9e3, 0.0, 0.0]]), c=10.0)
    >>> round(result.distance, 6), result.localisation, result.false
    (8.660254, 25.0, 50.0)
    """
    check(c, p)
    return gospa_of(near(truth, tracks, c), len(truth), len(tracks), c, p)


def check(c: float, p: float = 2.0) -> None:
    """Refuse a cut-off [m] or an order that gives no metric."""
    if not 0.0 < c < np.inf:
        raise FuseError(f"the cut-off is {c} m; give a positive number")
    if not 1.0 <= p < np.inf:
        raise FuseError(f"the order is {p}; below 1 it gives no metric, and 2 is usual")


def gospa_of(pairs: Pairs, targets: int, tracks: int, c: float, p: float = 2.0) -> Gospa:
    """Measure the same from near pairs found before; those at ``c`` [m] or farther do not count.

    Args:
        pairs: All pairs closer than ``c``, or more.
        targets: Number of true targets.
        tracks: Number of tracks.
        c: Cut-off [m].
        p: Order.
    """
    chosen = match(pairs.first, pairs.second, c**p - pairs.distance**p)
    localisation = float((pairs.distance[chosen] ** p).sum())
    missed = 0.5 * c**p * (targets - len(chosen))
    false = 0.5 * c**p * (tracks - len(chosen))
    return Gospa(
        distance=float((localisation + missed + false) ** (1.0 / p)),
        localisation=localisation,
        missed=missed,
        false=false,
        pairs=np.stack((pairs.first[chosen], pairs.second[chosen]), axis=1),
    )


def ospa(truth: Points, tracks: Points, c: float = 1_000.0, p: float = 2.0) -> float:
    """Measure the same per target: OSPA of order ``p``, cut off at ``c`` [m]; 0 for nothing.

    >>> ospa(np.zeros((1, 2)), np.array([[3.0, 4.0]]), c=10.0)
    5.0
    """
    return ospa_from(gospa(truth, tracks, c, p), len(truth), len(tracks), c, p)


def ospa_from(result: Gospa, targets: int, tracks: int, c: float, p: float = 2.0) -> float:
    """Give the OSPA [m] that goes with a GOSPA of the same ``c`` [m] and ``p``.

    Both take the assignment of the greatest Σ (c^p − d^p); what it leaves over costs c^p in OSPA,
    once for the larger set.
    """
    most = max(targets, tracks)
    if most == 0:
        return 0.0
    total = result.localisation + c**p * (most - len(result.pairs))
    return float((total / most) ** (1.0 / p))
