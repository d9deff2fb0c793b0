"""Take a step's messages in; what comes late is heard in its place if that can be afforded.

In the order of arrival a late plot can only be compared with where its track was then
(retrodiction, ``kernels.observe``), and what it should have begun, confirmed or kept alive is
past. Going back to the state before it and hearing the little that came since again is exact
(Bar-Shalom, Li & Kirubarajan 2001, §6.5 on out-of-sequence measurements, compares the two). The
work is bounded: every plot that comes earns the right to hear some again, and what is too old or
too much is used as it comes, counted and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.guard import BEHIND_NS
from steppewatch.fuse.late.memory import FIRST_CREDIT, LateMemory, changed, kept, step_of, times
from steppewatch.fuse.late.place import NS, Places, sound, split, usual_of
from steppewatch.fuse.late.rerun import begun, rerun
from steppewatch.fuse.take_in import take_in
from steppewatch.fuse.told import ORIGIN
from steppewatch.records import DoubtKind, Sensor, SensorDoubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import TrackerState
    from steppewatch.fuse.step import Work
    from steppewatch.fuse.visibility import Sight

PATIENCE = 10.0
"""Seconds that late messages may wait for a re-run."""
MOST_AGAIN = 60_000
"""Plots heard again in one re-run at most."""
SPARE = 2.0
QUIET = 100.0
"""Plots a second for which a feed earns at least: re-running few costs no node anything."""


@dataclass(slots=True)
class Sorted:
    """Hold a step's messages by what is to be done with them.

    Attributes:
        on_time: To be taken now, in their order.
        late: To be put in their place, those that waited first.
        stranded: Late ones among ``on_time``, that cannot be placed.
        usual_ns: The sensors' usual delays after this step.
    """

    on_time: list[object]
    late: list[Any]
    stranded: list[Any]
    usual_ns: dict[str, int]

    def strand(self, messages: list[Any]) -> None:
        """Take late messages as they come."""
        self.on_time += messages
        self.stranded += messages


def hear(
    state: TrackerState,
    messages: Sequence[object],
    now_ns: int,
    settings: TrackerSettings,
    sight: Sight,
) -> tuple[TrackerState, list[object]]:
    """Take messages in, the late ones in their place, and let time pass until ``now_ns``."""
    memory = state.late
    off = settings.late_window <= 0.0
    if off or not (messages or memory.waiting):
        work = take_in(state, messages, now_ns, settings, sight)
        if memory.heard:
            work.late = nothing_kept(memory) if off else changed(memory, quiet_ns=now_ns)
        return work.result()
    found = sort_out(state, messages, now_ns, settings)
    waiting = weighed(memory, found, settings)
    places = planned(state, found)
    if places is None:
        work = take_in(state, found.on_time, now_ns, settings, sight)
        born, before = begun(work, state.next_id), state
    else:
        done = rerun(state, places, found.on_time, now_ns, settings, sight)
        work, before, born = done.work, done.before, done.born
        count = sum(len(times(message)) for message in found.late)
        again = places.cost > count  # else all of it goes behind what was heard
        memory = changed(
            done.memory,
            plots=memory.plots + count,
            credit=memory.credit - again * places.cost,
            placed=memory.placed + again * count,
            reruns=memory.reruns + again,
            again=memory.again + again * places.cost,
            told=tuple(name for name in memory.told if name not in senders(found.late)),
        )
    told = say_stranded(work, memory, found, now_ns)
    step = step_of(tuple(found.on_time), now_ns, memory.quiet_ns, born)
    most = max(FIRST_CREDIT, SPARE * (memory.plots + step.plots))
    since = (now_ns - memory.heard[-1].now_ns) / NS if memory.heard else 0.0
    work.late = kept(
        memory,
        before,
        step,
        int(settings.late_window * NS),
        usual_ns=found.usual_ns,
        waiting=tuple(waiting),
        credit=min(memory.credit + earned(step.plots, since, settings), most),
        beyond=memory.beyond + sum(len(times(message)) for message in found.stranded),
        told=told,
    )
    return work.result()


def sort_out(
    state: TrackerState, messages: Sequence[object], now_ns: int, settings: TrackerSettings
) -> Sorted:
    """Tell late messages, and late plots in messages, from those in time."""
    memory, least_ns = state.late, int(settings.late_least * NS)
    found = Sorted(on_time=[], late=[], stranded=[], usual_ns=memory.usual_ns)
    columns = {sensor.id: k for k, sensor in enumerate(state.sensors)}
    late: list[Any] = []
    for message in messages:
        stamps = times(message)
        newest_ns = int(stamps.max()) if len(stamps) else 0
        column = columns.get(getattr(message, "sensor", ""))
        if len(stamps) == 0 or column is None:
            found.on_time.append(message)
            continue
        sensor = state.sensors[column]
        found.usual_ns = usual_of(found.usual_ns, sensor.id, newest_ns, now_ns)
        delay_ns = now_ns - newest_ns + found.usual_ns.get(sensor.id, newest_ns - now_ns)
        if newest_ns > state.newest_ns[column]:
            # In the sensor's own order. A turn's newest plot may be any part of a turn old.
            delay_ns -= int(min(float(state.turn[column]), sensor.scan_period) * NS)
        # Also what nothing has overtaken yet goes to its place, behind all others: something that
        # belongs behind it may still come. And what is far behind is a clock that jumped.
        if least_ns < delay_ns < BEHIND_NS and sound(message):
            late.append(message)
            continue
        fresh, old = split(message, sensor, newest_ns, least_ns)
        found.on_time.append(fresh)
        if old is not None:
            late.append(old)
    heard_ns = max((int(t.max()) for t in map(times, found.on_time) if len(t)), default=0)
    heard_ns = max(heard_ns, state.clock_ns)
    for message in (*memory.waiting, *late):
        if placeable(memory, message, now_ns, settings):
            found.late.append(message)
        elif int(times(message).min()) > heard_ns:  # nothing has overtaken it: its place is here
            found.on_time.append(message)
            heard_ns = int(times(message).max())
        else:
            found.strand([message])
    return found


def _due(memory: LateMemory, message: Any) -> int:
    """Give when a late message's oldest plot would have been heard."""
    stamps = times(message)
    return int(stamps.min()) - memory.usual_ns.get(message.sensor, 0)


