"""The node: a source, a chain of stages, a store and a bus, stepped by one loop.

Order within a tick: step the stages, store what they said, then publish. What a listener hears
is stored (unless the disk is full, and then the node says so); an operator's order is answered
only after its transaction is committed.
"""

import logging
import math
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from steppewatch.engine.bus import Bus
from steppewatch.engine.chain import Chain, States
from steppewatch.engine.clock import NS, Clock
from steppewatch.engine.recorder import Recorder
from steppewatch.engine.source import Source, Tick
from steppewatch.engine.store import Head, Store
from steppewatch.errors import EngineError, StoreFullError

log = logging.getLogger(__name__)

COMMIT_SECONDS = 0.04
PICTURE_MEMORY_NS = 600 * NS
LINGER_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """Tell the operator how the node itself is doing.

    Attributes:
        now_ns: The picture's time [ns UTC].
        recording: False while the store takes nothing.
        warning: What is wrong, in plain words.
        lag: How late the picture is [s].
        rate: Clock rate; infinite for as fast as possible.
        stored: Messages safely stored.
        ended: The source came to its end.
    """

    now_ns: int
    recording: bool
    warning: str
    lag: float
    rate: float
    stored: int
    ended: bool


class Node:
    """Run a chain of stages over a source.

    Args:
        source: Where ticks come from.
        chain: The stages.
        store: Where everything is kept.
        bus: To whom it is said.
        clock: The pace.
        on_state: Told about the node's state after each commit.
    """

    def __init__(
        self,
        *,
        source: Source,
        chain: Chain,
        store: Store,
        bus: Bus,
        clock: Clock,
        on_state: Callable[[NodeState], None] = lambda _: None,
    ) -> None:
        self._source, self._chain, self._store = source, chain, store
        self._bus, self._clock = bus, clock
        self.on_state = on_state
        self._recorder = Recorder(store, time.monotonic)
        self._orders: queue.SimpleQueue[tuple[object, Future[None]]] = queue.SimpleQueue()
        self._held: list[tuple[int, list[object]]] = []
        self._waiting: list[Future[None]] = []
        self._committed = time.monotonic()
        self._order_lock = threading.Lock()
        self._over = False
        self._last: tuple[States, Head] | None = None

    def order(self, message: object) -> Future[None]:
        """Bring an operator's order into the next tick; the future is done when it is stored."""
        future: Future[None] = Future()
        with self._order_lock:
            if self._over:
                future.set_exception(EngineError("the node has stopped: orders are not taken"))
            else:
                self._orders.put((message, future))
        return future

    def run(self) -> None:
        """Recover, then step until the source ends or the clock is stopped.

        Raises:
            EngineError: The store cannot be read, or a stage failed for good.
        """
        try:
            self._run()
        except BaseException:
            self._refuse_orders()
            raise
        if self._clock.stopped:
            self._refuse_orders()

    def linger(self) -> None:
        """After the source has ended: take orders on the last picture until the clock stops."""
        try:
            while not self._clock.stopped:
                if self._last is None or self._orders.empty():
                    time.sleep(LINGER_SECONDS)
                    continue
                states, head = self._last
                again = Tick(now_ns=head.now_ns, messages=(), cursor=head.cursor)
                self._last = states, head = self._step(states, again, head.tick + 1)
                self._commit(head, states, ended=True)
        finally:
            self._refuse_orders()

    def _run(self) -> None:
        states, head = self._recover()
        tick = 0 if head is None else head.tick
        for step in self._source.ticks(head):
            if self._source.paced and not self._clock.wait(step.now_ns):
                break
            tick += 1
            try:
                states, head = self._step(states, step, tick)
            except EngineError as error:
                self._break_off(head, states, error)
                raise
            spare = self._source.paced and self._clock.lead(step.now_ns + NS // 50) > 0.0
            due = time.monotonic() - self._committed >= COMMIT_SECONDS
            if spare or due or self._waiting:
                self._commit(head, states)
            if self._clock.stopped:
                break
        if head is not None:
            self._last = states, head
            self._commit(head, states, ended=not self._clock.stopped)

    def _break_off(self, head: Head | None, states: States, error: EngineError) -> None:
        """Keep what was before a failed tick; refuse the orders that came with it."""
        for future in self._waiting:
            future.set_exception(error)
        self._waiting.clear()
        if head is not None:
            self._commit(head, states)

    def _step(self, states: States, step: Tick, tick: int) -> tuple[States, Head]:
        inbound = [*step.messages, *self._take_orders()]
        stepped = self._chain.step(states, inbound, step.now_ns)
        head = Head(
            tick=tick,
            now_ns=step.now_ns,
            cursor=step.cursor,
            states=self._chain.edge_states(stepped.states),
        )
        self._recorder.add(head, stepped.edge, stepped.core)
        self._held.append((step.now_ns, [*stepped.edge, *stepped.core]))
        return stepped.states, head

    def _commit(self, head: Head, states: States, *, ended: bool = False) -> None:
        kept = self._recorder.commit(head, self._chain.core_states(states))
        self._committed = time.monotonic()
        for now_ns, messages in self._held:
            self._bus.publish(messages, now_ns)
        self._held.clear()
        for future in self._waiting:
            if kept:
                future.set_result(None)
            else:
                future.set_exception(StoreFullError(self._recorder.warning))
        self._waiting.clear()
        self._tell(head, ended=ended)

    def _rate(self) -> float:
        if not self._source.paced:
            return 1.0
        return math.inf if self._clock.rate is None else self._clock.rate

    def _tell(self, head: Head, *, ended: bool) -> None:
        warnings = (self._recorder.warning, self._chain.faults.warning(head.now_ns))
        self.on_state(
            NodeState(
                now_ns=head.now_ns,
                recording=self._recorder.recording,
                warning="; ".join(filter(None, warnings)),
                lag=self._clock.lag(head.now_ns) if self._source.paced and not ended else 0.0,
                rate=self._rate(),
                stored=self._recorder.stored,
                ended=ended,
            )
        )

    def _recover(self) -> tuple[States, Head | None]:
        """Bring back the states of a stored run and seed the picture from its log."""
        states = self._chain.initial()
        head = self._store.head()
        if head is None:
            return states, None
        snapshot = self._store.snapshot()
        if snapshot is not None:
            states = {**states, **snapshot.states}
        replayed = 0
        for now_ns, logged in self._store.ticks_since(snapshot.tick if snapshot else 0):
            states = self._chain.step_core(states, logged, now_ns).states
            replayed += 1
        missing = set(self._chain.initial()) - set(states) - set(head.states)
        if missing:
            raise EngineError(f"{self._store.path} lacks the state of {sorted(missing)}")
        states = {**states, **head.states}
        log.info("recovered tick %d from the store, %d ticks replayed", head.tick, replayed)
        self._seed(head)
        return states, head

    def _seed(self, head: Head) -> None:
        since = head.now_ns - PICTURE_MEMORY_NS
        lasting = [
            m for prefix in ("sites.", "sensors.", "alerts") for m in self._store.read(prefix)
        ]
        recent = [m for prefix in ("status.", "tracks.") for m in self._store.read(prefix, since)]
        self._bus.publish([*lasting, *recent], head.now_ns)

    def _take_orders(self) -> list[object]:
        messages = []
        while not self._orders.empty():
            message, future = self._orders.get()
            if not future.set_running_or_notify_cancel():
                continue  # whoever gave it has gone
            if not self._recorder.recording:
                # Taken into the picture but not kept, it would be lost without a word.
                future.set_exception(StoreFullError(self._recorder.warning))
                continue
            messages.append(message)
            self._waiting.append(future)
        return messages

    def _refuse_orders(self) -> None:
        with self._order_lock:
            self._over = True
        error = EngineError("the node has stopped: orders are not taken")
        while not self._orders.empty():
            _, future = self._orders.get()
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
        for future in self._waiting:
            future.set_exception(error)
        self._waiting.clear()
