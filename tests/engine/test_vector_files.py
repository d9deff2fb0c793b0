"""Features come in from the files that planners have, and what is wrong with them is said."""

import json

import numpy as np
import pyogrio
import pytest
import shapely

from steppewatch.engine.vector_files import read_features
from steppewatch.errors import EngineError


def geojson(path, *shapes, **properties):
    features = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(s), "properties": properties}
        for s in shapes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_geojson_gives_shapes_and_names(tmp_path):
    path = geojson(tmp_path / "a.geojson", shapely.Point(100.0, 47.0), name="post")
    found = read_features(path)
    assert found.ids == ("post",)
    lat, lon = found.points()
    np.testing.assert_allclose(np.degrees([lat[0], lon[0]]), [47.0, 100.0])


def test_a_geopackage_in_a_projection_becomes_degrees(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([shapely.Point(500_000.0, 5_205_546.0)])),
        [np.array(["x"], object)],
        ["id"],
        geometry_type="Point",
        crs="EPSG:32648",
    )
    found = read_features(path)
    lat, lon = np.degrees(found.points())
    assert lon[0] == pytest.approx(105.0, abs=1e-6)
    assert lat[0] == pytest.approx(47.0, abs=0.01)
    assert found.ids == ("x",)


def test_a_table_gives_points(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("name,Lat,Lon\nZamyn-Uud,43.7,111.9\n,44,112\n")
    found = read_features(path)
    assert found.ids == ("Zamyn-Uud", "")
    assert np.degrees(found.points()[1]).tolist() == pytest.approx([111.9, 112.0])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "x,y\n1,2\n", "expected lat and lon"),
        ("a.csv", "lat,lon\n47,abc\n", r"a.csv:2: '47', 'abc' is no place"),
        ("a.csv", "lat,lon\n", "columns none|holds no features"),
        ("a.csv", "lat,lon\n470,100\n", "expected degrees"),
        ("a.geojson", "{", "cannot be read as features"),
        ("a.geojson", '{"type": "FeatureCollection", "features": []}', "no features"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(EngineError, match=words):
        read_features(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"nothing\.csv is not a file"):
        read_features(tmp_path / "nothing.csv")
