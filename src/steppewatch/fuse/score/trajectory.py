"""Measure how far a set of tracks is from the true ones over a whole run: trajectory GOSPA.

García-Fernández, Rahmathullah & Svensson 2020, "A metric on the space of finite sets of
trajectories for evaluation of multi-target tracking algorithms", IEEE Trans. Signal Process. 68.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from steppewatch.errors import FuseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from steppewatch.fuse.score.meetings import Meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class TGospa:
    """Hold one T-GOSPA value (p = 2) and its causes; ``distance²`` is the sum of the four.

    Attributes:
        distance: The metric over all moments [m].
        per_moment: √(distance² / moments), which does not grow with the length of the run [m].
        localisation: From matched pairs [m²].
        missed: From target-moments that nothing matched [m²].
        false: From track-moments that matched nothing [m²].
        switch: From changes of the matching [m²]; γ² for one switch, γ²/2 for half of one.
        gamma: Switching penalty [m].
        over_time: ``(k, 4)`` the same four, of each moment; a change counts at its second one.
    """

    distance: float
    per_moment: float
    localisation: float
    missed: float
    false: float
    switch: float
    gamma: float
    over_time: NDArray[np.float64]


def t_gospa(
    met: Meetings, c: float = 1_000.0, gamma: float = 1_000.0, *, window: int | None = None
) -> TGospa:
    """Measure a run."""
    raise FuseError(f"T-GOSPA is not here yet ({len(met.alive)}, {c}, {gamma}, {window})")
