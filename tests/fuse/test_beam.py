"""A sector's plots are compared with the tracks near it, and no pair is lost by that."""

import numpy as np
import pytest
from benchmarks.scenarios.border import Border, make
from hypothesis import given
from hypothesis import strategies as st

from steppewatch import fuse
from steppewatch.fuse import beam, gate, step


@given(
    begin=st.floats(0.0, 6.28),
    steps=st.lists(st.floats(0.0, 0.4), min_size=1, max_size=7),
)
def test_the_shortest_arc_holds_all_azimuths_and_ends_at_two_of_them(begin, steps):
    azimuth = np.mod(begin + np.cumsum(steps), 2.0 * np.pi)
    first, last = beam.sector_of(azimuth)
    assert last >= first
    assert last - first == pytest.approx(sum(steps[1:]), abs=1e-9)
    assert (np.mod(azimuth - first + 1e-9, 2.0 * np.pi) <= last - first + 2e-9).all()


@pytest.mark.parametrize("radius", [15e3, 40e3, 200e3])
def test_the_gate_finds_the_same_pairs_among_all_tracks_and_among_those_of_the_beam(
    monkeypatch, radius
):
    monkeypatch.setattr(beam, "MANY", 10)
    found, fewer = [], []
    near = gate.in_beam

    def twice(tracks, *rest):
        pairs = plain(tracks, *rest)
        with monkeypatch.context() as patch:
            patch.setattr(gate, "in_beam", lambda *_: None)
            every = plain(tracks, *rest)
        for name in ("track", "plot", "loglik", "distance"):
            np.testing.assert_array_equal(getattr(pairs, name), getattr(every, name))
        rows = near(tracks, rest[1], rest[2], float(np.sqrt(rest[4][3])))
        found.append(len(pairs.track))
        fewer.append(rows is not None and len(rows) < 0.5 * len(tracks["id"]))
        return pairs

    plain = step.gate
    monkeypatch.setattr(step, "gate", twice)
    scene = make(
        Border(n=120, radars=2, drones=1, radius=radius, sectors=12, seconds=25.0, seed=7, pd=0.7)
    )
    stage = fuse.stage()
    state = stage.step(stage.initial, list(scene.sensors), scene.steps[0][0])[0]
    for now_ns, messages in scene.steps:
        state, _ = stage.step(state, messages, now_ns)
    assert sum(found) > 100
    assert np.mean(fewer) > 0.3
