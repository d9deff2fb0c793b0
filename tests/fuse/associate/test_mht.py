import itertools

import numpy as np
import pytest
import toy_line

from steppewatch.fuse.associate import mht
from steppewatch.fuse.associate.forest import no_forest
from steppewatch.fuse.associate.gnn import assign, pair_cost
from steppewatch.fuse.associate.hypothesis import CLASH, best_set


def worth(leaves, score, serial):
    """Give the score of a set of leaves, 100 off for each plot that an earlier one has."""
    total, claims = 0.0, []
    for leaf in leaves:
        mine = [int(s) for s in serial[leaf] if s >= 0]
        total += score[leaf] - CLASH * sum(s in claims for s in mine)
        claims += mine
    return total


def test_the_chosen_leaves_are_the_best_of_all_sets():
    rng = np.random.default_rng(4)
    for _ in range(60):
        sizes = rng.integers(1, 6, 6)
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        score = np.concatenate([-np.sort(rng.exponential(3.0, s)) for s in sizes])
        serial = np.stack([rng.choice(8, 2, replace=False) for _ in score])
        serial[rng.random(serial.shape) < 0.4] = -1
        sets = itertools.product(*(range(a, b) for a, b in itertools.pairwise(bounds)))
        best = max(worth(leaves, score, serial) for leaves in sets)
        chosen = best_set(bounds, score, serial)
        assert np.all((bounds[:-1] <= chosen) & (chosen < bounds[1:]))
        assert worth(chosen, score, serial) == pytest.approx(best)


def play(places, scans):
    """Let the forest decide each scan; give the state at the end and each verdict's plots."""
    tracks, forest, told = toy_line.columns(places), no_forest(), []
    for k, plots in enumerate(scans):
        look, gate, update = toy_line.sensor(plots, k + 1)
        n = len(places)
        forest, verdict = mht.deliberate(forest, tracks, np.ones(n, bool), look(n), gate, update)
        for name in ("mean", "cov", "prob", "time_ns"):
            tracks[name][verdict.rows] = verdict.columns[name]
        told.append(verdict.plot.tolist())
    return tracks, forest, told


def place_after(start, scans, history, target):
    """Filter one target's plots of a history by hand."""
    x, P, waited = start, 1.0, 0
    for plots, event in zip(scans, history, strict=True):
        waited += 1
        if event[target] < 0:
            continue
        P += toy_line.WANDER * waited
        gain = P / (P + toy_line.NOISE)
        x, P, waited = x + gain * (plots[event[target]] - x), (1.0 - gain) * P, 0
    return x


@pytest.mark.parametrize("seed", range(25))
def test_with_nothing_cut_the_forest_finds_the_best_of_all_histories(seed, monkeypatch):
    monkeypatch.setattr(mht, "FOUND", 0.0)
    monkeypatch.setattr(mht, "LEAVES", 1_000)
    monkeypatch.setattr(mht, "CHILDREN", 10_000)
    monkeypatch.setattr(mht, "WORST", 1e9)
    rng = np.random.default_rng(seed)
    places = [0.0, float(rng.uniform(0.5, 3.0))]
    scans = []
    for _ in range(3):
        seen = [p + rng.normal() for p in places if rng.random() < toy_line.CHANCE]
        scans.append([*seen, *rng.uniform(-3.0, 6.0, rng.integers(3 - len(seen)) + 1)])
    tracks, _, _ = play(places, scans)
    _, history = toy_line.best_history(places, scans)
    expected = [place_after(start, scans, history, j) for j, start in enumerate(places)]
    assert tracks["mean"][:, 0, 0] == pytest.approx(expected)


def test_a_later_scan_mends_what_the_nearest_plot_got_wrong():
    """One plot lies nearer to the wrong track; a scan later the other plots say whose it was."""
    places, scans = [0.0, 4.0], [[2.3], [2.2, 4.6], [2.6, 4.8]]
    look, gate, _ = toy_line.sensor(scans[0], 1)
    pairs, first = gate(toy_line.columns(places)), look(2)
    nearest = assign(
        pairs.track, pairs.plot, pair_cost(pairs, first.score, first.clutter, first.chance), 30.0
    )
    assert pairs.track[nearest].tolist() == [1]
    tracks, _, told = play(places, scans)
    assert told[0] == [-1, 0]
    _, history = toy_line.best_history(places, scans)
    assert history[0] == (0, -1)
    expected = [place_after(start, scans, history, j) for j, start in enumerate(places)]
    assert tracks["mean"][:, 0, 0] == pytest.approx(expected)


def test_the_past_is_settled_after_three_scans_and_the_leaves_are_few():
    rng = np.random.default_rng(9)
    places = [0.0, 1.5, 3.0]
    for length in (4, 12):
        scans = [[p + rng.normal() for p in places] for _ in range(length)]
        _, forest, _ = play(places, scans)
        assert np.all(np.bincount(forest.owner - 10) <= mht.LEAVES)
        cut = (length - mht.SCANS) * toy_line.PERIOD_NS
        old = np.where(forest.when_ns <= cut, forest.serial, -1).max(axis=1)
        assert all(len(set(old[forest.owner == o])) == 1 for o in np.unique(forest.owner))


def test_clutter_beside_a_track_is_doubted_and_then_forgotten():
    scans = [[0.2, 4.0], *[[0.1]] * 5]
    _, forest, told = play([0.0], scans[:1])
    assert told == [[0]]
    assert 1 < len(forest) <= mht.LEAVES
    tracks, _, told = play([0.0], scans)
    assert told[-1] == [0]
    by_hand = place_after(0.0, scans, [(0,)] * 6, 0)
    assert tracks["mean"][0, 0, 0] == pytest.approx(by_hand)


def test_the_same_scans_give_the_same_forest_bit_for_bit():
    scans = [[0.4, 1.9], [1.1], [0.2, 2.2, 1.0]]
    first, second = (play([0.0, 2.0], scans)[1] for _ in range(2))
    for name in ("owner", "score", "serial", "mean", "cov"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
