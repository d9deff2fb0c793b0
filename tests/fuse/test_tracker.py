"""The tracker as a node uses it: scans, sectors, several sensors, silence, restarts."""

import math

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see

from steppewatch import fuse
from steppewatch.errors import FuseError
from steppewatch.records import (
    SensorKind,
    TargetClass,
    TrackStatus,
    decode,
    detection_batch,
    encode,
)
from steppewatch.world.geodesy import ecef_from_enu

SECOND = 1_000_000_000
STAGE = fuse.stage()


def flight(sensor, seconds, start=(20e3, 30e3, 5e3), velocity=(120.0, -60.0, 0.0)):
    """Give ECEF positions of straight flight in the sensor's frame at ``seconds``."""
    t = np.atleast_1d(np.asarray(seconds, float))[:, None]
    return ecef_from_enu(np.array(start) + t * np.array(velocity), frame_of(sensor))


def ns(seconds):
    return np.asarray(START_NS + np.round(np.atleast_1d(seconds) * 1e9), np.int64)


def scans(sensor, n, rng, **more):
    """Give n scans of one target, one batch each."""
    times = np.arange(n) * sensor.scan_period
    place = flight(sensor, times, **more)
    return [see(sensor, place[k : k + 1], ns(times[k]), rng) for k in range(n)]


def play(messages, state=None):
    """Step once per batch at its own time; give the state and everything that was said."""
    state = STAGE.initial if state is None else state
    said = []
    for message in messages:
        now = int(message.time_ns[-1]) if hasattr(message, "time_ns") else START_NS
        state, out = STAGE.step(state, [message], now)
        said += out
    return state, said


def test_a_steady_target_is_confirmed_at_its_third_scan_and_keeps_its_id():
    sensor = radar()
    state, said = play([sensor, *scans(sensor, 12, np.random.default_rng(1))])
    assert [int(b.status[0]) for b in said[:3]] == [0, 0, 1]
    assert {int(i) for b in said for i in b.id} == {1}
    assert state.hits.tolist() == [12]
    error = fuse.tracks_at(state, int(state.time_ns[0])).mean[0] - np.concatenate(
        (flight(sensor, 55.0)[0], frame_of(sensor).rotation.T @ [120.0, -60.0, 0.0])
    )
    assert np.linalg.norm(error[:3]) < 150.0
    assert np.linalg.norm(error[3:]) < 15.0


def test_a_decoded_state_goes_on_bit_for_bit():
    sensor, rng = radar(), np.random.default_rng(2)
    batches = scans(sensor, 14, rng)
    half, _ = play([sensor, *batches[:7]])
    straight, said = play(batches[7:], half)
    resumed, again = play(batches[7:], decode(encode(half)))
    assert encode(straight) == encode(resumed)
    assert [encode(b) for b in said] == [encode(b) for b in again]


def test_a_step_leaves_the_state_before_it_untouched():
    sensor = radar()
    batches = scans(sensor, 5, np.random.default_rng(3))
    state, _ = play([sensor, *batches[:4]])
    before = encode(state)
    STAGE.step(state, [batches[4]], int(batches[4].time_ns[0]))
    assert encode(state) == before


def test_detections_of_unknown_sensors_and_broken_ones_are_counted_and_skipped():
    sensor = radar()
    batch = scans(sensor, 1, None)[0]
    state, said = play([batch])
    assert (state.unknown, len(said)) == (1, 0)
    broken = detection_batch(
        sensor.id, batch.origin, ns([0.0, 0.1, 0.2]),
        np.array([np.nan, -5.0, 1e4]), np.array([0.0, 0.0, np.inf]),
    )  # fmt: skip
    state, said = play([sensor, broken])
    assert (state.unusable, len(state), len(said)) == (3, 0, 0)


@pytest.mark.parametrize("sectors", [4, 32])
def test_a_turn_in_sectors_tracks_like_a_turn_in_one_piece(sectors):
    sensor, rng = radar(period=8.0), np.random.default_rng(4)
    angles = rng.uniform(0.0, 2 * np.pi, 40)
    starts = np.stack((6e4 * np.sin(angles), 6e4 * np.cos(angles), np.full(40, 6e3)), 1)
    velocity = rng.normal(0.0, 80.0, (40, 3)) * [1, 1, 0]
    state, now, missed = STAGE.step(STAGE.initial, [sensor], START_NS)[0], START_NS, 0
    for turn in range(10):
        when = (turn + angles / (2 * np.pi)) * sensor.scan_period
        place = ecef_from_enu(starts + when[:, None] * velocity, frame_of(sensor))
        batch = see(sensor, place, ns(when), rng)
        for part in range(sectors):
            rows = np.flatnonzero((angles * sectors / (2 * np.pi)).astype(int) == part)
            rows = rows[np.argsort(when[rows])]
            if not len(rows):
                continue
            piece = see(sensor, place[rows], batch.time_ns[rows], rng)
            now = int(piece.time_ns[-1])
            state, _ = STAGE.step(state, [piece], now)
            missed += int(np.sum(state.missed))
    assert len(state) == 40
    assert state.confirmed.all()
    assert np.all(state.hits == 10)
    assert missed == 0


