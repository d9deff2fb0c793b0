"""A2: an item goes to who has no right to it, by every road; each attempt is on record."""

import pytest

DAY_NS = 86_400_000_000_000


def test_a_third_state_gets_nothing_without_consent(trial):
    trial.third_state()
    trial.refused(
        "no consent of the origin covers this recipient",
        trial.offer, "bat", trial.drones[2:3], "uz-border", "uz-depot",
    )  # fmt: skip
    assert trial.register.items[trial.drones[2]].holder == "mn-gabp"


def test_a_third_state_gets_what_the_origin_consented_to_and_all_are_told(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border")
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "for the border only"})
    trial.cast.handover("bat", "timur", trial.drones[2:3], "uz-border", "uz-depot", consent="c1")
    assert trial.register.items[trial.drones[2]].holder == "uz-border"
    told = [one for one in trial.register.notices if one.kind == "consent"]
    assert {"JP", "mn-gabp", "uz-border"} <= set(told[-1].to)


@pytest.mark.parametrize(
    ("given", "tried", "says"),
    [
        ({"items": [4]}, {}, "another item, recipient, purpose"),
        ({"recipient": "mn-mod"}, {}, "another item, recipient, purpose"),
        ({"purpose": "training"}, {}, "another item, recipient, purpose"),
        ({"from_ns": 1 << 61}, {}, "another item, recipient, purpose"),
        ({}, {"purpose": "search-and-rescue"}, "another item, recipient, purpose"),
        ({"quantity": 1}, {"items": [2, 3]}, "leaves 1"),
        ({"kinds": ["purpose"]}, {}, "opens purpose, no transfer"),
    ],
    ids=["serial", "recipient", "purpose", "later", "other-use", "more", "other-kind"],
)
def test_a_consent_for_something_else_opens_nothing(trial, given, tried, says):
    trial.third_state()
    given = dict(given)
    items = [trial.drones[k] for k in given.pop("items", [2, 3])]
    if "from_ns" in given:
        given["until_ns"] = given["from_ns"] + DAY_NS
    trial.consent("c1", items, given.pop("recipient", "uz-border"), **given)
    by = "saran" if given.get("recipient") == "mn-mod" else "timur"
    if trial.register.consents["c1"].recipient == "uz-border":
        trial.cast.act(by, "assure", {"consent": "c1", "text": "yes"})
    wanted = [trial.drones[k] for k in tried.get("items", [2])]
    more = {"purpose": tried["purpose"]} if "purpose" in tried else {}
    trial.refused(says, trial.offer, "bat", wanted, "uz-border", "uz-depot", consent="c1", **more)


def test_a_consent_that_no_witness_confirmed_opens_nothing_yet(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border", ready=False)
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "yes"})
    trial.refused(
        "not witnessed before",
        trial.offer, "bat", trial.drones[2:3], "uz-border", "uz-depot", consent="c1",
    )  # fmt: skip


def test_a_consent_of_the_recipients_own_persons_is_none(trial):
    trial.third_state()
    leaf = trial.consent("c1", trial.drones[2:3], "uz-border", by="bat", approvers=[], ready=False)
    for name in ("dorj", "saran"):
        trial.cast.act(name, "approve", {}, [leaf])
    assert trial.register.proposals[leaf].needs == "a signer of JP"
    trial.refused(
        "there is no consent",
        trial.offer, "bat", trial.drones[2:3], "uz-border", "uz-depot", consent="c1",
    )  # fmt: skip


def test_who_signed_a_consent_does_not_use_it(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border", by="bat")
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "yes"})
    trial.refused(
        "used by one who signed it",
        trial.offer, "bat", trial.drones[2:3], "uz-border", "uz-depot", consent="c1",
    )  # fmt: skip


def test_a_consent_needs_the_recipients_own_assurance(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border")
    trial.refused(
        "has not signed its own end-use assurance",
        trial.offer, "bat", trial.drones[2:3], "uz-border", "uz-depot", consent="c1",
    )  # fmt: skip
    trial.refused(
        "signs for its own end use", trial.cast.act, "bat", "assure", {"consent": "c1", "text": "x"}
    )


def test_a_consent_that_is_taken_back_opens_nothing_also_for_an_open_offer(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:3], "uz-border")
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "yes"})
    leaf = trial.offer("bat", trial.drones[2:3], "uz-border", "uz-depot", consent="c1").leaf
    trial.cast.act("sato", "revoke", {"consent": "c1", "why": "new facts"})
    trial.refused(
        "revoked", trial.cast.act, "timur", "accept", {"items": trial.drones[2:3]}, [leaf]
    )
    assert trial.register.items[trial.drones[2]].holder == "mn-gabp"


def test_a_prohibited_destination_stays_closed_with_a_perfect_consent(trial):
    text = trial.register.agreements["jp-mn"].text.replace('nations = ["XA"]', 'nations = ["KZ"]')
    trial.cast.weighty("saran", ["sato", "dorj"], "agreement", {"text": text})
    trial.cast.act("aliya", "site", {
        "id": "kz-depot", "title": "Depot", "org": "kz-border", "nation": "KZ",
    })  # fmt: skip
    trial.consent("c1", trial.drones[2:3], "kz-border")
    trial.cast.act("aliya", "assure", {"consent": "c1", "text": "yes"})
    trial.refused(
        "prohibited destinations",
        trial.offer, "bat", trial.drones[2:3], "kz-border", "kz-depot", consent="c1",
    )  # fmt: skip


