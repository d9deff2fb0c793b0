"""The ledger's home: an append-only list of statements, durable when ``append`` returns.

One file by default (SQLite, WAL, ``synchronous=FULL``); PostgreSQL by its URL, for an office with a
server. Both keep the statements, the hashes of the whole subtrees, and a *head*: size and right
edge of the tree. Opening works the whole tree out again from the statements and compares: what a
torn disk, an impatient administrator or a thief changed is found before anything is added.
"""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from steppewatch.custody.ledger import merkle
from steppewatch.custody.ledger.merkle import Frontier, leaf_hash
from steppewatch.errors import EngineError

Row = tuple[int, bytes]
NodeRow = tuple[int, int, bytes]


class Ledger(Protocol):
    """Keep statements in order, for ever."""

    @property
    def size(self) -> int:
        """Give the number of statements."""
        ...

    def append(self, statements: Sequence[bytes]) -> int:
        """Add statements in one durable transaction; give the position of the first."""
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Row]:
        """Give ``(position, statement)`` from ``start`` up to before ``stop``."""
        ...

    def root(self, size: int | None = None) -> bytes:
        """Give the root at some size; now, if none is given."""
        ...

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Give the proof that an entry is in the tree of some size."""
        ...

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Give the proof that the tree only grew."""
        ...

    def keep(self, name: str, size: int, data: bytes) -> None:
        """Keep a checkpoint or co-signature beside the ledger, under its signer's name."""
        ...

    def kept(self) -> list[tuple[int, str, bytes]]:
        """Give what was kept: ``(size, name, data)``, in the order of sizes."""
        ...

    def close(self) -> None:
        """Give the ledger free for others."""
        ...


class Place(Protocol):
    """Do the reading and writing for :class:`StoredLedger`, each call in one transaction."""

    name: str

    def head(self) -> tuple[int, list[bytes]]:
        """Give size and right edge as they were last written."""
        ...

    def write(
        self,
        statements: Sequence[Row],
        nodes: Sequence[NodeRow],
        expected: int,
        head: tuple[int, Sequence[bytes]],
    ) -> None:
        """Add rows and move the head on, durably; refuse if it is not where it is expected."""
        ...

    def statements(self, start: int, stop: int) -> Generator[Row, None, None]:
        """Give rows in order of position."""
        ...

    def node(self, level: int, index: int) -> bytes | None:
        """Give the hash of one subtree."""
        ...

    def nodes(self) -> Generator[NodeRow, None, None]:
        """Give all subtree hashes of level 1 and more, in the order in which they were made."""
        ...

    def keep(self, name: str, size: int, data: bytes) -> None:
        """Keep a checkpoint or co-signature."""
        ...

    def kept(self) -> list[tuple[int, str, bytes]]:
        """Give what was kept."""
        ...

    def close(self) -> None:
        """Close."""
        ...


