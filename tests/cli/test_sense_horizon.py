import json

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import from_origin

from steppewatch.cli import steppewatch
from steppewatch.errors import SteppewatchError


@pytest.fixture
def hill(tmp_path):
    """A map in UTM 48N with a ridge across a plain, and one hole."""
    heights = np.full((401, 401), 1_300.0, np.float32)
    heights[:, 260] = 1_400.0
    heights[100:103, 50:53] = -32_768.0
    path = tmp_path / "hill.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=401, height=401, count=1, dtype="float32",
        crs="EPSG:32648", transform=from_origin(482_000.0, 5_318_000.0, 90.0, 90.0), nodata=-32_768,
    ) as out:  # fmt: skip
        out.write(heights, 1)
    return path


def call(*words):
    done = CliRunner().invoke(steppewatch, ["sense", "horizon", *map(str, words)])
    if done.exception and isinstance(done.exception, SteppewatchError):
        raise done.exception
    return done


def test_a_projected_map_gives_the_raster_and_says_how_long_it_took(hill, tmp_path):
    out = tmp_path / "out.npz"
    middle = (482_000 + 200.5 * 90, 5_318_000 - 200.5 * 90)
    done = call("--dem", hill, "--x", middle[0], "--y", middle[1], "--mast", 20,
                "--radius-cells", 150, "--k", 1.3333, "--out", out, "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    found = np.load(out)["min_height_agl_m"]
    assert found.shape == (301, 301)
    assert found.dtype == np.float32
    assert found[150, 200] == 0.0
    assert found[150, 290] > 50.0
    assert np.isnan(found[0, 0])
    assert np.isnan(found[51, 1])
    assert 0.0 < said["cpu_s"] < 5.0
    assert said["wall_s"] > 0.0
    assert said["k"] == 1.3333
    assert said["dem"] == "GeoTIFF 2.91″"
    assert any("unknown" in warning for warning in said["warnings"])


def test_by_longitude_and_latitude_any_file_does_and_the_site_has_its_own_k(hill, tmp_path):
    out = tmp_path / "out.npz"
    done = call("--dem", hill, "--lon", 105.0, "--lat", 47.85, "--range-km", 9, "--cell-m", 90,
                "--threads", 2, "--out", out, "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["cells"] == [201, 201]
    assert 1.2 < said["k"] < 1.32
    assert said["k_from"] == "the site's mean atmosphere"
    assert said["ground_m"] == 1_300.0


def test_without_a_file_the_nodes_own_terrain_answers_and_is_called_invented(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path))
    done = call("--lon", 106.3, "--lat", 50.0, "--range-km", 5, "--out", tmp_path / "o.npz")
    assert done.exit_code == 0, done.output
    assert "never site real equipment" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--radius-cells", 5], "either by --x and --y or by --lon and --lat"),
        (["--lon", 105, "--lat", 47.8], "either --radius-cells or --range-km"),
        (["--x", 1, "--y", 1, "--radius-cells", 5], "give it by --dem"),
    ],
)
def test_what_is_missing_is_named(words, said, tmp_path):
    done = call(*words, "--out", tmp_path / "o.npz")
    assert done.exit_code == 2
    assert said in done.output


def test_a_site_in_a_hole_is_refused_with_the_remedy(hill, tmp_path):
    x, y = 482_000 + 51.5 * 90, 5_318_000 - 101.5 * 90
    with pytest.raises(SteppewatchError, match="elevation is unknown"):
        call("--dem", hill, "--x", x, "--y", y, "--radius-cells", 9, "--out", tmp_path / "o.npz")
