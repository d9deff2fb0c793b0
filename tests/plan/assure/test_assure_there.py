"""Who is there in time: hand-worked cases, and what must never get better."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.plan.assure.there import any_of, in_time

OFFSET = np.arange(-10, 6) * 1_000.0  # [m]
SPEED = 10.0


def test_a_track_must_stand_before_the_call_is_too_late():
    # Confirmed for sure 4 km before the line; the end is 5 km behind it: 900 s are left.
    first = np.where(OFFSET >= -4_000.0, 1.0, 0.0)[None, :]
    needs = np.array([[899.0, 901.0 + 100.0, np.inf]])
    early = in_time(first, OFFSET, SPEED, 5_000.0, needs)
    np.testing.assert_allclose(early, [[1.0, 0.0, 0.0]], atol=0.02)


def test_between_two_points_the_curve_is_straight():
    first = np.linspace(0.0, 1.0, len(OFFSET))[None, :]
    early = in_time(first, OFFSET, SPEED, 5_000.0, np.array([[750.0]]))
    assert early[0, 0] == pytest.approx(7.5 / 15.0)


def test_who_would_have_to_start_before_the_way_begins_is_late():
    first = np.ones((1, len(OFFSET)))
    assert in_time(first, OFFSET, SPEED, 5_000.0, np.array([[1_501.0]]))[0, 0] == 0.0


def test_two_responders_wait_for_one_track():
    # The near one has 0.8 of all tracks in time, the far one 0.5; each answers with one half.
    early = np.array([[0.5, 0.8]])
    # P = 0.3 · ½ (only the near one) + 0.5 · ¾ (either).
    assert any_of(early, np.array([0.5, 0.5]))[0] == pytest.approx(0.3 * 0.5 + 0.5 * 0.75)


def test_without_responders_nobody_comes():
    assert any_of(np.zeros((3, 0)), np.zeros(0)).tolist() == [0.0, 0.0, 0.0]


@given(
    curve=st.lists(st.floats(0.0, 1.0), min_size=16, max_size=16),
    needs=st.lists(st.floats(0.0, 2_000.0), min_size=1, max_size=4),
    more=st.floats(0.0, 500.0),
    answers=st.floats(0.0, 1.0),
)
@settings(deadline=None)
def test_longer_reaction_never_helps_and_another_responder_never_harms(curve, needs, more, answers):
    first = np.maximum.accumulate(np.array(curve))[None, :]
    needs = np.array([needs])

    def met(ways):
        ready = in_time(first, OFFSET, SPEED, 5_000.0, ways)
        return any_of(ready, np.full(ways.shape[1], answers))[0]

    base = met(needs)
    assert -1e-12 <= base <= 1.0 + 1e-12
    assert met(needs + more) <= base + 1e-9
    assert met(np.concatenate((needs, [[more]]), axis=1)) >= base - 1e-9
