"""The record of a release decision, and of the message that went out by it.

A record is a deterministic CBOR map; its id is its SHA-256. One decision covers the tracks of one
moment that fell under the same label, rule and sentence, to one partner. A message record holds
the SHA-256 of the very bytes and the ids of the decisions behind it: the door compares them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cbor2

from steppewatch.errors import CustodyError

HASH = 32  # [byte]
ALLOWED, WITHHELD = "allowed", "withheld"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Hold a record: its bytes, its id, and how many tracks it decided."""

    data: bytes
    id: bytes
    verdict: str
    count: int


def decision(
    *, at_ns: int, to: str, org: str, purpose: str, version: int, verdict: str, label: bytes,
    rules: Sequence[str], why: Sequence[str], kind: str, tracks: "Tracks",
    precision_m: int = 0, age_s: int = 0,
) -> Recorded:  # fmt: skip
    """Write one decision down; arguments as the fields of the record in ``docs/release.md``.

    What a sentence repeats from second to second and partner to partner is encoded once.
    """
    first, middle, last = _sentence(
        to, org, purpose, version, verdict, label, tuple(rules), tuple(why), kind, precision_m
    )
    parts = (
        first, AGE, _number(age_s), AT, _number(at_ns), middle, TRACKS, tracks.data, last,
    )  # fmt: skip
    data = b"".join(parts)
    return Recorded(data, record_id(data), verdict, tracks.count)


@dataclass(frozen=True, slots=True)
class Tracks:
    """Hold the tracks of a decision, encoded: the same for every partner."""

    data: bytes
    count: int


def tracks_of(feed: str, numbers: Sequence[int]) -> Tracks:
    """Name tracks of a feed by their numbers."""
    return Tracks(_packed([[feed, number] for number in numbers]), len(numbers))


def message(*, at_ns: int, to: str, payload: bytes, decisions: Sequence[bytes]) -> Recorded:
    """Write down that these very bytes may go out, by these decisions."""
    if not decisions:
        raise CustodyError(f"a message to {to} has no decision behind it; it may not go out")
    content = {
        "what": "message", "at_ns": at_ns, "to": to, "sha256": hashlib.sha256(payload).digest(),
        "bytes": len(payload), "decisions": list(decisions),
    }  # fmt: skip
    return _recorded(content, "message", 0)


def read(data: bytes) -> Mapping[str, Any]:
    """Read a record back.

    Raises:
        CustodyError: The bytes are no record.
    """
    try:
        content = cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError) as error:
        raise CustodyError(f"a release record is not CBOR ({error}); it was damaged") from error
    if not isinstance(content, dict) or content.get("what") not in {"decision", "message"}:
        raise CustodyError("a release record is neither a decision nor a message")
    return content


def record_id(data: bytes) -> bytes:
    """Name a record by its hash (32 byte)."""
    return hashlib.sha256(data).digest()


def _packed(value: object) -> bytes:
    return bytes(cbor2.dumps(value, canonical=True))


AGE, AT, TRACKS = _packed("age_s"), _packed("at_ns"), _packed("tracks")
FIELDS = 14
_number = lru_cache(4096)(_packed)


@lru_cache(4096)
def _sentence(
    to: str, org: str, purpose: str, version: int, verdict: str, label: bytes,
    rules: tuple[str, ...], why: tuple[str, ...], kind: str, precision_m: int,
) -> tuple[bytes, bytes, bytes]:  # fmt: skip
    """Encode what stands before ``age_s``, between ``at_ns`` and ``tracks``, and after them.

    Keys stand in the order of RFC 8949, §4.2.3: the shorter first, then by their bytes.
    """
    groups: tuple[dict[str, object], ...] = (
        {"to": to, "org": org, "why": list(why), "kind": kind, "what": "decision"},
        {"label": label, "rules": list(rules)},
        {"purpose": purpose, "verdict": verdict, "version": version, "precision_m": precision_m},
    )
    first, middle, last = (
        b"".join(_packed(key) + _packed(value) for key, value in group.items()) for group in groups
    )
    return bytes([0xA0 + FIELDS]) + first, middle, last


def _recorded(content: Mapping[str, Any], verdict: str, count: int) -> Recorded:
    data = bytes(cbor2.dumps(content, canonical=True))
    return Recorded(data, record_id(data), verdict, count)
