"""Measure how far a set of tracks is from the true ones over a whole run: trajectory GOSPA.

García-Fernández, Rahmathullah & Svensson 2020, "A metric on the space of finite sets of
trajectories for evaluation of multi-target tracking algorithms", IEEE Trans. Signal Process. 68:
the linear-programming metric (§IV-B) and its four causes (§IV-C).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import FuseError
from steppewatch.fuse.score.plan import plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.score.meetings import Meetings

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TGospa:
    """Hold one T-GOSPA value and its causes; ``distance**p`` is the sum of the four.

    Attributes:
        distance: The metric over all moments [m].
        per_moment: (distance^p / moments)^(1/p), which does not grow with the run's length [m].
        localisation: From matched pairs [m^p].
        missed: From target-moments that nothing matched [m^p].
        false: From track-moments that matched nothing [m^p].
        switch: From changes of the matching [m^p]: γ^p from one track to another, γ^p/2 from or to
            none.
        gamma: Switching penalty γ [m].
        window: Moments in a piece, between which changes went free; None if the run is one piece.
        over_time: ``(k, 4)`` the same four, of each moment; a change counts at its second one.
    """

    distance: float
    per_moment: float
    localisation: float
    missed: float
    false: float
    switch: float
    gamma: float
    window: int | None
    over_time: Floats


def t_gospa(
    met: Meetings,
    c: float = 1_000.0,
    gamma: float = 1_000.0,
    *,
    p: float = 2.0,
    window: int | None = None,
) -> TGospa:
    """Measure a run.

    Args:
        met: Meetings within ``c``, or farther.
        c: Distance from which a pair counts as one missed and one false [m].
        gamma: What one switch costs: as much as an error of this size at one moment [m].
        p: Order.
        window: Cut the run into pieces of so many moments and sum them up: time and memory then
            grow linearly with the length, but changes from piece to piece go free. None: do not.

    Raises:
        FuseError: A parameter is not positive, or the solver gave up.
    """
    if not (c > 0.0 and gamma > 0.0 and p >= 1.0 and (window is None or window > 0)):
        raise FuseError(
            f"c {c}, gamma {gamma} and window {window} must be positive, p {p} at least 1"
        )
    moments = len(met.alive)
    causes = np.zeros((moments, 4))
    step = moments if window is None else window
    for start in range(0, moments, max(step, 1)):
        piece = met if step >= moments else met.between(start, start + step)
        causes[start : start + step] = _causes(piece, c, gamma, p)
    total = causes.sum(axis=0)
    return TGospa(
        distance=float(total.sum() ** (1.0 / p)),
        per_moment=float((total.sum() / max(moments, 1)) ** (1.0 / p)),
        localisation=float(total[0]),
        missed=float(total[1]),
        false=float(total[2]),
        switch=float(total[3]),
        gamma=gamma,
        window=None if step >= moments else step,
        over_time=causes,
    )


def _causes(met: Meetings, c: float, gamma: float, p: float) -> Floats:
    """Split the metric^p of one piece by moment and cause, ``(k, 4)``."""
    near = met.distance < c
    cost = np.where(near, met.distance, 0.0) ** p
    change = 0.5 * gamma**p
    weight = plan(met.first, met.second, np.where(near, c**p - cost, 0.0), change)
    matched = (weight * near).sum(axis=1)
    half = 0.5 * c**p
    changes = np.abs(np.diff(weight, axis=0)).sum(axis=1)
    return np.stack(
        (
            (weight * cost).sum(axis=1),
            half * (met.alive.sum(axis=1) - matched),
            half * (met.told.sum(axis=1) - matched),
            change * np.concatenate((np.zeros(min(len(weight), 1)), changes)),
        ),
        axis=1,
    )
