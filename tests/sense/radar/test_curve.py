"""The table of Pd keeps its promise of 1e-4 against the exact function."""

import numpy as np
import pytest

from steppewatch.sense.radar.curve import detection_curve
from steppewatch.sense.radar.detection import detection_probability


@pytest.mark.parametrize("swerling", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("n", "pfa"), [(1, 1e-12), (1, 1e-2), (16, 1e-6), (1000, 1e-12)])
def test_the_table_is_within_a_ten_thousandth_everywhere(n, pfa, swerling):
    curve = detection_curve(n, pfa, swerling)
    rng = np.random.default_rng(2)
    snr_db = rng.uniform(-40.0, 70.0, 300)
    middle = curve.first_db + curve.step_db * (np.arange(0, len(curve.pd), 17) + 0.5)
    snr_db = np.concatenate((snr_db, middle))
    exact = detection_probability(10 ** (snr_db / 10), n, pfa, swerling)
    assert np.abs(curve.at(snr_db) - exact).max() < 4e-5


def test_no_signal_gives_pfa_endless_signal_one_and_unknown_unknown():
    curve = detection_curve(4, 1e-6, 1)
    found = curve.at([-np.inf, np.inf, np.nan])
    assert found[0] == pytest.approx(1e-6)
    assert found[1] == pytest.approx(1.0, abs=1e-5)
    assert np.isnan(found[2])


def test_the_table_is_made_once_and_cannot_be_changed():
    curve = detection_curve(4, 1e-6, 1)
    assert detection_curve(4, 1e-6, 1) is curve
    with pytest.raises(ValueError, match="read-only"):
        curve.pd[0] = 0.5
