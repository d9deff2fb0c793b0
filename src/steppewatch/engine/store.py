"""The embedded store: one SQLite file that keeps every detection, track update and alert.

Crash-only: starting and recovering are one path. Each tick's messages, the source's cursor and
the edge stages' states are written in one transaction; what was committed survives a SIGKILL
(``synchronous=FULL``), what was not was never acknowledged. Core states are snapshot now and
then; after a restart the log since the snapshot brings them back.

The file can be read with any SQLite tool; ``docs/records.md`` documents its tables. One node at a
time writes to it, held by an exclusive lock on ``<file>.lock``.
"""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steppewatch.engine.bus import subject
from steppewatch.errors import EngineError, RecordError, StoreFullError
from steppewatch.records import decode, encode

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema INTEGER NOT NULL,
    source TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    tick INTEGER NOT NULL, now_ns INTEGER NOT NULL, cursor INTEGER NOT NULL, states BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS snapshot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    tick INTEGER NOT NULL, states BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY,
    tick INTEGER NOT NULL, now_ns INTEGER NOT NULL,
    edge INTEGER NOT NULL, subject TEXT NOT NULL, data BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS message_subject ON message (subject, now_ns);
CREATE INDEX IF NOT EXISTS message_tick ON message (tick);
CREATE TABLE IF NOT EXISTS gap (
    from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, messages INTEGER NOT NULL
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Say where a stored run stands.

    Attributes:
        tick: Number of the last committed tick.
        now_ns: Its picture time [ns UTC].
        cursor: How far the source was read.
        states: Edge stages' states after it.
    """

    tick: int
    now_ns: int
    cursor: int
    states: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Hold the core stages' states after one tick."""

    tick: int
    states: dict[str, Any]


class Store:
    """Write one run's messages; read them back.

    Args:
        path: The file; made when absent.
        source: What the run reads, for example a scenario's digest. A file that holds another
            source is refused rather than mixed.
        fresh: Begin anew; what the file held is kept beside it as ``<file>.old``.

    Raises:
        EngineError: The file is no store, is held by another node, or belongs to another source.
        StoreFullError: The disk has no room.
    """

    def __init__(self, path: Path, source: str, *, fresh: bool = False) -> None:
        self.path = path
        self._lock = _exclusive(path)
        try:
            if fresh and _source_of(path) in {None, source}:
                _set_aside(path)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)
            row = self._db.execute("SELECT schema, source FROM run").fetchone()
            if row is None:
                self._db.execute(
                    "INSERT INTO run (id, schema, source) VALUES (1, ?, ?)",
                    (SCHEMA_VERSION, source),
                )
            last = self._db.execute("SELECT COALESCE(MAX(seq), 0) FROM message").fetchone()
        except sqlite3.Error as error:
            self._lock.close()
            raise _translate(error, path) from error
        if row is not None and row != (SCHEMA_VERSION, source):
            self.close()
            raise EngineError(
                f"{path} holds a run of {row[1]!r} (schema {row[0]}), this one is {source!r} "
                f"(schema {SCHEMA_VERSION}): give another --store, or move the file away"
            )
        self.stored = self._committed = int(last[0])
        self._open = False

    @property
    def ended(self) -> bool:
        """Say whether the stored run came to its end or was stopped by a person."""
        with _translated(self.path):
            return bool(self._db.execute("SELECT ended FROM run").fetchone()[0])

    def head(self) -> Head | None:
        """Give the last committed position, or None for a new run."""
        with _translated(self.path):
            row = self._db.execute("SELECT tick, now_ns, cursor, states FROM head").fetchone()
        if row is None:
            return None
        return Head(tick=row[0], now_ns=row[1], cursor=row[2], states=self._decode(row[3]))

    def snapshot(self) -> Snapshot | None:
        """Give the last core states that were kept, or None."""
        with _translated(self.path):
            row = self._db.execute("SELECT tick, states FROM snapshot").fetchone()
        return None if row is None else Snapshot(tick=row[0], states=self._decode(row[1]))

    def append(self, head: Head, edge: Sequence[object], core: Sequence[object]) -> None:
        """Add one tick's messages; they count only after :meth:`commit`."""
        rows = [
            (head.tick, head.now_ns, is_edge, subject(message), encode(message))
            for is_edge, messages in ((1, edge), (0, core))
            for message in messages
        ]
        with _translated(self.path):
            self._begin()
            self._db.executemany(
                "INSERT INTO message (tick, now_ns, edge, subject, data) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
        self.stored += len(rows)

    def commit(self, head: Head) -> None:
        """Make everything appended so far durable, together with where the run stands."""
        with _translated(self.path):
            self._begin()
            self._db.execute(
                "INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?, ?)",
                (head.tick, head.now_ns, head.cursor, encode(head.states)),
            )
            self._db.execute("COMMIT")
        self._open = False
        self._committed = self.stored

    def keep(self, snapshot: Snapshot) -> None:
        """Put the core states into the open transaction, so that recovery starts from here."""
        with _translated(self.path):
            self._begin()
            self._db.execute(
                "INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?)",
                (snapshot.tick, encode(snapshot.states)),
            )

    def abandon(self) -> int:
        """Forget what was appended and not committed (the disk refused it); count it."""
        if self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # a failed disk has rolled back already
                self._db.execute("ROLLBACK")
        self._open = False
        lost = self.stored - self._committed
        self.stored = self._committed
        return lost

    def note_gap(self, from_ns: int, to_ns: int, messages: int) -> None:
        """Record, in the open transaction, that messages between two times were not stored."""
        with _translated(self.path):
            self._begin()
            self._db.execute("INSERT INTO gap VALUES (?, ?, ?)", (from_ns, to_ns, messages))

    def gaps(self) -> list[tuple[int, int, int]]:
        """List the times for which the disk had no room: from, to [ns], messages not stored."""
        return list(self._db.execute("SELECT from_ns, to_ns, messages FROM gap ORDER BY from_ns"))

    def ticks_since(self, tick: int) -> Iterator[tuple[int, list[object]]]:
        """Give each later tick at which anything was said: its time and its edge messages.

        Ticks at which only the core spoke are given too, with no messages: a track that ended
        because time passed must end at the same moment again.
        """
        rows = self._db.execute(
            "SELECT tick, now_ns, CASE edge WHEN 1 THEN data END FROM message WHERE tick > ? "
            "ORDER BY seq",
            (tick,),
        )
        for (_, now_ns), group in itertools.groupby(rows, key=lambda row: (row[0], row[1])):
            yield now_ns, [self._decode(data) for _, _, data in group if data is not None]

    def history(self) -> Iterator[tuple[int, list[object]]]:
        """Give each tick at which anything was said: its time and all its messages."""
        rows = self._db.execute("SELECT tick, now_ns, data FROM message ORDER BY seq")
        for (_, now_ns), group in itertools.groupby(rows, key=lambda row: row[:2]):
            yield now_ns, [self._decode(data) for _, _, data in group]

    def read(self, prefix: str, since_ns: int = 0) -> Iterator[object]:
        """Give stored records whose subject starts with ``prefix``, oldest first."""
        rows = self._db.execute(
            "SELECT data FROM message WHERE subject >= ? AND subject < ? AND now_ns >= ? "
            "ORDER BY seq",
            (prefix, prefix + "\uffff", since_ns),
        )
        for (data,) in rows:
            yield self._decode(data)

    def end(self) -> None:
        """Mark that the run is over, so that the next start begins a new one."""
        with _translated(self.path):
            self._db.execute("UPDATE run SET ended = 1")

    def close(self) -> None:
        """Close the file and give up the lock."""
        self._db.close()
        self._lock.close()

    def _begin(self) -> None:
        if not self._open:
            self._db.execute("BEGIN IMMEDIATE")
            self._open = True

    def _decode(self, data: bytes) -> Any:
        try:
            return decode(data)
        except RecordError as error:
            raise EngineError(
                f"{self.path} holds a message that this version cannot read ({error}): "
                "read it with the version that wrote it, or start with --fresh"
            ) from error


class _translated:  # noqa: N801  (a context manager reads as a verb)
    """Turn SQLite's errors into ours."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Translate what went wrong, if anything."""
        if isinstance(error, sqlite3.Error):
            raise _translate(error, self.path) from error


def _translate(error: sqlite3.Error, path: Path) -> EngineError:
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith(
        ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHM")
    ):
        return StoreFullError(f"no room on the disk for {path} ({error}): free some space there")
    if code == "SQLITE_NOTADB":
        return EngineError(f"{path} is not a Steppewatch store: give another --store")
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return EngineError(f"cannot write {path} ({error}): check the folder and its permissions")
    return EngineError(f"store {path}: {error} ({code or 'unknown code'})")


def _source_of(path: Path) -> str | None:
    """Tell whose run a file holds; None for no file, and for a store that cannot be read."""
    if not path.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(path)) as database:
            row = database.execute("SELECT source FROM run").fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorname == "SQLITE_NOTADB":
            raise
        return None
    return None if row is None else str(row[0])


def _set_aside(path: Path) -> None:
    """Keep one earlier run beside the new one."""
    try:
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            old = path.with_name(f"{path.name}.old{suffix}")
            # A journal left over from the run before would be played into this one.
            old.unlink(missing_ok=True)
            if part.exists():
                part.replace(old)
    except OSError as error:
        raise EngineError(f"cannot set {path} aside ({error}): give another --store") from error


def _exclusive(path: Path) -> sqlite3.Connection:
    """Hold ``<file>.lock`` for this process; the system frees it however the process ends."""
    lock = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            lock, isolation_level=None, timeout=0.2, check_same_thread=False
        )
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
    except OSError as error:
        raise EngineError(f"cannot make {path.parent} ({error}): give another --store") from error
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise EngineError(
                f"{path} is in use by another running node: stop that one, or give another --store"
            ) from error
        raise _translate(error, lock) from error
    return connection
