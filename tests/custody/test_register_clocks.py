"""The register's clocks and states: inventories, loans, stores, losses, suspicion, parts."""

import pytest

from steppewatch.engine.custody_demo import DAY_NS


def seen(trial, uid, site="depot-ulgii", by="bat", **more):
    row = {
        "item": uid, "site": site, "captured_ns": trial.clock.ns, "how": "hand",
        "condition": "good",
    }  # fmt: skip
    trial.cast.act(by, "sighted", {"sightings": [row | more]})


def late(trial, what):
    return [clock.about for clock in trial.office.due() if clock.what == what and clock.late]


def test_until_both_have_signed_the_giver_holds_it(trial):
    drone = trial.drones[2]
    leaf = trial.offer("bat", [drone], "mn-gabp-west", "post-12").leaf
    assert trial.register.items[drone].holder == "mn-gabp"
    trial.refused(
        "must sign for what it is offered", trial.cast.act, "saran", "accept", {"items": [drone]},
        [leaf],
    )  # fmt: skip
    trial.refused(
        "the lists of items differ", trial.cast.act, "tuya", "accept",
        {"items": [drone, trial.drones[3]]}, [leaf],
    )  # fmt: skip
    trial.cast.act("tuya", "accept", {"items": [drone]}, [leaf])
    assert trial.register.items[drone].holder == "mn-gabp-west"
    trial.refused("closed", trial.cast.act, "tuya", "accept", {"items": [drone]}, [leaf])


def test_nobody_accepts_the_own_offer(trial):
    leaf = trial.offer("tuya", trial.drones[2:3], "mn-gabp-west", "post-12").leaf
    trial.refused(
        "the own offer", trial.cast.act, "tuya", "accept", {"items": trial.drones[2:3]}, [leaf]
    )


def test_the_first_inventory_is_due_in_90_days_then_each_year(trial):
    drone = trial.drones[0]  # handed on to the detachment, not yet seen there
    trial.clock.days(89)
    assert trial.can(drone, by="tuya")
    trial.clock.days(1)
    assert not trial.can(drone, by="tuya")
    assert drone in late(trial, "inventory")
    assert trial.can(drone, "recover", by="tuya")
    seen(trial, drone, "post-12", by="tuya")
    assert trial.can(drone, by="tuya")
    trial.clock.days(364)
    assert trial.can(drone, by="tuya")
    trial.clock.days(1)
    assert not trial.can(drone, by="tuya")


def test_an_old_sighting_that_is_merged_late_does_not_renew_the_clock(trial):
    drone = trial.drones[2]
    due = trial.register.items[drone].due_ns
    trial.clock.days(30)
    seen(trial, drone, captured_ns=trial.clock.ns - 40 * DAY_NS)
    assert trial.register.items[drone].due_ns == due
    seen(trial, drone, captured_ns=trial.clock.ns - 10 * DAY_NS)
    assert trial.register.items[drone].due_ns == due + 20 * DAY_NS
    trial.refused("after the statement was signed", seen, trial, drone, captured_ns=1 << 62)


def test_nobody_else_counts_an_inventory(trial):
    trial.refused("is neither of", seen, trial, trial.drones[2], by="saran")
    trial.refused("is neither of", seen, trial, trial.drones[2], by="sato")


def test_a_loan_has_its_clock_and_ends_with_the_return(trial):
    drone = trial.drones[2]
    trial.enrol("service", "mn-service")
    back = trial.clock.ns + 20 * DAY_NS
    trial.cast.handover("bat", "service", [drone], "mn-service", "depot-ulgii", return_by_ns=back)
    assert trial.register.items[drone].lender == "mn-gabp"
    trial.clock.days(21)
    assert drone in late(trial, "return")
    trial.cast.handover("service", "bat", [drone], "mn-gabp", "depot-ulgii")
    assert trial.register.items[drone].return_by_ns == 0
    assert late(trial, "return") == []


