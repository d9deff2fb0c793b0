"""Columns in one memory with room to spare, in which tracks end and begin in place.

A step copies what it has in hand once. Rows that end are put behind all others, where they wait to
be told; the rest close up in their order, and new ones are written after them. Nothing is copied
a second time unless more tracks begin than there is room for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.spare import memory_of
from steppewatch.fuse.state import STEP, WORD, Columns, cut, layout
from steppewatch.jit import kernel, separate_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[Any]

LEAST_ROOM = 64
MOST_ROOM = 2_048
FAR = 1e12
BURIED = 1 << 62
"""``seen_ns`` of a row whose track ended."""
WIDE = 4  # words a row from which on copying row by row is faster


class Table:
    """Hold n tracks in order, and at the end of the memory those that ended.

    Attributes:
        sensors: How many sensors have a place in the columns that are by sensor.
        room: Rows that there is memory for.
        n: Rows in use from the first on; over: rows in use at the end.
        fresh: Rows after the first n that are given out, but not taken in yet.
        buried: Rows among the first n whose tracks ended.
        rows: Columns of all ``room`` rows; what is in those between means nothing.
    """

    def __init__(self, columns: Columns) -> None:
        """Copy tracks, with room for as many that begin and end (many: for a part).

        Decoded states are read-only and unaligned views of a message; copies are neither, so the
        kernels meet one kind of array only.
        """
        self.n, self.over, self.fresh, self.buried = len(columns["id"]), 0, 0, 0
        self.sensors = columns["hit_ns"].shape[1]
        self._make(self.n)
        for name, column in columns.items():
            self.rows[name][: self.n] = column

    def _make(self, used: int) -> None:
        size = layout(self.sensors)[2]
        room = used + min(used, MOST_ROOM + used // 8) + LEAST_ROOM
        grain = max(1 << room.bit_length() - 3, STEP)  # of one size from step to step
        self.room = -(-room // grain) * grain
        self.memory = memory_of(self.room * size // WORD)
        self.rows = cut(self.memory, self.room, self.sensors)

    def _ask_for(self, more: int) -> None:
        """Have room for so many rows more."""
        first = self.n + self.fresh
        if first + self.over + more <= self.room:
            return
        rows, ended = self.rows, self.ended()
        self._make(first + self.over + more)
        for name, column in self.rows.items():
            column[:first] = rows[name][:first]
            column[self.room - self.over :] = ended[name]

    def columns(self) -> Columns:
        """Give the tracks' columns, as views."""
        return {name: column[: self.n] for name, column in self.rows.items()}

    def ended(self) -> Columns:
        """Give the columns of those that ended, as views."""
        start = self.room - self.over
        return {name: column[start:] for name, column in self.rows.items()}

    def end(self, rows: NDArray[np.intp]) -> None:
        """Put ``rows``, ascending, behind all others; both keep their order."""
        self._ask_for(len(rows))
        self.over += len(rows)
        self._part(rows, rows)

    def bury(self, rows: NDArray[np.intp]) -> None:
        """Put ``rows`` behind all others, and leave in their place what nothing can concern.

        Closing the gaps moves all that come after; who hears many messages in a step does it once.
        """
        self._ask_for(len(rows))
        self.over += len(rows)
        self.buried += len(rows)
        first, width, _ = layout(self.sensors)
        part_rows(
            self.memory, self.memory.view(np.int32), self.memory.view(np.uint8), first, width,
            self.room, 0, rows[:0], rows, self.room - self.over,
        )  # fmt: skip
        c = self.rows
        lay_to_rest(
            rows, c["mean"], c["confirmed"], c["score"], c["hits"], c["seen_ns"], c["mode_s"],
            c["hit_ns"],
        )  # fmt: skip

    def close_up(self) -> NDArray[np.bool_]:
        """Close the gaps of those buried; give which rows ``(n,)`` stayed."""
        stay = np.asarray(self.rows["seen_ns"][: self.n] != BURIED)
        gone = np.flatnonzero(~stay)
        self.buried = 0
        self._part(gone, gone[:0])
        return stay

    def drop(self, rows: NDArray[np.intp]) -> None:
        """Take ``rows``, ascending, out without a trace; the others keep their order."""
        self._part(rows, rows[:0])

    def _part(self, rows: NDArray[np.intp], kept: NDArray[np.intp]) -> None:
        if len(rows) == 0:
            return
        first, width, _ = layout(self.sensors)
        close = np.ones(self.n + self.fresh, bool)
        close[: rows[0]] = False
        close[rows] = False
        part_rows(
            self.memory, self.memory.view(np.int32), self.memory.view(np.uint8), first, width,
            self.room, int(rows[0]), np.flatnonzero(close), kept, self.room - self.over,
        )  # fmt: skip
        self.n -= len(rows)

    def room_for(self, more: int) -> Columns:
        """Give out rows after all others, zero; :meth:`take_in` makes them tracks."""
        self._ask_for(more)
        first, width, _ = layout(self.sensors)
        zero_rows(self.memory, self.memory.view(np.uint8), first, width, self.room, self.n, more)
        self.fresh = more
        return {name: column[self.n : self.n + more] for name, column in self.rows.items()}

    def take_in(self) -> None:
        """Take the rows given out as tracks."""
        self.n, self.fresh = self.n + self.fresh, 0

    def begin(self, born: Columns) -> None:
        """Write new tracks after all others."""
        more = len(born["id"])
        self._ask_for(more)
        for name, column in self.rows.items():
            column[self.n : self.n + more] = born[name]
        self.n += more

    def add_ended(self, gone: Columns) -> None:
        """Write tracks that ended elsewhere to those that ended here."""
        more = len(gone["id"])
        self._ask_for(more)
        self.over += more
        start = self.room - self.over
        for name, column in self.rows.items():
            column[start : start + more] = gone[name]


