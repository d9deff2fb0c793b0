"""Tracks in the words of ``records``: what one step says of those that changed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.classify import CLASSES, classify_tracks
from steppewatch.fuse.existence import HELD
from steppewatch.jit import kernel
from steppewatch.records import Origin, TrackBatch, TrackStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

ORIGIN = Origin(feed="fuse", label="own")
TENTATIVE, CONFIRMED = int(TrackStatus.TENTATIVE), int(TrackStatus.CONFIRMED)
COASTING, ENDED = int(TrackStatus.COASTING), int(TrackStatus.ENDED)


def moments(
    tracks: Columns, rows: NDArray[np.intp], clock_ns: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Say of which moment to speak: now of tracks just missed, their plot's of all others.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which tracks.
        clock_ns: The tracker's time.

    Returns:
        ``(k,)`` the moments, never before ``time_ns``, and whether each track was missed: got no
        plot at its latest look by every sensor that has seen it.
    """
    at_ns, missed = np.empty(len(rows), np.int64), np.empty(len(rows), bool)
    find_moments(
        rows, clock_ns, tracks["time_ns"], tracks["hit_ns"], tracks["look_ns"], at_ns, missed
    )
    return at_ns, missed


@kernel
def find_moments(
    rows: Any, clock_ns: int, time_ns: Any, hit_ns: Any, look_ns: Any, at_ns: Any, missed: Any
) -> None:
    """Write at_ns and missed ``(k,)`` of ``rows`` as :func:`moments` says."""
    for k in range(len(rows)):
        j = rows[k]
        missed[k] = True
        for s in range(hit_ns.shape[1]):
            if hit_ns[j, s] > 0 and look_ns[j, s] <= hit_ns[j, s]:
                missed[k] = False
                break
        at_ns[k] = max(time_ns[j], clock_ns) if missed[k] else time_ns[j]


def batch_of(
    tracks: Columns,
    rows: NDArray[np.intp],
    at_ns: NDArray[np.int64],
    missed: NDArray[np.bool_],
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
    over: int,
    sensors: Sequence[Sensor],
    settings: TrackerSettings,
) -> TrackBatch:
    """Put rows of the columns into the words of ``records``.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which tracks.
        at_ns: ``(k,)`` the moments that ``mean`` describes.
        missed: ``(k,)`` what :func:`moments` says.
        mean: ``(k, 6)`` ECEF.
        cov: ``(k, 6, 6)``.
        over: The last so many of these rows have ended.
        sensors: All sensors, in the order of the columns.
        settings: The tracker's settings.
    """
    k = len(rows)
    said = TrackBatch(
        time_ns=at_ns,
        id=np.empty(k, np.int64),
        mean=mean,
        cov=cov,
        status=np.empty(k, np.uint8),
        existence=np.empty(k, np.float32),
        target=np.empty(k, np.uint8),
        class_prob=np.empty((k, CLASSES), np.float32),
        sensors=tuple([sensor.id for sensor in sensors]),
        seen_by=np.empty((k, len(sensors)), bool),
        hidden=np.empty(k, bool),
        why_ns=np.empty(k, np.int64),
        why_sensor=np.empty(k, np.int32),
        why_plot=np.empty(k, np.int32),
        why_weight=np.empty(k, np.float32),
        why_method=np.empty(k, np.uint8),
        born_ns=np.empty(k, np.int64),
        seen_ns=np.empty(k, np.int64),
        hits=np.empty(k, np.uint32),
        mode_s=np.empty(k, np.uint32),
        mode_3a=np.empty(k, np.int32),
        callsign=np.empty(k, "S8"),
        origin=ORIGIN,
    )
    callsign = tracks["callsign"].view(np.int64)
    copy_rows(
        rows, tracks["id"], tracks["born_ns"], tracks["seen_ns"], tracks["hits"],
        tracks["mode_s"], tracks["mode_3a"], callsign, tracks["method"],
        said.id, said.born_ns, said.seen_ns, said.hits, said.mode_s, said.mode_3a,
        said.callsign.view(np.int64), said.why_method,
    )  # fmt: skip
    copy_why(
        rows, tracks["hits"], tracks["why_ns"], tracks["why_sensor"], tracks["why_plot"],
        tracks["why_weight"], said.why_ns, said.why_sensor, said.why_plot, said.why_weight,
    )  # fmt: skip
    judge_rows(
        rows, over, at_ns, missed, fresh_for(tuple([s.scan_period for s in sensors])),
        settings.fair_chance, tracks["score"], tracks["confirmed"], tracks["hit_ns"],
        tracks["chance"], said.status, said.existence, said.seen_by, said.hidden,
    )  # fmt: skip
    classify_tracks(
        rows, tracks["score"], tracks["pace"], tracks["slow"], tracks["high"], tracks["ground"],
        tracks["mode_s"], callsign, tracks["hint"], said.target, said.class_prob,
    )  # fmt: skip
    return said


