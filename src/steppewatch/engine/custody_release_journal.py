"""The journal of release decisions on the disk: a record is here before its bytes leave.

One file for each interval of a second or more, ``<from_ns>.journal``: records one after another,
each after its length (4 byte, big-endian). Every record is handed to the system before ``add``
returns, so a killed process loses none; a closed interval is forced to the disk, and its Merkle
root goes into the ledger as an act ``journal``.
"""

import os
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from steppewatch.custody.ledger.journal import journal_body, journal_root
from steppewatch.custody.release.decisions import ALLOWED, WITHHELD, Recorded, read
from steppewatch.errors import EngineError

NS = 1_000_000_000
LENGTH = 4  # [byte]
Seal = Callable[[Mapping[str, Any]], None]


class ReleaseJournal:
    """Keep decisions.

    Args:
        folder: Where the files stand.
        seal: Takes the body of an act ``journal`` and brings it into the ledger.
        interval_ns: Shortest interval.

    Raises:
        EngineError: From any method: the disk does not take it. Then nothing may be sent.
    """

    def __init__(self, folder: Path, seal: Seal, interval_ns: int = NS) -> None:
        self.folder, self._seal, self._interval_ns = folder, seal, interval_ns
        self._unsealed: list[Mapping[str, Any]] = []
        self._held: dict[bytes, bytes] = {}
        self._records: list[bytes] = []
        self._counts = {ALLOWED: 0, WITHHELD: 0}
        self._from_ns = -1
        self._file: int | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(f"cannot make {folder} ({error}): give another folder") from error

    def add(self, records: Sequence[Recorded], now_ns: int) -> None:
        """Write records down; close the interval first when it is over."""
        self.tick(now_ns)
        if not records:
            return
        try:
            if self._file is None:
                path = self.folder / f"{now_ns:020}.journal"
                self._from_ns = now_ns
                self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            data = b"".join(len(r.data).to_bytes(LENGTH, "big") + r.data for r in records)
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise EngineError(
                f"the release journal in {self.folder} cannot be written ({error}): nothing is "
                "released until it can; make room"
            ) from error
        for one in records:
            self._records.append(one.data)
            if one.verdict in self._counts:
                self._counts[one.verdict] += one.count
            else:
                self._held[one.id] = read(one.data)["sha256"]

    def allows(self, message: bytes) -> bytes | None:
        """Give the SHA-256 of the bytes that a message record lets out; None: no such record."""
        return self._held.get(message)

    def tick(self, now_ns: int) -> None:
        """Close an interval that is over; a root that the ledger did not take is tried again."""
        self._settle()
        if self._file is not None and now_ns - self._from_ns >= self._interval_ns:
            self.close(now_ns)

    def close(self, now_ns: int) -> None:
        """Close the interval: its root goes into the ledger."""
        if self._file is None:
            return
        try:
            os.fsync(self._file)
            os.close(self._file)
        except OSError as error:
            raise EngineError(f"the release journal is not on the disk ({error})") from error
        self._file = None
        body = journal_body(
            self._records,
            self._from_ns,
            max(now_ns, self._from_ns + self._interval_ns),
            allowed=self._counts[ALLOWED],
            withheld=self._counts[WITHHELD],
        )
        self._records, self._held = [], {}
        self._counts = {ALLOWED: 0, WITHHELD: 0}
        self._unsealed.append(body)
        self._settle()

    def _settle(self) -> None:
        while self._unsealed:
            self._seal(self._unsealed[0])
            self._unsealed.pop(0)


def left_open(folder: Path, sealed: Container[bytes]) -> Iterator[Mapping[str, Any]]:
    """Give what is to be sealed of runs that were killed: only the last file of each can be.

    Args:
        folder: Holds a folder for each run.
        sealed: Roots of the ledger's acts ``journal``.
    """
    for run in sorted(path for path in folder.iterdir() if path.is_dir()):
        last = max(run.glob("*.journal"), default=None)
        records = [] if last is None else list(stored(last))
        if last is None or not records or journal_root(records) in sealed:
            continue
        told = [read(data) for data in records]
        from_ns, until_ns = int(last.stem), max(one["at_ns"] for one in told)
        counts = {
            verdict: sum(len(one["tracks"]) for one in told if one.get("verdict") == verdict)
            for verdict in (ALLOWED, WITHHELD)
        }
        yield journal_body(records, from_ns, max(until_ns, from_ns + NS), **counts)


def stored(path: Path) -> Iterator[bytes]:
    """Read the records of one interval; a last one that was cut by a kill is left out."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngineError(f"cannot read {path} ({error})") from error
    at = 0
    while at + LENGTH <= len(data):
        end = at + LENGTH + int.from_bytes(data[at : at + LENGTH], "big")
        if end > len(data):
            return
        yield data[at + LENGTH : end]
        at = end
