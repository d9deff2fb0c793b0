"""What bearings do to a step of the tracker: they sharpen tracks, and begin few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate import decide
from steppewatch.fuse.evidence import count_hits, note_sent
from steppewatch.fuse.existence import LOOKED
from steppewatch.fuse.gate import Pairs, gate_limits
from steppewatch.fuse.reports.bearing_kernels import gate_bearings, update_by_bearings
from steppewatch.fuse.reports.identity import add_hints
from steppewatch.fuse.reports.lines import LEAST_FALSE, Lines, in_view, lines_of, near
from steppewatch.fuse.visibility.glance import Glance, plain, remember
from steppewatch.fuse.visibility.sight import EVERYWHERE
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.step import Work
    from steppewatch.records import BearingBatch, Look, Sensor

MOST_GAIN = 1.0
"""Log-odds that one look may add to a track's existence: what stands behind a track in the same
direction is seen in every look."""
OWN = 0.5
"""Probability that a bearing is the track's own above which the track counts as seen."""
REST = 0.9
"""Part of a camera's period that a track rests after a look: frames that come faster than the
period are one look, because their errors are one error (a camera's ``scan_period`` is the time
after which its errors are others)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Hold what a frame gave to k tracks.

    Attributes:
        rows: ``(k,)`` tracks, each once.
        taken: ``(k,)`` each one's bearing.
        weight: ``(k,)`` probability that it is its own.
        gain: ``(k,)`` log-odds of existence that the look was worth, all its bearings together
            (integrated existence: Musicki, Evans & Stankovic 1994).
        method: ``(k,)`` how it was chosen.
        near: Tracks with a bearing in their gate, with repeats.
    """

    rows: NDArray[np.int64]
    taken: NDArray[np.int64]
    weight: NDArray[np.float64]
    gain: NDArray[np.float64]
    method: NDArray[np.uint8]
    near: NDArray[np.int64]


def hear_bearings(work: Work, batch: BearingBatch) -> None:
    """Track one batch of bearings: update tracks, count what was in view and not seen."""
    column = work.column.get(batch.sensor)
    if column is None:
        work.unknown += len(batch)
        return
    sensor = work.sensors[column]
    lines = lines_of(batch, sensor, work.settings)
    work.unusable += len(batch) - len(lines)
    work.reach(column, eyes_of(lines, batch.look), lines.reach, lines.time_ns)
    tracks, look = work.tracks, batch.look
    rows = near(tracks, lines, look)
    seen = np.ones(len(rows)) if look is None else in_view(tracks, rows, look)
    touched = work.changed.astype(np.uint8)
    if len(lines) and len(rows):
        crowded(lines, seen[tracks["confirmed"][rows]], look, sensor)
        now_ns = int(lines.time_ns.max())
        ready = rested(tracks, rows, column, now_ns, sensor.scan_period)
        chance = np.zeros(len(touched))
        chance[rows] = seen * sensor.detection_probability
        found = follow(tracks, lines, sensor, chance, rows[ready], work.settings)
        _note_hits(work, found, lines, column)
        remember(tracks, found.near, column, plain(chance[found.near] * (look is not None)))
        touched[found.near] = LOOKED
        strange = ready & (seen > OWN) & (tracks["hit_ns"][rows, column] == 0)
        tracks["look_ns"][rows[strange], column] = now_ns
    work.note_time(lines, column)

    def missable(due: NDArray[np.int64]) -> Glance:
        # Who does not say where it looked has missed nothing.
        if look is None:
            return plain(np.zeros(len(due)))
        return plain(in_view(tracks, due, look) * sensor.detection_probability)

    work.judge(column, missable, EVERYWHERE, touched)


def eyes_of(lines: Lines, look: Look | None) -> NDArray[np.float64]:
    """Give all places ``(k, 3)`` from which a batch looked, ECEF [m]."""
    if look is None:
        return lines.platform
    return np.concatenate((lines.platform, np.asarray(look.platform)[None, :]))


def rested(
    tracks: Columns, rows: NDArray[np.int64], column: int, now_ns: int, period: float
) -> NDArray[np.bool_]:
    """Tell which of the tracks ``rows`` ``(k,)`` a camera may look at again."""
    look_ns = tracks["look_ns"][rows, column]
    return np.asarray((look_ns == 0) | (now_ns - look_ns >= REST * period * 1e9))


