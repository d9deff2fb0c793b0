import dataclasses

import numpy as np
import pytest
import toy_line

from steppewatch.fuse.associate import Method, decide, later, mht, reconsider
from steppewatch.fuse.associate.forest import no_forest


class Line:
    """Play scans of the toy line, deciding at once or keeping the past open."""

    def __init__(self, places, *, late):
        self.tracks, self.forest, self.late = toy_line.columns(places), no_forest(), late
        self.scan = 0

    def hear(self, plots):
        self.scan += 1
        look, gate, update = toy_line.sensor(plots, self.scan)
        offer = look(len(self.tracks["id"]))
        pairs = gate(self.tracks)
        decision = decide(pairs, offer.score, offer.clutter, offer.chance, mode="accurate")
        left = np.ones(len(decision.track), bool)
        if self.late:
            self.forest, decision, left = reconsider(
                self.forest, self.tracks, decision, pairs, offer, gate, update
            )
        update(self.tracks, decision.track[left], decision.plot[left])
        return decision

    @property
    def places(self):
        return self.tracks["mean"][:, 0, 0]


def wandering(seed):
    """Draw two targets that start near each other and wander; give their ends and six scans."""
    rng = np.random.default_rng(seed)
    places, scans = np.array([0.0, 3.0]), []
    for _ in range(6):
        places = places + rng.normal(0.0, np.sqrt(toy_line.WANDER), 2)
        seen = [p + rng.normal() for p in places if rng.random() < toy_line.CHANCE]
        scans.append(rng.permutation([*seen, rng.uniform(-20.0, 20.0)]))
    return places, scans


def error_of(places, scans, *, late):
    """Give how far both tracks are from both targets at the end, whoever is who."""
    line = Line([0.0, 3.0], late=late)
    for plots in scans:
        line.hear(plots)
    return min(np.abs(line.places - ends).sum() for ends in (places, places[::-1]))


def test_where_targets_meet_the_forest_is_nearer_to_them_than_deciding_at_once(monkeypatch):
    """Where motion is what the filter thinks, no plot need be taken for its own sake."""
    monkeypatch.setattr(mht, "FOUND", 0.0)
    monkeypatch.setattr(mht, "WORST", 8.0)
    drawn = [wandering(seed) for seed in range(150)]
    at_once, late = (
        np.mean([error_of(places, scans, late=late) for places, scans in drawn])
        for late in (False, True)
    )
    assert late < 0.97 * at_once


def test_tentative_tracks_have_no_past_to_choose():
    line = Line([0.0, 1.0], late=True)
    line.tracks["confirmed"][1] = False
    decision = line.hear([0.5, 0.6])
    assert decision.method.tolist() == [Method.MHT, Method.GNN]
    assert set(line.forest.owner) <= {10}


def test_tracks_far_from_the_doubt_stay_as_they_were_decided():
    line = Line([0.0, 1.0, 50.0], late=True)
    decision = line.hear([0.5, 0.6, 50.2])
    assert decision.contested.tolist() == [True, True, False]
    assert decision.method.tolist() == [Method.MHT, Method.MHT, Method.ALONE]
    assert sorted(decision.plot.tolist()) == [0, 1, 2]
    assert line.places[2] == pytest.approx(50.0 + 0.2 * 1.5 / 2.5)
    assert set(line.forest.owner) <= {10, 11}


def test_the_decision_is_in_the_order_of_the_tracks():
    decision = Line([0.0, 50.0, 1.0], late=True).hear([0.5, 50.2, 0.6])
    assert decision.track.tolist() == decision.rows.tolist() == [0, 1, 2]
    assert len(decision.score) == len(decision.method) == 3


def test_a_cluster_too_large_for_the_forest_is_left_to_the_quick_methods_and_counted(monkeypatch):
    monkeypatch.setattr(later, "LARGEST", 1)
    line = Line([0.0, 1.0], late=True)
    decision = line.hear([0.5, 0.6])
    assert decision.degraded == 2
    assert Method.MHT not in decision.method
    assert len(line.forest) == 0


def test_what_something_else_moved_begins_anew():
    line = Line([0.0, 1.0], late=True)
    line.hear([0.5, 0.6])
    assert set(line.forest.owner) == {10, 11}
    line.tracks["mean"][0, 0, 0] += 0.25
    kept = later.still_true(line.forest, line.tracks)
    assert set(kept.owner) == {11}


def test_an_ended_tracks_leaves_are_left_behind():
    line = Line([0.0, 1.0], late=True)
    line.hear([0.5, 0.6])
    rest = {name: column[1:] for name, column in line.tracks.items()}
    assert set(later.still_true(line.forest, rest).owner) == {11}
    assert len(later.still_true(no_forest(), rest)) == 0


def test_the_forest_is_plain_arrays():
    line = Line([0.0, 1.0], late=True)
    line.hear([0.5, 0.6])
    for field in dataclasses.fields(line.forest):
        value = getattr(line.forest, field.name)
        assert isinstance(value, int | np.ndarray)
