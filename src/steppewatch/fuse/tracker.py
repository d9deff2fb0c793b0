"""The tracker as one pure stage: sensors and detections in, changed tracks out.

For each batch: gate, associate, update, count the looks that found nothing, confirm, end, begin.
Batches are taken in the order of their arrival. A batch may be a whole scan or any part of one;
each plot is used at its own time, and a plot a few seconds older than a track (two sensors, two
delays) is compared with where the track was then.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse import state as memory
from steppewatch.fuse.associate import assign, pair_cost
from steppewatch.fuse.classify import classify, note_pace
from steppewatch.fuse.delete import count_misses, ended
from steppewatch.fuse.filter import report, update
from steppewatch.fuse.gate import gate, gate_limits
from steppewatch.fuse.initiate import confirm, initiate
from steppewatch.fuse.measure import plots_of
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.state import Columns, TrackerState, empty_state, freeze, merge, thaw
from steppewatch.records import (
    DetectionBatch,
    Origin,
    Sensor,
    SensorKind,
    Stage,
    TrackBatch,
    TrackStatus,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots

NEVER_CHOSEN = 30.0
ORIGIN = Origin(feed="fuse", label="own")


def stage(settings: TrackerSettings | None = None) -> Stage[TrackerState]:
    """Make the tracking stage: it hears sensors and detections and says which tracks changed."""
    chosen = settings or TrackerSettings()

    def step(
        state: TrackerState, messages: Sequence[object], now_ns: int
    ) -> tuple[TrackerState, Sequence[object]]:
        return advance(state, messages, now_ns, chosen)

    return Stage(
        name="fuse",
        hears=(Sensor, DetectionBatch),
        says=(TrackBatch,),
        initial=empty_state(),
        step=step,
    )


def advance(
    state: TrackerState, messages: Sequence[object], now_ns: int, settings: TrackerSettings
) -> tuple[TrackerState, list[TrackBatch]]:
    """Take the messages in, one after another, and let time pass until ``now_ns``."""
    work = Work(state, now_ns, settings)
    for message in messages:
        if isinstance(message, Sensor):
            work.hear_sensor(message)
        elif isinstance(message, DetectionBatch):
            work.hear_detections(message)
    work.let_time_pass()
    return work.result()


class Work:
    """Hold the copies that one step writes into; it lives no longer than the step."""

    def __init__(self, state: TrackerState, now_ns: int, settings: TrackerSettings) -> None:
        self.before = state
        self.settings = settings
        self.now_ns = now_ns
        self.limits = gate_limits(settings)
        self.sensors = list(state.sensors)
        self.column = {sensor.id: i for i, sensor in enumerate(self.sensors)}
        self.newest_ns = np.array(state.newest_ns)
        self.turn = np.array(state.turn)
        self.heard_ns, self.clock_ns = state.heard_ns, state.clock_ns
        self.next_id = state.next_id
        self.unknown, self.unusable = state.unknown, state.unusable
        self.tracks: Columns = {n: getattr(state, n) for n in memory.COLUMNS}
        self.thawed = False
        self.changed = np.zeros(len(state), bool)
        self.gone: list[Columns] = []

    def thaw(self) -> None:
        """Copy the columns before the first write."""
        if not self.thawed:
            self.tracks = thaw(self.before)
            self.thawed = True

    @property
    def time_ns(self) -> int:
        """Give the tracker's time: the newest plot's, and what has passed since it came.

        The node's clock and the sensors' may differ (a replay, a radar without GNSS); ends by
        silence must not come from that difference.
        """
        if self.clock_ns == 0:
            return self.now_ns
        return self.clock_ns + max(self.now_ns - self.heard_ns, 0)

    def hear_sensor(self, sensor: Sensor) -> None:
        """Learn of a sensor, or of its changed description."""
        column = self.column.get(sensor.id)
        if column is not None:
            self.sensors[column] = sensor
            return
        self.thaw()
        self.column[sensor.id] = len(self.sensors)
        self.sensors.append(sensor)
        self.newest_ns = np.append(self.newest_ns, 0)
        self.turn = np.append(self.turn, 0.0)
        for name in ("hit_ns", "look_ns", "missed"):
            old = self.tracks[name]
            self.tracks[name] = np.concatenate((old, np.zeros((len(old), 1), np.int64)), axis=1)

    def hear_detections(self, batch: DetectionBatch) -> None:
        """Track one batch of one sensor."""
        column = self.column.get(batch.sensor)
        if column is None:
            self.unknown += len(batch)
            return
        sensor = self.sensors[column]
        plots = plots_of(batch, sensor, self.settings)
        self.unusable += len(batch) - len(plots.time_ns)
        self.thaw()
        free = np.ones(len(plots.time_ns), bool)
        if len(free) and len(self.tracks["id"]):
            free[self.follow(plots, sensor, column)] = False
        self.note_time(plots, column)
        self.judge(column)
        fresh = np.flatnonzero(free)
        if len(fresh):
            born = initiate(
                plots, fresh, sensor, column, len(self.sensors), self.next_id, self.settings
            )
            self.next_id += len(fresh)
            self.tracks = merge(self.tracks, None, born)
            self.changed = np.concatenate((self.changed, np.ones(len(fresh), bool)))

    def follow(self, plots: Plots, sensor: Sensor, column: int) -> NDArray[np.int64]:
        """Gate, associate and update; give the plots that were taken."""
        tracks, settings = self.tracks, self.settings
        pairs = gate(
            tracks,
            column,
            plots,
            settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR),
            sensor.scan_period,
            self.limits,
            settings,
        )
        detection = min(sensor.detection_probability, 0.95)
        cost = pair_cost(pairs, tracks["score"], plots.clutter, detection)
        chosen = assign(pairs.track, pairs.plot, cost, NEVER_CHOSEN)
        rows, taken = pairs.track[chosen], pairs.plot[chosen]
        update(tracks, rows, plots, taken, sensor, settings)
        gain = np.log(detection) + pairs.loglik[chosen] - plots.clutter[taken]
        tracks["score"][rows] = np.minimum(tracks["score"][rows] + gain, settings.score_ceiling)
        tracks["hits"][rows] += 1
        tracks["looks"][rows] += 1
        tracks["missed"][rows, column] = 0
        tracks["ground"][rows] = sensor.kind == SensorKind.GROUND_RADAR
        z = plots.z[taken]
        tracks["level"][rows] |= np.isfinite(z[:, 2]) | np.isfinite(z[:, 4])
        when = plots.time_ns[taken]
        tracks["seen_ns"][rows] = np.maximum(tracks["seen_ns"][rows], when)
        for name in ("hit_ns", "look_ns"):
            tracks[name][rows, column] = np.maximum(tracks[name][rows, column], when)
        for name, none in (("mode_s", 0), ("mode_3a", -1), ("callsign", b"")):
            told = getattr(plots, name)[taken]
            tracks[name][rows] = np.where(told == none, tracks[name][rows], told)
        self.changed[rows] = True
        return taken

    def note_time(self, plots: Plots, column: int) -> None:
        """Advance the sensor's newest time; an empty batch says "I looked, and saw nothing"."""
        newest = int(plots.time_ns.max()) if len(plots.time_ns) else self.time_ns
        before = int(self.newest_ns[column])
        if newest <= before:
            return
        self.turn[column] = (newest - before) * 1e-9 if before else 0.0
        self.newest_ns[column] = newest
        self.clock_ns = max(self.time_ns if not len(plots.time_ns) else self.clock_ns, newest)
        self.heard_ns = self.now_ns

    def judge(self, column: int) -> None:
        """Count this sensor's missed looks; confirm and end what has earned it."""
        newest, turn = int(self.newest_ns[column]), float(self.turn[column])
        self.changed |= count_misses(self.tracks, column, newest, turn, self.sensors)
        confirm(self.tracks, self.settings)
        self.end(ended(self.tracks, self.clock_ns, tuple(self.sensors), self.settings))

    def let_time_pass(self) -> None:
        """End what nobody has seen for too long, also when no messages come."""
        over = ended(self.tracks, self.time_ns, tuple(self.sensors), self.settings)
        if over.any():
            self.thaw()
            self.end(over)

    def end(self, over: NDArray[np.bool_]) -> None:
        """Take tracks out and remember to say so."""
        if not over.any():
            return
        self.gone.append({name: column[over] for name, column in self.tracks.items()})
        self.tracks = merge(self.tracks, ~over, None)
        self.changed = self.changed[~over]

    def result(self) -> tuple[TrackerState, list[TrackBatch]]:
        """Give the new state, and the tracks that changed or ended."""
        rows = np.flatnonzero(self.changed)
        said: list[TrackBatch] = []
        gone = [columns for columns in self.gone if len(columns["id"])]
        parts = [(self.tracks, rows, False)] if len(rows) else []
        parts += [(columns, np.arange(len(columns["id"])), True) for columns in gone]
        batches = [self.say(columns, some, over) for columns, some, over in parts]
        if batches:
            said = [batches[0] if len(batches) == 1 else joined(batches)]
        columns = self.tracks if self.thawed else {}
        state = freeze(
            self.before,
            columns,
            sensors=tuple(self.sensors),
            newest_ns=self.newest_ns,
            turn=self.turn,
            heard_ns=self.heard_ns,
            clock_ns=self.clock_ns,
            next_id=self.next_id,
            unknown=self.unknown,
            unusable=self.unusable,
        )
        return state, said

    def say(self, tracks: Columns, rows: NDArray[np.intp], over: bool) -> TrackBatch:
        """Describe tracks, the ones just missed as of now and all others as of their plot."""
        missed = missed_last(tracks, rows)
        at_ns = np.where(missed, np.maximum(tracks["time_ns"][rows], self.clock_ns), 0)
        at_ns = np.maximum(at_ns, tracks["time_ns"][rows])
        mean, cov = report(tracks, rows, at_ns, self.settings)
        if not over:
            note_pace(tracks, rows[~missed], mean[~missed], cov[~missed])
        return batch_of(tracks, rows, at_ns, mean, cov, over)


