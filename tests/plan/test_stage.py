"""The rehearsal says the same, bit for bit, however it is stepped, stopped and started again."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from steppewatch.errors import PlanError
from steppewatch.plan import rehearse
from steppewatch.records import (
    DetectionBatch,
    Health,
    Sensor,
    SensorStatus,
    Site,
    decode,
    encode,
)

NS = 10**9


def play(scenario, land, seconds, every, state=None, begin=0.0):
    stage = rehearse.stage(scenario, land)
    state = stage.initial if state is None else state
    said = []
    for i in range(1, round((seconds - begin) / every) + 1):
        now = scenario.start_ns + round((begin + i * every) * NS)
        state, messages = stage.step(state, (), now)
        said.extend(messages)
    return state, said


def as_bytes(messages):
    return [encode(message) for message in messages]


@pytest.fixture(scope="module")
def minute(scenario, land):
    return play(scenario, land, 60.0, 1.0)


@pytest.mark.parametrize("every", [0.1, 7.5, 60.0])
def test_the_step_width_changes_nothing(scenario, land, minute, every):
    state, said = play(scenario, land, 60.0, every)
    assert as_bytes(said) == as_bytes(minute[1])
    assert encode(state) == encode(minute[0])


def test_killed_and_restarted_from_a_snapshot_it_goes_on_as_if_nothing_happened(
    scenario, land, minute
):
    state, before = play(scenario, land, 33.0, 1.0)
    revived = decode(encode(state))
    _, after = play(scenario, land, 60.0, 1.0, state=revived, begin=33.0)
    assert as_bytes([*before, *after]) == as_bytes(minute[1])


def test_another_seed_sees_other_plots(scenario, land, minute):
    _, said = play(dataclasses.replace(scenario, seed=6), land, 10.0, 1.0)
    assert as_bytes(said) != as_bytes(minute[1])[: len(said)]


def test_sites_and_sensors_come_first_and_once(minute):
    kinds = [type(message) for message in minute[1]]
    assert kinds[:3] == [Site, Sensor, Sensor]
    assert Counter(kinds)[Site] == 1
    assert Counter(kinds)[Sensor] == 2


def test_plots_come_in_sectors_soon_after_the_beam_passed(scenario, land):
    stage = rehearse.stage(scenario, land)
    state, now = stage.initial, scenario.start_ns
    for _ in range(300):
        now += NS // 10
        state, messages = stage.step(state, (), now)
        for batch in (m for m in messages if isinstance(m, DetectionBatch)):
            assert (np.diff(batch.time_ns) >= 0).all()
            assert batch.time_ns[-1] <= now
            assert now - batch.time_ns[0] < 0.7 * NS


def test_each_target_gives_at_most_one_plot_in_a_scan(scenario, land):
    quiet = dataclasses.replace(
        scenario,
        traffic=(),
        outages=(),
        routes=(dataclasses.replace(scenario.routes[1], rcs=1e4),),
        sensors=tuple(
            dataclasses.replace(s, radar=dataclasses.replace(s.radar, false_alarms=0.0))
            for s in scenario.sensors[:1]
        ),
    )
    _, said = play(quiet, land, 120.0, 1.0)
    plots = sum(len(m) for m in said if isinstance(m, DetectionBatch))
    assert 25 <= plots <= 31  # 30 turns of 4 s, a fold in the ground now and then


def test_a_sensor_that_is_off_is_silent_and_its_status_says_why(minute, scenario):
    start = scenario.start_ns
    off = range(start + 20 * NS, start + 40 * NS)
    air = [m for m in minute[1] if getattr(m, "sensor", "") == "air"]
    plots = np.concatenate([m.time_ns for m in air if isinstance(m, DetectionBatch)])
    assert not ((plots >= off.start) & (plots < off.stop - NS)).any()
    assert (plots > off.stop).any()
    for status in (m for m in air if isinstance(m, SensorStatus)):
        silent = status.time_ns in off
        assert status.health is (Health.OFF if silent else Health.GOOD)
        assert status.reason == ("test of the reason" if silent else "")
    others = [m for m in minute[1] if isinstance(m, SensorStatus) and m.sensor == "ground"]
    assert {m.health for m in others} == {Health.GOOD}
    assert len(others) == 13


def test_after_its_duration_the_rehearsal_is_silent(scenario, land):
    state, _ = play(scenario, land, 120.0, 10.0)
    stage = rehearse.stage(scenario, land)
    _, late = stage.step(state, (), scenario.start_ns + 500 * NS)
    assert list(late) == []


def test_a_site_that_seeks_high_ground_finds_it(scenario, land):
    _, said = play(scenario, land, 1.0, 1.0)
    site = said[0]
    plan = scenario.sites[0]
    assert site.height > float(land.heights(plan.lat, plan.lon)) + 1.0
    assert site.height == pytest.approx(float(land.heights(site.lat, site.lon)))
    assert np.hypot(site.lat - plan.lat, (site.lon - plan.lon) * np.cos(plan.lat)) * 6.371e6 < 1_001


def test_a_site_on_unknown_ground_is_refused(scenario, land):
    class Far:
        def heights(self, lat, lon):
            near = np.abs(np.asarray(lat) - scenario.sites[0].lat) < 3e-4
            return np.where(near, np.nan, land.heights(lat, lon))

    alone = dataclasses.replace(
        scenario,
        sites=(dataclasses.replace(scenario.sites[0], seek_high=0.0),),
        routes=(),
        traffic=(),
    )
    with pytest.raises(PlanError, match=r"site 'hill' stands at 49\.0000"):
        rehearse.stage(alone, Far())
