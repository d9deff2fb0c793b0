"""A witness's memory and the files that are carried to it and back, on a stick if need be.

| file | content |
|---|---|
| state | JSON: id, log, log_key, size, root, at_ns; it takes its new form before an answer leaves |
| request | CBOR map: ``checkpoint``; ``proofs``: consistency proofs by older size |
| answer | the co-signature (COSE_Sign1) |
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger.checkpoint import (
    Checkpoint,
    Witness,
    check_witnessed,
    cosign,
    fork,
    read_checkpoint,
    sign_checkpoint,
    witnessed_body,
)
from steppewatch.custody.ledger.cose import decoded, plain
from steppewatch.custody.ledger.keys import PublicKey, Signer
from steppewatch.custody.ledger.statement import read_statement, sign_act
from steppewatch.engine.custody_ledger import StoredLedger
from steppewatch.engine.whole_file import whole_file
from steppewatch.errors import CustodyError, EngineError


def make_witness(path: Path, name: str, log: str, log_key: PublicKey) -> None:
    """Begin a witness's memory of one log.

    Raises:
        EngineError: There is one already: beginning anew would forget what was co-signed.
    """
    if path.exists():
        raise EngineError(f"{path} exists: a witness that forgets is none; name another file")
    save_witness(path, Witness(id=name, log=log, log_key=log_key))


def load_witness(path: Path) -> Witness:
    """Read a witness's memory.

    Raises:
        EngineError: It is not there, or damaged.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
        key = PublicKey(said["log_key"]["alg"], bytes.fromhex(said["log_key"]["public"]))
        return Witness(
            id=str(said["id"]), log=str(said["log"]), log_key=key, size=int(said["size"]),
            root=bytes.fromhex(said["root"]), at_ns=int(said["at_ns"]),
        )  # fmt: skip
    except OSError as error:
        raise EngineError(f"no witness {path} ({error.strerror}): custody witness init") from error
    except (ValueError, KeyError, TypeError, CustodyError) as error:
        raise EngineError(f"{path} is no witness's memory ({error}): restore it") from error


def save_witness(path: Path, state: Witness) -> None:
    """Write a witness's memory, whole or not at all."""
    said = {
        "id": state.id, "log": state.log, "size": state.size, "root": state.root.hex(),
        "at_ns": state.at_ns,
        "log_key": {"alg": state.log_key.alg, "public": state.log_key.public.hex()},
    }  # fmt: skip
    with whole_file(path) as stream:
        stream.write(json.dumps(said, indent=1).encode())


def log_name(ledger: StoredLedger) -> str:
    """Read the log's name from its genesis.

    Raises:
        EngineError: The ledger does not begin with one.
    """
    return str(_genesis(ledger)["log"])


def _genesis(ledger: StoredLedger) -> Mapping[str, Any]:
    try:
        body = read_statement(ledger.entry(0)).act.body
    except CustodyError as error:
        raise EngineError(f"the ledger does not begin with a statement ({error})") from error
    if not {"log", "witnesses", "quorum"} <= set(body):
        raise EngineError("the ledger does not begin with its genesis: begin one with init")
    return body


def make_checkpoint(ledger: StoredLedger, signer: Signer, now_ns: int) -> bytes:
    """Sign how the ledger stands, and keep that beside it."""
    head = Checkpoint(log=log_name(ledger), size=ledger.size, root=ledger.root(), at_ns=now_ns)
    data = sign_checkpoint(head, signer)
    ledger.keep("log", ledger.size, data)
    return data


def make_request(ledger: StoredLedger, signer: Signer, now_ns: int) -> bytes:
    """Ask witnesses to co-sign, with a proof from each size that was ever co-signed."""
    checkpoint = make_checkpoint(ledger, signer, now_ns)
    sizes = {size for size, name, _ in ledger.kept() if name != "log" and size < ledger.size}
    proofs = {size: ledger.consistency(size, ledger.size) for size in sorted(sizes)[-64:] if size}
    return cbor2.dumps({"checkpoint": checkpoint, "proofs": proofs}, canonical=True)


def answer_request(path: Path, request: bytes, signer: Signer, now_ns: int) -> bytes:
    """Co-sign a request with the memory in a file; the memory is on disk before this returns.

    Raises:
        CustodyError: The history is not one that goes on from what was co-signed.
        EngineError: The memory cannot be read or written.
    """
    state = load_witness(path)
    checkpoint = _checkpoint_of(request)
    proofs = plain(decoded(request, "a request")).get("proofs")
    proof = proofs.get(state.size, []) if isinstance(proofs, dict) else []
    after, cosignature = cosign(state, checkpoint, proof, signer, now_ns)
    save_witness(path, after)
    return cosignature


def keep_answer(ledger: StoredLedger, answer: bytes) -> str:
    """Keep a co-signature beside the ledger; give the witness's name.

    Raises:
        CustodyError: It is of another tree than this ledger's.
    """
    said = read_checkpoint(answer)
    if not said.witness or said.size > ledger.size or ledger.root(said.size) != said.root:
        raise CustodyError("the answer is no co-signature of this ledger")
    ledger.keep(said.witness, said.size, answer)
    return said.witness


def seal_answers(
    ledger: StoredLedger, answers: Sequence[bytes], signer: Signer, now_ns: int
) -> int:
    """Append the act ``witnessed`` of co-signatures of one checkpoint; give its size.

    Raises:
        CustodyError: They are too few, forged, or of different checkpoints.
        EngineError: The checkpoint that they co-sign is not kept here.
    """
    genesis = _genesis(ledger)
    for answer in answers:
        keep_answer(ledger, answer)
    said = replace(read_checkpoint(answers[0]), witness="")
    kept = [data for size, name, data in ledger.kept() if name == "log" and size == said.size]
    found = [data for data in kept if read_checkpoint(data) == said]
    if not found:
        raise EngineError(f"no checkpoint of {said.size} entries is kept here: ask again")
    body = witnessed_body(found[0], answers)
    witnesses = {
        one["id"]: PublicKey(one["key"]["alg"], one["key"]["public"])
        for one in genesis["witnesses"]
    }
    log = str(genesis["log"])
    head = check_witnessed(body, log, signer.key, witnesses, int(genesis["quorum"]))
    act = Act(kind="witnessed", by=log, at_ns=now_ns, body=body, nonce=os.urandom(16))
    ledger.append([sign_act(act, signer, log)])
    return head.size


def compare_requests(one: bytes, other: bytes, log_key: PublicKey) -> str:
    """Say what two requests prove against a log; nothing if they prove nothing.

    Raises:
        CustodyError: One of them is none, or not signed by the log's key.
    """
    return fork(_checkpoint_of(one), _checkpoint_of(other), log_key)


def _checkpoint_of(request: bytes) -> bytes:
    asked = plain(decoded(request, "a request"))
    if not isinstance(asked, dict) or not isinstance(asked.get("checkpoint"), bytes):
        raise CustodyError("a request to a witness is not a map of checkpoint and proofs")
    return bytes(asked["checkpoint"])
