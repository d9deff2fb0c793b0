"""Sign with a key on a card or hardware module (PKCS#11): P-256, or Ed25519 where it knows that.

python-pkcs11 comes with the extra ``pkcs11``. The secret half never leaves the module.
"""

import hashlib
from typing import Any

from steppewatch.custody.ledger.keys import PublicKey, smaller_s
from steppewatch.errors import CustodyError, EngineError


class Pkcs11Signer:
    """Hold one key of one token.

    Args:
        module: Path of the maker's library.
        token: Label of the token.
        label: Label of the key pair.
        pin: The user's PIN.

    Raises:
        EngineError: python-pkcs11, the module, the token or the key is not there, or the PIN is
            wrong.
    """

    def __init__(self, module: str, token: str, label: str, pin: str) -> None:
        try:
            import pkcs11  # noqa: PLC0415
        except ImportError as error:
            raise EngineError(
                "keys on cards need python-pkcs11: pip install 'steppewatch[pkcs11]'"
            ) from error
        self._pkcs11: Any = pkcs11
        self._what = f"key {label!r} on token {token!r}"
        names, classes = pkcs11.Attribute, pkcs11.ObjectClass
        try:
            library: Any = pkcs11.lib(module)
            self._session = library.get_token(token_label=token).open(user_pin=pin)
            self._secret = self._session.get_key(classes.PRIVATE_KEY, label=label)
            public = self._session.get_key(classes.PUBLIC_KEY, label=label)
            kind, point = public[names.KEY_TYPE], bytes(public[names.EC_POINT])
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            name = type(error).__name__
            raise EngineError(f"{self._what} does not open ({name} {error}): check {module}, "
                              "token, label and PIN") from error  # fmt: skip
        alg = "ES256" if kind == pkcs11.KeyType.EC else "EdDSA"
        try:
            self._key = PublicKey(alg, point[2:] if len(point) in {34, 67} else point)
        except CustodyError as error:
            raise EngineError(f"{self._what} is no P-256 or Ed25519 key: {error}") from error

    @property
    def key(self) -> PublicKey:
        """Give the public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of a signature.

        Raises:
            EngineError: The module refuses or is gone.
        """
        mechanism = self._pkcs11.Mechanism
        try:
            if self._key.alg == "EdDSA":
                return bytes(self._secret.sign(message, mechanism=mechanism.EDDSA))
            digest = hashlib.sha256(message).digest()
            return smaller_s(bytes(self._secret.sign(digest, mechanism=mechanism.ECDSA)))
        except self._pkcs11.PKCS11Error as error:
            raise EngineError(f"{self._what} does not sign ({type(error).__name__})") from error

    def close(self) -> None:
        """Log out."""
        self._session.close()
