"""What a moment that is past looks like now that late reports have come.

The picture of a moment can not hold what is still on its way. Half a minute later it can: the
tracker goes back to that moment in a copy, hears what belonged before it, and leaves the present
alone.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from typing import TYPE_CHECKING

from steppewatch.errors import FuseError
from steppewatch.fuse.late.memory import nothing_late
from steppewatch.fuse.late.place import when
from steppewatch.fuse.late.rerun import UNNAMED, Names
from steppewatch.fuse.take_in import take_in

if TYPE_CHECKING:
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import TrackerState
    from steppewatch.fuse.visibility import Sight


def state_at(
    state: TrackerState, at_ns: int, settings: TrackerSettings, sight: Sight
) -> TrackerState:
    """Give the tracker as it would have been at a moment, had all that is known now come in time.

    Args:
        state: The tracker now.
        at_ns: The node's time then, within the window.
        settings: The tracker's settings.
        sight: What each sensor can detect where.

    Raises:
        FuseError: The moment is older than what is kept, or nothing is kept.
    """
    memory = state.late
    if memory.base is None or at_ns < memory.heard[0].now_ns:
        raise FuseError(
            f"time {at_ns} is older than all that is kept: ask within late_window "
            f"({settings.late_window:.0f} s), and leave it above 0"
        )
    if at_ns >= memory.heard[-1].now_ns:
        return state
    stop = bisect_right(memory.heard, at_ns, key=when)
    states = {k: s for k, s in memory.states.items() if k <= memory.first + stop}
    start, tracker = max(states.items(), key=lambda item: item[0])
    tracker = dataclasses.replace(tracker, next_id=UNNAMED, late=nothing_late())
    names = Names(memory.heard, tracker.id, state.next_id)
    for step in memory.heard[start - memory.first : stop]:
        if step.quiet_ns:
            tracker, _ = take_in(tracker, (), step.quiet_ns, settings, sight).result()
        work = take_in(tracker, step.messages, step.now_ns, settings, sight)
        names.give(work)
        work.next_id = UNNAMED
        tracker, _ = work.result()
    tracker, _ = take_in(tracker, (), at_ns, settings, sight).result()
    return dataclasses.replace(tracker, next_id=state.next_id)
