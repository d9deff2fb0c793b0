"""The rules that ask for attention: crossings, approaches, losses, low flight, failing sensors.

First version; docs/alerts.md says what each looks at and when it falls silent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from steppewatch.command import nearness, sentences
from steppewatch.command.causes import Book, Pen
from steppewatch.command.heights import measured
from steppewatch.command.nearness import NOTHING, SIGMAS, Nearness
from steppewatch.command.tracks import JOINT_FEED, OWN_FEED, Heights
from steppewatch.records import (
    Acknowledge,
    Alert,
    Health,
    Origin,
    SensorDoubt,
    SensorStatus,
    Severity,
    Stage,
    TargetClass,
    TrackBatch,
    TrackStatus,
    founder,
    record,
)
from steppewatch.world.border import Border

Mask = NDArray[np.bool_]

ORIGIN = Origin(feed="command")
# By class, for all that fit a byte: what may fly low. Birds do, but are none of our business.
FLIES = np.ones(256, np.bool_)
FLIES[[TargetClass.WALKER, TargetClass.RIDER, TargetClass.VEHICLE, TargetClass.BIRD]] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Set the thresholds.

    Attributes:
        feeds: Trackers whose tracks may raise alerts.
        approach_within: Farthest distance at which an approach counts [m].
        approach_seconds: Time to the line below which it counts [s].
        slow_within: Distance within which whoever moves towards the line counts [m].
        slow_closing: Least speed towards the line for that [m/s].
        low_above_ground: What is low flight [m].
        low_speed: Slower things are not flying [m/s].
        low_within: Distance within which low flight counts [m].
        lost_within: Distance within which a lost track counts [m].
        airway_height: Identified aircraft above this are ordinary traffic [m].
    """

    feeds: frozenset[str] = frozenset({OWN_FEED})
    approach_within: float = 40_000.0
    approach_seconds: float = 600.0
    slow_within: float = 2_000.0
    slow_closing: float = 0.4
    low_above_ground: float = 300.0
    low_speed: float = 25.0
    low_within: float = 30_000.0
    lost_within: float = 10_000.0
    airway_height: float = 6_000.0


