"""Read what a stranger checks: CBOR, COSE, signatures, the Merkle tree, the file of a log.

First half of the stranger's verifier; ``custody_stranger`` is the second. Written a second time,
from the RFCs alone: it shares no line with the ledger that it checks.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

MAGIC = b"steppewatch-log-1\n"
ALGS = {-8: "EdDSA", -7: "ES256"}


class Bad(Exception):  # noqa: N818  (it is a finding, not a failure of this program)
    """Say what is wrong with one statement."""


# ---- CBOR (RFC 8949), the deterministic subset --------------------------------------------------


def cbor(data: bytes) -> Any:
    """Read one item that fills the bytes. A tag 18 gives a tuple; nothing else may be tagged."""
    try:
        item, end = _item(data, 0, 0)
    except (IndexError, UnicodeDecodeError, RecursionError) as error:
        raise Bad("damaged or cut CBOR") from error
    if end != len(data):
        raise Bad(f"{len(data) - end} bytes too many")
    return item


def _item(data: bytes, i: int, depth: int) -> tuple[Any, int]:
    head = data[i]
    kind, n = head >> 5, head & 31
    i += 1
    if kind == 7:
        if n in {20, 21, 22}:
            return (False, True, None)[n - 20], i
        if n in {25, 26, 27}:  # floats: no rule here depends on one
            size = 1 << n - 24
            return float("nan"), i + size if i + size <= len(data) else _cut()
        raise Bad("a CBOR value that no act may hold")
    if n >= 24:
        if n > 27:
            raise Bad("CBOR of indefinite length")
        size = 1 << n - 24
        n = int.from_bytes(data[i : i + size])
        i += size
        if i > len(data) or n < (24 if size == 1 else 1 << 4 * size):
            raise Bad("a number in a longer form than needed, or cut")
    if kind == 0:
        return n, i
    if kind == 1:
        return -1 - n, i
    if kind in {2, 3}:
        part = data[i : i + n]
        if len(part) != n:
            _cut()
        return (part if kind == 2 else part.decode()), i + n
    if depth > 32:
        raise Bad("CBOR nested too deep")
    if kind == 4:
        items = []
        for _ in range(n):
            item, i = _item(data, i, depth + 1)
            items.append(item)
        return items, i
    if kind == 5:
        found: dict[Any, Any] = {}
        last = b""
        for _ in range(n):
            start = i
            key, i = _item(data, i, depth + 1)
            raw = data[start:i]
            if found and (len(raw), raw) <= (len(last), last):
                raise Bad("a map's keys are not in order")
            last = raw
            found[key], i = _item(data, i, depth + 1)
        return found, i
    if n == 18 and depth == 0:
        item, i = _item(data, i, depth + 1)
        return tuple(item), i
    raise Bad("a CBOR tag that does not belong here")


def _cut() -> int:
    raise Bad("cut CBOR")


# ---- signatures, Merkle tree --------------------------------------------------------------------


def _bstr(data: bytes) -> bytes:
    n = len(data)
    size = 0 if n < 24 else 1 if n < 1 << 8 else 2 if n < 1 << 16 else 4
    head = {0: 0x40 + n, 1: 0x58, 2: 0x59, 4: 0x5A}[size]
    return bytes([head]) + n.to_bytes(size or 1)[: size or 0] + data


class Envelope:
    """Take a COSE_Sign1 apart."""

    def __init__(self, data: bytes) -> None:
        parts = cbor(data)
        if not isinstance(parts, tuple) or len(parts) != 4:
            raise Bad("no COSE_Sign1")
        raw, unprotected, payload, self.signature = parts
        good = [isinstance(p, bytes) for p in (raw, payload, self.signature)]
        if not all(good) or unprotected != {} or len(self.signature) != 64:
            raise Bad("no COSE_Sign1 of the form of this ledger")
        self.headers = cbor(raw)
        self.alg = ALGS.get(self.headers.get(1), "")
        self.kid = self.headers.get(4)
        self.type = self.headers.get(3)
        if not self.alg or not isinstance(self.kid, bytes):
            raise Bad("no known algorithm or no key named")
        self.payload = payload
        self.message = b"\x84\x6aSignature1" + _bstr(raw) + b"\x40" + _bstr(payload)


def key_id(alg: str, public: bytes) -> bytes:
    """Name a key by its hash."""
    return hashlib.sha256(alg.encode() + b"\0" + public).digest()


def genuine(alg: str, public: bytes, message: bytes, signature: bytes) -> bool:
    """Check one signature."""
    try:
        if alg == "EdDSA":
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            return True
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        if 2 * s > 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551:
            return False
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def genuine_many(tasks: list[tuple[int, str, bytes, bytes, bytes]]) -> list[int]:
    """Check many; give the positions of the forged ones."""
    return [task[0] for task in tasks if not genuine(*task[1:])]


class Roots:
    """Keep the hashes of all whole subtrees, so that the root at any size is at hand."""

    def __init__(self) -> None:
        self.levels: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        """Give the number of leaves."""
        return len(self.levels[0])

    def add(self, leaf: bytes) -> None:
        """Add a leaf, and each pair that it completes."""
        level = 0
        self.levels[0].append(leaf)
        while len(row := self.levels[level]) % 2 == 0:
            if len(self.levels) == (level := level + 1):
                self.levels.append([])
            self.levels[level].append(hashlib.sha256(b"\x01" + row[-2] + row[-1]).digest())

    def root(self, size: int) -> bytes:
        """Fold the subtrees of some size from the right."""
        value, rest = None, size
        for level, row in enumerate(self.levels):
            if size >> level & 1:
                left = row[(rest >> level) - 1]
                rest -= 1 << level
                pair = b"" if value is None else b"\x01" + left + value
                value = hashlib.sha256(pair).digest() if pair else left
        return value if value is not None else hashlib.sha256(b"").digest()


# ---- the file ------------------------------------------------------------------------------------


class Bodies:
    """Know the organisations: nation, and what each is part of; what was said first stays."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, str]] = {}

    def learn(self, rows: list[dict[str, Any]]) -> None:
        """Note organisations as an act or an agreement names them."""
        for row in rows:
            self._rows.setdefault(row["id"], (row["nation"], row.get("part_of", "")))

    def nation(self, name: str) -> str:
        """Give an organisation's nation; nothing if it is unknown."""
        return self._rows.get(name, ("", ""))[0]

    def inside(self, name: str, whole: str) -> bool:
        """Tell whether an organisation is another, or part of it."""
        for _ in range(len(self._rows) + 1):
            if not name or name == whole:
                break
            name = self._rows.get(name, ("", ""))[1]
        return bool(name) and name == whole


