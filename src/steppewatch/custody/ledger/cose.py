"""COSE_Sign1 (RFC 9052, §4.2), in the one form in which this ledger writes and reads it.

| part | content |
|---|---|
| tag 18 | an array of four |
| protected | byte string: deterministic CBOR map (RFC 8949, §4.2.1) |
| unprotected | map; empty but for receipts, which carry their proof in it |
| payload | byte string; nil for receipts, whose payload is worked out |
| signature | 64 bytes over ``["Signature1", protected, h'', payload]`` |

One content has one encoding: what does not come out the same when written again is refused, so
that nobody can make two entries of one statement.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from steppewatch.custody.ledger.keys import ALGORITHMS, SIGNATURE, PublicKey, Signer
from steppewatch.errors import CustodyError

SIGN1 = 18
ALG, CONTENT_TYPE, KID, CLAIMS = 1, 3, 4, 15  # header labels, RFC 9052 §3.1 and RFC 9597
ISS, SUB, IAT = 1, 2, 6  # claims, RFC 8392 §3.1
_PREFIX = b"\x84\x6aSignature1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Hold the parts of one COSE_Sign1."""

    protected: Mapping[Any, Any]
    raw_protected: bytes
    unprotected: Mapping[Any, Any]
    payload: bytes | None
    signature: bytes


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Give the bytes that are signed (``Sig_structure``, RFC 9052 §4.4, no external data)."""
    return b"".join((_PREFIX, _head(protected), protected, b"\x40", _head(payload), payload))


def sign1(
    payload: bytes,
    signer: Signer,
    protected: Mapping[Any, Any],
    *,
    unprotected: Mapping[Any, Any] | None = None,
    detached: bool = False,
) -> bytes:
    """Sign a payload; ``alg`` and ``kid`` are added to the protected headers."""
    headers = {**protected, ALG: ALGORITHMS[signer.key.alg], KID: signer.key.kid}
    raw = cbor2.dumps(headers, canonical=True)
    signature = signer.sign(to_be_signed(raw, payload))
    parts = [raw, dict(unprotected or {}), None if detached else payload, signature]
    return cbor2.dumps(cbor2.CBORTag(SIGN1, parts), canonical=True)


def read_sign1(data: bytes, *, strict: bool = True) -> Signed:
    """Take one COSE_Sign1 apart, without checking its signature.

    Args:
        data: The whole message.
        strict: Refuse what is not in the one form; receipts of other makers are read without.

    Raises:
        CustodyError: It is none, or is written in another than the one form.
    """
    tagged = decoded(data, "a COSE_Sign1", strict=strict)
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != SIGN1:
        raise CustodyError("these bytes are no COSE_Sign1: tag 18 is missing")
    parts = plain(tagged.value)
    if not isinstance(parts, list) or len(parts) != 4:
        raise CustodyError("a COSE_Sign1 is not an array of four")
    raw, unprotected, payload, signature = parts
    if not isinstance(raw, bytes) or not isinstance(unprotected, dict):
        raise CustodyError("a COSE_Sign1's headers are not a byte string and a map")
    if not (payload is None or isinstance(payload, bytes)) or not isinstance(signature, bytes):
        raise CustodyError("a COSE_Sign1's payload and signature are not byte strings")
    if len(signature) != SIGNATURE:
        raise CustodyError(f"a signature has {len(signature)} bytes; expected {SIGNATURE}")
    protected = plain(decoded(raw, "protected headers", strict=strict))
    if not isinstance(protected, dict):
        raise CustodyError("protected headers are not a map")
    if protected.get(ALG) not in ALGORITHMS.values():
        raise CustodyError(f"algorithm {protected.get(ALG)!r} is not −8 (EdDSA) or −7 (ES256)")
    kid = protected.get(KID)
    if not isinstance(kid, bytes) or len(kid) != 32:
        raise CustodyError("the key's name (kid) is not 32 bytes")
    return Signed(
        protected=protected,
        raw_protected=raw,
        unprotected=unprotected,
        payload=payload,
        signature=signature,
    )


def is_signed(signed: Signed, key: PublicKey, payload: bytes | None = None) -> bool:
    """Tell whether this key made the signature; ``payload`` for one that travels apart."""
    content = signed.payload if payload is None else payload
    if content is None or signed.protected[KID] != key.kid:
        return False
    if signed.protected[ALG] != ALGORITHMS[key.alg]:
        return False
    return key.verify(to_be_signed(signed.raw_protected, content), signed.signature)


def decoded(data: bytes, what: str, *, strict: bool = True) -> Any:
    """Read one CBOR item that is written in its one deterministic form, and nothing after it.

    Raises:
        CustodyError: It is damaged, cut, followed by something, or written otherwise.
    """
    stream = io.BytesIO(data)
    try:
        item = cbor2.load(stream)
        again = cbor2.dumps(item, canonical=True)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise CustodyError(f"{what} is not CBOR ({error}); it was damaged or cut") from error
    if stream.tell() != len(data):
        raise CustodyError(f"{len(data) - stream.tell()} bytes follow {what}; expected none")
    if strict and again != data:
        raise CustodyError(f"{what} is not in deterministic form (RFC 8949, §4.2.1)")
    return item


def plain(item: Any) -> Any:
    """Turn cbor2's frozen maps and tuples into plain ones."""
    if isinstance(item, Mapping):
        return {key: plain(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [plain(value) for value in item]
    return item


def _head(data: bytes) -> bytes:
    """Write the head of a byte string (RFC 8949, §3.1)."""
    n = len(data)
    if n < 24:
        return bytes([0x40 | n])
    for code, size in ((0x58, 1), (0x59, 2), (0x5A, 4)):
        if n < 1 << 8 * size:
            return bytes([code]) + n.to_bytes(size)
    return b"\x5b" + n.to_bytes(8)
