"""What comes in is looked at first: odd clocks, bursts, repeats and broken batches.

Nothing here decides that a sensor lies. Each odd thing is said once as a fact
(:class:`~steppewatch.records.SensorDoubt`), and the tracker is kept from harm by the mildest means
that does: a repeated plot is left out, a clock that jumped is carried on from where it stood, and
in a burst only as many plots may begin tracks as usually do, while all may still feed known ones.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.told import ORIGIN
from steppewatch.jit import kernel
from steppewatch.records import DetectionBatch, DoubtKind, SensorDoubt, record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.records import Sensor

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Keys = NDArray[np.uint64]

NS = 1_000_000_000
UNSET = np.iinfo(np.int64).min
AHEAD_NS = 10 * NS  # no honest delay makes a plot come from the future
BEHIND_NS = 120 * NS  # links that were down deliver late
PATIENCE = 3  # batches that agree on a new time before it is believed
WARM_UP = 4  # scans after which a sensor's usual number of plots is known
BURST = 4.0
BURST_FLOOR = 50
LEARN = 0.2
NO_KEYS = np.zeros(0, np.uint64)
GOLDEN, MIXED = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)  # spread a number's bits
REPEATED = 0.2  # part of a batch that must be repeats before it is said
# What no sensor here can measure: |value| above this is taken as not measured [m, rad, m/s].
MOST = {
    "slant_range": 2e6,
    "azimuth": 4.0 * np.pi,
    "elevation": 0.5 * np.pi,
    "range_rate": 5e3,
    "height": 1e5,
}
MOST_OF = np.array(list(MOST.values()))
MEASURED_OF = attrgetter(*MOST)
KEYED = 3  # of them tell one plot from another, with its time
COLUMNS = tuple(
    f.name for f in dataclasses.fields(DetectionBatch) if f.name not in ("sensor", "origin")
)
ALL_OF = attrgetter(*COLUMNS)


@record("tracker_guard")
@dataclass(frozen=True, slots=True, kw_only=True)
class GuardState:
    """Remember of each of s sensors what is usual.

    Attributes:
        offset_ns: ``(s,)`` int64, newest plot less node time, as last believed.
        shift_ns: ``(s,)`` int64, taken off the times of a sensor whose clock jumped.
        odd_ns: ``(s,)`` int64, the offset that recent batches had instead.
        odd: ``(s,)`` int64, how many in a row had it.
        window_ns: ``(s,)`` int64, when the present scan's count began.
        count, births: ``(s,)`` int64, plots and new tracks in it.
        windows: ``(s,)`` int64, scans counted so far.
        usual: ``(s,)`` float64, plots per scan.
        bursting: ``(s,)`` bool.
        keys: s arrays ``(k,)`` uint64, the plots of each one's latest scan.
    """

    offset_ns: NDArray[np.int64]
    shift_ns: NDArray[np.int64]
    odd_ns: NDArray[np.int64]
    odd: NDArray[np.int64]
    window_ns: NDArray[np.int64]
    count: NDArray[np.int64]
    births: NDArray[np.int64]
    windows: NDArray[np.int64]
    usual: NDArray[np.float64]
    bursting: NDArray[np.bool_]
    keys: tuple[NDArray[np.uint64], ...]


MEMORY = tuple(f.name for f in dataclasses.fields(GuardState) if f.name != "keys")


def empty_guard() -> GuardState:
    """Give the memory of a tracker that has heard nothing yet."""
    none = np.zeros(0, np.int64)
    return GuardState(
        offset_ns=none, shift_ns=none, odd_ns=none, odd=none, window_ns=none, count=none,
        births=none, windows=none, usual=np.zeros(0), bursting=np.zeros(0, bool), keys=(),
    )  # fmt: skip


class Guard:
    """Hold the copies that one step writes into; it lives no longer than the step."""

    def __init__(self, state: GuardState, now_ns: int) -> None:
        self.now_ns = now_ns
        self.memory: dict[str, NDArray[Any]] = {
            name: np.array(getattr(state, name)) for name in MEMORY
        }
        self.keys = list(state.keys)
        self.doubts: list[SensorDoubt] = []

    def learn_sensor(self) -> None:
        """Make room for one more sensor."""
        for name, column in self.memory.items():
            fill = UNSET if name == "offset_ns" else 0
            self.memory[name] = np.append(column, np.array([fill], column.dtype))
        self.keys.append(np.zeros(0, np.uint64))

    def frozen(self) -> GuardState:
        """Give the memory after the step."""
        return GuardState(keys=tuple(self.keys), **self.memory)

    def admit(
        self, batch: DetectionBatch, sensor: Sensor, column: int, newest_ns: int
    ) -> DetectionBatch | None:
        """Give what of a batch may be tracked, with its times put right; None for nothing of it.

        Args:
            batch: What came.
            sensor: Who says so.
            column: Its number.
            newest_ns: Its newest plot so far.
        """
        odd = malformed(batch)
        if odd:
            self._doubt(sensor, DoubtKind.MALFORMED, np.nan, np.nan, f"{odd}: left out")
            return None
        if len(batch) == 0:
            return batch
        time_ns, values = np.array(batch.time_ns, np.int64), np.array(MEASURED_OF(batch), float)
        first, last, absurd = survey(time_ns, values, MOST_OF)
        if absurd:
            changes: dict[str, Any] = dict(zip(MOST, values, strict=True))
            batch = dataclasses.replace(batch, **changes)
        if last - first >= BEHIND_NS:
            near = np.abs(time_ns - int(np.median(time_ns))) < BEHIND_NS
            if not near.any():
                return None
            batch, time_ns, values = part(batch, near), time_ns[near], values[:, near]
            first, last = int(time_ns.min()), int(time_ns.max())
        shift = self._shift(last, sensor, column)
        if shift is None:
            return None
        if shift:
            first, last, time_ns = first - shift, last - shift, time_ns - shift
            batch = dataclasses.replace(batch, time_ns=time_ns)
        batch = self._once(batch, time_ns, values, sensor, column, first <= newest_ns)
        self._count(batch, last, sensor, column)
        return batch

    def may_begin(self, fresh: NDArray[np.intp], column: int) -> NDArray[np.intp]:
        """Choose which of the plots ``fresh`` may begin tracks: in a burst as many as usual."""
        if self.memory["bursting"][column]:
            room = int(self.memory["usual"][column]) + BURST_FLOOR
            room = max(room - int(self.memory["births"][column]), 0)
            if len(fresh) > room:
                fresh = fresh[np.linspace(0, len(fresh) - 1, room).astype(np.intp)]
        self.memory["births"][column] += len(fresh)
        return fresh

    def _shift(self, last_ns: int, sensor: Sensor, column: int) -> int | None:
        """Give what to take off a batch's times [ns]; None where its clock cannot be believed."""
        memory = self.memory
        offset = last_ns - self.now_ns
        believed = int(memory["offset_ns"][column])
        if believed == UNSET:
            memory["offset_ns"][column] = believed = offset
        jump = offset - believed - int(memory["shift_ns"][column])
        if -BEHIND_NS < jump < AHEAD_NS:
            memory["odd"][column] = 0
            # Delays vary: the newest that was ever believed is the clock, the others were late.
            memory["offset_ns"][column] = max(believed, believed + jump)
            return int(memory["shift_ns"][column])
        agree = abs(offset - int(memory["odd_ns"][column])) < AHEAD_NS
        memory["odd"][column] = memory["odd"][column] + 1 if agree else 1
        memory["odd_ns"][column] = offset
        if memory["odd"][column] == 1:
            self._doubt(
                sensor, DoubtKind.CLOCK, jump / NS, 0.0,
                f"its clock jumped by {jump / NS:.0f} s: left out until it is steady again",
            )  # fmt: skip
        if memory["odd"][column] < PATIENCE:
            return None
        memory["odd"][column] = 0
        if abs(offset) <= abs(believed) + AHEAD_NS:  # the clock was wrong before, and is mended
            memory["offset_ns"][column], memory["shift_ns"][column] = offset, 0
        else:
            memory["shift_ns"][column] = offset - believed
        return int(memory["shift_ns"][column])

    def _once(
        self,
        batch: DetectionBatch,
        time_ns: Ints,
        values: Floats,
        sensor: Sensor,
        column: int,
        overlaps: bool,
    ) -> DetectionBatch:
        known = self.keys[column] if overlaps else NO_KEYS
        keys, again = np.empty(len(batch), np.uint64), np.empty(len(batch), np.bool_)
        repeats = find_repeats(time_ns, values.view(np.uint64), np.array(known), keys, again)
        fresh = keys if repeats == 0 else keys[~again]
        self.keys[column] = np.concatenate((known, fresh)) if overlaps else fresh
        if repeats == 0:
            return batch
        if repeats > REPEATED * len(keys):
            self._doubt(
                sensor, DoubtKind.DUPLICATES, repeats, 0.0,
                f"{repeats} of {len(keys)} plots came twice: used once",
            )  # fmt: skip
        return part(batch, ~again)

    def _count(self, batch: DetectionBatch, last_ns: int, sensor: Sensor, column: int) -> None:
        memory, now = self.memory, last_ns if len(batch) else 0
        period_ns = int(0.999 * sensor.scan_period * NS)
        if now - int(memory["window_ns"][column]) >= period_ns:
            self._end_window(column)
            memory["window_ns"][column] = now
        memory["count"][column] += len(batch)
        count, usual = int(memory["count"][column]), float(memory["usual"][column])
        limit = BURST * usual + BURST_FLOOR
        if memory["windows"][column] < WARM_UP or count <= limit:
            return
        if not memory["bursting"][column]:
            self._doubt(
                sensor, DoubtKind.BURST, count, usual,
                f"{count} plots in a scan where {usual:.0f} are usual (rain, jamming?): known "
                f"tracks go on, no more than {usual + BURST_FLOOR:.0f} new ones begin in a scan",
            )  # fmt: skip
        memory["bursting"][column] = True

    def _end_window(self, column: int) -> None:
        memory = self.memory
        count, usual = float(memory["count"][column]), float(memory["usual"][column])
        if memory["window_ns"][column]:
            first = memory["windows"][column] == 0
            seen = count if first else min(count, 2.0 * usual + BURST_FLOOR)
            memory["usual"][column] += (1.0 if first else LEARN) * (seen - usual)
            memory["windows"][column] += 1
            memory["bursting"][column] &= count > BURST * usual + BURST_FLOOR
        memory["count"][column] = memory["births"][column] = 0

    def _doubt(
        self, sensor: Sensor, kind: DoubtKind, was: float, expected: float, text: str
    ) -> None:
        self.doubts.append(
            SensorDoubt(
                sensor=sensor.id, time_ns=self.now_ns, kind=kind, was=float(was),
                expected=float(expected), text=f"{sensor.name or sensor.id}: {text}",
                origin=ORIGIN,
            )
        )  # fmt: skip


