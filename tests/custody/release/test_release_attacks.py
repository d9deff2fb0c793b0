"""Attacks on the release of data: each must fail, and leave a record that says so."""

from dataclasses import replace

import pytest
from released import (
    JOINT,
    LABELS,
    NS,
    ORGS,
    OWN,
    PARTNERS,
    T0,
    Watch,
    agreement,
    ids,
    rule,
    situation,
    tracks,
)  # fmt: skip

from steppewatch.custody.agreement import Interval
from steppewatch.custody.label import sources as feeding
from steppewatch.custody.release.decisions import read
from steppewatch.custody.release.situation import Partner
from steppewatch.records import Origin, TrackStatus
from steppewatch.records.joint_id import joint_id

LATE = T0 + 60 * NS


def why(one):
    return " ".join(text for r in one.recorded for text in read(r.data)["why"])


def test_a_purpose_that_expires_in_mid_mission_stops_what_waits_and_what_comes():
    ends = agreement("jp-mn", "JP", "MN", rule(interval=Interval(until_ns=T0 + 30 * NS)))
    watch = Watch(situation(agreements=(OWN, ends)))
    watch.hear(tracks([["jp-radar"]]))
    stopped = watch.due(LATE)["tokyo"]
    assert ids(stopped) == []
    assert "not in force now" in why(stopped)


def test_a_narrowed_purpose_stops_what_waits():
    watch = Watch()
    watch.hear(tracks([["jp-radar"]]))
    narrow = agreement("jp-mn", "JP", "MN", rule(purposes=("rescue",)))
    watch.point.renew(situation(version=2, agreements=(OWN, narrow)))
    stopped = watch.due(LATE)["tokyo"]
    assert ids(stopped) == []
    assert "not for purpose border" in why(stopped)


def test_a_key_revoked_with_a_batch_in_flight_stops_it():
    watch = Watch()
    watch.hear(tracks([["jp-radar"]]))
    gone = {"tokyo": replace(PARTNERS["tokyo"], stopped="its key is revoked at position 9")}
    watch.point.renew(situation(version=10, partners=gone))
    stopped = watch.due(LATE)["tokyo"]
    assert ids(stopped) == []
    assert "revoked at position 9" in why(stopped)


def test_a_sensor_suspended_while_its_data_wait_stops_them():
    watch = Watch()
    watch.hear(tracks([["jp-radar"]]))
    labels = {**LABELS, "jp-radar": replace(LABELS["jp-radar"], suspended=True)}
    watch.point.renew(situation(version=2, labels=labels))
    assert ids(watch.due(LATE)["tokyo"]) == []


def test_retransfer_as_data_only_is_refused_although_our_own_rules_would_let_it_go():
    heard = Watch().hear(tracks([["mn-radar", "jp-radar"]]))["rescue"]
    assert ids(heard) == []
    assert "does not let it go to cn-rescue" in why(heard)


def test_a_label_that_names_a_third_party_does_not_replace_the_agreements_rule():
    open_label = replace(LABELS["jp-radar"], releasable=("cn-rescue", "jp-mod"))
    watch = Watch(situation(labels={**LABELS, "jp-radar": open_label}))
    heard = watch.hear(tracks([["jp-radar"]]))["rescue"]
    assert ids(heard) == []
    assert "no release rule of jp-mn names cn-rescue" in why(heard)


def test_a_partner_under_a_new_name_is_still_who_it_is():
    alias = Partner(name="friend", org=ORGS["cn-rescue"], purpose="border")
    watch = Watch(situation(partners={"friend": alias}))
    assert ids(watch.hear(tracks([["jp-radar"]]))["friend"]) == []


def test_a_track_that_the_transferred_radar_lost_long_ago_keeps_its_label():
    watch = Watch()
    watch.hear(tracks([["jp-radar"]]))
    for second in range(1, 50):
        heard = watch.hear(tracks([["mn-radar"]], when=T0 + second * NS), T0 + second * NS)
    assert ids(heard["rescue"]) == []


def test_an_heir_inherits_the_label_of_the_track_that_it_was():
    watch = Watch()
    watch.hear(tracks([["jp-radar"]], [1]))
    over = tracks([["mn-radar"]], [1], status=TrackStatus.ENDED, heir=_int([2]))
    watch.hear(over)
    assert ids(watch.hear(tracks([["mn-radar"]], [2]))["rescue"]) == []


def test_a_track_told_again_after_its_end_has_not_lost_its_label():
    watch = Watch()
    watch.hear(tracks([["jp-radar"]], [1]))
    watch.hear(tracks([[]], [1], status=TrackStatus.ENDED))
    assert ids(watch.hear(tracks([["mn-radar"]], [1]))["rescue"]) == []


@pytest.mark.parametrize("first", ["own", "tower"])
def test_joining_with_a_partners_track_launders_nothing(first):
    chosen = feeding.Settings(trackers={"own": "", "tower": "sdps-1-2"})
    watch = Watch(settings=chosen)
    watch.hear(tracks([["jp-radar"]], [1]))
    gid = int(joint_id(first, _int([1]))[0])
    joint = tracks(
        [["mn-radar"]], [gid], origin=Origin(feed="joint"), trackers=("own", "tower"),
        held_by=_flags([[True, True]]),
    )  # fmt: skip
    _, sources = feeding.take(watch.memory, joint, chosen, T0)
    assert {"jp-radar", "mn-radar", "sdps-1-2"} <= set(sources.of(0))
    assert watch.point.label(sources.of(0)).closed


def test_the_edges_of_the_time_window_hold_to_the_second():
    watch = Watch(situation(agreements=(OWN, replace(JOINT, releases=(rule(keep_s=90),)))))
    watch.hear(tracks([["jp-radar"]]))
    assert ids(watch.due(LATE - 1)["tokyo"]) == []
    assert ids(watch.due(LATE)["tokyo"]) == [1]
    old = Watch(situation(agreements=(OWN, replace(JOINT, releases=(rule(keep_s=90),)))))
    assert ids(old.hear(tracks([["jp-radar"]]), T0 + 91 * NS)["tokyo"]) == []
    assert ids(old.hear(tracks([["jp-radar"]]), T0 + 90 * NS)["tokyo"]) == [1]


def test_the_memory_of_sources_survives_a_restart():
    from steppewatch.records.binary import decode, encode  # noqa: PLC0415

    watch = Watch()
    watch.hear(tracks([["jp-radar"]]))
    watch.memory = decode(encode(watch.memory))
    assert ids(watch.hear(tracks([["mn-radar"]]))["rescue"]) == []


def _int(values):
    import numpy as np  # noqa: PLC0415

    return np.array(values, np.int64)


def _flags(values):
    import numpy as np  # noqa: PLC0415

    return np.array(values, bool)
