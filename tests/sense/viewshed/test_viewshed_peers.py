"""Real ground, cell by cell, beside what others compute: nightly."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject

from steppewatch.sense.viewshed import plane_window, visible_height

ROOT = Path(__file__).resolve().parents[3]
DEM = ROOT.parent / "shared" / "data" / "terrain" / "basin_range_3s.tif"
PEER = ROOT / "benchmarks" / "viewshed_peers.py"
CELL, MAST, K, SIZE = 90.0, 20.0, 4.0 / 3.0, 500

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not DEM.exists(), reason=f"real elevation {DEM.name} is absent"),
]


@pytest.fixture(scope="module")
def ground():
    """Give real ground about 38° N 117° W in 90 m cells of UTM 11N."""
    n = 2_401
    corner = from_origin(500_000 - n // 2 * CELL, 4_205_790 + n // 2 * CELL, CELL, CELL)
    out = np.full((n, n), np.nan, np.float32)
    with rasterio.open(DEM) as source:
        reproject(
            rasterio.band(source, 1),
            out,
            dst_transform=corner,
            dst_crs="EPSG:32611",
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    assert np.isfinite(out).all()
    return out


def cut(ground, row, col, size=SIZE):
    return np.ascontiguousarray(ground[row - size : row + size + 1, col - size : col + size + 1])


def seen(heights, **how):
    return visible_height(plane_window(heights, CELL), MAST, K, **how).min_height


def of_peer(peer, heights, folder, *library):
    np.save(folder / "window.npy", heights)
    command = [sys.executable, PEER, peer, folder / "window.npy", folder / "out.npy"]
    command += [MAST, K, CELL, 1, *library]
    beside = {"LD_LIBRARY_PATH": str(library[0].parent)} if library else {}
    done = subprocess.run(
        [str(v) for v in command],
        env={**os.environ, **beside},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cpu"]
    return np.load(folder / "out.npy")


@pytest.mark.parametrize("seed", range(8))
def test_the_sweep_keeps_its_stated_errors_on_real_ground(ground, seed):
    row, col = np.random.default_rng(seed).integers(SIZE, len(ground) - SIZE, 2)
    heights = cut(ground, row, col)
    exact, quick = seen(heights, method="exact"), seen(heights)
    known = np.isfinite(exact)
    off = np.abs(exact - quick)[known]
    assert ((exact <= 100.0) != (quick <= 100.0))[known].mean() <= 0.0002
    assert np.median(off) <= 0.01
    assert np.percentile(off, 99) <= 3.0


def test_gdal_agrees_in_nearly_every_cell_and_is_farther_from_the_exact_answer(ground, tmp_path):
    libraries = Path(rasterio.__file__).parents[1] / "rasterio.libs"
    library = next(iter(sorted(libraries.glob("libgdal*"))), None)
    if library is None:
        pytest.skip("this rasterio brings no GDAL library of its own")
    heights = cut(ground, 1_200, 1_200)
    exact, mine = seen(heights, method="exact"), seen(heights)
    theirs = of_peer("gdal", heights, tmp_path, library)
    known = np.isfinite(exact)
    differ = ((mine <= 100.0) != (theirs <= 100.0))[known].mean()
    assert differ < 0.03
    for answer, limit in ((mine, 0.01), (theirs, 100.0)):
        assert np.median(np.abs(answer - exact)[known]) < limit
    wrong = [((a <= 100.0) != (exact <= 100.0))[known].mean() for a in (mine, theirs)]
    assert wrong[0] < 0.1 * wrong[1]


def test_grass_agrees_in_nearly_every_cell(ground, tmp_path):
    if shutil.which("grass") is None or not Path("/usr/bin/time").exists():
        pytest.skip("GRASS is not installed (apt-get install grass-core time)")
    heights = cut(ground, 1_200, 1_200)
    mine = seen(heights)
    theirs = of_peer("grass", heights, tmp_path)
    known = np.isfinite(mine)
    assert ((mine <= 100.0) != (theirs > 0.5))[known].mean() < 0.01
