"""Whatever somebody signs, the register says why not, or takes it whole; nothing else happens."""

import numpy as np
import pytest

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import read_statement, sign_act
from steppewatch.custody.register.shape import GOVERNED, REFS, SHAPES
from steppewatch.engine.custody_demo import PEOPLE, demo_key
from steppewatch.errors import CustodyError

ROUNDS = 1_500


def values(trial, rng):
    """Give a maker of values: most are names and leaves that stand in the ledger."""
    register = trial.register
    names = [
        *register.items, *register.sites, *register.organisations, *PEOPLE, "jp-mn", "mn-own",
        "radars-2025", "transfer", "held", "lost", "hand", "code", "government", "x", "",
    ]  # fmt: skip
    leaves = [*register.leaves, *register.proposals, *register.offers, bytes(32)]

    def pick(pool):
        return pool[int(rng.integers(len(pool)))]

    def make(what, depth=0):
        if rng.random() < 0.05 and depth < 2:
            what = pick(["text", "names", "moment", "flag", "bytes", "map", "maps", "number"])
        if what in {"text", "name", "long"}:
            return pick(names)
        if what in {"names", "texts"}:
            return [pick(names) for _ in range(int(rng.integers(3)))]
        if what == "moment":
            return pick([0, 1, 5, register.now_ns, register.now_ns + 10**15, (1 << 63) - 1])
        if what == "number":
            return float(rng.normal())
        if what == "flag":
            return bool(rng.random() < 0.5)
        if what == "bytes":
            return pick(leaves)
        if what == "maps":
            keys = ("item", "site", "captured_ns", "how", "condition")
            kinds = ("name", "name", "moment", "name", "text")
            return [{k: make(w, depth + 1) for k, w in zip(keys, kinds, strict=True)}]
        return {"alg": "EdDSA", "public": pick([b"", bytes(32), demo_key(pick(names)).key.public])}

    return pick, make, leaves


def body_of(shapes, make, rng):
    return {
        key.rstrip("?"): make(what)
        for key, what in shapes.items()
        if not key.endswith("?") or rng.random() < 0.5
    }


@pytest.mark.parametrize("seed", range(4))
def test_no_signed_act_raises_anything_but_a_refusal_or_leaves_half_an_effect(trial, seed):
    rng = np.random.default_rng(seed)
    pick, make, leaves = values(trial, rng)
    taken = refused = 0
    for number in range(ROUNDS):
        kind = pick(list(SHAPES))
        body = body_of(SHAPES[kind], make, rng)
        if kind == "propose":
            governed = pick(list(GOVERNED))
            body = {"kind": governed, "body": body_of(GOVERNED[governed], make, rng)}
        by = pick(list(PEOPLE))
        act = Act(
            kind=kind, by=by, at_ns=trial.clock.ns, body=body,
            refs=tuple(pick(leaves) for _ in range(REFS.get(kind, 0))),
            nonce=number.to_bytes(16),
        )  # fmt: skip
        try:
            statement = read_statement(sign_act(act, demo_key(by), by))
        except CustodyError:
            continue
        before = trial.register.size
        if trial.register.refusal(statement):
            refused += 1
            assert trial.register.size == before
            continue
        try:
            trial.office.submit(statement.data)
            taken += 1
        except CustodyError:
            refused += 1
    assert taken > 3
    assert refused > 100
    # What was taken is taken the same by who opens the ledger anew.
    before = trial.register
    trial.reopen()
    assert trial.register.items == before.items
    assert trial.register.consents == before.consents
    assert trial.register.persons == before.persons
