"""A smooth earth: the horizon, the clearance that costs nothing, and the slope of the shadow."""

import math

import numpy as np
import pytest

from steppewatch.sense.propagation.ground import GROUNDS
from steppewatch.sense.propagation.smooth_earth import smooth_earth_db

RADIUS = 4.0 / 3.0 * 6_371e3


def loss(distance, start, end, wavelength, *, vertical=False, ground="land"):
    return smooth_earth_db(
        distance, start, end, wavelength, RADIUS, vertical=vertical, ground=GROUNDS[ground]
    )


def test_nothing_is_lost_with_sixty_per_cent_of_fresnel_clearance():
    assert loss(10e3, 60.0, 60.0, 0.1) == 0.0


def test_loss_joins_at_the_horizon():
    edge = math.sqrt(2.0 * RADIUS) * (math.sqrt(20.0) + math.sqrt(100.0))
    assert edge == pytest.approx(59_651.0, abs=10.0)  # the facts' 4/3 horizon of 20 m and 100 m
    near, far = loss(np.array([edge - 1.0, edge + 1.0]), 20.0, 100.0, 0.1)
    assert near == pytest.approx(far, abs=0.02)
    assert far > 6.021  # a round hill costs more than the knife edge that it touches


def test_beyond_the_horizon_the_slope_is_that_of_the_first_term():
    # P.526-15 eq. 17a: 17.6 dB per unit of X = 2.188 f^(1/3) a^(−2/3) d (MHz, km), less 10 log X.
    d = np.array([150e3, 160e3])
    x = 2.188 * (299.792458 / 0.1) ** (1 / 3) * (RADIUS / 1e3) ** (-2 / 3) * d / 1e3
    expected = 17.6 * np.diff(x) - np.diff(10.0 * np.log10(x))
    assert np.diff(loss(d, 20.0, 20.0, 0.1)) == pytest.approx(expected, abs=0.01)


def test_loss_is_the_same_both_ways_and_grows_with_distance():
    d = np.linspace(5e3, 200e3, 400)
    there, back = loss(d, 15.0, 90.0, 0.3), loss(d, 90.0, 15.0, 0.3)
    assert there == pytest.approx(back, abs=1e-9)
    assert (np.diff(there) >= -1e-9).all()


def test_polarisation_matters_over_the_sea_at_low_frequency_alone():
    # P.526-15, §3.1.1.2: over the sea the ground's kind may be left out above 300 MHz.
    def gap(wavelength):
        one, other = (
            loss(120e3, 10.0, 10.0, wavelength, vertical=v, ground="sea") for v in (True, False)
        )
        return float(other - one)

    assert gap(10.0) > 10.0
    assert abs(gap(0.03)) < 1.0


def test_unknown_height_makes_the_loss_unknown():
    assert np.isnan(loss(50e3, np.nan, 20.0, 0.1))
