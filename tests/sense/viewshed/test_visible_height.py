import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from crossings import visible_height_by_crossings
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.errors import SenseError
from steppewatch.sense.viewshed import plane_window, visible_height

PLAIN = os.environ.get("NUMBA_DISABLE_JIT") == "1"
too_slow_plain = pytest.mark.skipif(PLAIN, reason="minutes as plain Python; small cases run there")
RADIUS = 6_371_008.7714
K = 4.0 / 3.0


def hills(size, seed, rough=60.0):
    """Make rough ground with a spectrum like real hills, cliffs and single spikes included."""
    rng = np.random.default_rng(seed)
    n = 2 * size + 1
    freq = np.hypot(*np.meshgrid(np.fft.fftfreq(n), np.fft.fftfreq(n)))
    freq[0, 0] = np.inf
    wave = np.fft.ifft2(np.fft.fft2(rng.standard_normal((n, n))) * freq**-1.6).real
    ground = 1_000.0 + rough * wave / wave.std()
    ground[rng.random((n, n)) < 1e-4] += 150.0
    ground[:, : n // 5] += 250.0 * (np.arange(n) > n // 3)[:, None]
    return ground.astype(np.float32)


def seen(ground, mast=20.0, k=K, cell=90.0, **how):
    return visible_height(plane_window(ground, cell), mast, k, **how).min_height


@pytest.mark.parametrize("seed", range(4))
def test_the_exact_method_follows_every_crossing(seed):
    ground = hills(12, seed)
    if seed % 2:
        ground[3:5, 9] = np.nan
    expected = visible_height_by_crossings(ground, 20.0, 90.0**2 / (2 * K * RADIUS))
    np.testing.assert_allclose(seen(ground, method="exact"), expected, atol=1e-3)


@too_slow_plain
@pytest.mark.parametrize("seed", range(3))
def test_the_sweep_keeps_its_stated_errors_over_hills_cliffs_and_spikes(seed):
    ground = hills(300, seed, rough=120.0)
    exact, quick = seen(ground, method="exact"), seen(ground)
    known = np.isfinite(exact)
    assert np.array_equal(known, np.isfinite(quick))
    off = np.abs(exact - quick)[known]
    wrong = ((exact <= 100.0) != (quick <= 100.0))[known].mean()
    assert wrong <= 0.0005
    assert np.median(off) <= 0.05
    assert np.percentile(off, 99) <= 5.0


@too_slow_plain
def test_the_horizon_of_a_smooth_earth_is_where_the_formula_says():
    """d = √(2 k a h): 4.12 (√20 + √h) km at k = 4/3 (Skolnik, Radar Handbook, §26)."""
    size, cell = 1_500, 50.0
    found = seen(np.zeros((2 * size + 1, 2 * size + 1), np.float32), cell=cell)[size, size:]
    distance = np.arange(size + 1) * cell
    horizon = math.sqrt(2.0 * K * RADIUS * 20.0)
    last_seen = distance[found <= 0.02].max()
    assert last_seen == pytest.approx(horizon, rel=0.04)  # flat there: 0.02 m are 0.6 km
    beyond = distance > 25_000.0
    expected = (distance - horizon) ** 2 / (2.0 * K * RADIUS)
    np.testing.assert_allclose(found[beyond], expected[beyond], atol=0.01)
    to_100 = np.interp(100.0, found[beyond], distance[beyond])
    assert to_100 == pytest.approx(59_651.0, rel=1e-3)


def test_a_wall_throws_the_shadow_that_a_ruler_draws():
    size, cell = 400, 30.0
    ground = np.zeros((2 * size + 1, 2 * size + 1), np.float32)
    ground[:, size + 100] = 60.0
    found = seen(ground, mast=20.0, k=10.0, cell=cell)[size, size:]
    d = np.arange(size + 1) * cell
    bend = 1.0 / (2.0 * 10.0 * RADIUS)
    wall = (60.0 - 20.0 - bend * d[100] ** 2) / d[100]
    expected = 20.0 + wall * d + bend * d**2
    np.testing.assert_allclose(found[101:], expected[101:], atol=1e-3)
    assert not found[1:100].any()


@pytest.mark.parametrize("turn", [np.rot90, np.fliplr, np.flipud, np.transpose])
def test_turning_the_ground_turns_the_answer_bit_for_bit(turn):
    ground = hills(90, 5)
    assert np.array_equal(turn(seen(ground)), seen(turn(ground).copy()), equal_nan=True)


def test_a_ray_through_corners_meets_each_of_them_once():
    """A ray of slope 5/6 meets cell (6, 5) exactly; the cell (6, 6) beside it hides nothing."""
    ground = np.zeros((121, 121), np.float32)
    ground[66, 66] = 5_000.0
    found = seen(ground, rays_per_cell=1.0)
    along = np.arange(12, 43, 6)
    behind = found[60 + along, 60 + along * 5 // 6]
    exact = seen(ground, method="exact")[60 + along, 60 + along * 5 // 6]
    np.testing.assert_allclose(behind, exact, atol=0.5)


def test_two_threads_give_the_same_bits_as_one():
    ground = hills(90, 6)
    with ThreadPoolExecutor(2) as pool:
        assert np.array_equal(seen(ground), seen(ground, run=pool.map), equal_nan=True)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 200.0), st.floats(0.1, 300.0))
def test_a_higher_mast_never_sees_less(seed, mast, more):
    ground = hills(20, seed)
    low, high = seen(ground, mast), seen(ground, mast + more)
    known = np.isfinite(low)
    assert (low[known] >= 0.0).all()
    assert (high[known] <= low[known] + 2e-2).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_less_refraction_never_sees_more(seed):
    ground = hills(20, seed)
    known = np.isfinite(seen(ground))
    assert (seen(ground, k=1.0)[known] >= seen(ground, k=K)[known] - 2e-2).all()


def test_nothing_is_seen_beyond_unknown_ground():
    ground = hills(60, 7)
    ground[58:63, 80] = np.nan
    found = seen(ground)
    assert np.isnan(found[58:63, 80]).all()
    assert np.isnan(found[60, 81:]).all()
    assert np.isfinite(found[60, :80]).all()
    assert np.array_equal(np.isnan(seen(ground, method="exact")[60]), np.isnan(found[60]))


def test_the_edge_of_the_range_is_a_circle():
    found = seen(np.zeros((101, 101), np.float32))
    row, col = np.indices(found.shape) - 50
    assert np.array_equal(np.isfinite(found), row**2 + col**2 <= 50**2)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"mast": -1.0}, "mast is -1 m, expected 0 to 20000 m"),
        ({"mast": math.nan}, "mast is nan"),
        ({"k": 0.0}, "k is 0, expected 0.5 to 10"),
        ({"rays_per_cell": 0.0}, "rays_per_cell is 0"),
    ],
)
def test_an_absurd_figure_is_refused_with_its_limits(figures, said):
    with pytest.raises(SenseError, match=said):
        seen(np.zeros((21, 21), np.float32), **figures)


def test_a_site_on_unknown_ground_is_refused_with_the_remedy():
    ground = np.zeros((21, 21), np.float32)
    ground[10, 10] = np.nan
    with pytest.raises(SenseError, match="steppewatch world add FILE"):
        seen(ground)


def test_a_window_without_a_middle_is_refused():
    with pytest.raises(SenseError, match="20 × 21 cells: expected a square"):
        plane_window(np.zeros((20, 21), np.float32), 90.0)
