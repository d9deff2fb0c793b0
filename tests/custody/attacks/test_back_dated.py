"""A4: a consent that is dated before its time, also with the keeper of the log as an accomplice."""

import pytest

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import sign_act
from steppewatch.custody.ledger.checkpoint import cosign, fork, read_checkpoint
from steppewatch.custody.ledger.cose import decoded
from steppewatch.engine.custody_demo import DAY_NS, LOG, demo_key
from steppewatch.engine.custody_ledger import opened
from steppewatch.engine.custody_witness import make_request
from steppewatch.errors import CustodyError


def dated(by, kind, body, at_ns, refs=()):
    act = Act(kind=kind, by=by, at_ns=at_ns, body=body, refs=tuple(refs), nonce=b"n" * 16)
    return sign_act(act, demo_key(by), by)


def test_a_statement_dated_before_what_was_witnessed_is_refused(trial):
    body = {
        "id": "c1", "agreement": "jp-mn", "items": trial.drones[:1], "recipient": "mn-mod",
        "purpose": "border-surveillance", "quantity": 1, "from_ns": 0, "until_ns": 1 << 62,
    }  # fmt: skip
    data = dated("dorj", "propose", {"kind": "consent", "body": body}, trial.clock.ns - DAY_NS)
    trial.refused("only the ledger's order counts", trial.office.submit, data)


def test_a_statement_from_the_future_is_refused(trial):
    data = dated(
        "bat", "suspect", {"items": trial.drones[:1], "text": "x"}, trial.clock.ns + DAY_NS
    )
    trial.refused("in the future", trial.office.submit, data)


def test_a_typed_beginning_in_the_past_does_not_make_a_consent_prior(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border", from_ns=0, ready=False)
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "yes"})
    trial.refused(
        "witnessed before",
        trial.offer, "bat", trial.drones[2:3], "uz-border", "uz-depot", consent="c1",
    )  # fmt: skip
    trial.cast.witness()
    trial.offer("bat", trial.drones[2:3], "uz-border", "uz-depot", consent="c1")


def test_the_log_cannot_say_that_it_was_witnessed(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border", ready=False)
    checkpoint = decoded(trial.office.request(), "a request")["checkpoint"]
    head = read_checkpoint(checkpoint)
    body = {"size": head.size, "root": head.root, "checkpoint": checkpoint, "cosignatures": []}
    trial.refused("2 are needed", trial.office.say, "witnessed", body)
    trial.refused(
        "is no witness", trial.office.say, "witnessed", body | {"cosignatures": [checkpoint]}
    )
    assert trial.register.consents["c1"].witnessed < 0


def test_a_history_with_a_consent_put_in_later_is_signed_by_no_witness(trial, tmp_path):
    """The log's operator writes the whole ledger anew, with a consent where there was none."""
    trial.third_state()
    trial.cast.witness()
    honest = decoded(trial.office.request(), "a request")["checkpoint"]
    rows = [data for _, data in trial.office.ledger.entries()]
    trial.consent("c1", trial.drones[2:3], "uz-border", ready=False)
    later = [data for _, data in trial.office.ledger.entries()][len(rows) :]
    new = [*rows[:10], *later, *rows[10:]]
    witness = trial.cast._witnesses["w-jp"]
    assert witness.size > 10
    with opened(tmp_path / "rewritten.db") as ledger:
        ledger.append(new[: len(rows)])
        forked = decoded(make_request(ledger, demo_key("log"), trial.clock.ns), "a request")
        ledger.append(new[len(rows) :])
        proof = ledger.consistency(witness.size, ledger.size)
        asked = decoded(make_request(ledger, demo_key("log"), trial.clock.ns), "a request")
        with pytest.raises(CustodyError):
            cosign(witness, asked["checkpoint"], proof, demo_key("w-jp"), trial.clock.ns)
    # Two checkpoints of one size: proof against the operator, for everybody.
    assert fork(honest, forked["checkpoint"], demo_key("log").key)


def test_a_late_answer_of_witnesses_does_not_spoil_the_ledger(trial):
    """An older checkpoint, sealed after a newer one, once made the ledger unreadable."""
    asked = decoded(trial.office.request(), "a request")
    answers = []
    for name in ("w-mn", "w-int"):
        state, size = trial.cast._witnesses[name], read_checkpoint(asked["checkpoint"]).size
        proof = [] if state.size == size else asked["proofs"].get(state.size, [])
        answers.append(cosign(state, asked["checkpoint"], proof, demo_key(name), trial.clock.ns)[1])
    trial.cast.act("bat", "suspect", {"items": trial.drones[2:3], "text": "odd flight"})
    trial.cast.witness()
    before = trial.register.size
    with pytest.raises(CustodyError, match="witnessed already"):
        trial.office.witnessed(answers)
    assert trial.office.ledger.size == before
    trial.reopen()
    assert trial.register.size == before


def test_a_clock_that_jumps_back_does_not_spoil_the_ledger(trial):
    trial.clock.days(-30)
    trial.refused(
        "only the ledger's order counts",
        trial.cast.act, "bat", "suspect", {"items": trial.drones[2:3], "text": "x"},
    )  # fmt: skip
    trial.reopen()
    assert trial.register.refusals[-1]["by"] == "bat"
    assert trial.register.log == LOG
