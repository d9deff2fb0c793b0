"""Ways across the border are straight, at right angles to it, and as long as asked."""

import math

import numpy as np
import pytest

from steppewatch.errors import PlanError
from steppewatch.plan.assure import paths_of
from steppewatch.plan.rehearse.beside import beside
from steppewatch.sense.coverage.dark import Section, border_posts
from steppewatch.world import geodesic


@pytest.fixture(scope="module")
def posts(line):
    return border_posts(line, 5_000.0, [Section(neighbour="CN", start=1e6, end=1.1e6)])


@pytest.mark.parametrize("inward", [True, False])
def test_a_way_passes_the_post_at_right_angles(line, posts, inward):
    ways = paths_of(line, posts, lead=12_000.0, depth=4_000.0, step=500.0, inward=inward)
    assert ways.lat.shape == (20, 33)
    at = int(np.flatnonzero(ways.offset == 0.0)[0])
    np.testing.assert_allclose(ways.lat[:, at], posts.posts.lat, atol=1e-12)
    for i in (0, 7, 19):
        away, _, _ = geodesic.inverse(ways.post_lat[i], ways.post_lon[i], ways.lat[i], ways.lon[i])
        np.testing.assert_allclose(away, np.abs(ways.offset), atol=0.01)
        before = beside(line, "CN", float(ways.along[i]), -12_000.0 if inward else 12_000.0)
        near = geodesic.inverse(*before, ways.lat[i, 0], ways.lon[i, 0])[0]
        assert float(near) < 0.5


def test_ways_in_and_out_are_each_others_reverse(line, posts):
    to, fro = (
        paths_of(line, posts, lead=5_000.0, depth=5_000.0, step=500.0, inward=way)
        for way in (True, False)
    )
    np.testing.assert_allclose(to.lat, fro.lat[:, ::-1], atol=1e-9)
    turned = np.mod(to.course - fro.course, 2.0 * math.pi)
    np.testing.assert_allclose(turned, math.pi, atol=1e-9)
    assert (to.last, fro.last) == (5_000.0, 0.0)


def test_a_pick_of_ways_keeps_their_places(line, posts):
    ways = paths_of(line, posts)
    some = ways.take(np.array([3, 3, 11]))
    np.testing.assert_array_equal(some.lat, ways.lat[[3, 3, 11]])
    assert some.step == ways.step


def test_ways_that_are_none_are_refused(line, posts):
    with pytest.raises(PlanError, match="expected a step above 0"):
        paths_of(line, posts, lead=100.0, step=500.0)
    with pytest.raises(PlanError, match="at most"):
        paths_of(line, posts, lead=100_000.0, step=10.0)
