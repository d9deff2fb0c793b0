"""Seal what people did in room ``command`` into the ledger: a root for each interval.

The deeds themselves stay with the node (one file a ledger, each record with its length before it);
the ledger holds their Merkle root as act ``deeds``. So a single deed can be proved to a stranger,
and none can be changed or left out afterwards.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from steppewatch.custody.ledger.journal import journal_body
from steppewatch.errors import EngineError
from steppewatch.records import Acknowledge, encode

MINUTE_NS = 60_000_000_000
DEEDS = (Acknowledge,)
LENGTH = 4

Seal = Callable[[Mapping[str, Any]], object]


class DeedBook:
    """Hear deeds on the bus, keep them, and seal them interval by interval.

    Args:
        path: Where the deeds are kept; what is there and not yet sealed is sealed first.
        seal: Puts an act ``deeds`` into the ledger: ``lambda body: office.say("deeds", body)``.
        sealed: Number of deeds that the ledger holds already.
        interval_ns: Longest time between a deed and its seal.

    Raises:
        EngineError: The file cannot be read, or holds fewer deeds than the ledger.
    """

    def __init__(
        self, path: Path, seal: Seal, sealed: int = 0, interval_ns: int = MINUTE_NS
    ) -> None:
        self._path, self._seal, self._interval = path, seal, interval_ns
        kept = list(read_deeds(path)) if path.exists() else []
        if len(kept) < sealed:
            raise EngineError(
                f"{path} holds {len(kept)} deeds, the ledger has sealed {sealed}: the file was cut "
                "or is another ledger's; restore it from a copy"
            )
        whole = sum(LENGTH + len(one) for one in kept)
        if path.exists() and path.stat().st_size > whole:
            os.truncate(path, whole)  # what a killed process had begun to write
        self._open = kept[sealed:]
        self._since_ns = 0

    def listen(self, messages: Sequence[object], now_ns: int) -> None:
        """Take the deeds of one tick: on the disk before this returns."""
        deeds = [encode(message) for message in messages if isinstance(message, DEEDS)]
        if deeds:
            self._keep(deeds)
        if self._open and self._since_ns == 0:
            self._since_ns = now_ns
        if self._open and now_ns - self._since_ns >= self._interval:
            self.close(now_ns)

    def close(self, now_ns: int) -> None:
        """Seal what is not sealed yet."""
        if not self._open:
            return
        start = min(self._since_ns or now_ns, now_ns - 1)
        self._seal(journal_body(self._open, start, now_ns))
        self._open, self._since_ns = [], 0

    def _keep(self, deeds: Sequence[bytes]) -> None:
        try:
            with self._path.open("ab") as stream:
                for deed in deeds:
                    stream.write(len(deed).to_bytes(LENGTH) + deed)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise EngineError(f"deeds cannot be kept in {self._path}: {error}") from error
        self._open += deeds


def read_deeds(path: Path) -> Iterator[bytes]:
    """Give the deeds of a file; a torn last one (a killed process) is left out.

    Raises:
        EngineError: The file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngineError(f"deeds in {path} cannot be read: {error}") from error
    place = 0
    while place + LENGTH <= len(data):
        end = place + LENGTH + int.from_bytes(data[place : place + LENGTH])
        if end > len(data):
            return
        yield data[place + LENGTH : end]
        place = end
