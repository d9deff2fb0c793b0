"""The node keeps what it says, and comes back from a kill as if nothing had happened."""

import dataclasses
import math
import os
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
from counting_node import ORIGIN, chain, close, counting, node, plots, texts

from steppewatch.engine.bus import Bus
from steppewatch.engine.chain import Chain
from steppewatch.engine.clock import NS, Clock
from steppewatch.engine.node import Node, NodeState
from steppewatch.engine.recording import RecordingSource
from steppewatch.engine.store import Store
from steppewatch.errors import EngineError
from steppewatch.records import Acknowledge, Alert, DetectionBatch, Packet, Stage


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
        from counting_node import Alert, Bus, node
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


def test_a_listener_that_fails_stops_nobody(tmp_path, caplog):
    bus, heard = Bus(), []
    bus.subscribe(lambda _messages, _now: 1 / 0)
    bus.subscribe(lambda messages, _now: heard.extend(messages))
    running = node(tmp_path / "run.db", 5, bus)
    running.run()
    close(running)
    assert len(heard) == 10
    assert "a listener on the bus failed" in caplog.text


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
