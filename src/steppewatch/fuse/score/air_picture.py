"""Score the picture as the Single Integrated Air Picture task force did (SIAP).

Votruba, Nisley, Rothrock & Zombro 2001, "Single Integrated Air Picture (SIAP) Metrics
Implementation", Technical Report 2001-001; the sums over time are those of Stone Soup 1.9. Unlike
the assignment metrics, several tracks may stand on one target here: that is the ambiguity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.score.assign import Pairs
    from steppewatch.fuse.score.identity import Holding
    from steppewatch.fuse.score.series import Series

    Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Siap:
    """Hold the SIAP measures over a run.

    Attributes:
        completeness: Part of the target-moments with at least one track; best 1.
        ambiguity: Tracks per tracked target-moment; best 1.
        spuriousness: Part of the track-moments that belong to no target; best 0.
        position: Mean position error of the associated tracks [m].
        velocity: Mean velocity error of the same [m/s]; NaN if one side has none.
        change_rate: Unbroken segments of one track needed beyond one per target, per second
            tracked [1/s]; best 0. A number that is lost and comes back begins a new segment.
        longest: Longest segment of each target, as part of the lives of all; best 1.
    """

    completeness: float
    ambiguity: float
    spuriousness: float
    position: float
    velocity: float
    change_rate: float
    longest: float


def associate(
    truth: Series, tracks: Series, holding: Holding, pairs: Sequence[Pairs], keep: float
) -> tuple[Indices, Indices]:
    """Give each track at most one target: the one it holds, else the nearest within ``keep``.

    Args:
        truth: The targets.
        tracks: The tracks.
        holding: Who held whom.
        pairs: For each moment all pairs closer than ``keep`` or more.
        keep: How far a track may be from a target that it stands for [m].

    Returns:
        Rows of the targets and rows of the tracks, one pair for each associated track-moment, in
        the order of the track rows.
    """
    of = np.full(len(tracks.name), -1, np.int64)
    of[holding.track] = holding.truth
    for k, close in enumerate(pairs):
        row = close.second + tracks.offset[k]
        lost = np.flatnonzero((close.distance < keep) & (of[row] < 0))
        order = lost[np.lexsort((close.first[lost], close.distance[lost], row[lost]))]
        nearest = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
        of[row[nearest]] = close.first[nearest] + truth.offset[k]
    associated = np.flatnonzero(of >= 0)
    return of[associated], associated


def siap(
    times: NDArray[np.float64],
    truth: Series,
    tracks: Series,
    on: tuple[Indices, Indices],
    *,
    skip: int = 0,
) -> Siap:
    """Measure a run.

    A track is on a target from one moment to the next when it is on it at both.

    Args:
        times: ``(k,)`` moments [s].
        truth: The targets.
        tracks: The tracks.
        on: Rows of the targets and of the tracks that stand for them.
        skip: First moments that do not count.
    """
    when = truth.moment()
    scored = when[on[0]] >= skip
    a, b = on[0][scored], on[1][scored]
    there = int((when >= skip).sum())
    told = int((tracks.moment() >= skip).sum())
    tracked = len(np.unique(a))
    position = np.sqrt(((truth.position[a] - tracks.position[b]) ** 2).sum(axis=1))
    velocity = np.sqrt(((truth.velocity[a] - tracks.velocity[b]) ** 2).sum(axis=1))
    velocity = velocity[np.isfinite(velocity)]
    target = np.unique(truth.name, return_inverse=True)[1]
    alive = when >= skip
    birth = np.full(int(target.max(initial=-1)) + 1, np.inf)
    death = -birth
    np.minimum.at(birth, target[alive], times[when[alive]])
    np.maximum.at(death, target[alive], times[when[alive]])
    life = (death - birth)[np.isfinite(birth)]
    needed, tracked_s, longest_s = _continuity(times, target[a], tracks.name[b], when[a])
    return Siap(
        completeness=_part(tracked, there),
        ambiguity=_part(len(a), tracked),
        spuriousness=_part(told - len(b), told) if told else 0.0,
        position=float(position.mean()) if len(position) else float("nan"),
        velocity=float(velocity.mean()) if len(velocity) else float("nan"),
        change_rate=_part(needed, tracked_s),
        longest=_part(longest_s, float(life.sum())),
    )


def _part(some: float, whole: float) -> float:
    """Divide; NaN where there is nothing to divide by."""
    return some / whole if whole else float("nan")


def _continuity(
    times: NDArray[np.float64], target: Indices, track: Indices, when: Indices
) -> tuple[int, float, float]:
    """Count track numbers needed beyond the first, seconds tracked, and sum the longest segments.

    The least number of tracks that cover a target is found greedily: at each moment take the
    segment that reaches farthest (Votruba et al. 2001).
    """
    if not len(target):
        return 0, 0.0, 0.0
    order = np.lexsort((when, track, target))
    i, j, k = target[order], track[order], when[order]
    begins = np.ones(len(i), np.bool_)
    begins[1:] = (i[1:] != i[:-1]) | (j[1:] != j[:-1]) | (k[1:] != k[:-1] + 1)
    start = np.flatnonzero(begins)
    stop = np.append(start[1:], len(i)) - 1
    of, first, last = i[start], k[start], k[stop]
    longest = np.zeros(int(target.max()) + 1)
    np.maximum.at(longest, of, times[last] - times[first])
    needed, seconds = 0, 0.0
    order = np.lexsort((-last, first, of))
    for group in np.split(order, np.flatnonzero(np.diff(of[order])) + 1):
        used, covered = _cover(first[group].tolist(), last[group].tolist(), times)
        needed += used - 1
        seconds += covered
    return needed, seconds, float(longest.sum())


def _cover(first: list[int], last: list[int], times: NDArray[np.float64]) -> tuple[int, float]:
    """Cover what segments cover with the fewest of them; how many, and seconds covered.

    Segments come in order of their first moment.
    """
    used, reach, n = 0, -1, 0
    while n < len(first):
        at, best = max(reach + 1, first[n]), -1
        while n < len(first) and first[n] <= at:
            best = max(best, last[n])
            n += 1
        if best >= at:
            used += 1
            reach = best
    seconds, end = 0.0, -1
    for a, b in zip(first, last, strict=True):
        begin = max(a, end)
        if b > begin:
            seconds += float(times[b] - times[begin])
            end = b
    return used, seconds