@kernel
def lay_to_rest(
    rows: Ints, mean: Any, confirmed: Any, score: Any, hits: Ints, seen_ns: Ints, mode_s: Ints,
    hit_ns: Ints,
) -> None:  # fmt: skip
    """Make ``rows`` ``(k,)`` what no gate reaches, no look misses and no silence ends.

    Shapes: Columns of the state.
    """
    for j in rows:
        for m in range(mean.shape[1]):
            for a in range(3):
                mean[j, m, a] = FAR
        confirmed[j], score[j], hits[j], seen_ns[j], mode_s[j] = False, FAR, 0, BURIED, 0
        for s in range(hit_ns.shape[1]):
            hit_ns[j, s] = 0


@kernel
def zero_rows(
    words: Ints, octets: Ints, first: Ints, width: Ints, room: int, start: int, more: int
) -> None:
    """Make ``more`` rows from ``start`` on zero in all columns; shapes as in :func:`part_rows`."""
    for c in range(len(first)):
        at = room * first[c] + start * width[c]
        if width[c] % 8 == 0:
            words[at // 8 : at // 8 + more * (width[c] // 8)] = 0
        else:
            octets[at : at + more * width[c]] = 0


@kernel
def part_rows(
    words: Ints, halves: Ints, octets: Ints, first: Ints, width: Ints, room: int, start: int,
    stay: Ints, go: Ints, to: int,
) -> None:  # fmt: skip
    """Copy the rows ``go`` to row ``to`` and on, then close up the rows ``stay`` from ``start`` on.

    Shapes:
        words, halves, octets: The memory as int64, int32, uint8 ``(m,)``, ``(2 m,)``, ``(8 m,)``.
        first, width: ``(c,)`` where in a row each column begins, and its bytes.
        stay, go: Row numbers, ascending; no row before ``start`` moves.
    """
    for c in range(len(first)):
        at = room * first[c]
        if width[c] % 8 == 0:
            wide = width[c] // 8
            column = words[at // 8 : at // 8 + room * wide]
            if wide >= WIDE:
                for i in range(len(go)):
                    copy_row(row_of(column, to + i, wide), row_of(column, go[i], wide))
                for i in range(len(stay)):
                    copy_row(row_of(column, start + i, wide), row_of(column, stay[i], wide))
            else:
                move(column, wide, start, stay, go, to)
        elif width[c] % 4 == 0:
            wide = width[c] // 4
            move(halves[at // 4 : at // 4 + room * wide], wide, start, stay, go, to)
        else:
            move(octets[at : at + room * width[c]], width[c], start, stay, go, to)


@kernel
def row_of(column: Ints, row: int, wide: int) -> Ints:
    """Give one row of a column that is ``wide`` items a row."""
    return column[row * wide : (row + 1) * wide]


@separate_kernel
def copy_row(to: Ints, what: Ints) -> None:
    """Copy one row onto another."""
    for k in range(len(to)):
        to[k] = what[k]


@kernel
def move(column: Ints, wide: int, start: int, stay: Ints, go: Ints, to: int) -> None:
    """Do for one narrow column what :func:`part_rows` does for all."""
    if wide == 1:
        for i in range(len(go)):
            column[to + i] = column[go[i]]
        for i in range(len(stay)):
            column[start + i] = column[stay[i]]
        return
    for i in range(len(go)):
        for k in range(wide):
            column[(to + i) * wide + k] = column[go[i] * wide + k]
    for i in range(len(stay)):
        for k in range(wide):
            column[(start + i) * wide + k] = column[stay[i] * wide + k]
