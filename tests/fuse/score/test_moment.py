"""Scores agree with Stone Soup 1.9.1 (GOSPAMetric, OSPAMetric), run once for these numbers."""

import numpy as np
import pytest

from steppewatch.fuse.score import gospa, ospa, score_run

# truth, tracks, c, then what Stone Soup said: GOSPA, localisation, missed, false, OSPA.
ORACLES = [
    (
        [[125.1, 397.2, 275.7], [-274.8, -199.8, 373.6], [-494.7, 321.2, 297.1],
         [-32.1, -197.0, -221.6], [-245.1, -54.9, 4.5]],
        [[63.9, 378.1, 236.6], [-307.2, -157.4, 341.3], [-496.0, 356.6, 273.8],
         [-36.6, -192.6, -219.0], [417.2, 129.2, 14.1]],
        1000.0, 695.7012577248944, 484000.2399999999, 0.0, 0.0, 311.1270608609929,
    ),
    (
        [[347.2, 139.7, 241.8], [-408.5, 41.1, 7.8], [371.3, -138.7, 98.2],
         [-440.7, -112.4, -177.0], [-349.8, 316.3, -120.6], [478.7, 90.0, 105.1],
         [138.0, 176.5, -349.2]],
        [[374.8, 126.6, 227.1], [-418.5, 102.0, -9.3], [359.2, -124.6, 93.4],
         [162.2, -368.4, 345.1]],
        300.0, 480.22800834603555, 5618.940000000001, 180000.0, 45000.0, 228.54163109345558,
    ),
    (
        [[141.6, 69.7, -123.7], [-89.0, -260.5, -461.9], [376.2, -32.3, 47.6]],
        [[107.3, 108.6, -116.0], [-85.4, -284.1, -466.6], [467.1, 157.8, -71.8],
         [23.7, 372.8, -155.8], [90.3, 183.7, -144.6], [19.1, 265.2, 409.2],
         [-348.9, 433.4, -494.8], [253.0, 310.5, -363.2]],
        50.0, 108.82099981161726, 592.0100000000014, 2500.0, 8750.0, 47.555244190309864,
    ),
]  # fmt: skip


@pytest.mark.parametrize("oracle", ORACLES)
def test_gospa_and_its_parts_equal_stone_soup(oracle):
    truth, tracks, c, distance, localisation, missed, false, _ = oracle
    result = gospa(np.array(truth), np.array(tracks), c)
    got = (result.distance, result.localisation, result.missed, result.false)
    assert got == pytest.approx((distance, localisation, missed, false), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("oracle", ORACLES)
def test_ospa_equals_stone_soup(oracle):
    assert ospa(np.array(oracle[0]), np.array(oracle[1]), oracle[2]) == pytest.approx(
        oracle[7], rel=1e-12
    )


def test_nothing_against_nothing_is_perfect():
    none = np.zeros((0, 3))
    assert gospa(none, none).distance == 0.0
    assert ospa(none, none) == 0.0


def test_a_swap_of_two_tracks_counts_two_switches_and_a_late_track_its_delay():
    names = np.array([1, 2])
    places = np.array([[0.0, 0.0], [5_000.0, 0.0]])
    times = [0.0, 10.0, 20.0, 30.0]
    none = (np.zeros(0, int), np.zeros((0, 2)))
    tracks = [none, (np.array([7, 8]), places), (np.array([7, 8]), places),
              (np.array([8, 7]), places)]  # fmt: skip
    report = score_run(times, [(names, places)] * 4, tracks)
    assert report.switches == 2
    assert report.latency == 10.0
    assert report.completeness == pytest.approx(6 / 8)
    assert report.missed == pytest.approx(0.5)
    assert report.false == 0.0


def test_a_track_is_kept_while_it_is_near_even_if_another_is_nearer():
    names = np.array([1])
    here = np.array([[0.0, 0.0]])
    first = (np.array([7]), np.array([[100.0, 0.0]]))
    both = (np.array([7, 8]), np.array([[400.0, 0.0], [1.0, 0.0]]))
    gone = (np.array([7, 8]), np.array([[600.0, 0.0], [1.0, 0.0]]))
    truth = [(names, here)] * 3
    assert score_run([0.0, 1.0, 2.0], truth, [first, both, both]).switches == 0
    assert score_run([0.0, 1.0, 2.0], truth, [first, both, gone]).switches == 1
