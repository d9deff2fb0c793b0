"""`steppewatch fuse run --registration` says what radars are off by, and what cannot be known."""

import json

import pytest
from benchmarks.scenarios.pair import Pair, make, write
from click.testing import CliRunner

from steppewatch.cli import steppewatch

HOW = Pair(n=14, seconds=120.0, seed=3, clutter=2.0, adsb=0.0)


def call(*words):
    done = CliRunner().invoke(steppewatch, ["fuse", "run", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def scene():
    return make(HOW)


@pytest.fixture(scope="module")
def file(scene, tmp_path_factory):
    path = tmp_path_factory.mktemp("pair") / "two.csv"
    assert write(path, scene) > 500
    return path


def test_biases_are_in_the_json_with_what_the_geometry_shows(scene, file):
    found = {one["sensor"]: one for one in json.loads(call(file, "--json"))["registration"]}
    assert found.keys() == {"west", "east"}
    for sensor, true in zip(scene.sensors, scene.site["biases"], strict=True):
        one = found[sensor.id]
        biases = one["biases"]
        assert set(biases) == {"range_m", "azimuth_deg", "elevation_deg", "time_s"}
        reach = biases["range_m"]
        assert reach["observable"]
        assert abs(reach["value"] - true[0]) < 20.0
        assert abs(reach["value"] - true[0]) < 5.0 * reach["sigma"]
        assert reach["corrected_by"] == pytest.approx(reach["value"], rel=0.05)
        assert not biases["time_s"]["observable"]
        assert one["suspicious"] is None


def test_biases_are_printed_where_asked_for_and_named_otherwise(file):
    assert "not observable: time" in call(file, "--registration")
    short = call(file)
    assert "plots corrected for the biases of" in short
    assert "see --registration" in short
    assert "not observable" not in short


def test_with_registration_off_nothing_is_claimed(file, tmp_path):
    settings = tmp_path / "off.toml"
    settings.write_text("[tracker]\nregister = false\n")
    assert "registration is off" in call(file, "--settings", settings, "--registration")
    assert json.loads(call(file, "--settings", settings, "--json"))["registration"] == []
