"""A run with ``--to``: real datagrams, a journal in the ledger, and a stranger who accepts it."""

import hashlib
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from steppewatch.custody.ledger import read_statement
from steppewatch.custody.ledger.journal import journal_root
from steppewatch.custody.release.decisions import read
from steppewatch.engine import custody_demo
from steppewatch.engine.custody_ledger import opened
from steppewatch.engine.custody_office import open_office
from steppewatch.engine.custody_release_journal import stored
from steppewatch.engine.custody_sending import Outlook
from steppewatch.wire.asterix.records import records

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "made up for a test"  # noqa: S105
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


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a scenario, the demonstration's ledger with its rules, and the log's key."""
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STEPPEWATCH_KEY_PASSWORD", PASSWORD)
    (tmp_path / "rider.toml").write_text(SCENARIO)
    log = custody_demo.demo_key("log")
    sealed = log.secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSWORD.encode()),
    )
    key = tmp_path / "log.pem"
    key.write_bytes(sealed)
    key.chmod(0o600)
    ledger = str(tmp_path / "border.db")
    custody_demo.begin_demo(ledger, time.time_ns())
    with open_office(ledger, log) as office:
        custody_demo.agreements(office)
    return tmp_path


@pytest.fixture
def partner():
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.bind(("127.0.0.1", 0))
    heard.settimeout(30.0)
    yield heard
    heard.close()


def words(place, partner, *more, org="jp-mod/border-surveillance", rate="max"):
    port = partner.getsockname()[1]
    said = (
        sys.executable, "-m", "steppewatch", "rehearse", place / "rider.toml", "--headless",
        "--rate", rate, "--duration", "30", "--custody", place / "border.db", "--log-key",
        place / "log.pem", "--to", f"tower=asterix:127.0.0.1:{port}@{org}", *more,
    )  # fmt: skip
    return [str(word) for word in said]


def run(said):
    return subprocess.run(
        said, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT
    )  # fmt: skip


def received(partner):
    partner.settimeout(0.2)
    found = []
    try:
        while True:
            found.append(partner.recv(65_535))
    except TimeoutError:
        return found


def journals(place):
    """Give the bodies of the ledger's acts ``journal``."""
    with opened(str(place / "border.db"), make=False) as ledger:
        acts = [read_statement(data).act for _, data in ledger.entries()]
    return [act.body for act in acts if act.kind == "journal"]


def on_disk(place):
    return [list(stored(path)) for path in sorted((place / "border.db.release").rglob("*.journal"))]


def test_a_rehearsal_sends_what_the_ledger_allows_and_a_stranger_accepts_its_journal(
    place, partner
):
    done = run(words(place, partner, "--own", "ground"))
    assert done.returncode == 0, done.stderr
    got = received(partner)
    tracks = [track for data in got for track in records(data)]
    assert tracks
    assert any(abs(track["I062/105"]["LAT"] - 47.01) < 0.01 for track in tracks)
    kept = on_disk(place)
    roots = [body["root"] for body in journals(place)]
    assert [journal_root(one) for one in kept] == roots
    hashes = {one["sha256"] for file in kept for one in map(read, file) if one["what"] == "message"}
    assert {hashlib.sha256(data).digest() for data in got} <= hashes
    assert re.search(rf"tower: {len(got)} messages sent", done.stdout), done.stdout
    told = run([sys.executable, "-m", "steppewatch", "custody", "verify", place / "border.db"])
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize(
    ("more", "org"),
    [((), "jp-mod/border-surveillance"), (("--own", "ground"), "kz-border/border-surveillance"),
     (("--own", "ground"), "nobody/border-surveillance")],
)  # fmt: skip
def test_what_nobody_vouches_for_or_no_rule_opens_stays_here_and_is_recorded(
    place, partner, more, org
):
    done = run(words(place, partner, *more, org=org))
    assert done.returncode == 0, done.stderr
    assert received(partner) == []
    told = [read(one) for file in on_disk(place) for one in file]
    assert told
    assert {one["verdict"] for one in told} == {"withheld"}
    assert sum(body["withheld"] for body in journals(place)) == len(told)


def test_a_killed_run_sent_nothing_unrecorded_and_the_next_one_seals_what_it_left(place, partner):
    said = words(place, partner, "--own", "ground", rate="10")
    process = subprocess.Popen(
        said, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )  # fmt: skip
    try:
        got = [partner.recv(65_535)]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    got += received(partner)
    kept = on_disk(place)
    hashes = {one["sha256"] for file in kept for one in map(read, file) if one["what"] == "message"}
    assert {hashlib.sha256(data).digest() for data in got} <= hashes
    assert len(journals(place)) == len(kept) - 1
    assert run(words(place, partner, "--own", "ground")).returncode == 0
    assert {journal_root(one) for one in on_disk(place)} == {b["root"] for b in journals(place)}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["--to", "tower=asterix:127.0.0.1:1@a/b"], "custody demo"),
        (["--to", "tower=asterix:127.0.0.1:1@a/b", "--custody", "x.db"], "--log-key"),
        (["--to", "tower=asterix:127.0.0.1:99999@a/b"], "names no receiver"),
        (["--to", "tower=udp:127.0.0.1:1@a/b"], "names no receiver"),
        (["--to", "tower=asterix:127.0.0.1:1"], "ORG/PURPOSE"),
        (["--own", "ground"], "--custody"),
    ],
)  # fmt: skip
def test_a_slip_in_the_options_is_told_with_what_to_do(place, said, why):
    done = run([sys.executable, "-m", "steppewatch", "rehearse", place / "rider.toml", *said])
    assert done.returncode == 2
    assert why in " ".join(done.stderr.split())


def test_a_sealed_root_changes_no_situation_but_an_act_does(place):
    ledger = str(place / "border.db")
    with open_office(ledger, custody_demo.demo_key("log")) as office:
        outlook = Outlook(office, {"tower": ("jp-mod", "border-surveillance")}, ["ground"])
        before = outlook.look()
        body = {"from_ns": 0, "until_ns": 10**9, "root": bytes(32), "count": 1, "allowed": 1,
                "withheld": 0}  # fmt: skip
        outlook.seal(body)
        assert outlook.look() is before
        cast = custody_demo.Cast(office)
        cast.act("bat", "site", {"id": "s", "title": "S", "org": "mn-gabp", "nation": "MN"})
        after = outlook.look()
        assert after is not before
        assert after.version == office.register.size


def test_a_rule_that_is_not_in_force_now_opens_nothing_however_old_the_picture_is(place):
    clock = [time.time_ns()]
    with open_office(str(place / "border.db"), clock=lambda: clock[0]) as office:
        outlook = Outlook(office, {"tower": ("jp-mod", "border-surveillance")}, ["ground"])
        first = outlook.look()
        assert not any(each.ended for each in first.known.agreements.values())
        clock[0] = 1_600_000_000 * 10**9  # before the agreements began; the ledger did not change
        later = outlook.look()
        assert all(each.ended for each in later.known.agreements.values())
        assert (later.version, later.turn) == (first.version, first.turn + 1)
