"""The dark list of a border that a pencil can draw."""

import numpy as np
import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.dark import Section, border_watch
from steppewatch.sense.coverage.network import Cover
from steppewatch.world import border as border_module
from steppewatch.world.equidistant import equidistant_grid

NORTH = [[100.0, 48.0], [100.0, 49.0], [101.0, 49.0], [101.0, 48.0]]
SOUTH = [[100.0, 48.0], [101.0, 48.0]]
CN = (Section(neighbour="CN"),)


@pytest.fixture(scope="module")
def border():
    return border_module.parse(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"neighbour": name},
                    "geometry": {"type": "LineString", "coordinates": line},
                }
                for name, line in (("RU", NORTH), ("CN", SOUTH))
            ],
        }
    )


def stand(border, name, km, chance, reach_km=10.0):
    """Stand a sensor on the southern border at a kilometre."""
    lat, lon = border.point_at("CN", km * 1e3)
    size = 100
    grid = equidistant_grid(float(lat), float(lon), reach_km * 1e3 / size, size)
    raster = np.broadcast_to(np.float32(chance), (2 * size + 1, 2 * size + 1)).copy()
    return Cover(name=name, grid=grid, chance=raster, max_range=reach_km * 1e3)


def spans(watch):
    return [km for s in watch.stretches for km in (s.start / 1e3, s.end / 1e3)]


def test_between_two_sensors_the_border_is_dark_and_the_longest_comes_first(border):
    covers = [stand(border, "west", 15.0, 1.0), stand(border, "east", 45.0, 1.0)]
    watch = border_watch(border, covers, sections=CN, every=250.0)
    length = border.line("CN").length
    assert watch.length == pytest.approx(length)
    # The southern segment is 74.6 km long; a step of 0.25 km is the error.
    assert spans(watch) == pytest.approx([55.0, length / 1e3, 25.0, 35.0, 0.0, 5.0], abs=0.26)
    assert watch.dark == pytest.approx(length - 40_000.0, abs=800.0)
    assert watch.unknown == 0.0
    assert [s.nearest for s in watch.stretches[::2]] == ["east", "west"]
    middle = 0.5 * (55.0 + length / 1e3)
    assert watch.stretches[0].distance == pytest.approx((middle - 45.0) * 1e3, rel=0.02)


def test_without_sensors_all_of_every_segment_is_dark(border):
    watch = border_watch(border, [])
    assert [s.neighbour for s in watch.stretches] == ["RU", "CN"]
    assert watch.dark == pytest.approx(sum(line.length for line in border.lines))
    assert watch.stretches[0].nearest == ""
    assert watch.stretches[0].worst == 0.0


def test_two_weak_sensors_may_do_together_what_neither_does_alone(border):
    one = stand(border, "a", 30.0, 0.5)
    pair = [one, stand(border, "b", 30.0, 0.5)]
    section = (Section(neighbour="CN", start=25e3, end=35e3),)
    assert border_watch(border, [one], required=0.7, sections=section).dark == 10_000.0
    assert border_watch(border, pair, required=0.7, sections=section).dark == 0.0
    # Each at 0.7: none. Two that each reach 0.5: enough.
    assert border_watch(border, pair, required=0.7, sensors=2, sections=section).dark == 10_000.0
    assert border_watch(border, pair, required=0.5, sensors=2, sections=section).dark == 0.0


def test_unknown_ground_is_dark_and_said_to_be_unknown(border):
    section = (Section(neighbour="CN", start=28e3, end=32e3),)
    watch = border_watch(border, [stand(border, "a", 30.0, np.nan)], sections=section)
    assert watch.dark == watch.unknown == 4_000.0
    (stretch,) = watch.stretches
    assert stretch.unknown == 1.0
    assert stretch.worst == 0.0
    assert stretch.length == 4_000.0


def test_of_equal_lengths_the_worse_comes_first(border):
    covers = [stand(border, "a", 10.0, 0.3, 5.0), stand(border, "b", 40.0, 0.1, 5.0)]
    sections = tuple(Section(neighbour="CN", start=km * 1e3, end=km * 1e3 + 4e3) for km in (8, 38))
    watch = border_watch(border, covers, sections=sections)
    assert [round(s.worst, 3) for s in watch.stretches] == [0.1, 0.3]
    assert spans(watch) == [38.0, 42.0, 8.0, 12.0]


def test_a_stretch_does_not_run_over_the_end_of_a_segment_or_a_section(border):
    sections = (
        Section(neighbour="CN", start=0.0, end=1_000.0),
        Section(neighbour="CN", start=2_000.0, end=2_900.0),
        Section(neighbour="RU", start=0.0, end=500.0),
    )
    watch = border_watch(border, [], sections=sections, every=250.0)
    assert sorted(s.length for s in watch.stretches) == [500.0, 900.0, 1_000.0]


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        (Section(neighbour="KZ"), "there is RU, CN"),
        (Section(neighbour="CN", start=90e3), "runs from km 0 to km 74"),
        (Section(neighbour="CN", start=5e3, end=5e3), "runs from km 0"),
    ],
)
def test_a_section_that_is_not_there_is_refused(border, section, complaint):
    with pytest.raises(SenseError, match=complaint):
        border_watch(border, [], sections=(section,))


def test_no_sensors_required_and_no_step_are_refused(border):
    with pytest.raises(SenseError, match="1 or more"):
        border_watch(border, [], sensors=0)
    with pytest.raises(SenseError, match="above 0"):
        border_watch(border, [], every=0.0)
