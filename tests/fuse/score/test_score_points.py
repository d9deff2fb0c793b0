"""GOSPA and OSPA against their papers: by trying every assignment, and what the papers state."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plain_metrics import gospa_by_matchings, gospa_by_permutations, ospa_by_permutations

from steppewatch.errors import FuseError
from steppewatch.fuse.score import gospa, ospa

places = st.integers(0, 4).flatmap(
    lambda n: arrays(np.float64, (n, 2), elements=st.integers(-6, 6).map(float))
)
cut_offs = st.sampled_from([1.0, 3.0, 5.0, 20.0])
orders = st.sampled_from([1.0, 2.0, 3.0])


@given(places, places, cut_offs, orders)
def test_gospa_is_the_best_of_all_assignments(x, y, c, p):
    value = gospa(x, y, c, p).distance
    assert value == pytest.approx(gospa_by_matchings(x, y, c, p), abs=1e-9)
    assert value == pytest.approx(gospa_by_permutations(x, y, c, p), abs=1e-9)


@given(places, places, cut_offs, orders)
def test_the_parts_of_gospa_sum_up_and_belong_to_its_pairs(x, y, c, p):
    g = gospa(x, y, c, p)
    assert g.localisation + g.missed + g.false == pytest.approx(g.distance**p, abs=1e-9)
    i, j = g.pairs.T
    assert len(set(i.tolist())) == len(set(j.tolist())) == len(g.pairs)
    away = np.linalg.norm(x[i] - y[j], axis=1)
    assert (away < c).all()
    assert g.localisation == pytest.approx((away**p).sum())
    assert g.missed == pytest.approx(c**p / 2 * (len(x) - len(i)))
    assert g.false == pytest.approx(c**p / 2 * (len(y) - len(i)))


@given(places, places, cut_offs, orders)
def test_ospa_is_the_best_of_all_permutations(x, y, c, p):
    assert ospa(x, y, c, p) == pytest.approx(ospa_by_permutations(x, y, c, p), abs=1e-9)


@given(places, places, places, cut_offs, orders)
def test_both_are_metrics(x, y, z, c, p):
    for d in (lambda a, b: gospa(a, b, c, p).distance, lambda a, b: ospa(a, b, c, p)):
        assert d(x, x) == 0.0
        assert d(x, y) == pytest.approx(d(y, x), abs=1e-9)
        assert d(x, z) <= d(x, y) + d(y, z) + 1e-9
        if sorted(x.tolist()) != sorted(y.tolist()):
            assert d(x, y) > 0.0


@pytest.mark.parametrize("p", [1.0, 2.0])
def test_a_false_track_costs_the_same_far_off_or_just_beyond_the_cut_off(p):
    """Rahmathullah et al. 2017, §III: with α = 2 a far estimate is one missed and one false."""
    x = np.array([[0.0, 0.0]])
    for away in (8.0, 80.0):
        y = np.array([[away, 0.0]])
        g = gospa(x, y, 8.0, p)
        assert (g.localisation, g.missed, g.false) == (0.0, 8.0**p / 2, 8.0**p / 2)
        two = gospa(x, np.concatenate((np.add(x, [3.0, 0.0]), y)), 8.0, p)
        assert two.distance == pytest.approx((3.0**p + 8.0**p / 2) ** (1 / p))


def test_gospa_grows_with_every_false_track_while_ospa_forgets_how_many_targets_there_were():
    """The same paper, §III-B: OSPA is normalised by the larger set, GOSPA is not."""
    x = np.arange(4.0)[:, None] * [100.0, 0.0]
    far = np.arange(4.0)[:, None] * [0.0, 100.0] + [0.0, 1_000.0]
    values = [gospa(x, np.concatenate((x, far[:k])), 10.0, 1.0).distance for k in range(5)]
    assert values == pytest.approx([0.0, 5.0, 10.0, 15.0, 20.0])
    seen = [ospa(x, np.concatenate((x, far[:k])), 10.0, 1.0) for k in range(5)]
    assert seen == pytest.approx([0.0, 2.0, 20 / 6, 30 / 7, 5.0])


@pytest.mark.parametrize("p", [1.0, 2.0])
def test_ospa_of_the_situations_that_its_paper_discusses(p):
    """Schuhmacher, Vo & Vo 2008, §II-III: nothing told, one extra, one missed, all shifted."""
    c, x = 10.0, np.arange(3.0)[:, None] * [100.0, 0.0]
    none = np.zeros((0, 2))
    assert ospa(x, none, c, p) == c
    extra = np.concatenate((x, [[0.0, 500.0]]))
    assert ospa(x, extra, c, p) == pytest.approx(c * (1 / 4) ** (1 / p))
    assert ospa(x, x[:2], c, p) == pytest.approx(c * (1 / 3) ** (1 / p))
    assert ospa(x, np.add(x, [3.0, 4.0]), c, p) == pytest.approx(5.0)
    both = np.concatenate((np.add(x[:2], [3.0, 4.0]), [[0.0, 500.0]]))
    assert ospa(x, both, c, p) == pytest.approx(((2 * 5.0**p + c**p) / 3) ** (1 / p))


def test_the_nearest_track_is_given_up_where_the_sum_gains():
    x = np.array([[0.0, 0.0], [4.0, 0.0]])
    y = np.array([[3.0, 0.0], [9.0, 0.0]])
    g = gospa(x, y, 6.0, 2.0)
    assert sorted(map(tuple, g.pairs.tolist())) == [(0, 0), (1, 1)]
    assert g.distance == pytest.approx(math.sqrt(9 + 25))


@pytest.mark.parametrize("c", [0.0, -1.0, math.nan, math.inf])
def test_a_cut_off_without_sense_is_refused(c):
    with pytest.raises(FuseError, match="cut-off"):
        gospa(np.zeros((1, 2)), np.zeros((1, 2)), c)


def test_an_order_below_one_is_refused_for_it_gives_no_metric():
    with pytest.raises(FuseError, match="order"):
        gospa(np.zeros((1, 2)), np.zeros((1, 2)), 1.0, 0.5)
