"""Receipts (RFC 9942): proof that a statement is in the log, or that the log only grew.

| header | content |
|---|---|
| protected 395 vds | 1 (RFC9162_SHA256) |
| protected 15 claims | iss: the log; sub: the leaf in hex, or ``consistency``; iat [s] |
| unprotected 396 vdp | inclusion: ``{-1: [bstr [size, index, [hashes]]]}`` |
| | consistency: ``{-2: [bstr [old size, new size, [hashes]]]}`` |
| payload | nil: the (new) root is worked out from the proof |
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cbor2

from steppewatch.custody.ledger.cose import (
    CLAIMS,
    IAT,
    ISS,
    SUB,
    Signed,
    decoded,
    is_signed,
    plain,
    read_sign1,
    sign1,
)
from steppewatch.custody.ledger.keys import PublicKey, Signer
from steppewatch.custody.ledger.merkle import leaf_hash, root_from, verify_consistency
from steppewatch.errors import CustodyError

VDS, VDP, RFC9162_SHA256 = 395, 396, 1
INCLUSION, CONSISTENCY = -1, -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Say what a checked receipt proves.

    For inclusion: ``index`` is the statement's position among ``size``. For consistency:
    ``index`` is the older size. ``root`` is that of ``size`` entries; ``at_s`` when it was given.
    """

    log: str
    size: int
    index: int
    root: bytes
    at_s: int


def inclusion_receipt(
    data: bytes, index: int, size: int, proof: Sequence[bytes], log: str, at_ns: int, signer: Signer
) -> bytes:
    """Sign the receipt of a statement (its bytes) at a position.

    Raises:
        CustodyError: The proof has a wrong length.
    """
    root = root_from(leaf_hash(data), index, size, proof)
    if root is None:
        raise CustodyError(f"no proof of {len(proof)} hashes leads from entry {index} of {size}")
    claims = {ISS: log, SUB: leaf_hash(data).hex(), IAT: at_ns // 10**9}
    blob = cbor2.dumps([size, index, list(proof)], canonical=True)
    return sign1(
        root,
        signer,
        {VDS: RFC9162_SHA256, CLAIMS: claims},
        unprotected={VDP: {INCLUSION: [blob]}},
        detached=True,
    )


def check_inclusion_receipt(receipt: bytes, data: bytes, log_key: PublicKey) -> Receipt:
    """Check that a log's key confirms a statement.

    Raises:
        CustodyError: It does not.
    """
    signed = read_sign1(receipt, strict=False)
    size, index, proof = _proof(signed, INCLUSION)
    root = root_from(leaf_hash(data), index, size, proof)
    if root is None or not is_signed(signed, log_key, root):
        raise CustodyError(
            "the receipt does not confirm this statement: one of them was changed, or the log's "
            "key is another"
        )
    return _said(signed, size, index, root)


def consistency_receipt(
    old: int, new: int, proof: Sequence[bytes], root: bytes, log: str, at_ns: int, signer: Signer
) -> bytes:
    """Sign the receipt that ``new`` entries with this root go on from ``old`` ones."""
    claims = {ISS: log, SUB: "consistency", IAT: at_ns // 10**9}
    blob = cbor2.dumps([old, new, list(proof)], canonical=True)
    return sign1(
        root,
        signer,
        {VDS: RFC9162_SHA256, CLAIMS: claims},
        unprotected={VDP: {CONSISTENCY: [blob]}},
        detached=True,
    )


def check_consistency_receipt(
    receipt: bytes, old_root: bytes, new_root: bytes, log_key: PublicKey
) -> Receipt:
    """Check that a log's key and the proof confirm that it only grew.

    Raises:
        CustodyError: They do not.
    """
    signed = read_sign1(receipt, strict=False)
    old, new, proof = _proof(signed, CONSISTENCY)
    if not verify_consistency(old, new, old_root, new_root, proof):
        raise CustodyError(f"the receipt does not prove that {new} entries go on from {old}")
    if not is_signed(signed, log_key, new_root):
        raise CustodyError("the receipt is not signed by the log's key")
    return _said(signed, new, old, new_root)


def _proof(signed: Signed, kind: int) -> tuple[int, int, list[bytes]]:
    if signed.protected.get(VDS) != RFC9162_SHA256 or signed.payload is not None:
        raise CustodyError("this is no receipt of an RFC 9162 tree with SHA-256 (vds 1)")
    found = signed.unprotected.get(VDP)
    blobs = found.get(kind) if isinstance(found, dict) else None
    if not isinstance(blobs, list) or len(blobs) != 1 or not isinstance(blobs[0], bytes):
        raise CustodyError(f"a receipt holds not one proof of kind {kind}")
    proof = plain(decoded(blobs[0], "a receipt's proof", strict=False))
    if not isinstance(proof, list) or len(proof) != 3 or not isinstance(proof[2], list):
        raise CustodyError("a receipt's proof is not [number, number, hashes]")
    first, second, path = proof
    if type(first) is not int or type(second) is not int or len(path) > 64:
        raise CustodyError("a receipt's proof is not [number, number, at most 64 hashes]")
    if not all(isinstance(step, bytes) and len(step) == 32 for step in path):
        raise CustodyError("a receipt's proof holds something else than hashes of 32 bytes")
    return first, second, path


def _said(signed: Signed, size: int, index: int, root: bytes) -> Receipt:
    claims = signed.protected.get(CLAIMS)
    if not isinstance(claims, dict) or not isinstance(claims.get(ISS), str):
        raise CustodyError("a receipt's claims do not name its log (RFC 9943 asks for iss)")
    at_s = claims.get(IAT)
    return Receipt(
        log=claims[ISS],
        size=size,
        index=index,
        root=root,
        at_s=at_s if isinstance(at_s, int) else 0,
    )
