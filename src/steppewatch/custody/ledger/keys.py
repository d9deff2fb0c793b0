"""Public keys, their names, and what can sign: EdDSA (RFC 8032) and ES256 (RFC 9053, §2.1).

A key's name (``kid``) is the SHA-256 of its algorithm and its public bytes, so that nobody can
choose it. Where the secret half lives (file, card, agent) is the engine's business: here it is a
:class:`Signer`.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from steppewatch.errors import CustodyError

ALGORITHMS = {"EdDSA": -8, "ES256": -7}  # COSE numbers, RFC 9053
SIZES = {"EdDSA": 32, "ES256": 65}  # [byte]; ES256 as the uncompressed point 04 ‖ x ‖ y
SIGNATURE = 64  # [byte], for both

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class PublicKey:
    """Hold one public key.

    Attributes:
        alg: ``"EdDSA"`` (Ed25519) or ``"ES256"`` (P-256, for cards that know no Ed25519).
        public: 32 bytes, or the 65 bytes of the uncompressed point.

    Raises:
        CustodyError: The algorithm is another, or the bytes are no key of it.
    """

    alg: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what is no key."""
        if self.alg not in ALGORITHMS:
            raise CustodyError(f"a key's algorithm is {self.alg!r}; expected EdDSA or ES256")
        if len(self.public) != SIZES[self.alg]:
            raise CustodyError(
                f"an {self.alg} key has {len(self.public)} bytes; expected {SIZES[self.alg]}"
            )
        _loaded(self.alg, self.public)

    @cached_property
    def kid(self) -> bytes:
        """Give the key's name: 32 bytes, SHA-256 of ``alg ‖ 0x00 ‖ public``."""
        return hashlib.sha256(self.alg.encode() + b"\x00" + self.public).digest()

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Tell whether the secret half of this key signed the message.

        Of the two ES256 signatures that differ only in the sign of s, the one with the smaller s
        counts: else anyone could turn one signed statement into a second one.
        """
        key = _loaded(self.alg, self.public)
        if len(signature) != SIGNATURE:
            return False
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, message)
                return True
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            if s > _P256_ORDER // 2:
                return False
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer(Protocol):
    """Sign with a key whose secret half stays where it is."""

    @property
    def key(self) -> PublicKey:
        """Give the public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of a signature."""
        ...


class MemorySigner:
    """Sign with a secret key that this process holds."""

    def __init__(self, secret: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self.secret = secret
        self._key = key_of(secret.public_key())

    @classmethod
    def from_seed(cls, seed: bytes) -> "MemorySigner":
        """Make the Ed25519 key of a seed of 32 bytes.

        Raises:
            CustodyError: The seed is not 32 bytes long.

        >>> len(MemorySigner.from_seed(bytes(32)).sign(b"x"))
        64
        """
        if len(seed) != 32:
            raise CustodyError(f"a key's seed has {len(seed)} bytes; expected 32 random ones")
        return cls(ed25519.Ed25519PrivateKey.from_private_bytes(seed))

    generate = from_seed

    @property
    def key(self) -> PublicKey:
        """Give the public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of a signature."""
        if isinstance(self.secret, ed25519.Ed25519PrivateKey):
            return self.secret.sign(message)
        return raw_es256(self.secret.sign(message, ec.ECDSA(hashes.SHA256())))


def raw_es256(der: bytes) -> bytes:
    """Turn an ES256 signature from DER into r ‖ s with the smaller s (RFC 9053, §2.1)."""
    r, s = decode_dss_signature(der)
    return smaller_s(r.to_bytes(32) + s.to_bytes(32))


def smaller_s(signature: bytes) -> bytes:
    """Give the one of the two forms of an ES256 signature r ‖ s that counts here."""
    s = int.from_bytes(signature[32:])
    return signature[:32] + min(s, _P256_ORDER - s).to_bytes(32)


def key_of(key: object) -> PublicKey:
    """Name a key of the ``cryptography`` library.

    Raises:
        CustodyError: It is of another kind.
    """
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey("EdDSA", key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return PublicKey("ES256", point)
    raise CustodyError(f"{type(key).__name__} is no Ed25519 or P-256 key; make one of these")


@lru_cache(maxsize=4096)
def _loaded(alg: str, public: bytes) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey:
    try:
        if alg == "EdDSA":
            return ed25519.Ed25519PublicKey.from_public_bytes(public)
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CustodyError(f"these bytes are no public {alg} key ({error})") from error
