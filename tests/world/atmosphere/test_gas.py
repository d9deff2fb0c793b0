"""Gas against the Recommendation's own validation table and an independent integral."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere import gas_loss_db, site_atmosphere, specific_attenuation
from steppewatch.world.atmosphere.refraction import ray_table

AIR = site_atmosphere(math.radians(48.0), math.radians(107.0), 1_300.0, season="summer")


def test_specific_attenuation_is_that_of_the_validation_table_to_1e_6(itu_table):
    table = itu_table("ITURP676-13_gamma.csv")
    for f, p, t, rho, gamma in zip(
        *(table[name] for name in ("f", "P", "T", "rho", "gamma")), strict=True
    ):
        assert float(specific_attenuation(f * 1e9, t, p, rho)) == pytest.approx(gamma, rel=1e-6)


@pytest.mark.parametrize(("ghz", "two_way"), [(1.3, 2.45), (3.0, 3.0), (10.0, 5.7), (16.0, 14.0)])
def test_two_hundred_kilometres_at_sea_level_cost_what_is_known(ghz, two_way):
    gamma = float(specific_attenuation(ghz * 1e9, 288.15, 1013.25, 7.5))
    assert 400.0 * gamma == pytest.approx(two_way, rel=0.02)


@pytest.mark.parametrize("frequency", [1.3e9, 9.5e9, 24e9])
@pytest.mark.parametrize("elevation_deg", [-0.5, 0.2, 1.3, 12.0])
def test_a_path_is_the_integral_along_the_bent_ray(frequency, elevation_deg):
    rays = ray_table(AIR, 1_320.0)
    elevation = math.radians(elevation_deg)

    def rate(s, _):
        temperature, pressure, vapour = AIR.profile(rays.target_height(s, elevation))
        dry = pressure - vapour * temperature / 216.7
        return float(specific_attenuation(frequency, temperature, dry, vapour)) / 1e3

    slants = np.array([2e3, 60e3, 250e3])
    known = solve_ivp(rate, (0.0, 250e3), (0.0,), t_eval=slants, rtol=1e-6, atol=1e-7, max_step=5e3)
    loss = gas_loss_db(AIR, frequency, 1_320.0, slants, elevation)
    assert loss == pytest.approx(known.y[0], rel=2e-3, abs=1e-4)


def test_loss_grows_with_range_and_falls_with_elevation():
    slant, elevation = np.meshgrid(np.linspace(0.0, 400e3, 81), np.radians(np.linspace(-1, 30, 63)))
    loss = gas_loss_db(AIR, 3e9, 1_320.0, slant, elevation)
    assert (loss[:, 0] == 0.0).all()
    assert (np.diff(loss, axis=1) >= 0.0).all()
    assert (np.diff(loss[:, 1:], axis=0) <= 1e-9).all()


def test_the_way_into_space_ends_with_the_air():
    near, far = gas_loss_db(AIR, 3e9, 1_320.0, np.array([400e3, 800e3]), math.radians(5.0))
    assert far == pytest.approx(near, rel=1e-2)


def test_a_frequency_in_megahertz_is_refused():
    with pytest.raises(WorldError, match="is it in MHz or GHz"):
        gas_loss_db(AIR, 1300.0, 1_320.0, 1e5, 0.0)


def test_an_unknown_place_has_an_unknown_loss():
    loss = gas_loss_db(AIR, 3e9, 1_320.0, np.array([1e5, math.nan, 1e5]), [0.0, 0.0, math.nan])
    assert np.isnan(loss).tolist() == [False, True, True]
