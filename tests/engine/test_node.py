"""The node keeps what it says, and comes back from a kill as if nothing had happened."""

import contextlib
import dataclasses
import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from steppewatch.engine.bus import Bus
from steppewatch.engine.chain import Chain
from steppewatch.engine.clock import NS, Clock
from steppewatch.engine.node import Node, NodeState
from steppewatch.engine.recorder import Recorder
from steppewatch.engine.recording import RecordingSource
from steppewatch.engine.source import SteppedSource
from steppewatch.engine.store import Head, Store
from steppewatch.errors import EngineError, StoreFullError
from steppewatch.records import Acknowledge, Alert, DetectionBatch, Origin, Packet, Severity, Stage
from steppewatch.records import detection_batch as make

ORIGIN = Origin(sensor="s", feed="test")


def plots(state, _messages, now_ns):
    """Say one detection a tick, whose range is the tick's number."""
    number = state["n"] + 1
    batch = make("s", ORIGIN, np.array([now_ns]), np.array([float(number)]), np.zeros(1))
    return {"n": number}, (batch,)


def counting(state, messages, now_ns):
    """Add up the ranges of all detections ever heard, and say so as an alert."""
    total = state["total"]
    said = []
    for message in messages:
        if isinstance(message, DetectionBatch):
            total += float(message.slant_range.sum())
            said.append(_alert(str(total), now_ns))
        if isinstance(message, Acknowledge):
            said.append(_alert(f"taken by {message.by}", now_ns))
    return {"total": total}, said


def _alert(text, now_ns):
    return Alert(
        id=text, time_ns=now_ns, rule="sum", severity=Severity.NOTICE, text=text, origin=ORIGIN
    )


def chain():
    edge = Stage(name="plots", hears=(), says=(DetectionBatch,), initial={"n": 0}, step=plots)
    core = Stage(
        name="count",
        hears=(DetectionBatch, Acknowledge),
        says=(Alert,),
        initial={"total": 0.0},
        step=counting,
    )
    return Chain([edge], [core])


def node(path: Path, ticks: int, bus: Bus | None = None, rate: float | None = None, **more) -> Node:
    source = SteppedSource(NS, ticks * NS, NS)
    store = Store(path, "test")
    return Node(
        source=source, chain=chain(), store=store, bus=bus or Bus(), clock=Clock(rate), **more
    )


def texts(path: Path) -> list[str]:
    store = Store(path, "test")
    try:
        return [alert.text for alert in store.read("alerts")]
    finally:
        store.close()


def close(running: Node) -> None:
    running._store.close()


