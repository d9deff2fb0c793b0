import json
import math

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from steppewatch.cli import steppewatch
from steppewatch.errors import EngineError, SenseError, SteppewatchError

WEST, NORTH, CELL = 105.0, 48.0, 1.0 / 1200.0  # 3″


@pytest.fixture
def dem(tmp_path):
    """A plain at 1,300 m; a ridge of 80 m along 105.2° E; a hole east of 105.4°."""
    heights = np.full((240, 720), 1_300.0, np.float32)
    heights[:, 239:242] = 1_380.0
    heights[:, 480:500] = -32_768.0
    path = tmp_path / "plain.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=720, height=240, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(WEST, NORTH, CELL, CELL), nodata=-32_768,
    ) as out:  # fmt: skip
        out.write(heights, 1)
    return path


def call(*words, a="105.05,47.9", b="105.15,47.9"):
    done = CliRunner().invoke(
        steppewatch,
        [
            "sense", "link", "--from", a, "--to", b, "--frequency-mhz", "400", "--power-dbm", "40",
            "--sensitivity-dbm", "-100", *map(str, words),
        ],
    )  # fmt: skip
    if isinstance(done.exception, SteppewatchError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_two_masts_on_a_plain_hear_each_other(dem):
    said = json.loads(call("--dem", dem, "--mast-a", 40, "--mast-b", 40, "--json"))
    assert said["feasible"]
    assert said["line_of_sight"]
    assert said["fresnel_clear"]
    # One tenth of a degree of longitude at 47.9° N on the ellipsoid.
    assert said["distance_km"] == pytest.approx(7.48, abs=0.01)
    assert said["clearance_m"] == pytest.approx(40 - 7_480**2 / (8 * said["k"] * 6.371e6), abs=0.1)
    assert said["k_from"] == "the path's mean atmosphere"
    assert 1.2 < said["k"] < 1.33
    adds = sum(line["value"] for line in said["budget"] if line["adds"])
    assert said["received_dbm"] == pytest.approx(adds, abs=1e-4)
    assert said["dem"].startswith("GeoTIFF")


def test_a_ridge_between_is_named(dem):
    said = json.loads(call("--dem", dem, "--json", "--k", "1.3", b="105.3,47.9"))
    assert not said["line_of_sight"]
    assert said["k_from"] == "given"
    assert said["diffraction_db"] > 15.0
    metres = math.radians(0.15) * 6.378e6 * math.cos(math.radians(47.9))
    assert said["clearance_at_km"] == pytest.approx(metres / 1e3, abs=0.3)


def test_unknown_ground_is_said_and_is_no_link(dem):
    text = call("--dem", dem, "--mast-a", 90, "--mast-b", 90, b="105.5,47.9")
    assert text.startswith("not feasible as planned: the ground is unknown on 1.")
    said = json.loads(call("--dem", dem, "--json", b="105.5,47.9"))
    assert said["feasible"] is False
    assert said["margin_db"] is None
    assert len(said["unknown_km"]) == 1


def test_the_text_lists_what_adds_and_where_it_comes_from(dem):
    text = call("--dem", dem)
    assert "+ free space" in text
    assert "ITU-R P.526-15" in text
    assert "margin" in text


def test_the_profile_is_drawn(dem, tmp_path):
    picture = tmp_path / "link.png"
    assert "wrote" in call("--dem", dem, "--picture", picture, b="105.5,47.9")
    assert picture.read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(EngineError, match="cannot be written"):
        call("--dem", dem, "--picture", tmp_path / "nowhere" / "link.png")


def test_absurd_figures_are_refused_with_the_remedy(dem):
    with pytest.raises(SenseError, match=r"mast is 0 m, expected 0\.5 to 500 m"):
        call("--dem", dem, "--mast-a", 0)
    with pytest.raises(SenseError, match=r"0\.000 km apart"):
        call("--dem", dem, b="105.05,47.9")
    with pytest.raises(SenseError, match="k is -1"):
        call("--dem", dem, "--k", -1)
