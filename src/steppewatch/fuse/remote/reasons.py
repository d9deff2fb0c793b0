"""Why joint tracks are believed: what their members' trackers say beyond the estimate.

Classes, the sensors that hold a track and its latest plot are not fused: one member's words are
passed on, the own tracker's before a partner's, so that the picture's *why* stays what some tracker
said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.remote.members import Columns
    from steppewatch.records import TrackBatch

PLOT = ("why_ns", "why_sensor", "why_plot", "why_weight", "why_method")


def number_sensors(
    known: tuple[str, ...], named: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Number the sensors of a batch among all known ones; new ones come last.

    >>> number_sensors(("a", "b"), ("b", "c"))
    (('a', 'b', 'c'), array([1, 2], dtype=int32))
    """
    known = tuple(dict.fromkeys((*known, *named)))
    return known, np.array([known.index(name) for name in named], np.int32)


def widen(members: Columns, sensors: int) -> None:
    """Make room, in place, for more sensors that may hold a member."""
    holds = members["holds"]
    more = np.zeros((len(holds), sensors - holds.shape[1]), bool)
    members["holds"] = np.concatenate((holds, more), axis=1)


def note_reasons(
    members: Columns,
    at: NDArray[np.intp],
    batch: TrackBatch,
    rows: NDArray[np.intp],
    number: NDArray[np.int32],
) -> None:
    """Write into members what a batch says of them; what it does not say is emptied.

    Args:
        members: Columns; those named in :data:`PLOT`, ``class_prob``, ``hidden``, ``holds`` change.
        at: ``(k,)`` rows of the members.
        batch: What their tracker said.
        rows: ``(k,)`` rows of the batch.
        number: ``(s,)`` the batch's sensors among all known ones.
    """
    n = len(batch)
    members["class_prob"][at] = batch.class_prob[rows] if len(batch.class_prob) == n else 0.0
    members["hidden"][at] = batch.hidden[rows] if len(batch.hidden) == n else False
    members["holds"][at] = False
    if len(number) and batch.seen_by.shape == (n, len(number)):
        members["holds"][at[:, None], number[None, :]] = batch.seen_by[rows]
    members["why_ns"][at] = 0
    if len(batch.why_ns) == n:
        for column in PLOT:
            members[column][at] = getattr(batch, column)[rows]
        index = batch.why_sensor[rows]
        sound = (index >= 0) & (index < len(number))
        members["why_sensor"][at] = -1
        members["why_sensor"][at[sound]] = number[index[sound]]


def tell_reasons(members: Columns, rows: Sequence[NDArray[np.intp]]) -> dict[str, Any]:
    """Give the columns of a batch that say why its joint tracks are believed.

    Args:
        members: Columns.
        rows: The members that contribute to each of n joint tracks, one at least.
    """
    spoke = np.asarray(members["class_prob"].any(axis=1), np.bool_)
    first = np.array([_first(members, some, spoke) for some in rows])
    latest = np.array([some[np.argmax(members["why_ns"][some])] for some in rows])
    prob = members["class_prob"][first]
    prob[~spoke[first]] = np.nan  # nobody said: nothing is made up
    out: dict[str, Any] = {name: members[name][latest].copy() for name in PLOT}
    out["class_prob"] = prob
    out["target"] = _targets(members, rows, first)
    out["hidden"] = np.array([members["hidden"][some].all() for some in rows])
    out["seen_by"] = np.array([members["holds"][some].any(axis=0) for some in rows])
    return out


def _first(members: Columns, some: NDArray[np.intp], spoke: NDArray[np.bool_]) -> int:
    """Choose whose words are passed on: who says classes, the own tracker before others."""
    return int(some[np.lexsort((members["source"][some], ~spoke[some]))[0]])


def _targets(
    members: Columns, rows: Sequence[NDArray[np.intp]], first: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Give the class of each track: that of whose words are passed on, else any that is known."""
    other = np.array([some[np.argmax(members["target"][some] > 0)] for some in rows])
    chosen = np.where(members["target"][first] > 0, first, other)
    return np.asarray(members["target"][chosen])
