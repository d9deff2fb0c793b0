"""Echoes are drawn from the very distribution that Pd is computed with."""

import numpy as np
import pytest
from scipy import stats

from steppewatch.errors import SenseError
from steppewatch.sense.radar.detection import detection_probability, threshold
from steppewatch.sense.radar.echo import LUCK, draw_false_alarm, draw_statistic, measured_snr

LOOKS = 60_000


def luck(seed, m=LOOKS):
    return np.random.default_rng(seed).random((m, LUCK))


@pytest.mark.parametrize("swerling", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("n", "snr"), [(1, 6.0), (2, 3.0), (24, 0.9)])
def test_draws_cross_any_threshold_as_often_as_computed(n, snr, swerling):
    power = draw_statistic(snr, n, swerling, luck(swerling))
    pd = np.array([float(detection_probability(snr, n, p, swerling)) for p in (0.1, 1e-3, 1e-6)])
    found = np.array([np.mean(power > threshold(p, n)) for p in (0.1, 1e-3, 1e-6)])
    assert np.all(np.abs(found - pd) < 4.0 * np.sqrt(pd * (1 - pd) / LOOKS) + 1e-9)


@pytest.mark.parametrize("n", [1, 5, 200])
def test_noise_alone_is_gamma(n):
    power = draw_statistic(np.zeros(LOOKS), n, 1, luck(9))
    assert stats.kstest(power, stats.gamma(n).cdf).pvalue > 1e-4


def test_false_alarms_are_the_tail_of_the_noise():
    power = draw_false_alarm(5, 1e-6, luck(3)[:, 0])
    assert power.min() >= threshold(1e-6, 5)
    tail = stats.gamma(5).sf(power) / 1e-6
    assert stats.kstest(tail, stats.uniform.cdf).pvalue > 1e-4
    assert np.all(np.isfinite(draw_false_alarm(5, 1e-6, [0.0, 1.0 - 2.0**-53])))


def test_the_reported_ratio_is_unbiased_before_the_threshold():
    reported = measured_snr(draw_statistic(20.0, 8, 3, luck(4)), 8)
    assert reported.mean() == pytest.approx(20.0, rel=0.02)


def test_each_target_keeps_its_luck_whatever_its_neighbours_do():
    drawn = luck(7, 50)
    snr = np.full(50, 4.0)
    changed = snr.copy()
    changed[10] = np.nan
    a, b = draw_statistic(snr, 6, 1, drawn), draw_statistic(changed, 6, 1, drawn)
    assert np.isnan(b[10])
    assert np.array_equal(np.delete(a, 10), np.delete(b, 10))


def test_the_edge_of_luck_makes_no_infinity():
    edge = np.array([[0.0] * LUCK, [1.0 - 2.0**-53] * LUCK])
    for swerling in range(5):
        assert np.all(np.isfinite(draw_statistic([3.0, 3.0], 4, swerling, edge)))


def test_luck_of_the_wrong_shape_is_refused():
    with pytest.raises(SenseError, match="expected \\(targets, 4\\)"):
        draw_statistic(1.0, 1, 1, np.zeros((3, 2)))
