"""What the tracker says of a track: who holds it, by which plots, and what it may be."""

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see

from steppewatch import fuse
from steppewatch.fuse.associate import Method
from steppewatch.fuse.evidence import RING
from steppewatch.fuse.existence import HELD, hidden
from steppewatch.fuse.state import blank
from steppewatch.fuse.told import batch_of, moments
from steppewatch.records import TrackBatch, TrackStatus, decode, encode
from steppewatch.world.geodesy import ecef_from_enu

S = 10**9
STAGE = fuse.stage()


def watched_by_two(scans):
    left, right = radar(name="left"), radar(name="right", lon_deg=106.5, period=10.0)
    rng, state, said = np.random.default_rng(1), STAGE.initial, []
    state, _ = STAGE.step(state, [left, right], START_NS)
    for k in range(scans):
        when = np.array([START_NS + 5 * k * S])
        place = ecef_from_enu(np.array([[15e3 + 300.0 * k, 40e3, 3e3]]), frame_of(left))
        batches = [see(left, place, when, rng)]
        if k % 2 == 0 and k < 8:
            batches.append(see(right, place, when, rng))
        state, told = STAGE.step(state, batches, int(when[0]))
        said += [m for m in told if isinstance(m, TrackBatch)]
    return said


def test_a_track_names_the_sensors_that_hold_it_and_the_plot_that_moved_it():
    said = watched_by_two(8)
    assert said[-1].sensors == ("left", "right")
    assert said[-1].seen_by.tolist() == [[True, True]]
    assert said[-2].why_sensor.tolist() == [1]
    assert said[-1].why_sensor.tolist() == [0]
    assert said[-1].why_plot.tolist() == [0]
    assert said[-1].why_weight.tolist() == [1.0]
    assert said[-1].why_ns.tolist() == [START_NS + 35 * S]
    assert Method(int(said[-1].why_method[0])) in set(Method)


def test_a_sensor_that_lost_sight_holds_the_track_no_longer():
    assert watched_by_two(14)[-1].seen_by.tolist() == [[True, False]]


def test_class_probabilities_and_clutter_sum_to_one():
    for batch in watched_by_two(10):
        assert batch.class_prob.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
        assert batch.class_prob[:, 0] == pytest.approx(1.0 - batch.existence, abs=1e-5)


def test_what_is_said_survives_the_wire():
    said = watched_by_two(3)[-1]
    again = decode(encode(said))
    assert again.sensors == said.sensors
    assert np.array_equal(again.seen_by, said.seen_by)
    assert np.array_equal(again.why_ns, said.why_ns)


PLAIN = {"id": "id", "born_ns": "born_ns", "seen_ns": "seen_ns", "hits": "hits"}
PLAIN |= {"mode_s": "mode_s", "mode_3a": "mode_3a", "callsign": "callsign", "why_method": "method"}


def any_tracks(rng, n, sensors):
    tracks = blank(n, sensors)
    for name in ("id", "born_ns", "seen_ns", "mode_s", "mode_3a", "method", "why_plot"):
        tracks[name][:] = rng.integers(0, 200, tracks[name].shape)
    for name in ("why_ns", "why_sensor", "why_weight", "score"):
        tracks[name][:] = rng.normal(0.0, 5.0, tracks[name].shape)
    tracks["callsign"][:] = rng.choice([b"", b"MGL1", b"ABCDEFGH"], n)
    tracks["hits"][:] = rng.integers(1, 20, n)
    tracks["confirmed"][:] = rng.random(n) < 0.7
    tracks["time_ns"][:] = START_NS + rng.integers(0, 20, n) * S
    shape = (n, sensors)
    tracks["hit_ns"][:] = np.where(rng.random(shape) < 0.6, START_NS + rng.integers(0, 9, shape), 0)
    tracks["hit_ns"][rng.random(shape) < 0.3] += 9 * S
    tracks["look_ns"][:] = tracks["hit_ns"] + (rng.random(shape) < 0.5)
    tracks["chance"][:] = np.where(rng.random(shape) < 0.1, np.nan, rng.random(shape))
    return tracks


@pytest.mark.parametrize("over", [0, 40])
def test_the_kernels_say_what_the_columns_say(over):
    rng, chosen = np.random.default_rng(3), fuse.TrackerSettings()
    sensors = [radar(name=f"r{k}") for k in range(3)]
    tracks = any_tracks(rng, 300, 3)
    rows = rng.permutation(300)[:200]
    clock_ns = START_NS + 10 * S
    at_ns, missed = moments(tracks, rows, clock_ns)
    hit, look = tracks["hit_ns"][rows], tracks["look_ns"][rows]
    assert missed.tolist() == np.all((hit == 0) | (look > hit), axis=1).tolist()
    assert 0.1 < missed.mean() < 0.9
    time_ns = tracks["time_ns"][rows]
    assert at_ns.tolist() == np.where(missed, np.maximum(time_ns, clock_ns), time_ns).tolist()

    mean, cov = rng.normal(size=(200, 6)), rng.normal(size=(200, 6, 6))
    said = batch_of(tracks, rows, at_ns, missed, mean, cov, over, sensors, chosen)
    for name, column in PLAIN.items():
        assert getattr(said, name).tolist() == tracks[column][rows].tolist(), name
    newest = (tracks["hits"][rows] - 1) % RING
    for name in ("why_ns", "why_sensor", "why_plot", "why_weight"):
        assert getattr(said, name).tolist() == tracks[name][rows, newest].tolist(), name
    status = np.where(missed, TrackStatus.COASTING, TrackStatus.CONFIRMED)
    status = np.where(tracks["confirmed"][rows], status, TrackStatus.TENTATIVE)
    status[200 - over :] = TrackStatus.ENDED
    assert said.status.tolist() == status.tolist()
    fresh_ns = np.array([HELD * 1e9 * sensor.scan_period for sensor in sensors])
    assert np.array_equal(said.seen_by, (hit > 0) & (at_ns[:, None] - hit < fresh_ns))
    assert np.array_equal(said.hidden, hidden(tracks, chosen)[rows])
    existence = 1.0 / (1.0 + np.exp(-tracks["score"][rows]))
    assert said.existence == pytest.approx(existence, rel=1e-6)
    assert said.class_prob.sum(axis=1) == pytest.approx(1.0, abs=1e-6)
    assert said.mean is mean
    assert said.cov is cov