def test_a_third_state_receives_with_a_perfect_consent_and_not_with_another(trial):
    trial.cast.act("aliya", "site", {
        "id": "kz-depot", "title": "Depot", "org": "kz-border", "nation": "KZ",
    })  # fmt: skip
    trial.consent("c1", trial.drones[2:3], "kz-border")
    trial.cast.act("aliya", "assure", {"consent": "c1", "text": "yes"})
    trial.refused(
        "another item",
        trial.offer, "bat", trial.drones[3:4], "kz-border", "kz-depot", consent="c1",
    )  # fmt: skip
    leaf = trial.offer("bat", trial.drones[2:3], "kz-border", "kz-depot", consent="c1").leaf
    trial.cast.act("aliya", "accept", {"items": trial.drones[2:3]}, [leaf])
    assert trial.register.items[trial.drones[2]].holder == "kz-border"


def test_the_own_contractor_is_a_third_party_unless_it_is_named(trial):
    trial.refused(
        "no consent of the origin covers this recipient",
        trial.offer, "bat", trial.drones[2:3], "mn-haulier", "depot-ulgii",
    )  # fmt: skip
    trial.offer("bat", trial.drones[2:3], "mn-service", "depot-ulgii")


def test_a_contractor_does_not_become_government_by_a_change_of_its_entry(trial):
    body = {"id": "mn-haulier", "title": "Haulier", "nation": "MN", "kind": "government"}
    trial.refused("stays", trial.cast.act, "bat", "propose", {"kind": "organisation", "body": body})
    part = body | {"id": "mn-carrier", "kind": "contractor", "part_of": "mn-gabp"}
    trial.refused(
        "part of", trial.cast.act, "bat", "propose", {"kind": "organisation", "body": part}
    )


def test_a_loan_is_no_way_out(trial):
    trial.third_state()
    day = trial.clock.ns + 20 * DAY_NS
    for to, site in (("uz-border", "uz-depot"), ("mn-haulier", "depot-ulgii")):
        trial.refused(
            "no consent of the origin covers this recipient",
            trial.offer, "bat", trial.drones[2:3], to, site, return_by_ns=day,
        )  # fmt: skip
    trial.refused(
        "longer than the agreement", trial.offer, "bat", trial.drones[2:3], "mn-service",
        "depot-ulgii", return_by_ns=trial.clock.ns + 181 * DAY_NS,
    )  # fmt: skip


def test_an_intermediate_gets_no_right_to_pass_on(trial):
    trial.third_state()
    trial.consent("c1", trial.drones[2:4], "uz-border")
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "yes"})
    trial.cast.handover("bat", "timur", trial.drones[2:3], "uz-border", "uz-depot", consent="c1")
    trial.cast.act("aliya", "site", {
        "id": "kz-depot", "title": "Depot", "org": "kz-border", "nation": "KZ",
    })  # fmt: skip
    for more in ({}, {"consent": "c1"}):
        trial.refused(
            "withheld",
            trial.offer, "timur", trial.drones[2:3], "kz-border", "kz-depot", **more,
        )  # fmt: skip
    assert trial.register.items[trial.drones[2]].holder == "uz-border"


def test_only_its_holder_hands_an_item_over(trial):
    trial.refused("is held by", trial.offer, "aliya", trial.drones[2:3], "kz-border", "depot-ulgii")
    trial.refused("is held by", trial.offer, "saran", trial.drones[2:3], "mn-mod", "depot-ulgii")


def test_nothing_crosses_a_border_as_a_mere_move(trial):
    trial.cast.act("bat", "site", {
        "id": "abroad", "title": "Our store abroad", "org": "mn-gabp", "nation": "KZ",
    })  # fmt: skip
    trial.refused(
        "offered and accepted",
        trial.cast.act, "bat", "move", {"items": trial.drones[2:3], "site": "abroad"},
    )  # fmt: skip


def test_a_site_does_not_wander_over_a_border_with_what_is_in_it(trial):
    trial.refused("it stays there", trial.cast.act, "bat", "site", {
        "id": "depot-ulgii", "title": "Depot", "org": "mn-gabp", "nation": "KZ",
    })  # fmt: skip


def test_nothing_leaves_inside_another_thing_for_which_there_is_consent(trial):
    trial.third_state()
    hidden, shown = trial.radars[0], trial.drones[2]
    trial.cast.act("bat", "fit", {"part": hidden, "into": shown})
    trial.consent("c1", [shown], "uz-border")
    trial.cast.act("timur", "assure", {"consent": "c1", "text": "yes"})
    trial.refused(
        "another item", trial.offer, "bat", [shown], "uz-border", "uz-depot", consent="c1"
    )
    assert trial.register.items[hidden].holder == "mn-gabp"


def test_a_third_party_does_not_task_what_it_does_not_hold(trial):
    assert not trial.can(trial.drones[2], by="aliya")
    assert trial.can(trial.drones[2], by="bat")
