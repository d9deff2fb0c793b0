"""Measurement errors: published figures, and the ellipse against drawn plots."""

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.radar import measure


def test_published_accuracies_at_13_db():
    snr = 10**1.3
    assert measure.sigma_range(1e6, snr) == pytest.approx(23.73, abs=5e-3)
    found = np.degrees(measure.sigma_angle(np.radians(1.5), snr))
    assert found == pytest.approx(0.1484, abs=5e-5)
    assert measure.sigma_range_rate(0.03, 0.05, 50.0) == pytest.approx(0.03)


def test_resolution_cells():
    assert measure.range_cell(1e6) == pytest.approx(149.896, abs=1e-3)
    assert measure.cross_cell(100e3, 0.02) == pytest.approx(2000.0)
    assert measure.range_rate_cell(0.03, 0.1) == pytest.approx(0.15)


def test_no_signal_measures_nothing_and_unknown_stays_unknown():
    found = measure.sigma_range(1e6, [0.0, np.nan])
    assert found[0] == np.inf
    assert np.isnan(found[1])


@pytest.mark.parametrize("elevation_deg", [0.0, 5.0, 40.0])
def test_the_ellipse_holds_the_share_of_drawn_plots_that_it_says(elevation_deg):
    rng = np.random.default_rng(3)
    r, az, el = 50e3, np.radians(30.0), np.radians(elevation_deg)
    sigmas = 60.0, np.radians(0.2), np.radians(0.3)
    drawn = [m + s * rng.normal(size=40_000) for m, s in zip((r, az, el), sigmas, strict=True)]
    flat = drawn[0] * np.cos(drawn[2])
    east = flat * np.sin(drawn[1]) - r * np.cos(el) * np.sin(az)
    north = flat * np.cos(drawn[1]) - r * np.cos(el) * np.cos(az)
    major, minor, bearing = measure.error_ellipse(r, az, el, *sigmas)
    u = (east * np.sin(bearing) + north * np.cos(bearing)) / major
    v = (east * np.cos(bearing) - north * np.sin(bearing)) / minor
    for share in (0.5, 0.95):
        inside = np.mean(np.hypot(u, v) < measure.ellipse_scale(share))
        assert inside == pytest.approx(share, abs=0.012)
    height = drawn[0] * np.sin(drawn[2])
    assert measure.sigma_height(r, el, sigmas[0], sigmas[2]) == pytest.approx(
        height.std(), rel=0.02
    )


def test_absurd_figures_are_refused():
    with pytest.raises(SenseError, match="bandwidth is 0 Hz"):
        measure.sigma_range(0.0, 10.0)
    with pytest.raises(SenseError, match="beamwidth is -1, expected more than 0"):
        measure.sigma_angle(-1.0, 10.0)
    with pytest.raises(SenseError, match="snr is -3"):
        measure.sigma_range(1e6, -3.0)
    with pytest.raises(SenseError, match="probability is 1, expected more than 0"):
        measure.ellipse_scale(1.0)
