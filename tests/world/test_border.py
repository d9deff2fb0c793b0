"""The Mongolian border: its lines, kilometres, and which side a place is on."""

import json

import numpy as np
import pyproj
import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.errors import EngineError, WorldError
from steppewatch.world import border as border_module

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def border():
    return load_border()


def square(**changes):
    """Make a country of one degree with a northern and a southern neighbour."""
    north = [[100.0, 48.0], [100.0, 49.0], [101.0, 49.0], [101.0, 48.0]]
    south = [[100.0, 48.0], [101.0, 48.0]]
    lines = {"RU": north, "CN": south} | changes
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"neighbour": name},
                "geometry": {"type": "LineString", "coordinates": line},
            }
            for name, line in lines.items()
        ],
    }


def random_places(count, seed=0):
    rng = np.random.default_rng(seed)
    return np.radians(rng.uniform(41, 53, count)), np.radians(rng.uniform(87, 120, count))


def test_segments_have_their_known_lengths(border):
    lengths = {line.neighbour: line.length for line in border.lines}
    assert lengths["RU"] == pytest.approx(2_913_872, abs=10)
    assert lengths["CN"] == pytest.approx(4_379_425, abs=10)


@pytest.mark.parametrize(("neighbour", "country"), [("RU", "Russia"), ("CN", "China")])
def test_the_packaged_lines_are_natural_earths(border, real_data, neighbour, country):
    path = real_data(f"border/worldatlas10m_mng_{country}.geojson")
    expected = np.array(json.loads(path.read_text())["geometry"]["coordinates"])
    line = border.line(neighbour)
    found = np.degrees(np.stack((line.lon, line.lat), axis=-1))
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 6e-6
    exact = GEOD.line_length(*expected.T)
    assert line.length == pytest.approx(exact, abs=10.0)


def test_kilometres_start_in_the_west(border):
    for line in border.lines:
        assert line.lon[0] < line.lon[-1]
        assert line.along[0] == 0.0


def test_known_towns_are_inside_and_foreign_towns_outside(border):
    inside = {"Ulaanbaatar": (47.92, 106.92), "Khovd": (48.0, 91.64), "Choibalsan": (48.07, 114.5)}
    outside = {"Kyakhta": (50.35, 106.45), "Erenhot": (43.65, 111.97), "Kyzyl": (51.72, 94.44)}
    for lat, lon in inside.values():
        assert border.locate(np.radians(lat), np.radians(lon)).distance > 0
    for lat, lon in outside.values():
        assert border.locate(np.radians(lat), np.radians(lon)).distance < 0


def test_the_side_agrees_with_a_plain_polygon_test(border):
    lat, lon = random_places(20_000)
    fix = border.locate(lat, lon)
    ru, cn = border.lines
    ring_lat = np.concatenate((ru.lat, cn.lat[::-1]))
    ring_lon = np.concatenate((ru.lon, cn.lon[::-1]))
    inside = np.zeros(lat.shape, bool)
    for k in range(len(ring_lat)):
        lat0, lon0, lat1, lon1 = ring_lat[k - 1], ring_lon[k - 1], ring_lat[k], ring_lon[k]
        if lat0 != lat1:
            crosses = (lat0 > lat) != (lat1 > lat)
            inside ^= crosses & (lon < lon0 + (lat - lat0) / (lat1 - lat0) * (lon1 - lon0))
    clear = np.abs(fix.distance) > 60.0  # a straight line on the map is not quite a geodesic
    assert np.array_equal((fix.distance > 0)[clear], inside[clear])


def test_distance_and_bearing_agree_with_proj(border):
    lat, lon = random_places(3_000, seed=1)
    fix = border.locate(lat, lon)
    bearing, _, exact = GEOD.inv(lon, lat, fix.lon, fix.lat, radians=True)
    near = exact < 300e3
    assert np.abs(np.abs(fix.distance) - exact)[near].max() < 1e-3
    assert np.abs(np.angle(np.exp(1j * (fix.bearing - bearing))))[near & (exact > 1)].max() < 3e-6


def test_no_point_of_the_border_is_nearer_than_the_one_found(border):
    lat, lon = random_places(60, seed=2)
    fix = border.locate(lat, lon)
    dense = border.posts(100.0)
    for k in range(lat.size):
        ones = np.ones(dense.lat.shape)
        _, _, exact = GEOD.inv(lon[k] * ones, lat[k] * ones, dense.lon, dense.lat, radians=True)
        assert abs(fix.distance[k]) <= exact.min() + 1e-3
        reach = abs(fix.distance[k]) + 51.0  # the next post is 50 m along at most
        assert exact.min() <= reach


def test_posts_lie_on_the_line_at_their_kilometre(border):
    posts = border.posts(10_000.0)
    fix = border.locate(posts.lat, posts.lon)
    assert np.abs(fix.distance).max() < 0.01
    ends = posts.along == 0.0  # both segments begin at the same place
    assert np.array_equal(fix.neighbour[~ends], posts.neighbour[~ends])
    assert np.abs(fix.along - posts.along)[~ends].max() < 0.01


def test_a_point_at_a_kilometre_is_found_again(border):
    lat, lon = border.point_at("CN", 2_310_000.0)
    fix = border.locate(lat, lon)
    assert border.lines[int(fix.neighbour)].neighbour == "CN"
    assert fix.along == pytest.approx(2_310_000.0, abs=0.01)


def test_beside_a_corner_the_side_is_right():
    border = border_module.parse(square())
    lat, lon = np.radians([49.01, 48.99, 47.99]), np.radians([99.99, 100.01, 99.99])
    assert np.sign(border.locate(lat, lon).distance).tolist() == [-1.0, 1.0, -1.0]


def test_unknown_places_stay_unknown(border):
    fix = border.locate([np.nan, 0.84], [1.8, 1.8])
    assert np.isnan(fix.distance[0])
    assert fix.neighbour[0] == -1
    assert np.isfinite(fix.distance[1])


def test_segments_that_do_not_close_are_refused():
    with pytest.raises(WorldError, match="do not close a ring"):
        border_module.parse(square(CN=[[100.0, 48.0], [101.0, 47.5]]))


@pytest.mark.parametrize("wrong", [{}, {"features": [{}]}, square(CN=[[100.0, 48.0]]), 7])
def test_what_is_no_border_is_refused(wrong):
    with pytest.raises(WorldError):
        border_module.parse(wrong)


def test_a_kilometre_beyond_the_end_is_refused(border):
    with pytest.raises(WorldError, match="runs from km 0 to km 2913"):
        border.point_at("RU", 5e6)
    with pytest.raises(WorldError, match="there is RU, CN"):
        border.line("KZ")
    with pytest.raises(WorldError, match="above 0"):
        border.posts(0.0)


def test_a_broken_border_file_is_named(tmp_path):
    path = tmp_path / "mine.geojson"
    path.write_text("{")
    with pytest.raises(EngineError, match=r"mine\.geojson"):
        load_border(path)
    path.write_text("{}")
    with pytest.raises(WorldError, match=r"mine\.geojson"):
        load_border(path)
