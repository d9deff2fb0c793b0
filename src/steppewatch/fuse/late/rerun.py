"""Hear the last steps again with what came late, and let every track keep its name.

Everything is taken back, what registration and the guard have learnt too, and learnt again: the
tracker repeats bit for bit. A track that begins from the same plot as before has the same id as
before; one that begins from another plot, but holds plots of a track that is no more, has that
track's. No id is given to a second track: all others are new.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.late.memory import STATES, changed, nothing_late
from steppewatch.fuse.late.place import NO_BIRTHS
from steppewatch.fuse.state import COLUMNS, columns_of
from steppewatch.fuse.take_in import take_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.late.memory import Heard, LateMemory
    from steppewatch.fuse.late.place import Places
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns, TrackerState
    from steppewatch.fuse.step import Work
    from steppewatch.fuse.visibility import Sight

    Births = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """Hold what a re-run came to.

    Attributes:
        work: The present step, not yet told, with all that differs from what was told marked.
        before: The state before it.
        memory: Without it.
        born: Ids, times and places of the tracks that began in it.
    """

    work: Work
    before: TrackerState
    memory: LateMemory
    born: Births


CHANGES = ("time_ns", "hits", "looks", "confirmed", "score")
RINGS = ("why_ns", "why_sensor", "why_z")
MILLISECOND = 1_000_000
UNNAMED = 1 << 60
"""Ids of tracks that have just begun in a re-run, until they are named."""


class Names:
    """Hold which plot began which track, and which ids are in use, during one re-run."""

    def __init__(self, heard: Sequence[Heard], tracks: NDArray[np.int64], next_id: int) -> None:
        self.book: dict[tuple[int, bytes], int] = {}
        for step in heard:
            for k, key in enumerate(keys_of(step.born_ns, step.born_at)):
                self.book[key] = int(step.born[k])
        self.used = set(tracks.tolist())
        self.next_id = next_id

    def give(self, work: Work) -> Births:
        """Name the tracks that began in a step; describe those that are still there."""
        work.thaw()
        for columns in work.over():
            rename(columns, self._named(columns))
        renamed = self._named(work.tracks)
        reorder(work, renamed)
        return births_of(
            work.tracks, np.flatnonzero(np.isin(work.tracks["id"], [*renamed.values()]))
        )

    def _named(self, columns: Columns) -> dict[int, int]:
        """Give the names of the new ones among some tracks, by their present ids."""
        rows = np.flatnonzero(columns["id"] >= UNNAMED)
        ids, born_ns, born_at = births_of(columns, rows)
        found = zip(ids.tolist(), keys_of(born_ns, born_at), strict=True)
        return {number: self._name(key) for number, key in found}

    def _name(self, key: tuple[int, bytes]) -> int:
        name = self.book.get(key, -1)
        if name < 0 or name in self.used:
            name, self.next_id = self.next_id, self.next_id + 1
        self.used.add(name)
        return name


def rename(columns: Columns, renamed: dict[int, int]) -> None:
    """Give tracks new ids, in place; their order stays."""
    if renamed:
        columns["id"][:] = _with(columns["id"], renamed)


def reorder(work: Work, renamed: dict[int, int]) -> None:
    """Give the tracks in hand new ids, and put them in the order of ids again."""
    if not renamed:
        return
    rename(work.tracks, renamed)
    work.put_in_order()


def renamed_state(state: TrackerState, renamed: dict[int, int]) -> TrackerState:
    """Give a state in which tracks have new ids."""
    areas = []
    for area in state.areas:
        ids = _with(area.id, renamed)
        order = np.argsort(ids, kind="stable")
        rows = {name: getattr(area, name)[order] for name in COLUMNS if name != "id"}
        areas.append(dataclasses.replace(area, id=ids[order], **rows))
    return dataclasses.replace(state, areas=tuple(areas))


def keys_of(born_ns: NDArray[np.int64], born_at: NDArray[np.float64]) -> list[tuple[int, bytes]]:
    """Give what tells first plots apart: time and place."""
    return [(int(t), place.tobytes()) for t, place in zip(born_ns, born_at, strict=True)]


def births_of(tracks: Columns, rows: NDArray[np.intp]) -> Births:
    """Give ids, times and places of the first plots of some tracks."""
    return tracks["id"][rows], tracks["born_ns"][rows], tracks["start"][rows]


def begun(work: Work, next_id: int) -> Births:
    """Describe the tracks that began in a step that is no re-run."""
    if work.next_id == next_id:
        return NO_BIRTHS
    if not work.parts:
        tracks, first = work.tracks, work.tracks["id"].searchsorted(next_id)
        ids, born_ns, start = (tracks[name][first:].copy() for name in ("id", "born_ns", "start"))
        return ids, born_ns, start
    areas = (work.closed[key] for key in sorted(work.visited & work.closed.keys()))
    parts: list[Columns] = [work.tracks]
    parts += [
        {name: getattr(area, name) for name in ("id", "born_ns", "start")}
        for area in areas
        if len(area) and area.id[-1] >= next_id
    ]
    found = [births_of(part, np.flatnonzero(part["id"] >= next_id)) for part in parts]
    if len(found) == 1:
        return found[0]
    ids, born_ns, born_at = (np.concatenate([one[i] for one in found]) for i in range(3))
    return ids, born_ns, born_at


def rerun(
    state: TrackerState,
    places: Places,
    on_time: Sequence[object],
    now_ns: int,
    settings: TrackerSettings,
    sight: Sight,
) -> Rerun:
    """Go back to before the earliest late plot and hear everything since again, in order.

    Args:
        state: What was told so far.
        places: The steps, with what was late among them.
        on_time: The present step's other messages.
        now_ns: The node's time.
        settings: The tracker's settings.
        sight: What each sensor can detect where.

    """
    memory, heard = state.late, places.heard
    states = {k: s for k, s in memory.states.items() if k <= memory.first + places.touched}
    start, tracker = max(states.items(), key=lambda item: item[0])
    if places.touched == len(memory.heard):  # nothing was heard since
        start, tracker = memory.first + places.touched, state
    tracker = dataclasses.replace(tracker, next_id=UNNAMED, late=nothing_late())
    names = Names(heard, tracker.id, state.next_id)
    spacing = int(settings.late_window * 1e9 / STATES)
    newest_ns = heard[max(states) - memory.first].now_ns
    mark = memory.mark
    for k in range(start - memory.first, len(heard)):
        step = heard[k]
        if mark is not None and k == places.marked and k > places.touched:
            mark = tracker
        if step.now_ns - newest_ns >= spacing:
            states[memory.first + k], newest_ns = tracker, step.now_ns
        if step.quiet_ns:
            tracker, _ = take_in(tracker, (), step.quiet_ns, settings, sight).result()
        work = take_in(tracker, step.messages, step.now_ns, settings, sight)
        heard[k] = with_births(step, names.give(work))
        work.next_id = UNNAMED
        tracker, _ = work.result()
    if memory.quiet_ns:
        tracker, _ = take_in(tracker, (), memory.quiet_ns, settings, sight).result()
    work = take_in(tracker, on_time, now_ns, settings, sight)
    born = names.give(work)
    work.next_id = names.next_id
    renamed = regained(state, work.tracks)
    if renamed:
        reorder(work, renamed)
        born = (_with(born[0], renamed), *born[1:])
        tracker = renamed_state(tracker, renamed)
        if mark is not None and places.marked > places.touched:
            mark = renamed_state(mark, renamed)
        states = {k: renamed_state(s, renamed) if k > start else s for k, s in states.items()}
        heard = [dataclasses.replace(s, born=_with(s.born, renamed)) for s in heard]
    mark_changes(work, state)
    return Rerun(
        work=work,
        before=tracker,
        memory=changed(
            memory,
            heard=tuple(heard),
            mark=mark,
            marked=memory.first + places.marked,
            between=states,
            quiet_ns=0,
        ),
        born=born,
    )


def with_births(step: Heard, births: Births) -> Heard:
    """Give a step with the births of this run and those of earlier ones that are no more."""
    had = dict(zip(keys_of(step.born_ns, step.born_at), range(len(step.born)), strict=True))
    for key in keys_of(births[1], births[2]):
        had.pop(key, None)
    rest = np.fromiter(had.values(), np.int64, len(had))
    return dataclasses.replace(
        step,
        born=np.concatenate((births[0], step.born[rest])),
        born_ns=np.concatenate((births[1], step.born_ns[rest])),
        born_at=np.concatenate((births[2], step.born_at[rest])),
    )


def regained(state: TrackerState, tracks: Columns) -> dict[int, int]:
    """Find which new ids stand for tracks that were told and are no more, by the plots they share.

    Args:
        state: What was told.
        tracks: Columns after the re-run.

    Returns:
        New id → told id, one to one; those that share most plots first.
    """
    old = {name: getattr(state, name) for name in ("id", *RINGS)}
    fresh = np.flatnonzero(tracks["id"] >= state.next_id)
    lost = np.flatnonzero(~np.isin(old["id"], tracks["id"]))
    if len(fresh) == 0 or len(lost) == 0:
        return {}
    whose: dict[tuple[int, ...], int] = {}
    for row in lost.tolist():
        for key in plots_of(*(old[name][row] for name in RINGS)):
            whose[key] = row
    votes: dict[tuple[int, int], int] = {}
    for row in fresh.tolist():
        for key in plots_of(*(tracks[name][row] for name in RINGS)):
            if key in whose:
                pair = (row, whose[key])
                votes[pair] = votes.get(pair, 0) + 1
    out: dict[int, int] = {}
    taken: set[int] = set()
    for row, other in sorted(votes, key=lambda pair: (-votes[pair], pair)):
        new, told = int(tracks["id"][row]), int(old["id"][other])
        if new not in out and told not in taken:
            out[new] = told
            taken.add(told)
    return out


def plots_of(
    when: NDArray[np.int64], sensor: NDArray[np.int32], z: NDArray[np.float64]
) -> list[tuple[int, ...]]:
    """Name the plots of a ring by sensor, time and place, coarse enough for changed corrections."""
    filled = np.flatnonzero(when > 0)
    coarse = np.nan_to_num(np.round(z[filled, :2] / (10.0, 1e-3))).astype(np.int64)
    return [
        (int(sensor[slot]), int(when[slot]) // (10 * MILLISECOND), int(a), int(b))
        for slot, (a, b) in zip(filled.tolist(), coarse, strict=True)
    ]


def _with(ids: NDArray[np.int64], renamed: dict[int, int]) -> NDArray[np.int64]:
    """Give ids with some of them replaced."""
    return np.array([renamed.get(i, i) for i in ids.tolist()], np.int64)


def mark_changes(work: Work, told: TrackerState) -> None:
    """Mark what differs from what was told: changed tracks, and told ones that are no more."""
    tracks, old = work.tracks, columns_of(told.areas, len(told.sensors))
    over = [columns["id"] for columns in work.over()]
    lost = np.flatnonzero(~np.isin(old["id"], np.concatenate((tracks["id"], *over))))
    if len(lost):
        work.part_with({name: column[lost] for name, column in old.items()})
        tracks = work.tracks
    if len(old["id"]) == 0:
        work.changed[:] = True
        return
    at = np.minimum(np.searchsorted(old["id"], tracks["id"]), len(old["id"]) - 1)
    same = old["id"][at] == tracks["id"]
    for name in CHANGES:
        same &= tracks[name] == old[name][at]
    same &= (tracks["mean"] == old["mean"][at]).all(axis=(1, 2))
    work.changed |= ~same
