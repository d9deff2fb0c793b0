"""What is still open: for each doubtful track a few leaves, each a different recent past.

A leaf is one explanation of a track's latest looks and the state that follows from it. The forest
is one batch of arrays and part of the tracker's state: nothing hidden, nothing random.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

DEPTH = 6
STATE = ("mean", "cov", "prob", "time_ns")


@record("association_forest")
@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Hold h leaves of doubtful tracks, those of one track together and the best first.

    Attributes:
        owner: ``(h,)`` int64 id of the track, ascending.
        score: ``(h,)`` float64 log-likelihood ratio against the track's best leaf, ≤ 0 or the
            little above it that the others' claims cost the leaf that was chosen.
        serial: ``(h, 6)`` int64 serial numbers of the leaf's latest plots, newest first; −1: none.
        when_ns: ``(h, 6)`` int64 their times.
        mean, cov, prob, time_ns: The leaf's state, as the columns of ``TrackerState``.
        next_serial: Serial number of the next batch's first plot.
    """

    owner: NDArray[np.int64]
    score: NDArray[np.float64]
    serial: NDArray[np.int64]
    when_ns: NDArray[np.int64]
    mean: NDArray[np.float64]
    cov: NDArray[np.float64]
    prob: NDArray[np.float64]
    time_ns: NDArray[np.int64]
    next_serial: int = 0

    def __len__(self) -> int:
        """Count the leaves."""
        return len(self.owner)


def no_forest() -> Forest:
    """Make the forest in which nothing is in doubt."""
    return Forest(
        owner=np.zeros(0, np.int64),
        score=np.zeros(0),
        serial=np.zeros((0, DEPTH), np.int64),
        when_ns=np.zeros((0, DEPTH), np.int64),
        mean=np.zeros((0, 2, 6)),
        cov=np.zeros((0, 2, 6, 6)),
        prob=np.zeros((0, 2)),
        time_ns=np.zeros(0, np.int64),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """Hold the leaves of one look while they branch.

    Attributes:
        row: ``(h,)`` row of the track that owns each leaf.
        score, serial, when_ns: As in :class:`Forest`.
        columns: All columns of the owners, with the leaf's own state in place of the track's.
    """

    row: NDArray[np.int64]
    score: NDArray[np.float64]
    serial: NDArray[np.int64]
    when_ns: NDArray[np.int64]
    columns: Columns


def leaves_of(forest: Forest, tracks: Columns, wanted: NDArray[np.bool_]) -> Leaves:
    """Take the leaves of living tracks and begin a root for each other track that is wanted.

    Args:
        forest: What was open until now; leaves of tracks that ended are left behind.
        tracks: Columns of the state, ids ascending.
        wanted: ``(n,)`` tracks that are to have leaves.
    """
    row = np.searchsorted(tracks["id"], forest.owner)
    inside = row < len(tracks["id"])
    old = np.flatnonzero(inside)
    old = old[tracks["id"][row[old]] == forest.owner[old]]
    rooted = np.zeros(len(wanted), bool)
    rooted[row[old]] = True
    roots = np.flatnonzero(wanted & ~rooted)
    rows = np.concatenate((row[old], roots))
    order = np.argsort(rows, kind="stable")
    rows = rows[order]

    def join(leaf: NDArray[Any], root: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate((leaf[old], root))[order] if len(old) else root[order]

    columns = {name: column[rows] for name, column in tracks.items()}
    for name in STATE:
        columns[name] = join(getattr(forest, name), tracks[name][roots])
    nothing = np.full((len(roots), DEPTH), -1)
    return Leaves(
        row=rows,
        score=join(forest.score, np.zeros(len(roots))),
        serial=join(forest.serial, nothing),
        when_ns=join(forest.when_ns, nothing),
        columns=columns,
    )