def malformed(batch: DetectionBatch) -> str:
    """Say what is wrong with the form of a batch (a hostile or broken message); "" for nothing."""
    columns = ALL_OF(batch)
    times = columns[0]
    flat = isinstance(times, np.ndarray) and times.ndim == 1
    expected = times.shape if flat else (np.size(times),)
    for name, column in zip(COLUMNS, columns, strict=True):
        if not isinstance(column, np.ndarray) or column.shape != expected:
            shape = getattr(column, "shape", type(column).__name__)
            return f"column {name} of a batch has shape {shape}, expected {expected}"
    return ""


@kernel
def survey(time_ns: Ints, values: Floats, most: Floats) -> tuple[int, int, int]:
    """Mark what nothing can have measured as not measured; give first and last time and how many.

    Shapes:
        time_ns: ``(n,)``, n ≥ 1; values: ``(c, n)``, in which it becomes NaN; most: ``(c,)``.
    """
    first, last, absurd = time_ns[0], time_ns[0], 0
    for i in range(len(time_ns)):
        first, last = min(first, time_ns[i]), max(last, time_ns[i])
    for c in range(len(values)):
        for i in range(values.shape[1]):
            if abs(values[c, i]) > most[c]:
                values[c, i] = np.nan
                absurd += 1
    return first, last, absurd


