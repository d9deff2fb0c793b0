"""Folding, cutting, and the trains of pulses that are refused."""

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.radar import ambiguity
from steppewatch.sense.radar.ambiguity import LIGHT


def test_textbook_ranges_and_speeds():
    # Skolnik, Introduction to Radar Systems, 3rd ed., §1.1: 1,000 Hz reaches 150 km (81 nmi).
    assert ambiguity.unambiguous_range(1000.0) == pytest.approx(150e3, rel=1e-3)
    # Half the first blind speed, 34.59 m/s at 1.3 GHz and 300 Hz.
    assert 2 * ambiguity.unambiguous_speed(300.0, LIGHT / 1.3e9) == pytest.approx(34.59, abs=5e-3)


def test_a_target_beyond_the_unambiguous_range_appears_nearer():
    reach = ambiguity.unambiguous_range(1000.0)
    assert ambiguity.folded_range([reach + 7e3, 20e3], 1000.0) == pytest.approx([7e3, 20e3])
    half = ambiguity.unambiguous_speed(1000.0, 0.1)
    found = ambiguity.folded_range_rate([0.0, half + 1.0, -half - 1.0], 1000.0, 0.1)
    assert found == pytest.approx([0.0, 1.0 - half, half - 1.0])


def test_the_transmitter_cuts_echoes_near_each_multiple_of_the_interval():
    prf, pulse = 1000.0, 100e-6
    reach, length = LIGHT / 2 / prf, LIGHT / 2 * pulse
    at = np.array([0.0, 0.25, 0.5, 1.0, 2.0]) * length
    assert ambiguity.received_fraction(at, prf, pulse) == pytest.approx([0, 0.25, 0.5, 1, 1])
    assert ambiguity.received_fraction(reach - 0.5 * length, prf, pulse) == pytest.approx(0.5)
    assert ambiguity.eclipsing_loss_db(0.5 * length, prf, pulse) == pytest.approx(6.02, abs=0.01)
    assert ambiguity.eclipsing_loss_db(0.0, prf, pulse) == np.inf


def test_a_second_prf_sees_what_the_first_is_blind_to():
    blind = ambiguity.unambiguous_range(1000.0)
    assert ambiguity.clear_intervals([blind, 75e3], (1000.0, 1200.0), 10e-6).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: ambiguity.check_train(prf=1000.0, pulse_width=1e-6, max_range=400e3),
            "prf is 1000 Hz, which is unambiguous to 149.7 km only, expected at most 374.6 Hz",
        ),
        (lambda: ambiguity.received_fraction(1e3, 1000.0, 0.6e-3), "less than half the interval"),
        (lambda: ambiguity.check(prf=0.0), "prf is 0 Hz, expected 1 to 1e\\+07"),
        (lambda: ambiguity.check(loss_db=-1.0), "a loss is positive"),
        (lambda: ambiguity.check(frequency=1.3), "frequency is 1.3 Hz"),
        (lambda: ambiguity.check(bandwidth=float("nan")), "bandwidth is nan"),
    ],
)
def test_absurd_trains_are_refused_with_range_and_remedy(call, words):
    with pytest.raises(SenseError, match=words):
        call()


def test_several_prfs_may_fold():
    ambiguity.check_train(prf=1000.0, pulse_width=1e-6, max_range=400e3, ambiguous=True)
