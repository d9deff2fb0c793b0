"""`steppewatch fuse tune`: what it finds is better, is written down, and can be used."""

import json

import numpy as np
import pytest
from fuse_traffic import call, refused, traffic

from steppewatch.errors import EngineError

BAD = "quiet=25,agile=100,quiet_speed=0.004"


@pytest.fixture
def files(tmp_path):
    paths = []
    for seed in (1, 2, 3, 4):
        paths.append(tmp_path / f"day{seed}.npz")
        np.savez(paths[-1], **traffic(seed=seed, scans=30, false=3))
    return paths


@pytest.mark.parametrize("truth", [(), ("--truth", "same")], ids=["evidence", "gospa"])
def test_straight_flights_are_tuned_to_straighter_motion(files, tmp_path, truth):
    out = tmp_path / "mine.toml"
    said = json.loads(
        call(
            "tune", *files, *truth, "--over", "quiet,quiet_speed", "--set", BAD, "--tries", 14,
            "--out", out, "--json",
        )
    )  # fmt: skip
    assert said["goal"] == ("gospa" if truth else "evidence")
    assert said["cost_tuned"] < said["cost_before"]
    assert said["tuned"]["quiet"] < said["before"]["quiet"] == 25.0
    assert said["divided"] == "2 inputs searched on, 2 held out"
    assert said["report"]["inputs"] == ["day3.npz", "day4.npz"]
    assert said["verdict"].startswith("better on what was held out")
    used = json.loads(call("run", files[0], "--settings", out, "--json"))["settings"]
    assert used["quiet"] == said["tuned"]["quiet"]
    assert used["agile"] == 100.0


def test_what_is_held_out_does_not_change_what_is_found(files, tmp_path):
    other = tmp_path / "other.npz"
    np.savez(other, **traffic(seed=77, scans=30, false=20))
    found = [
        json.loads(call("tune", files[0], last, "--over", "quiet", "--tries", 6, "--json"))
        for last in (files[1], other)
    ]
    assert found[0]["tuned"] == found[1]["tuned"]
    assert found[0]["report"] != found[1]["report"]


def test_one_file_is_divided_in_time(tmp_path):
    path = tmp_path / "long.npz"
    np.savez(path, **traffic(scans=60))
    said = call("tune", path, "--truth", "same", "--over", "agile", "--tries", 4)
    assert "first 180 s, rest held out" in said
    assert "long.npz (rest)" in said


def test_what_cannot_be_tuned_is_refused(files):
    assert "GOSPA needs --truth" in refused("tune", files[0], "--goal", "gospa")
    with pytest.raises(EngineError, match="mode cannot be tuned"):
        call("tune", files[0], "--over", "mode")
    with pytest.raises(EngineError, match="did you mean 'quiet'"):
        call("tune", files[0], "--over", "quite")