def test_every_message_is_stored_in_order(tmp_path):
    running = node(tmp_path / "run.db", 10)
    running.run()
    close(running)
    assert texts(tmp_path / "run.db") == [str(float(n * (n + 1) // 2)) for n in range(1, 11)]


def test_a_listener_hears_only_what_is_stored(tmp_path):
    path, bus, heard = tmp_path / "run.db", Bus(), []

    def listen(messages, _now_ns):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as other:
            stored = other.execute(
                "SELECT COUNT(*) FROM message WHERE subject LIKE 'alerts%'"
            ).fetchone()
        heard.extend(messages)
        assert stored[0] >= len(heard)

    bus.subscribe(listen, Alert)
    running = node(path, 30, bus)
    running.run()
    close(running)
    assert len(heard) == 30


def test_a_stopped_run_goes_on_where_it_stood(tmp_path):
    for ticks in (3, 7, 20):
        running = node(tmp_path / "run.db", ticks)
        running.run()
        close(running)
    assert texts(tmp_path / "run.db") == [str(float(n * (n + 1) // 2)) for n in range(1, 21)]


def test_a_run_longer_than_a_snapshot_interval_recovers_from_snapshot_and_log(tmp_path):
    for ticks in (450, 900):
        running = node(tmp_path / "run.db", ticks)
        running.run()
        close(running)
    assert texts(tmp_path / "run.db")[-1] == str(float(900 * 901 // 2))


def test_a_killed_run_loses_nothing_that_was_published(tmp_path):
    """SIGKILL a node again and again; what its listeners printed is in the store, once."""
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from test_node import Alert, Bus, node
        bus = Bus()
        bus.subscribe(lambda messages, _: [print(a.text, flush=True) for a in messages], Alert)
        node(Path(sys.argv[1]), 2000, bus, rate=200.0).run()
        """
    )
    path, published, generator = tmp_path / "run.db", [], np.random.default_rng(5)
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(path), str(Path(__file__).parent)],
            stdout=subprocess.PIPE,
            text=True,
        )
        first = process.stdout.readline()
        time.sleep(float(generator.uniform(0.2, 0.8)))
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read()
        process.wait()
        published += [line for line in (first + rest).split("\n") if line]
    stored = texts(path)
    assert len(published) > 50
    assert set(published) <= set(stored)
    assert stored == [str(float(n * (n + 1) // 2)) for n in range(1, len(stored) + 1)]


def test_an_order_is_answered_only_after_it_is_stored(tmp_path):
    path = tmp_path / "run.db"
    running = node(path, 5)
    done = running.order(Acknowledge(alert="a", by="Bat", time_ns=1, origin=ORIGIN))
    running.run()
    close(running)
    assert done.result(timeout=0) is None
    assert "taken by Bat" in texts(path)


def test_an_order_to_a_node_that_has_stopped_is_refused(tmp_path):
    running = node(tmp_path / "run.db", 1)
    running._clock.stop()
    late = running.order(Acknowledge(alert="a", by="Bat", time_ns=1, origin=ORIGIN))
    running.run()
    with pytest.raises(EngineError, match="stopped"):
        late.result(timeout=0)
    close(running)


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


def test_a_listener_that_fails_stops_nobody(tmp_path, caplog):
    bus, heard = Bus(), []
    bus.subscribe(lambda _messages, _now: 1 / 0)
    bus.subscribe(lambda messages, _now: heard.extend(messages))
    running = node(tmp_path / "run.db", 5, bus)
    running.run()
    close(running)
    assert len(heard) == 10
    assert "a listener on the bus failed" in caplog.text


def test_uncommitted_messages_are_not_there_after_reopening(tmp_path):
    store = Store(tmp_path / "run.db", "test")
    head = Head(tick=1, now_ns=1, cursor=0, states={})
    store.append(head, [_alert("lost", 1)], [])
    store.close()
    assert texts(tmp_path / "run.db") == []


def test_an_edge_stage_that_fails_on_a_message_drops_it_and_says_so(tmp_path, caplog):
    def digest(state, messages, now_ns):
        if any(m.data == b"poison" for m in messages):
            raise ZeroDivisionError("bad field")
        return plots(state, messages, now_ns)

    edge = Stage(
        name="wire", hears=(Packet,), says=(DetectionBatch,), initial={"n": 0}, step=digest
    )
    packets = [
        Packet(time_ns=k * NS // 10, source="t", data=b"poison" if k == 3 else b"")
        for k in range(9)
    ]
    states = list[NodeState]()
    running = Node(
        source=RecordingSource(packets), chain=Chain([edge], chain().core),
        store=Store(tmp_path / "run.db", "test"), bus=Bus(), clock=Clock(None),
        on_state=states.append,
    )  # fmt: skip
    running.run()
    close(running)
    assert len(texts(tmp_path / "run.db")) == 10, "every tick is stepped"
    assert "1 messages dropped: wire failed with ZeroDivisionError" in states[-1].warning
    assert "bad field" in caplog.text


def test_a_core_stage_that_fails_ends_the_node_and_keeps_what_was_before(tmp_path):
    path = tmp_path / "run.db"

    def break_at_five(state, messages, now_ns):
        if now_ns == 5 * NS:
            raise KeyError("lost")
        return counting(state, messages, now_ns)

    running = node(path, 10)
    running._chain = Chain(
        running._chain.edge, [dataclasses.replace(running._chain.core[0], step=break_at_five)]
    )
    with pytest.raises(EngineError, match=r"stage 'count' failed .*KeyError"):
        running.run()
    close(running)
    assert texts(path) == ["1.0", "3.0", "6.0", "10.0"]
    late = running.order(Acknowledge(alert="a", by="B", time_ns=1, origin=ORIGIN))
    with pytest.raises(EngineError, match="stopped"):
        late.result(timeout=0)


def test_an_order_after_the_source_ended_is_still_taken_and_stored(tmp_path):
    path, states = tmp_path / "run.db", list[NodeState]()
    running = node(path, 5, on_state=states.append)
    running.run()
    thread = threading.Thread(target=running.linger)
    thread.start()
    running.order(Acknowledge(alert="a", by="Bat", time_ns=1, origin=ORIGIN)).result(timeout=10)
    running._clock.stop()
    thread.join()
    close(running)
    assert "taken by Bat" in texts(path)
    assert states[-1].ended
    late = running.order(Acknowledge(alert="a", by="B", time_ns=1, origin=ORIGIN))
    with pytest.raises(EngineError, match="stopped"):
        late.result(timeout=0)


def test_an_order_whose_giver_has_gone_stops_nobody(tmp_path):
    running = node(tmp_path / "run.db", 5)
    running.order(Acknowledge(alert="a", by="Bat", time_ns=1, origin=ORIGIN)).cancel()
    running.run()
    close(running)
    assert texts(tmp_path / "run.db")[-1] == "15.0"


def test_a_run_as_fast_as_possible_has_an_infinite_rate(tmp_path):
    for rate, told in ((None, math.inf), (500.0, 500.0)):
        states = list[NodeState]()
        running = node(tmp_path / f"{rate}.db", 3, rate=rate, on_state=states.append)
        running.run()
        close(running)
        assert states[-1].rate == told


def test_a_gap_begins_with_the_first_tick_that_is_not_kept(tmp_path):
    store = Store(tmp_path / "run.db", "test")
    wall = iter(range(0, 1000, 10))
    recorder = Recorder(store, lambda: float(next(wall)))
    heads = [Head(tick=k, now_ns=k * NS, cursor=0, states={}) for k in range(1, 5)]
    recorder.add(heads[0], [_alert("lost", 1)], [])
    recorder.add(heads[1], [_alert("lost too", 2)], [])
    store._db.execute("PRAGMA query_only = 1")
    assert not recorder.commit(heads[1], {})
    assert recorder.warning.endswith("2 messages lost")
    store._db.execute("PRAGMA query_only = 0")
    recorder.add(heads[2], [_alert("lost as well", 3)], [])
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
