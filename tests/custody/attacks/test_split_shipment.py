"""A6: one consent for five, shipped in many small parts from ten sites, on and off line."""

import random

import pytest

from steppewatch.engine.custody_demo import DAY_NS
from steppewatch.errors import CustodyError


@pytest.fixture
def ten(trial):
    """Ten drones at ten sites, and a consent for five of them."""
    trial.third_state()
    uids = []
    for k in range(10):
        trial.cast.act("abe", "register", {
            "maker": "EX", "part": "UAV-EO", "serial": f"1{k:03d}", "title": "Drone",
            "agreement": "jp-mn", "arrangement": "radars-2025",
        })  # fmt: skip
        uids.append(f"EX/UAV-EO/1{k:03d}")
        trial.cast.act("bat", "site", {
            "id": f"post-{k}", "title": "Post", "org": "mn-gabp", "nation": "MN",
        })  # fmt: skip
        trial.cast.act("abe", "certify", {
            "site": f"post-{k}", "until_ns": trial.clock.ns + 99 * DAY_NS,
        })  # fmt: skip
    trial.cast.handover("abe", "bat", uids, "mn-gabp", "depot-ulgii")
    for k, uid in enumerate(uids):
        trial.cast.act("bat", "move", {"items": [uid], "site": f"post-{k}"})
    trial.consent("five", uids, "uz-border", quantity=5)
    trial.cast.act("timur", "assure", {"consent": "five", "text": "for the border only"})
    return trial, uids


def body_of(uid):
    return {
        "items": [uid], "to": "uz-border", "site": "uz-depot", "purpose": "border-surveillance",
        "consent": "five",
    }  # fmt: skip


def there(trial, uids):
    return sum(trial.register.items[uid].holder == "uz-border" for uid in uids)


def shipped(trial, statements):
    """Submit offers one after another; each that is taken is accepted. Count refusals."""
    refused = 0
    for data, uid in statements:
        try:
            leaf = trial.office.submit(data).leaf
        except CustodyError:
            refused += 1
            continue
        trial.cast.act("timur", "accept", {"items": [uid]}, [leaf])
    return refused


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_sites_without_network_together_never_ship_more_than_five(ten, seed):
    trial, uids = ten
    # All ten are signed before any of them is merged: nobody knew of the others.
    signed = [(trial.cast.sign("bat", "offer", body_of(uid)), uid) for uid in uids]
    random.Random(seed).shuffle(signed)
    recorded = len(trial.register.refusals)
    assert shipped(trial, signed) == 5
    assert there(trial, uids) == 5
    assert trial.register.consents["five"].used == 5
    assert len(trial.register.refusals) == recorded + 5


def test_what_is_merged_twice_counts_once(ten):
    trial, uids = ten
    signed = [(trial.cast.sign("bat", "offer", body_of(uid)), uid) for uid in uids]
    assert shipped(trial, signed + signed) == 15
    assert there(trial, uids) == 5


def test_open_offers_hold_what_they_would_use(ten):
    trial, uids = ten
    leaves = [trial.cast.act("bat", "offer", body_of(uid)).leaf for uid in uids[:5]]
    trial.refused("leaves 0", trial.cast.act, "bat", "offer", body_of(uids[5]))
    trial.cast.act("timur", "decline", {"why": "no room"}, [leaves[0]])
    trial.cast.act("bat", "offer", body_of(uids[5]))
    trial.refused("leaves 0", trial.cast.act, "bat", "offer", body_of(uids[6]))


def test_an_allotted_share_is_all_that_a_site_may_ship(ten):
    trial, uids = ten
    for k in range(4):
        trial.cast.act("bat", "allocate", {"consent": "five", "site": f"post-{k}", "quantity": 1})
    trial.refused(
        "has its share already",
        trial.cast.act, "bat", "allocate", {"consent": "five", "site": "post-0", "quantity": 1},
    )  # fmt: skip
    trial.refused(
        "has 1 left to allot",
        trial.cast.act, "bat", "allocate", {"consent": "five", "site": "post-9", "quantity": 2},
    )  # fmt: skip
    signed = [(trial.cast.sign("bat", "offer", body_of(uid)), uid) for uid in reversed(uids)]
    assert shipped(trial, signed) == 5
    # Four with a share of their own, whenever they come; one of all the others.
    assert [trial.register.items[uid].holder for uid in uids[:4]] == ["uz-border"] * 4
    assert there(trial, uids[4:]) == 1


def test_a_declined_offer_does_not_enlarge_a_share_that_was_allotted_meanwhile(ten):
    trial, uids = ten
    leaf = trial.cast.act("bat", "offer", body_of(uids[0])).leaf
    trial.cast.act("bat", "allocate", {"consent": "five", "site": "post-0", "quantity": 1})
    trial.cast.act("timur", "decline", {"why": "no"}, [leaf])
    consent = trial.register.consents["five"]
    assert consent.left("post-0") == 1
    assert consent.left("post-1") == 4


def test_a_second_consent_of_the_same_name_is_none(ten):
    trial, uids = ten
    trial.refused("exists", trial.consent, "five", uids, "uz-border")
