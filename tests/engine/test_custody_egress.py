"""The one door: no bytes without a record, journal first, slow partners stop nobody."""

import hashlib
import json
import re
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from steppewatch.custody.ledger.journal import is_in_journal, show
from steppewatch.custody.release.decisions import decision, message, read, tracks_of
from steppewatch.engine.custody_egress import Address, Door
from steppewatch.engine.custody_release_journal import ReleaseJournal, stored
from steppewatch.errors import CustodyError, EngineError

NS = 1_000_000_000


@pytest.fixture
def partner():
    """A partner that listens for datagrams."""
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.bind(("127.0.0.1", 0))
    heard.settimeout(5.0)
    yield heard
    heard.close()


@pytest.fixture
def gate(tmp_path, partner):
    sealed = []
    journal = ReleaseJournal(tmp_path / "journal", sealed.append)
    door = Door(
        journal,
        [Address(name="tower", form="asterix", host="127.0.0.1", port=partner.getsockname()[1])],
    )
    yield SimpleNamespace(journal=journal, door=door, sealed=sealed, folder=tmp_path / "journal")
    door.close()


def recorded(payload, now_ns=0):
    one = decision(
        at_ns=now_ns, to="tower", org="x", purpose="border", version=0, verdict="allowed",
        label=bytes(32), rules=["a/b"], why=[], kind="track", tracks=tracks_of("fuse", [1]),
    )  # fmt: skip
    return one, message(at_ns=now_ns, to="tower", payload=payload, decisions=[one.id])


def test_bytes_with_a_record_arrive(gate, partner):
    one, record = recorded(b"a message")
    gate.journal.add([one, record], 0)
    gate.door.send("tower", b"a message", record.id, 0)
    assert partner.recv(100) == b"a message"


@pytest.mark.parametrize("payload", [b"a message!", b"", b"another"])
def test_bytes_without_a_record_of_just_them_are_refused_and_counted(gate, payload):
    one, record = recorded(b"a message")
    gate.journal.add([one, record], 0)
    with pytest.raises(EngineError, match="no release decision"):
        gate.door.send("tower", payload, record.id, 0)
    with pytest.raises(EngineError, match="no release decision"):
        gate.door.send("tower", b"a message", bytes(32), 0)
    assert gate.door.unchecked == 2
    assert gate.door.links["tower"].sent == 0


def test_a_message_needs_a_decision():
    with pytest.raises(CustodyError):
        message(at_ns=0, to="tower", payload=b"x", decisions=[])


def test_what_waits_when_the_ledger_changes_is_withdrawn(gate):
    one, record = recorded(b"a message")
    gate.journal.add([one, record], 0)
    gate.door.renew(1)
    gate.door.send("tower", b"a message", record.id, 0)
    gate.door.links["tower"].settle()
    assert (gate.door.links["tower"].sent, gate.door.links["tower"].withdrawn) == (0, 1)


def test_a_record_is_on_the_disk_before_its_bytes_can_leave_and_is_proved_by_the_sealed_root(gate):
    one, record = recorded(b"a message")
    gate.journal.add([one, record], 5)
    (path,) = gate.folder.glob("*.journal")
    assert list(stored(path)) == [one.data, record.data]
    assert gate.sealed == []
    gate.journal.tick(5 + NS)
    (body,) = gate.sealed
    assert (body["count"], body["allowed"], body["withheld"]) == (2, 1, 0)
    assert is_in_journal(show(list(stored(path)), 0), body)
    assert read(record.data)["sha256"] == hashlib.sha256(b"a message").digest()


def test_a_record_that_a_kill_cut_in_two_is_left_out(gate):
    one, record = recorded(b"a message")
    gate.journal.add([one, record], 5)
    (path,) = gate.folder.glob("*.journal")
    path.write_bytes(path.read_bytes()[:-3])
    assert list(stored(path)) == [one.data]


def test_a_dead_partner_stops_neither_the_node_nor_another_partner(tmp_path, partner):
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    journal = ReleaseJournal(tmp_path / "journal", lambda _: None)
    door = Door(
        journal,
        [
            Address(name="dead", form="lines", host="127.0.0.1", port=port),
            Address(name="tower", form="asterix", host="127.0.0.1", port=partner.getsockname()[1]),
        ],
    )
    try:
        one, record = recorded(b"a message")
        journal.add([one, record], 0)
        for _ in range(1000):
            door.send("dead", b"a message", record.id, 0)
        door.send("tower", b"a message", record.id, 0)
        assert partner.recv(100) == b"a message"
        assert door.links["dead"].lost > 0
    finally:
        door.close()


def test_no_other_module_of_engine_cli_or_web_sends_to_anybody():
    """Sockets that send are opened at the door alone; the rest listens or serves the screen."""
    source = Path(__file__).resolve().parents[2] / "src" / "steppewatch"
    sends = re.compile(r"\.(sendto|sendall|sendmsg)\(|create_connection\(")
    found = {
        str(path.relative_to(source))
        for room in ("engine", "cli", "web")
        for path in (source / room).rglob("*.py")
        if sends.search(path.read_text())
    }
    # These speak with the machine's own key agent, database or terrain source, never a partner.
    allowed = {"engine/custody_egress.py", "engine/custody_keys_agent.py"}
    assert found <= allowed, f"send by the one door: {sorted(found - allowed)}"
    assert json.dumps(sorted(found))
