"""A10: the agreement has ended; ten years later its surviving duties still hold."""

import pytest

from steppewatch.custody.policy.decide import decide
from steppewatch.custody.register.facts import used

TEN_YEARS = 3653


@pytest.fixture
def ended(trial):
    trial.third_state()
    trial.consent("before", trial.drones[2:3], "uz-border", until_ns=1 << 62)
    trial.cast.act("timur", "assure", {"consent": "before", "text": "yes"})
    trial.cast.weighty("dorj", ["sato", "saran"], "terminate", {"agreement": "jp-mn"})
    assert trial.register.notices[-1].kind == "ended"
    trial.clock.days(TEN_YEARS)
    trial.reopen()
    return trial


def seen(trial):
    trial.cast.act("bat", "sighted", {"sightings": [{
        "item": trial.drones[2], "site": "depot-ulgii", "captured_ns": trial.clock.ns,
        "how": "hand", "condition": "good",
    }]})  # fmt: skip


def test_nothing_new_comes_under_it(ended):
    ended.refused("no agreement 'jp-mn' in force", ended.cast.act, "abe", "register", {
        "maker": "EX", "part": "UAV-EO", "serial": "0777", "title": "Drone",
        "agreement": "jp-mn", "arrangement": "radars-2025",
    })  # fmt: skip
    ended.refused("jp-mn ended at position", ended.consent, "after", ended.drones[2:3], "uz-border")
    text = ended.register.agreements["jp-mn"].text
    ended.refused(
        "a new agreement has a new id",
        ended.cast.act, "dorj", "propose", {"kind": "agreement", "body": {"text": text}},
    )  # fmt: skip


def test_retransfer_stays_closed_also_by_a_consent_from_before(ended):
    for to, site in (("uz-border", "uz-depot"), ("mn-haulier", "depot-ulgii")):
        ended.refused("no consent of the origin", ended.offer, "bat", ended.drones[2:3], to, site)
    ended.refused(
        "the agreement has ended",
        ended.offer, "bat", ended.drones[2:3], "uz-border", "uz-depot", consent="before",
    )  # fmt: skip
    assert ended.register.items[ended.drones[2]].holder == "mn-gabp"


def test_its_purpose_still_binds(ended):
    seen(ended)
    assert ended.can(ended.drones[2])
    for purpose in ("combat", "targeting", "training"):
        assert not ended.can(ended.drones[2], purpose)


def test_its_inventories_are_still_due(ended):
    assert not ended.can(ended.drones[2])
    assert any(clock.what == "inventory" and clock.late for clock in ended.office.due())
    assert ended.can(ended.drones[2], "recover")


def test_the_origin_still_inspects(ended):
    leaf = ended.cast.act("abe", "inspect", {"items": ended.drones[2:3], "text": "show it"}).leaf
    ended.clock.days(31)
    assert any(clock.what == "inspection" and clock.late for clock in ended.office.due())
    ended.cast.act("bat", "answer", {"text": "no", "refused": True}, [leaf])
    assert ended.register.notices[-1].kind == "inspection"
    assert ended.register.notices[-1].to == ("JP",)


def test_its_secrets_stay_secret(ended):
    asked = used(ended.register, "access", "aliya", ended.drones[2], "training", ended.clock.ns)
    assert not decide(ended.office.rules, asked).allowed
    labels = ended.office.situation({}).labels
    assert labels["radar-1"].terms == ("jp-mn",)


def test_the_own_government_may_still_hand_it_on_inside(ended):
    ended.cast.act("abe", "certify", {"site": "post-12", "until_ns": ended.clock.ns * 2})
    ended.cast.handover("bat", "tuya", ended.drones[2:3], "mn-gabp-west", "post-12")


def test_it_may_always_go_back_to_the_origin(ended):
    ended.cast.act("sato", "site", {
        "id": "jp-depot", "title": "Depot", "org": "jp-mod", "nation": "JP",
    })  # fmt: skip
    ended.cast.handover("bat", "abe", ended.drones[2:3], "jp-mod", "jp-depot")
    assert ended.register.items[ended.drones[2]].holder == "jp-mod"


def test_disposal_still_needs_the_origins_consent(ended):
    body = {"items": ended.drones[2:3], "way": "shredded"}
    leaf = ended.cast.act("bat", "propose", {"kind": "dispose", "body": body}).leaf
    for name in ("dorj", "saran"):
        ended.cast.act(name, "approve", {}, [leaf])
    assert ended.register.items[ended.drones[2]].state == "held"
    assert ended.register.proposals[leaf].needs == "a signer of JP"
    ended.cast.act("sato", "approve", {}, [leaf])
    assert ended.register.items[ended.drones[2]].state == "disposed"
    assert ended.register.notices[-1].kind == "dispose"


def test_a_disposal_of_two_origins_things_needs_both(ended):
    item = ended.register.items[ended.drones[3]]
    item.terms |= {"mn-own"}  # as if a part of the nation's own were in it
    body = {"items": [ended.drones[3]], "way": "shredded"}
    leaf = ended.cast.act("bat", "propose", {"kind": "dispose", "body": body}).leaf
    for name in ("dorj", "saran"):
        ended.cast.act(name, "approve", {}, [leaf])
    assert ended.register.proposals[leaf].needs == "a signer of JP"
