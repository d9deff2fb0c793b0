"""One edge: against Fresnel's integrals, the published values, and a ridge on a flat earth."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from steppewatch.errors import SenseError
from steppewatch.sense.propagation.diffraction import (
    bullington,
    delta_bullington,
    edge_loss_db,
    effective_radius,
    fresnel_nu,
    knife_edge_db,
    knife_edge_exact_db,
)

FLAT = math.inf


@pytest.mark.parametrize(
    ("nu", "exact", "closed"),
    [(-1, -1.001, 0.0), (0, 6.021, 6.033), (1, 13.864, 13.926), (2, 19.091, 19.043),
     (3, 22.522, 22.416)],
)  # fmt: skip
def test_published_values(nu, exact, closed):
    assert knife_edge_exact_db(nu) == pytest.approx(exact, abs=1e-3)
    assert knife_edge_db(nu) == pytest.approx(closed, abs=1e-3)


@pytest.mark.parametrize("nu", [-2.3, -0.4, 0.7, 1.9])
def test_exact_loss_is_fresnels_integral(nu):
    # The field behind the edge: (1 + j)/2 ∫_ν^∞ exp(−jπt²/2) dt (P.526-15, §2.7).
    real = 0.5 - quad(lambda t: math.cos(0.5 * math.pi * t * t), 0.0, nu)[0]
    imag = 0.5 - quad(lambda t: math.sin(0.5 * math.pi * t * t), 0.0, nu)[0]
    field = abs((1.0 + 1.0j) / 2.0 * complex(real, -imag))
    assert knife_edge_exact_db(nu) == pytest.approx(-20.0 * math.log10(field), abs=1e-9)


def test_closed_form_stays_near_the_exact_loss_in_the_shadow():
    nu = np.linspace(0.0, 100.0, 2_001)
    assert np.abs(knife_edge_db(nu) - knife_edge_exact_db(nu)).max() < 0.14


def test_closed_form_is_nothing_below_its_limit_and_unknown_where_unknown():
    assert knife_edge_db([-0.79, -50.0]).tolist() == [0.0, 0.0]
    assert knife_edge_db(-0.78) < 0.01
    assert np.isnan(knife_edge_db(np.nan))


def test_far_in_the_shadow_the_exact_loss_is_its_asymptote():
    # ∫_ν^∞ of a fast turning phasor is 1/(πν): the loss goes to 20 log(√2 π ν).
    assert knife_edge_exact_db(50.0) == pytest.approx(
        20.0 * math.log10(50.0 * math.pi * 2**0.5), abs=1e-3
    )


def test_loss_over_a_raster_of_cells_is_the_loss_of_each():
    d2, height = np.meshgrid([1e3, 5e3, 20e3], [-40.0, 0.0, 30.0])
    found = edge_loss_db(10e3, d2, height, 0.1)
    assert found.shape == (3, 3)
    # ν by hand: 30 m √(2 · 30 km/(0.1 m · 10 km · 20 km)) = 1.643
    assert fresnel_nu(10e3, 20e3, 30.0, 0.1) == pytest.approx(1.643, abs=1e-3)
    assert found[2, 2] == pytest.approx(float(knife_edge_exact_db(1.6432)), abs=0.1)


def ridge(height, at=10e3, far=30e3, n=301):
    distance = np.linspace(0.0, far, n)
    return distance, np.where(np.isclose(distance, at), height, 0.0)


def test_bullington_of_one_ridge_is_that_ridge():
    found = bullington(*ridge(60.0), 20.0, 20.0, 0.3, FLAT)
    nu = float(fresnel_nu(10e3, 20e3, 40.0, 0.3))
    knife = float(knife_edge_db(nu))
    assert not found.in_sight
    assert found.edge == pytest.approx(10e3, rel=1e-6)
    assert found.nu == pytest.approx(nu, rel=1e-6)
    # P.526-15, eq. 52: the rest is an empirical addition that grows to 10 + 0.02 d [km].
    assert found.loss_db == pytest.approx(knife + (1 - math.exp(-knife / 6)) * 10.6, abs=1e-3)


def test_two_equal_ridges_become_the_edge_where_the_two_sight_lines_cross():
    distance = np.linspace(0.0, 30e3, 301)
    heights = np.where(np.isclose(distance, 10e3) | np.isclose(distance, 20e3), 50.0, 0.0)
    found = bullington(distance, heights, 0.0, 0.0, 0.3, FLAT)
    assert found.edge == pytest.approx(15e3, rel=1e-6)
    assert found.nu == pytest.approx(float(fresnel_nu(15e3, 15e3, 75.0, 0.3)), rel=1e-6)


def test_many_paths_at_once_are_each_path_alone():
    rng = np.random.default_rng(5)
    distance = np.linspace(0.0, 40e3, 200)
    heights = rng.uniform(900.0, 1_200.0, (6, 200))
    start, end = heights[:, 0] + 15.0, heights[:, -1] + 30.0
    radius = effective_radius(1.27)
    whole = delta_bullington(distance, heights, start, end, 0.6, radius).loss_db
    for row in range(6):
        one = delta_bullington(distance, heights[row], start[row], end[row], 0.6, radius)
        assert one.loss_db == pytest.approx(whole[row], rel=1e-12)


def test_unknown_ground_makes_the_loss_unknown():
    distance, heights = ridge(60.0)
    heights[77] = np.nan
    found = delta_bullington(distance, heights, 20.0, 20.0, 0.3, effective_radius(1.27))
    assert np.isnan(found.loss_db)
    assert not found.bullington.in_sight


def test_refuses_profiles_that_are_none():
    with pytest.raises(SenseError, match="3 or more"):
        bullington([0.0, 1e3], [0.0, 0.0], 1.0, 1.0, 0.3, FLAT)
    with pytest.raises(SenseError, match="rise at every point"):
        bullington([0.0, 1e3, 500.0], 0.0, 1.0, 1.0, 0.3, FLAT)
    with pytest.raises(SenseError, match=r"expected 0\.3"):
        effective_radius(0.0)
