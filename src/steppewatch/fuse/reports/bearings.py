"""What bearings do to a step of the tracker: they sharpen tracks, and begin few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate import decide
from steppewatch.fuse.evidence import count_hits, note_sent
from steppewatch.fuse.gate import Pairs, gate_limits
from steppewatch.fuse.reports.bearing_kernels import gate_bearings, update_by_bearings
from steppewatch.fuse.reports.identity import add_hints
from steppewatch.fuse.reports.lines import LEAST_FALSE, Lines, in_view, lines_of
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
    """

    rows: NDArray[np.int64]
    taken: NDArray[np.int64]
    weight: NDArray[np.float64]
    gain: NDArray[np.float64]
    method: NDArray[np.uint8]


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
    n = len(work.tracks["id"])
    seen = np.ones(n) if batch.look is None else in_view(work.tracks, batch.look)
    chance = seen * sensor.detection_probability
    if len(lines) and n:
        crowded(lines, seen * work.tracks["confirmed"], batch.look, sensor)
        ready = rested(work.tracks, column, int(lines.time_ns.max()), sensor.scan_period)
        found = follow(work.tracks, lines, sensor, chance, ready, work.settings)
        _note_hits(work, found, lines, column)
        strange = ready & (seen > OWN) & (work.tracks["hit_ns"][:, column] == 0)
        work.tracks["look_ns"][strange, column] = int(lines.time_ns.max())
    work.note_time(lines, column)
    # Who does not say where it looked has missed nothing.
    missable = chance if batch.look is not None else np.zeros(n)
    work.tracks["chance"][:, column] = missable
    work.tracks["covered"][:, column] = True  # a camera may be turned that way again
    work.judge(column, missable)


def eyes_of(lines: Lines, look: Look | None) -> NDArray[np.float64]:
    """Give all places ``(k, 3)`` from which a batch looked, ECEF [m]."""
    if look is None:
        return lines.platform
    return np.concatenate((lines.platform, np.asarray(look.platform)[None, :]))


def rested(tracks: Columns, column: int, now_ns: int, period: float) -> NDArray[np.bool_]:
    """Tell which tracks ``(n,)`` a camera may look at again."""
    look_ns = tracks["look_ns"][:, column]
    return np.asarray((look_ns == 0) | (now_ns - look_ns >= REST * period * 1e9))


def crowded(lines: Lines, known: NDArray[np.float64], look: Look | None, sensor: Sensor) -> None:
    """Raise the clutter, in place, when a frame has more bearings than can be explained.

    Args:
        lines: The bearings of one frame.
        known: ``(n,)`` probability that each confirmed track is in view, 0 for all others.
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
    ready: NDArray[np.bool_],
    settings: TrackerSettings,
) -> Found:
    """Gate, decide and update, in place; the caller notes the hits.

    Args:
        tracks: Columns of the state, at least one track.
        lines: The camera's bearings, at least one.
        sensor: The camera.
        chance: ``(n,)`` probability that it detects each track.
        ready: ``(n,)`` tracks that it may look at.
        settings: The tracker's settings.
    """
    motion = settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR)
    pairs = gate(tracks, lines, motion, settings)
    keep = ready[pairs.track]
    pairs = Pairs(
        track=pairs.track[keep], plot=pairs.plot[keep], loglik=pairs.loglik[keep],
        distance=pairs.distance[keep],
    )  # fmt: skip
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
    return Found(rows=rows, taken=taken, weight=weight, gain=np.log(ratio), method=decision.method)


def gate(
    tracks: Columns, lines: Lines, motion: NDArray[np.float64], settings: TrackerSettings
) -> Pairs:
    """Find all pairs of tracks and bearings that may belong together."""
    room = 4 * (len(lines) + len(tracks["id"])) + 64
    while True:
        track, bearing = np.empty(room, np.int64), np.empty(room, np.int64)
        loglik, distance = np.empty(room), np.empty(room)
        count = gate_bearings(
            tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], lines.z,
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
