"""The store keeps what was committed, refuses what is not its own, and says when it is full."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys

import pytest
from counting_node import ORIGIN, alert_of, close, node, texts

from steppewatch.engine.bus import Bus
from steppewatch.engine.clock import NS
from steppewatch.engine.node import NodeState
from steppewatch.engine.recorder import Recorder
from steppewatch.engine.store import Head, Store
from steppewatch.errors import EngineError, StoreFullError
from steppewatch.records import Acknowledge, Alert


def test_a_full_disk_stops_storing_loudly_and_the_picture_goes_on(tmp_path):
    """SQLite itself refuses (SQLITE_FULL) once its page limit is reached, as on a full disk."""
    path, bus, heard, states = tmp_path / "run.db", Bus(), [], list[NodeState]()
    bus.subscribe(lambda messages, _: heard.extend(messages), Alert)
    running = node(path, 1000, bus, rate=500.0, on_state=states.append)
    database, recorder = running._store._db, running._recorder
    database.execute("PRAGMA max_page_count = 40")
    clock = iter(range(10**6))
    recorder._monotonic = lambda: float(next(clock))

    def make_room(_messages, _now_ns):
        if len(heard) > 700:
            database.execute("PRAGMA max_page_count = 100000")

    bus.subscribe(make_room, Alert)
    running.run()
    gaps = running._store.gaps()
    close(running)
    assert len(heard) == 1000, "the picture must not stop"
    assert any("NOT RECORDING" in state.warning for state in states)
    assert states[-1].recording, "storing resumes when there is room"
    assert gaps, "the gap is on record"
    stored = texts(path)
    assert stored[-1] == str(float(1000 * 1001 // 2))
    assert 2 * (1000 - len(stored)) == sum(count for _, _, count in gaps)


def test_an_order_is_refused_while_the_disk_is_full(tmp_path):
    running = node(tmp_path / "run.db", 400, rate=500.0)
    running._store._db.execute("PRAGMA max_page_count = 30")
    orders = []

    def ask(_messages, _now_ns):
        if not running._recorder.recording and not orders:
            orders.append(running.order(Acknowledge(alert="a", by="B", time_ns=1, origin=ORIGIN)))

    running._bus.subscribe(ask)
    running.run()
    close(running)
    with pytest.raises(StoreFullError, match="no room"):
        orders[0].result(timeout=0)


def test_a_second_node_on_the_same_store_is_refused(tmp_path):
    first = Store(tmp_path / "run.db", "test")
    with pytest.raises(EngineError, match="in use by another running node"):
        Store(tmp_path / "run.db", "test")
    first.close()
    Store(tmp_path / "run.db", "test").close()


def test_a_store_of_another_source_is_refused(tmp_path):
    Store(tmp_path / "run.db", "one").close()
    with pytest.raises(EngineError, match="holds a run of 'one'"):
        Store(tmp_path / "run.db", "two")


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "run.db").write_bytes(b"hello" * 1000)
    with pytest.raises(EngineError, match="not a Steppewatch store"):
        Store(tmp_path / "run.db", "test")


def test_uncommitted_messages_are_not_there_after_reopening(tmp_path):
    store = Store(tmp_path / "run.db", "test")
    head = Head(tick=1, now_ns=1, cursor=0, states={})
    store.append(head, [alert_of("lost", 1)], [])
    store.close()
    assert texts(tmp_path / "run.db") == []


def test_a_gap_begins_with_the_first_tick_that_is_not_kept(tmp_path):
    store = Store(tmp_path / "run.db", "test")
    wall = iter(range(0, 1000, 10))
    recorder = Recorder(store, lambda: float(next(wall)))
    heads = [Head(tick=k, now_ns=k * NS, cursor=0, states={}) for k in range(1, 5)]
    recorder.add(heads[0], [alert_of("lost", 1)], [])
    recorder.add(heads[1], [alert_of("lost too", 2)], [])
    store._db.execute("PRAGMA query_only = 1")
    assert not recorder.commit(heads[1], {})
    assert recorder.warning.endswith("2 messages lost")
    store._db.execute("PRAGMA query_only = 0")
    recorder.add(heads[2], [alert_of("lost as well", 3)], [])
    assert recorder.commit(heads[2], {})
    assert store.gaps() == [(NS, 3 * NS, 3)]
    store.close()


def test_a_fresh_run_keeps_the_last_one_without_a_stale_journal(tmp_path):
    """A journal left by a kill, paired with a later file, would be played into it."""
    path = tmp_path / "run.db"
    Store(path, "test").close()
    (tmp_path / "run.db.old-wal").write_bytes(b"of an earlier run")
    running = Store(path, "test", fresh=True)
    assert running.head() is None
    running.close()
    assert (tmp_path / "run.db.old").exists()
    assert not (tmp_path / "run.db.old-wal").exists()


def test_a_store_that_this_version_cannot_read_yields_to_a_fresh_run(tmp_path):
    path = tmp_path / "run.db"
    Store(path, "test").close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE run SET schema = 0")
    with pytest.raises(EngineError, match=r"schema 0.*give another --store"):
        Store(path, "test")
    Store(path, "test", fresh=True).close()
    Store(path, "test").close()


@pytest.mark.parametrize("fresh", [False, True])
def test_what_is_not_this_runs_store_is_never_set_aside(tmp_path, fresh):
    Store(tmp_path / "other.db", "other").close()
    (tmp_path / "letter.txt").write_bytes(b"Dear all, " * 1000)
    for name in ("other.db", "letter.txt"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(EngineError, match="give another --store"):
            Store(tmp_path / name, "test", fresh=fresh)
        assert (tmp_path / name).read_bytes() == before


def test_a_store_where_nothing_can_be_written_says_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="give another --store"):
        Store(tmp_path / "file" / "run.db", "test")
    (tmp_path / "folder").mkdir()
    with pytest.raises(EngineError, match="cannot write"):
        Store(tmp_path / "folder", "test")


@pytest.fixture
def small_disk(tmp_path):
    """Give a real file system of 16 MB; making one takes an administrator's rights."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform != "linux" or not shutil.which("mount"):
        pytest.skip("a small file system can be mounted on Linux alone")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"this machine refuses to mount a small file system: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_really_full_disk_stops_storing_until_there_is_room(small_disk, monkeypatch):
    monkeypatch.setattr("steppewatch.engine.recorder.RETRY_SECONDS", 0.02)
    path, bus, heard, states = small_disk / "run.db", Bus(), [], list[NodeState]()
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(12_000_000))
    bus.subscribe(lambda messages, _: heard.extend(messages), Alert)
    running = node(path, 3000, bus, rate=1500.0, on_state=states.append)

    def make_room(_messages, now_ns):
        if not running._recorder.recording and now_ns > 2500 * NS:
            ballast.unlink(missing_ok=True)

    bus.subscribe(make_room)
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    running.run()
    gaps = running._store.gaps()
    close(running)
    assert len(heard) == 3000, "the picture must not stop"
    assert any("NOT RECORDING: no room on the disk" in state.warning for state in states)
    assert states[-1].recording, "storing resumes when there is room"
    assert gaps
    filler.unlink()
    assert texts(path)[-1] == str(float(3000 * 3001 // 2))


def test_a_disk_that_is_full_from_the_start_is_refused_in_words(small_disk):
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    with pytest.raises(StoreFullError, match=r"no room on the disk for .*free some space"):
        Store(small_disk / "run.db", "test")
