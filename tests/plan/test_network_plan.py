"""A network plan is read strictly, and a scenario serves as one."""

import math
from pathlib import Path

import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.errors import PlanError
from steppewatch.plan.network import load_network, with_question

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples" / "networks").glob("*.toml"))
TEXT = """
[network]
target = "rider"
required = 0.8
sensors = 2

[[section]]
border = "CN"
from_km = 2120
to_km = 2190

[[site]]
id = "hill"
lon_deg = 106.3
lat_deg = 47.5

[[site]]
id = "post"
border = "CN"
km = 2150
offset_km = 5
seek_high_km = 2

[[sensor]]
site = "hill"
model = "gap-filler"
max_range_km = 60

[[sensor]]
id = "eye"
site = "post"
model = "mast-thermal"
mast_m = 25
"""


@pytest.fixture(scope="module")
def border():
    return load_border()


def test_a_plan_says_what_stands_where_and_what_is_asked(border):
    plan = load_network(TEXT, "plan.toml", border)
    assert (plan.target, plan.height, plan.required, plan.sensors) == ("rider", 1.8, 0.8, 2)
    assert plan.sections[0].end == 2_190_000.0
    assert plan.sites[0].lat == pytest.approx(math.radians(47.5))
    fix = border.locate(plan.sites[1].lat, plan.sites[1].lon)
    assert float(fix.distance) == pytest.approx(5_000.0, rel=0.05)
    assert [s.id for s in plan.stands] == ["hill-gap-filler-1", "eye"]
    assert plan.stands[0].max_range == 60_000.0
    assert plan.stands[0].mast is None
    assert plan.stands[1].mast == 25.0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_examples_are_plans(border, path):
    assert load_network(path.read_text(), str(path), border).stands


def test_a_scenario_serves_as_a_plan(border):
    path = ROOT / "examples" / "quiet-steppe.toml"
    plan = load_network(path.read_text(), str(path), border)
    assert plan.target == "walker"
    assert {stand.site for stand in plan.stands} <= {site.id for site in plan.sites}
    ground = next(s for s in plan.stands if s.model == "ground-surveillance")
    assert ground.mast == 30.0
    assert ground.max_range > 0.0


def test_a_scenarios_own_sector_and_scan_go_into_the_network(border):
    path = ROOT / "examples" / "quiet-steppe.toml"
    text = path.read_text().replace(
        'model = "ground-surveillance"\n',
        'model = "ground-surveillance"\nsector_deg = [350, 80]\n',
        1,
    )
    plan = load_network(text, str(path), border)
    ground = next(s.radar for s in plan.stands if s.model == "ground-surveillance")
    assert math.degrees(ground.sector_start) == pytest.approx(350.0)
    assert math.degrees(ground.sector_width) == pytest.approx(90.0)


def test_another_question_brings_its_own_height(border):
    plan = load_network(TEXT, "plan.toml", border)
    assert with_question(plan, "p", target="walker").height == 1.2
    assert with_question(plan, "p", target="helicopter", height=150.0).height == 150.0
    assert with_question(plan, "p", required=0.5, sensors=None).required == 0.5
    with pytest.raises(PlanError, match="a helicopter flies: say how high"):
        with_question(plan, "p", target="helicopter")
    with pytest.raises(PlanError, match="did you mean 'walker'"):
        with_question(plan, "p", target="walkr")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[network]", "[netwrk]", r"\[netwrk\] is not a known table"),
        ('model = "gap-filler"', 'model = "gap-filer"', "did you mean 'gap-filler'"),
        ('site = "post"\n', 'site = "past"\n', r"sensor\[2\].site is 'past'"),
        ("required = 0.8", "required = 1.5", "0.001 to 0.999"),
        ('id = "post"', 'id = "hill"', "used before"),
        ("lon_deg = 106.3\n", "", "not a place"),
        ("km = 2150", "km = 4999", "a kilometre of this border"),
        ('border = "CN"\nfrom', 'border = "KZ"\nfrom', "one of RU, CN"),
        ("max_range_km = 60", "max_range_km = 0", "0.1 to 600"),
    ],
)
def test_a_slip_of_the_pen_is_refused_with_its_line(border, old, new, complaint):
    assert old in TEXT
    with pytest.raises(PlanError, match=complaint):
        load_network(TEXT.replace(old, new, 1), "plan.toml", border)


def test_a_plan_without_sensors_is_refused(border):
    with pytest.raises(PlanError, match="needs one at least"):
        load_network(TEXT.split("[[sensor]]", maxsplit=1)[0], "plan.toml", border)
