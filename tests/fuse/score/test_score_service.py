"""Service figures worked by hand, and the standards beside them."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.fuse.score import STANDARDS, meets, score_run, series

HERE = np.array([[0.0, 0.0]])
NONE = ([], np.zeros((0, 2)))


def run(truth, tracks, **given):
    return score_run([5.0 * k for k in range(len(truth))], truth, tracks, **given).service


def test_updates_are_expected_from_the_first_track_on():
    truth = [([1], HERE)] * 10
    tracks = [NONE] * 2 + [([7], HERE)] * 4 + [NONE] * 2 + [([7], HERE)] * 2
    got = run(truth, tracks)
    assert got.update == pytest.approx(6 / 8)
    assert got.longest_gap == 15.0  # from 25 s to 40 s
    assert got.gap == pytest.approx(16.4)
    assert got.long_gaps == 0.0
    assert run(truth, tracks, gap=14.0).long_gaps == pytest.approx(1 / 8)


def test_a_target_lost_for_good_has_a_gap_until_its_end():
    truth = [([1], HERE)] * 10 + [NONE] * 5
    tracks = [([7], HERE)] * 3 + [NONE] * 12
    got = run(truth, tracks)
    assert got.longest_gap == 35.0  # from 10 s to its last moment at 45 s
    assert got.update == pytest.approx(3 / 10)
    assert got.long_gaps == pytest.approx(1 / 10)


def test_gaps_of_one_target_do_not_reach_over_to_another():
    both = np.array([[0.0, 0.0], [9e3, 0.0]])
    truth = [([1], both[:1])] * 2 + [NONE] * 10 + [([2], both[1:])] * 2
    tracks = [([7], both[:1])] * 2 + [NONE] * 10 + [([8], both[1:])] * 2
    got = run(truth, tracks)
    assert (got.update, got.longest_gap) == (1.0, 5.0)


def test_errors_are_horizontal_and_height_stands_by_itself():
    n = 100
    place = np.zeros((n, 3))
    errors = np.zeros((n, 3))
    errors[:, 0] = np.arange(1, n + 1)
    errors[:, 2] = 30.0
    truth = series(np.arange(n + 1), [1] * n, place)
    tracks = series(np.arange(n + 1), [7] * n, place + errors)
    got = score_run(5.0 * np.arange(n), truth, tracks).service
    assert got.rms == pytest.approx(math.sqrt((np.arange(1, 101) ** 2).mean()))
    assert got.error_95 == pytest.approx(95.05)
    assert got.height_rms == pytest.approx(30.0)
    assert math.isnan(run([([1], HERE)] * 2, [([7], HERE)] * 2).height_rms)


def test_motion_is_right_within_fifteen_degrees_and_five_metres_a_second():
    turn = np.radians([0.0, 14.0, 16.0, 0.0, 0.0, 180.0])
    told_speed = np.array([50.0, 50.0, 50.0, 54.0, 56.0, 1.0])
    speed = np.array([50.0, 50.0, 50.0, 50.0, 50.0, 1.0])  # the last too slow for a course
    n, place = len(turn), np.zeros((6, 2))
    true = np.stack((np.zeros(n), speed), axis=1)
    told = told_speed[:, None] * np.stack((np.sin(turn), np.cos(turn)), axis=1)
    truth = series(np.arange(n + 1), [1] * n, place, velocity=true)
    tracks = series(np.arange(n + 1), [7] * n, place, velocity=told)
    got = score_run(np.arange(n), truth, tracks).service
    assert got.motion == pytest.approx(4 / 6)
    off = told - true
    assert got.speed_rms == pytest.approx(math.sqrt((off**2).sum(axis=1).mean()))


def test_false_reports_are_the_part_near_no_target():
    truth = [([1], HERE)] * 4
    tracks = [([7, 9], np.array([[0.0, 0.0], [5e3, 0.0]]))] + [([7], HERE)] * 3
    assert run(truth, tracks).false == pytest.approx(1 / 5)


def test_a_standard_is_met_figure_by_figure_and_what_is_unknown_is_not_met():
    en_route, terminal, airport, _ = STANDARDS
    good = run([([1], HERE)] * 20, [([7], HERE)] * 20)
    assert all(meets(good, en_route).values())
    assert set(meets(good, en_route)) == {"update", "long_gaps", "rms", "false"}
    rough = dataclasses.replace(good, rms=200.0, update=0.969)
    assert meets(rough, en_route) == {"update": False, "long_gaps": True, "rms": True,
                                      "false": True}  # fmt: skip
    assert not meets(rough, terminal)["rms"]
    assert not meets(dataclasses.replace(good, rms=float("nan")), en_route)["rms"]
    # Gaps over 16.4 s say nothing about gaps over 5 s.
    assert not meets(good, airport)["long_gaps"]
    assert meets(dataclasses.replace(good, gap=5.0), airport)["long_gaps"]
