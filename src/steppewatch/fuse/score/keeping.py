"""Sum up how well tracks kept to their targets: switches, breaks, delays, coasting, false tracks.

Switches and fragmentations are those of CLEAR MOT (Bernardin & Stiefelhagen 2008) and of its
usual extension (Li, Huang & Nevatia 2009, §5); the delays are what an operator waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.score.identity import Holding
    from steppewatch.fuse.score.series import Series

    Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Sum up how well tracks kept to their targets.

    Attributes:
        switches: Times that a target changed its track.
        switches_rate: The same per 100 target-minutes.
        fragmentations: Times that a target was lost and found again, by whatever track.
        fragmentations_rate: The same per 100 target-minutes.
        latency: Median time from a target's first moment to its first track [s]; NaN for none.
        latency_90: The same for nine targets of ten, of all that ever came under a track [s].
        never: Targets that no track ever held.
        lingering: Median time that tracks of a target that ended were still told after it, while
            they held nothing else [s], over targets that ever had one; NaN where none ended.
        false_tracks: Tracks that never held a target.
        false_rate: Per 1,000 target-moments, tracks that were near no target, leaving out those
            that still coast within ``grace`` moments after the end of the target they held.
        coasting: Part of the told track-moments without a detection since the moment before; NaN
            if the tracker does not say when it saw them.
        coast_age: For those, nine of ten are younger than this [s].
    """

    switches: int
    switches_rate: float
    fragmentations: int
    fragmentations_rate: float
    latency: float
    latency_90: float
    never: int
    lingering: float
    false_tracks: int
    false_rate: float
    coasting: float
    coast_age: float


def identity_of(
    times: NDArray[np.float64],
    truth: Series,
    tracks: Series,
    holding: Holding,
    near_any: NDArray[np.bool_],
    *,
    skip: int = 0,
    grace: int = 5,
) -> Identity:
    """Sum up a holding.

    Args:
        times: ``(k,)`` moments [s].
        truth: The targets.
        tracks: The tracks.
        holding: Who held whom.
        near_any: ``(n,)`` for each track row whether any target was near it.
        skip: First moments that count for latency, but for nothing else.
        grace: Moments after a target's end in which its track may still be told.
    """
    when, told = truth.moment(), tracks.moment()
    scored = int((when >= skip).sum())
    hundred = max(_worth(times)[when[when >= skip]].sum() / 6_000.0, 1e-12)  # 100 target-minutes
    target = np.unique(truth.name, return_inverse=True)[1]
    switches = int((holding.switched & (holding.moment >= skip)).sum())
    breaks = _breaks(target, when, holding, skip)
    delay, never = _delays(times, target, when, holding)
    linger, since = _lingering(times, truth, tracks, holding)
    strays = ~near_any & (told >= skip) & ~((since > 0) & (since <= grace))
    holds = np.isin(tracks.name, tracks.name[holding.track])
    coasting, age = _coasting(times, tracks.seen[told >= skip], told[told >= skip])
    return Identity(
        switches=switches,
        switches_rate=switches / hundred,
        fragmentations=breaks,
        fragmentations_rate=breaks / hundred,
        latency=float(np.median(delay)) if len(delay) else float("nan"),
        latency_90=float(np.quantile(delay, 0.9)) if len(delay) else float("nan"),
        never=never,
        lingering=linger,
        false_tracks=len(np.unique(tracks.name[(told >= skip) & ~holds])),
        false_rate=1_000.0 * int(strays.sum()) / max(scored, 1),
        coasting=coasting,
        coast_age=age,
    )


def _worth(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each moment the time it stands for [s], ``(k,)``: half of that to each neighbour.

    The first and the last stand for the whole of their only interval, so that equal periods give
    one period to each.
    """
    if len(times) < 2:
        return np.zeros(len(times))
    between = np.diff(times)
    return 0.5 * (np.append(between, between[-1]) + np.concatenate((between[:1], between)))


def _breaks(target: Indices, when: Indices, holding: Holding, skip: int) -> int:
    """Count the times that a target was held again after it had been lost."""
    held = np.zeros(len(target), np.bool_)
    held[holding.truth] = True
    order = np.lexsort((when, target))
    order = order[when[order] >= skip]
    now, of = held[order], target[order]
    before = np.concatenate(([False], now[:-1] & (of[1:] == of[:-1])))
    return int((now & ~before).sum()) - len(np.unique(of[now]))


def _delays(
    times: NDArray[np.float64], target: Indices, when: Indices, holding: Holding
) -> tuple[NDArray[np.float64], int]:
    """Measure the time from each target's first moment to its first track; count those without."""
    count = int(target.max()) + 1 if len(target) else 0
    first, held = np.full(count, len(times)), np.full(count, len(times))
    np.minimum.at(first, target, when)
    np.minimum.at(held, target[holding.truth], holding.moment)
    got = held < len(times)
    return times[held[got]] - times[first[got]], count - int(got.sum())


def _lingering(
    times: NDArray[np.float64], truth: Series, tracks: Series, holding: Holding
) -> tuple[float, Indices]:
    """Measure how long tracks outlive their targets.

    Returns:
        The median over targets that ended under a track [s], and for each track row how many
        moments ago the target ended that its track held last (0: it has not).
    """
    target = np.unique(truth.name, return_inverse=True)[1]
    last = np.zeros(int(target.max()) + 1 if len(target) else 0, np.int64)
    np.maximum.at(last, target, truth.moment())
    told = tracks.moment()
    owner = np.full(len(told), -1, np.int64)
    owner[holding.track] = target[holding.truth]
    order = np.lexsort((told, tracks.name))
    name = tracks.name[order]
    start = np.searchsorted(name, name)  # where each track's own rows begin
    latest = np.maximum.accumulate(np.where(owner[order] >= 0, np.arange(len(order)), -1))
    known = latest >= start
    held = np.where(known, owner[order][latest], -1)
    since = np.zeros(len(told), np.int64)
    since[order[known]] = np.maximum(told[order[known]] - last[held[known]], 0)
    ended = np.flatnonzero((last < len(times) - 1) & np.isin(np.arange(len(last)), owner))
    most = np.zeros(len(last))
    late = order[known & (owner[order] < 0) & (since[order] > 0)]
    whose = np.full(len(told), -1, np.int64)
    whose[order] = held
    np.maximum.at(most, whose[late], times[told[late]] - times[last[whose[late]]])
    return (float(np.median(most[ended])) if len(ended) else float("nan")), since


def _coasting(
    times: NDArray[np.float64], seen: NDArray[np.float64], told: Indices
) -> tuple[float, float]:
    """Give the part of the rows that were not seen since the moment before, and their age [s]."""
    known = np.isfinite(seen) & (told > 0)
    if not known.any():
        return float("nan"), float("nan")
    age = times[told[known]] - seen[known]
    blind = seen[known] < times[told[known] - 1]
    oldest = float(np.quantile(age[blind], 0.9)) if blind.any() else 0.0
    return float(blind.mean()), oldest
