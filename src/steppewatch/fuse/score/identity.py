"""Follow which track holds which target through a run.

Identity is kept as in CLEAR MOT (Bernardin & Stiefelhagen 2008, §2.1): a target keeps its track
while that is near, even if another one is nearer; who has none is matched to the tracks left over,
as many as can be and then with the least sum of distances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.score.assign import match, near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.score.assign import Pairs
    from steppewatch.fuse.score.series import Series

    Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Say who held whom, one row for each target-moment under a track, in order of time.

    Attributes:
        moment: ``(h,)`` which moment.
        truth: ``(h,)`` row of the truth series.
        track: ``(h,)`` row of the track series.
        distance: ``(h,)`` between the two [m].
        switched: ``(h,)`` whether the target had another track before this one.
    """

    moment: Indices
    truth: Indices
    track: Indices
    distance: NDArray[np.float64]
    switched: NDArray[np.bool_]


def follow(
    truth: Series, tracks: Series, keep: float = 500.0, pairs: Sequence[Pairs] | None = None
) -> Holding:
    """Follow who holds whom from the first moment to the last.

    Two targets never share a track: where both would keep it, the one that held it last does.

    Args:
        truth: The targets.
        tracks: The tracks, at the same moments.
        keep: A target keeps its track while that is closer than this [m].
        pairs: For each moment all pairs closer than ``keep`` or more; None finds them.
    """
    targets, target = np.unique(truth.name, return_inverse=True)
    target_of = target.astype(np.int64)
    holder = np.full(len(targets), -1, np.int64)  # position of the track's name, −1 for none yet
    track_of = np.unique(tracks.name, return_inverse=True)[1].astype(np.int64)
    held_at = np.full(len(targets), -1, np.int64)
    found: list[tuple[Indices, Indices, NDArray[np.float64], NDArray[np.bool_]]] = []
    for k in range(len(truth)):
        here, there = truth.rows(k), tracks.rows(k)
        close = pairs[k] if pairs else near(truth.position[here], tracks.position[there], keep)
        inside = close.distance < keep
        a, b, d = close.first[inside], close.second[inside], close.distance[inside]
        name, track = target_of[here][a], track_of[there][b]
        mine = np.flatnonzero(holder[name] == track)
        order = mine[np.lexsort((a[mine], -held_at[name[mine]], b[mine]))]
        kept = order[np.flatnonzero(np.diff(b[order], prepend=-1))]
        busy = np.isin(a, a[kept]) | np.isin(b, b[kept])
        free = np.flatnonzero(~busy)
        new = free[match(a[free], b[free], (len(free) + 1) * keep - d[free])]
        switched = np.zeros(len(a), np.bool_)
        switched[new] = (holder[name[new]] >= 0) & (holder[name[new]] != track[new])
        now = np.sort(np.concatenate((kept, new)))
        holder[name[now]] = track[now]
        held_at[name[now]] = k
        found.append((a[now] + here.start, b[now] + there.start, d[now], switched[now]))
    columns = [np.concatenate(c) for c in zip(*found, strict=True)] if found else []
    if not columns:
        none = np.zeros(0, np.int64)
        columns = [none, none, np.zeros(0), np.zeros(0, np.bool_)]
    return Holding(
        moment=truth.moment()[columns[0]],
        truth=columns[0],
        track=columns[1],
        distance=columns[2],
        switched=columns[3],
    )
