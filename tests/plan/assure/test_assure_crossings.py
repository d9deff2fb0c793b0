"""Drawn crossings: seeded, apart within a wave, and at the line when it says so."""

import numpy as np
import pytest

from steppewatch.errors import PlanError
from steppewatch.plan import rehearse
from steppewatch.plan.rehearse.crossings import APART, draw, expected, wave_of, waves
from steppewatch.plan.rehearse.motion import locate
from steppewatch.world import geodesy


@pytest.fixture(scope="module")
def drawn(board_of, plain_plan):
    text = plain_plan.replace('target = "4x4"', 'target = "4x4"\n\n[[class]]\ntarget = "rider"')
    board, sites = board_of(text)
    found = board.answer(sites)
    return board, found, draw(board, found, 30, 4)


def test_a_draw_is_the_seeds(drawn):
    board, found, crossings = drawn
    assert draw(board, found, 30, 4) == crossings
    assert draw(board, found, 30, 5) != crossings
    assert [one.target for one in crossings[:4]] == [0, 1, 0, 1]
    reached = set(found.chances[0][0].rows.tolist())
    assert {one.post for one in crossings} <= reached


def test_every_played_crossing_is_in_one_wave_of_its_class_and_apart(drawn):
    board, _, crossings = drawn
    groups = waves(board, crossings)
    members = sorted(i for group in groups for i in group)
    assert members == [i for i, one in enumerate(crossings) if one.begin >= 0]
    paths = board.paths[0]
    for group in groups:
        assert len({crossings[i].target for i in group}) == 1
        posts = [crossings[i].post for i in group]
        place = geodesy.ecef_from_geodetic(paths.post_lat[posts], paths.post_lon[posts], 0.0)
        away = np.linalg.norm(place[:, None] - place[None], axis=-1)
        assert away[~np.eye(len(posts), dtype=bool)].min(initial=np.inf) >= APART


def test_all_of_a_wave_pass_the_line_at_its_moment(drawn):
    board, found, crossings = drawn
    group = max(waves(board, crossings), key=len)
    assert len(group) > 1
    wave = wave_of(board, found, crossings, group, 0, 4)
    people = rehearse.populate(wave.scenario, board.terrain)
    rows = np.arange(len(people))
    alive, position, velocity = locate(people, rows, np.full(len(rows), wave.line_ns))
    assert alive.all()
    lat, lon, height = geodesy.geodetic_from_ecef(position)
    inside = board.border.locate(lat, lon).distance
    assert np.abs(inside).max() < 30.0
    kind = board.case.classes[crossings[group[0]].target]
    np.testing.assert_allclose(height, 1_000.0 + kind.height, atol=0.5)
    np.testing.assert_allclose(np.linalg.norm(velocity, axis=1), kind.speed, rtol=1e-3)
    assert [s.id for s in wave.scenario.sensors] == ["post-ground-surveillance"]


def test_the_model_is_asked_for_exactly_the_drawn_posts(drawn):
    _, found, crossings = drawn
    model = expected(found.each, crossings)
    for i in (0, 7, 29):
        one = crossings[i]
        assert model["tracked"][i] == found.each[0].tracked[one.post, one.target, 0]


def test_without_a_radar_there_is_nothing_to_rehearse(board_of, plain_plan):
    board, sites = board_of(plain_plan.replace("ground-surveillance", "mast-thermal"))
    with pytest.raises(PlanError, match="nothing to rehearse"):
        draw(board, board.answer(sites), 5, 1)