def read_log(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give ``("S", statement)`` and ``("K", checkpoint)`` of an exported log or SQLite ledger."""
    with path.open("rb") as stream:
        head = stream.read(len(MAGIC))
        if head == MAGIC:
            while mark := stream.read(5):
                data = stream.read(int.from_bytes(mark[1:]))
                if len(mark) < 5 or len(data) != int.from_bytes(mark[1:]) or mark[:1] not in b"SK":
                    raise ValueError("the file is cut or damaged")
                yield mark[:1].decode(), data
            return
    if not head.startswith(b"SQLite format 3"):
        raise ValueError("neither an exported log nor a SQLite ledger")
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    rows = database.execute("SELECT position, data FROM statement ORDER BY position")
    for place, (position, data) in enumerate(rows):
        if place != position:
            raise ValueError(f"statement {place} is missing")
        yield "S", data
    for (data,) in database.execute("SELECT data FROM kept ORDER BY size"):
        yield "K", data


def told(said: dict[str, Any]) -> str:
    """Say in plain lines what was found."""
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(said["kinds"].items()))
    lines = [
        f"{said['entries']} statements, root {said['root']}",
        f"genesis {said['genesis']}, key of the log {said['log_key']}",
        f"witnessed: the first {said['witnessed']}",
        f"checked: {kinds}",
    ]
    wrong = [f"WRONG at {position}: {why}" for position, why in said["wrong"]]
    return "\n".join([*lines, *wrong, f"{len(wrong)} things are wrong"])
