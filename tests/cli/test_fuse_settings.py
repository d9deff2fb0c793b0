"""One settings file for files and for live runs."""

import dataclasses
import re

import pytest
from fuse_traffic import call

from steppewatch.errors import EngineError, FuseError
from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.settings_text import meanings, read_settings

SCENARIO = """
[scenario]
title = "One rider"
seed = 1
start = 2026-06-01T04:00:00Z
duration_s = 60

[[site]]
id = "hill"
lat_deg = 48.90
lon_deg = 89.20

[[sensor]]
id = "near"
site = "hill"
model = "ground-surveillance"

[[route]]
id = "rider"
kind = "rider"
waypoints = [[48.91, 89.21], [48.93, 89.23]]
"""


@pytest.fixture
def rehearse(tmp_path):
    path = tmp_path / "rider.toml"
    path.write_text(SCENARIO)

    def once(*words):
        return call(path, "--headless", "--rate", "max", "--duration", 10, *words, room="rehearse")

    return once


def test_a_live_run_takes_a_settings_file_and_says_what_differs(rehearse, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("[tracker]\nagile = 50\nmode = 'accurate'\n")
    assert "tracker   agile 50.0, mode accurate" in rehearse("--tracker", mine)
    assert "tracker   " not in rehearse()


def test_a_stored_run_does_not_go_on_with_other_settings(rehearse, tmp_path):
    mine, store = tmp_path / "mine.toml", tmp_path / "run.db"
    mine.write_text("[tracker]\nagile = 50\n")
    rehearse("--store", store)
    rehearse("--store", store)
    with pytest.raises(EngineError):
        rehearse("--store", store, "--tracker", mine)


def test_a_wrong_setting_stops_a_live_run_before_it_begins(rehearse, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("[tracker]\nagil = 50\n")
    with pytest.raises(FuseError, match=r"mine\.toml:2.*did you mean 'agile'"):
        rehearse("--tracker", mine)
    with pytest.raises(EngineError, match="expected tracker settings"):
        rehearse("--tracker", tmp_path / "none.toml")


def test_all_settings_are_printed_with_their_meanings_and_read_again(tmp_path):
    text = call("settings", "--set", "mode=accurate,confirm_hits=4")
    assert "# Probability that a target's own plot passes its gate." in text
    fields = [field.name for field in dataclasses.fields(TrackerSettings)]
    assert re.findall(r"^(\w+) = ", text, re.MULTILINE) == fields
    assert set(meanings()) == set(fields)
    out = tmp_path / "mine.toml"
    assert f"wrote {out}" in call("settings", "--set", "mode=accurate,confirm_hits=4", "--out", out)
    assert out.read_text() == text
    again = read_settings(text, "mine.toml")
    assert again == TrackerSettings(mode="accurate", confirm_hits=4)
