import json

import pytest
from click.testing import CliRunner

from steppewatch.cli import steppewatch
from steppewatch.errors import SteppewatchError


def call(*words):
    done = CliRunner().invoke(steppewatch, ["sense", "compare", *map(str, words)])
    if isinstance(done.exception, SteppewatchError):
        raise done.exception
    return done


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEPPEWATCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def test_two_radars_are_told_apart_by_figures_and_ranges():
    done = call("gap-filler", "long-range-3d", "--classes", "light-aircraft,walker", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert {"frequency", "max_range", "beams"} <= {row["figure"] for row in said["differences"]}
    light, walker = said["ranges"]
    assert light["other_km_at_0.5"] > light["one_km_at_0.5"] > light["one_km_at_0.8"]
    assert light["one_km_at_0.8"] > light["one_km_at_0.9"] > 0.0
    assert walker["one_km_at_0.5"] > walker["other_km_at_0.5"]
    assert "covered" not in said


def test_on_the_ground_it_says_who_covers_what_and_on_what_that_rests():
    done = call("gap-filler", "ground-surveillance", "--at", "106.3,50.2", "--range-km", "12",
                "--cell-m", "150", "--classes", "helicopter", "--heights", "100")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "only one" in done.output
    assert "SYNTHETIC DETAIL" in done.output
    assert "warning: SYNTHETIC TERRAIN" in done.output


def test_a_range_beyond_both_radars_is_refused_with_the_limit():
    with pytest.raises(SteppewatchError, match="up to 120 km"):
        call("gap-filler", "gap-filler", "--at", "106.3,50.2", "--range-km", "500")
    with pytest.raises(SteppewatchError, match="expected names with commas"):
        call("gap-filler", "gap-filler", "--classes", " ")
