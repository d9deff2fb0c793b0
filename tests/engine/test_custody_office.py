"""The office: one way in, all or nothing, on disk before it answers; a stranger agrees with it."""

import os
import signal
import subprocess
import sys

import pytest

from steppewatch.custody.ledger import read_statement, sign_act
from steppewatch.engine import custody_demo
from steppewatch.engine.custody_demo import Cast, demo_key
from steppewatch.engine.custody_ledger import opened
from steppewatch.engine.custody_ledger_export import export_ledger
from steppewatch.engine.custody_office import Office, found_ledger, open_office
from steppewatch.engine.custody_stranger_file import stranger_file
from steppewatch.errors import CustodyError, EngineError

NOW_NS = 1_795_000_000_000_000_000


@pytest.fixture
def where(tmp_path):
    path = tmp_path / "ledger.db"
    custody_demo.begin_demo(str(path), NOW_NS)
    return path


@pytest.fixture
def office(where):
    with open_office(str(where), demo_key("log"), lambda: NOW_NS) as found:
        yield found


@pytest.fixture
def played(office):
    cast = custody_demo.agreements(office)
    return cast, custody_demo.play(cast)


def told(register):
    """Give all that a register holds, to compare two."""
    return {
        name: repr(value)
        for name, value in vars(register).items()
        if name not in {"cases", "leaves"}
    } | {"leaves": sorted(register.leaves)}


def test_a_statement_has_its_place_and_its_leaf(office):
    cast = Cast(office)
    data = cast.sign("bat", "site", {"id": "a", "title": "A", "org": "mn-gabp", "nation": "MN"})
    receipt = office.submit(data)
    assert receipt.position == 1
    assert office.ledger.entry(1) == data
    with pytest.raises(CustodyError, match="stands in the ledger already"):
        office.submit(data)


def test_a_batch_goes_in_whole_or_not_at_all(office):
    cast = Cast(office)

    def site(name, org="mn-gabp"):
        body = {"id": name, "title": name, "org": org, "nation": "MN"}
        return cast.sign("bat", "site", body)

    receipts = office.submit_many([site("a"), site("b")])
    assert [one.position for one in receipts] == [1, 2]
    with pytest.raises(CustodyError, match="not of jp-mod"):
        office.submit_many([site("c"), site("d"), site("e", "jp-mod"), site("f")])
    assert set(office.register.sites) == {"a", "b"}
    assert office.ledger.size == office.register.size == 4  # and one that says what was refused
    assert office.register.refusals[-1]["kind"] == "site"


def test_statements_of_a_batch_build_on_each_other(office):
    cast = Cast(office)
    office.submit_many([
        cast.sign("bat", "site", {"id": "a", "title": "A", "org": "mn-gabp", "nation": "MN"}),
        cast.sign("bat", "site", {"id": "a", "title": "B", "org": "mn-gabp", "nation": "MN"}),
    ])  # fmt: skip
    assert office.register.sites["a"].title == "B"


def test_a_refusal_is_recorded_once_and_says_who_tried_what_and_why(played):
    cast, uids = played
    with pytest.raises(CustodyError, match="Art 3\\(2\\)"):
        cast.handover("bat", "aliya", uids[:1], "kz-border", "depot-ulgii")
    found = cast.office.register.refusals
    assert [(one["by"], one["kind"]) for one in found] == [("bat", "offer")]
    assert "no consent of the origin" in found[0]["why"][0]
    assert cast.office.register.items[uids[0]].state == "held"


def test_a_stranger_without_a_key_here_cannot_fill_the_disk(office):
    act = Cast(office)
    data = act.sign("bat", "suspect", {"items": ["x"], "text": "x"})
    outside = sign_act(read_statement(data).act, demo_key("outsider"), "bat")
    size = office.ledger.size
    for bad in (outside, b"", b"\xd2\x84", data[:-3]):
        with pytest.raises(CustodyError):
            office.submit(bad)
    assert office.ledger.size == size


def test_a_ledger_that_is_read_again_gives_the_same_register(played):
    cast, uids = played
    with pytest.raises(CustodyError):
        cast.handover("bat", "aliya", uids[:1], "kz-border", "depot-ulgii")
    live = told(cast.office.register)
    again = Office(cast.office.ledger, demo_key("log"), lambda: NOW_NS)
    assert told(again.register) == live


def test_a_ledger_whose_disk_fails_takes_nothing(played, monkeypatch):
    cast, uids = played

    def full(_):
        raise EngineError("the disk is full")

    live = told(cast.office.register)
    data = cast.sign("bat", "suspect", {"items": uids[:1], "text": "x"})
    monkeypatch.setattr(cast.office.ledger, "append", full)
    with pytest.raises(EngineError, match="full"):
        cast.office.submit(data)
    assert told(cast.office.register) == live
    monkeypatch.undo()
    cast.office.submit(data)


