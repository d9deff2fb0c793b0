"""Witnesses over files, from the command line to the stranger."""

import json
import time

import pytest
from click.testing import CliRunner

from steppewatch.cli.custody import custody
from steppewatch.custody.acts import Act
from steppewatch.custody.ledger.statement import sign_act
from steppewatch.engine.custody_keys import open_key_file
from steppewatch.engine.custody_ledger import opened
from steppewatch.errors import CustodyError, EngineError

WORD = "a long password"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_KEY_PASSWORD", WORD)
    monkeypatch.chdir(tmp_path)

    def call(*words, code=0):
        answer = CliRunner().invoke(custody, words)
        if answer.exception and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        assert answer.exit_code == code, answer.output
        return answer.output

    return call


def begin(run, tmp_path):
    keys = {}
    for name in ("log", "w-jp", "w-mn", "bat"):
        said = json.loads(run("key", "new", f"{name}.pem"))
        (tmp_path / f"{name}.json").write_text(json.dumps(said))
        keys[name] = {"alg": said["alg"], "public": bytes.fromhex(said["public"])}
    body = {
        "log": "demo", "title": "Demo", "nation": "MN", "organisations": [], "quorum": 2,
        "persons": [{"id": "bat", "name": "Bat", "org": "o", "nation": "MN", "roles": [],
                     "level": 0, "key": keys["bat"]}],
        "log_key": keys["log"], "slack_s": 600,
        "witnesses": [{"id": w, "org": w, "key": keys[w]} for w in ("w-jp", "w-mn")],
    }  # fmt: skip
    now = time.time_ns()
    act = Act(kind="genesis", by="demo", at_ns=now, body=body, nonce=bytes(16))
    with opened("x.ledger") as ledger:
        ledger.append([sign_act(act, open_key_file(tmp_path / "log.pem", WORD), "demo")])
    for name in ("w-jp", "w-mn"):
        run("witness", "init", f"{name}.state", "--id", name, "--log", "demo",
            "--log-key", "log.json")  # fmt: skip
    return now


def say(tmp_path, number, now):
    act = Act(kind="suspect", by="bat", at_ns=now, body={}, nonce=number.to_bytes(16))
    with opened("x.ledger") as ledger:
        ledger.append([sign_act(act, open_key_file(tmp_path / "bat.pem", WORD), "bat")])


def test_two_witnesses_confirm_a_ledger_over_files_and_a_stranger_agrees(run, tmp_path):
    now = begin(run, tmp_path)
    for turn in range(2):
        say(tmp_path, turn, now)
        run("witness", "ask", "x.ledger", f"r{turn}", "--key", "log.pem")
        for name in ("w-jp", "w-mn"):
            run("witness", "cosign", f"{name}.state", f"r{turn}", f"{name}.{turn}",
                "--key", f"{name}.pem")  # fmt: skip
        run("witness", "seal", "x.ledger", f"w-jp.{turn}", f"w-mn.{turn}", "--key", "log.pem")
    said = json.loads(run("verify", "x.ledger", "--json", "--checkpoint", "w-mn.1"))
    assert (said["wrong"], said["witnessed"], said["entries"]) == ([], 4, 5)
    run("export", "x.ledger", "x.log")
    assert json.loads(run("verify", "x.log", "--json"))["root"] == said["root"]
    run("verifier", "--out", "verify.py")
    assert "0 things are wrong" in run("verify", "x.log")
    assert "not trusted" in run("verify", "x.log", "--trust", "00", code=1)
    run("receipt", "x.ledger", "2", "--key", "log.pem", "--out", "x.receipt")
    with pytest.raises(CustodyError, match="needs 2"):
        run("witness", "seal", "x.ledger", "w-jp.1", "--key", "log.pem")


def test_a_witness_refuses_a_restored_backup_and_two_witnesses_prove_a_fork(run, tmp_path):
    now = begin(run, tmp_path)
    say(tmp_path, 1, now)
    backup = (tmp_path / "x.ledger").read_bytes()
    say(tmp_path, 2, now)
    run("witness", "ask", "x.ledger", "r1", "--key", "log.pem")
    run("witness", "cosign", "w-jp.state", "r1", "a1", "--key", "w-jp.pem")
    for path in tmp_path.glob("x.ledger-*"):
        path.unlink()
    (tmp_path / "x.ledger").write_bytes(backup)
    run("witness", "ask", "x.ledger", "r2", "--key", "log.pem")
    with pytest.raises(CustodyError, match="shrank"):
        run("witness", "cosign", "w-jp.state", "r2", "a2", "--key", "w-jp.pem")
    say(tmp_path, 3, now)
    run("witness", "ask", "x.ledger", "r3", "--key", "log.pem")
    assert "fork proved" in run("witness", "compare", "r1", "r3", "--log-key", "log.json", code=1)
    assert "no fork" in run("witness", "compare", "r1", "r2", "--log-key", "log.json")


def test_a_witness_is_not_begun_twice(run, tmp_path):
    begin(run, tmp_path)
    with pytest.raises(EngineError, match="forgets is none"):
        run("witness", "init", "w-jp.state", "--id", "w-jp", "--log", "demo",
            "--log-key", "log.json")  # fmt: skip
