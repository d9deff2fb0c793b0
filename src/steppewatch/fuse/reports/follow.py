"""Which report belongs to which track: gate by place and identity, decide, update."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from steppewatch.fuse.associate import decide
from steppewatch.fuse.gate import WIDE_GATE, Pairs
from steppewatch.fuse.reports.kernels import gate_reports, update_by_reports
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from steppewatch.fuse.associate import Decision
    from steppewatch.fuse.reports.marks import Marks
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

MEASURED = 6
EQUIPPED = 0.5
"""Chance that a track which never reported to this source has the equipment to do so."""


def rounds(marks: Marks, period: float) -> Iterator[NDArray[np.intp]]:
    """Split a batch so that no target can be in one part twice.

    Reports of one address follow one another; anonymous ones are looked at half a period at a
    time.

    Args:
        marks: The batch, in the order of time.
        period: Seconds between two reports of the same target [s].
    """
    if not len(marks):
        return
    half = max(int(0.5e9 * period), 1)
    number = (marks.time_ns - marks.time_ns[0]) // half
    _, number = np.unique(number, return_inverse=True)
    named = np.flatnonzero(marks.mode_s != 0)
    order = named[np.argsort(marks.mode_s[named], kind="stable")]
    who = marks.mode_s[order]
    first = np.ones(len(order), bool)
    first[1:] = who[1:] != who[:-1]
    starts = np.flatnonzero(first)
    number[order] = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    for value in range(int(number.max()) + 1):
        rows = np.flatnonzero(number == value)
        if len(rows):
            yield rows


def chances(
    tracks: Columns, rows: NDArray[np.integer], column: int, sensor: Sensor
) -> NDArray[np.float64]:
    """Give the chance that each of ``rows`` ``(k,)`` is reported: its transponder's, once known."""
    heard = tracks["hit_ns"][rows, column] > 0
    return np.where(heard, 1.0, EQUIPPED) * sensor.detection_probability


@lru_cache(maxsize=8)
def limits_of(share: float) -> NDArray[np.float64]:
    """Give the limit of the squared distance by number of measured components ``(7,)``."""
    return np.concatenate(([0.0], chi2.ppf(share, np.arange(1, MEASURED + 1))))


def gate(
    tracks: Columns, column: int, marks: Marks, sensor: Sensor, settings: TrackerSettings
) -> Pairs:
    """Find all pairs of tracks and reports that may belong together.

    Args:
        tracks: Columns of the state.
        column: The source's number.
        marks: Its reports, at least one.
        sensor: The source.
        settings: The tracker's settings.
    """
    axis = int(np.argmax(np.ptp(marks.place, axis=0)))
    order = np.argsort(marks.place[:, axis], kind="stable")
    spread = np.sqrt(np.linalg.eigvalsh(marks.cov)[:, -1])
    first, last = int(marks.time_ns.min()), int(marks.time_ns.max())
    motion, limits = motion_of(sensor, settings), limits_of(settings.gate)
    room = 4 * (len(marks) + len(tracks["id"])) + 64
    while True:
        track, report = np.empty(room, np.int64), np.empty(room, np.int64)
        loglik, distance = np.empty(room), np.empty(room)
        count = gate_reports(
            tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"],
            tracks["hit_ns"], column, tracks["mode_s"], tracks["mode_3a"], marks.place[order],
            spread[order],
            marks.whitened[order], marks.rows[order], marks.logdet[order], marks.place[order],
            marks.time_ns[order], marks.mode_s[order], marks.mode_3a[order],
            axis, (first + last) // 2, (last - first) / 2e9, motion,
            int(0.5e9 * sensor.scan_period), int(settings.late * 1e9), limits, WIDE_GATE,
            settings.identity_bonus, settings.code_bonus, track, report, loglik, distance,
        )  # fmt: skip
        if count <= room:
            break
        room = count
    return Pairs(
        track=track[:count],
        plot=order[report[:count]],
        loglik=loglik[:count],
        distance=distance[:count],
    )


def follow(
    tracks: Columns, column: int, marks: Marks, sensor: Sensor, settings: TrackerSettings
) -> Decision:
    """Gate, decide and update, in place; the caller notes the hits.

    Args and shapes: as for :func:`gate`.
    """
    pairs = gate(tracks, column, marks, sensor, settings)
    chance = np.zeros(len(tracks["id"]))
    chance[pairs.track] = chances(tracks, pairs.track, column, sensor)
    decision = decide(pairs, tracks["score"], marks.clutter, chance)
    best = decision.leading()
    update_by_reports(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], decision.track[best],
        decision.plot[best], marks.whitened, marks.rows, marks.place, marks.time_ns,
        motion_of(sensor, settings),
    )  # fmt: skip
    return decision


def motion_of(sensor: Sensor, settings: TrackerSettings) -> NDArray[np.float64]:
    """Give the motion of what this source reports, as the kernels take it."""
    return settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR)
