"""Which reports are late, and where among the steps taken they belong.

A sensor's usual delay is no lateness: what counts is how much later a report comes than the
sensor's quickest ones. A late report goes into the batch of its sensor whose times it lies
between (a scan of which it was lost), else into the step in which it would have been heard.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.guard import malformed
from steppewatch.fuse.late.memory import Heard, times
from steppewatch.records import DetectionBatch, PositionReports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.records import Sensor

NS = 1_000_000_000
AHEAD_NS = 10 * NS
SAME_STEP_NS = NS
SPLITTABLE = (DetectionBatch, PositionReports)
TURN = 1.25
SCANS = 4
NO_BIRTHS = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 3)))


def usual_of(usual_ns: dict[str, int], sensor: str, newest_ns: int, now_ns: int) -> dict[str, int]:
    """Give the usual delays after a batch; the same object where nothing is new."""
    offset = newest_ns - now_ns
    known = usual_ns.get(sensor)
    if offset > AHEAD_NS or (known is not None and offset <= known):
        return usual_ns
    return {**usual_ns, sensor: offset}


def split(message: Any, sensor: Sensor, newest_ns: int, least_ns: int) -> tuple[Any, Any | None]:
    """Give a batch's plots in time, and those that are more than a turn older than its newest."""
    stamps = times(message)
    if not isinstance(message, SPLITTABLE):
        return message, None
    bound_ns = newest_ns - int(TURN * sensor.scan_period * NS) - least_ns
    if stamps.min() >= bound_ns:
        return message, None
    old = (stamps > 0) & (stamps < bound_ns)
    if not old.any() or not sound(message):
        return message, None
    return rows_of(message, ~old), rows_of(message, old)


def sound(message: Any) -> bool:
    """Say whether a message's form is what it should be."""
    return not isinstance(message, DetectionBatch) or not malformed(message)


def rows_of(message: Any, which: NDArray[Any]) -> Any:
    """Give some rows of a batch."""
    n = len(message)
    changes: dict[str, Any] = {
        field.name: value[which]
        for field in dataclasses.fields(message)
        if isinstance(value := getattr(message, field.name), np.ndarray) and value.shape[:1] == (n,)
    }
    return dataclasses.replace(message, **changes)


def merged(batch: Any, extra: Any) -> Any:
    """Give one batch of two of one sensor, in the order of time."""
    order = np.argsort(np.concatenate((batch.time_ns, extra.time_ns)), kind="stable")
    n = len(batch)
    changes: dict[str, Any] = {
        field.name: np.concatenate((value, getattr(extra, field.name)))[order]
        for field in dataclasses.fields(batch)
        if isinstance(value := getattr(batch, field.name), np.ndarray) and value.shape[:1] == (n,)
    }
    return dataclasses.replace(batch, **changes)


def alike(batch: object, extra: object) -> bool:
    """Say whether two batches are of one sensor and have the same columns."""
    if type(batch) is not type(extra) or not isinstance(batch, SPLITTABLE):
        return False
    if batch.sensor != extra.sensor:  # type: ignore[attr-defined]
        return False
    return not isinstance(batch, PositionReports) or (
        batch.class_prob.shape[1:] == extra.class_prob.shape[1:]  # type: ignore[attr-defined]
    )


def when(step: Heard) -> int:
    """Give the moment of a step."""
    return step.now_ns


