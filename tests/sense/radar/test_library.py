"""The library's radars are whole, sourced and possible; a slip in a file is refused there."""

import dataclasses
import math
import re
from importlib import resources
from pathlib import Path

import pytest

from steppewatch.errors import SenseError
from steppewatch.records import SensorKind
from steppewatch.sense.radar.equation import reference_range, with_reference_range
from steppewatch.sense.radar.library import BEAM, FIGURES, RADARS, TEXTS, load_design, radar_design
from steppewatch.sense.targets import TARGETS

FOLDER = resources.files("steppewatch.sense").joinpath("data")


def text_of(name):
    return FOLDER.joinpath(f"radar-{name}.toml").read_text("utf-8")


@pytest.mark.parametrize("name", RADARS)
def test_every_figure_names_its_public_source_or_says_assumed(name):
    design = radar_design(name)
    sources = dict(design.sources)
    written = re.findall(r"^(\w+) = \{", text_of(name), re.MULTILINE)
    assert {FIGURES[key][0] for key in written} <= set(sources)
    assert {f"beam {i + 1}" for i in range(len(design.beams))} <= set(sources)
    for figure, source in sources.items():
        known = re.match(r"assumed|.*(ITU-R|Skolnik|Blake|ASR-|continuous wave)", source)
        assert known, f"{name}: {figure} has the source {source!r}"


@pytest.mark.parametrize(
    ("name", "kind", "kilometres"),
    [
        ("long-range-3d", SensorKind.RADAR_3D, 250.0),
        ("gap-filler", SensorKind.RADAR_3D, 65.0),
        ("ground-surveillance", SensorKind.GROUND_RADAR, 10.0),
        ("atc-2d", SensorKind.RADAR_2D, 85.0),
    ],
)
def test_the_classes_see_a_square_metre_as_far_as_the_documentation_says(name, kind, kilometres):
    design = radar_design(name)
    assert design.kind is kind
    assert reference_range(design) == pytest.approx(kilometres * 1e3, rel=0.02)


def test_power_follows_the_fourth_power_of_a_wanted_reference_range():
    design = radar_design("gap-filler")
    wanted = 2.0 * reference_range(design)
    changed = with_reference_range(design, wanted)
    assert reference_range(changed) == pytest.approx(wanted)
    assert changed.peak_power == pytest.approx(16.0 * design.peak_power)


def test_a_reference_range_that_no_transmitter_reaches_is_refused():
    with pytest.raises(SenseError, match=r"reference range is 9000 km.*peak_power"):
        with_reference_range(radar_design("long-range-3d"), 9e6)


@pytest.mark.parametrize(
    ("was", "becomes", "parts"),
    [
        ("frequency_mhz", "frequenzy_mhz", ["not a known key", "did you mean 'frequency_mhz'"]),
        ("value = 2900,", 'value = "2900",', [":9: frequency_mhz.value", "'2900'", "a number"]),
        ("value = 2900,", "value = 0,", [":9: frequency_mhz.value is 0", "100 to 100000"]),
        ("value = 1e-06,", "value = 0,", ["pfa.value is 0", "1e-12 to 0.01"]),
        ("transmit_loss_db = { value = 0.8", "transmit_loss_db = { value = -3", ["-3", "0 to 20"]),
        (', source = "assumed: 15 turns a minute"', "", ["scan_period_s.source is missing"]),
        ('"assumed: 15 turns a minute"', '" "', ["scan_period_s.source is empty", "assumed"]),
        ('pattern = "pencil"', 'pattern = "pencel"', ["did you mean 'pencil'"]),
        ("[1080, 1170]", "[1580, 1670]", ["max_range is 120 km", "ambiguous", "lower the PRF"]),
        ("pulses = 8", "pulses = 16", ["ms for all beams", "fewer pulses"]),
        ("pulse_us = 20", "pulse_us = 200", ["a duty of", "0.1 or less", "shorten"]),
        ("pulses = 8", "pulses = 0", ["beam[1].pulses is 0", "1 to 10000"]),
        ("width_deg = 3", "width = 3", ["beam[1].width is not a known key", "width_deg"]),
        ("[[beam]]", "[[bean]]", ["bean is not a known key"]),
    ],
)
def test_a_slip_is_refused_with_file_line_key_and_what_is_expected(was, becomes, parts):
    text = text_of("gap-filler")
    assert was in text
    many = was.startswith(("pulses", "pulse_us", "[1080", "width_deg"))
    changed = text.replace(was, becomes, -1 if many else 1)
    with pytest.raises(SenseError) as refused:
        load_design(changed, "mine.toml")
    message = str(refused.value)
    assert message.startswith("mine.toml")
    for part in parts:
        assert part in message, message


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("max_range", -5.0, "100 to 1e+06"),
        ("scan_period", 0.0, "0.05 to 120"),
        ("sigma_azimuth", 0.0, "1e-06 to 0.5"),
        ("sigma_range", math.nan, "0.01 to 10000"),
        ("pfa", 0.5, "1e-12 to 0.01"),
        ("field_loss_db", -1.0, "0 to 20"),
        ("sigma_elevation", math.nan, "a 3-D radar measures elevation"),
        ("sector_width", 7.0, "0.01 to 6.28319"),
        ("elevation_min", 0.8, "less than elevation_max"),
        ("beams", (), "at least one beam"),
    ],
)
def test_an_impossible_radar_is_refused_by_key_value_and_limits(key, value, expected):
    with pytest.raises(SenseError) as refused:
        dataclasses.replace(radar_design("gap-filler"), **{key: value})
    assert key in str(refused.value)
    assert expected in str(refused.value)


def test_an_unknown_radar_names_the_closest():
    with pytest.raises(SenseError, match="did you mean 'gap-filler'"):
        radar_design("gap-filer")


def test_the_documentation_names_every_key_and_target():
    page = (Path(__file__).resolve().parents[3] / "docs" / "sense.md").read_text("utf-8")
    for key in [*FIGURES, *BEAM, *TEXTS, *TARGETS, *RADARS]:
        assert f"`{key}`" in page, f"docs/sense.md lacks {key}"