def test_two_plots_of_one_scan_never_feed_one_track():
    sensor = radar(period=8.0)
    times = np.arange(6) * 8.0
    batches = []
    for t in times:
        # The same target comes again at the seam of two sectors.
        batches += [see(sensor, flight(sensor, t + d), ns(t + d)) for d in (0.0, 0.2)]
    state, _ = play([sensor, *batches])
    assert state.hits.max() <= 6


def test_a_lost_track_coasts_and_then_ends_once():
    sensor, rng = radar(), np.random.default_rng(5)
    lost = scans(sensor, 8, rng)
    other = scans(sensor, 24, rng, start=(-40e3, 10e3, 4e3), velocity=(0.0, 90.0, 0.0))
    messages = [sensor]
    for k in range(24):
        both = [lost[k], other[k]] if k < 8 else [other[k]]
        messages.append(
            detection_batch(
                sensor.id,
                other[k].origin,
                ns([k * 5.0] * len(both)),
                np.concatenate([b.slant_range for b in both]),
                np.concatenate([b.azimuth for b in both]),
                elevation=np.concatenate([b.elevation for b in both]),
            )
        )
    state, said = play(messages)
    history = [int(b.status[i]) for b in said for i in np.flatnonzero(b.id == 1)]
    assert history.count(TrackStatus.COASTING) >= 3
    assert history.count(TrackStatus.ENDED) == 1
    assert history[-1] == TrackStatus.ENDED
    assert state.id.tolist() == [2]


def test_silence_of_all_sensors_counts_no_miss_and_still_ends_by_the_clock():
    sensor = radar()
    state, _ = play([sensor, *scans(sensor, 6, np.random.default_rng(6))])
    last = int(state.clock_ns)
    quiet, said = STAGE.step(state, [], last + 20 * SECOND)
    assert len(quiet) == 1
    assert not said
    assert quiet.missed.max() == 0
    over, said = STAGE.step(state, [], last + 31 * SECOND)
    assert len(over) == 0
    assert said[0].status.tolist() == [TrackStatus.ENDED]


def test_a_node_clock_that_is_years_off_ends_nothing():
    sensor = radar()
    state = STAGE.initial
    for k, message in enumerate([sensor, *scans(sensor, 8, np.random.default_rng(7))]):
        state, _ = STAGE.step(state, [message], START_NS + 10**17 + k * 5 * SECOND)
    assert state.confirmed.tolist() == [True]


def test_an_empty_scan_is_a_look_that_found_nothing():
    sensor = radar()
    state, _ = play([sensor, *scans(sensor, 6, np.random.default_rng(8))])
    now = int(state.clock_ns) + 5 * SECOND
    nothing = detection_batch(sensor.id, sensor.origin, np.zeros(0, int), np.zeros(0), np.zeros(0))
    state, said = STAGE.step(state, [nothing], now)
    assert state.missed.tolist() == [[1]]
    assert said[0].status.tolist() == [TrackStatus.COASTING]


def test_a_fast_sensor_that_lost_sight_does_not_end_what_a_slow_one_holds():
    slow, rng = radar(period=10.0, name="slow"), np.random.default_rng(9)
    fast = radar(SensorKind.GROUND_RADAR, period=1.0, name="fast", lon_deg=106.0)
    start, velocity = (3e3, 4e3, 20.0), (10.0, 0.0, 0.0)
    state = STAGE.step(STAGE.initial, [slow, fast], START_NS)[0]
    decoy = ecef_from_enu(np.array([[-6e3, 0.0, 0.0]]), frame_of(fast))
    for t in range(120):
        place = flight(slow, t, start, velocity)
        seen = np.concatenate((place, decoy)) if t < 40 else decoy
        messages = [see(fast, seen, ns([t] * len(seen)), rng)]
        if t % 10 == 0:
            messages.append(see(slow, place, ns([t]), rng))
        state, _ = STAGE.step(state, messages, int(ns(t)[0]))
    picture = fuse.tracks_at(state, int(ns(119)[0]))
    away = np.linalg.norm(picture.mean[:, :3] - flight(slow, 119.0, start, velocity), axis=1)
    nearest = int(np.argmin(away))
    assert away[nearest] < 200.0
    assert picture.id[nearest] == 1
    assert picture.hits[nearest] > 45


