"""The search stays between its bounds, begins where it is told to, and finds what is there."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from steppewatch.engine import track_tune
from steppewatch.engine.track_compare import Case
from steppewatch.engine.track_recording import Ground, Recording, Scan
from steppewatch.engine.track_tune import at, axis_of, divided, position, tune
from steppewatch.errors import EngineError, FuseError
from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.settings_text import keys_of

USUAL = TrackerSettings()


def case(name="x", scans=0):
    ground = Ground(lat=0.8, lon=1.8, height=0.0)
    steps = tuple(Scan(now_ns=10**9 * k, messages=()) for k in range(scans))
    made = Recording(name=name, layout="", ground=ground, sensors=(), scans=steps)
    return Case(name=name, recording=made, truth=None)


NUMBERS = sorted(
    key for key, known in keys_of(USUAL).items() if known.type in {"number", "integer"}
)


@given(some.sampled_from(NUMBERS), some.floats(0.0, 1.0))
@settings(deadline=None)
def test_every_point_of_the_search_is_inside_its_bounds_and_found_again(name, share):
    axis = axis_of(name, USUAL)
    try:
        found = getattr(at(USUAL, [name], [axis], np.array([share])), name)
    except FuseError:
        assume(False)  # it contradicts another setting: the search steps over it
    low, high, _ = axis
    assert low <= found <= high
    whole = isinstance(getattr(USUAL, name), int)
    assert position(axis, found) == pytest.approx(share, abs=0.26 if whole else 5e-3)


@pytest.mark.parametrize("name", NUMBERS)
def test_the_defaults_are_inside_the_bounds(name):
    low, high, _ = axis_of(name, USUAL)
    assert low <= getattr(USUAL, name) <= high


def test_a_setting_without_bounds_of_its_own_is_searched_about_its_value():
    usual = USUAL.speed_air
    assert axis_of("speed_air", USUAL) == (usual / 20.0, usual * 20.0, "log")


@pytest.mark.parametrize("name", ["mode", "register", "quite"])
def test_what_is_no_number_cannot_be_tuned(name):
    with pytest.raises(EngineError, match=f"{name} cannot be tuned"):
        axis_of(name, USUAL)


@pytest.mark.parametrize("evolve", [False, True])
def test_the_search_finds_the_bottom_of_a_bowl(monkeypatch, evolve):
    def bowl(_cases, settings, _goal, *, warm):  # noqa: ARG001
        a, b = settings.quiet / USUAL.quiet, settings.agile / USUAL.agile
        return math.log(5.0 * a) ** 2 + math.log(b / 3.0) ** 2

    monkeypatch.setattr(track_tune, "cost_of", bowl)
    found = tune([case()], USUAL, ["quiet", "agile"], goal="gospa", tries=120, evolve=evolve)
    assert found.cost < (0.2 if evolve else 0.01)
    assert found.cost < found.start == pytest.approx(math.log(5.0) ** 2 + math.log(3.0) ** 2)
    assert found.tries <= 120
    again = tune([case()], USUAL, ["quiet", "agile"], goal="gospa", tries=120, evolve=evolve)
    assert again == found


def test_settings_that_contradict_each_other_are_stepped_over(monkeypatch):
    def low(_cases, settings, _goal, *, warm):  # noqa: ARG001
        return settings.confirm_looks - settings.confirm_hits

    monkeypatch.setattr(track_tune, "cost_of", low)
    found = tune([case()], USUAL, ["confirm_hits", "confirm_looks"], goal="gospa", tries=40)
    assert found.cost <= 1
    assert found.settings.confirm_hits <= found.settings.confirm_looks


def test_the_start_is_played_as_it_is_even_outside_the_bounds(monkeypatch):
    seen = []
    monkeypatch.setattr(track_tune, "cost_of", lambda _c, s, _g, **_: seen.append(s) or 1.0)
    start = TrackerSettings(quiet=500.0)
    tune([case()], start, ["quiet"], goal="gospa", tries=5)
    assert seen[0] == start


def test_inputs_are_divided_without_overlap():
    searched, held, said = divided([case(f"f{i}") for i in range(5)], 0.4)
    assert [c.name for c in searched] == ["f0", "f1", "f2"]
    assert [c.name for c in held] == ["f3", "f4"]
    assert "2 held out" in said


def test_one_input_is_divided_in_time():
    (first,), (rest,), said = divided([case(scans=100)], 0.4)
    assert len(first.recording.scans) == 60
    assert rest.recording.scans[0].now_ns == 60 * 10**9
    assert "first 60 s" in said


def test_a_short_input_is_not_divided_and_that_is_said():
    searched, held, said = divided([case(scans=10)], 0.4)
    assert (len(searched), held) == (1, [])
    assert "too short" in said