@pytest.mark.parametrize("what", ["lost", "stolen", "destroyed"])
def test_a_loss_is_told_with_its_delay_and_voids_the_offer(trial, what):
    drone = trial.drones[2]
    leaf = trial.offer("bat", [drone], "mn-gabp-west", "post-12").leaf
    trial.clock.days(10)
    trial.cast.act("bat", "report", {
        "item": drone, "what": what, "text": "in the storm",
        "captured_ns": trial.clock.ns - 9 * DAY_NS,
    })  # fmt: skip
    told = trial.register.notices[-1]
    assert (told.kind, "JP" in told.to, "9 days late" in told.text) == (what, True, True)
    assert not trial.can(drone)
    assert not trial.can(drone, "recover")
    trial.refused("closed", trial.cast.act, "tuya", "accept", {"items": [drone]}, [leaf])


def test_a_suspicion_stops_use_and_handover_and_is_told(trial):
    drone = trial.drones[2]
    trial.cast.act("tuya", "suspect", {"items": [drone], "text": "seen over a town"})
    assert trial.register.notices[-1].to[0] == "JP"
    assert not trial.can(drone)
    assert trial.can(drone, "recover")
    trial.refused("suspended", trial.offer, "bat", [drone], "mn-gabp-west", "post-12")
    trial.cast.act("bat", "move", {"items": [drone], "site": "post-12"})  # safe-keeping goes on


def test_an_inspection_has_its_clock_and_a_refusal_is_told(trial):
    trial.refused("no inspector of JP", trial.cast.act, "bat", "inspect", {
        "items": trial.drones[2:3], "text": "show it",
    })  # fmt: skip
    leaf = trial.cast.act("abe", "inspect", {"items": trial.drones[2:3], "text": "show it"}).leaf
    assert late(trial, "inspection") == []
    trial.clock.days(30)
    assert late(trial, "inspection") == [trial.drones[2]]
    trial.refused(
        "must answer", trial.cast.act, "saran", "answer", {"text": "x", "refused": False}, [leaf]
    )
    trial.cast.act("bat", "answer", {"text": "not today", "refused": True}, [leaf])
    assert trial.register.notices[-1].kind == "inspection"
    assert late(trial, "inspection") == []


def test_a_store_needs_its_certificate_and_a_new_description_a_new_one(trial):
    move = ("bat", "move", {"items": trial.drones[2:3], "site": "post-12"})
    trial.cast.act(*move)
    trial.cast.act("tuya", "site", {
        "id": "post-12", "title": "Post 12, now a shed", "org": "mn-gabp-west", "nation": "MN",
    })  # fmt: skip
    trial.refused("not certified", trial.cast.act, *move)
    trial.refused("no inspector of an origin", trial.cast.act, "dorj", "certify", {
        "site": "post-12", "until_ns": 1 << 62,
    })  # fmt: skip
    trial.cast.act("abe", "certify", {
        "site": "post-12", "until_ns": trial.clock.ns + 30 * DAY_NS,
    })  # fmt: skip
    trial.cast.act(*move)
    trial.clock.days(31)
    assert "post-12" in late(trial, "certificate")
    trial.refused("has run out", trial.cast.act, *move)


def test_the_whole_is_bound_by_its_parts_also_after_they_are_out_again(trial):
    part, whole = trial.drones[2], trial.radars[0]
    trial.register.items[part].terms |= {"mn-own"}
    trial.cast.act("bat", "fit", {"part": part, "into": whole})
    assert trial.register.items[whole].terms == {"jp-mn", "mn-own"}
    trial.refused("part of", trial.offer, "bat", [part], "mn-gabp-west", "post-12")
    trial.refused("is part of", trial.cast.act, "bat", "fit", {"part": whole, "into": part})
    trial.cast.act("bat", "remove", {"part": part, "site": "depot-ulgii"})
    assert trial.register.items[whole].terms == {"jp-mn", "mn-own"}


def test_a_part_goes_with_the_whole_and_a_suspected_part_holds_it(trial):
    part, whole = trial.drones[2], trial.radars[0]
    trial.cast.act("bat", "fit", {"part": part, "into": whole})
    trial.cast.act("abe", "suspect", {"items": [part], "text": "odd traffic"})
    assert not trial.can(whole)
    trial.refused("suspended", trial.offer, "bat", [whole], "mn-gabp-west", "post-12")
    trial.cast.weighty("bat", ["sato", "saran"], "reinstate", {
        "agreement": "jp-mn", "items": [part], "why": "checked",
    })  # fmt: skip
    trial.cast.handover("bat", "tuya", [whole], "mn-gabp-west", "post-12")
    assert trial.register.items[part].holder == "mn-gabp-west"
