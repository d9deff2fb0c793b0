"""The summary against runs whose outcome is known beforehand."""

import json

import numpy as np
import pytest

from steppewatch.plan import rehearse
from steppewatch.plan.rehearse import summary
from steppewatch.records import DetectionBatch, Origin, Sensor, TrackBatch, TrackStatus

NS = 10**9


def tracks_of(truth, shift=0.0, status=TrackStatus.CONFIRMED, ids=None):
    n = len(truth)
    mean = np.hstack((truth.position + shift, truth.velocity))
    return TrackBatch(
        time_ns=truth.time_ns,
        id=truth.id + 100 if ids is None else ids,
        mean=mean,
        cov=np.tile(np.eye(6), (n, 1, 1)),
        status=np.full(n, status, np.uint8),
        existence=np.ones(n, np.float32),
        target=truth.target,
        born_ns=truth.time_ns,
        seen_ns=truth.time_ns,
        hits=np.ones(n, np.uint32),
        mode_s=np.zeros(n, np.uint32),
        mode_3a=np.full(n, -1, np.int32),
        callsign=np.zeros(n, "S8"),
        origin=Origin(feed="fuse"),
    )


@pytest.fixture(scope="module")
def population(scenario, land):
    return rehearse.populate(scenario, land)


def run(scenario, population, make, seconds=20, border=None):
    s = summary.start(scenario, population, border)
    for second in range(0, seconds, 2):
        now = scenario.start_ns + second * NS
        s = summary.observe(s, make(rehearse.truth(population, now)), now)
    return summary.report(s)


def test_perfect_tracks_score_full_marks(scenario, population):
    report = run(scenario, population, lambda t: [tracks_of(t)])
    assert report["completeness"] == 1.0
    assert report["false_tracks_mean"] == 0.0
    assert report["gospa_mean_m"] == pytest.approx(0.0, abs=0.01)
    assert all(m["first_tracked_s"] is not None for m in report["movers"][1:])
    assert all(m["track_switches"] == 0 for m in report["movers"])


def test_no_tracks_cost_half_the_squared_cut_off_for_each_mover(scenario, population):
    report = run(scenario, population, lambda _: [])
    alive = len(rehearse.truth(population, scenario.start_ns))
    assert report["gospa_mean_m"] == pytest.approx(np.sqrt(alive * 0.5 * 1_000.0**2), abs=0.01)
    assert report["completeness"] == 0.0


def test_tentative_tracks_do_not_count_and_ended_ones_are_gone(scenario, population):
    tentative = run(scenario, population, lambda t: [tracks_of(t, status=TrackStatus.TENTATIVE)])
    assert tentative["completeness"] == 0.0
    assert tentative["false_tracks_mean"] == 0.0
    ended = run(
        scenario,
        population,
        lambda t: [tracks_of(t), tracks_of(t, status=TrackStatus.ENDED)],
    )
    assert ended["completeness"] == 0.0


def test_tracks_of_nobody_are_false(scenario, population):
    report = run(scenario, population, lambda t: [tracks_of(t, shift=50_000.0)])
    alive = len(rehearse.truth(population, scenario.start_ns))
    assert report["false_tracks_mean"] == alive
    assert report["completeness"] == 0.0


def test_a_track_that_changes_hands_is_counted(scenario, population):
    calls = []

    def swap(truth):
        calls.append(1)
        ids = truth.id + 100 * len(calls)
        old = tracks_of(truth, status=TrackStatus.ENDED, ids=truth.id + 100 * (len(calls) - 1))
        return [old, tracks_of(truth, ids=ids)]

    report = run(scenario, population, swap, seconds=6)
    assert [m["track_switches"] for m in report["movers"]] == [2] * len(report["movers"])


def test_plots_are_given_to_the_movers_that_made_them(scenario, land, population):
    stage = rehearse.stage(scenario, land, population)
    state, s, false_alarms = stage.initial, summary.start(scenario, population), 0.0
    plots = 0
    for second in range(1, 19):
        now = scenario.start_ns + second * NS
        state, messages = stage.step(state, (), now)
        s = summary.observe(s, messages, now)
        plots += sum(len(m) for m in messages if isinstance(m, DetectionBatch))
    for sensor in s.sensors.values():
        assert isinstance(sensor, Sensor)
        false_alarms += sensor.false_alarms * 18.0 / sensor.scan_period
    assert plots == s.plots.sum() + s.unmatched
    assert s.plots.sum() > 50
    assert s.unmatched < false_alarms + 5.0 * np.sqrt(false_alarms)


def test_crossings_and_the_closest_approach_are_noted(small, land, border):
    text = small.replace(
        "waypoints = [[49.02, 91.00], [49.03, 91.02], [49.05, 91.00]]\ncount = 3",
        'border = "RU"\nwaypoints = [{ km = 700, offset_km = -0.1 }, { km = 700, offset_km = 0.2 },'
        " { km = 700, offset_km = 0.5 }]\nspeed_ms = 5",
    ).replace("start_s = -100", "start_s = 0")
    scenario = rehearse.load(text, "small.toml", border)
    population = rehearse.populate(scenario, land)
    report = run(scenario, population, lambda _: [], seconds=60, border=border)
    walker = report["movers"][0]
    assert 10.0 < walker["crossed_border_s"] < 40.0
    assert walker["closest_to_border_m"] == pytest.approx(-100.0, abs=15.0)
    others = [m["crossed_border_s"] for m in report["movers"][1:]]
    assert set(others) == {None}


def test_the_report_is_json_and_its_table_names_every_mover(scenario, population):
    report = run(scenario, population, lambda t: [tracks_of(t)], seconds=4)
    assert json.loads(json.dumps(report)) == report
    table = rehearse.render(report)
    for mover in report["movers"]:
        assert mover["name"][:20] in table
