"""What the joint picture says: the members of each joint track, fused and put into one batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.remote.intersect import intersect
from steppewatch.fuse.remote.members import NAMES, Columns, forward
from steppewatch.fuse.remote.reasons import tell_reasons
from steppewatch.records import Origin, TrackBatch, TrackStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.remote.settings import JointSettings

FEED = "joint"
ORIGIN = Origin(feed=FEED, label="own")


def batch_of(
    members: Columns,
    tracks: Mapping[int, NDArray[np.intp]],
    trackers: Sequence[str],
    sensors: tuple[str, ...],
    settings: JointSettings,
    *,
    heir: int | None = None,
) -> TrackBatch:
    """Fuse the members of each joint track and put them into the words of ``records``.

    Args:
        members: Columns.
        tracks: Joint id → rows of its members, one at least.
        trackers: Names by which ``members["source"]`` counts.
        sensors: Names by which ``members["holds"]`` counts.
        settings: The joint picture's settings.
        heir: None while the tracks live. When they are over, the joint track that each was found
            to be, or −1.
    """
    rows = [_fusible(members, some, settings) for some in tracks.values()]
    lead = np.array([some[np.argmax(members["time_ns"][some])] for some in rows])
    when = members["time_ns"][lead]
    mean, cov = _fuse(members, rows, when, settings)
    out: dict[str, Any] = {name: members[name][lead].copy() for name, _ in NAMES}
    for k, some in enumerate(tracks.values()):
        for name, none in NAMES:
            told = members[name][some]
            told = told[told != none]
            if len(told):
                out[name][k] = told[0]
    status = np.array([members["status"][some].min() for some in rows], np.uint8)
    if heir is not None:
        status[:] = TrackStatus.ENDED
    every = np.arange(len(trackers))
    return TrackBatch(
        time_ns=when,
        id=np.array(list(tracks), np.int64),
        mean=mean,
        cov=cov,
        status=status,
        existence=np.array([members["existence"][some].max() for some in rows], np.float32),
        born_ns=np.array([members["root_ns"][some].min() for some in rows], np.int64),
        seen_ns=np.array([members["seen_ns"][some].max() for some in rows], np.int64),
        hits=np.array([members["hits"][some].sum() for some in rows], np.uint32),
        sensors=sensors,
        trackers=tuple(trackers),
        held_by=np.array([np.isin(every, members["source"][some]) for some in rows]),
        heir=np.full(len(rows), -1 if heir is None else heir, np.int64),
        origin=ORIGIN,
        **tell_reasons(members, rows),
        **out,
    )


def _fusible(members: Columns, rows: NDArray[np.intp], settings: JointSettings) -> NDArray[np.intp]:
    """Give the members of a joint track that are heard of and no echo; the newest if none."""
    newest = int(members["heard_ns"][rows].max())
    live = newest - members["heard_ns"][rows] <= settings.stale * 1e9
    some = rows[live & ~members["echo"][rows]]
    return some if len(some) else rows[[int(np.argmax(members["heard_ns"][rows]))]]


def _fuse(
    members: Columns,
    rows: Sequence[NDArray[np.intp]],
    when: NDArray[np.int64],
    settings: JointSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bring each track's members to one moment and intersect them, one after another."""
    mean, cov = np.empty((len(rows), 6)), np.empty((len(rows), 6, 6))
    for turn in range(max((len(some) for some in rows), default=0)):
        which = np.array([k for k, some in enumerate(rows) if len(some) > turn], np.intp)
        at = np.array([rows[k][turn] for k in which], np.intp)
        seconds = np.maximum(when[which] - members["time_ns"][at], 0) * 1e-9
        here, wide = forward(members["mean"][at], members["cov"][at], seconds, settings.drift)
        if turn == 0:
            mean[which], cov[which] = here, wide
            continue
        done = intersect(mean[which], cov[which], here, wide)
        mean[which], cov[which] = done.mean, done.cov
    return mean, 0.5 * (cov + np.swapaxes(cov, 1, 2))
