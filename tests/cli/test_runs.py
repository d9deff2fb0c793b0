"""The commands that a user types, started as a user starts them."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = """
[scenario]
title = "One rider"
seed = 3
start = 2026-06-01T04:00:00Z
duration_s = 1200

[[site]]
id = "post"
lat_deg = 47.0
lon_deg = 100.0

[[sensor]]
id = "ground"
site = "post"
model = "ground-surveillance"
mast_m = 30

[[route]]
id = "rider"
kind = "rider"
waypoints = [[47.01, 100.00], [47.01, 100.03]]
repeat = "back-and-forth"
"""
# CAT 048: source 7/9, time 12:00:00 and i seconds, target report, 20 NM, 90° + i·0.1°
PLOT = "30 000E F0 0709 {time:06X} A0 1400 {theta:04X}"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path / "home"))
    return tmp_path


def run(*words, timeout=120):
    return subprocess.run(
        [sys.executable, "-m", "steppewatch", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        cwd=ROOT,
    )


class Running:
    """A node with a picture, started as a process."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "steppewatch", *map(str, words), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )
        self.said = []
        self.address = ""
        for line in self.process.stdout:
            self.said.append(line)
            if re.fullmatch(r"http://127\.0\.0\.1:\d+\n", line):
                self.address = line.strip()
                break
        assert self.address, "".join(self.said)

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def wait_for(self, path, wanted, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                found = self.get(path)
            except OSError:
                found = None
            if found is not None and wanted(found):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{path} never came to that; last: {str(found)[:500]}")

    def stop(self, number=signal.SIGINT):
        os.kill(self.process.pid, number)
        rest, _ = self.process.communicate(timeout=30)
        return "".join(self.said) + rest


def scenario(tmp_path):
    path = tmp_path / "one-rider.toml"
    path.write_text(SCENARIO)
    return path


def test_a_headless_rehearsal_says_what_was_seen_when(home):
    summary = home / "summary.json"
    done = run(
        "rehearse", scenario(home), "--headless", "--rate", "max",
        "--duration", "300", "--json", summary,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(summary.read_text())
    assert report["movers"][0]["target"] == "rider"
    assert report["movers"][0]["first_tracked_s"] is not None
    assert "rider" in done.stdout


def test_the_same_rehearsal_gives_the_same_summary(home):
    reports = []
    for name in ("a.json", "b.json"):
        run(
            "rehearse", scenario(home), "--headless", "--rate", "max",
            "--duration", "120", "--json", home / name,
        )  # fmt: skip
        reports.append((home / name).read_text())
    assert reports[0] == reports[1]


def test_a_picture_is_live_and_ends_cleanly_on_ctrl_c(home):
    node = Running("rehearse", scenario(home), "--rate", "5")
    assert node.wait_for("/healthz", lambda found: found["state"] == "live")
    tracks = node.wait_for("/api/v1/tracks", lambda found: found["features"])
    lon, lat = tracks["features"][0]["geometry"]["coordinates"][:2]
    assert (lat, lon) == (pytest.approx(47.0, abs=0.1), pytest.approx(100.0, abs=0.1))
    said = node.stop()
    assert node.process.returncode == 0, said
    assert "synthetic detail" in said


def test_a_killed_node_goes_on_with_the_same_tracks(home):
    path = scenario(home)
    node = Running("rehearse", path, "--rate", "20")
    tracks = node.wait_for(
        "/api/v1/tracks", lambda found: any(f["properties"]["status"] for f in found["features"])
    )
    before = {f["properties"]["id"] for f in tracks["features"] if f["properties"]["status"]}
    stood = node.get("/healthz")
    node.stop(signal.SIGKILL)
    again = Running("rehearse", path, "--rate", "20")
    assert "going on after tick" in "".join(again.said)
    after = again.wait_for("/healthz", lambda found: found["state"] == "live")
    assert after["stored"] >= stood["stored"]
    assert after["now_ns"] >= stood["now_ns"]
    tracks = again.get("/api/v1/tracks")
    assert before <= {f["properties"]["id"] for f in tracks["features"]}
    again.stop()


def test_a_killed_rehearsal_still_reports_the_whole_run(home):
    path, store = scenario(home), home / "run.db"
    words = ("rehearse", path, "--headless", "--duration", "150", "--json", home / "whole.json")
    run(*words, "--rate", "max")
    words = (*words[:-1], home / "broken.json", "--store", store)
    first = subprocess.Popen(
        [sys.executable, "-m", "steppewatch", *map(str, words), "--rate", "20"],
        stdout=subprocess.DEVNULL, cwd=ROOT,
    )  # fmt: skip
    while first.poll() is None and ticks_in(store) < 700:
        time.sleep(0.1)
    first.kill()
    first.wait()
    assert ticks_in(store) < 1500, "killed in the middle"
    again = run(*words, "--rate", "max")
    assert "going on after tick" in again.stdout
    assert (home / "broken.json").read_text() == (home / "whole.json").read_text()


def ticks_in(store):
    """Read how far a run got that another process holds."""
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
            return database.execute("SELECT tick FROM head").fetchone()[0]
    except (sqlite3.Error, TypeError):
        return 0


def test_a_killed_rehearsal_begins_anew_when_told_to(home):
    path, store = scenario(home), home / "run.db"
    words = ("rehearse", path, "--headless", "--rate", "max", "--duration", "5", "--store", store)
    run(*words)
    with sqlite3.connect(store) as database:
        database.execute("UPDATE run SET ended = 0")
        database.execute("UPDATE head SET states = x'81a15fa3782f39'")
    stuck = run(*words)  # a state that another version wrote: {"_": "x/9"}
    assert stuck.returncode == 1
    assert "--fresh" in stuck.stderr
    fresh = run(*words, "--fresh")
    assert fresh.returncode == 0, fresh.stderr
    assert "kept as run.db.old" in fresh.stdout


def test_the_day_of_a_recording_is_a_day_in_utc(home, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Ulaanbaatar")
    recording, store = home / "one.ast", home / "run.db"
    recording.write_bytes(bytes.fromhex(PLOT.format(time=3600 * 128, theta=0)))
    run(
        "replay", recording, "--date", "2026-06-02", "--headless", "--rate", "max",
        "--store", store, "--at", "47.9,106.9",
    )  # fmt: skip
    with sqlite3.connect(store) as database:
        (first,) = database.execute("SELECT MIN(now_ns) FROM message").fetchone()
    assert first == 1_780_362_000 * 10**9, "2026-06-02T01:00:00Z"


def test_a_cleanly_ended_rehearsal_begins_anew(home):
    path = scenario(home)
    Running("rehearse", path).stop()
    again = Running("rehearse", path)
    said = again.stop()
    assert "new run" in said
    assert "going on" not in said


def test_a_real_recording_becomes_tracks(real_data):
    recording = real_data("asterix/barcelona-radar-cat048-20min.ast")
    node = Running("replay", recording, "--rate", "60", "--at", "41.3007,2.1021,50")
    confirmed = node.wait_for(
        "/api/v1/tracks",
        lambda found: sum(f["properties"]["status"] > 0 for f in found["features"]) > 30,
    )
    places = [f["geometry"]["coordinates"] for f in confirmed["features"]]
    assert all(abs(lat - 41.3) < 2.5 and abs(lon - 2.1) < 3.0 for lon, lat, *_ in places)
    addresses = [f["properties"]["mode_s"] for f in confirmed["features"]]
    assert sum(address > 0 for address in addresses) > 20
    assert node.get("/api/v1/info")["mode"] == "replay"
    node.stop()


def test_real_system_tracks_are_shown_beside_ours(real_data):
    recording = real_data("asterix/croatia-control/cat_062_065.pcap")
    node = Running("replay", recording)
    tracks = node.wait_for("/api/v1/tracks", lambda found: len(found["features"]) == 2)
    assert {f["properties"]["feed"] for f in tracks["features"]} == {1}
    node.stop()


def test_live_udp_becomes_tracks_and_damaged_packets_are_counted():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    node = Running("listen", "--asterix", f"udp://127.0.0.1:{port}", "--at", "47.9,106.9,1300")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        midnight = time.time() // 86_400 * 86_400
        for number in range(60):
            ticks = int((time.time() - midnight) * 128)
            plot = bytes.fromhex(PLOT.format(time=ticks, theta=0x4000 + 9 * number))
            sender.sendto(plot, ("127.0.0.1", port))
            sender.sendto(plot[:9] + b"\xff" * 3, ("127.0.0.1", port))
            sender.sendto(b"not asterix at all", ("127.0.0.1", port))
            time.sleep(0.1)
    sites = node.wait_for("/api/v1/sites", lambda found: found["sensors"])
    assert sites["sensors"][0]["address"] == "asterix:7/9"
    assert node.wait_for(
        "/api/v1/sites", lambda found: sum(s["errors"] for s in found["status"]) > 0
    )
    assert node.get("/healthz")["state"] == "live"
    assert node.wait_for("/api/v1/tracks", lambda found: found["features"])
    node.stop()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rehearse", "nowhere.toml"], r"cannot read nowhere\.toml"),
        (["replay", "nowhere.ast"], r"cannot read nowhere\.ast"),
        (["replay", str(ROOT / "README.md")], r"holds no ASTERIX data block"),
        (["listen", "--asterix", "udp://radar:1"], r"expected udp://ADDRESS:PORT"),
        (["listen", "--asterix", "udp://192.0.2.7:8600"], r"cannot listen on"),
        (["rehearse", "x.toml", "--rate", "fast"], r"neither a number nor 'max'"),
        (["replay", "x.ast", "--at", "106,47"], r"latitude comes first"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words, message):
    done = run(*words)
    assert done.returncode != 0
    assert re.search(message, done.stderr), done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_scenario_key_names_file_line_key_and_what_is_expected(home):
    path = home / "slip.toml"
    path.write_text(SCENARIO.replace("mast_m", "mast_ft"))
    done = run("rehearse", path, "--headless")
    assert re.search(r"slip\.toml:17: sensor\[1\]\.mast_ft is not a known key", done.stderr)


def test_a_port_in_use_says_how_to_choose_another(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("rehearse", scenario(home), "--port", port)
    assert done.returncode == 1
    assert re.search(rf"port {port} .* in use.*--port", done.stderr)
    assert not list((home / "home").rglob("*.db*")), "no run was begun, none may be set aside"


def test_the_doctor_finds_this_machine_well():
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    assert "all is well" in done.stdout
    assert "synthetic" in done.stdout


def test_a_recording_that_holds_nothing_to_show_says_so(real_data):
    done = run(
        "replay", real_data("asterix/croatia-control/asterix.pcap"), "--headless", "--rate", "max"
    )
    assert "nothing of it could be shown" in done.stdout
    assert "source configuration" in done.stdout


def test_the_map_opens_on_the_system_tracks_of_a_recording_without_radars(real_data):
    node = Running("replay", real_data("asterix/croatia-control/cat_062_065.pcap"))
    node.wait_for("/api/v1/tracks", lambda found: len(found["features"]) == 2)
    west, south, east, north = node.get("/api/v1/info")["home"]
    for feature in node.get("/api/v1/tracks")["features"]:
        lon, lat = feature["geometry"]["coordinates"][:2]
        assert west < lon < east
        assert south < lat < north
    node.stop()