@kernel
def find_repeats(
    time_ns: Ints, bits: Keys, known: Keys, keys: Keys, again: NDArray[np.bool_]
) -> int:
    """Find the plots of a batch that came before; give how many.

    Each plot gets a number that equal plots share (and others hardly ever); an open hash table
    holds those met so far, with linear probing (Knuth 1998, §6.4, algorithm L).

    Shapes:
        time_ns: ``(n,)``; bits: ``(c, n)`` of which the first :data:`KEYED` rows count.
        known: ``(k,)`` numbers of earlier plots.
        keys, again: ``(n,)``, written: each plot's number, and whether it came before.
    """
    size = 16
    while size < 2 * (len(known) + len(keys)):
        size *= 2
    table = np.zeros(size, np.uint64)
    taken = np.zeros(size, np.bool_)
    mask, repeats = np.uint64(size - 1), 0
    for key in known:
        look_up(key, mask, table, taken)
    for i in range(len(keys)):
        key = np.uint64(time_ns[i])
        for c in range(KEYED):
            key = (key ^ bits[c, i]) * GOLDEN
            key ^= key >> MIXED
        keys[i] = key
        again[i] = look_up(key, mask, table, taken)
        repeats += again[i]
    return repeats


@kernel
def look_up(key: np.uint64, mask: np.uint64, table: Keys, taken: NDArray[np.bool_]) -> bool:
    """Say whether a number is in the table of ``mask + 1`` places; it is afterwards."""
    at = key & mask
    while taken[at]:
        if table[at] == key:
            return True
        at = (at + np.uint64(1)) & mask
    table[at], taken[at] = key, True
    return False


def part(batch: DetectionBatch, which: NDArray[np.bool_]) -> DetectionBatch:
    """Give some plots of a batch; the batch itself if they are all."""
    if which.all():
        return batch
    changes: dict[str, Any] = {name: getattr(batch, name)[which] for name in COLUMNS}
    return dataclasses.replace(batch, **changes)
