"""When the tracker calls something a track, and when it gives it up: the rules of a small chain.

They are read from the very settings with which the tracker runs (``fuse.TrackerSettings``), so
that a stricter tracker is planned with as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.fuse import TrackerSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRules:
    """Hold what the chain takes over from the tracker.

    Attributes:
        hits: Plots that confirm a track (M of M of N); one more does when they come late.
        looks: Looks within which they must come (N).
        tentative_misses: Missed looks in a row that end an unconfirmed track.
        coast: Scans without any plot that end any track.
        fair: A look with a smaller chance does not count as missed.
        custody: How long a confirmed track that nobody can see is kept [s].
    """

    hits: int = 3
    looks: int = 6
    tentative_misses: int = 2
    coast: int = 6
    fair: float = 0.3
    custody: float = 180.0

    def __post_init__(self) -> None:
        """Refuse rules by which nothing would ever be a track."""
        if not (2 <= self.hits <= self.looks <= 20 and self.tentative_misses >= 1):
            raise PlanError(
                f"{self.hits} hits of {self.looks} looks, {self.tentative_misses} misses: expected "
                "2 ≤ hits ≤ looks ≤ 20 and one miss or more"
            )
        if not (1 <= self.coast <= 50 and 0.0 <= self.fair <= 1.0 and self.custody > 0.0):
            raise PlanError(
                f"coast of {self.coast} scans, fair chance {self.fair:g}, custody "
                f"{self.custody:g} s: expected 1…50, 0…1 and above 0"
            )

    def states(self) -> NDArray[np.int64]:
        """List the states of a tentative track and where a look takes each of them.

        A state is (h hits, l looks since it began, m looks missed since the last hit); more than
        N looks count as N + 1, from where one hit more than M is asked. The first state is (1, 1,
        0), and every look leads to a state with a higher number.

        Returns:
            ``(5, t)`` the next state after a hit (−1: confirmed); after a hit by another sensor
            that is less patient than the last one; after a miss that counts, and after a look too
            poor to count (−1: the track ends); and m.
        """
        late = self.looks + 1
        every = [
            (h, l, m)
            for h in range(1, self.hits + 1)
            for l in range(h, late + 1)  # noqa: E741 (looks)
            for m in range(self.coast if l == late else min(l - h + 1, self.coast))
            if (h > 1 or l == late or m == l - 1) and (h < self.hits or l == late)
        ]
        number = {state: i for i, state in enumerate(every)}
        out = np.full((5, len(every)), -1, np.int64)
        for i, (h, looks, m) in enumerate(every):
            longer = min(looks + 1, late)
            if not ((h + 1 >= self.hits and longer < late) or h + 1 > self.hits):
                out[0, i] = number[h + 1, longer, 0]
                out[1, i] = number[h + 1, longer, m]
            out[4, i] = m
            for row, most in ((2, min(self.tentative_misses, self.coast)), (3, self.coast)):
                if m + 1 < most:
                    out[row, i] = number[h, longer, m + 1]
        return out

    def row(self) -> NDArray[np.float64]:
        """Give them as the kernel takes them ``(6,)``."""
        return np.array(
            (self.hits, self.looks, self.tentative_misses, self.coast, self.fair, self.custody)
        )


def rules_from(settings: TrackerSettings | None = None) -> TrackRules:
    """Read the rules from the tracker's settings.

    >>> rules_from().hits
    3
    """
    chosen = TrackerSettings() if settings is None else settings
    return TrackRules(
        hits=chosen.confirm_hits,
        looks=chosen.confirm_looks,
        tentative_misses=chosen.drop_tentative,
        coast=max(1, round(chosen.coast_scans)),
        fair=chosen.fair_chance,
        custody=chosen.custody,
    )