@lru_cache(maxsize=64)
def fresh_for(periods: tuple[float, ...]) -> NDArray[np.float64]:
    """Give how long a plot of each sensor holds a track ``(s,)`` [ns]."""
    return np.array([HELD * 1e9 * period for period in periods])


@kernel
def copy_rows(
    rows: Any, id_: Any, born_ns: Any, seen_ns: Any, hits: Any, mode_s: Any, mode_3a: Any,
    callsign: Any, method: Any, out_id: Any, out_born_ns: Any, out_seen_ns: Any, out_hits: Any,
    out_mode_s: Any, out_mode_3a: Any, out_callsign: Any, out_method: Any,
) -> None:  # fmt: skip
    """Copy ``rows`` of plain columns ``(n,)`` into arrays ``(k,)``; callsigns as int64."""
    for k in range(len(rows)):
        j = rows[k]
        out_id[k] = id_[j]
        out_born_ns[k] = born_ns[j]
        out_seen_ns[k] = seen_ns[j]
        out_hits[k] = hits[j]
        out_mode_s[k] = mode_s[j]
        out_mode_3a[k] = mode_3a[j]
        out_callsign[k] = callsign[j]
        out_method[k] = method[j]


@kernel
def copy_why(
    rows: Any, hits: Any, why_ns: Any, why_sensor: Any, why_plot: Any, why_weight: Any,
    out_ns: Any, out_sensor: Any, out_plot: Any, out_weight: Any,
) -> None:  # fmt: skip
    """Copy the newest slot of the rings ``(n, RING)`` of ``rows`` into arrays ``(k,)``."""
    for k in range(len(rows)):
        j = rows[k]
        slot = (hits[j] - 1) % why_ns.shape[1]
        out_ns[k] = why_ns[j, slot]
        out_sensor[k] = why_sensor[j, slot]
        out_plot[k] = why_plot[j, slot]
        out_weight[k] = why_weight[j, slot]


@kernel
def judge_rows(
    rows: Any, over: int, at_ns: Any, missed: Any, fresh_ns: Any, fair: float, score: Any,
    confirmed: Any, hit_ns: Any, chance: Any, status: Any, existence: Any, seen_by: Any,
    hidden: Any,
) -> None:  # fmt: skip
    """Write status, existence, holders and whether hidden, of ``rows`` ``(k,)``.

    Shapes and units:
        rows, at_ns, missed: ``(k,)``; the last ``over`` of them have ended.
        fresh_ns: ``(s,)`` how long a plot of each sensor holds a track [ns].
        fair: A smaller chance of detection is none to count on.
        score, confirmed: ``(n,)``; hit_ns, chance: ``(n, s)``: columns of all tracks.
        status, existence, hidden: ``(k,)``; seen_by: ``(k, s)``: written.
    """
    for k in range(len(rows)):
        j = rows[k]
        if k >= len(rows) - over:
            status[k] = ENDED
        elif not confirmed[j]:
            status[k] = TENTATIVE
        else:
            status[k] = COASTING if missed[k] else CONFIRMED
        existence[k] = 1.0 / (1.0 + np.exp(-score[j]))
        hidden[k] = True
        for s in range(len(fresh_ns)):
            seen = hit_ns[j, s] > 0
            seen_by[k, s] = seen and at_ns[k] - hit_ns[j, s] < fresh_ns[s]
            if seen and not chance[j, s] < fair:
                hidden[k] = False
