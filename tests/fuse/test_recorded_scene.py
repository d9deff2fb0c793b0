"""A recording laid out for both trackers says what its plots say, and truth is the plots alone."""

import numpy as np
import pytest
from benchmarks.scenarios import recorded
from benchmarks.scenarios.files import BACK


def test_between_two_plots_an_aircraft_flies_straight_and_in_long_gaps_it_is_not_there():
    turn = np.array([2, 3, 6, 12])
    plane = np.stack((100.0 * turn, -50.0 * turn, np.full(4, 900.0)), axis=1)
    path = recorded.between(turn, plane, 15)
    there = np.isfinite(path[:, 0])
    assert np.flatnonzero(there).tolist() == [2, 3, 4, 5, 6, 12]
    assert path[there, 0] == pytest.approx(100.0 * np.flatnonzero(there))
    assert path[there, 1] == pytest.approx(-50.0 * np.flatnonzero(there))


def test_a_height_that_was_not_told_comes_from_the_same_aircraft_alone():
    name = np.array([7, 8, 7, 8, 7, 9])
    turn = np.array([0, 0, 1, 1, 2, 0])
    height = np.array([100.0, 9000.0, np.nan, np.nan, 300.0, np.nan])
    assert recorded.filled(name, turn, height).tolist() == [
        100.0,
        9000.0,
        200.0,
        9000.0,
        300.0,
        0.0,
    ]


@pytest.mark.parametrize("level", [0.0, 3_000.0, 11_000.0])
def test_an_elevation_stands_at_its_height_above_the_sphere(level):
    reach = np.array([12e3, 40e3, 110e3])
    angle = recorded.elevation_of(reach, np.full(3, level))
    base = recorded.MEAN_RADIUS + recorded.PLACE[2]
    above = np.hypot(reach * np.cos(angle), base + reach * np.sin(angle)) - recorded.MEAN_RADIUS
    assert above == pytest.approx(level, abs=1e-3)


def test_the_barcelona_recordings_truth_is_its_own_plots(real_data):
    arrays = recorded.read(real_data("asterix/barcelona-radar-cat048-20min.ast"))
    det, whose, off = (arrays[name] for name in ("det", "det_truth", "det_off"))
    truth = arrays["truth"][:, :, BACK]
    assert off[-1] == len(det) == 14_638
    assert (whose >= 0).mean() > 0.999
    turn = np.repeat(np.arange(len(off) - 1), np.diff(off))
    known = np.flatnonzero(whose >= 0)
    flat = det[known, 2] * np.cos(det[known, 0])
    place = np.stack((flat * np.cos(det[known, 1]), flat * np.sin(det[known, 1])), axis=1)
    error = np.linalg.norm(truth[turn[known], whose[known], :2] - place, axis=1)
    assert np.percentile(error, 99.9) < 1.0
    assert 49 < np.isfinite(truth[:, :, 0]).sum() / len(truth) < 51
