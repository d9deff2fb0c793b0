"""Where a node's messages come from: a rehearsal's clock or live links (recordings stand apart).

A source yields ticks: the picture's time, the messages that arrived since the tick before, and
a cursor that says how far it was read, so that a restarted node goes on where it stood.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from steppewatch.engine.clock import NS
from steppewatch.engine.store import Head

log = logging.getLogger(__name__)

DEFAULT_TICK_NS = NS // 10
SET_BACK_NS = 2 * NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Hold one step's input.

    Attributes:
        now_ns: The picture's time [ns UTC].
        messages: What arrived since the tick before, in order.
        cursor: How far the source was read, meaningful to the source alone.
    """

    now_ns: int
    messages: tuple[object, ...]
    cursor: int


class Source(Protocol):
    """Offer ticks in the order of time."""

    paced: bool
    """True when the clock must hold the ticks back; False when they come in their own time."""

    def ticks(self, head: Head | None) -> Iterator[Tick]:
        """Yield ticks, from the beginning or after where a stored run stands."""
        ...


class Link(Protocol):
    """Offer what came over one line since it was last asked."""

    def receive(self, now_ns: int) -> Iterator[object]:
        """Yield packets or records that wait, stamped with ``now_ns`` where they bear no time."""
        ...


class SteppedSource:
    """Tick from a start to an end at a fixed step, with no messages: a rehearsal makes its own.

    Args:
        start_ns: First tick [ns UTC].
        end_ns: The last one does not pass this.
        step_ns: Between two ticks [ns].
    """

    paced = True

    def __init__(self, start_ns: int, end_ns: int, step_ns: int = DEFAULT_TICK_NS) -> None:
        self._start, self._end, self._step = start_ns, end_ns, step_ns

    def ticks(self, head: Head | None) -> Iterator[Tick]:
        """Yield ticks with no messages."""
        first = self._start if head is None else head.now_ns + self._step
        for now_ns in range(first, self._end + 1, self._step):
            yield Tick(now_ns=now_ns, messages=(), cursor=0)


class LiveSource:
    """Tick with the wall clock and whatever the links received.

    Args:
        links: Open links; each is polled.
        step_ns: Longest time between two ticks [ns].
        now: Source of UTC time [ns].
        stopped: Ends the ticks when it says True.
        monotonic: Source of time that nobody sets [ns].

    Time never runs backwards. When the system's clock was set back a little (NTP does that), the
    picture's time runs at half its pace until the clock has caught up. When it was set back by
    more than two seconds the picture's time runs on as it did, ahead of the clock, and the log
    says so: tracks and feeds keep their intervals.
    """

    paced = False

    def __init__(
        self,
        links: Sequence[Link],
        stopped: Callable[[], bool],
        step_ns: int = DEFAULT_TICK_NS,
        now: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._links, self._stopped, self._step, self._now = links, stopped, step_ns, now
        self._monotonic = monotonic

    def ticks(self, head: Head | None) -> Iterator[Tick]:
        """Yield ticks until stopped, also when the system's clock is set back."""
        now_ns = 0 if head is None else head.now_ns
        before, told = self._monotonic(), False
        while not self._stopped():
            time.sleep(self._step / NS)
            wall, after = self._now(), self._monotonic()
            passed, behind = after - before, now_ns - wall
            before = after
            if behind > SET_BACK_NS and not told:
                text = "the system's clock is %.1f s behind the picture, which goes on without it"
                log.warning(text, behind / NS)
            told = behind > SET_BACK_NS
            pace = passed if told else passed // 2
            now_ns = max(wall, now_ns + max(pace, 1))
            came = [message for link in self._links for message in link.receive(now_ns)]
            yield Tick(now_ns=now_ns, messages=tuple(came), cursor=0)
