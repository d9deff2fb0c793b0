"""Checkpoints: what the log says of itself, and what witnesses in other states confirm.

| | signer | payload (CBOR map) |
|---|---|---|
| checkpoint | the log's key | ``log`` text, ``size``, ``root`` 32 bytes, ``at_ns`` |
| co-signature | a witness's key | the same, and ``witness``: its id |

Both are COSE_Sign1 with content type ``application/steppewatch-checkpoint+cbor``. A witness signs
only what goes on from what it signed before, and not what its own clock calls untrue: so two
histories of one log cannot both be co-signed, and a log that conspires with a back-dater needs the
witnesses too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cbor2

from steppewatch.custody.ledger.cose import (
    CONTENT_TYPE,
    KID,
    decoded,
    is_signed,
    plain,
    read_sign1,
    sign1,
)
from steppewatch.custody.ledger.keys import PublicKey, Signer
from steppewatch.custody.ledger.merkle import EMPTY, verify_consistency
from steppewatch.errors import CustodyError

CHECKPOINT_TYPE = "application/steppewatch-checkpoint+cbor"
_HEAD = {"log", "size", "root", "at_ns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Say how a log stands: its name, number of entries, root (32 bytes) and when [ns UTC].

    ``witness`` is the id of the witness who co-signed; ``""`` for the log's own.
    """

    log: str
    size: int
    root: bytes
    at_ns: int
    witness: str = ""


def sign_checkpoint(head: Checkpoint, signer: Signer) -> bytes:
    """Sign a checkpoint (the log) or co-sign it (a witness, ``head.witness`` being its id)."""
    content: dict[str, Any] = {
        "log": head.log,
        "size": head.size,
        "root": head.root,
        "at_ns": head.at_ns,
    }
    if head.witness:
        content["witness"] = head.witness
    payload = cbor2.dumps(content, canonical=True)
    return sign1(payload, signer, {CONTENT_TYPE: CHECKPOINT_TYPE})


