import json

import pytest
from click.testing import CliRunner

from steppewatch.cli import steppewatch

PLACES = ["--at", "106.444,49.945", "--target-at"]


def call(*words):
    return CliRunner().invoke(steppewatch, ["sense", "explain", *map(str, words)])


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEPPEWATCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def test_the_lines_marked_with_a_plus_add_up_as_a_pocket_calculator_does():
    done = call("--sensor", "gap-filler", "--target", "light-aircraft", *PLACES,
                "106.55,49.95,300")  # fmt: skip
    assert done.exit_code == 0, done.output
    added, total = 0.0, None
    for line in done.output.splitlines():
        if line.startswith("+ "):
            added += float(line[29:].split()[0])
        if "signal to noise, one power" in line:
            total = float(line[29:].split()[0])
    assert total == pytest.approx(added, abs=2e-3)  # printed with four decimals
    assert "SYNTHETIC TERRAIN" in done.output


def test_json_holds_everything_and_no_nan():
    done = call("--sensor", "ground-surveillance", "--target", "walker", *PLACES,
                "106.47,49.95", "--json", "--season", "winter")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "NaN" not in done.stdout
    said = json.loads(done.stdout)
    assert said["height_above_ground_m"] == 1.25
    assert said["lines"][0]["name"] == "transmit power"
    assert said["synthetic"] is True


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("49.95,106.55", "did you mean 106.55,49.95?"),
        ("106.55,49.95,high", "no height above ground"),
        ("106.55", "not LON,LAT"),
    ],
)
def test_a_target_that_stands_nowhere_is_refused_with_a_hint(place, said):
    done = call("--sensor", "gap-filler", "--target", "walker", *PLACES, place)
    assert done.exit_code == 2
    assert said in done.output


def test_sources_are_told_when_asked():
    words = ("--sensor", "gap-filler", "--target", "walker", *PLACES, "106.5,49.95")
    assert "Blake" not in call(*words).output
    assert "Blake, NRL Report 6930" in call(*words, "--sources").output


def test_a_walker_who_crosses_the_line_of_sight_disappears_and_the_radar_says_so():
    """Target 2.6 km away at an azimuth of 78°: 168° is across, 78° straight out at 1.3 m/s."""
    words = ("--sensor", "ground-surveillance", "--target", "walker", *PLACES, "106.48,49.95")
    across = json.loads(call(*words, "--heading-deg", 168, "--json").stdout)
    along = json.loads(call(*words, "--heading-deg", 78, "--json").stdout)
    assert any("lies in the Doppler notch" in said for said in across["sentences"])
    assert any("range rate +1.30 m/s: clear" in said for said in along["sentences"])
    for said, gone in ((across, True), (along, False)):
        lines = {line["name"]: line["value"] for line in said["lines"]}
        assert (lines["Doppler filter"] < -20.0) is gone
    assert across["pd_on_maps"] == along["pd_on_maps"] > 0.5  # maps take the mean over headings
    assert "moving so 0.000" in across["verdict"]


def test_range_rate_and_heading_are_not_both_taken():
    done = call("--sensor", "gap-filler", "--target", "walker", *PLACES, "106.5,49.95",
                "--heading-deg", 0, "--range-rate", 1)  # fmt: skip
    assert done.exit_code == 2
    assert "give one" in done.output
