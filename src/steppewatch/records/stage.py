"""The shape of every room's pure step, so that live = replay = rehearsal = test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Generic[State]):
    """Offer one pure step of the flow.

    ``step(state, messages, now_ns) -> (state, messages)`` reads nothing but its arguments. The
    state is made of registered records, arrays and scalars, so the engine can snapshot it with
    :func:`steppewatch.records.binary.encode` and restart from it.

    Attributes:
        name: Unique in a node, for example ``"fuse"``.
        hears: Record types that this stage wants; others pass it by.
        says: Record types that it may send.
        initial: State of a fresh node.
        step: The pure function; it is called at every tick, also with no messages, because
            time passing is news (a track that nobody sees must end).
    """

    name: str
    hears: tuple[type, ...]
    says: tuple[type, ...]
    initial: State
    step: Callable[[State, Sequence[object], int], tuple[State, Sequence[object]]]