def read_checkpoint(data: bytes, key: PublicKey | None = None) -> Checkpoint:
    """Read a checkpoint or co-signature; check its signature if a key is given.

    Raises:
        CustodyError: It is none, or another key signed it.
    """
    signed = read_sign1(data)
    if signed.protected.get(CONTENT_TYPE) != CHECKPOINT_TYPE or signed.unprotected:
        raise CustodyError(f"this is no checkpoint: its content type is not {CHECKPOINT_TYPE}")
    if key is not None and not is_signed(signed, key):
        raise CustodyError(
            f"a checkpoint is not signed by key {key.kid.hex()[:16]}… but claims "
            f"{signed.protected[KID].hex()[:16]}…: it is forged, or the wrong key is trusted"
        )
    content = plain(decoded(signed.payload or b"", "a checkpoint"))
    if not isinstance(content, dict) or set(content) - {"witness"} != _HEAD:
        raise CustodyError(f"a checkpoint is not a map of {', '.join(sorted(_HEAD))}")
    head = Checkpoint(**content)
    numbers = (head.size, head.at_ns)
    if not all(type(n) is int and 0 <= n < 1 << 63 for n in numbers):
        raise CustodyError(f"a checkpoint's size and time are {numbers}; expected whole numbers")
    if not (isinstance(head.log, str) and isinstance(head.witness, str)):
        raise CustodyError("a checkpoint's log and witness are not texts")
    if not isinstance(head.root, bytes) or len(head.root) != 32:
        raise CustodyError("a checkpoint's root is not 32 bytes")
    return head


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Remember what a witness co-signed last of one log.

    Attributes:
        id: The witness's name in the log's genesis.
        log: Name of the log.
        log_key: Key of the log.
        size: Entries of the last checkpoint co-signed; 0 for none.
        root: Its root.
        at_ns: Its time.
    """

    id: str
    log: str
    log_key: PublicKey
    size: int = 0
    root: bytes = EMPTY
    at_ns: int = 0


def cosign(
    state: Witness,
    checkpoint: bytes,
    proof: Sequence[bytes],
    signer: Signer,
    now_ns: int,
    slack_ns: int = 300_000_000_000,
) -> tuple[Witness, bytes]:
    """Co-sign a checkpoint that goes on from the last one.

    Args:
        state: What the witness remembers.
        checkpoint: As the log signed it.
        proof: Consistency proof from ``state.size`` to the checkpoint's size; empty at first.
        signer: The witness's key.
        now_ns: The witness's own clock [ns UTC].
        slack_ns: By how much the log's clock may differ from it.

    Returns:
        The state to remember (durably, before the answer is sent) and the co-signature.

    Raises:
        CustodyError: The log's history was rewritten, cut, forked or back-dated; or it is another
            log. The message says which; the request is evidence, keep it.
    """
    head = read_checkpoint(checkpoint, state.log_key)
    if head.witness or head.log != state.log:
        raise CustodyError(f"the checkpoint is of log {head.log!r}, not {state.log!r}")
    if head.size < state.size:
        raise CustodyError(
            f"log {head.log!r} shrank: it had {state.size} entries, now {head.size}. An old copy "
            "was restored or entries were deleted: keep this request as evidence and ask"
        )
    if head.size == state.size and state.size and head.root != state.root:
        raise CustodyError(
            f"log {head.log!r} forked: it has two histories of {head.size} entries. Both "
            "checkpoints are signed by its key: keep them as evidence"
        )
    if state.size and not verify_consistency(
        state.size, head.size, state.root, head.root, list(proof)
    ):
        raise CustodyError(
            f"log {head.log!r} does not prove that its {head.size} entries go on from the "
            f"{state.size} that I co-signed: it was rewritten, or the proof is of other sizes"
        )
    if head.at_ns < state.at_ns or abs(head.at_ns - now_ns) > slack_ns:
        raise CustodyError(
            f"the checkpoint's time {head.at_ns} ns lies before the last one ({state.at_ns} ns) "
            f"or more than {slack_ns // 10**9} s from this clock ({now_ns} ns): set the clock that "
            "is wrong, and make a new checkpoint"
        )
    after = replace(state, size=head.size, root=head.root, at_ns=head.at_ns)
    return after, sign_checkpoint(replace(head, witness=state.id), signer)


def fork(one: bytes, other: bytes, log_key: PublicKey) -> str:
    """Compare two checkpoints of one log, as two witnesses do when they meet.

    Returns:
        What they prove against the log; ``""`` when both can be true without more proof. Of
        different sizes only a consistency proof tells.
    """
    a, b = read_checkpoint(one, log_key), read_checkpoint(other, log_key)
    if a.log != b.log or a.size != b.size or a.root == b.root:
        return ""
    return (
        f"fork proved: the key {log_key.kid.hex()} of log {a.log!r} signed two roots for "
        f"{a.size} entries: {a.root.hex()} and {b.root.hex()}"
    )


def witnessed_body(checkpoint: bytes, cosignatures: Sequence[bytes]) -> Mapping[str, Any]:
    """Give the body of an act ``witnessed``."""
    head = read_checkpoint(checkpoint)
    return {
        "size": head.size,
        "root": head.root,
        "checkpoint": checkpoint,
        "cosignatures": list(cosignatures),
    }


def check_witnessed(
    body: Mapping[str, Any],
    log: str,
    log_key: PublicKey,
    witnesses: Mapping[str, PublicKey],
    quorum: int,
) -> Checkpoint:
    """Check the body of an act ``witnessed``: one checkpoint, enough different witnesses.

    Raises:
        CustodyError: A signature is wrong, the parts tell of different trees, or too few signed.
    """
    try:
        checkpoint, cosignatures = bytes(body["checkpoint"]), list(body["cosignatures"])
        told = (body["size"], body["root"])
    except (KeyError, TypeError) as error:
        raise CustodyError(f"an act witnessed lacks {error}") from error
    head = read_checkpoint(checkpoint, log_key)
    if head.witness or head.log != log or (head.size, head.root) != told:
        raise CustodyError(f"an act witnessed and its checkpoint tell of different trees of {log}")
    names = set()
    for data in cosignatures:
        said = read_checkpoint(data)
        if said.witness not in witnesses:
            raise CustodyError(f"{said.witness!r} is no witness of log {log!r}")
        read_checkpoint(data, witnesses[said.witness])
        if replace(said, witness="") != head:
            raise CustodyError(f"witness {said.witness!r} co-signed another checkpoint")
        names.add(said.witness)
    if len(names) < quorum:
        raise CustodyError(f"{len(names)} witnesses co-signed; log {log!r} needs {quorum}")
    return head
