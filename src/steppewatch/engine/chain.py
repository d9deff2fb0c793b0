"""Stages in the order of the flow, stepped as one.

Stages that face the world (``edge``: a codec, a rehearsal) come first; what they say is logged.
All others (``core``: tracker, rules) can be rebuilt from that log, so recovery steps the core
alone with the logged messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from steppewatch.errors import EngineError
from steppewatch.records import Packet, Stage

States = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stepped:
    """Hold what one tick made: new states, messages from outside and edge, messages from core."""

    states: States
    edge: list[object]
    core: list[object]


class Chain:
    """Step stages in order; each hears what came in and what the stages before it said."""

    def __init__(self, edge: Sequence[Stage[Any]], core: Sequence[Stage[Any]]) -> None:
        names = [stage.name for stage in (*edge, *core)]
        if len(set(names)) != len(names):
            raise EngineError(f"stage names must be unique in a node, these are {names}")
        self.edge = tuple(edge)
        self.core = tuple(core)

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
        after, said = _run(self.edge, states, inbound, now_ns)
        logged = [m for m in (*inbound, *said) if not _is_raw(m)]
        again = self.step_core(after, logged, now_ns)
        return Stepped(again.states, logged, again.core)

    def step_core(self, states: States, logged: Sequence[object], now_ns: int) -> Stepped:
        """Step the core stages alone, as recovery does with what the log holds."""
        after, said = _run(self.core, states, logged, now_ns)
        return Stepped(after, list(logged), said)


def _run(
    stages: Sequence[Stage[Any]], states: States, inbound: Sequence[object], now_ns: int
) -> tuple[States, list[object]]:
    after = dict(states)
    heard = list(inbound)
    said: list[object] = []
    for stage in stages:
        wanted = [message for message in heard if isinstance(message, stage.hears)]
        after[stage.name], news = stage.step(after[stage.name], wanted, now_ns)
        heard.extend(news)
        said.extend(news)
    return after, said


def _is_raw(message: object) -> bool:
    """Tell raw packets, which are read at the edge and not logged, from records."""
    return isinstance(message, Packet)
