"""The file that says where real radars stand is read strictly."""

import math

import pytest

from steppewatch.errors import PlanError
from steppewatch.plan.installed import load_sensors
from steppewatch.records import SensorKind

GOOD = """
[[sensor]]
address = "asterix:20/129"
id = "north"
name = "North hill"
model = "atc-2d"
lat_deg = 47.85
lon_deg = 106.77
height_m = 1330.0
max_range_km = 120
sigma_azimuth_deg = 0.1
"""


def test_a_description_becomes_a_sensor_in_si():
    (sensor,) = load_sensors(GOOD, "radars.toml")
    assert sensor.kind in {SensorKind.RADAR_2D, SensorKind.SECONDARY_RADAR}
    assert sensor.address == "asterix:20/129"
    assert sensor.lat == pytest.approx(math.radians(47.85))
    assert sensor.height == 1330.0
    assert sensor.max_range == 120_000.0
    assert sensor.sigma_azimuth == pytest.approx(math.radians(0.1))
    assert not sensor.position_assumed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('address = "asterix:20/129"', 'address = "20/129"'), r"toml:3: .*asterix:SAC/SIC"),
        (('address = "asterix:20/129"', 'address = "asterix:20/300"'), r"asterix:SAC/SIC"),
        (
            ("lat_deg = 47.85", "lat_deg = 147.85"),
            r"toml:7: sensor\[1\].lat_deg is 147.85; .*-90 to 90",
        ),
        (("lat_deg = 47.85\n", ""), r"lat_deg is missing"),
        (("height_m", "height_ft"), r"height_ft is not a known key; .*did you mean 'height_m'"),
        (('"atc-2d"', '"atc-3d"'), r"did you mean 'atc-2d'"),
        (
            ("max_range_km = 120", 'max_range_km = "far"'),
            r"max_range_km is 'far'; expected a number",
        ),
        (("[[sensor]]", "[sensor]"), r"at least one \[\[sensor\]\]"),
        (("[[sensor]]", "[[sensors]]"), r"\[sensors\] is not a known table"),
        (("[[sensor]]", "[[sensor"), r"not TOML"),
    ],
)
def test_a_slip_is_refused_with_file_line_key_and_what_is_expected(change, message):
    with pytest.raises(PlanError, match=message):
        load_sensors(GOOD.replace(*change), "radars.toml")


def test_two_radars_with_one_address_are_refused():
    with pytest.raises(PlanError, match="used before"):
        load_sensors(GOOD + GOOD.replace('"north"', '"south"'), "radars.toml")
