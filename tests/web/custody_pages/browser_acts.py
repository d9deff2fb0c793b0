"""The acts that both Python and the browser write, byte for byte; run to write them anew."""

import json
from pathlib import Path

from steppewatch.custody.acts import Act, packed
from steppewatch.custody.ledger import MemorySigner, sign_act

FILE = Path(__file__).parents[3] / "frontend" / "test" / "custodyActs.json"
SEED = bytes(range(32))
BODIES = {
    "case.countersign": {"case": "C-1", "agree": True, "text": ""},
    "case.open": {
        "id": "хил/7", "items": ["a", "b" * 30], "quantity": 24, "from_ns": 1_790_000_000 * 10**9,
        "until_ns": (1 << 63) - 1, "text": "x" * 300, "type": "transfer",
    },
    "sighted": {
        "sightings": [
            {"item": "hk/r-1/001", "captured_ns": 65_536, "photo": bytes(32), "site": "",
             "how": "hand", "condition": "good"},
        ],
        "a long key that has more than twenty-three letters": None, "n": -25, "z": [0, 255, 256],
    },
}  # fmt: skip


def written():
    signer = MemorySigner.from_seed(SEED)
    rows = []
    for kind, body in BODIES.items():
        act = Act(kind=kind, by="bat", at_ns=1_795_000_000_123_000_000, body=body,
                  nonce=bytes(range(16)), refs=(b"\x07" * 32,))  # fmt: skip
        rows.append(
            {
                "kind": kind,
                "packed": packed(act).hex(),
                "statement": sign_act(act, signer, "bat").hex(),
            }
        )
    return {"public": signer.key.public.hex(), "kid": signer.key.kid.hex(), "acts": rows}


if __name__ == "__main__":
    FILE.write_text(json.dumps(written(), indent=1) + "\n")
