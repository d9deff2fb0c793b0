"""What every terrain can do, on terrains made of a formula; mosaics and profiles of them."""

import numpy as np
import pyproj
import pytest

from steppewatch.errors import WorldError
from steppewatch.world.mosaic import Mosaic
from steppewatch.world.profile import profile
from steppewatch.world.terrain import Terrain, TerrainInfo

D = np.pi / 180


class Formula(Terrain):
    """Heights from a function of latitude and longitude in degrees, known inside its bounds."""

    def __init__(self, function, bounds, *, resolution=1e-4, synthetic=False, name="formula"):
        self.function, self.bounds = function, np.radians(bounds)
        self.resolution, self.synthetic, self.name = resolution, synthetic, name

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        south, west, north, east = self.bounds
        inside = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
        return np.where(inside, self.function(np.degrees(lat), np.degrees(lon)), np.nan)

    def grid(self, lat, lon):
        return self.heights(np.asarray(lat)[:, None], np.asarray(lon)[None]).astype(np.float32)

    def describe(self):
        south, west, north, east = self.bounds
        return TerrainInfo(
            label=self.name,
            synthetic=self.synthetic,
            datum="EGM96",
            resolution=self.resolution,
            south=south,
            west=west,
            north=north,
            east=east,
            source=self.name,
        )


WIDE = Formula(lambda lat, _lon: 100.0 * lat, (40, 80, 60, 130), resolution=1e-3, name="wide")
SMALL = Formula(lambda lat, _lon: lat * 0 + 7.0, (47, 100, 48, 101), name="small")


def test_a_window_has_north_on_top_and_samples_cell_centres():
    window = WIDE.window(*(np.array([47.0, 100.0, 48.0, 102.0]) * D), 4, 8)
    assert window.heights.shape == (4, 8)
    assert window.heights.dtype == np.float32
    assert window.heights[:, 0] == pytest.approx([4787.5, 4762.5, 4737.5, 4712.5])
    assert np.degrees(window.lat) == pytest.approx([47.875, 47.625, 47.375, 47.125])
    assert np.degrees(window.lon[:2]) == pytest.approx([100.125, 100.375])


@pytest.mark.parametrize("bounds", [(1, 0, 0, 1, 2, 2), (0, 1, 1, 0, 2, 2), (0, 0, 1, 1, 0, 2)])
def test_an_empty_window_is_refused(bounds):
    with pytest.raises(WorldError, match="is empty"):
        WIDE.window(*bounds)


def test_gaps_name_the_area_that_is_unknown():
    gaps = SMALL.gaps(*(np.array([46.0, 100.0, 48.0, 101.0]) * D))
    assert len(gaps) == 1
    assert str(gaps[0]) == (
        "no elevation for 100% of the area 46.000°…47.000° N, 100.000°…101.000° E"
    )
    assert WIDE.gaps(*(np.array([46.0, 100.0, 48.0, 101.0]) * D)) == ()


def test_separate_holes_are_separate_gaps_largest_first():
    holes = Formula(
        lambda lat, lon: np.where((lon < 101) & (lat > 47.5) | (lon > 103), np.nan, 1.0),
        (40, 80, 60, 130),
    )
    gaps = holes.gaps(*(np.array([47.0, 100.0, 48.0, 104.0]) * D))
    assert [round(np.degrees(gap.west), 6) for gap in gaps] == [103.0, 100.0]


def test_the_finer_member_of_a_mosaic_answers_first():
    mosaic = Mosaic([WIDE, SMALL])
    lat, lon = np.array([47.5, 46.5, 30.0]) * D, np.array([100.5, 100.5, 100.5]) * D
    assert mosaic.heights(lat, lon) == pytest.approx([7.0, 4650.0, np.nan], nan_ok=True)
    assert mosaic.sources(lat, lon).tolist() == [0, 1, -1]


def test_real_elevation_comes_before_finer_synthetic():
    invented = Formula(
        lambda lat, _: lat * 0 - 1, (-90, -180, 90, 180), resolution=1e-6, synthetic=True
    )
    assert Mosaic([invented, WIDE]).heights(45 * D, 100 * D) == pytest.approx(4500.0)
    assert Mosaic([invented, WIDE]).describe().synthetic


def test_the_grid_of_a_mosaic_agrees_with_its_points():
    mosaic = Mosaic([WIDE, SMALL])
    window = mosaic.window(*(np.array([46.3, 99.2, 48.9, 101.7]) * D), 37, 41)
    points = mosaic.heights(window.lat[:, None], window.lon[None])
    assert np.allclose(window.heights, points, rtol=1e-6)


def test_a_mosaic_says_who_fills_whose_holes():
    info = Mosaic([WIDE, SMALL], ["one file is gone"]).describe()
    assert info.label == "small over wide"
    assert info.notes == ("where small is unknown, wide answers", "one file is gone")
    assert [part.label for part in info.parts] == ["small", "wide"]
    with pytest.raises(WorldError, match="no terrains"):
        Mosaic([])


def test_a_profile_runs_along_the_geodesic():
    geod = pyproj.Geod(ellps="WGS84")
    lat2, lon2 = np.array([48.5, 47.0, 47.2, 46.0]) * D, np.array([108.0, 103.0, 106.1, 106.0]) * D
    found = profile(WIDE, 47.2 * D, 106.1 * D, lat2, lon2, 50)
    assert found.heights.shape == (4, 50)
    for k in range(4):
        azimuth, _, length = geod.inv(106.1 * D, 47.2 * D, lon2[k], lat2[k], radians=True)
        assert found.distance[k, -1] == pytest.approx(length, abs=1e-3)
        ones = np.ones(50)
        lon, lat, _ = geod.fwd(
            106.1 * D * ones, 47.2 * D * ones, azimuth * ones, found.distance[k], radians=True
        )
        _, _, off = geod.inv(lon, lat, found.lon[k], found.lat[k], radians=True)
        assert off.max() < 1.0
    assert np.allclose(found.heights, 100.0 * np.degrees(found.lat))


def test_the_samples_of_a_profile_are_evenly_spaced():
    geod = pyproj.Geod(ellps="WGS84")
    found = profile(WIDE, 47.2 * D, 106.1 * D, 48.5 * D, 108.0 * D, 20)
    _, _, steps = geod.inv(
        found.lon[0, :-1], found.lat[0, :-1], found.lon[0, 1:], found.lat[0, 1:], radians=True
    )
    assert np.ptp(steps) < 0.1


def test_a_profile_needs_both_ends():
    with pytest.raises(WorldError, match="2 or more"):
        profile(WIDE, 0.8, 1.8, 0.8, 1.9, 1)
