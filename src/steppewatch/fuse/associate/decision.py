"""What association says to the rest of the tracker, whichever method said it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Method(IntEnum):
    """Name the way by which a track got its plots."""

    ALONE = 0
    GNN = 1
    LBP = 2
    MHT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Say which of p plots belong to which of n tracks.

    A track whose pairs' weights sum to less than 1 keeps the rest of its weight on its
    prediction: with that probability it exists and none of the plots is its own. A hard decision
    is one pair with weight 1. A track with no pair was not hit, and its look is counted as a miss
    by whoever counts looks.

    Attributes:
        track: ``(k,)`` int64 track of each pair, ascending.
        plot: ``(k,)`` int64 its plot.
        weight: ``(k,)`` float64 in (0, 1], probability that the plot is this track's.
        rows: ``(m,)`` int64 tracks that were hit, ascending: the distinct values of ``track``.
        score: ``(m,)`` float64 their new log-odds of existence (not capped).
        used: ``(p,)`` float64 probability that a plot was made by any existing track; births
            get the rest.
        method: ``(m,)`` uint8, the :class:`Method` that decided.
        contested: ``(n,)`` bool, tracks that claim a plot which another one claims too.
        degraded: Tracks decided by a cheaper method than the mode asks for, because their
            cluster was too large for the work budget.
    """

    track: NDArray[np.int64]
    plot: NDArray[np.int64]
    weight: NDArray[np.float64]
    rows: NDArray[np.int64]
    score: NDArray[np.float64]
    used: NDArray[np.float64]
    method: NDArray[np.uint8]
    contested: NDArray[np.bool_]
    degraded: int = 0

    def leading(self) -> NDArray[np.intp]:
        """Give the number of each hit track's likeliest pair ``(m,)``, in the order of ``rows``."""
        if len(self.track) == len(self.rows):
            return np.arange(len(self.rows))
        order = np.lexsort((-self.weight, self.track))
        first = np.ones(len(order), bool)
        first[1:] = self.track[order[1:]] != self.track[order[:-1]]
        return order[first]
