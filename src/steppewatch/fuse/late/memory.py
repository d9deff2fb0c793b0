"""What was heard lately, and the state before it: enough to hear it again with what came late.

Kept are references to messages and states, never copies. ``base`` and ``heard`` say everything;
the states between are worked out from them (the tracker repeats bit for bit), so that they need
not be written down and a restarted tracker goes on as if it had not been stopped. Only ``mark``
is written down too: it becomes the base when it is as old as the window, so that what is kept
spans one to two windows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping  # noqa: TC003  (the dataclass looks it up)
from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import TrackerState

STATES = 6
"""States between, in a window: a re-run begins at most a sixth of it too early."""
MOST_KEPT = 250_000
"""Plots kept at most; where more come in the window, it is shorter."""
FIRST_CREDIT = 5_000.0


@record("late_heard")
@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Hold one step that was taken.

    Attributes:
        now_ns: The node's time then.
        quiet_ns: When it last let time pass without any message before, 0 for not at all.
        messages: In the order in which they were taken.
        plots: Detections, positions and bearings in them.
        born: ``(k,)`` int64 ids of the tracks that began; born_ns: ``(k,)`` int64 and born_at:
            ``(k, 3)`` ECEF of their first plots, by which they are known if they begin again.
    """

    now_ns: int
    quiet_ns: int
    messages: tuple[object, ...]
    plots: int
    born: NDArray[np.int64]
    born_ns: NDArray[np.int64]
    born_at: NDArray[np.float64]


@record("late_memory")
@dataclass(frozen=True, kw_only=True)
class LateMemory:
    """Hold what was heard within the window.

    Attributes:
        base: The state before ``heard[0]`` (its own ``late`` empty); None while nothing is kept.
        mark: The state before step ``marked``; None while ``base`` is younger than the window.
        marked: Number of that step.
        heard: Steps in the order of time.
        plots: Plots in them.
        first: Number of ``heard[0]`` since the beginning.
        quiet_ns: When time last passed without a message after the newest step, 0 for not at all.
        usual_ns: Newest time stamp less node time of each sensor by id, as small a delay as was
            ever seen [ns]; what is later than that is late.
        waiting: Late messages that wait for a re-run that can be afforded.
        credit: Plots that may be heard again.
        placed: Late plots that were put in their place so far.
        beyond: Late plots that were not: too old, or more than can be afforded.
        reruns: Re-runs so far.
        again: Plots heard again in them.
        told: Sensors about which it was said that not all of their late plots can be placed.
    """

    base: TrackerState | None = None
    mark: TrackerState | None = None
    marked: int = 0
    heard: tuple[Heard, ...] = ()
    plots: int = 0
    first: int = 0
    quiet_ns: int = 0
    usual_ns: dict[str, int] = dataclasses.field(default_factory=dict)
    waiting: tuple[object, ...] = ()
    credit: float = FIRST_CREDIT
    placed: int = 0
    beyond: int = 0
    reruns: int = 0
    again: int = 0
    told: tuple[str, ...] = ()
    between: InitVar[Mapping[int, Any] | None] = None

    def __post_init__(self, between: Mapping[int, Any] | None) -> None:
        """Keep states between, by step number; they are no part of what is written down."""
        object.__setattr__(self, "_between", dict(between or {}))

    @property
    def states(self) -> dict[int, TrackerState]:
        """Give the known states before steps, by the step's number; base and mark are there."""
        known: dict[int, TrackerState] = dict(self.__dict__["_between"])
        if self.base is not None:
            known[self.first] = self.base
        if self.mark is not None:
            known[self.marked] = self.mark
        return known


def nothing_late() -> LateMemory:
    """Give the memory of a tracker that has heard nothing yet."""
    return EMPTY


EMPTY = LateMemory()


def changed(memory: LateMemory, **changes: Any) -> LateMemory:
    """Give the memory with some fields changed and the states between as they were."""
    between = changes.pop("between") if "between" in changes else memory.states
    return _with(memory, between, changes)


def _with(
    memory: LateMemory, between: Mapping[int, TrackerState], changes: dict[str, Any]
) -> LateMemory:
    """Replace fields as ``dataclasses.replace`` does, in a fifth of its time: every step does."""
    out = object.__new__(LateMemory)
    out.__dict__.update(memory.__dict__, **changes, _between=dict(between))
    return out


def kept(
    memory: LateMemory, before: TrackerState, step: Heard, window_ns: int, **changes: Any
) -> LateMemory:
    """Give the memory with one more step, without what is older than the window.

    Args:
        memory: So far.
        before: The state before the step.
        step: What was heard.
        window_ns: How far back a re-run may begin.
        changes: Other fields' new values.
    """
    states, number, heard = memory.states, memory.first + len(memory.heard), (*memory.heard, step)
    start_ns = step.now_ns - window_ns

    def before_window(k: int) -> bool:
        return heard[k - memory.first].now_ns <= start_ns

    first, base, marked, mark = memory.first, memory.base, memory.marked, memory.mark
    full = memory.plots + step.plots > MOST_KEPT
    if mark is not None and (full or before_window(marked)):
        first, base, mark = marked, mark, None
    elif full:
        first, base = number, None
    ripe = mark is None and first < number and before_window(first)
    latest = heard[max(states, default=number) - memory.first].now_ns
    if base is None or ripe or not states or (step.now_ns - latest) * STATES >= window_ns:
        bare = dataclasses.replace(before, late=EMPTY)
        base = bare if base is None else base
        if ripe:
            marked, mark = number, bare
        states[number] = bare
    old = max((k for k in states if before_window(k)), default=first)
    dropped = sum(one.plots for one in memory.heard[: first - memory.first])
    changes |= {
        "base": base,
        "mark": mark,
        "marked": marked,
        "heard": heard[first - memory.first :],
        "plots": memory.plots + step.plots - dropped,
        "first": first,
        "quiet_ns": 0,
    }
    oldest = max(old, first)
    return _with(memory, {k: state for k, state in states.items() if k >= oldest}, changes)


def step_of(
    messages: tuple[object, ...], now_ns: int, quiet_ns: int, births: tuple[Any, Any, Any]
) -> Heard:
    """Describe a step that was taken; births are ids, times, places."""
    return Heard(
        now_ns=now_ns,
        quiet_ns=quiet_ns,
        messages=messages,
        plots=sum(len(times(message)) for message in messages),
        born=births[0],
        born_ns=births[1],
        born_at=births[2],
    )


NO_TIMES = np.zeros(0, np.int64)


def times(message: object) -> NDArray[np.int64]:
    """Give the time stamps ``(n,)`` of a message; none of what has none, or broken ones."""
    found = getattr(message, "time_ns", None)
    if isinstance(found, np.ndarray) and found.ndim == 1 and found.dtype.kind == "i":
        return found
    return NO_TIMES
