"""What a step has in hand: the tracks of the open areas, and the closed areas behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.areas import (
    JOIN,
    SPLIT,
    WHOLE,
    area_of,
    keys_of,
    parted,
    reached,
    whole,
    widened,
)
from steppewatch.fuse.existence import due_ns, ended, note_dark
from steppewatch.fuse.state import (
    COLUMNS,
    Area,
    Columns,
    TrackerState,
    blank,
    columns_of,
    padded,
)
from steppewatch.fuse.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings

    Places = list[tuple[Area, NDArray[np.intp]]]

SPARE = 3_000
"""Open areas that nothing new concerns are closed when they hold so many tracks too many."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Hold what is to be told.

    Attributes:
        columns: In which the tracks stand.
        rows: ``(k,)`` which of them, the last ``over`` of them ended.
        places: Areas and rows that the first ones were copied from; none where ``columns`` are
            the tracker's own.
    """

    columns: Columns
    rows: NDArray[np.intp]
    over: int
    places: Places


class Held:
    """Hold the tracks that one step works on; what is not open stays as it was.

    Attributes:
        tracks: Columns of the tracks of all open areas, in the order of ids.
        changed: ``(n,)`` bool, the ones to speak of.
        table: The memory of ``tracks``, with those that ended; None before the first write.
        gone: Columns of those that ended in memories that are no longer in hand.
    """

    def __init__(self, state: TrackerState, settings: TrackerSettings) -> None:
        self.settings = settings
        self.sensors = list(state.sensors)
        self.heard_ns, self.clock_ns = state.heard_ns, state.clock_ns
        self.closed = {area.key: area for area in state.areas}
        self.parts = bool(self.closed) and WHOLE not in self.closed
        self.opened: dict[int, Area] = {}
        self.visited: set[int] = set()
        self.told: list[NDArray[np.int64]] = []
        self.gone: list[Columns] = []
        self.table: Table | None = None
        self.judged_ns = 0  # no track in hand ends by silence up to then
        if self.parts:
            self.tracks = blank(0, len(self.sensors))
        else:
            self.opened, self.closed = self.closed, {}
            self.tracks = columns_of(state.areas, len(self.sensors))
        self.changed = np.zeros(len(self.tracks["id"]), bool)

    def thaw(self) -> None:
        """Have all tracks in hand, as copies, before the first write."""
        if self.parts:
            self._open(self.closed)
        elif self.table is None:
            self._take(self.tracks)

    def _take(self, columns: Columns) -> Table:
        """Copy columns into a memory of their own; what ended in the one before is kept."""
        if self.table is not None and self.table.over:
            self.gone.append(self.table.ended())
        self.table = Table(columns)
        self.tracks = self.table.columns()
        return self.table

    def reach(
        self,
        column: int,
        places: NDArray[np.float64],
        radius: float,
        when_ns: NDArray[np.int64],
        mode_s: NDArray[np.uint32] | None = None,
    ) -> None:
        """Have in hand, as copies, all tracks that a message can concern.

        Args:
            column: The sensor's number; what it has seen before is concerned by its looks.
            places: ``(k, 3)`` ECEF of places within ``radius`` of which it measured [m].
            radius: In metres.
            when_ns: Times of what it measured.
            mode_s: Addresses it reports.
        """
        if not self.parts:
            self.thaw()
            return
        named = np.unique(mode_s[mode_s != 0]) if mode_s is not None else np.zeros(0, np.uint32)
        first, last = self.clock_ns, self.clock_ns
        if len(when_ns):
            first, last = int(when_ns.min()), int(when_ns.max())

        def concerned(areas: Iterable[Area]) -> list[Area]:
            some = list(areas)
            near = reached(some, places, radius, first, last)
            return [
                area
                for area, close in zip(some, near, strict=True)
                if close
                or (column < len(area.seen_by) and area.seen_by[column])
                or (len(named) and np.isin(named, area.mode_s).any())
            ]

        needed = sum(len(area) for area in concerned(self.opened.values()))
        if len(self.tracks["id"]) > 2 * needed + SPARE:
            self._close()
        self._open({area.key: area for area in concerned(self.closed.values())})

    def widen(self) -> None:
        """Make room for one more sensor in what is open."""
        self.close_up()
        self._take(widened(self.tracks))

    def room_for(self, more: int) -> Columns:
        """Give the columns of new tracks, zero, to be filled before :meth:`end` takes them in."""
        table = self.table or self._take(self.tracks)
        born = table.room_for(more)
        if self.tracks["id"].base is not table.memory:  # there was no room
            self.tracks = table.columns()
        return born

    def begin(self, born: Columns) -> None:
        """Take in new tracks from columns of their own."""
        table = self.table or self._take(self.tracks)
        table.begin(born)
        self._refresh(table)

    def end(self, over: NDArray[np.intp]) -> None:
        """Take the tracks ``over``, row numbers, out, remember to say so, and take in new ones."""
        if len(over) == 0 and (self.table is None or self.table.fresh == 0):
            return
        table = self.table or self._take(self.tracks)
        table.take_in()
        if len(over) and (self.parts or self.settings.mode == "accurate"):
            stay = np.ones(len(self.changed), bool)
            stay[over] = False
            self.changed = self.changed[stay]
            table.end(over)
        elif len(over):
            self.changed[over] = False
            table.bury(over)
        self._refresh(table)

    def close_up(self) -> None:
        """Close the gaps that ends have left."""
        if self.table is not None and self.table.buried:
            self.changed = self.changed[self.table.close_up()]
            self.tracks = self.table.columns()

    def _refresh(self, table: Table) -> None:
        """Have in hand what is in the table; there is to speak of what has begun."""
        changed = np.ones(table.n, bool)
        changed[: len(self.changed)] = self.changed
        self.tracks, self.changed = table.columns(), changed

    def part_with(self, gone: Columns) -> None:
        """Remember to say that tracks ended which are not in hand any more."""
        if self.table is None:
            self.gone.append(gone)
            return
        self.table.add_ended(gone)
        self.tracks = self.table.columns()

    def drop(self, rows: NDArray[np.intp]) -> None:
        """Take tracks out, and say nothing of it."""
        table = self.table or self._take(self.tracks)
        table.drop(rows)
        self.tracks, self.changed = table.columns(), np.delete(self.changed, rows)

    def over(self) -> list[Columns]:
        """Give the columns of all that ended, as views."""
        if self.table is None or self.table.over == 0:
            return self.gone
        return [*self.gone, self.table.ended()]

    def put_in_order(self) -> None:
        """Restore the order of ids after tracks got others' ids."""
        order = np.argsort(self.tracks["id"], kind="stable")
        for column in self.tracks.values():
            column[:] = column[order]
        self.changed = self.changed[order]

    def end_silent(self, clock_ns: int) -> None:
        """End what nobody has seen for too long, in all areas."""
        late = {area.key: area for area in self.closed.values() if area.due_ns < clock_ns}
        if late:
            self._open(late)
        self.close_up()
        if clock_ns <= self.judged_ns:
            return
        over = ended(self.tracks, clock_ns, self.sensors, self.settings)
        self.end(np.flatnonzero(over))

    def _open(self, areas: dict[int, Area]) -> None:
        """Bring some closed areas in hand; what ended meanwhile by silence ends first."""
        if not areas:
            return
        found = columns_of([*areas.values()], len(self.sensors))
        found["dark_ns"] = np.array(found["dark_ns"])
        note_dark(found, self.clock_ns, self.settings)
        changed = np.zeros(len(found["id"]), bool)
        if self.told:
            changed = np.isin(found["id"], np.concatenate(self.told))
        over = ended(found, self.clock_ns, self.sensors, self.settings)
        if over.any():
            self.gone.append({name: column[over] for name, column in found.items()})
            found = {name: column[~over] for name, column in found.items()}
            changed = changed[~over]
        if len(self.tracks["id"]):
            order = np.argsort(np.concatenate((self.tracks["id"], found["id"])), kind="stable")
            found = {
                name: np.concatenate((column, found[name]))[order]
                for name, column in self.tracks.items()
            }
            changed = np.concatenate((self.changed, changed))[order]
        self._take(found)
        self.changed = changed
        for key in list(areas):
            self.opened[key] = self.closed.pop(key)
            self.visited.add(key)

    def _close(self) -> None:
        """Put what is in hand back, each track into the area where it now stands."""
        self.told.append(self.tracks["id"][self.changed])
        for key, columns in parted(self.tracks, keys_of(self.tracks)):
            self.visited.add(key)
            there = self.closed.get(key)
            both = columns
            if there is not None:  # handed over into an area that is not open
                both = columns_of([there, whole(columns)], len(self.sensors))
            due = due_ns(both, self.sensors, self.settings)
            self.closed[key] = area_of(key, both, due, self.settings)
        self.opened = {}
        self.gone, self.table = self.over(), None
        self.tracks = blank(0, len(self.sensors))
        self.changed = np.zeros(0, bool)

    def picked(self) -> tuple[Columns, Places]:
        """Put all away and copy what changed: columns in the order of ids, and where they are."""
        self._close()
        ids = np.unique(np.concatenate(self.told))
        places: Places = []
        for key in sorted(self.visited & self.closed.keys()):
            area = self.closed[key]
            rows = np.flatnonzero(np.isin(area.id, ids))
            if len(rows):
                places.append((area, rows))
        sensors = len(self.sensors)
        parts = [{n: padded(area, n, sensors)[rows] for n in COLUMNS} for area, rows in places]
        return columns_of([whole(part) for part in parts], sensors), places

    def spoken(self) -> Spoken:
        """Gather what is to be told: tracks that changed, then those that ended, both by id."""
        places: Places = []
        if self.parts:
            tracks, places = self.picked()
            rows = np.arange(len(tracks["id"]))
        else:
            tracks, rows = self.tracks, np.flatnonzero(self.changed)
            if not self.gone:
                if self.table is None or self.table.over == 0:
                    return Spoken(columns=tracks, rows=rows, over=0, places=places)
                tracks, room, over = self.table.rows, self.table.room, self.table.over
                ended = in_order(np.arange(room - over, room), tracks["id"])
                rows = np.concatenate((rows, ended))
                return Spoken(columns=tracks, rows=rows, over=over, places=places)
            places = [(whole(tracks), rows)]
        gone = [whole(columns) for columns in self.over()]
        parts = [whole({name: column[rows] for name, column in tracks.items()}), *gone]
        sensors, live = len(self.sensors), len(rows)
        columns = {n: np.concatenate([padded(part, n, sensors) for part in parts]) for n in COLUMNS}
        ended = in_order(np.arange(live, len(columns["id"])), columns["id"])
        rows = np.concatenate((np.arange(live), ended))
        return Spoken(columns=columns, rows=rows, over=len(ended), places=places)

    def areas(self) -> tuple[Area, ...]:
        """Give all tracks by area, split or joined as their number asks.

        Open pasts (accurate mode) are pruned by every batch, wherever it looked, so their tracks
        stay together.
        """
        together = self.settings.mode == "accurate"
        if not self.parts:
            if together or len(self.tracks["id"]) < SPLIT:
                return (whole(self.tracks),) if len(self.tracks["id"]) else ()
            self._close()
        areas = tuple(self.closed[key] for key in sorted(self.closed))
        if together or sum(len(area) for area in areas) < JOIN:
            return (whole(columns_of(areas, len(self.sensors))),) if areas else ()
        return areas


def in_order(rows: NDArray[np.intp], ids: NDArray[np.int64]) -> NDArray[np.intp]:
    """Put row numbers in the order of their ids."""
    mine = ids[rows]
    if (mine[1:] >= mine[:-1]).all():
        return rows
    return rows[np.argsort(mine, kind="stable")]


def write_back(columns: Columns, places: Places, names: Iterable[str]) -> None:
    """Write some columns of picked tracks back into their areas, in place."""
    if not places:
        return
    order = np.argsort(np.concatenate([area.id[rows] for area, rows in places]), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    start = 0
    for area, rows in places:
        mine = rank[start : start + len(rows)]
        start += len(rows)
        for name in names:
            getattr(area, name)[rows] = columns[name][mine]
