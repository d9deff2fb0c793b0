"""Secret keys: in a sealed file, on a card or module (PKCS#11), or with an agent.

| where | written as |
|---|---|
| file, sealed with a password, mode 0600 | its path |
| card or hardware module | ``pkcs11:LABEL?module=/path/to/module.so&token=NAME`` |
| ssh-agent | ``agent:KID`` or ``agent:`` for its only Ed25519 key |
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from steppewatch.custody.ledger.keys import MemorySigner, Signer
from steppewatch.engine.terrain_store import disk_errors
from steppewatch.errors import CustodyError, EngineError

SHORTEST = 8  # characters of a password


def make_key_file(path: Path, password: str, alg: str = "EdDSA") -> MemorySigner:
    """Make a new key in a file (PKCS#8 PEM, sealed with the password, mode 0600).

    Raises:
        EngineError: The file exists, the password is too short, or the place cannot be written.
    """
    if len(password) < SHORTEST:
        raise EngineError(f"a password has {len(password)} characters; expected {SHORTEST} or more")
    if alg not in {"EdDSA", "ES256"}:
        raise EngineError(f"a key's algorithm is {alg!r}; expected EdDSA or ES256")
    secret: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    if alg == "EdDSA":
        secret = ed25519.Ed25519PrivateKey.generate()
    else:
        secret = ec.generate_private_key(ec.SECP256R1())
    sealed = secret.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode())
    )
    with disk_errors(path):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise EngineError(f"{path} exists: a key is not written over; name another") from error
        with os.fdopen(handle, "wb") as stream:
            stream.write(sealed)
            stream.flush()
            os.fsync(stream.fileno())
    return MemorySigner(secret)


def open_key_file(path: Path, password: str) -> MemorySigner:
    """Open a sealed key.

    Raises:
        EngineError: Others may read it, it is not sealed, the password is wrong, or it is no key.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        data = path.read_bytes()
    except OSError as error:
        raise EngineError(f"key {path} cannot be read ({error.strerror})") from error
    if mode & 0o077:
        raise EngineError(
            f"key {path} may be read by others (mode {mode:03o}): think of it as lost, make another"
        )
    if b"ENCRYPTED" not in data:
        raise EngineError(f"key {path} is not sealed with a password: use custody key new")
    try:
        secret = load_pem_private_key(data, password.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EngineError(f"key {path} does not open: wrong password, or no key") from error
    if not isinstance(secret, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise EngineError(f"key {path} is neither Ed25519 nor P-256: use custody key new")
    try:
        return MemorySigner(secret)
    except CustodyError as error:
        raise EngineError(f"key {path}: {error}") from error


def open_signer(where: str, password: Callable[[], str]) -> Signer:
    """Find a key by where it is (table above); the password or PIN is asked for when needed.

    Raises:
        EngineError: It is not there, or does not open.
    """
    if where.startswith("agent:"):
        from steppewatch.engine.custody_keys_agent import AgentSigner  # noqa: PLC0415

        return AgentSigner.find(where.removeprefix("agent:"))
    if where.startswith("pkcs11:"):
        from steppewatch.engine.custody_keys_pkcs11 import Pkcs11Signer  # noqa: PLC0415

        label, _, query = where.removeprefix("pkcs11:").partition("?")
        given = parse_qs(query)
        if "module" not in given or "token" not in given:
            raise EngineError(f"{where!r} lacks module= or token=: pkcs11:LABEL?module=…&token=…")
        return Pkcs11Signer(given["module"][0], given["token"][0], label, password())
    return open_key_file(Path(where), password())
