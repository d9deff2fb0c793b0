"""What the guard finds in a batch, against plain numpy."""

import numpy as np
import pytest

from steppewatch.fuse.guard import GOLDEN, KEYED, MIXED, MOST_OF, find_repeats, survey


def plain_keys(time_ns, values):
    """Give a number for each plot that equal plots share."""
    out = time_ns.astype(np.uint64)
    for column in values[:KEYED]:
        out = (out ^ column.view(np.uint64)) * GOLDEN
        out ^= out >> MIXED
    return out


def batch(rng, n, kinds):
    """Draw n plots of so many kinds; the fewer kinds, the more repeats."""
    values = rng.normal(0.0, 1.0, (len(MOST_OF), kinds))[:, rng.integers(0, kinds, n)]
    values[2][rng.random(n) < 0.3] = np.nan
    return rng.integers(1, 3, n), np.ascontiguousarray(values)


@pytest.mark.filterwarnings("ignore:overflow encountered")  # of whole numbers, as meant
@pytest.mark.parametrize(("n", "kinds"), [(0, 1), (1, 1), (50, 10), (300, 10_000), (300, 20)])
def test_repeats_are_those_that_comparing_all_with_all_finds(n, kinds):
    rng = np.random.default_rng(n + kinds)
    time_ns, values = batch(rng, n, kinds)
    expected = plain_keys(time_ns, values)
    known = np.concatenate((expected[: n // 5], rng.integers(0, 2**63, 40).astype(np.uint64)))
    for before in (known[:0], known):
        keys, again = np.empty(n, np.uint64), np.empty(n, np.bool_)
        count = find_repeats(time_ns, values.view(np.uint64), before, keys, again)
        np.testing.assert_array_equal(keys, expected)
        met = set(before.tolist())
        for key, said in zip(expected.tolist(), again.tolist(), strict=True):
            assert said == (key in met)
            met.add(key)
        assert count == again.sum()


def test_a_survey_finds_first_last_and_what_cannot_have_been_measured():
    rng = np.random.default_rng(2)
    time_ns, values = rng.integers(10, 90, 60), rng.normal(0.0, 1.0, (len(MOST_OF), 60))
    values *= MOST_OF[:, None]
    values[0, 3], values[1, 4] = np.inf, np.nan
    plain = np.where(np.abs(values) > MOST_OF[:, None], np.nan, values)
    absurd = int((np.abs(values) > MOST_OF[:, None]).sum())
    assert survey(time_ns, values, MOST_OF) == (time_ns.min(), time_ns.max(), absurd)
    np.testing.assert_array_equal(values, plain)
    assert absurd > 50
