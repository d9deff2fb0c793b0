"""The synthetic relief: what must be true of it anywhere, and how it compares with the real one."""

import numpy as np
import pytest

from steppewatch.engine.terrain_relief import default_relief
from steppewatch.errors import WorldError
from steppewatch.world import relief as relief_module
from steppewatch.world.kernels import TILE
from steppewatch.world.relief import SPACING, SyntheticRelief, roughness


def made(heights, seed=7):
    """Make a relief from coarse heights that repeat around the globe."""
    rows, cols = heights.shape
    step = 2 * np.pi / cols
    return SyntheticRelief(
        lambda first, last: heights[first:last].astype(np.float32),
        shape=(rows, cols),
        north=np.pi / 2,
        west=-np.pi,
        step=step,
        seed=seed,
    )


@pytest.fixture(scope="module")
def relief():
    return default_relief()


def places(count, seed=0):
    rng = np.random.default_rng(seed)
    return np.radians(rng.uniform(41, 53, count)), np.radians(rng.uniform(87, 120, count))


def test_a_height_does_not_depend_on_what_was_asked_before(relief):
    lat, lon = places(50)
    first = relief.heights(lat, lon)
    fresh = default_relief()
    assert np.array_equal(fresh.heights(lat[::-1], lon[::-1])[::-1], first)
    one_by_one = [float(default_relief().heights(lat[k], lon[k])) for k in range(3)]
    assert one_by_one == first[:3].tolist()


def test_a_kept_tile_gives_the_same_bits_as_single_points(relief, monkeypatch):
    rng = np.random.default_rng(3)
    lat = np.radians(47.9 + rng.uniform(0, 0.05, 400))
    lon = np.radians(106.9 + rng.uniform(0, 0.05, 400))
    single = relief.heights(lat, lon)
    monkeypatch.setattr(relief_module, "WORTH_A_TILE", 1)
    assert np.array_equal(default_relief().heights(lat, lon), single)


def test_windows_side_by_side_continue_each_other(relief):
    west = relief.window(*np.radians([48.0, 90.0, 49.0, 91.0]), 40, 40)
    both = relief.window(*np.radians([48.0, 90.0, 49.0, 92.0]), 40, 80)
    assert np.abs(west.heights - both.heights[:, :40]).max() < 0.01


def test_tiles_share_their_edges(relief):
    row, col = 600, 1345
    left, right = relief._make_tile(row, col), relief._make_tile(row, col + 1)
    below = relief._make_tile(row + 1, col)
    assert np.array_equal(left[:, TILE], right[:, 0])
    assert np.array_equal(left[TILE], below[0])


def test_the_antimeridian_is_no_seam(relief):
    lat = np.radians(np.linspace(66.0, 68.0, 20))
    east, west = relief.heights(lat, np.pi - 1e-9), relief.heights(lat, -np.pi + 1e-9)
    assert np.abs(east - west).max() < 0.01


def test_heights_are_continuous_across_coarse_cells(relief):
    lat = np.radians(48.5)
    lon = np.radians(np.linspace(89.0, 89.5, 6001))  # 6 m apart
    steps = np.abs(np.diff(relief.heights(lat, lon)))
    assert steps.max() < 20.0


def test_the_seed_changes_the_detail_but_not_the_mountains():
    lat, lon = places(300, seed=4)
    one, other = default_relief(seed=1).heights(lat, lon), default_relief(seed=2).heights(lat, lon)
    assert not np.array_equal(one, other)
    assert np.corrcoef(one, other)[0, 1] > 0.95


def test_a_flat_sea_stays_flat():
    flat = made(np.zeros((180, 360)))
    assert not flat.heights(*places(100)).any()


def test_a_plane_between_samples_is_met_exactly():
    ramp = np.repeat(np.linspace(0.0, 1800.0, 181)[:, None], 360, axis=1)
    terrain = made(ramp)
    smooth, _ = terrain._make_fields(48, 64, 0, 16)
    assert np.allclose(np.diff(smooth, axis=0), 10.0)


def test_where_nobody_asked_for_earth_the_height_is_unknown(relief):
    assert np.isnan(relief.heights([np.nan, 2.0], [1.8, 1.8])).all()


def test_a_coarse_grid_is_smoother_than_a_fine_one(relief):
    bounds = np.radians([48.0, 88.0, 50.0, 90.0])
    coarse = relief.window(*bounds, 24, 24).heights
    lat = np.repeat(relief.window(*bounds, 24, 24).lat[:, None], 24, axis=1)
    fine = relief.heights(lat, relief.window(*bounds, 24, 24).lon)
    assert 1.0 < np.std(fine - coarse) < 300.0


def test_it_always_says_that_it_is_synthetic(relief):
    info = relief.describe()
    assert info.synthetic
    assert "synthetic detail (seed 7)" in info.label
    assert info.resolution == SPACING
    assert any("never for siting" in note for note in info.notes)


def test_a_seed_out_of_range_is_refused():
    with pytest.raises(WorldError, match="terrain seed -1"):
        made(np.zeros((180, 360)), seed=-1)


def test_roughness_is_a_plain_formula():
    heights = np.random.default_rng(5).normal(1000, 100, (7, 9))
    found = roughness(heights)
    for i in range(3):
        for j in range(5):
            relief = heights[i + 1 : i + 4, j + 1 : j + 4].std()
            wide = heights[i : i + 5, j : j + 5]
            above = (heights[i + 2, j + 2] - wide.mean()) / (wide.std() + 10)
            law = 0.55 * relief**2 / (relief + 15) + 0.4 * relief / (relief + 1)
            assert found[i, j] == pytest.approx(law * min(1.6, max(0.25, 0.9 + 0.6 * above)))


def test_the_detail_is_about_as_rough_as_real_mongolia(relief, real_data):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(real_data("terrain/mongolia_15s_dequantised.tif")) as dataset:
        real = dataset.read(1, window=((960, 1440), (240, 1680))).astype(float)  # Altai, lakes
    step = np.radians(15 / 3600)
    lat = np.radians(53.0) - (960.5 + np.arange(480)) * step
    lon = np.radians(87.0) + (240.5 + np.arange(1440)) * step
    ours = relief.grid(lat, lon)

    def small_scale(field):
        blocks = field.reshape(24, 20, 72, 20)
        return blocks.std(axis=(1, 3))

    theirs, found = small_scale(real), small_scale(ours)
    assert 0.6 < np.median(found) / np.median(theirs) < 1.6
    assert np.corrcoef(theirs.ravel(), found.ravel())[0, 1] > 0.6
    coarse = np.corrcoef(
        real.reshape(24, 20, 72, 20).mean(axis=(1, 3)).ravel(),
        ours.reshape(24, 20, 72, 20).mean(axis=(1, 3)).ravel(),
    )
    assert coarse[0, 1] > 0.995
