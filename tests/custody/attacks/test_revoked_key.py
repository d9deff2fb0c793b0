"""A9: a key is revoked, of a person or a partner: nothing new by it, the past stays provable."""

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import sign_act
from steppewatch.custody.ledger.statement import read_statement
from steppewatch.custody.register import Register
from steppewatch.engine.custody_demo import demo_key


def kid(name):
    return demo_key(name).key.kid


def test_a_revoked_key_signs_nothing_more(trial):
    trial.cast.act("dorj", "revoke", {"kid": kid("bat"), "why": "card lost"})
    trial.refused("its key was revoked at position", trial.cast.act, "bat", "suspect", {
        "items": trial.drones[:1], "text": "x",
    })  # fmt: skip
    assert trial.register.refusals[-1]["by"] == "bat"


def test_a_statement_signed_before_but_brought_after_is_refused(trial):
    data = trial.cast.sign("bat", "suspect", {"items": trial.drones[:1], "text": "x"})
    trial.cast.act("dorj", "revoke", {"kid": kid("bat"), "why": "card lost"})
    trial.refused("revoked", trial.office.submit, data)


def test_only_the_own_nation_revokes_a_key(trial):
    trial.refused(
        "an authority of KZ", trial.cast.act, "dorj", "revoke", {"kid": kid("aliya"), "why": "x"}
    )


def test_a_revoked_partner_gets_no_data(trial):
    partners = {"kz": ("kz-border", "border-surveillance")}
    assert not trial.office.situation(partners).partners["kz"].stopped
    trial.cast.act("aliya", "revoke", {"kid": kid("aliya"), "why": "stolen"})
    assert "revoked" in trial.office.situation(partners).partners["kz"].stopped


def test_an_offer_of_a_revoked_key_is_not_accepted(trial):
    leaf = trial.offer("bat", trial.drones[2:3], "mn-gabp-west", "post-12").leaf
    trial.cast.act("dorj", "revoke", {"kid": kid("bat"), "why": "card stolen"})
    trial.refused(
        "holds no more", trial.cast.act, "tuya", "accept", {"items": trial.drones[2:3]}, [leaf]
    )
    trial.cast.act("dorj", "decline", {"why": "not ours"}, [leaf])
    assert trial.register.items[trial.drones[2]].state == "held"


def test_what_a_revoked_key_proposed_or_approved_counts_no_more(trial):
    body = {"id": "uz-border", "title": "x", "nation": "UZ", "kind": "government"}
    ask = {"kind": "organisation", "body": body}
    proposed = trial.cast.act("bat", "propose", ask).leaf
    approved = trial.cast.act("tuya", "propose", ask).leaf
    trial.cast.act("sato", "approve", {}, [approved])
    trial.cast.act("dorj", "revoke", {"kid": kid("bat"), "why": "stolen"})
    trial.cast.act("mori", "revoke", {"kid": kid("sato"), "why": "stolen"})
    trial.refused("void already", trial.cast.act, "saran", "approve", {}, [proposed])
    trial.cast.act("saran", "approve", {}, [approved])
    assert trial.register.proposals[approved].needs == "1 approvals"
    trial.cast.act("mori", "approve", {}, [approved])
    assert "uz-border" in trial.register.organisations


def test_a_new_key_of_the_same_person_works_and_the_old_one_does_not(trial):
    key = demo_key("bat second").key
    trial.cast.weighty("dorj", ["sato", "saran"], "enrol", {
        "id": "bat", "name": "Bat", "org": "mn-gabp", "roles": ["officer"], "level": 2,
        "key": {"alg": key.alg, "public": key.public},
    })  # fmt: skip
    trial.refused("revoked", trial.cast.act, "bat", "suspect", {
        "items": trial.drones[:1], "text": "x",
    })  # fmt: skip
    act = Act(
        kind="suspect", by="bat", at_ns=trial.clock.ns, nonce=b"2" * 16,
        body={"items": trial.drones[:1], "text": "y"},
    )  # fmt: skip
    trial.office.submit(sign_act(act, demo_key("bat second"), "bat"))


def test_the_past_of_a_revoked_key_stays_in_force_and_checks(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border")
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "yes"})
    trial.cast.act("mori", "revoke", {"kid": kid("sato"), "why": "retired"})
    trial.cast.handover("bat", "timur", trial.drones[2:3], "uz-border", "uz-depot", consent="c1")
    register = Register()
    for _, data in trial.office.ledger.entries():
        statement = read_statement(data)
        assert register.refusal(statement) is None
        register.take(statement)
    assert register.items[trial.drones[2]].holder == "uz-border"