class Places:
    """Hold the steps of a memory while late messages are put among them."""

    def __init__(
        self,
        heard: Sequence[Heard],
        marked: int,
        usual_ns: dict[str, int],
        sensors: dict[str, Sensor],
    ) -> None:
        self.heard = list(heard)
        self.marked = marked
        self.usual_ns = usual_ns
        self.sensors = sensors
        self.order = {name: k for k, name in enumerate(sensors)}
        self.touched = len(self.heard)

    @property
    def cost(self) -> int:
        """Count the plots that would be heard again."""
        return sum(step.plots for step in self.heard[self.touched :])

    def put(self, message: Any) -> None:
        """Put a late message where it belongs."""
        rest = self._into_scans(message) if isinstance(message, SPLITTABLE) else message
        if rest is None:
            return
        for part in self._groups(rest):
            self._into_step(part)

    def _into_scans(self, message: Any) -> Any | None:
        """Merge plots into the batches whose times they lie between; give the others."""
        stamps = times(message)
        free = np.ones(len(stamps), bool)
        low, high = int(stamps.min()), int(stamps.max())
        usual_ns = self.usual_ns.get(message.sensor, 0)
        turn_ns = int(self.sensors[message.sensor].scan_period * NS)
        # No batch is heard earlier than usual; none that lies in its place much later.
        begin = bisect_left(self.heard, low - usual_ns, key=when)
        end = bisect_left(self.heard, high - usual_ns + SCANS * turn_ns + SAME_STEP_NS, key=when)
        for k in range(begin, end):
            for i, batch in enumerate(self.heard[k].messages):
                if not alike(batch, message) or len(times(batch)) == 0:
                    continue
                first, last = int(times(batch).min()), int(times(batch).max())
                if last < low or first > high:
                    continue
                inside = free & (stamps >= first) & (stamps <= last)
                if not inside.any():
                    continue
                whole = list(self.heard[k].messages)
                whole[i] = merged(batch, rows_of(message, inside))
                self._change(k, tuple(whole), int(inside.sum()))
                free &= ~inside
        return rows_of(message, free) if free.any() else None

    def _groups(self, message: Any) -> list[Any]:
        """Split what spans more than a turn; what was lost of two scans belongs in two places."""
        sensor = self.sensors[message.sensor]
        stamps = times(message)
        turn = int(TURN * sensor.scan_period * NS)
        if not isinstance(message, SPLITTABLE) or stamps.max() - stamps.min() <= turn:
            return [message]
        order = np.argsort(stamps, kind="stable")
        number = (stamps[order] - stamps[order[0]]) // max(int(0.5 * sensor.scan_period * NS), 1)
        return [rows_of(message, order[number == value]) for value in np.unique(number)]

    def _into_step(self, message: Any) -> None:
        """Put a batch into the step in which it would have been heard, or into one of its own."""
        due_ns = int(times(message).max()) - self.usual_ns.get(message.sensor, 0)
        count = len(times(message))
        k = bisect_left(self.heard, due_ns, key=when)
        quiet_ns = self.heard[k].quiet_ns if k < len(self.heard) else 0
        apart_ns = self.heard[k].now_ns - due_ns if k < len(self.heard) else 2 * SAME_STEP_NS
        if apart_ns and (apart_ns > SAME_STEP_NS or due_ns <= quiet_ns):
            self.heard.insert(
                k,
                Heard(
                    now_ns=due_ns, quiet_ns=quiet_ns if quiet_ns <= due_ns else 0,
                    messages=(message,), plots=count,
                    born=NO_BIRTHS[0], born_ns=NO_BIRTHS[1], born_at=NO_BIRTHS[2],
                ),
            )  # fmt: skip
            self.marked += k <= self.marked
            self.touched = min(self.touched, k)
            return
        whole = list(self.heard[k].messages)
        for i, batch in enumerate(whole):
            if self._completes(batch, message):
                whole[i] = merged(batch, message)
                self._change(k, tuple(whole), count)
                return
        mine = self._rank(message)
        place = sum(self._rank(other) <= mine for other in whole)
        self._change(k, (*whole[:place], message, *whole[place:]), count)

    def _completes(self, batch: Any, message: Any) -> bool:
        """Say whether plots are the first or last ones of a batch: both together are one turn."""
        if not alike(batch, message) or len(times(batch)) == 0:
            return False
        stamps = np.concatenate((times(batch), times(message)))
        turn_ns = self.sensors[message.sensor].scan_period * NS
        return bool(stamps.max() - stamps.min() < turn_ns)

    def _rank(self, message: Any) -> tuple[int, int]:
        """Order messages of one step: sensors' descriptions, then by newest time and sensor."""
        stamps = times(message)
        name = getattr(message, "sensor", None)
        if name is None:
            return -1, 0
        return int(stamps.max()) if len(stamps) else 0, self.order.get(name, 0)

    def _change(self, k: int, messages: tuple[object, ...], more: int) -> None:
        step = self.heard[k]
        self.heard[k] = dataclasses.replace(step, messages=messages, plots=step.plots + more)
        self.touched = min(self.touched, k)
