"""What goes to whom, and what is written down of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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

from steppewatch.custody.release.decisions import read
from steppewatch.custody.release.situation import Emergency
from steppewatch.records import Origin, TrackStatus


def said(one):
    return " ".join(text for r in one.recorded for text in read(r.data)["why"])


def verdicts(one):
    return [read(r.data)["verdict"] for r in one.recorded]


def test_our_own_tracks_go_out_at_once_to_whom_our_own_rules_name():
    heard = Watch().hear(tracks([["mn-radar"]]))
    assert ids(heard["tokyo"]) == ids(heard["rescue"]) == [1]
    assert verdicts(heard["rescue"]) == ["allowed"]


def test_a_transferred_radars_track_is_rounded_late_and_for_the_origin_alone():
    watch = Watch()
    heard = watch.hear(tracks([["jp-radar"]]))
    assert ids(heard["tokyo"]) == ids(heard["rescue"]) == []
    assert "does not let it go to cn-rescue" in said(heard["rescue"])
    assert ids(watch.due(T0 + 59 * NS)["tokyo"]) == []
    late = watch.due(T0 + 60 * NS)["tokyo"]
    assert ids(late) == [1]
    assert late.shown.precision_m.tolist() == [1000]
    assert read(late.recorded[0].data)["rules"] == ["jp-mn/r1"]


def test_a_track_of_both_needs_both_agreements_and_takes_the_stricter():
    watch = Watch()
    heard = watch.hear(tracks([["mn-radar", "jp-radar"]]))
    assert ids(heard["rescue"]) == ids(heard["tokyo"]) == []
    late = watch.due(T0 + 60 * NS)["tokyo"]
    assert read(late.recorded[0].data)["rules"] == ["jp-mn/r1", "mn-own/o1"]


@pytest.mark.parametrize("seen", [[["elsewhere"]], [[]], [["mn-radar", "elsewhere"]]])
def test_a_track_with_an_unknown_source_goes_to_nobody(seen):
    heard = Watch().hear(tracks(seen))
    assert all(ids(one) == [] and verdicts(one) == ["withheld"] for one in heard.values())
    assert "nobody knows" in said(heard["tokyo"]) or "no receiver" in said(heard["tokyo"])


def test_every_track_is_decided_for_every_partner_exactly_once():
    watch = Watch()
    heard = watch.hear(tracks([["mn-radar"], ["elsewhere"], ["mn-radar"], []]))
    for one in heard.values():
        told = [track for r in one.recorded for track in read(r.data)["tracks"]]
        assert sorted(number for _, number in told) == [1, 2, 3, 4]
        assert len({r.id for r in one.recorded}) == len(one.recorded)


def test_a_joint_picture_and_a_tentative_track_never_leave():
    watch = Watch()
    joint = watch.hear(tracks([["mn-radar"]], origin=Origin(feed="joint")))
    young = watch.hear(tracks([["mn-radar"]], status=TrackStatus.TENTATIVE))
    assert all(ids(one) == [] for one in (*joint.values(), *young.values()))


def test_a_stopped_partner_gets_nothing_and_the_record_says_why():
    stopped = replace(PARTNERS["tokyo"], stopped="its key is revoked")
    watch = Watch(situation(partners={"tokyo": stopped}))
    heard = watch.hear(tracks([["mn-radar"]]))
    assert ids(heard["tokyo"]) == []
    assert "its key is revoked" in said(heard["tokyo"])


@pytest.mark.parametrize("break_it", ["orgs", "agreements"])
def test_an_error_of_the_policy_engine_is_a_denial_and_an_alarm(break_it):
    told = situation()
    broken = replace(told, known=replace(told.known, **{break_it: {}}))
    watch = Watch(broken)
    alarms = []
    watch.point.alarms = alarms.append
    heard = watch.hear(tracks([["mn-radar"]]))
    assert ids(heard["tokyo"]) == []
    assert alarms


def test_an_area_bounds_what_is_shown():
    inside = agreement("mn-own", "MN", "MN", rule(areas=("box",), delay_s=0), areas=OWN.areas)
    outside = agreement("mn-own", "MN", "MN", rule(areas=("far",), delay_s=0), areas=OWN.areas)
    shown = Watch(situation(agreements=(inside,))).hear(tracks([["mn-radar"]]))
    hidden = Watch(situation(agreements=(outside,))).hear(tracks([["mn-radar"]]))
    assert ids(shown["tokyo"]) == [1]
    assert ids(hidden["tokyo"]) == []
    assert "does not cover this place" in said(hidden["tokyo"])


def test_an_emergency_opens_only_its_rule_its_place_and_its_time():
    help_rule = rule("e1", to=("cn-rescue",), emergency=True, precision_m=5000, delay_s=0)
    joint = agreement("mn-own", "MN", "MN", help_rule, areas=OWN.areas)
    call = Emergency(
        id="e", to=frozenset({"cn-rescue"}), areas=frozenset({"box"}), from_ns=T0,
        until_ns=T0 + 10 * NS,
    )  # fmt: skip
    quiet = Watch(situation(agreements=(joint,)))
    assert ids(quiet.hear(tracks([["mn-radar"]]))["rescue"]) == []
    watch = Watch(situation(agreements=(joint,), emergencies=(call,)))
    assert ids(watch.hear(tracks([["mn-radar"]]))["rescue"]) == [1]
    later = T0 + 10 * NS
    assert ids(watch.hear(tracks([["mn-radar"]], when=later), later)["rescue"]) == []
    far = Watch(
        situation(agreements=(joint,), emergencies=(replace(call, areas=frozenset({"far"})),))
    )
    assert ids(far.hear(tracks([["mn-radar"]]))["rescue"]) == []


def test_a_preview_shows_what_will_be_sent_and_changes_nothing():
    watch = Watch()
    batch = tracks([["jp-radar"], ["elsewhere"]])
    watch.hear(batch)
    from steppewatch.custody.label.sources import take  # noqa: PLC0415

    _, sources = take(watch.memory, batch, watch.settings, T0)
    seen = watch.point.look(batch, sources, "tokyo", T0)
    assert ids(seen) == [1]
    assert sorted(verdicts(seen)) == ["allowed", "withheld"]
    assert ids(watch.due(T0 + 60 * NS)["tokyo"]) == [1]


@settings(deadline=None, max_examples=60)
@given(st.floats(-1.4, 1.4), st.floats(-3.1, 3.1), st.sampled_from([100, 1000, 10_000]))
def test_places_in_one_cell_are_shown_as_one_place_not_far_off(lat, lon, precision):
    from steppewatch.custody.release.shown import unrounded  # noqa: PLC0415

    batch = tracks([["mn-radar"]], lat=lat, lon=lon)
    exact = unrounded(batch)
    rows = np.zeros(1, np.int64)
    shown = exact.take(rows, np.array([precision]))
    again = shown.take(rows, np.array([precision]))
    assert np.allclose(shown.lat, again.lat, atol=1e-12)
    north = abs(shown.lat[0] - exact.lat[0]) * 6.371e6
    east = abs(shown.lon[0] - exact.lon[0]) * 6.371e6 * np.cos(shown.lat[0])
    assert max(north, east) <= precision * 0.51
    assert shown.sigma[0, 0] >= precision / np.sqrt(12)


def test_the_labels_and_orgs_of_these_tests_are_what_they_seem():
    assert set(LABELS) == {"mn-radar", "jp-radar"}
    assert JOINT.id == "jp-mn"
    assert ORGS["jp-mod"].nation == "JP"
