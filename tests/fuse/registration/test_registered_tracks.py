"""The whole tracker on radars that are off: one track each, biases found, drift told once."""

import math

import numpy as np
import pytest
from benchmarks import fuse_play
from benchmarks.scenarios.pair import NOTHING, Pair, make

from steppewatch import fuse
from steppewatch.fuse import registration
from steppewatch.records import DoubtKind, SensorDoubt, decode, encode

FEW = Pair(n=14, seconds=200.0, seed=3, clutter=3.0, adsb=0.5)


def play(how, *, halfway=None, **changes):
    scene = make(how)
    settings = fuse.TrackerSettings(**changes)
    stage = fuse.stage(settings)
    state, _ = stage.step(stage.initial, list(scene.sensors), scene.steps[0][0])
    wanted, moments, doubts = set(scene.times_ns.tolist()), [], []
    for k, (now, messages) in enumerate(scene.steps):
        if halfway is not None and k == len(scene.steps) // 2:
            state = halfway(state)
        state, said = stage.step(state, messages, now)
        doubts += [fact for fact in said if isinstance(fact, SensorDoubt)]
        if now in wanted:
            moments.append(fuse_play.picture(state, now, settings))
    return scene, state, moments, doubts


def test_biased_radars_are_put_right_and_give_one_track_for_each_target():
    scene, state, moments, doubts = play(FEW)
    seen = registration.observe(state.registration)
    error = np.abs(seen.value - scene.site["biases"])
    assert error[:, 0].max() < 10.0
    assert np.degrees(error[:, 2]).max() < 0.03
    assert seen.observable[:2, [0, 2, 3, 4]].all()
    assert not [fact for fact in doubts if fact.kind == DoubtKind.DRIFT]
    right = fuse_play.score(scene, moments, skip=20)
    wrong = fuse_play.score(scene, play(FEW, register=False)[2], skip=20)
    assert right.false < 1.0
    assert wrong.false > 5.0
    assert right.gospa < 0.3 * wrong.gospa


def test_radars_without_biases_are_left_exactly_as_they_are():
    how = Pair(n=14, seconds=90.0, seed=4, clutter=3.0, adsb=0.5, bias=NOTHING)
    _, state, on, _ = play(how)
    _, _, off, _ = play(how, register=False)
    assert state.registration.used.sum() > 100
    assert not state.registration.applied.any()
    for with_it, without in zip(on, off, strict=True):
        np.testing.assert_array_equal(with_it.id, without.id)
        np.testing.assert_array_equal(with_it.mean, without.mean)


def test_one_radar_alone_is_never_touched():
    how = Pair(n=10, seconds=60.0, seed=5, clutter=3.0, adsb=0.0, radars=1)
    for with_it, without in zip(play(how)[2], play(how, register=False)[2], strict=True):
        np.testing.assert_array_equal(with_it.mean, without.mean)
        np.testing.assert_array_equal(with_it.cov, without.cov)


def test_a_restart_goes_on_learning_bit_for_bit():
    how = Pair(n=10, seconds=60.0, seed=6, clutter=3.0, adsb=0.5)
    straight = play(how)[1]
    again = play(how, halfway=lambda state: decode(encode(state)))[1]
    assert encode(straight) == encode(again)


@pytest.mark.nightly
def test_a_radar_that_turns_away_is_told_once_and_its_partners_are_not():
    how = Pair(seed=7, drift=math.radians(0.1) / 60.0)
    _, state, _, doubts = play(how)
    doubts = [fact for fact in doubts if fact.kind == DoubtKind.DRIFT]
    assert [fact.sensor for fact in doubts] == ["east"]
    assert "azimuth drifts" in doubts[0].text
    assert state.registration.suspect.tolist() == [False, True, False]
    calm = play(Pair(seed=7))[3]
    assert not [fact for fact in calm if fact.kind == DoubtKind.DRIFT]
