"""What the tracker says of a track: who holds it, by which plots, and what it may be."""

import numpy as np
import pytest
from radars import START_NS, frame_of, radar, see

from steppewatch import fuse
from steppewatch.fuse.associate import Method
from steppewatch.records import TrackBatch, decode, encode
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
