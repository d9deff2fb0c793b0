"""The wheel is all that a user needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (found,) = out.glob("*.whl")
    return zipfile.ZipFile(found)


def test_the_wheel_contains_the_front_end_with_everything_that_its_page_names(wheel):
    names = set(wheel.namelist())
    page = wheel.read("steppewatch/web/static/index.html").decode()
    assert "steppewatch/web/static/THIRD-PARTY.txt" in names
    for part in page.split('"'):
        if part.startswith("./assets/"):
            assert f"steppewatch/web/static/{part[2:]}" in names


def test_the_wheel_contains_the_border_and_says_that_it_is_typed(wheel):
    assert {"steppewatch/world/data/border.geojson", "steppewatch/py.typed"} <= set(
        wheel.namelist()
    )


def test_the_wheel_contains_every_sensor_of_the_library(wheel):
    data = ROOT / "src" / "steppewatch" / "sense" / "data"
    expected = {f"steppewatch/sense/data/{path.name}" for path in data.glob("*.toml")}
    assert any("radar-" in name for name in expected)
    assert expected <= set(wheel.namelist())


def test_the_wheel_contains_nothing_that_was_compiled_here(wheel):
    assert not [n for n in wheel.namelist() if n.endswith((".pyc", ".nbi", ".nbc", ".so"))]


def test_the_wheel_is_small_enough_for_a_poor_link(wheel):
    assert sum(info.compress_size for info in wheel.infolist()) < 15e6
