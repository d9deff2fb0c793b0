"""The node's hand on the store: group commits, snapshots, and what to do when the disk fails.

While the disk has no room (or is gone), the picture goes on and says loudly that nothing is kept;
every few seconds the recorder tries again, and when it can it notes the gap and goes on.
"""

import logging
from collections.abc import Callable, Sequence

from steppewatch.engine.store import Head, Snapshot, Store
from steppewatch.errors import EngineError, StoreFullError

log = logging.getLogger(__name__)

SNAPSHOT_TICKS = 200
RETRY_SECONDS = 2.0


class Recorder:
    """Keep ticks in the store as long as it takes them.

    Args:
        store: The open store.
        monotonic: Source of wall time [s].
    """

    def __init__(self, store: Store, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._since_snapshot = 0
        self._gap: tuple[int, int] | None = None
        self._trouble = ""
        self._uncommitted_ns: int | None = None
        self._retry_at = 0.0

    @property
    def recording(self) -> bool:
        """Say whether what happens is being kept."""
        return self._gap is None

    @property
    def warning(self) -> str:
        """Say what is wrong, for the operator; empty when all is well."""
        if self._gap is None:
            return ""
        return f"NOT RECORDING: {self._trouble}; {self._gap[1]} messages lost"

    @property
    def stored(self) -> int:
        """Count the messages that are safely stored."""
        return self._store.stored

    def add(self, head: Head, edge: Sequence[object], core: Sequence[object]) -> None:
        """Add one tick; durable after :meth:`commit`."""
        count = len(edge) + len(core)
        self._since_snapshot += 1
        if self._gap is not None:
            self._gap = (self._gap[0], self._gap[1] + count)
        elif count:
            if self._uncommitted_ns is None:
                self._uncommitted_ns = head.now_ns
            try:
                self._store.append(head, edge, core)
            except EngineError as error:
                self._stop(head, count, error)

    def commit(self, head: Head, core_states: dict[str, object]) -> bool:
        """Make all added ticks durable; False when the disk refused and they are not kept."""
        try:
            if self._gap is not None:
                if self._monotonic() < self._retry_at:
                    return False
                self._resume(head, core_states)
            elif self._since_snapshot >= SNAPSHOT_TICKS:
                self._store.keep(Snapshot(tick=head.tick, states=core_states))
                self._since_snapshot = 0
            self._store.commit(head)
        except EngineError as error:
            self._stop(head, 0, error)
            return False
        if self._gap is not None:
            log.warning("storing again: %d messages are missing", self._gap[1])
        self._gap = self._uncommitted_ns = None
        return True

    def _resume(self, head: Head, core_states: dict[str, object]) -> None:
        assert self._gap is not None  # noqa: S101  (the caller looked)
        self._store.note_gap(self._gap[0], head.now_ns, self._gap[1])
        self._store.keep(Snapshot(tick=head.tick, states=core_states))
        self._since_snapshot = 0

    def _stop(self, head: Head, count: int, error: EngineError) -> None:
        lost = count + self._store.abandon()
        if self._gap is None:
            log.error("storing stopped: %s", error)
            begun_ns = head.now_ns if self._uncommitted_ns is None else self._uncommitted_ns
            self._gap = (begun_ns, lost)
        self._uncommitted_ns = None
        full = isinstance(error, StoreFullError)
        self._trouble = f"no room on the disk for {self._store.path}" if full else str(error)
        self._retry_at = self._monotonic() + RETRY_SECONDS