def placeable(memory: LateMemory, message: Any, now_ns: int, settings: TrackerSettings) -> bool:
    """Say whether the place of a late message lies within what is kept, and its sensor, too."""
    due_ns = _due(memory, message)
    if memory.base is None or due_ns < now_ns - int(settings.late_window * NS):
        return False
    if due_ns < memory.heard[0].now_ns:
        return False
    described = (
        step.now_ns
        for step in memory.heard
        if any(isinstance(one, Sensor) and one.id == message.sensor for one in step.messages)
    )
    known = any(sensor.id == message.sensor for sensor in memory.base.sensors)
    return known or next(described, now_ns) <= due_ns


def planned(state: TrackerState, found: Sorted) -> Places | None:
    """Put the late messages among the steps taken; None where there are none."""
    if not found.late:
        return None
    sensors = {sensor.id: sensor for sensor in state.sensors}
    memory = state.late
    places = Places(memory.heard, memory.marked - memory.first, found.usual_ns, sensors)
    for message in found.late:
        places.put(message)
    return places


def weighed(memory: LateMemory, found: Sorted, settings: TrackerSettings) -> list[Any]:
    """Take what can never be afforded as it comes, the oldest first; give what has to wait.

    What goes behind all that was heard costs nothing and need not wait. Nothing is planned for
    that: what was heard since a message's oldest plot was due is no less than its re-run costs.
    """
    if not found.late:
        return []
    rest = np.append(np.cumsum([step.plots for step in memory.heard[::-1]])[::-1], 0)
    due_ns = np.array([_due(memory, message) for message in found.late])
    since = rest[np.searchsorted([step.now_ns for step in memory.heard], due_ns)]
    order = np.argsort(-due_ns, kind="stable")
    cost = np.zeros(len(order))
    cost[order] = since[order] + np.cumsum([len(times(found.late[k])) for k in order])
    most = min(MOST_AGAIN, memory.credit + income(memory, settings))
    found.strand([m for m, c in zip(found.late, cost, strict=True) if c > most])
    found.late = [m for m, c in zip(found.late, cost, strict=True) if c <= most]
    if not found.late or cost[cost <= most].max() <= memory.credit:
        return []
    free = since[cost <= most] == 0
    waiting = [m for m, costless in zip(found.late, free, strict=True) if not costless]
    found.late = [m for m, costless in zip(found.late, free, strict=True) if costless]
    return waiting


def income(memory: LateMemory, settings: TrackerSettings) -> float:
    """Give the credit that will have come together when patience ends."""
    if len(memory.heard) < 2:
        return 0.0
    seconds = max((memory.heard[-1].now_ns - memory.heard[0].now_ns) / NS, 1.0)
    return earned(memory.plots / seconds * PATIENCE, PATIENCE, settings)


def earned(plots: float, seconds: float, settings: TrackerSettings) -> float:
    """Give the credit that plots earn that came within some seconds."""
    return settings.late_work * max(plots, QUIET * min(max(seconds, 0.0), PATIENCE))


def senders(messages: list[Any]) -> set[str]:
    """Name the sensors of messages."""
    return {message.sensor for message in messages}


def say_stranded(work: Work, memory: LateMemory, found: Sorted, now_ns: int) -> tuple[str, ...]:
    """Say once of each sensor that late plots were used as they came; give all told of."""
    told = memory.told
    if not found.stranded:
        return told
    for name in sorted(senders(found.stranded) - set(told)):
        stamps = np.concatenate([times(m) for m in found.stranded if m.sensor == name])
        late = (now_ns + found.usual_ns.get(name, 0) - int(stamps.min())) / NS
        sensor = work.sensors[work.column[name]]
        text = (
            f"{sensor.name or name}: {len(stamps)} plots came up to {late:.0f} s late, too old or "
            "too many to be put in their place: used as they come"
        )
        work.guard.doubts.append(
            SensorDoubt(
                sensor=name, time_ns=now_ns, kind=DoubtKind.LATE, was=late, expected=0.0,
                text=text, origin=ORIGIN,
            )
        )  # fmt: skip
        told = (*told, name)
    return told


def nothing_kept(memory: LateMemory) -> LateMemory:
    """Give the memory without steps: the window was closed."""
    return LateMemory(
        placed=memory.placed, beyond=memory.beyond, reruns=memory.reruns, again=memory.again
    )
