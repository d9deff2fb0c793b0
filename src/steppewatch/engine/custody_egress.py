"""The one door to partners: bytes leave only by a message record that the journal holds.

Each partner has a thread and a short queue of its own, so that a slow or dead one stops neither
the node nor another partner. What waits in a queue when the ledger changes is thrown away.
"""

import hashlib
import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from steppewatch.custody.label.sources import TrackSources
from steppewatch.custody.release.decisions import ALLOWED, message
from steppewatch.custody.release.payloads import Numbering, payloads
from steppewatch.custody.release.point import Outgoing, ReleasePoint
from steppewatch.custody.release.situation import Situation
from steppewatch.engine.custody_release_journal import ReleaseJournal
from steppewatch.errors import EngineError, SteppewatchError
from steppewatch.records import TrackBatch

log = logging.getLogger(__name__)

WAITING = 256  # [message]
PATIENCE_S = 2.0
RETRY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Say where and how a partner listens.

    Attributes:
        name: ``Partner.name``.
        form: ``"asterix"`` (CAT 062 over UDP) or ``"lines"`` (JSON lines over TCP).
        host, port: Where.
        tls: Checks the partner's certificate; None sends in the clear.
        source: SAC and SIC of ours.
    """

    name: str
    form: str
    host: str
    port: int
    tls: ssl.SSLContext | None = None
    source: tuple[int, int] = (0, 1)


class Link:
    """Carry bytes to one partner, in a thread; made and used by :class:`Door` alone."""

    def __init__(self, address: Address, still: Callable[[int], bool]) -> None:
        self.address, self._still = address, still
        self.sent = self.lost = self.withdrawn = 0
        self.trouble = ""
        self.paused = False
        self._queue: queue.Queue[tuple[bytes, int] | None] = queue.Queue(WAITING)
        self._socket: socket.socket | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"to-{address.name}", daemon=True)
        self._thread.start()

    def put(self, data: bytes, version: int) -> None:
        """Queue bytes; a full queue loses them, and counts."""
        try:
            self._queue.put_nowait((data, version))
        except queue.Full:
            self.lost += 1

    @property
    def busy(self) -> bool:
        """Tell whether something waits or is being sent."""
        return self._queue.unfinished_tasks > 0

    def settle(self) -> None:
        """Wait until all that was queued is sent or given up (for tests and for the end)."""
        self._queue.join()

    def close(self) -> None:
        """Stop the thread."""
        self._over.set()
        self.put(b"", -1)
        self._thread.join(PATIENCE_S + RETRY_S)
        if self._socket is not None:
            self._socket.close()

    def _run(self) -> None:
        while not self._over.is_set():
            told = self._queue.get()
            try:
                if told is not None and told[0]:
                    self._carry(*told)
            finally:
                self._queue.task_done()

    def _carry(self, data: bytes, version: int) -> None:
        if self.paused or not self._still(version):
            self.withdrawn += 1
            return
        try:
            if self._socket is None:
                self._socket = self._opened()
            if not self._still(version):  # opening may have taken its time
                self.withdrawn += 1
                return
            self._socket.sendall(data)
        except OSError as error:
            self.lost += 1
            text = f"{self.address.name}: {error}"
            if text != self.trouble:
                log.warning("a partner cannot be reached: %s", text)
            self.trouble = text
            if self._socket is not None:
                self._socket.close()
            self._socket = None
            self._over.wait(RETRY_S if self.address.form == "lines" else 0.0)
            return
        self.sent += 1
        self.trouble = ""

    def _opened(self) -> socket.socket:
        where = (self.address.host, self.address.port)
        if self.address.form == "asterix":
            family = socket.AF_INET6 if ":" in self.address.host else socket.AF_INET
            made = socket.socket(family, socket.SOCK_DGRAM)
            made.connect(where)
            return made
        made = socket.create_connection(where, PATIENCE_S)
        if self.address.tls is not None:
            made = self.address.tls.wrap_socket(made, server_hostname=self.address.host)
        made.settimeout(PATIENCE_S)
        return made


class Door:
    """Send to partners what the journal lets out, and nothing else.

    Attributes:
        unchecked: Attempts to send without a record; each raised.
    """

    def __init__(self, journal: ReleaseJournal, addresses: Sequence[Address]) -> None:
        self._journal = journal
        self._version = 0
        self.unchecked = 0
        self.links = {each.name: Link(each, self._still) for each in addresses}

    def _still(self, version: int) -> bool:
        return version == self._version

    def renew(self, version: int) -> None:
        """Withdraw all that waits and was decided at another version, which the caller counts."""
        self._version = version

    def send(self, name: str, payload: bytes, record: bytes, version: int) -> None:
        """Queue bytes for a partner.

        Raises:
            EngineError: The journal holds no message record for exactly these bytes.
        """
        allowed = self._journal.allows(record)
        if allowed is None or allowed != hashlib.sha256(payload).digest():
            self.unchecked += 1
            raise EngineError(
                f"{len(payload)} bytes for {name} have no release decision behind them; nothing "
                "was sent. This is a defect or an attack: please report it with the log"
            )
        self.links[name].put(payload, version)

    def close(self) -> None:
        """Close every link; what waits has a moment to leave."""
        until = time.monotonic() + PATIENCE_S
        while any(link.busy for link in self.links.values()) and time.monotonic() < until:
            time.sleep(0.01)
        for link in self.links.values():
            link.close()


class Egress:
    """Listen on the bus, release, record, send: in this order, or not at all.

    Args:
        point: Decides.
        journal: Keeps the decisions.
        door: Sends.
        look: Gives the situation now; asked at every tick, cheap while nothing changed.
    """

    def __init__(
        self,
        point: ReleasePoint,
        journal: ReleaseJournal,
        door: Door,
        look: Callable[[], Situation],
    ) -> None:
        self.point, self.journal, self.door, self._look = point, journal, door, look
        self._numbers = {name: Numbering() for name in door.links}
        self.deciding = threading.Lock()
        self.failures = 0
        self.trouble = ""
        self.last: tuple[TrackBatch, TrackSources] | None = None
        self._turn = self._now_ns = 0
        door.renew(self._turn)

    def listen(self, messages: Sequence[object], now_ns: int) -> None:
        """Take what the node says; a failure releases nothing and stops nobody."""
        try:
            with self.deciding:
                self._take(messages, now_ns)
        except SteppewatchError as error:
            self.failures += 1
            if str(error) != self.trouble:
                log.exception("nothing was released")
            self.trouble = str(error)

    def _take(self, messages: Sequence[object], now_ns: int) -> None:
        self._now_ns = now_ns
        self._renew()
        batches = [m for m in messages if isinstance(m, TrackBatch)]
        sources = {(m.feed, m.sensor, m.id.tobytes()): m for m in messages
                   if isinstance(m, TrackSources)}  # fmt: skip
        outgoing: list[Outgoing] = []
        for batch in batches:
            key = (batch.origin.feed, batch.origin.sensor, batch.id.tobytes())
            told = sources.get(key)
            if told is not None and batch.origin.feed == self.point.own_feed:
                self.last = (batch, told)
                outgoing += self.point.hear(batch, told, now_ns)
        outgoing += self.point.due(now_ns)
        self._release(outgoing, now_ns)
        self.journal.tick(now_ns)

    def _renew(self) -> None:
        situation = self._look()
        old = self.point.situation
        if (situation.version, situation.turn) != (old.version, old.turn):
            self.point.renew(situation)
            self._turn += 1
            self.door.renew(self._turn)

    def _release(self, outgoing: Sequence[Outgoing], now_ns: int) -> None:
        """Write down all decisions and messages of a tick at once; only then hand over bytes."""
        records = [record for one in outgoing for record in one.recorded]
        ready: list[tuple[str, bytes, bytes]] = []
        for one in outgoing:
            name = one.partner.name
            link = self.door.links.get(name)
            if one.shown is None or link is None or link.paused:
                continue
            behind = [r.id for r in one.recorded if r.verdict == ALLOWED]
            address = link.address
            for data in payloads(one.shown, address.form, self._numbers[name], address.source):
                record = message(at_ns=now_ns, to=name, payload=data, decisions=behind)
                records.append(record)
                ready.append((name, data, record.id))
        self.journal.add(records, now_ns)
        for name, data, told in ready:
            self.door.send(name, data, told, self._turn)

    def close(self, now_ns: int | None = None) -> None:
        """End: close the journal's interval, then the links."""
        try:
            self.journal.close(self._now_ns if now_ns is None else now_ns)
        finally:
            self.door.close()
