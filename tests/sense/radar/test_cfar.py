"""CFAR against its closed form, published loss, and drawn reference cells."""

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.radar.cfar import cfar_detection_probability, cfar_loss_db, multiplier
from steppewatch.sense.radar.detection import detection_probability, required_snr


@pytest.mark.parametrize(
    ("cells", "snr_db", "loss"),
    [(8, 25.413, 4.27), (16, 23.151, 2.01), (32, 22.114, 0.97), (64, 21.621, 0.48)],
)
def test_swerling_1_needs_what_finn_and_johnson_say(cells, snr_db, loss):
    found = cfar_detection_probability(10 ** (snr_db / 10), 1, 1e-6, 1, cells)
    assert found == pytest.approx(0.9, abs=1e-4)
    assert cfar_loss_db(cells, 0.9, 1e-6) == pytest.approx(loss, abs=6e-3)


@pytest.mark.parametrize("swerling", [0, 1, 2, 3, 4])
def test_drawn_reference_cells_give_the_same_probability(swerling):
    rng = np.random.default_rng(5)
    looks, n, cells, pfa, snr = 40_000, 4, 12, 1e-3, 3.0
    energy = {
        0: lambda: np.full(looks, n * snr),
        1: lambda: n * snr * rng.exponential(size=looks),
        2: lambda: snr * rng.gamma(n, 1.0, looks),
        3: lambda: n * snr * rng.gamma(2.0, 0.5, looks),
        4: lambda: snr * rng.gamma(2.0 * n, 0.5, looks),
    }[swerling]()
    power = rng.noncentral_chisquare(2 * n, 2 * energy) / 2
    crossed = power > multiplier(cells, pfa, n) * rng.gamma(cells * n, 1.0, looks)
    pd = float(cfar_detection_probability(snr, n, pfa, swerling, cells))
    assert crossed.mean() == pytest.approx(pd, abs=3.5 * np.sqrt(pd * (1 - pd) / looks))


@pytest.mark.parametrize("swerling", [0, 1, 2, 3, 4])
def test_many_cells_know_the_noise(swerling):
    snr = required_snr(0.8, 10, 1e-6, swerling)
    found = cfar_detection_probability(snr, 10, 1e-6, swerling, 4096)
    assert found == pytest.approx(detection_probability(snr, 10, 1e-6, swerling), abs=2e-3)
    assert cfar_detection_probability(0.0, 10, 1e-6, swerling, 8) == pytest.approx(1e-6, rel=1e-6)


def test_the_series_meets_the_closed_form_at_the_hardest_corner():
    # One pulse, four cells, Pfa 1e-12: the series has its longest tail. Swerling 3 and 4 coincide
    # for one pulse, but take different roads to it.
    snr = np.array([10.0, 1e3, 1e5])
    three = cfar_detection_probability(snr, 1, 1e-12, 3, 4)
    four = cfar_detection_probability(snr, 1, 1e-12, 4, 4)
    assert three == pytest.approx(four, abs=1e-9)
    assert cfar_detection_probability(1e12, 1, 1e-12, 0, 4) == pytest.approx(1.0, abs=1e-9)


def test_too_few_cells_are_refused():
    with pytest.raises(SenseError, match="cells is 2, expected a whole number from 4 to 4096"):
        multiplier(2, 1e-6)
