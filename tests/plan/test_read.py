"""A scenario is read exactly, or refused with file, line, key, what was and what is expected."""

import math
from pathlib import Path

import pytest

from steppewatch.errors import PlanError
from steppewatch.plan import rehearse
from steppewatch.plan.rehearse.schema import TABLES

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))


@pytest.mark.parametrize(
    ("was", "becomes", "parts"),
    [
        ('title = "Small"', 'titel = "Small"', ["3: scenario.titel", "not a known", "'title'"]),
        ('title = "Small"', "title = 7", ["3: scenario.title", "is 7", "a text"]),
        ("seed = 5", "seed = 5.5", ["4: scenario.seed", "5.5", "a whole number"]),
        ("seed = 5", "seed = true", ["scenario.seed", "True", "a whole number"]),
        ("04:00:00Z", "04:00:00", ["5: scenario.start", "without a zone", "04:00:00Z"]),
        ("duration_s = 120", "duration_s = -1", ["6: scenario.duration_s", "-1", "1 to"]),
        ("lat_deg = 49.00", "lat_deg = 149.0", ["10: site[1].lat_deg", "149", "-90 to 90"]),
        ("lat_deg = 49.00\n", "", ["site[1].lat_deg", "lat_deg and lon_deg, or border"]),
        ('"gap-filler"', '"gap-filer"', ["17: sensor[1].model", "did you mean 'gap-filler'"]),
        ('id = "ground"', 'id = "air"', ["20: sensor[2].id", "used before", "id of its own"]),
        (
            'site = "hill"\nmodel = "ground',
            'site = "hil"\nmodel = "ground',
            ["21: sensor[2].site", "'hill'"],
        ),
        ("[300, 120]", "[300]", ["23: sensor[2].sector_deg", "[300]", "first azimuth"]),
        ('"walker"', '"wlaker"', ["27: route[1].kind", "did you mean 'walker'"]),
        (
            "[49.02, 91.00], [49.03, 91.02], [49.05, 91.00]",
            "[49.02, 91.00]",
            ["route[1].waypoints", "1 point"],
        ),
        ("[49.03, 91.02]", "[49.03]", ["28: route[1].waypoints[2]", "[49.03]", "lat_deg, lon_deg"]),
        (
            "[49.03, 91.02]",
            '[49.03, "x"]',
            ["28: route[1].waypoints[2].lon_deg", "'x'", "a number"],
        ),
        ("count = 3", "count = 0", ["29: route[1].count", "0", "1 to 500"]),
        ("waypoint = 1,", "waypoint = 9,", ["route[1].pauses[1].waypoint", "9", "0 to 2"]),
        ("seconds = 90", "minutes = 2", ["route[1].pauses[1].minutes", "waypoint, seconds"]),
        ('repeat = "loop"', 'repeat = "lop"', ["38: route[2].repeat", "did you mean 'loop'"]),
        (
            "north_deg = 49.3",
            "north_deg = 48.0",
            ["traffic[1].north_deg", "48", "more than south_deg"],
        ),
        ("airliner = 1", "airlner = 1", ["traffic[1].mix.airlner", "did you mean 'airliner'"]),
        ("airliner = 1", "airliner = -1", ["traffic[1].mix.airliner", "-1", "greater than 0"]),
        ("number = 12\n", "", ["traffic[1].number", "missing", "a whole number"]),
        ('sensor = "air"', 'sensor = "sea"', ["event[1].sensor", "'sea'", "air"]),
        ("on_s = 40", "on_s = 10", ["event[1].on_s", "10", "more than off_s"]),
        ("[[event]]", "[[evnt]]", ["[evnt]", "did you mean 'event'"]),
        ("[[event]]", "[event]", ["event", "[[event]]"]),
        (
            'model = "gap-filler"',
            'model = "gap-filler"\nmax_range_km = 0.2',
            ["sensor[1].max_range_km", "0.2 km", "beyond the smallest"],
        ),
    ],
)
def test_a_slip_is_refused_with_file_line_key_and_what_is_expected(small, was, becomes, parts):
    assert was in small
    with pytest.raises(PlanError) as refused:
        rehearse.load(small.replace(was, becomes, 1), "small.toml")
    message = str(refused.value)
    assert message.startswith("small.toml")
    for part in parts:
        assert part in message, message


def test_what_is_not_toml_is_refused_with_its_place():
    with pytest.raises(PlanError, match=r"bad\.toml: not TOML.*line 1"):
        rehearse.load("[scenario\ntitle = 1", "bad.toml")


def test_angles_kilometres_and_times_become_radians_metres_and_nanoseconds(scenario):
    ground = scenario.sensors[1].radar
    assert scenario.start_ns == 1_780_286_400 * 10**9
    assert scenario.sites[0].lat == pytest.approx(math.radians(49.0))
    assert scenario.sites[0].seek_high == 1_000.0
    assert ground.sector_start == pytest.approx(math.radians(300.0))
    assert ground.sector_width == pytest.approx(math.radians(180.0))


def test_places_counted_along_the_border_stand_so_far_inside_or_outside(small, border):
    at = "[{ km = 255, offset_km = 6 }, { km = 260, offset_km = -4 }, { km = 700 }]"
    text = small.replace("[[49.02, 91.00], [49.03, 91.02], [49.05, 91.00]]", at)
    text = text.replace('kind = "walker"', 'kind = "walker"\nborder = "RU"')
    points = rehearse.load(text, "small.toml", border).routes[0].waypoints
    away = [float(border.locate(p.lat, p.lon).distance) for p in points]
    assert 2_000.0 < away[0] <= 6_001.0  # a bend of the border may come nearer than its own km
    assert -4_001.0 <= away[1] < -1_500.0
    assert away[2] == pytest.approx(0.0, abs=1.0)


def test_a_kilometre_beyond_the_end_of_the_border_is_refused(small, border):
    text = small.replace("lat_deg = 49.00\nlon_deg = 91.00", 'border = "RU"\nkm = 4000')
    with pytest.raises(PlanError, match=r"site\[1\]\.km is 4000; expected a kilometre"):
        rehearse.load(text, "small.toml", border)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_a_scenario_with_its_equipment_inside_the_country(path, border):
    scenario = rehearse.load(path.read_text("utf-8"), path.name, border)
    assert "notional" in scenario.title
    for site in scenario.sites:
        inside = float(border.locate(site.lat, site.lon).distance)
        assert inside > 1_000.0 + site.seek_high


def test_there_are_three_examples():
    assert [path.stem for path in EXAMPLES] == ["dense-airspace", "mountain-valley", "quiet-steppe"]


def test_the_documentation_names_every_table_key_and_choice():
    text = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    for table, keys in TABLES.items():
        assert table in text
        for name, key in keys.items():
            assert f"`{name}`" in text, f"docs/scenarios.md lacks {table}.{name}"
            for choice in key.choices:
                assert f"`{choice}`" in text or f'"{choice}"' in text, choice


def test_the_first_example_in_the_documentation_works(border):
    text = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    scenario = rehearse.load(example, "docs/scenarios.md", border)
    assert scenario.sensors
    assert scenario.routes
