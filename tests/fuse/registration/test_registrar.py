"""Which tracks registration studies, and what of them: the kernels against plain numpy."""

import numpy as np
import pytest

from steppewatch.fuse.evidence import RING
from steppewatch.fuse.registration.evidence import SPAN_NS
from steppewatch.fuse.registration.registrar import SURE, find_shared, ring_of
from steppewatch.fuse.state import blank

N, SENSORS, COLUMN = 50, 4, 2
NOW_NS = 1_700_000_000_000_000_000


def tracks_of(rng):
    tracks = blank(N, SENSORS)
    tracks["hit_ns"][:] = NOW_NS - rng.integers(0, 3 * SPAN_NS, (N, SENSORS))
    tracks["confirmed"][:] = rng.random(N) < 0.7
    tracks["mean"][:] = rng.normal(0.0, 1.0, (N, 3, 6))
    tracks["prob"][:] = rng.dirichlet(np.ones(3), N)
    tracks["why_ns"][:] = NOW_NS - rng.integers(0, 9, (N, RING))
    tracks["why_ns"][:, 4:][rng.random((N, RING - 4)) < 0.5] = 0
    tracks["why_sensor"][:] = rng.integers(1, 3, (N, RING))
    tracks["why_weight"][:] = rng.choice([0.3, SURE, 1.0], (N, RING))
    tracks["why_z"][:] = rng.normal(0.0, 1.0, (N, RING, 5))
    return tracks


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pause_ns", [0, 10**18])
def test_tracks_that_another_sensor_saw_lately_are_studied_unless_it_rests(seed, pause_ns):
    rng = np.random.default_rng(seed)
    tracks, rows = tracks_of(rng), np.sort(rng.permutation(N)[:30])
    hit_ns, shared = tracks["hit_ns"], np.empty(30, np.bool_)
    newest, count = find_shared(
        rows, hit_ns, tracks["confirmed"], COLUMN, SENSORS - 1, NOW_NS - 10**15, pause_ns, shared
    )
    assert newest == hit_ns[rows, COLUMN].max()
    if pause_ns:
        assert count == 0
        return
    seen = hit_ns[rows] > newest - SPAN_NS
    seen[:, COLUMN] = False
    plain = seen[:, : SENSORS - 1].any(axis=1) & tracks["confirmed"][rows]
    assert shared.tolist() == plain.tolist()
    assert 0 < count == plain.sum() < 30


@pytest.mark.parametrize("seed", range(3))
def test_rings_come_sorted_with_the_newest_first_and_without_those_of_another_sensor(seed):
    rng = np.random.default_rng(seed)
    tracks, rows = tracks_of(rng), np.sort(rng.permutation(N)[:30])
    found = ring_of(tracks, rows, COLUMN)
    when = np.where(tracks["why_weight"][rows] >= SURE, tracks["why_ns"][rows], 0)
    order, at = np.argsort(-when, axis=1, kind="stable"), np.arange(30)[:, None]
    sensor = tracks["why_sensor"][rows][at, order]
    mine = sensor[:, 0] == COLUMN
    mean = np.einsum("nm,nma->na", tracks["prob"][rows], tracks["mean"][rows])
    assert found.time_ns.tolist() == when[at, order][mine].tolist()
    assert found.sensor.tolist() == sensor[mine].tolist()
    np.testing.assert_array_equal(found.z, tracks["why_z"][rows][at, order][mine])
    np.testing.assert_allclose(found.mean, mean[mine])
    assert 0 < mine.sum() < 30
