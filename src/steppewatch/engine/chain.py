"""Stages in the order of the flow, stepped as one.

Stages that face the world (``edge``: a codec, a rehearsal) come first; what they say is logged.
All others (``core``: tracker, rules) can be rebuilt from that log, so recovery steps the core
alone with the logged messages.

A stage that fails does not do so in silence. What an edge stage could not digest is dropped, told
to :class:`Faults` and shown; the feed goes on. A core stage's failure ends the node, because a
picture that rests on a lost step would be a lie.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from steppewatch.errors import EngineError
from steppewatch.records import Packet, Stage

log = logging.getLogger(__name__)

States = dict[str, Any]
FAULT_SHOWN_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Stepped:
    """Hold what one tick made: new states, messages from outside and edge, messages from core."""

    states: States
    edge: list[object]
    core: list[object]


class Faults:
    """Count what edge stages could not digest, and say so while it is news."""

    def __init__(self) -> None:
        self.count = 0
        self._text = ""
        self._last_ns = 0

    def note(self, stage: str, messages: int, error: Exception, now_ns: int) -> None:
        """Take one failure; only the first of its kind goes to the log whole."""
        self.count += messages
        text = f"{stage} failed with {type(error).__name__}: {error}"
        if text != self._text:
            log.error("%s; %d messages dropped", text, messages, exc_info=error)
        self._text, self._last_ns = text, now_ns

    def warning(self, now_ns: int) -> str:
        """Say for a minute what is wrong, for the operator; empty when all is well."""
        if not self.count or now_ns - self._last_ns > FAULT_SHOWN_NS:
            return ""
        return f"{self.count} messages dropped: {self._text}"


class Chain:
    """Step stages in order; each hears what came in and what the stages before it said.

    Raises:
        EngineError: Two stages have one name; or, from a step, a stage failed for good.
    """

    def __init__(self, edge: Sequence[Stage[Any]], core: Sequence[Stage[Any]]) -> None:
        names = [stage.name for stage in (*edge, *core)]
        if len(set(names)) != len(names):
            raise EngineError(f"stage names must be unique in a node, these are {names}")
        self.edge = tuple(edge)
        self.core = tuple(core)
        self.faults = Faults()

    def initial(self) -> States:
        """Give the states of a fresh node."""
        return {stage.name: stage.initial for stage in (*self.edge, *self.core)}

    def edge_states(self, states: States) -> States:
        """Pick the states of the edge stages."""
        return {stage.name: states[stage.name] for stage in self.edge}

    def core_states(self, states: States) -> States:
        """Pick the states of the core stages."""
        return {stage.name: states[stage.name] for stage in self.core}

    def step(self, states: States, inbound: Sequence[object], now_ns: int) -> Stepped:
        """Step every stage once.

        Args:
            states: State of each stage, by name.
            inbound: Messages from outside: packets, operators' orders.
            now_ns: The picture's time.
        """
        after, said = _run(self.edge, states, inbound, now_ns, self.faults.note)
        logged = [m for m in (*inbound, *said) if not _is_raw(m)]
        again = self.step_core(after, logged, now_ns)
        return Stepped(again.states, logged, again.core)

    def step_core(self, states: States, logged: Sequence[object], now_ns: int) -> Stepped:
        """Step the core stages alone, as recovery does with what the log holds."""
        after, said = _run(self.core, states, logged, now_ns)
        return Stepped(after, list(logged), said)


def _run(
    stages: Sequence[Stage[Any]],
    states: States,
    inbound: Sequence[object],
    now_ns: int,
    on_fault: Callable[[str, int, Exception, int], None] | None = None,
) -> tuple[States, list[object]]:
    after = dict(states)
    heard = list(inbound)
    said: list[object] = []
    for stage in stages:
        wanted = [message for message in heard if isinstance(message, stage.hears)]
        try:
            after[stage.name], news = stage.step(after[stage.name], wanted, now_ns)
        except Exception as error:
            if on_fault is None or not wanted:
                raise _failed(stage.name, now_ns, error) from error
            on_fault(stage.name, len(wanted), error, now_ns)
            try:  # time passes for it all the same
                after[stage.name], news = stage.step(after[stage.name], (), now_ns)
            except Exception as again:
                raise _failed(stage.name, now_ns, again) from again
        heard.extend(news)
        said.extend(news)
    return after, said


def _failed(stage: str, now_ns: int, error: Exception) -> EngineError:
    log.error("stage %s failed", stage, exc_info=error)
    return EngineError(
        f"stage {stage!r} failed at picture time {now_ns} ns ({type(error).__name__}: {error}): "
        "this is a defect of Steppewatch; all before it is stored. Please report it with the log"
    )


def _is_raw(message: object) -> bool:
    """Tell raw packets, which are read at the edge and not logged, from records."""
    return isinstance(message, Packet)
