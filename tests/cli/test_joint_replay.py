"""A partner's system tracks and ours, replayed: joined where a person names the partner."""

import shlex
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from joint_feed import HEIGHT, NOON, RADAR, flight, recording

from steppewatch.cli.run import replay
from steppewatch.records import TrackBatch, TrackStatus, decode, founder, tracker_code
from steppewatch.world.geodesy import ecef_from_geodetic

DATE = "2026-06-01"
MIDNIGHT = 1_780_272_000


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    return recording(tmp_path_factory.mktemp("feed") / "joint.ast")


def play(feed, folder, monkeypatch, *more):
    monkeypatch.setenv("STEPPEWATCH_HOME", str(folder / "home"))
    place = ",".join(map(str, RADAR))
    words = [str(feed), "--headless", "--rate", "max", "--date", DATE, "--at", place]
    words += ["--store", str(folder / "run.db"), *more]
    done = CliRunner().invoke(replay, words)
    return done, folder / "run.db"


def batches(path, feed):
    """Give the track batches of one feed from a run's store, in order."""
    with sqlite3.connect(path) as store:
        rows = store.execute("SELECT data FROM message WHERE subject LIKE ? ORDER BY rowid",
                             (f"tracks.{feed}%",)).fetchall()  # fmt: skip
    return [m for m in (decode(row[0]) for row in rows) if isinstance(m, TrackBatch)]


def test_a_named_partner_is_joined_into_one_picture(feed, tmp_path, monkeypatch):
    done, path = play(feed, tmp_path, monkeypatch, "--node", "post", "--partner",
                      "tower=asterix:25/100")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "joined    our tracks (post) with those of tower" in done.output
    assert "joined into 2 tracks, 1 of them held by several trackers" in done.output
    said = batches(path, "joint")
    assert {batch.trackers for batch in said} == {("post", "tower")}
    lives = {}
    for batch in said:
        for k, number in enumerate(batch.id.tolist()):
            second = batch.time_ns[k] / 1e9 - MIDNIGHT - NOON
            row = second, batch.held_by[k].tolist(), int(batch.status[k]), batch.mean[k, :3]
            lives.setdefault(number, []).append(row)
    # The partner had both first.
    tower = tracker_code("tower")
    assert sorted(founder(number) for number in lives) == [(tower, 1), (tower, 2)]
    shared, theirs = sorted(lives.values(), key=len, reverse=True)
    for second, held, status, mean in shared:
        if 60 < second < 118:
            assert held == [True, True]
        if second > 150:  # the partner is silent: ours goes on, alone
            assert (held, status) != ([True, True], TrackStatus.ENDED)
            assert held == [True, False]
        lat, lon = np.radians(flight(second, 40e3))
        if second > 60:
            assert np.linalg.norm(mean - ecef_from_geodetic(lat, lon, HEIGHT)) < 400.0
    assert shared[-1][0] > 190
    assert all(held == [False, True] for _, held, _, _ in theirs)
    assert theirs[-1][2] == TrackStatus.ENDED


def test_nobody_is_joined_unless_a_person_says_so(feed, tmp_path, monkeypatch):
    done, path = play(feed, tmp_path, monkeypatch)
    assert done.exit_code == 0, done.output
    assert "joined into" not in done.output
    assert "2 system tracks in the feed" in done.output
    assert batches(path, "joint") == []
    assert batches(path, "asterix")


def test_another_partners_tracks_are_not_joined(feed, tmp_path, monkeypatch):
    done, path = play(feed, tmp_path, monkeypatch, "--partner", "sea=asterix:25/101")
    assert done.exit_code == 0, done.output
    assert {tuple(b.held_by[0].tolist()) for b in batches(path, "joint")} == {(True, False)}


@pytest.mark.parametrize("words", ["tower", "tower=25/100", "=asterix:1/2", "a=asterix:25/300"])
def test_what_names_no_partner_is_refused(feed, tmp_path, monkeypatch, words):
    done, _ = play(feed, tmp_path, monkeypatch, "--partner", words)
    assert done.exit_code == 2
    assert "NAME=asterix:SAC/SIC" in done.output


def test_the_pages_example_works_as_it_stands(feed, tmp_path, monkeypatch):
    page = Path(__file__).resolve().parents[2] / "docs" / "multisensor.md"
    typed = next(line for line in page.read_text().splitlines() if "steppewatch replay" in line)
    words = shlex.split(typed.removeprefix("$ "))[2:]
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path / "home"))
    (tmp_path / words[0]).write_bytes(feed.read_bytes())
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(replay, [*words, "--headless", "--rate", "max"])
    assert done.exit_code == 0, done.output
    assert "joined into 2 tracks" in done.output


def test_a_real_feed_of_system_tracks_is_joined(tmp_path, monkeypatch):
    data = Path(__file__).resolve().parents[3] / "shared" / "data" / "asterix"
    real = data / "croatia-control" / "cat_062_065.pcap"
    if not real.exists():
        pytest.skip(f"no recording at {real}")
    done, path = play(real, tmp_path, monkeypatch, "--partner", "tower=asterix:25/100")
    assert "joined into 2 tracks, 0 of them held by several trackers" in done.output
    (said,) = (b for b in batches(path, "joint") if b.status[0] != TrackStatus.ENDED)
    assert sorted(said.callsign.tolist()) == [b"ISS2007", b"RYR174C"]
    assert said.held_by.tolist() == [[False, True]] * 2
