"""List which targets and tracks ever met, and how near they were when: input of track metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.score.assign import Pairs
    from steppewatch.fuse.score.series import Series

    Indices = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meetings:
    """Hold k moments of t targets, n tracks and the p pairs of them that were ever near.

    Attributes:
        target: ``(t,)`` names of the targets, ascending.
        track: ``(n,)`` names of the tracks, ascending.
        alive: ``(k, t)`` whether the target was there.
        told: ``(k, n)`` whether the track was told.
        first: ``(p,)`` column of the target of each pair; pairs come by target, then track.
        second: ``(p,)`` column of the track.
        distance: ``(k, p)`` between the two [m]; infinite where one is absent or they are not near.
    """

    target: Indices
    track: Indices
    alive: Flags
    told: Flags
    first: Indices
    second: Indices
    distance: Floats

    def between(self, start: int, stop: int) -> Meetings:
        """Cut out the moments ``start`` … ``stop − 1``, and the pairs that were near in them."""
        cut = self.distance[start:stop]
        kept = np.flatnonzero(np.isfinite(cut).any(axis=0))
        return Meetings(
            target=self.target,
            track=self.track,
            alive=self.alive[start:stop],
            told=self.told[start:stop],
            first=self.first[kept],
            second=self.second[kept],
            distance=cut[:, kept],
        )


def meetings(
    truth: Series, tracks: Series, pairs: Sequence[Pairs], reach: float, skip: int = 0
) -> Meetings:
    """List the meetings of a run.

    Args:
        truth: The targets.
        tracks: The tracks.
        pairs: For each moment all pairs closer than ``reach``, or more.
        reach: Only pairs closer than this have met [m].
        skip: First moments to leave out.
    """
    moments = len(truth) - skip
    targets, a = np.unique(truth.name, return_inverse=True)
    names, b = np.unique(tracks.name, return_inverse=True)
    alive = np.zeros((len(truth), len(targets)), np.bool_)
    told = np.zeros((len(truth), len(names)), np.bool_)
    alive[truth.moment(), a] = True
    told[tracks.moment(), b] = True
    which: list[Indices] = [np.zeros(0, np.int64)]
    how_far: list[Floats] = [np.zeros(0)]
    when: list[Indices] = [np.zeros(0, np.int64)]
    for k in range(skip, len(truth)):
        close = pairs[k]
        inside = close.distance < reach
        first = a[close.first[inside] + truth.offset[k]]
        second = b[close.second[inside] + tracks.offset[k]]
        which.append(first * len(names) + second)
        how_far.append(close.distance[inside])
        when.append(np.full(len(first), k - skip))
    code, pair = np.unique(np.concatenate(which), return_inverse=True)
    distance = np.full((moments, len(code)), np.inf)
    distance[np.concatenate(when), pair] = np.concatenate(how_far)
    return Meetings(
        target=targets,
        track=names,
        alive=alive[skip:],
        told=told[skip:],
        first=code // max(len(names), 1),
        second=code % max(len(names), 1),
        distance=distance,
    )
