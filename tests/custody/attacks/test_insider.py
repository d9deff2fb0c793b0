"""A8: one insider, also with the keys of the house: the disk, the log, an old backup."""

import shutil

import pytest

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import sign_act
from steppewatch.custody.ledger.checkpoint import cosign
from steppewatch.custody.ledger.cose import decoded
from steppewatch.engine.custody_demo import demo_key, example
from steppewatch.engine.custody_ledger import opened
from steppewatch.engine.custody_office import open_office
from steppewatch.engine.custody_witness import make_request
from steppewatch.errors import CustodyError, EngineError


def consent_body(trial, **more):
    return {
        "id": "c1", "agreement": "jp-mn", "items": trial.drones[2:3], "recipient": "mn-haulier",
        "purpose": "border-surveillance", "quantity": 1, "from_ns": trial.clock.ns,
        "until_ns": trial.clock.ns + 10**15,
    } | more  # fmt: skip


def person(name, org="mn-gabp", **more):
    key = demo_key(more.pop("key", name + " new")).key
    return {
        "id": name, "name": name, "org": org, "roles": ["authority", "officer"], "level": 3,
        "key": {"alg": key.alg, "public": key.public},
    } | more  # fmt: skip


def test_nobody_approves_the_own_proposal_or_twice(trial):
    leaf = trial.cast.act("dorj", "propose", {"kind": "consent", "body": consent_body(trial)}).leaf
    trial.refused("another person must", trial.cast.act, "dorj", "approve", {}, [leaf])
    trial.cast.act("saran", "approve", {}, [leaf])
    trial.refused("another person must", trial.cast.act, "saran", "approve", {}, [leaf])
    assert trial.register.proposals[leaf].state == "open"


def test_who_has_not_the_role_approves_nothing(trial):
    leaf = trial.cast.act("dorj", "propose", {"kind": "consent", "body": consent_body(trial)}).leaf
    trial.refused("has not the role", trial.cast.act, "bat", "approve", {}, [leaf])


def test_two_persons_of_one_organisation_are_not_enough(trial):
    trial.enrol("bold", "mn-gabp", roles=("authority",))
    leaf = trial.cast.act("bat", "propose", {"kind": "enrol", "body": person("second")}).leaf
    for name in ("dorj", "bold"):
        trial.cast.act(name, "approve", {}, [leaf])
    assert trial.register.proposals[leaf].needs == "signers of 2 organisations"
    assert "second" not in trial.register.persons


def test_a_second_identity_with_the_own_key_is_none(trial):
    body = person("second", key="dorj")
    trial.refused("own key", trial.cast.act, "dorj", "propose", {"kind": "enrol", "body": body})


def test_a_second_identity_needs_two_others(trial):
    leaf = trial.cast.act("dorj", "propose", {"kind": "enrol", "body": person("second")}).leaf
    trial.refused("another person must", trial.cast.act, "dorj", "approve", {}, [leaf])
    data = Act(
        kind="approve", by="second", at_ns=trial.clock.ns, body={}, refs=(leaf,), nonce=b"1" * 16
    )
    with pytest.raises(CustodyError, match="nobody's here"):
        trial.office.submit(sign_act(data, demo_key("second new"), "second"))
    assert "second" not in trial.register.persons


def test_roles_change_only_by_an_enrolment_that_others_approve(trial):
    body = person("bat", roles=["authority"])
    leaf = trial.cast.act("bat", "propose", {"kind": "enrol", "body": body}).leaf
    trial.refused("another person must", trial.cast.act, "bat", "approve", {}, [leaf])
    assert "authority" not in trial.register.persons["bat"].roles


def test_a_whole_recipient_does_not_make_itself_a_person_of_the_origin(trial):
    """Three officials of two authorities together, without anybody of the origin."""
    leaf = trial.cast.act(
        "bat", "propose", {"kind": "enrol", "body": person("fake", "jp-mod")}
    ).leaf
    for name in ("dorj", "saran"):
        trial.cast.act(name, "approve", {}, [leaf])
    assert trial.register.proposals[leaf].needs == "a signer of JP"
    assert "fake" not in trial.register.persons
    trial.refused("only there is a successor named", trial.cast.act, "bat", "propose", {
        "kind": "enrol", "body": person("fake", "mn-gabp", replaces="sato"),
    })  # fmt: skip
    trial.refused("only there is a successor named", trial.cast.act, "bat", "propose", {
        "kind": "enrol", "body": person("sato", "mn-gabp"),
    })  # fmt: skip


def test_a_foreign_passport_does_not_sign_for_a_foreign_state(trial):
    leaf = trial.cast.act("bat", "propose", {
        "kind": "enrol", "body": person("guest", "mn-gabp", nation="JP"),
    }).leaf  # fmt: skip
    for name in ("dorj", "saran"):
        trial.cast.act(name, "approve", {}, [leaf])
    assert trial.register.persons["guest"].nation == "MN"
    ask = trial.cast.act("bat", "propose", {"kind": "consent", "body": consent_body(trial)}).leaf
    trial.cast.act("saran", "approve", {}, [ask])
    act = Act(
        kind="approve", by="guest", at_ns=trial.clock.ns, body={}, refs=(ask,), nonce=b"3" * 16
    )
    trial.office.submit(sign_act(act, demo_key("guest new"), "guest"))
    assert trial.register.proposals[ask].needs == "a signer of JP"


