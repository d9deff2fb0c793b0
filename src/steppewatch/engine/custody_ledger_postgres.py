"""The ledger in PostgreSQL: the same tables, in a schema ``steppewatch_ledger``.

One process writes at a time, held by an advisory lock of the database; the server frees it when
the connection ends. A transaction counts once the server has it on disk
(``synchronous_commit = on``). psycopg comes with the extra ``postgres``.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from steppewatch.engine.custody_ledger import NodeRow, Row
from steppewatch.errors import EngineError, StoreFullError

FORM = "steppewatch-ledger-1"
LOCK = 0x57A7_C057  # number of the advisory lock
SCHEMA = """
CREATE SCHEMA IF NOT EXISTS steppewatch_ledger;
CREATE TABLE IF NOT EXISTS head (
    id INTEGER PRIMARY KEY CHECK (id = 1), form TEXT NOT NULL, size BIGINT NOT NULL,
    peaks BYTEA NOT NULL
);
CREATE TABLE IF NOT EXISTS statement (position BIGINT PRIMARY KEY, data BYTEA NOT NULL);
CREATE TABLE IF NOT EXISTS node (
    made BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    level INTEGER NOT NULL, number BIGINT NOT NULL, hash BYTEA NOT NULL, UNIQUE (level, number)
);
CREATE TABLE IF NOT EXISTS kept (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size BIGINT NOT NULL, name TEXT NOT NULL, data BYTEA NOT NULL, UNIQUE (size, name, data)
)
"""
APPEND = """
WITH moved AS (
    UPDATE head SET size = %(size)s, peaks = %(peaks)s WHERE size = %(expected)s RETURNING 1
), added AS (
    INSERT INTO statement
    SELECT s.* FROM moved, unnest(%(positions)s::bigint[], %(data)s::bytea[]) AS s
), made AS (
    INSERT INTO node (level, number, hash)
    SELECT n.* FROM moved, unnest(
        %(levels)s::integer[], %(numbers)s::bigint[], %(hashes)s::bytea[]
    ) AS n
)
SELECT count(*) FROM moved
"""  # one statement, so one round trip and one transaction
BATCH = 5_000  # rows fetched at a time


class PostgresPlace:
    """Keep a ledger in a database.

    Raises:
        EngineError: psycopg is not installed, the server does not answer, or another process
            writes to this ledger.
    """

    def __init__(self, url: str, *, make: bool = True) -> None:
        try:
            import psycopg  # noqa: PLC0415
        except ImportError as error:
            raise EngineError(
                "a ledger in PostgreSQL needs psycopg: pip install 'steppewatch[postgres]'"
            ) from error
        self._error: type[Exception] = psycopg.Error
        self.name = "the ledger in PostgreSQL"
        with self._translated():
            self._db: Any = psycopg.connect(
                url, autocommit=True, connect_timeout=10, application_name="steppewatch"
            )
        try:
            self._begin(make=make)
        except EngineError:
            self.close()
            raise

    def _begin(self, *, make: bool) -> None:
        with self._translated():
            self._db.execute("SET search_path TO steppewatch_ledger")
            self._db.execute("SET synchronous_commit TO on")
            if not self._db.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()[0]:
                raise EngineError(
                    f"{self.name} is in use by another process: stop that one, or use its office"
                )
            there = self._db.execute("SELECT to_regclass('steppewatch_ledger.head')").fetchone()[0]
            if there is None and not make:
                raise EngineError(f"{self.name} does not exist yet: begin one with init")
            with self._db.transaction():
                for line in SCHEMA.split(";"):
                    self._db.execute(line)
                self._db.execute(
                    "INSERT INTO head VALUES (1, %s, 0, '') ON CONFLICT DO NOTHING", (FORM,)
                )
            form = self._db.execute("SELECT form FROM head").fetchone()[0]
        if form != FORM:
            raise EngineError(f"{self.name} is of form {form!r}; this version reads {FORM!r}")

    def head(self) -> tuple[int, list[bytes]]:
        """Give size and right edge as they were last written."""
        with self._translated():
            row = self._db.execute("SELECT size, peaks FROM head").fetchone()
        if row is None:
            raise EngineError(f"{self.name} has lost its head: restore a whole copy")
        size, peaks = row
        return size, [bytes(peaks[i : i + 32]) for i in range(0, len(peaks), 32)]

    def write(
        self,
        statements: Sequence[Row],
        nodes: Sequence[NodeRow],
        expected: int,
        head: tuple[int, Sequence[bytes]],
    ) -> None:
        """Add rows and move the head on, durably; refuse if it is not where it is expected."""
        values = {
            "size": head[0], "peaks": b"".join(head[1]), "expected": expected,
            "positions": [row[0] for row in statements], "data": [row[1] for row in statements],
            "levels": [row[0] for row in nodes], "numbers": [row[1] for row in nodes],
            "hashes": [row[2] for row in nodes],
        }  # fmt: skip
        with self._translated():
            if self._db.execute(APPEND, values).fetchone()[0] != 1:
                raise EngineError(
                    f"somebody else added to {self.name}: close it, open it again, and repeat"
                )

    def statements(self, start: int, stop: int) -> Generator[Row, None, None]:
        """Give rows in order of position."""
        for row in self._paged("position, data", "statement", "position", start, stop):
            yield row[1], bytes(row[2])

    def node(self, level: int, index: int) -> bytes | None:
        """Give the hash of one subtree."""
        with self._translated():
            row = self._db.execute(
                "SELECT hash FROM node WHERE level = %s AND number = %s", (level, index)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def nodes(self) -> Generator[NodeRow, None, None]:
        """Give all subtree hashes of level 1 and more, in the order in which they were made."""
        for _, level, number, value in self._paged("level, number, hash", "node", "made", 0):
            yield level, number, bytes(value)

    def keep(self, name: str, size: int, data: bytes) -> None:
        """Keep a checkpoint or co-signature."""
        with self._translated():
            self._db.execute(
                "INSERT INTO kept (size, name, data) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (size, name, data),
            )

    def kept(self) -> list[tuple[int, str, bytes]]:
        """Give what was kept."""
        with self._translated():
            rows = self._db.execute("SELECT size, name, data FROM kept ORDER BY size, number")
            return [(size, name, bytes(data)) for size, name, data in rows]

    def close(self) -> None:
        """Close the connection; the server gives up the lock."""
        self._db.close()

    def _paged(
        self, columns: str, table: str, key: str, start: int, stop: int = 1 << 62
    ) -> Iterator[tuple[Any, ...]]:
        """Give rows in the order of a key, the key first, some thousand at a time."""
        query = (
            f"SELECT {key}, {columns} FROM {table} WHERE {key} >= %s AND {key} < %s "  # noqa: S608
            f"ORDER BY {key} LIMIT {BATCH}"
        )
        while True:
            with self._translated():
                rows = self._db.execute(query, (start, stop)).fetchall()
            yield from rows
            if len(rows) < BATCH:
                return
            start = rows[-1][0] + 1

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            state = getattr(error, "sqlstate", None)
            if state == "53100":
                raise StoreFullError(f"no room on the disk of {self.name}: free some") from error
            raise EngineError(
                f"{self.name} failed ({str(error).strip()}, code {state}): is the server running, "
                "does the URL name it, may this account write?"
            ) from error
