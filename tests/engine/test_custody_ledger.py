"""The ledger on disk: durable, one writer, and a changed row is found when it is opened."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from steppewatch.custody.ledger.merkle import Tree, leaf_hash, verify_consistency, verify_inclusion
from steppewatch.engine.custody_ledger import open_ledger, opened
from steppewatch.errors import EngineError, StoreFullError

ROWS = [b"statement %d" % i for i in range(100)]
POSTGRES = shutil.which("initdb") and shutil.which("pg_ctl") and shutil.which("runuser")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if not POSTGRES or os.geteuid() != 0:
        pytest.skip("needs PostgreSQL's initdb and pg_ctl, and root to become their user")
    pytest.importorskip("psycopg")
    home = tmp_path_factory.mktemp("pg")
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o755)
    shutil.chown(home, "postgres")
    run = ["runuser", "-u", "postgres", "--"]
    made = subprocess.run(
        [*run, "initdb", "-D", home / "d", "-A", "trust", "-U", "sw"],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"initdb failed: {made.stderr[-200:]!r}")
    options = f"-k {home} -c listen_addresses='' -p 5488"
    subprocess.run(
        [*run, "pg_ctl", "-D", home / "d", "-l", home / "log", "-o", options, "-w", "start"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"postgresql://sw@/postgres?host={home}&port=5488"
    subprocess.run([*run, "pg_ctl", "-D", home / "d", "-m", "immediate", "stop"], check=True)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "x.ledger")
        return
    psycopg = pytest.importorskip("psycopg")
    url = request.getfixturevalue("server")
    yield url
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("DROP SCHEMA IF EXISTS steppewatch_ledger CASCADE")


def change(where, query):
    if where.startswith("postgres"):
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(where, autocommit=True) as database:
            database.execute("SET search_path TO steppewatch_ledger")
            database.execute(query)
        return
    with contextlib.closing(sqlite3.connect(where)) as database, database:
        database.execute(query.replace("'\\x", "x'"))


def test_what_was_added_is_there_again_with_its_proofs(where):
    with opened(where) as ledger:
        assert ledger.append(ROWS[:1]) == 0
        assert ledger.append(ROWS[1:60]) == 1
        assert ledger.append([]) == 60
    tree = Tree([leaf_hash(row) for row in ROWS])
    with opened(where) as ledger:
        ledger.append(ROWS[60:])
        assert [data for _, data in ledger.entries()] == ROWS
        assert list(ledger.entries(5, 7)) == [(5, ROWS[5]), (6, ROWS[6])]
        assert ledger.root() == tree.root()
        for size in (1, 7, 64, 99, 100):
            assert ledger.root(size) == tree.root(size)
            proof = ledger.inclusion(size - 1, 100)
            assert verify_inclusion(leaf_hash(ROWS[size - 1]), size - 1, 100, proof, tree.root())
            proof = ledger.consistency(size, 100)
            assert verify_consistency(size, 100, tree.root(size), tree.root(), proof)
        ledger.keep("w", 7, b"c")
        ledger.keep("w", 7, b"c")
        assert ledger.kept() == [(7, "w", b"c")]
        with pytest.raises(EngineError, match="none at 100"):
            ledger.entry(100)


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE statement SET data = '\\x00' WHERE position = 3",
        "UPDATE statement SET data = '\\x00' WHERE position = 10",
        "DELETE FROM statement WHERE position = 4",
        "DELETE FROM statement WHERE position = 10",
        "INSERT INTO statement VALUES (11, '\\x00')",
        "UPDATE node SET hash = '\\x00' WHERE level = 1 AND number = 2",
        "UPDATE head SET size = 8",
        "DELETE FROM head",
    ],
)
def test_a_changed_row_is_found_when_it_is_opened(where, query):
    with opened(where) as ledger:
        ledger.append(ROWS[:11])
    change(where, query)
    with pytest.raises(EngineError, match=r"not what was written|lost its head"):
        open_ledger(where)


def test_a_second_writer_is_refused(where):
    with opened(where), pytest.raises(EngineError, match="in use by another"):
        open_ledger(where)
    with opened(where):
        pass  # and afterwards it is free


def test_a_head_that_moved_meanwhile_is_not_written_over(where):
    with opened(where) as ledger:
        ledger.append(ROWS[:2])
        ledger._frontier.size, ledger._frontier.peaks = 1, [leaf_hash(ROWS[0])]
        with pytest.raises(EngineError, match="somebody else added"):
            ledger.append(ROWS[1:2])
    with opened(where) as ledger:
        assert ledger.size == 2


def test_a_ledger_that_is_not_there_is_not_begun_by_reading(tmp_path):
    with pytest.raises(EngineError, match="no ledger"):
        open_ledger(tmp_path / "no.ledger", make=False)
    (tmp_path / "text").write_text("this is no ledger " * 100)
    with pytest.raises(EngineError, match="not a ledger"):
        open_ledger(tmp_path / "text")


def test_a_full_disk_adds_nothing_and_loses_nothing(tmp_path):
    with opened(tmp_path / "x.ledger") as ledger:
        ledger.append(ROWS[:3])
        pages = ledger._place._db.execute("PRAGMA page_count").fetchone()[0]
        ledger._place._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreFullError, match="no room"):
            ledger.append([bytes(100_000)])
        assert ledger.size == 3
        ledger._place._db.execute("PRAGMA max_page_count = 100000")
        assert ledger.append(ROWS[3:4]) == 3
    with opened(tmp_path / "x.ledger") as ledger:
        assert [data for _, data in ledger.entries()] == ROWS[:4]


KILLED = """
import sys
from steppewatch.engine.custody_ledger import open_ledger
ledger = open_ledger(sys.argv[1])
while True:
    first = ledger.append([b"%d" % i for i in range(ledger.size, ledger.size + 3)])
    print(first + 2, flush=True)
"""


def test_a_killed_process_loses_nothing_that_was_acknowledged(where):
    child = subprocess.Popen([sys.executable, "-c", KILLED, where], stdout=subprocess.PIPE)
    for _ in range(40):
        last = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    last = max([last, *map(int, child.stdout.read().split())])
    child.wait()
    for _ in range(50):  # the server notices the end of the connection in its own time
        with contextlib.suppress(EngineError):
            ledger = open_ledger(where)
            break
        time.sleep(0.1)
    rows = list(ledger.entries())
    ledger.close()
    assert rows == [(i, b"%d" % i) for i in range(len(rows))]
    assert len(rows) % 3 == 0
    assert len(rows) > last
