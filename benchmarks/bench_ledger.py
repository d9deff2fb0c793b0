"""How many signed events a second does the ledger keep durably, and how soon is it checked?

Each event is made, signed (Ed25519) and added; it counts when the disk has it. SQLite with WAL and
``synchronous=FULL``; PostgreSQL with ``synchronous_commit=on`` if a server's URL is in
``STEPPEWATCH_BENCH_POSTGRES``. ``STEPPEWATCH_BENCH_VERIFY`` sets the size of the log that the
stranger's verifier checks.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import MemorySigner, Tree, leaf_hash, sign_act
from steppewatch.custody.ledger.merkle import verify_inclusion
from steppewatch.custody.ledger.receipt import inclusion_receipt
from steppewatch.engine.custody_ledger import open_ledger
from steppewatch.engine.custody_stranger import check

SIGNER = MemorySigner.from_seed(bytes(range(32)))
LOG = MemorySigner.from_seed(bytes(32))
EVENTS = 4_096
BATCHES = (1, 16, 256)
START = 1_800_000_000 * 10**9


def event(number: int) -> bytes:
    """Sign one sighting of an item."""
    body = {
        "sightings": [
            {
                "item": f"M/P/{number}", "site": "depot", "captured_ns": START + number,
                "how": "code", "condition": "whole",
            }
        ]
    }  # fmt: skip
    act = Act(kind="sighted", by="bat", at_ns=START + number, body=body, nonce=number.to_bytes(16))
    return sign_act(act, SIGNER, "bat")


def genesis() -> bytes:
    """Sign the first statement of a log."""
    key, log = SIGNER.key, LOG.key
    person = {
        "id": "bat", "name": "Bat", "org": "mn", "nation": "MN", "roles": [], "level": 0,
        "key": {"alg": key.alg, "public": key.public},
    }  # fmt: skip
    body = {
        "log": "bench", "title": "Bench", "nation": "MN", "organisations": [],
        "persons": [person], "log_key": {"alg": log.alg, "public": log.public},
        "witnesses": [], "quorum": 0, "slack_s": 60,
    }  # fmt: skip
    act = Act(kind="genesis", by="bench", at_ns=START, body=body, nonce=bytes(16))
    return sign_act(act, LOG, "bench")


def syncs(folder: Path) -> float:
    """Measure how often a second the disk itself can be made to keep 4 KiB."""
    with (folder / "sync").open("wb") as stream:
        before = time.perf_counter()
        for _ in range(500):
            stream.write(bytes(4096))
            stream.flush()
            os.fdatasync(stream.fileno())
    return 500 / (time.perf_counter() - before)


def rates(where: str, name: str) -> list[dict[str, object]]:
    """Measure a place at three sizes of batch."""
    rows = []
    ledger = open_ledger(where)
    for batch in BATCHES:
        first, before = ledger.size, time.perf_counter()
        for start in range(first, first + EVENTS, batch):
            ledger.append([event(n) for n in range(start, start + batch)])
        rate = EVENTS / (time.perf_counter() - before)
        what = "one by one" if batch == 1 else f"in batches of {batch}"
        rows.append({"name": f"durable signed events, {name}, {what}", "value": rate, "unit": "/s"})
    ledger.close()
    return rows


def proofs(size: int = 1_000_000) -> list[dict[str, object]]:
    """Measure proofs in a large tree."""
    tree = Tree([leaf_hash(n.to_bytes(8)) for n in range(size)])
    root, index = tree.root(), 123_456
    proof, data = tree.inclusion(index, size), index.to_bytes(8)
    receipt = inclusion_receipt(data, index, size, proof, "bench", START, LOG)
    before = time.perf_counter()
    for _ in range(2_000):
        verify_inclusion(leaf_hash(data), index, size, proof, root)
    rate = 2_000 / (time.perf_counter() - before)
    note = f"{len(proof)} hashes; as a signed receipt {len(receipt)} bytes"
    return [
        {"name": "inclusion proof at 1 M events", "value": 32 * len(proof), "unit": "byte",
         "note": note},
        {"name": "inclusion proofs checked", "value": rate, "unit": "/s"},
    ]  # fmt: skip


def stranger(folder: Path, size: int) -> dict[str, object]:
    """Measure the verifier on a whole log."""
    path = folder / "x.log"
    with path.open("wb") as stream:
        stream.write(b"steppewatch-log-1\n")
        for number in range(size):
            data = event(number) if number else genesis()
            stream.write(b"S" + len(data).to_bytes(4) + data)
    before = time.perf_counter()
    found = check(path)
    spent = time.perf_counter() - before
    if found.wrong or found.tree.size != size:
        raise RuntimeError(f"the verifier found {found.wrong[:3]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "name": f"stranger's verifier, a log of {size:,} events",
        "value": spent,
        "unit": "s",
        "note": f"{size / spent:,.0f} events/s; {path.stat().st_size / 1e6:,.0f} MB; "
        f"{peak:,.0f} MB of memory at most",
    }


def main() -> list[dict[str, object]]:
    """Measure all."""
    with tempfile.TemporaryDirectory() as folder:
        disk = syncs(Path(folder))
        rows = rates(f"{folder}/x.ledger", "SQLite")
        url = os.environ.get("STEPPEWATCH_BENCH_POSTGRES")
        if url:
            rows += rates(url, "PostgreSQL")
        size = int(os.environ.get("STEPPEWATCH_BENCH_VERIFY", "100000"))
        rows.append(stranger(Path(folder), size))
        note = "bare fdatasync of 4 KiB before the rest; this shared disk moves much"
        after = syncs(Path(folder))
        rows.append(
            {"name": "the disk's own rate", "value": disk, "unit": "/s",
             "note": f"{note}; {after:,.0f}/s afterwards"}
        )  # fmt: skip
        return rows + proofs()


if __name__ == "__main__":
    for line in main():
        print(line)
