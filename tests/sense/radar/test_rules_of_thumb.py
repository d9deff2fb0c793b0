"""The pocket formulas give their published figures and stay within their published errors."""

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.radar.detection import required_snr
from steppewatch.sense.radar.rules_of_thumb import albersheim_snr_db, shnidman_snr_db


def exact_db(pd, pfa, n, swerling):
    return 10 * np.log10(required_snr(pd, n, pfa, swerling))


@pytest.mark.parametrize(
    ("pd", "n", "db"), [(0.5, 1, 11.232), (0.8, 1, 12.511), (0.9, 10, 4.990), (0.9, 30, 1.840)]
)
def test_albersheim_gives_its_published_figures(pd, n, db):
    assert albersheim_snr_db(pd, 1e-6, n) == pytest.approx(db, abs=1e-3)


@pytest.mark.parametrize(
    ("pd", "pfa", "n", "db"),
    [
        (0.5, 1e-6, 1, (11.17, 12.51, 11.84)),
        (0.8, 1e-6, 1, (12.51, 17.87, 15.19)),
        (0.9, 1e-6, 10, (5.33, 13.58, 9.46)),
        (0.9, 1e-6, 30, (2.01, 10.30, 6.16)),
        (0.9, 1e-8, 1, (14.10, 22.65, 18.38)),
        (0.99, 1e-6, 10, (6.38, 23.30, 14.84)),
    ],
)
def test_shnidman_gives_its_published_figures(pd, pfa, n, db):
    found = [shnidman_snr_db(pd, pfa, n, s) for s in (0, 1, 3)]
    assert found == pytest.approx(db, abs=6e-3)


def test_albersheim_is_within_its_bound_for_one_pulse_and_near_it_for_many():
    for pd in (0.5, 0.7, 0.9):
        for pfa in (1e-7, 1e-5, 1e-3):
            assert abs(albersheim_snr_db(pd, pfa, 1) - exact_db(pd, pfa, 1, 0)) < 0.2
            # Albersheim's detector is linear; the square law asks for up to 0.2 dB more.
            for n in (3, 10, 100, 1000):
                assert abs(albersheim_snr_db(pd, pfa, n) - exact_db(pd, pfa, n, 0)) < 0.4


def test_albersheim_is_far_too_hopeful_at_low_pd_as_its_docstring_warns():
    assert albersheim_snr_db(0.1, 1e-3, 1) < exact_db(0.1, 1e-3, 1, 0) - 4.0


@pytest.mark.parametrize(
    ("swerling", "bound"), [(0, 0.3), (1, 1.2), (2, 0.55), (3, 0.65), (4, 0.5)]
)
def test_shnidman_is_within_half_a_decibel_or_so(swerling, bound):
    for pd in (0.1, 0.3, 0.5, 0.8, 0.9, 0.97):
        for pfa in (1e-9, 1e-6, 1e-3):
            for n in (2, 10, 50, 100):
                found = shnidman_snr_db(pd, pfa, n, swerling)
                assert abs(found - exact_db(pd, pfa, n, swerling)) < bound


@pytest.mark.parametrize(
    "call",
    [
        lambda: albersheim_snr_db(0.95, 1e-6, 1),
        lambda: albersheim_snr_db(0.9, 1e-8, 1),
        lambda: shnidman_snr_db(0.9, 1e-6, 101, 1),
        lambda: shnidman_snr_db(0.05, 1e-6, 1, 1),
    ],
)
def test_outside_their_limits_they_send_us_to_the_exact_function(call):
    with pytest.raises(SenseError, match="use required_snr, which is exact"):
        call()
