"""One statement: an act, signed, as it stands in the ledger (RFC 9943, §5).

| protected header | content |
|---|---|
| 1 alg | −8 EdDSA or −7 ES256 |
| 3 content type | ``application/steppewatch-act+cbor`` |
| 4 kid | 32 bytes, :attr:`PublicKey.kid` |
| 15 CWT claims | 1 iss: who declares, the act's ``by``; 2 sub: about what; 6 iat: seconds |

The payload is the act. The unprotected headers are empty: nothing that is not signed enters the
ledger. The leaf of the tree is over the whole statement, signature included.
"""

from dataclasses import dataclass

from steppewatch.custody.acts import Act, act_of, packed
from steppewatch.custody.ledger.cose import (
    ALG,
    CLAIMS,
    CONTENT_TYPE,
    IAT,
    ISS,
    KID,
    SUB,
    Signed,
    is_signed,
    read_sign1,
    sign1,
)
from steppewatch.custody.ledger.keys import PublicKey, Signer
from steppewatch.custody.ledger.merkle import leaf_hash
from steppewatch.errors import CustodyError

ACT_TYPE = "application/steppewatch-act+cbor"
LARGEST = (1 << 20) + 4096  # [byte]; an act with its envelope
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Hold one statement that was read.

    Attributes:
        data: Its bytes, as they stand in the ledger.
        leaf: RFC 9162 leaf hash, SHA-256(0x00 ‖ data); other statements name it by this.
        kid: Name of the key that claims to have signed.
        issuer: Who declares; the same as ``act.by``.
        act: What is declared.
        signed: The parts of the envelope, for :func:`signed_by`.
    """

    data: bytes
    leaf: bytes
    kid: bytes
    issuer: str
    act: Act
    signed: Signed


def sign_act(act: Act, signer: Signer, issuer: str, subject: str = "") -> bytes:
    """Sign an act.

    Args:
        act: What is declared.
        signer: Key of who declares it.
        issuer: Who declares it; must be ``act.by``.
        subject: About what, for readers of other systems; the act's kind if not given.

    Raises:
        CustodyError: The issuer is not the one who declares, or the act cannot be written.

    >>> from steppewatch.custody.ledger.keys import MemorySigner
    >>> signer = MemorySigner.from_seed(bytes(32))
    >>> act = Act(kind="suspect", by="bat", at_ns=5, body={"text": "x"}, nonce=bytes(16))
    >>> statement = read_statement(sign_act(act, signer, "bat"))
    >>> statement.act.kind, signed_by(statement, signer.key)
    ('suspect', True)
    """
    if issuer != act.by:
        raise CustodyError(f"an act by {act.by!r} cannot be signed for {issuer!r}: sign your own")
    claims = {ISS: issuer, SUB: subject or act.kind, IAT: act.at_ns // _SECOND}
    return sign1(packed(act), signer, {CONTENT_TYPE: ACT_TYPE, CLAIMS: claims})


def read_statement(data: bytes) -> Statement:
    """Read a statement strictly, without checking its signature.

    Raises:
        CustodyError: It is not one whole statement in its one form, or its envelope and its act
            tell of different persons or times.
    """
    if len(data) > LARGEST:
        raise CustodyError(f"a statement is {len(data)} bytes long; expected {LARGEST} at most")
    signed = read_sign1(data)
    if signed.unprotected:
        raise CustodyError("a statement has unprotected headers; expected none: they are unsigned")
    if signed.payload is None:
        raise CustodyError("a statement's act is missing; expected it inside")
    headers = signed.protected
    if set(headers) != {ALG, CONTENT_TYPE, KID, CLAIMS} or headers[CONTENT_TYPE] != ACT_TYPE:
        raise CustodyError(
            f"a statement's headers are not alg, kid, claims and content type {ACT_TYPE}"
        )
    act = act_of(signed.payload)
    if packed(act) != signed.payload:
        raise CustodyError("an act is not in deterministic form (RFC 8949, §4.2.1)")
    claims = headers[CLAIMS]
    if not isinstance(claims, dict) or set(claims) != {ISS, SUB, IAT}:
        raise CustodyError("a statement's claims are not iss, sub and iat")
    if claims[ISS] != act.by or claims[IAT] != act.at_ns // _SECOND:
        raise CustodyError(
            f"a statement by {claims[ISS]!r} at {claims[IAT]!r} s holds an act by {act.by!r} at "
            f"{act.at_ns // _SECOND} s; expected the same"
        )
    if not isinstance(claims[SUB], str):
        raise CustodyError("a statement's subject is not a text")
    return Statement(
        data=data,
        leaf=leaf_hash(data),
        kid=headers[KID],
        issuer=claims[ISS],
        act=act,
        signed=signed,
    )


def signed_by(statement: Statement, key: PublicKey) -> bool:
    """Tell whether this key signed the statement."""
    return is_signed(statement.signed, key)