def tracks_at(
    state: TrackerState, at_ns: int, settings: TrackerSettings | None = None
) -> TrackBatch:
    """Give all tracks of a state, predicted to one moment (a picture, or a score)."""
    tracks: Columns = thaw(state)
    rows = np.arange(len(state))
    when = np.maximum(tracks["time_ns"], at_ns)
    mean, cov = report(tracks, rows, when, settings or TrackerSettings())
    return batch_of(tracks, rows, when, mean, cov, over=False)


def missed_last(tracks: Columns, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say which tracks missed their latest look by every sensor that has seen them."""
    seen_by = tracks["hit_ns"][rows] > 0
    return np.asarray(np.all(~seen_by | (tracks["missed"][rows] > 0), axis=1))


def batch_of(
    tracks: Columns,
    rows: NDArray[np.intp],
    at_ns: NDArray[np.int64],
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
    over: bool,
) -> TrackBatch:
    """Put rows of the columns into the words of ``records``."""
    status = np.where(
        tracks["confirmed"][rows],
        np.where(missed_last(tracks, rows), TrackStatus.COASTING, TrackStatus.CONFIRMED),
        TrackStatus.TENTATIVE,
    )
    if over:
        status = np.full(len(rows), TrackStatus.ENDED)
    return TrackBatch(
        time_ns=at_ns,
        id=tracks["id"][rows],
        mean=mean,
        cov=cov,
        status=status.astype(np.uint8),
        existence=(1.0 / (1.0 + np.exp(-tracks["score"][rows]))).astype(np.float32),
        target=classify(tracks, rows),
        born_ns=tracks["born_ns"][rows],
        seen_ns=tracks["seen_ns"][rows],
        hits=tracks["hits"][rows].astype(np.uint32),
        mode_s=tracks["mode_s"][rows],
        mode_3a=tracks["mode_3a"][rows],
        callsign=tracks["callsign"][rows],
        origin=ORIGIN,
    )


def joined(batches: list[TrackBatch]) -> TrackBatch:
    """Join batches of one tracker into one."""
    names = [f.name for f in dataclasses.fields(TrackBatch) if f.name != "origin"]
    columns = {n: np.concatenate([getattr(b, n) for b in batches]) for n in names}
    return TrackBatch(origin=ORIGIN, **columns)
