"""What position reports do to a step of the tracker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.areas import SIGMAS
from steppewatch.fuse.evidence import count_hits, name_tracks, note_sent
from steppewatch.fuse.reports.follow import chances, follow, rounds
from steppewatch.fuse.reports.identity import add_hints, twins
from steppewatch.fuse.reports.marks import Marks, begin, marks_of, part
from steppewatch.fuse.visibility.glance import Glance, plain, remember
from steppewatch.fuse.visibility.sight import EVERYWHERE
from steppewatch.records import SensorKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.associate import Decision
    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.step import Work
    from steppewatch.records import PositionReports, Sensor

USED = 0.5


def hear_reports(work: Work, batch: PositionReports) -> None:
    """Track one batch of one source's position reports."""
    column = work.column.get(batch.sensor)
    if column is None:
        work.unknown += len(batch)
        return
    sensor = work.sensors[column]
    marks = marks_of(batch, sensor, work.settings)
    work.unusable += len(batch) - len(marks)
    radius = float(np.sqrt(np.trace(marks.cov, axis1=1, axis2=2).max())) if len(marks) else 0.0
    work.reach(column, marks.place, SIGMAS * radius, marks.time_ns, marks.mode_s)
    for rows in rounds(marks, sensor.scan_period):
        some = part(marks, rows)
        free = np.ones(len(some), bool)
        if len(work.tracks["id"]):
            decision = follow(work.tracks, column, some, sensor, work.settings)
            note_hits(work, decision, some, sensor, column)
            free = decision.used < USED
        fresh = np.flatnonzero(free)
        if len(fresh):
            work.guard.doubts += twins(work.tracks, some, fresh, sensor, work.now_ns, work.settings)
            _begin(work, some, fresh, sensor, column)
    work.note_time(marks, column)

    def look(rows: NDArray[np.int64]) -> Glance:
        return missable(work.tracks, rows, column, sensor)

    work.judge(column, look, EVERYWHERE, work.changed.astype(np.uint8))


def missable(tracks: Columns, rows: NDArray[np.integer], column: int, sensor: Sensor) -> Glance:
    """Say what a source's silence means for the tracks ``rows`` ``(k,)``.

    A camera that does not say where it looked has missed nothing; nor has a transponder that was
    never heard. What was heard can report again, wherever it is.
    """
    watched = sensor.kind != SensorKind.CAMERA
    return plain(chances(tracks, rows, column, sensor) * watched)


def note_hits(work: Work, decision: Decision, marks: Marks, sensor: Sensor, column: int) -> None:
    """Write down what the tracks that were reported got: existence, time, identity, evidence."""
    tracks = work.tracks
    rows, best = decision.rows, decision.leading()
    taken = decision.plot[best]
    tracks["score"][rows] = np.minimum(decision.score, work.settings.score_ceiling)
    count_hits(tracks, rows, column, marks.time_ns[taken], decision.method)
    tracks["ground"][rows] |= sensor.kind == SensorKind.GROUND_RADAR
    tracks["level"][rows] = True
    name_tracks(tracks, rows, marks, taken)
    add_hints(tracks, rows, marks.hint[taken])
    remember(tracks, rows, column, missable(tracks, rows, column, sensor))
    note_sent(tracks, rows, marks, taken, column, decision.weight[best])
    work.registrar.study(tracks, rows, column)
    work.changed[rows] = True


def _begin(work: Work, marks: Marks, fresh: NDArray[np.intp], sensor: Sensor, column: int) -> None:
    """Begin tracks from the reports that nobody took."""
    sensors, first = len(work.sensors), len(work.tracks["id"])
    born = begin(marks, fresh, sensor, column, sensors, work.next_id, work.settings)
    work.next_id += len(fresh)
    work.begin(born)
    rows = first + np.arange(len(fresh))
    remember(work.tracks, rows, column, missable(work.tracks, rows, column, sensor))
    note_sent(work.tracks, rows, marks, fresh, column, np.ones(len(fresh)))