def test_batches_a_few_seconds_late_from_another_sensor_do_no_harm():
    one, two = radar(name="one"), radar(name="two", lon_deg=106.3)
    rng = np.random.default_rng(10)
    events = []
    for k in range(20):
        for sensor, offset, delay in ((one, 0.0, 0.0), (two, 2.0, 4.0)):
            t = 5.0 * k + offset
            events.append((t + delay, see(sensor, flight(one, t), ns(t), rng)))
    state = STAGE.step(STAGE.initial, [one, two], START_NS)[0]
    for _, batch in sorted(events, key=lambda event: event[0]):
        state, _ = STAGE.step(state, [batch], int(batch.time_ns[0]))
    assert len(state) == 1
    assert state.hits.tolist() == [40]
    now = int(state.time_ns[0])
    error = fuse.tracks_at(state, now).mean[0, :3] - flight(one, (now - START_NS) / 1e9)[0]
    assert np.linalg.norm(error) < 120.0


def test_different_addresses_never_share_a_track_and_equal_ones_bridge_a_jump():
    sensor = radar(SensorKind.RADAR_2D)
    rng = np.random.default_rng(11)
    messages = [sensor]
    for k in range(12):
        t = 5.0 * k
        # Two aircraft 150 m apart: only the address tells them from each other.
        place = np.concatenate((flight(sensor, t), flight(sensor, t, (20e3, 30.15e3, 5e3))))
        messages.append(
            see(
                sensor,
                place,
                ns([t, t]),
                rng,
                mode_s=np.array([0xABC, 0xDEF]),
                height=np.array([6500.0, 6500.0]),
            )
        )
    state, _ = play(messages)
    assert sorted(state.mode_s.tolist()) == [0xABC, 0xDEF]
    assert state.hits.tolist() == [12, 12]
    assert fuse.tracks_at(state, 0).target.tolist() == [TargetClass.AIRCRAFT] * 2


def test_a_walker_seen_by_a_ground_radar_is_tracked_and_called_one():
    sensor, rng = radar(SensorKind.GROUND_RADAR, period=1.0), np.random.default_rng(12)
    times = np.arange(180.0)
    place = flight(sensor, times, (1_500.0, 2_000.0, 15.0), (-1.1, 0.9, 0.0))
    state, said = play(
        [sensor, *[see(sensor, place[k : k + 1], ns(times[k]), rng) for k in range(180)]]
    )
    assert len(state) == 1
    assert said[-1].target.tolist() == [TargetClass.WALKER]
    velocity = frame_of(sensor).rotation @ said[-1].mean[0, 3:]
    assert math.hypot(velocity[0] + 1.1, velocity[1] - 0.9) < 0.8


def test_what_stands_before_a_ground_radar_is_not_called_a_walker():
    sensor, rng = radar(SensorKind.GROUND_RADAR, period=1.0), np.random.default_rng(15)
    place = flight(sensor, np.zeros(200), (1_500.0, 2_000.0, 15.0))
    _, said = play([sensor, *[see(sensor, place[k : k + 1], ns(k), rng) for k in range(200)]])
    assert said[-1].target.tolist() == [TargetClass.UNKNOWN]


def test_what_is_not_known_is_not_claimed():
    sensor = radar()
    slow = scans(sensor, 20, np.random.default_rng(13), velocity=(12.0, 5.0, 0.0))
    _, said = play([sensor, *slow])
    assert said[-1].target.tolist() == [TargetClass.UNKNOWN]


def test_ids_are_never_used_again():
    sensor, rng = radar(false_alarms=40.0), np.random.default_rng(14)
    state, seen, gone = STAGE.step(STAGE.initial, [sensor], START_NS)[0], set(), set()
    for k in range(20):
        n = 40
        clutter = detection_batch(
            sensor.id, sensor.origin, ns([5.0 * k] * n), rng.uniform(1e3, 2e5, n),
            rng.uniform(0, 6.28, n), elevation=rng.uniform(0, 0.4, n),
        )  # fmt: skip
        state, said = STAGE.step(state, [clutter], int(clutter.time_ns[0]))
        for batch in said:
            assert not set(batch.id.tolist()) & gone
            seen |= set(batch.id.tolist())
            gone |= set(batch.id[batch.status == TrackStatus.ENDED].tolist())
    assert seen == set(range(1, state.next_id))
    assert not state.confirmed.any()


@pytest.mark.parametrize("bad", [{"quiet": 0.0}, {"gate": 1.5}, {"confirm_hits": 9}])
def test_settings_that_cannot_work_are_refused(bad):
    with pytest.raises(FuseError, match=next(iter(bad))):
        fuse.TrackerSettings(**bad)