def test_one_side_does_not_edit_the_agreement(trial):
    ours = 'text = """permit(principal, action, resource);"""'
    text = example("jp-mn").replace('rule = "third-party"\nvariant = "consent"', ours)
    assert text != example("jp-mn")
    leaf = trial.cast.act("bat", "propose", {"kind": "agreement", "body": {"text": text}}).leaf
    for name in ("dorj", "saran"):
        trial.cast.act(name, "approve", {}, [leaf])
    assert trial.register.proposals[leaf].needs == "a signer of JP"
    assert trial.register.agreements["jp-mn"].text == example("jp-mn")
    trial.refused(
        "no consent of the origin", trial.offer, "bat", trial.drones[2:3], "mn-haulier",
        "depot-ulgii",
    )  # fmt: skip


def test_a_suspicion_is_not_cleared_by_who_is_suspected(trial):
    drone = trial.drones[2]
    trial.cast.act("abe", "suspect", {"items": [drone], "text": "seen over a town"})
    body = {"agreement": "jp-mn", "items": [drone], "why": "all is well"}
    leaf = trial.cast.act("bat", "propose", {"kind": "reinstate", "body": body}).leaf
    trial.refused("another person must", trial.cast.act, "bat", "approve", {}, [leaf])
    for name in ("dorj", "saran"):
        trial.cast.act(name, "approve", {}, [leaf])
    assert not trial.can(drone)
    trial.cast.act("sato", "approve", {}, [leaf])
    assert trial.can(drone)


def test_a_bad_key_in_a_proposal_changes_nothing(trial):
    body = person("second") | {"key": {"alg": "EdDSA", "public": 10**12}}
    trial.refused("the key is not", trial.cast.act, "bat", "propose", {
        "kind": "enrol", "body": body,
    })  # fmt: skip


def test_another_persons_name_on_a_statement_blames_nobody(trial):
    """A forger has the public name of a key, not the key."""
    data = bytearray(trial.cast.sign("bat", "suspect", {"items": trial.drones[:1], "text": "x"}))
    data[-1] ^= 1
    trial.refused("forged", trial.office.submit, bytes(data))
    assert trial.register.refusals[-1]["by"] == "(nobody provably)"


def test_a_flood_of_forgeries_does_not_crowd_out_what_somebody_really_tried(trial):
    for k in range(70):
        data = bytearray(
            trial.cast.sign("bat", "suspect", {"items": trial.drones[:1], "text": str(k)})
        )
        data[-1] ^= 1
        with pytest.raises(CustodyError):
            trial.office.submit(bytes(data))
    assert len(trial.register.refusals) == 60
    trial.refused("is held by", trial.offer, "aliya", trial.drones[2:3], "kz-border", "depot-ulgii")


def test_the_operators_own_line_in_the_database_is_found_when_the_office_opens(trial):
    """Written past the office, with a right tree and a forged signature."""
    leaf = trial.cast.act("dorj", "propose", {"kind": "consent", "body": consent_body(trial)}).leaf
    forged = bytearray(trial.cast.sign("sato", "approve", {}, [leaf]))
    forged[-1] ^= 1
    trial.close()
    with opened(trial.where) as ledger:
        ledger.append([bytes(forged)])
    with pytest.raises(EngineError, match="forged"), open_office(str(trial.where)):
        pass


def test_the_operators_own_approval_past_the_office_is_found(trial):
    leaf = trial.cast.act("dorj", "propose", {"kind": "consent", "body": consent_body(trial)}).leaf
    own = trial.cast.sign("dorj", "approve", {}, [leaf])
    trial.close()
    with opened(trial.where) as ledger:
        ledger.append([own])
    with pytest.raises(EngineError, match="another person must"), open_office(str(trial.where)):
        pass


def test_an_old_backup_that_is_restored_is_signed_by_no_witness(trial, tmp_path):
    """The suspicion is to vanish: the ledger of before comes back and goes on otherwise."""
    backup = tmp_path / "backup"
    backup.mkdir()
    trial.close()
    for part in trial.where.parent.glob("ledger.db*"):
        shutil.copy(part, backup / part.name)
    trial.reopen()
    trial.cast.act("abe", "suspect", {"items": trial.drones[2:3], "text": "seen over a town"})
    trial.cast.witness()
    seen = trial.cast._witnesses["w-jp"]
    trial.close()
    with open_office(str(backup / "ledger.db"), demo_key("log"), trial.clock) as old:
        shorter = decoded(make_request(old.ledger, demo_key("log"), trial.clock.ns), "a request")
        with pytest.raises(CustodyError):
            cosign(seen, shorter["checkpoint"], [], demo_key("w-jp"), trial.clock.ns)
        trial.office, trial.cast.office = old, old
        for k in range(5):
            trial.cast.act("bat", "suspect", {"items": trial.drones[3:4], "text": f"decoy {k}"})
        longer = decoded(make_request(old.ledger, demo_key("log"), trial.clock.ns), "a request")
        proof = old.ledger.consistency(seen.size, old.ledger.size)
        with pytest.raises(CustodyError):
            cosign(seen, longer["checkpoint"], proof, demo_key("w-jp"), trial.clock.ns)
