"""Sign with a key that an ssh-agent holds (RFC 9987's protocol, Ed25519 keys of RFC 8709).

| message | bytes |
|---|---|
| each | length, 4 bytes, the largest first; then one byte of type; then the rest |
| 11 → 12 | ask for the keys → count, then (key blob, comment) each as strings |
| 13 → 14 | key blob, data, flags → signature: ``ssh-ed25519`` and 64 bytes |
"""

import os
import socket

from steppewatch.custody.ledger.keys import PublicKey
from steppewatch.errors import CustodyError, EngineError

ASK, KEYS, SIGN, SIGNED = 11, 12, 13, 14
LARGEST = 1 << 18  # [byte]
KIND = b"ssh-ed25519"


class AgentSigner:
    """Sign through an agent's Unix socket.

    Args:
        path: The socket.
        key: Public half of a key that the agent holds.
    """

    def __init__(self, path: str, key: PublicKey) -> None:
        self._path = path
        self._key = key

    @classmethod
    def find(cls, kid: str = "", path: str = "") -> "AgentSigner":
        """Find a key by its name in hex; the agent's only Ed25519 key if none is given.

        Raises:
            EngineError: No agent answers, or it holds no such key.
        """
        where = path or os.environ.get("SSH_AUTH_SOCK", "")
        if not where:
            raise EngineError("no agent: SSH_AUTH_SOCK is not set; start ssh-agent, or use a file")
        keys = _keys(where)
        found = [key for key in keys if key.kid.hex().startswith(kid)]
        if len(found) != 1:
            names = ", ".join(key.kid.hex()[:16] for key in keys) or "none"
            raise EngineError(f"the agent holds {len(found)} keys named {kid!r}*; it has {names}")
        return cls(where, found[0])

    @property
    def key(self) -> PublicKey:
        """Give the public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of a signature.

        Raises:
            EngineError: The agent refuses, is gone, or signed with another key.
        """
        blob = _string(KIND) + _string(self._key.public)
        answer = _asked(self._path, SIGN, _string(blob) + _string(message) + bytes(4), SIGNED)
        inner, _ = _taken(answer, 0)
        kind, at = _taken(inner, 0)
        signature, _ = _taken(inner, at)
        if kind != KIND or not self._key.verify(message, signature):
            raise EngineError("the agent's signature is not one of the key that was asked for")
        return signature


def _keys(path: str) -> list[PublicKey]:
    answer = _asked(path, ASK, b"", KEYS)
    count, at, found = int.from_bytes(answer[:4]), 4, []
    for _ in range(min(count, 1000)):
        blob, at = _taken(answer, at)
        _, at = _taken(answer, at)
        kind, inner = _taken(blob, 0)
        if kind != KIND:
            continue
        public, _ = _taken(blob, inner)
        try:
            found.append(PublicKey("EdDSA", public))
        except CustodyError as error:
            raise EngineError(f"the agent shows a broken key: {error}") from error
    return found


def _asked(path: str, kind: int, body: bytes, expected: int) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(60.0)  # a person may have to confirm
            link.connect(path)
            link.sendall((1 + len(body)).to_bytes(4) + bytes([kind]) + body)
            size = int.from_bytes(_exactly(link, 4))
            if not 0 < size <= LARGEST:
                raise EngineError(f"the agent's answer is {size} bytes long; expected 1…{LARGEST}")
            answer = _exactly(link, size)
    except OSError as error:
        raise EngineError(f"the agent at {path} does not answer ({error}): start it") from error
    if answer[0] != expected:
        raise EngineError("the agent refused: is the key loaded and the agent unlocked?")
    return answer[1:]


def _exactly(link: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = link.recv(size - len(parts))
        if not part:
            raise EngineError("the agent hung up in the middle of an answer")
        parts += part
    return parts


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def _taken(data: bytes, at: int) -> tuple[bytes, int]:
    end = at + 4 + int.from_bytes(data[at : at + 4])
    if end > len(data) or at + 4 > len(data):
        raise EngineError("the agent's answer is cut short")
    return data[at + 4 : end], end
