"""A5: a purpose lapses in mid-mission: tasking and release stop at once, the way home stays."""

from steppewatch.command.tasking import taskable
from steppewatch.engine.custody_demo import DAY_NS, example


def narrow(trial, purposes):
    trial.cast.weighty("dorj", ["sato", "saran"], "narrow", {
        "agreement": "jp-mn", "arrangement": "radars-2025", "purposes": purposes,
    })  # fmt: skip


def renew(trial, text, approvers=("sato", "saran")):
    return trial.cast.weighty("dorj", approvers, "agreement", {"text": text})


def test_a_narrowed_purpose_stops_tasking_at_once_and_lets_it_come_home(trial):
    drone = trial.drones[2]
    assert trial.can(drone)
    narrow(trial, ["search-and-rescue"])
    half = trial.office.authority()
    now = taskable(drone, "border-surveillance", "bat", trial.clock.ns, [half])
    assert not now.can
    assert "purpose is not named" in " ".join(now.reasons)
    assert trial.can(drone, "recover")
    assert trial.can(drone, "search-and-rescue")
    assert trial.register.notices[-1].kind == "narrow"


def test_a_narrowed_purpose_stops_the_release_of_what_its_sensor_sees(trial):
    partners = {"gov": ("mn-mod", "border-surveillance")}
    assert "border-surveillance" in trial.office.situation(partners).labels["radar-1"].purposes
    narrow(trial, ["search-and-rescue"])
    assert trial.office.situation(partners).labels["radar-1"].purposes == ("search-and-rescue",)


def test_a_purpose_is_never_widened_by_narrowing(trial):
    narrow(trial, [])
    narrow(trial, ["search-and-rescue"])  # within the text: the parties may give back
    trial.refused("would widen", narrow, trial, ["combat"])


def test_a_lapsed_arrangement_stops_tasking_but_not_the_way_home(trial):
    drone = trial.drones[2]
    soon = "2026-11-25T00:00:00Z"
    text = example("jp-mn").replace(
        'from = "2025-03-01T00:00:00Z"', f'from = "2025-03-01T00:00:00Z"\nuntil = "{soon}"'
    )
    renew(trial, text)
    assert trial.can(drone)
    trial.clock.days(30)
    assert not trial.can(drone)
    assert trial.can(drone, "recover")


def test_a_consent_opens_another_purpose_for_its_time_only(trial):
    drone = trial.drones[2]
    assert not trial.can(drone, "training")
    trial.consent("p1", [drone], "mn-gabp", purpose="training", kinds=["purpose"])
    assert trial.can(drone, "training")
    assert not trial.can(trial.drones[3], "training")
    assert not trial.can(drone, "training", by="dorj")  # who signed it does not use it
    trial.clock.ns += 90 * DAY_NS
    assert not trial.can(drone, "training")


def test_a_flat_ban_has_no_road_by_consent(trial):
    drone = trial.drones[2]
    trial.consent("p1", [drone], "mn-gabp", purpose="training", kinds=["purpose"])
    assert trial.can(drone, "training")
    flat = example("jp-mn").replace(
        'rule = "purpose"\nvariant = "consent"', 'rule = "purpose"\nvariant = "flat"'
    )
    assert flat != example("jp-mn")
    renew(trial, flat)
    assert not trial.can(drone, "training")
    assert trial.can(drone)


def test_a_consent_never_opens_what_the_charter_forbids(trial):
    drone = trial.drones[2]
    trial.consent("p1", [drone], "mn-gabp", purpose="combat", kinds=["purpose"])
    assert not trial.can(drone, "combat")


def test_a_part_with_wider_purposes_does_not_widen_the_whole(trial):
    text = (
        example("jp-mn")
        + """
[[arrangement]]
id = "schools"
project = "border-watch"
giver = "jp-mod"
holder = "mn-gabp"
purposes = ["border-surveillance", "training"]
named = ["mn-gabp-west"]

[[lot]]
arrangement = "schools"
maker = "EX"
part = "KIT"
title = "Training kit"
quantity = 1
"""
    )
    renew(trial, text)
    trial.cast.act("abe", "register", {
        "maker": "EX", "part": "KIT", "serial": "1", "title": "Kit", "agreement": "jp-mn",
        "arrangement": "schools",
    })  # fmt: skip
    trial.cast.handover("abe", "bat", ["EX/KIT/1"], "mn-gabp", "depot-ulgii")
    trial.cast.act("bat", "fit", {"part": "EX/KIT/1", "into": trial.drones[2]})
    assert not trial.can(trial.drones[2], "training")
    assert trial.can(trial.drones[2])
