"""One act: what somebody declares, before it is signed and after it was read back.

The payload of a signed statement (RFC 9943) is one act as a CBOR map (RFC 8949, §4.2.1
deterministic form). Who signed it stands in the statement's headers and is proved by its
signature; ``by`` repeats the name so that neither can be swapped alone.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2

from steppewatch.errors import CustodyError

LARGEST = 1 << 20  # [byte]; no act is longer
KEYS = frozenset({"kind", "by", "at_ns", "nonce", "refs", "body"})
NONCE = 16  # [byte]
HASH = 32  # [byte]
_PLAIN = (str, bytes, bool, int, float, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Declare one thing.

    Attributes:
        kind: What is declared, for example ``"offer"``: a name of ``docs/custody-acts.md``.
        by: Id of the person, witness or node that declares it.
        at_ns: When it was declared, by the clock of who declares it [ns UTC]. What counts is the
            place in the ledger, never this.
        body: What the kind asks for: texts, numbers, flags, bytes, lists and maps of them.
        refs: Leaf hashes (32 byte) of the statements that this one answers or relies on.
        nonce: 16 random bytes, so that no two statements are the same.
    """

    kind: str
    by: str
    at_ns: int
    body: Mapping[str, Any] = field(default_factory=dict)
    refs: tuple[bytes, ...] = ()
    nonce: bytes


def packed(act: Act) -> bytes:
    """Give the act as deterministic CBOR.

    Raises:
        CustodyError: It holds what CBOR or an act cannot hold.
    """
    content = {
        "kind": act.kind,
        "by": act.by,
        "at_ns": act.at_ns,
        "nonce": act.nonce,
        "refs": list(act.refs),
        "body": dict(act.body),
    }
    try:
        data: bytes = cbor2.dumps(content, canonical=True)
    except (cbor2.CBOREncodeError, TypeError, ValueError, RecursionError) as error:
        raise CustodyError(f"an act of kind {act.kind!r} cannot be written: {error}") from error
    act_of(data)
    return data


def act_of(data: bytes) -> Act:
    """Read an act from its CBOR form.

    Raises:
        CustodyError: The bytes are not one whole act, with what was found and what is expected.

    >>> act = Act(kind="sighted", by="bat", at_ns=5, body={"item": "x"}, nonce=b"0123456789abcdef")
    >>> act_of(packed(act)) == act
    True
    """
    if len(data) > LARGEST:
        raise CustodyError(f"an act is {len(data)} bytes long; expected {LARGEST} at most")
    stream = io.BytesIO(data)
    try:
        content = cbor2.load(stream)
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError) as error:
        raise CustodyError(f"an act is not CBOR ({error}); it was damaged or cut") from error
    if stream.tell() != len(data):
        raise CustodyError(f"{len(data) - stream.tell()} bytes follow an act; expected none")
    if not isinstance(content, dict) or set(content) != KEYS:
        raise CustodyError(f"an act is not a map of {', '.join(sorted(KEYS))}")
    kind, by, at_ns, nonce = (content[key] for key in ("kind", "by", "at_ns", "nonce"))
    if not (isinstance(kind, str) and isinstance(by, str) and kind and by):
        raise CustodyError("an act's kind and by are not both texts")
    if not _is_moment(at_ns):
        raise CustodyError(f"an act's at_ns is {at_ns!r}; expected nanoseconds since 1970")
    if not isinstance(nonce, bytes) or len(nonce) != NONCE:
        raise CustodyError(f"an act's nonce is not {NONCE} bytes")
    refs = content["refs"]
    if not isinstance(refs, list) or not all(_is_hash(ref) for ref in refs):
        raise CustodyError(f"an act's refs are not a list of hashes of {HASH} bytes")
    if not isinstance(content["body"], dict) or not _is_plain(content["body"]):
        raise CustodyError("an act's body holds more than texts, numbers, bytes, lists and maps")
    return Act(kind=kind, by=by, at_ns=at_ns, nonce=nonce, refs=tuple(refs), body=content["body"])


def _is_moment(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _is_hash(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == HASH


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN)
