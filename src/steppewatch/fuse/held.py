"""What a step has in hand: the tracks of the open areas, and the closed areas behind them."""

from __future__ import annotations

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
    merge,
    padded,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings

SPARE = 3_000
"""Open areas that nothing new concerns are closed when they hold so many tracks too many."""


class Held:
    """Hold the tracks that one step works on; what is not open stays as it was.

    Attributes:
        tracks: Columns of the tracks of all open areas, in the order of ids.
        changed: ``(n,)`` bool, the ones to speak of.
        gone: Columns of those that ended.
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
        self.thawed = False
        self.judged_ns = 0  # no track in hand ends by silence up to then
        self.tracks: Columns = blank(0, len(self.sensors))
        if not self.parts:
            self.opened, self.closed = self.closed, {}
            self.tracks = columns_of(state.areas, len(self.sensors))
        self.changed = np.zeros(len(self.tracks["id"]), bool)

    def thaw(self) -> None:
        """Have all tracks in hand, as copies, before the first write."""
        if self.parts:
            self._open(self.closed)
        elif not self.thawed:
            self.tracks = {name: np.array(column) for name, column in self.tracks.items()}
        self.thawed = True

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
        self.tracks = widened(self.tracks)

    def begin(self, born: Columns) -> None:
        """Take in new tracks."""
        self.end(np.zeros(len(self.changed), bool), born)

    def end(self, over: NDArray[np.bool_], born: Columns | None = None) -> None:
        """Take tracks out, remember to say so, and take in new ones, all in one pass."""
        keep = None
        if over.any():
            self.gone.append({name: column[over] for name, column in self.tracks.items()})
            keep, self.changed = ~over, self.changed[~over]
        if keep is None and born is None:
            return
        self.tracks = merge(self.tracks, keep, born)
        more = 0 if born is None else len(born["id"])
        self.changed = np.concatenate((self.changed, np.ones(more, bool)))

    def put_in_order(self) -> None:
        """Restore the order of ids after tracks got others' ids."""
        order = np.argsort(self.tracks["id"], kind="stable")
        self.tracks = {name: column[order] for name, column in self.tracks.items()}
        self.changed = self.changed[order]

    def end_silent(self, clock_ns: int) -> None:
        """End what nobody has seen for too long, in all areas."""
        late = {area.key: area for area in self.closed.values() if area.due_ns < clock_ns}
        if late:
            self._open(late)
        if clock_ns <= self.judged_ns:
            return
        over = ended(self.tracks, clock_ns, self.sensors, self.settings)
        if over.any():
            if not self.parts:
                self.thaw()
            self.end(over)

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
            found, changed = merge(found, ~over, None), changed[~over]
        order = np.argsort(np.concatenate((self.tracks["id"], found["id"])), kind="stable")
        self.tracks = {
            name: np.concatenate((column, found[name]))[order]
            for name, column in self.tracks.items()
        }
        self.changed = np.concatenate((self.changed, changed))[order]
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
        self.tracks = blank(0, len(self.sensors))
        self.changed = np.zeros(0, bool)

    def picked(self) -> tuple[Columns, list[tuple[Area, NDArray[np.intp]]]]:
        """Put all away and copy what changed: columns in the order of ids, and where they are."""
        self._close()
        ids = np.unique(np.concatenate(self.told))
        places = []
        for key in sorted(self.visited & self.closed.keys()):
            area = self.closed[key]
            rows = np.flatnonzero(np.isin(area.id, ids))
            if len(rows):
                places.append((area, rows))
        sensors = len(self.sensors)
        parts = [{n: padded(area, n, sensors)[rows] for n in COLUMNS} for area, rows in places]
        return columns_of([whole(part) for part in parts], sensors), places

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


def write_back(
    columns: Columns, places: list[tuple[Area, NDArray[np.intp]]], names: Iterable[str]
) -> None:
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
