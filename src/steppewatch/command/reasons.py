"""Why each track is believed: what its tracker said of it, a few latest plots included."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import TargetClass, TrackBatch

Rows = NDArray[np.int64]

PLOTS = 6
CLASSES = len(TargetClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Say why one track is believed.

    Attributes:
        said: Whether its tracker gives reasons at all.
        class_prob: ``(8,)`` probability of each class; 0 is that nothing real is there. NaN
            where the tracker did not say it.
        sensors: Sensors that hold the track now.
        time_ns: ``(k,)`` its latest plots known here, the newest first [ns UTC].
        sensor: Which sensor made each, ``""`` where that is not known.
        plot: ``(k,)`` the row of each in its sensor's batch.
        weight: ``(k,)`` probability that it was this track's.
        method: ``(k,)`` how it was chosen (``fuse.associate.Method``).
    """

    said: bool
    class_prob: NDArray[np.float32]
    sensors: tuple[str, ...]
    time_ns: NDArray[np.int64]
    sensor: tuple[str, ...]
    plot: NDArray[np.int32]
    weight: NDArray[np.float32]
    method: NDArray[np.uint8]


class Reasons:
    """Keep the reasons of every row of a track table, for as long as the table lives.

    A batch tells the latest plot of a track only; the few before it are what was told before.

    Args:
        capacity: Rows at first.
    """

    def __init__(self, capacity: int) -> None:
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._said = np.zeros(capacity, np.bool_)
        self._prob = np.full((capacity, CLASSES), np.nan, np.float32)
        self._holds = np.zeros((capacity, 0), np.bool_)
        self._ns = np.zeros((capacity, PLOTS), np.int64)
        self._sensor = np.full((capacity, PLOTS), -1, np.int32)
        self._plot = np.zeros((capacity, PLOTS), np.int32)
        self._weight = np.zeros((capacity, PLOTS), np.float32)
        self._method = np.zeros((capacity, PLOTS), np.uint8)

    def grow(self, capacity: int) -> None:
        """Make room for more rows."""
        for name in ("_said", "_prob", "_holds", "_ns", "_sensor", "_plot", "_weight", "_method"):
            old = getattr(self, name)
            more = np.zeros((capacity - len(old), *old.shape[1:]), old.dtype)
            setattr(self, name, np.concatenate((old, more)))

    def forget(self, row: int) -> None:
        """Empty a row for a new track."""
        self._said[row] = False
        self._prob[row] = np.nan
        self._holds[row] = False
        self._ns[row] = 0

    def take(self, rows: Rows, batch: TrackBatch, which: Rows) -> None:
        """Take what a batch says of some of its tracks.

        Args:
            rows: ``(k,)`` rows here.
            batch: What the tracker said.
            which: ``(k,)`` rows of the batch.
        """
        n = len(batch)
        if len(batch.class_prob) == n and batch.class_prob.shape[1:] == (CLASSES,):
            self._prob[rows] = batch.class_prob[which]
            self._said[rows] = True
        number = np.array([self._number(name) for name in batch.sensors], np.int32)
        if len(batch.seen_by) == n and batch.seen_by.shape[1:] == (len(number),):
            self._holds[rows] = False
            self._holds[rows[:, None], number[None, :]] = batch.seen_by[which]
            self._said[rows] = True
        if len(batch.why_ns) == n:
            self._push(rows, batch, which, number)
            self._said[rows] = True

    def of(self, row: int) -> Reason:
        """Give the reasons of a row."""
        known = np.flatnonzero(self._ns[row] > 0)
        names = self._names
        return Reason(
            said=bool(self._said[row]),
            class_prob=self._prob[row].copy(),
            sensors=tuple(names[i] for i in np.flatnonzero(self._holds[row])),
            time_ns=self._ns[row, known],
            sensor=tuple(names[i] if i >= 0 else "" for i in self._sensor[row, known].tolist()),
            plot=self._plot[row, known],
            weight=self._weight[row, known],
            method=self._method[row, known],
        )

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._names)
            self._names.append(name)
            self._holds = np.concatenate((self._holds, np.zeros((len(self._holds), 1), bool)), 1)
        return number

    def _push(self, rows: Rows, batch: TrackBatch, which: Rows, number: NDArray[np.int32]) -> None:
        """Put the plots that are news in front of those before them."""
        time_ns, plot = batch.why_ns[which], batch.why_plot[which]
        index = batch.why_sensor[which]
        known = (index >= 0) & (index < len(number))
        sensor = np.full(len(rows), -1, np.int32)
        sensor[known] = number[index[known]]
        news = (time_ns > 0) & (
            (time_ns != self._ns[rows, 0])
            | (sensor != self._sensor[rows, 0])
            | (plot != self._plot[rows, 0])
        )
        to = rows[news]
        for column in (self._ns, self._sensor, self._plot, self._weight, self._method):
            column[to, 1:] = column[to, :-1]
        self._ns[to, 0] = time_ns[news]
        self._sensor[to, 0] = sensor[news]
        self._plot[to, 0] = plot[news]
        self._weight[to, 0] = batch.why_weight[which][news]
        self._method[to, 0] = batch.why_method[which][news]
