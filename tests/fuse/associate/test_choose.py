import numpy as np
import pytest
from joint_events import joint_events

from steppewatch.fuse.associate import Method, choose, decide
from steppewatch.fuse.gate import Pairs


def pairs_of(loglik):
    """Give the pairs of a dense table of log-likelihoods; −inf is outside the gate."""
    table = np.asarray(loglik, float)
    track, plot = np.nonzero(np.isfinite(table))
    inside = table[track, plot]
    return Pairs(track=track, plot=plot, loglik=inside, distance=np.zeros(len(track)))


def run(loglik, *, score=5.0, clutter=0.0, chance=0.6, mode="accurate"):
    n, p = np.shape(loglik)
    return decide(
        pairs_of(loglik), np.full(n, score), np.full(p, clutter), np.full(n, chance), mode=mode
    )


def existence_and_weights(loglik, score, clutter, chance):
    """Give P(exists) and the conditional weights of each track, from all joint events.

    Each event also says which of the tracks without a plot exist.
    """
    n, p = np.shape(loglik)
    r = 1.0 / (1.0 + np.exp(-score))
    seen = r * chance * np.exp(np.asarray(loglik) - clutter)
    quiet = r * (1.0 - chance)
    total, exists, weights = 0.0, np.zeros(n), np.zeros((n, p))
    for event, _ in joint_events(seen):
        worth = np.prod([seen[j, i] if i >= 0 else quiet + 1.0 - r for j, i in enumerate(event)])
        total += worth
        for j, i in enumerate(event):
            if i >= 0:
                exists[j] += worth
                weights[j, i] += worth
            else:
                exists[j] += worth * quiet / (quiet + 1.0 - r)
    exists /= total
    return exists, weights / total / exists[:, None]


def test_a_track_alone_with_its_plot_takes_it_whole():
    made = run([[2.0]])
    assert (made.track.tolist(), made.plot.tolist(), made.weight.tolist()) == ([0], [0], [1.0])
    assert made.method.tolist() == [Method.ALONE]
    assert made.score == pytest.approx([5.0 + np.log(0.6) + 2.0])
    assert made.used.tolist() == [1.0]


def test_a_track_that_doubts_its_plots_takes_each_with_its_probability():
    """One track, two plots, detection seldom: the weights are those of JIPDA, exactly."""
    loglik = [[2.0, 1.2]]
    made = run(loglik)
    _, weights = existence_and_weights(loglik, 5.0, 0.0, 0.6)
    assert made.method.tolist() == [Method.LBP]
    assert made.weight == pytest.approx(weights[0])
    assert 0.5 < made.weight.sum() < 1.0


def test_two_tracks_that_contest_two_plots_are_not_pulled_together():
    made = run([[2.0, 1.9], [1.9, 2.0]])
    assert made.contested.all()
    assert made.track.tolist() == [0, 1]
    assert made.plot.tolist() == [0, 1]
    assert made.weight.tolist() == [1.0, 1.0]
    assert made.method.tolist() == [Method.GNN, Method.GNN]


def test_a_faint_claim_of_a_neighbour_contests_nothing():
    loglik = [[3.0, 2.0, -np.inf], [-3.0, -np.inf, 3.0]]
    made = run(loglik)
    assert not made.contested.any()
    _, weights = existence_and_weights(loglik, 5.0, 0.0, 0.6)
    assert made.weight[made.track == 0] == pytest.approx(weights[0, :2], abs=1e-3)


def test_where_detection_is_sure_the_best_joint_event_is_taken_whole():
    made = run([[2.0, 1.2]], chance=0.9)
    assert made.weight.tolist() == [1.0]
    assert made.plot.tolist() == [0]


def test_what_is_hardly_a_track_yet_is_decided_hard():
    made = run([[2.0, 1.2]], score=-1.0)
    assert made.weight.tolist() == [1.0]


def test_the_prediction_keeps_at_most_half():
    made = run([[-4.0, -5.0]])
    assert made.weight.sum() == pytest.approx(0.5)


def test_default_mode_takes_the_best_joint_event_whole():
    made = run([[2.0, 1.2]], mode="default")
    assert made.method.tolist() == [Method.GNN]
    assert made.weight.tolist() == [1.0]
    assert not made.contested.any()


def test_a_cluster_beyond_the_budget_is_decided_by_nearest_neighbours_and_counted(monkeypatch):
    monkeypatch.setattr(choose, "LARGEST", 3)
    far = -np.inf
    table = [[2.0, 1.5, far, far], [1.5, 2.0, far, far], [far, far, 2.0, 1.0]]
    made = run(table)
    assert made.degraded == 2
    assert made.method.tolist() == [Method.GNN, Method.GNN, Method.LBP]
    assert run(table, mode="default").degraded == 0


def test_the_order_of_the_pairs_does_not_matter():
    rng = np.random.default_rng(1)
    table = np.where(rng.random((6, 8)) < 0.4, rng.normal(1.0, 1.0, (6, 8)), -np.inf)
    made = run(table)
    pairs = pairs_of(table)
    turned = Pairs(
        track=pairs.track[::-1], plot=pairs.plot[::-1], loglik=pairs.loglik[::-1],
        distance=pairs.distance,
    )  # fmt: skip
    again = decide(turned, np.full(6, 5.0), np.zeros(8), np.full(6, 0.6), mode="accurate")
    for name in ("track", "rows", "method", "contested"):
        assert getattr(made, name).tolist() == getattr(again, name).tolist()
    order = [np.lexsort((d.plot, d.track)) for d in (made, again)]
    assert made.weight[order[0]] == pytest.approx(again.weight[order[1]])


def test_with_no_pairs_nobody_was_hit():
    made = run([[-np.inf, -np.inf]])
    assert len(made.track) == len(made.rows) == made.degraded == 0
    assert made.used.tolist() == [0.0, 0.0]