def test_another_log_key_does_not_open_it(where):
    with (
        pytest.raises(EngineError, match="open it with its own key"),
        open_office(str(where), demo_key("other")),
    ):
        pass


def test_a_ledger_is_begun_once(where):
    with pytest.raises(EngineError, match="begun once"):
        found_ledger(str(where), custody_demo.genesis(), demo_key("log"), NOW_NS)


KILLED = """
import os, signal, sys
from steppewatch.engine.custody_demo import Cast, demo_key
from steppewatch.engine.custody_office import open_office
with open_office(sys.argv[1], demo_key("log"), lambda: int(sys.argv[2])) as office:
    cast = Cast(office)
    for k in range(10_000):
        cast.act("bat", "site", {"id": f"s{k}", "title": "S", "org": "mn-gabp", "nation": "MN"})
        print(k, flush=True)
"""


def test_what_was_answered_survives_a_killed_process(where):
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(where), str(NOW_NS)], stdout=subprocess.PIPE, text=True
    )
    answered = [int(child.stdout.readline()) for _ in range(25)]
    os.kill(child.pid, signal.SIGKILL)
    rest = child.communicate()[0].split()
    last = int(rest[-1]) if rest else answered[-1]
    with open_office(str(where), demo_key("log"), lambda: NOW_NS) as office:
        there = set(office.register.sites)
        assert {f"s{k}" for k in range(last + 1)} <= there
        assert len(there) <= last + 2  # one may be on disk whose answer nobody read
        Cast(office).act("bat", "site", {
            "id": "after", "title": "S", "org": "mn-gabp", "nation": "MN",
        })  # fmt: skip


def verified(office, tmp_path):
    """Let the stranger's own file check the exported log, with nothing of ours at hand."""
    log, script = tmp_path / "x.log", tmp_path / "stranger.py"
    export_ledger(office.ledger, log)
    script.write_text(stranger_file())
    found = subprocess.run(
        [sys.executable, "-P", "-s", str(script), str(log)], cwd=tmp_path, text=True, timeout=120,
        capture_output=True, check=False, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    return found.returncode, found.stdout + found.stderr


def with_consent(cast, uids):
    """A consent to a third state, witnessed, assured, used; a deputy of the holder acts, too."""
    key = demo_key("timur").key
    cast.weighty("dorj", ["sato", "saran"], "organisation", {
        "id": "uz-border", "title": "A third state", "nation": "UZ", "kind": "government",
    })  # fmt: skip
    cast.weighty("dorj", ["sato", "saran"], "enrol", {
        "id": "timur", "name": "T", "org": "uz-border", "roles": ["officer"], "level": 1,
        "key": {"alg": key.alg, "public": key.public},
    })  # fmt: skip
    cast.act("timur", "site", {"id": "uz-depot", "title": "D", "org": "uz-border", "nation": "UZ"})
    cast.weighty("dorj", ["sato", "mori"], "consent", {
        "id": "c1", "agreement": "jp-mn", "items": uids[5:7], "purpose": "border-surveillance",
        "recipient": "uz-border", "quantity": 1, "from_ns": NOW_NS, "until_ns": NOW_NS + 10**15,
    })  # fmt: skip
    cast.act("timur", "assure", {"consent": "c1", "text": "for the border only"})
    cast.witness()
    cast.handover("bat", "timur", uids[5:6], "uz-border", "uz-depot", consent="c1")
    with pytest.raises(CustodyError):
        cast.handover("bat", "timur", uids[6:7], "uz-border", "uz-depot", consent="c1")
    cast.witness()


def test_a_stranger_finds_nothing_wrong_with_what_the_office_took(played, tmp_path):
    cast, uids = played
    with_consent(cast, uids)
    assert cast.office.register.items[uids[5]].holder == "uz-border"
    code, said = verified(cast.office, tmp_path)
    assert code == 0, said


def test_a_stranger_agrees_that_a_part_of_the_holder_may_hand_over(played, tmp_path):
    cast, uids = played
    cast.act("tuya", "offer", {
        "items": uids[6:7], "to": "mn-mod", "site": "depot-ulgii", "purpose": "border-surveillance",
    })  # fmt: skip
    code, said = verified(cast.office, tmp_path)
    assert code == 0, said


def test_a_stranger_finds_a_line_that_was_changed_on_disk(played, tmp_path):
    cast, _ = played
    rows = [data for _, data in cast.office.ledger.entries()]
    rows[10] = rows[10][:-1] + bytes([rows[10][-1] ^ 1])
    with opened(tmp_path / "changed.db") as ledger:
        ledger.append(rows)
        log, script = tmp_path / "y.log", tmp_path / "s.py"
        export_ledger(ledger, log)
    script.write_text(stranger_file())
    found = subprocess.run(
        [sys.executable, str(script), str(log)], capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert found.returncode != 0
    assert "10" in found.stdout + found.stderr
