"""The chain of looks: against every sequence of hits and misses, and against closed forms."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.errors import PlanError
from steppewatch.fuse import TrackerSettings
from steppewatch.plan.assure.chain import Looks, follow
from steppewatch.plan.assure.rules import TrackRules, rules_from

NO_CUSTODY = 1e-3


def looks(chance, period=1.0, phase=0.5, rows=(0,)):
    return Looks(
        rows=np.array(rows), chance=np.atleast_2d(np.float32(chance)), period=period, phase=phase
    )


def one_by_one(turns, chances, rules, points, step=1.0):
    """Follow every sequence of hits and misses with the tracker's own counters, per sensor.

    ``turns`` are (time, sensor) in order, ``chances`` by sensor; returns seen, first, held at the
    moments 0, ``step`` … ``(points − 1) step``.
    """
    out = np.zeros((3, points))
    for hits in itertools.product((False, True), repeat=len(turns)):
        weight, seen, ever, track = 1.0, False, False, None
        states = []
        for (_, who), hit in zip(turns, hits, strict=True):
            p = chances[who]
            weight *= p if hit else 1.0 - p
            seen |= hit
            if track is None:
                if hit:
                    track = {"hits": 1, "looks": 1, "missed": {who: 0}, "sure": False}
            elif hit:
                track["hits"] += 1
                track["looks"] += 1
                track["missed"][who] = 0
                soon = track["hits"] >= rules.hits and track["looks"] <= rules.looks
                if not track["sure"] and (soon or track["hits"] > rules.hits):
                    track["sure"] = ever = True
            elif who in track["missed"]:
                track["looks"] += 1
                track["missed"][who] += 1
                counts = p >= rules.fair and not track["sure"]
                most = rules.tentative_misses if counts else rules.coast
                if all(m >= most for m in track["missed"].values()):
                    track = None
            states.append((seen, ever, track is not None and track["sure"]))
        for g in range(points):
            done = sum(t <= g * step for t, _ in turns)
            if done:
                out[:, g] += weight * np.array(states[done - 1])
    return out


@pytest.mark.parametrize(
    ("p", "rules"),
    [
        (0.5, TrackRules(custody=NO_CUSTODY)),
        (0.85, TrackRules()),
        (0.2, TrackRules(custody=NO_CUSTODY)),
        (0.6, TrackRules(hits=2, looks=3, coast=3)),
        (0.7, TrackRules(hits=4, looks=5, tentative_misses=3)),
    ],
)
def test_one_sensor_is_followed_exactly(p, rules):
    points = 13
    found = follow(1, points, [looks(np.full(points, p))], 1.0, 1.0, rules)
    turns = [(i + 0.5, 0) for i in range(points - 1)]
    expected = one_by_one(turns, [np.float64(np.float32(p))], rules, points)
    for value, truth in zip((found.seen, found.first, found.held), expected, strict=True):
        np.testing.assert_allclose(value[0], truth, atol=1e-7)


@pytest.mark.parametrize("chances", [(0.8, 0.5), (0.35, 0.9)])
def test_two_sensors_end_a_track_together_or_not_at_all(chances):
    # Looks enough for any track: how looks of two sensors are counted is not what is asked here.
    rules = TrackRules(looks=20)
    points, step = 4, 3.0
    sensors = [
        looks(np.full(points, chances[0]), 1.0, 0.5),
        looks(np.full(points, chances[1]), 2.5, 0.3),
    ]
    found = follow(1, points, sensors, step, 1.0, rules)
    turns = sorted([(i + 0.5, 0) for i in range(9)] + [(0.75 + 2.5 * i, 1) for i in range(4)])
    expected = one_by_one(turns, [float(np.float32(p)) for p in chances], rules, points, step)
    for value, truth in zip((found.seen, found.first, found.held), expected, strict=True):
        np.testing.assert_allclose(value[0], truth, atol=1e-7)


@given(p=st.floats(0.0, 0.99), n=st.integers(2, 60))
@settings(deadline=None, max_examples=40)
def test_detection_is_one_minus_all_missed(p, n):
    found = follow(1, n + 1, [looks(np.full(n + 1, p))], 1.0, 1.0, TrackRules())
    np.testing.assert_allclose(
        found.seen[0], 1.0 - (1.0 - np.float64(np.float32(p))) ** np.arange(n + 1), atol=1e-12
    )


def test_sure_looks_confirm_at_the_third_and_hold():
    found = follow(1, 8, [looks(np.full(8, 1.0 - 1e-9))], 1.0, 1.0, TrackRules())
    np.testing.assert_allclose(found.first[0], [0, 0, 0, 1, 1, 1, 1, 1], atol=1e-6)
    np.testing.assert_allclose(found.held[0], found.first[0], atol=1e-6)


def test_a_track_beyond_reach_is_given_up_after_the_scans_of_coasting():
    chance = np.where(np.arange(40) < 10, 1.0 - 1e-9, -1.0)
    found = follow(1, 40, [looks(chance)], 1.0, 1.0, TrackRules())
    assert found.held[0, 14] == pytest.approx(1.0, abs=1e-6)
    assert found.held[0, 17] == pytest.approx(0.0, abs=1e-6)
    assert found.first[0, -1] == pytest.approx(1.0, abs=1e-6)


def test_a_track_in_a_shadow_is_kept_for_about_the_time_of_custody():
    chance = np.where(np.arange(600) < 10, 1.0 - 1e-9, 0.0)
    found = follow(1, 600, [looks(chance)], 1.0, 1.0, TrackRules(custody=180.0))
    assert found.held[0, 60] > 0.98
    assert found.held[0, 590] < 0.01
    kept = np.flatnonzero(found.held[0] > 0.5)[-1] - 10
    assert kept == pytest.approx(180.0, rel=0.1)


@given(data=st.data(), speed=st.sampled_from([1.3, 11.0, 120.0]))
@settings(deadline=None, max_examples=40)
def test_another_sensor_never_lowers_detection_and_nothing_leaves_0_to_1(data, speed):
    points, ways = 12, 3
    one = st.lists(
        st.floats(-1.0, 1.0, width=32).map(lambda v: -1.0 if v < 0.0 else min(v, 0.999)),
        min_size=points, max_size=points,
    )  # fmt: skip
    sensors = [
        looks(
            [data.draw(one) for _ in range(ways)],
            data.draw(st.sampled_from([1.0, 3.0, 10.0])),
            data.draw(st.floats(0.0, 0.99)),
            range(ways),
        )
        for _ in range(3)
    ]
    less = follow(ways, points, sensors[:2], 250.0, speed, TrackRules())
    more = follow(ways, points, sensors, 250.0, speed, TrackRules())
    if max(s.period for s in sensors) == max(s.period for s in sensors[:2]):
        assert (more.seen >= less.seen - 1e-9).all()
    for found in (less, more):
        assert (found.held <= found.first + 1e-9).all()
        assert (found.first <= found.seen + 1e-9).all()
        assert (np.diff(found.first, axis=1) >= -1e-12).all()
        for value in (found.seen, found.first, found.held):
            assert ((value >= 0.0) & (value <= 1.0 + 1e-9)).all()


def test_a_stricter_tracker_confirms_later():
    chance = [looks(np.full(30, 0.7))]
    usual = follow(1, 30, chance, 1.0, 1.0, TrackRules())
    strict = follow(1, 30, chance, 1.0, 1.0, TrackRules(hits=4, looks=8))
    assert (strict.first <= usual.first + 1e-12).all()
    assert strict.first[0, 5] < usual.first[0, 5]


def test_rules_are_read_from_the_trackers_settings():
    own = rules_from(TrackerSettings(confirm_hits=4, confirm_looks=7, custody=60.0))
    assert (own.hits, own.looks, own.custody) == (4, 7, 60.0)
    assert rules_from() == TrackRules()


def test_rules_by_which_nothing_is_a_track_are_refused():
    with pytest.raises(PlanError, match="hits ≤ looks"):
        TrackRules(hits=7, looks=6)
    with pytest.raises(PlanError, match="coast"):
        TrackRules(coast=0)


def test_every_state_leads_to_one_with_a_higher_number():
    for rules in (TrackRules(), TrackRules(hits=5, looks=9, tentative_misses=4, coast=8)):
        states = rules.states()
        own = np.arange(states.shape[1])
        assert ((states[:4] > own) | (states[:4] == -1)).all()