def crowded(lines: Lines, known: NDArray[np.float64], look: Look | None, sensor: Sensor) -> None:
    """Raise the clutter, in place, when a frame has more bearings than can be explained.

    Args:
        lines: The bearings of one frame.
        known: ``(k,)`` probability that each confirmed track is in view.
        look: Where the camera looked.
        sensor: The camera.
    """
    others = len(lines) - sensor.detection_probability * float(known.sum())
    usual = max(sensor.false_alarms, LEAST_FALSE)
    if look is not None and others > usual:
        lines.clutter[:] += np.log(others / usual)


def follow(
    tracks: Columns,
    lines: Lines,
    sensor: Sensor,
    chance: NDArray[np.float64],
    rows: NDArray[np.int64],
    settings: TrackerSettings,
) -> Found:
    """Gate, decide and update, in place; the caller notes the hits.

    Args:
        tracks: Columns of the state, at least one track.
        lines: The camera's bearings, at least one.
        sensor: The camera.
        chance: ``(n,)`` probability that it detects each track.
        rows: ``(k,)`` tracks that it may look at.
        settings: The tracker's settings.
    """
    motion = settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR)
    pairs = gate(tracks, rows, lines, motion, settings)
    held = np.clip(chance, 0.02, 0.98)
    decision = decide(pairs, tracks["score"], lines.clutter, held)
    best = decision.leading()
    rows, taken = decision.track[best], decision.plot[best]
    # Of all that a track's look may have given: this bearing, another one, or none.
    odds = np.exp(np.minimum(pairs.loglik - lines.clutter[pairs.plot], 50.0))
    every = np.bincount(pairs.track, odds, len(held))
    key = pairs.track * len(lines) + pairs.plot
    order = np.argsort(key)
    mine = odds[order[np.searchsorted(key[order], rows * len(lines) + taken)]]
    ratio = 1.0 - held[rows] + held[rows] * every[rows]
    weight = held[rows] * mine / ratio
    update_by_bearings(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, taken, weight,
        lines.z, lines.angles, lines.sway, lines.platform, lines.rotation, lines.time_ns, motion,
    )  # fmt: skip
    return Found(
        rows=rows, taken=taken, weight=weight, gain=np.log(ratio), method=decision.method,
        near=pairs.track,
    )  # fmt: skip


def gate(
    tracks: Columns,
    rows: NDArray[np.int64],
    lines: Lines,
    motion: NDArray[np.float64],
    settings: TrackerSettings,
) -> Pairs:
    """Find all pairs of the tracks ``rows`` ``(k,)`` and bearings that may belong together."""
    room = 4 * (len(lines) + len(rows)) + 64
    while True:
        track, bearing = np.empty(room, np.int64), np.empty(room, np.int64)
        loglik, distance = np.empty(room), np.empty(room)
        count = gate_bearings(
            tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, lines.z,
            lines.angles, lines.sway, lines.platform, lines.rotation, lines.time_ns, lines.reach,
            motion, int(settings.late * 1e9), gate_limits(settings), track, bearing, loglik,
            distance,
        )  # fmt: skip
        if count <= room:
            break
        room = count
    return Pairs(
        track=track[:count], plot=bearing[:count], loglik=loglik[:count], distance=distance[:count]
    )


def _note_hits(work: Work, found: Found, lines: Lines, column: int) -> None:
    """Write down what the tracks that were seen got: existence, time, class, evidence.

    Bearings confirm no track: a tentative one gets sharper, and neither hits nor existence.
    """
    tracks = work.tracks
    sure = tracks["confirmed"][found.rows]
    rows, gain = found.rows[sure], np.minimum(found.gain[sure], MOST_GAIN)
    tracks["score"][rows] = np.minimum(tracks["score"][rows] + gain, work.settings.score_ceiling)
    work.changed[found.rows] = True
    own = sure & (found.weight >= OWN)
    rows, taken, weight = found.rows[own], found.taken[own], found.weight[own]
    count_hits(tracks, rows, column, lines.time_ns[taken], found.method[own])
    tracks["level"][rows] |= np.isfinite(lines.z[taken, 2])
    add_hints(tracks, rows, lines.hint[taken])
    note_sent(tracks, rows, lines, taken, column, weight)
