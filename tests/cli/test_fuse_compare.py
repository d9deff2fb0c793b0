"""`steppewatch fuse compare`: configurations over the same files, as a user calls it."""

import json

import numpy as np
import pytest
from fuse_traffic import call, refused, traffic

from steppewatch.errors import EngineError, FuseError
from steppewatch.fuse import TrackerSettings


@pytest.fixture
def files(tmp_path):
    paths = []
    for seed in (1, 2, 3):
        paths.append(tmp_path / f"day{seed}.npz")
        np.savez(paths[-1], **traffic(seed=seed, scans=24))
    return paths


def test_a_table_and_paired_differences_are_printed(files):
    said = call("compare", *files, "--truth", "same", "--set", "agile=1,quiet=0.001")
    head, *lines = said.splitlines()
    assert head == "3 inputs: day1.npz, day2.npz, day3.npz"
    table = "\n".join(lines)
    assert "GOSPA m" in table
    assert "agile=1,quiet=0.001 less defaults" in table
    assert "±" in table


def test_figures_are_those_of_single_runs(files):
    said = json.loads(
        call("compare", *files, "--truth", "same", "--set", "confirm_hits=5", "--json")
    )
    assert said["inputs"] == ["day1.npz", "day2.npz", "day3.npz"]
    late = said["settings"][1]
    for path, row in zip(files, late["inputs"], strict=True):
        one = json.loads(call("run", path, "--truth", "same", "--set", "confirm_hits=5", "--json"))
        assert row["GOSPA"] == one["scores"]["gospa"]
        assert row["complete"] == one["scores"]["completeness"]
        assert row["ANIS"] == pytest.approx(one["innovations"]["nis"], abs=1e-4)
    assert late["difference"]["latency"]["mean"] >= 5.0


def test_a_setting_against_itself_differs_by_nothing(files, tmp_path):
    (tmp_path / "same.toml").write_text(f"[tracker]\nquiet = {TrackerSettings().quiet}\n")
    said = json.loads(
        call("compare", *files, "--truth", "same", "--config", tmp_path / "same.toml", "--json")
    )
    for name, off in said["settings"][1]["difference"].items():
        if name != "CPU":
            assert off == {"mean": 0.0, "standard_error": 0.0}, name


def test_without_truth_innovations_are_compared(files):
    said = json.loads(call("compare", *files, "--set", "quiet=1000,agile=1000", "--json"))
    assert "GOSPA" not in said["settings"][0]["mean"]
    assert said["settings"][1]["difference"]["evidence"]["mean"] < 0.0
    assert said["settings"][1]["difference"]["ANIS"]["mean"] < 0.0


def test_what_cannot_be_compared_is_refused(files):
    assert "nothing to compare" in refused("compare", files[0])
    assert "2 --truth for 1 inputs" in refused(
        "compare", files[0], "--truth", files[0], "--truth", files[1], "--set", "gate=0.99"
    )
    with pytest.raises(FuseError, match="gate is 4"):
        call("compare", files[0], "--set", "gate=4")
    with pytest.raises(EngineError, match="cannot read"):
        call("compare", files[0].with_name("none.npz"), "--set", "gate=0.99")
