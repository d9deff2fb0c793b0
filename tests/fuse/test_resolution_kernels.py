"""What a sensor's resolution does to plots: the kernels against plain numpy."""

import dataclasses
import math

import numpy as np
import pytest
from radars import START_NS, radar

from steppewatch.fuse.associate import Decision
from steppewatch.fuse.gate import Pairs
from steppewatch.fuse.measure import plots_of
from steppewatch.fuse.resolution import BESIDE, GONE, HIDES, echoes, lone, share_merged
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.state import blank
from steppewatch.records import Origin, detection_batch
from steppewatch.world.geodesy import ecef_from_enu, enu_from_spherical

RADAR = dataclasses.replace(radar(), range_cell=150.0, azimuth_cell=0.02)
SETTINGS = TrackerSettings()


def crowd(rng, n, depth=3e3):
    """Give n plots near one another."""
    reach, azimuth = rng.uniform(20e3, 20e3 + depth, n), rng.uniform(-0.1, 0.1, n)
    when = START_NS + rng.integers(0, 10**9, n)
    batch = detection_batch(
        "radar", Origin(feed="test"), when, reach, np.mod(azimuth, math.tau),
        elevation=np.full(n, 0.1),
    )  # fmt: skip
    return plots_of(batch, RADAR, SETTINGS)


def beside(plots, i, j):
    """Say whether two plots may be echoes of one target."""
    off = plots.z[i, 1] - plots.z[j, 1]
    turned = abs(off - math.tau * round(off / math.tau)) < BESIDE * RADAR.azimuth_cell
    return turned and abs(plots.z[i, 0] - plots.z[j, 0]) <= BESIDE * RADAR.range_cell


@pytest.mark.parametrize("seed", range(5))
def test_echoes_and_lone_plots_are_those_that_comparing_all_with_all_finds(seed):
    rng = np.random.default_rng(seed)
    plots, taken = crowd(rng, 60), rng.random(60) < 0.4
    own = np.flatnonzero(taken)
    expected = [not taken[i] and any(beside(plots, i, j) for j in own) for i in range(60)]
    assert echoes(plots, taken, RADAR).tolist() == expected
    assert 0 < sum(expected) < 60 - len(own)
    rows, kept = rng.permutation(60)[:40], []
    for i in sorted(rows.tolist(), key=lambda i: plots.z[i, 0]):
        if not any(beside(plots, i, j) for j in kept):
            kept.append(i)
    assert lone(plots, rows, RADAR).tolist() == [i for i in rows.tolist() if i in kept]


def merged(pairs, decision, plots, tracks, chance):
    """Give the tracks that share a plot, their plots and their scores."""
    owner = np.full(len(plots.z), -1)
    owner[decision.plot] = decision.track
    found = {}
    for track, plot, loglik in zip(pairs.track, pairs.plot, pairs.loglik, strict=True):
        both = [int(track), int(owner[plot])]
        if track in decision.rows or owner[plot] < 0 or not tracks["confirmed"][both].all():
            continue
        dt = 1e-9 * (plots.time_ns[plot] - tracks["time_ns"][both])
        mean = np.einsum("nm,nma->na", tracks["prob"][both], tracks["mean"][both])
        place = mean[:, :3] + dt[:, None] * mean[:, 3:] - plots.frame.origin
        reach, off = np.linalg.norm(place[0]), place[0] - place[1]
        along = off @ place[0] / reach
        across = math.sqrt(max(off @ off - along**2, 0.0)) / reach
        if abs(along) >= RADAR.range_cell or across >= RADAR.azimuth_cell:
            continue
        if track not in found or loglik > found[track][0]:
            score = tracks["score"][track] + GONE * math.log1p(-chance[track])
            found[track] = (loglik, plot, score)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_plots_that_tracks_share_are_those_that_looking_at_each_pair_finds(seed):
    rng, n = np.random.default_rng(seed), 30
    plots, tracks = crowd(rng, 40, 600.0), blank(n, 1)
    spot = ecef_from_enu(enu_from_spherical(*plots.z[:n, :3].T), plots.frame)
    tracks["mean"][:, :, :3] = spot[:, None] + rng.normal(0.0, 40.0, (n, 3, 3))
    tracks["mean"][:, :, 3:] = rng.normal(0.0, 50.0, (n, 3, 3))
    tracks["prob"][:] = rng.dirichlet(np.ones(3), n)
    tracks["time_ns"][:] = START_NS - rng.integers(0, 10**9, n)
    tracks["confirmed"][:] = rng.random(n) < 0.8
    tracks["score"][:] = rng.normal(0.0, 1.0, n)
    rows = np.sort(rng.permutation(n)[:18])
    plot = rng.permutation(40)[:18]
    decision = Decision(
        track=rows, plot=plot, weight=np.ones(18), rows=rows, score=np.zeros(18),
        used=np.zeros(40), method=np.ones(18, np.uint8), contested=np.zeros(n, bool),
    )  # fmt: skip
    track, some = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(40), indexing="ij"))
    pairs = Pairs(
        track=track, plot=some, loglik=rng.integers(-9, 0, len(track)) * 1.0,
        distance=np.ones(len(track)),
    )  # fmt: skip
    chance = rng.uniform(0.1, 0.9, n)
    found = merged(pairs, decision, plots, tracks, chance)
    wider, shared = share_merged(decision, pairs, plots, tracks, chance, RADAR)
    added = ~np.isin(shared.rows, rows)
    assert shared.rows[added].tolist() == sorted(found)
    assert found
    for row, at, score in zip(
        shared.rows[added], shared.plot[added], shared.score[added], strict=True
    ):
        assert at == found[row][1]
        assert score == pytest.approx(found[row][2])
    taken = [plot for _, plot, _ in found.values()]
    more = np.isin(np.arange(40), taken) * (HIDES * RADAR.range_cell) ** 2
    np.testing.assert_allclose(wider.noise[:, 0], plots.noise[:, 0] + more)