class StoredLedger:
    """Hold a ledger that lives in a :class:`Place`.

    Args:
        place: Where it lives.
        check: Work the tree out again from the statements before anything else (about 100,000
            statements a second).

    Raises:
        EngineError: What is stored is not what was appended.
    """

    def __init__(self, place: Place, *, check: bool = True) -> None:
        self._place = place
        try:
            size, peaks = place.head()
            self._frontier = _frontier(size, peaks, place.name)
            if check:
                self._check()
        except EngineError:
            place.close()
            raise

    @property
    def size(self) -> int:
        """Give the number of statements."""
        return self._frontier.size

    def append(self, statements: Sequence[bytes]) -> int:
        """Add statements in one durable transaction.

        Returns:
            The position of the first of them.

        Raises:
            StoreFullError: The disk has no room; nothing was added.
            EngineError: Somebody else added in between, or the place cannot be written.
        """
        first = self.size
        after = Frontier(first, self._frontier.peaks)
        rows, nodes = [], []
        for position, data in enumerate(statements, first):
            rows.append((position, data))
            nodes += after.append(leaf_hash(data))[1:]
        if rows:
            self._place.write(rows, nodes, first, (after.size, after.peaks))
            self._frontier = after
        return first

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Row]:
        """Give ``(position, statement)`` from ``start`` up to before ``stop``."""
        end = self.size if stop is None else min(stop, self.size)
        return self._place.statements(start, end)

    def entry(self, position: int) -> bytes:
        """Give one statement.

        Raises:
            EngineError: There is none at this position.
        """
        for _, data in self.entries(max(position, 0), position + 1):
            return data
        raise EngineError(f"{self._place.name} has {self.size} statements, none at {position}")

    def root(self, size: int | None = None) -> bytes:
        """Give the root at some size; now, if none is given."""
        if size is None or size == self.size:
            return self._frontier.root()
        self._inside(size)
        return merkle.root_at(self._node, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Give the proof that an entry is in the tree of some size."""
        self._inside(size)
        return merkle.inclusion(self._node, index, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Give the proof that the tree only grew."""
        self._inside(new)
        return merkle.consistency(self._node, old, new)

    def keep(self, name: str, size: int, data: bytes) -> None:
        """Keep a checkpoint or co-signature beside the ledger, under its signer's name."""
        self._inside(size)
        self._place.keep(name, size, data)

    def kept(self) -> list[tuple[int, str, bytes]]:
        """Give what was kept: ``(size, name, data)``, in the order of sizes."""
        return self._place.kept()

    def close(self) -> None:
        """Give the ledger free for others."""
        self._place.close()

    def _node(self, level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hash(self.entry(index))
        value = self._place.node(level, index)
        if value is None:
            raise EngineError(f"{self._place.name} lacks subtree {level}/{index}: restore it")
        return value

    def _check(self) -> None:
        """Work the tree out from the statements and compare with what is stored of it."""
        place, size = self._place, self.size
        stored, rows = place.nodes(), place.statements(0, 1 << 62)
        try:
            self._compare(rows, stored, size)
        finally:  # an open query would hold the place
            for source in (rows, stored):
                source.close()

    def _compare(self, rows: Iterator[Row], stored: Iterator[NodeRow], size: int) -> None:
        place, fresh = self._place, Frontier()
        for position, data in rows:
            if position != fresh.size:
                raise EngineError(_damaged(place.name, f"statement {fresh.size} is missing"))
            if position >= size:
                raise EngineError(
                    _damaged(place.name, f"statement {position} follows the last of {size}")
                )
            for made in fresh.append(leaf_hash(data))[1:]:
                if next(stored, None) != made:
                    raise EngineError(
                        _damaged(place.name, f"a statement near position {position} was changed")
                    )
        if fresh.size != size:
            raise EngineError(_damaged(place.name, f"statement {fresh.size} of {size} is missing"))
        if fresh.peaks != self._frontier.peaks or next(stored, None) is not None:
            raise EngineError(_damaged(place.name, "the last statements are not what was added"))

    def _inside(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise EngineError(f"{self._place.name} has {self.size} statements, not {size}")


def open_ledger(where: str | Path, *, check: bool = True, make: bool = True) -> StoredLedger:
    """Open a ledger, or begin one.

    Args:
        where: A file, or ``postgresql://…`` for a server (extra ``postgres``).
        check: Work the whole tree out again and compare.
        make: Begin one if there is none.

    Raises:
        EngineError: It cannot be opened, another process writes to it, or it was changed.
    """
    text = str(where)
    if text.startswith(("postgresql://", "postgres://")):
        from steppewatch.engine.custody_ledger_postgres import PostgresPlace  # noqa: PLC0415

        return StoredLedger(PostgresPlace(text, make=make), check=check)
    from steppewatch.engine.custody_ledger_sqlite import SqlitePlace  # noqa: PLC0415

    return StoredLedger(SqlitePlace(Path(text), make=make), check=check)


@contextlib.contextmanager
def opened(where: str | Path, **options: Any) -> Iterator[StoredLedger]:
    """Open a ledger for the length of a ``with``."""
    ledger = open_ledger(where, **options)
    try:
        yield ledger
    finally:
        ledger.close()


def _frontier(size: int, peaks: list[bytes], name: str) -> Frontier:
    if size < 0 or size.bit_count() != len(peaks) or any(len(peak) != 32 for peak in peaks):
        raise EngineError(_damaged(name, "its head is not one of a tree"))
    return Frontier(size, peaks)


def _damaged(name: str, what: str) -> str:
    return (
        f"{name} is not what was written to it: {what}. Do not go on with it: keep it as evidence, "
        "restore a whole copy, and let a witness compare its checkpoint"
    )
