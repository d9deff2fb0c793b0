"""A7: a serial is used twice, made to look new, or lives on after its end."""

import pytest


def register(trial, serial, maker="EX", part="UAV-EO", by="abe"):
    return trial.cast.act(by, "register", {
        "maker": maker, "part": part, "serial": serial, "title": "Drone", "agreement": "jp-mn",
        "arrangement": "radars-2025",
    })  # fmt: skip


def test_a_serial_is_registered_once(trial):
    trial.refused("once, for ever", register, trial, "0001")


@pytest.mark.parametrize("what", ["lost", "stolen", "destroyed"])
def test_a_serial_is_not_free_after_its_item_is_gone(trial, what):
    trial.cast.act("bat", "report", {
        "item": trial.drones[2], "what": what, "text": "in the storm",
        "captured_ns": trial.clock.ns,
    })  # fmt: skip
    assert trial.register.notices[-1].kind == what
    trial.refused(f"is {what}: a serial is used once", register, trial, "0003")
    trial.refused("is " + what, trial.offer, "bat", trial.drones[2:3], "mn-mod", "depot-ulgii")
    assert not trial.can(trial.drones[2])


def test_a_serial_is_not_free_after_disposal(trial):
    trial.cast.weighty(
        "bat", ["sato", "saran"], "dispose", {"items": trial.drones[2:3], "way": "shredded"}
    )
    assert trial.register.items[trial.drones[2]].state == "disposed"
    trial.refused("once, for ever", register, trial, "0003")


@pytest.mark.parametrize("serial", ["０００１", "0001\u200b", "0001/", " 0001"])
def test_a_serial_that_only_looks_new_is_refused(trial, serial):
    trial.refused("", register, trial, serial)


def test_a_serial_in_other_letters_is_the_same(trial):
    register(trial, "ab-7")
    trial.refused("once, for ever", register, trial, "AB-7")


def test_the_recipient_registers_nothing_of_the_origin(trial):
    trial.refused("only JP registers", register, trial, "0999", by="bat")


def test_a_clone_of_what_is_gone_is_told_where_it_is_seen(trial):
    trial.cast.act("bat", "report", {
        "item": trial.drones[2], "what": "destroyed", "text": "burnt",
        "captured_ns": trial.clock.ns,
    })  # fmt: skip
    trial.clock.days(1)
    trial.cast.act("bat", "sighted", {"sightings": [{
        "item": trial.drones[2], "site": "post-12", "captured_ns": trial.clock.ns, "how": "code",
        "condition": "good",
    }]})  # fmt: skip
    told = trial.register.notices[-1]
    assert told.kind == "clone"
    assert "JP" in told.to
    assert trial.register.items[trial.drones[2]].state == "destroyed"


def test_a_clone_that_is_seen_elsewhere_suspends_the_serial(trial):
    trial.clock.days(1)
    trial.cast.act("abe", "sighted", {"sightings": [{
        "item": trial.drones[2], "site": "post-12", "captured_ns": trial.clock.ns, "how": "hand",
        "condition": "good",
    }]})  # fmt: skip
    assert trial.register.notices[-1].kind == "misplaced"
    assert not trial.can(trial.drones[2])
    assert trial.can(trial.drones[2], "recover")
    trial.refused("suspended", trial.offer, "bat", trial.drones[2:3], "mn-mod", "depot-ulgii")


def test_a_lost_part_does_not_come_back_with_the_whole(trial):
    part, whole = trial.drones[2], trial.radars[0]
    trial.cast.act("bat", "fit", {"part": part, "into": whole})
    trial.cast.act("bat", "report", {
        "item": part, "what": "lost", "text": "fell off", "captured_ns": trial.clock.ns,
    })  # fmt: skip
    trial.cast.handover("bat", "tuya", [whole], "mn-gabp-west", "post-12")
    assert trial.register.items[part].state == "lost"
    assert trial.register.items[whole].holder == "mn-gabp-west"
