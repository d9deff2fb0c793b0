"""The cameras that come along, and those that users write."""

from importlib import resources

import pytest

from steppewatch.errors import SenseError
from steppewatch.sense.eoir import CAMERAS, Band, camera_design, load_camera
from steppewatch.sense.eoir.library import find_camera, is_camera


def text(name="mast-thermal"):
    path = resources.files("steppewatch.sense").joinpath("data", f"camera-{name}.toml")
    return path.read_text("utf-8")


@pytest.mark.parametrize("name", CAMERAS)
def test_every_figure_has_a_source_or_the_word_assumed(name):
    camera = camera_design(name)
    named = dict(camera.sources)
    figures = set(camera.__dataclass_fields__) - {"name", "band", "sources", "note"}
    if camera.band is Band.VISIBLE:
        figures -= {"scene_contrast"}
    assert set(named) == figures
    assert all(source.startswith("assumed") or len(source) > 15 for source in named.values())


def test_units_become_si():
    camera = camera_design("mast-thermal")
    assert camera.focal_narrow == pytest.approx(0.49)
    assert camera.noise == pytest.approx(0.025)
    assert camera.max_range == pytest.approx(20_000.0)
    # 15 µm over 490 mm: 30.6 µrad; 640 pixels: 1.12°.
    assert camera.ifov() == pytest.approx(30.61e-6, rel=1e-3)
    assert camera.fov()[0] == pytest.approx(0.019591, rel=1e-4)
    assert camera.aperture() == pytest.approx(0.1225)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('band = "mwir"', 'band = "radio"', "mine.toml:2: band is 'radio'; expected one of visi"),
        ("f_number = {", "f_numbr = {", "f_numbr is not a known key.*did you mean 'f_number'"),
        (
            "netd_mk = { value = 25",
            "netd_mk = { value = -25",
            "netd_mk.value is -25; expected 0.01",
        ),
        ("netd_mk = { value = 25", 'netd_mk = { value = "low"', "expected a number"),
        ("focal_wide_mm = { value = 50", "focal_wide_mm = { value = 600", "is shorter than"),
        ("max_range_km = { value = 20", "max_range_km = { value = 0.015", "must exceed min_range"),
        (
            "columns = { value = 640, source",
            "columns = { value = 640, sauce",
            "did you mean 'source'",
        ),
        ("columns = { value = 640", "columns = { value = 640.5", "expected a whole number"),
        ('"assumed: tenfold zoom"', '" "', "source is empty; expected where the figure"),
        ("name =", "name", "not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_figure_and_remedy(old, new, complaint):
    assert old in text()
    with pytest.raises(SenseError, match=complaint):
        load_camera(text().replace(old, new, 1), "mine.toml")


def test_a_missing_figure_is_named():
    lines = [line for line in text().splitlines() if not line.startswith("jitter_urad")]
    with pytest.raises(SenseError, match=r"jitter_urad is missing"):
        load_camera("\n".join(lines), "mine.toml")


def test_an_unknown_camera_names_those_that_there_are():
    with pytest.raises(SenseError, match="mast-thermal, mast-visible, ball-thermal"):
        camera_design("hawkeye")


def test_a_name_ending_in_toml_is_read_and_a_radars_file_is_no_camera():
    camera = find_camera("mine.toml", {"mine.toml": text()}.__getitem__)
    assert camera.columns == 640
    assert find_camera("mast-thermal", str) is camera_design("mast-thermal")
    assert is_camera(text("drone-thermal"))
    radar = resources.files("steppewatch.sense").joinpath("data", "radar-gap-filler.toml")
    assert not is_camera(radar.read_text("utf-8"))
    assert not is_camera("no toml")
