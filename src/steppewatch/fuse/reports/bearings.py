"""What bearings do to a step of the tracker: they sharpen tracks, and begin few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate import decide
from steppewatch.fuse.evidence import note
from steppewatch.fuse.gate import Pairs, gate_limits
from steppewatch.fuse.reports.bearing_kernels import gate_bearings, update_by_bearings
from steppewatch.fuse.reports.identity import add_hints
from steppewatch.fuse.reports.lines import Lines, in_view, lines_of
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.associate import Decision
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.step import Work
    from steppewatch.records import BearingBatch, Look, Sensor

MOST_GAIN = 1.0
"""Log-odds that one bearing may add to a track's existence: the frames of a camera are many and
alike, and what stands behind a track in the same direction is seen in each of them."""


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
        decision = follow(work.tracks, column, lines, sensor, chance, work.settings)
        _note_hits(work, decision, lines, column)
    work.note_time(lines, column)
    # Who does not say where it looked has missed nothing.
    missable = chance if batch.look is not None else np.zeros(n)
    work.tracks["chance"][:, column] = missable
    work.judge(column, missable)


def eyes_of(lines: Lines, look: Look | None) -> NDArray[np.float64]:
    """Give all places ``(k, 3)`` from which a batch looked, ECEF [m]."""
    if look is None:
        return lines.platform
    return np.concatenate((lines.platform, np.asarray(look.platform)[None, :]))


def follow(
    tracks: Columns,
    column: int,
    lines: Lines,
    sensor: Sensor,
    chance: NDArray[np.float64],
    settings: TrackerSettings,
) -> Decision:
    """Gate, decide and update, in place; the caller notes the hits.

    Args:
        tracks: Columns of the state, at least one track.
        column: The sensor's number.
        lines: Its bearings, at least one.
        sensor: The sensor.
        chance: ``(n,)`` probability that it detects each track.
        settings: The tracker's settings.
    """
    del column
    motion = settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR)
    pairs = gate(tracks, lines, motion, settings)
    decision = decide(pairs, tracks["score"], lines.clutter, chance)
    best = decision.leading()
    update_by_bearings(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], decision.track[best],
        decision.plot[best], lines.z, lines.angles, lines.sway, lines.platform, lines.rotation,
        lines.time_ns, motion,
    )  # fmt: skip
    return decision


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


def _note_hits(work: Work, decision: Decision, lines: Lines, column: int) -> None:
    """Write down what the tracks that were seen got: existence, time, class, evidence."""
    tracks = work.tracks
    rows, best = decision.rows, decision.leading()
    taken = decision.plot[best]
    gain = np.clip(decision.score - tracks["score"][rows], -MOST_GAIN, MOST_GAIN)
    tracks["score"][rows] = np.minimum(tracks["score"][rows] + gain, work.settings.score_ceiling)
    tracks["method"][rows] = decision.method
    tracks["hits"][rows] += 1
    tracks["looks"][rows] += 1
    tracks["missed"][rows, column] = 0
    tracks["level"][rows] |= np.isfinite(lines.z[taken, 2])
    when = lines.time_ns[taken]
    tracks["seen_ns"][rows] = np.maximum(tracks["seen_ns"][rows], when)
    for name in ("hit_ns", "look_ns"):
        tracks[name][rows, column] = np.maximum(tracks[name][rows, column], when)
    add_hints(tracks, rows, lines.hint[taken])
    size = int(lines.row.max()) + 1
    times, z = np.zeros(size, np.int64), np.full((size, lines.z.shape[1]), np.nan)
    times[lines.row], z[lines.row] = lines.time_ns, lines.z
    note(tracks, rows, lines.row[taken], column, decision.weight[best], times, z)
    work.changed[rows] = True