@record("rules")
@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Hold what the rules remember.

    Attributes:
        book: The alerts.
        memory: Tracks as they last lay to the border, by tracker.
    """

    book: Book = field(default_factory=Book)
    memory: dict[str, Nearness] = field(default_factory=dict)


def stage(
    border: Border, settings: Settings | None = None, heights: Heights | None = None
) -> Stage[State]:
    """Offer the rules as a stage of the flow.

    Args:
        border: The line that is watched.
        settings: Thresholds.
        heights: Terrain heights as in :class:`~steppewatch.command.tracks.TrackTable`; without
            them nothing is known to fly low.
    """
    rules = _Rules(border, settings or Settings(), heights)
    return Stage(
        name="rules",
        hears=(TrackBatch, SensorStatus, SensorDoubt, Acknowledge),
        says=(Alert,),
        initial=State(),
        step=rules.step,
    )


class _Rules:
    def __init__(self, border: Border, settings: Settings, heights: Heights | None) -> None:
        self._border, self._settings, self._heights = border, settings, heights

    def step(
        self, state: State, messages: Sequence[object], now_ns: int
    ) -> tuple[State, Sequence[object]]:
        if not messages and not state.book.open:
            return state, ()
        pen = Pen(state.book, now_ns)
        memory = dict(state.memory)
        for message in messages:
            match message:
                case TrackBatch() if message.origin.feed in self._settings.feeds:
                    source = f"{message.origin.feed}:{message.origin.sensor}".rstrip(":")
                    before = memory.get(source, NOTHING)
                    memory[source] = self._judge(pen, source, before, message, now_ns)
                case SensorStatus():
                    _judge_sensor(pen, message)
                case SensorDoubt():
                    _note_doubt(pen, message)
                case Acknowledge():
                    pen.acknowledge(message)
                case _:
                    pass
        pen.pass_time()
        book, said = pen.finish()
        return State(book=book, memory=memory), tuple(said)

    def _judge(
        self, pen: Pen, source: str, memory: Nearness, batch: TrackBatch, now_ns: int
    ) -> Nearness:
        now, before = nearness.carry_over(memory, nearness.locate(batch, self._border))
        ordinary = now.identified & (now.height > self._settings.airway_height)
        name = _Namer(self._border, source, batch.origin.feed, now_ns)
        crossed = now.confirmed & (before * now.side < 0)
        for i in np.flatnonzero(crossed).tolist():
            pen.over(name.cause("border-approach", now, i))
            severity = Severity.NOTICE if ordinary[i] else Severity.WARNING
            name.raise_for(
                pen, "border-crossed", severity, _crossed, now, i, event=True, way=_way(now, i)
            )
        for i in np.flatnonzero(self._approaching(now) & ~crossed & ~ordinary).tolist():
            name.raise_for(pen, "border-approach", Severity.CAUTION, _approach, now, i)
        self._judge_low(pen, name, now)
        over = batch.status == np.uint8(TrackStatus.ENDED)
        ended = batch.id[over]
        # What was found to be another track is not lost: that one goes on.
        known = over & (batch.heir >= 0) if len(batch.heir) == len(batch) else np.zeros_like(over)
        self._judge_lost(pen, name, memory, ended, batch.id[known])
        return nearness.merge(memory, now, ended)

    def _approaching(self, now: Nearness) -> Mask:
        s, away = self._settings, np.abs(now.distance)
        soon = away < now.closing * s.approach_seconds
        fast = soon & (away < s.approach_within) & (now.closing > s.slow_closing)
        slow = (away < s.slow_within) & (now.closing > s.slow_closing)
        bird = now.target == np.uint8(TargetClass.BIRD)
        surely = now.closing > SIGMAS * now.closing_sigma
        mask: Mask = now.confirmed & (now.side != 0) & (fast | slow) & surely & ~bird
        return mask

    def _judge_low(self, pen: Pen, name: "_Namer", now: Nearness) -> None:
        s = self._settings
        maybe = now.confirmed & (now.speed > s.low_speed) & (np.abs(now.distance) < s.low_within)
        rows = np.flatnonzero(maybe & _may_fly(now.target))
        if self._heights is None or not len(rows):
            return
        near = now.rows(rows)
        above = near.height - np.asarray(self._heights(near.lat, near.lon), float)
        low = (above < s.low_above_ground) & measured(above, near.height_sigma)
        for i in np.flatnonzero(low).tolist():
            name.raise_for(
                pen, "low-flight", Severity.CAUTION, _low(max(0.0, float(above[i]))), near, i
            )

    def _judge_lost(
        self,
        pen: Pen,
        name: "_Namer",
        memory: Nearness,
        ended: NDArray[np.int64],
        known: NDArray[np.int64],
    ) -> None:
        rows, there = nearness.recall(memory, ended)
        gone = memory.rows(rows[there])
        ordinary = gone.identified & (gone.height > self._settings.airway_height)
        lost = gone.confirmed & ~np.isin(gone.id, known)
        near = lost & (np.abs(gone.distance) < self._settings.lost_within) & ~ordinary
        for i in range(len(gone)):
            for rule in ("border-approach", "low-flight"):
                pen.over(name.cause(rule, gone, i))
        for i in np.flatnonzero(near & (gone.target != np.uint8(TargetClass.BIRD))).tolist():
            name.raise_for(
                pen, "track-lost", Severity.CAUTION, _lost(name.now_ns), gone, i, event=True
            )


Teller = Callable[[str, str, Nearness, int], str]


@dataclass(frozen=True, slots=True)
class _Namer:
    """Name causes and write alerts for the tracks of one tracker."""

    border: Border
    source: str
    feed: str
    now_ns: int

    def cause(self, rule: str, rows: Nearness, i: int) -> str:
        return f"{rule}:{self.source}:{rows.id[i]}"

    def raise_for(
        self,
        pen: Pen,
        rule: str,
        severity: Severity,
        tell: Teller,
        rows: Nearness,
        i: int,
        *,
        event: bool = False,
        way: str = "",
    ) -> None:
        cause = self.cause(rule, rows, i) + way
        if pen.is_open(cause):
            pen.hold(cause)
            return
        number, along = int(rows.id[i]), float(rows.along[i])
        spoken = founder(number)[1] if self.feed == JOINT_FEED else number
        neighbour = self.border.lines[int(rows.line[i])].neighbour
        who = sentences.noun(int(rows.target[i]), spoken)
        alert = Alert(
            id="",
            time_ns=self.now_ns,
            rule=rule,
            severity=severity,
            text=tell(who, sentences.line(neighbour, along), rows, i),
            track=number,
            track_feed=self.feed,
            lat=float(rows.lat[i]),
            lon=float(rows.lon[i]),
            border=neighbour,
            border_km=along / 1e3,
            origin=ORIGIN,
        )
        pen.open_alert(cause, alert, event=event)


def _way(rows: Nearness, i: int) -> str:
    """Tell a crossing in from a crossing out, so that coming back is news of its own."""
    return ":in" if rows.side[i] > 0 else ":out"


def _crossed(who: str, where: str, rows: Nearness, i: int) -> str:
    way = "in" if rows.side[i] > 0 else "out"
    moving = sentences.motion(float(rows.speed[i]), float(rows.course[i]))
    return sentences.crossed(who, where, way, moving, float(rows.distance[i]))


def _approach(who: str, where: str, rows: Nearness, i: int) -> str:
    away, closing = float(rows.distance[i]), float(rows.closing[i])
    return sentences.approach(who, where, away, closing, abs(away) / closing)


def _low(above: float) -> Teller:
    def tell(who: str, where: str, rows: Nearness, i: int) -> str:
        speed, away = float(rows.speed[i]), float(rows.distance[i])
        return sentences.low_flight(who, where, above, speed, away)

    return tell


def _lost(now_ns: int) -> Teller:
    def tell(who: str, where: str, rows: Nearness, i: int) -> str:
        unseen = (now_ns - int(rows.seen_ns[i])) / 1e9
        return sentences.lost(who, where, float(rows.distance[i]), unseen)

    return tell


def _may_fly(target: NDArray[np.uint8]) -> Mask:
    flies: Mask = FLIES[target]
    return flies


def _judge_sensor(pen: Pen, status: SensorStatus) -> None:
    """Raise an alert for a failing sensor, close it when the sensor is well or switched off."""
    failing = {
        Health.SILENT: ("sensor-silent", Severity.WARNING, sentences.silent),
        Health.DEGRADED: ("sensor-degraded", Severity.CAUTION, sentences.degraded),
    }
    for health, (rule, severity, tell) in failing.items():
        cause = f"{rule}:{status.sensor}"
        if status.health != health:
            pen.over(cause)
            continue
        alert = Alert(
            id="",
            time_ns=status.time_ns,
            rule=rule,
            severity=severity,
            text=tell(status.sensor, status.reason),
            sensor=status.sensor,
            origin=ORIGIN,
        )
        pen.open_alert(cause, alert)


def _note_doubt(pen: Pen, doubt: SensorDoubt) -> None:
    """Tell that a sensor sent something odd: an event, which closes by itself."""
    alert = Alert(
        id="",
        time_ns=doubt.time_ns,
        rule="odd-sensor",
        severity=Severity.CAUTION,
        text=doubt.text,
        sensor=doubt.sensor,
        origin=ORIGIN,
    )
    pen.open_alert(f"odd-sensor-{doubt.kind.name.lower()}:{doubt.sensor}", alert, event=True)
