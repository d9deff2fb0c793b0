"""NEES and NIS: the book's bounds, and the coverage of errors drawn from the covariances told."""

import numpy as np
import pytest
from scipy.stats import chi2

from steppewatch.errors import FuseError
from steppewatch.fuse.score import consistency, score_run, series
from steppewatch.fuse.score.consistency import bounds, quadratic


def drawn_errors(rng, n, m):
    """Draw covariances of many sizes and shapes, and errors of each."""
    half = rng.normal(size=(n, m, m)) * 10.0 ** rng.uniform(-2, 3, (n, 1, m))
    cov = half @ half.transpose(0, 2, 1)
    return (half @ rng.normal(size=(n, m, 1)))[:, :, 0], cov


def test_bounds_of_fifty_runs_are_those_of_the_book():
    """Bar-Shalom, Li & Kirubarajan 2001, §5.4.2: 50 runs of two components, [74.2, 129.6] / 50."""
    lower, upper = bounds(50, 2)
    assert (100 * float(lower), 100 * float(upper)) == pytest.approx((74.2, 129.6), abs=0.05)


def test_squared_errors_of_drawn_truth_are_chi_square():
    rng = np.random.default_rng(5)
    error, cov = drawn_errors(rng, 20_000, 6)
    values = quadratic(error, cov)
    known = np.isfinite(values)
    assert known.mean() > 0.98  # what a double cannot invert is left out
    direct = np.array([e @ np.linalg.inv(p) @ e for e, p in zip(error[:50], cov[:50], strict=True)])
    sane = known[:50] & (np.linalg.cond(cov[:50]) < 1e9)
    assert values[:50][sane] == pytest.approx(direct[sane], rel=1e-4)
    sizes = np.linspace(0.02, 0.98, 25)
    below = [(values[known] <= chi2.ppf(q, 6)).mean() for q in sizes]
    assert below == pytest.approx(sizes, abs=0.012)


def test_a_consistent_run_is_inside_its_bounds_and_an_overconfident_one_is_not():
    rng = np.random.default_rng(6)
    error, cov = drawn_errors(rng, 6_000, 3)
    moment = np.repeat(np.arange(300), 20)
    honest = consistency(quadratic(error, cov), 3, moment)
    assert honest.lower < honest.mean < honest.upper
    assert honest.median == pytest.approx(1.0, abs=0.05)
    assert honest.inside == pytest.approx(0.95, abs=0.01)
    assert honest.moments_inside == pytest.approx(0.95, abs=0.03)
    sure = consistency(quadratic(error, 0.7 * cov), 3, moment)
    assert sure.mean == pytest.approx(honest.mean / 0.7)
    assert sure.mean > sure.upper
    assert sure.moments_inside < 0.6
    shy = consistency(quadratic(error, 2.0 * cov), 3, moment)
    assert shy.mean < shy.lower
    low, high = 2.0 * chi2.ppf((0.025, 0.975), 3)
    assert shy.inside == pytest.approx(chi2.cdf(high, 3) - chi2.cdf(low, 3), abs=0.01)


def test_a_few_wrong_tracks_move_the_mean_and_not_the_median():
    values = chi2.ppf(np.linspace(0.001, 0.999, 999), 2)
    values[:10] = 1e4
    got = consistency(values, 2)
    assert got.mean > 50.0
    assert got.median == pytest.approx(1.0, abs=0.03)


def test_a_report_measures_held_pairs_in_the_covariance_of_their_track_and_by_class():
    moments, rng = 200, np.random.default_rng(7)
    cov = np.diag([100.0, 400.0, 1.0, 4.0])
    place = np.tile([[0.0, 0.0], [50e3, 0.0]], (moments, 1))
    noise = rng.multivariate_normal(np.zeros(4), cov, 2 * moments)
    noise[1::2] *= 3.0  # the second target moves otherwise than its track believes
    offset = 2 * np.arange(moments + 1)
    truth = series(offset, [1, 2] * moments, place, velocity=np.zeros((2 * moments, 2)),
                   target=[4, 6] * moments)  # fmt: skip
    tracks = series(offset, [7, 8] * moments, place + noise[:, :2], velocity=noise[:, 2:],
                    covariance=np.tile(cov, (2 * moments, 1, 1)))  # fmt: skip
    report = score_run(np.arange(moments), truth, tracks)
    every, good, bad = report.nees
    assert [n.target for n in (every, good, bad)] == [-1, 4, 6]
    assert (good.count, good.components) == (moments, 4)
    assert good.lower < good.mean < good.upper
    assert bad.mean == pytest.approx(9.0, rel=0.15)
    assert every.mean == pytest.approx((good.mean + bad.mean) / 2)
    direct = (noise**2 / np.diag(cov)).sum(axis=1).reshape(-1, 2).mean(axis=1) / 4
    assert report.timeline.nees == pytest.approx(direct)


def test_positions_alone_are_measured_where_velocities_are_not_known():
    truth = series([0, 1], [1], [[0.0, 0.0]])
    tracks = series([0, 1], [7], [[2.0, 0.0]], covariance=[[[4.0, 0.0], [0.0, 9.0]]])
    only = score_run([0.0], truth, tracks).nees[0]
    assert (only.components, only.mean) == (2, 0.5)


def test_what_is_no_covariance_is_left_out_and_what_is_no_square_is_refused():
    error, one = np.ones((4, 2)), np.eye(2)
    cov = np.array([one, -one, [[1.0, 1.0], [1.0, 1.0]], [[np.nan, 0.0], [0.0, 1.0]]])
    assert np.isnan(quadratic(error, cov)).tolist() == [False, True, True, True]
    assert consistency(np.full(3, np.nan), 2) is None
    with pytest.raises(FuseError, match="negative"):
        consistency(np.array([-1.0]), 2)
    with pytest.raises(FuseError, match="at least one"):
        consistency(np.array([1.0]), 0)


def test_innovations_are_summed_up_the_same_way():
    here = [([1], np.zeros((1, 2)))] * 2
    values = np.random.default_rng(8).chisquare(3, 4_000)
    nis = score_run([0.0, 1.0], here, here, nis=(values, 3)).nis
    assert nis.mean == pytest.approx(values.mean() / 3)
    assert nis.lower < nis.mean < nis.upper
