"""``sense camera`` and ``sense network`` as a user types them, on even ground from a file."""

import csv
import json
import math

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_bounds

from steppewatch.cli import steppewatch

PLAN = """
[network]
target = "4x4"
cell_m = 1000

[[section]]
border = "CN"
from_km = 2140
to_km = 2160

[[site]]
id = "post"
border = "CN"
km = 2150
offset_km = 3

[[sensor]]
id = "eye"
site = "post"
model = "mast-thermal"
max_range_km = 6
"""


@pytest.fixture(scope="module")
def steppe(tmp_path_factory):
    """Write even ground of 1,000 m about the southern border as a GeoTIFF."""
    path = tmp_path_factory.mktemp("dem") / "steppe.tif"
    bounds = (105.4, 41.7, 106.8, 42.4)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=1400,
        height=700,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_bounds(*bounds, 1400, 700),
        nodata=-9999.0,
    ) as file:
        file.write(np.full((1, 700, 1400), 1_000.0, np.float32))
    return path


def call(*words):
    return CliRunner().invoke(steppewatch, [str(w) for w in words])


def test_a_network_prints_and_writes_its_dark_list(steppe, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    out = tmp_path / "out"
    done = call("sense", "network", plan, "--dem", steppe, "--out", out)
    assert done.exit_code == 0, done.output
    # 6 km about a post 3 km inside: √(36 − 9) = 5.2 km to either side, so some 9.6 km are dark.
    assert "border looked at 20.0 km" in done.output
    rows = list(csv.DictReader((out / "dark.csv").open()))
    dark = sum(float(row["length_km"]) for row in rows)
    assert dark == pytest.approx(20.0 - 2.0 * math.sqrt(27.0), abs=1.5)
    assert {row["nearest_sensor"] for row in rows} == {"eye"}
    told = json.loads((out / "dark.json").read_text())
    assert told["dark_km"] == pytest.approx(dark, abs=0.01)
    assert told["target"] == "4x4"
    assert told["terrain"]
    with rasterio.open(out / "network.tif") as file:
        assert file.crs.to_epsg() == 4326
        count = file.read(1)
        cell = -file.transform.a * file.transform.e * 111.2**2 * math.cos(math.radians(42.0))
        lon, lat = told["dark"][0]["middle_lon_deg"], told["dark"][0]["middle_lat_deg"]
        assert next(file.sample([(lon, lat)]))[0] == 0.0
        assert file.tags()["TARGET"] == "4x4"
    assert count.max() == 1.0
    assert count.sum() * cell == pytest.approx(math.pi * 6.0**2, rel=0.08)  # a disc of 6 km
    assert (out / "network.png").stat().st_size > 10_000


def test_with_nothing_in_sight_all_is_dark_and_nothing_is_called_covered(steppe, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace("mast-thermal", "mast-visible"))
    done = call("sense", "network", plan, "--dem", steppe, "--night")
    assert "dark 20.0 km (100.0%)" in done.output


def test_a_plan_that_is_not_there_is_named(tmp_path):
    done = call("sense", "network", tmp_path / "no.toml")
    assert done.exit_code != 0
    assert "no.toml cannot be read" in str(done.exception)


def test_a_camera_prints_its_ranges_and_the_sources_of_its_figures():
    done = call("sense", "camera", "drone-thermal", "--class", "walker", "--sources")
    assert done.exit_code == 0, done.output
    line = next(row for row in done.output.splitlines() if row.startswith("walker "))
    detect, recognise, identify = (float(v) for v in line.split()[1:])
    assert detect > recognise > identify > 0.3
    assert "nobody is identified" in done.output
    assert "Park, Choi & Kang 2023" in done.output
    assert "assumed" in done.output


def test_a_camera_on_a_place_writes_rasters_pictures_and_a_summary(steppe, tmp_path):
    words = ("--at", "106.1,42.0", "--dem", steppe, "--range-km", "5", "--class", "walker")
    done = call("sense", "camera", "mast-thermal", *words, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    with rasterio.open(tmp_path / "out" / "walker.tif") as file:
        detect, recognise, identify = file.read()
        assert file.descriptions[2] == "P(identify) of walker"
        assert "proj=aeqd" in file.crs.to_proj4()
    middle = detect.shape[0] // 2
    assert detect[middle, middle + 5] > 0.9
    assert np.isnan(detect[0, 0])  # the corner is out of range
    known = ~np.isnan(detect)
    assert (identify[known] <= recognise[known] + 1e-6).all()
    assert (tmp_path / "out" / "walker-identify.png").exists()
    told = json.loads((tmp_path / "out" / "camera.json").read_text())
    assert told["covered_share"]["walker"]["identify"] < told["covered_share"]["walker"]["detect"]


def test_a_sweep_says_how_many_views_it_takes_and_a_drone_what_it_covers():
    done = call("sense", "camera", "ball-thermal", "--altitude", "500", "--sector-deg", "60")
    assert done.exit_code == 0, done.output
    assert "37 views of 3 s, one pass in 148 s" in done.output  # 60° / (0.9 × 1.83°), 4 s each
    assert "looking 90° down: ground -6 m to 6 m" in done.output  # 500 m · tan 0.73°


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--mast", "20", "--altitude", "300"), "give one"),
        (("--out", "x"), "add --at LON,LAT"),
        (("--at", "50.2,106.3"), "longitude comes first"),
        (("--zoom", "big"), "expected wide, narrow or mm"),
    ],
)
def test_what_a_camera_cannot_do_is_refused(words, complaint):
    done = call("sense", "camera", "mast-thermal", *words)
    assert done.exit_code == 2
    assert complaint in done.output
