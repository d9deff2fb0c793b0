import json

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from PIL import Image

from steppewatch.cli import steppewatch
from steppewatch.errors import SteppewatchError

QUICK = ["--range-km", "12", "--cell-m", "150", "--classes", "walker,helicopter",
         "--heights", "100,500"]  # fmt: skip


def call(*words):
    done = CliRunner().invoke(steppewatch, ["sense", "radar", *map(str, words)])
    if isinstance(done.exception, SteppewatchError):
        raise done.exception
    return done


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEPPEWATCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def hill(tmp_path_factory):
    out = tmp_path_factory.mktemp("hill") / "made" / "anew"
    done = call("gap-filler", "--at", "106.3,50.2", *QUICK, "--out", out, "--json")
    assert done.exit_code == 0, done.output
    return out, json.loads(done.stdout)


def test_every_file_that_the_summary_names_is_there_and_opens(hill):
    out, said = hill
    assert sorted(p.name for p in out.iterdir()) == sorted(said["files"])
    assert json.loads((out / "summary.json").read_text()) == said
    for name in said["files"]:
        if name.endswith(".png"):
            assert Image.open(out / name).size[0] > 1_000
    with rasterio.open(out / "pd.tif") as found:
        assert found.descriptions == (
            "P(detect), walker 1.2 m",
            "P(detect), helicopter 100 m",
            "P(detect), helicopter 500 m",
        )
        low, high = found.read(2), found.read(3)
    known = np.isfinite(low)
    assert (high[known] > 0.5).sum() >= (low[known] > 0.5).sum() > 0


def test_every_product_says_what_it_rests_on(hill):
    out, said = hill
    with rasterio.open(out / "min_height.tif") as found:
        tags = found.tags()
    assert "SYNTHETIC DETAIL" in tags["BASIS_1"]
    assert "Ns =" in tags["BASIS_2"]
    assert "never site real equipment" in tags["WARNING_1"]
    assert said["warnings"][0] == tags["WARNING_1"]
    assert 1.2 < said["k"] < 1.32


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("50.2,106.3", "did you mean 106.3,50.2?"),
        ("here", "not LON,LAT in degrees"),
        ("400,50", "no place on earth"),
    ],
)
def test_a_place_that_is_none_is_refused_with_a_hint(at, said, tmp_path):
    done = call("gap-filler", "--at", at, "--out", tmp_path)
    assert done.exit_code == 2
    assert said in done.output


def test_an_unknown_radar_class_or_height_is_refused_by_name(tmp_path):
    with pytest.raises(SteppewatchError, match="gap-filler"):
        call("gap-filer", "--at", "106.3,50.2", "--out", tmp_path)
    with pytest.raises(SteppewatchError, match="walker"):
        call("gap-filler", "--at", "106.3,50.2", "--classes", "wlker", "--out", tmp_path)
    with pytest.raises(SteppewatchError, match="expected metres with commas"):
        call("gap-filler", "--at", "106.3,50.2", "--heights", "low", "--out", tmp_path)
    with pytest.raises(SteppewatchError, match="cannot be read"):
        call("nowhere.toml", "--at", "106.3,50.2", "--out", tmp_path)
    assert list(tmp_path.iterdir()) == []
