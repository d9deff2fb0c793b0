"""The ledger as one SQLite file: tables ``statement``, ``node``, ``head``, ``kept``.

``docs/ledger.md`` documents them; any SQLite tool reads them. One process writes at a time, held
by the lock on ``<file>.lock``; the system frees it however the process ends.
"""

import sqlite3
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from steppewatch.engine.custody_ledger import NodeRow, Row
from steppewatch.engine.store import _exclusive, _translate
from steppewatch.errors import EngineError

FORM = "steppewatch-ledger-1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS head (
    id INTEGER PRIMARY KEY CHECK (id = 1), form TEXT NOT NULL, size INTEGER NOT NULL,
    peaks BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS statement (position INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS node (
    made INTEGER PRIMARY KEY, level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS node_place ON node (level, number);
CREATE TABLE IF NOT EXISTS kept (
    size INTEGER NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (size, name, data)
);
"""


class SqlitePlace:
    """Keep a ledger in one file.

    Raises:
        EngineError: The file is no ledger, or another process writes to it.
        StoreFullError: The disk has no room.
    """

    def __init__(self, path: Path, *, make: bool = True) -> None:
        self.name = str(path)
        self._path = path
        if not make and not path.exists():
            raise EngineError(f"there is no ledger {path}: name one, or begin one with init")
        self._lock = _exclusive(path)
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("BEGIN IMMEDIATE")
            for line in SCHEMA.split(";")[:-1]:
                self._db.execute(line)
            self._db.execute("INSERT OR IGNORE INTO head VALUES (1, ?, 0, x'')", (FORM,))
            form = self._db.execute("SELECT form FROM head").fetchone()[0]
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._lock.close()
            raise _failed(error, path) from error
        if form != FORM:
            self.close()
            raise EngineError(f"{path} is a ledger of form {form!r}; this version reads {FORM!r}")

    def head(self) -> tuple[int, list[bytes]]:
        """Give size and right edge as they were last written."""
        row = self._one("SELECT size, peaks FROM head")
        if row is None:
            raise EngineError(f"{self.name} has lost its head: restore a whole copy")
        size, peaks = row
        return size, [peaks[i : i + 32] for i in range(0, len(peaks), 32)]

    def write(
        self,
        statements: Sequence[Row],
        nodes: Sequence[NodeRow],
        expected: int,
        head: tuple[int, Sequence[bytes]],
    ) -> None:
        """Add rows and move the head on, durably; refuse if it is not where it is expected."""
        database = self._db
        try:
            database.execute("BEGIN IMMEDIATE")
            moved = database.execute(
                "UPDATE head SET size = ?, peaks = ? WHERE size = ?",
                (head[0], b"".join(head[1]), expected),
            )
            if moved.rowcount != 1:
                raise self._overtaken()  # noqa: TRY301  (the transaction is rolled back below)
            database.executemany("INSERT INTO statement VALUES (?, ?)", statements)
            database.executemany("INSERT INTO node (level, number, hash) VALUES (?, ?, ?)", nodes)
            database.execute("COMMIT")
        except sqlite3.Error as error:
            self._forget()
            raise _failed(error, self._path) from error
        except BaseException:
            self._forget()
            raise

    def statements(self, start: int, stop: int) -> Generator[Row, None, None]:
        """Give rows in order of position."""
        query = "SELECT position, data FROM statement WHERE position >= ? AND position < ?"
        try:
            yield from self._db.execute(f"{query} ORDER BY position", (start, stop))
        except sqlite3.Error as error:
            raise _failed(error, self._path) from error

    def node(self, level: int, index: int) -> bytes | None:
        """Give the hash of one subtree."""
        row = self._one("SELECT hash FROM node WHERE level = ? AND number = ?", (level, index))
        return None if row is None else bytes(row[0])

    def nodes(self) -> Generator[NodeRow, None, None]:
        """Give all subtree hashes of level 1 and more, in the order in which they were made."""
        try:
            yield from self._db.execute("SELECT level, number, hash FROM node ORDER BY made")
        except sqlite3.Error as error:
            raise _failed(error, self._path) from error

    def keep(self, name: str, size: int, data: bytes) -> None:
        """Keep a checkpoint or co-signature."""
        try:
            self._db.execute("INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", (size, name, data))
        except sqlite3.Error as error:
            raise _failed(error, self._path) from error

    def kept(self) -> list[tuple[int, str, bytes]]:
        """Give what was kept."""
        try:
            rows = self._db.execute("SELECT size, name, data FROM kept ORDER BY size, rowid")
            return list(rows)
        except sqlite3.Error as error:
            raise _failed(error, self._path) from error

    def close(self) -> None:
        """Close the file and give up the lock."""
        self._db.close()
        self._lock.close()

    def _one(self, query: str, values: tuple[object, ...] = ()) -> tuple[Any, ...] | None:
        try:
            return self._db.execute(query, values).fetchone()  # type: ignore[no-any-return]
        except sqlite3.Error as error:
            raise _failed(error, self._path) from error

    def _overtaken(self) -> EngineError:
        return EngineError(
            f"somebody else added to {self.name}: close it, open it again, and repeat"
        )

    def _forget(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def _failed(error: sqlite3.Error, path: Path) -> EngineError:
    if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return EngineError(
            f"{path} is not a ledger, or its file is damaged ({error}): restore a whole copy"
        )
    return _translate(error, path)
