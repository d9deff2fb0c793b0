"""Settings side by side: differences are paired, and their errors those of the textbook."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

from steppewatch.engine.track_compare import Comparison, Played

EMPTY = np.zeros(0)


def made_up(values):
    """Give a comparison of settings whose GOSPA on each input is given."""
    return Comparison(
        settings=tuple(f"s{i}" for i in range(len(values))),
        cases=tuple(f"in{i}" for i in range(len(values[0]))),
        played=tuple(
            tuple(Played(figures={"GOSPA": v}, gospa=EMPTY) for v in row) for row in values
        ),
    )


def test_the_error_is_that_of_the_paired_t_test():
    rng = np.random.default_rng(2)
    first = rng.normal(1_000.0, 200.0, 12)
    second = first + rng.normal(-15.0, 8.0, 12)
    found = made_up([first.tolist(), second.tolist()])
    off, error = found.difference(1, "GOSPA")
    paired = ttest_rel(second, first)
    assert off / error == pytest.approx(paired.statistic)
    assert found.differs(1, "GOSPA") == (paired.pvalue < 0.05)


def test_two_inputs_alone_seldom_prove_anything():
    assert not made_up([[100.0, 110.0], [95.0, 108.0]]).differs(1, "GOSPA")


def test_one_input_gives_the_error_of_its_stretches():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 2_000), rng.normal(0.2, 1, 2_000)
    played = tuple((Played(figures={"GOSPA": float(x.mean())}, gospa=x),) for x in (a, b))
    found = Comparison(settings=("a", "b"), cases=("one",), played=played)
    off, error = found.difference(1, "GOSPA")
    assert off == pytest.approx((b - a).mean())
    assert error == pytest.approx(math.sqrt(2.0 / 2_000), rel=0.5)
    assert found.differs(1, "GOSPA")
    assert math.isnan(found.difference(1, "rms")[1])


def test_unknown_figures_are_left_out_of_means_and_tables():
    found = made_up([[1.0, math.nan], [2.0, 5.0]])
    assert found.mean(0, "GOSPA") == 1.0
    assert found.names() == ("GOSPA",)
    assert "GOSPA" in found.tell()
    assert found.as_json()["settings"][0]["inputs"][1] == {"GOSPA": None}
