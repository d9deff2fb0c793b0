"""The custody verbs as an officer types them: begin, act, show, report, label, task."""

import csv
import io
import json

import pytest
import segno
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from steppewatch.cli import steppewatch
from steppewatch.cli.custody_show import CODE
from steppewatch.engine import custody_demo
from steppewatch.engine.custody_keys import make_key_file
from steppewatch.errors import CustodyError, SteppewatchError

PASSWORD = "a long password"  # noqa: S105


def run(*words):
    return CliRunner().invoke(steppewatch, ["custody", *map(str, words)], catch_exceptions=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("custody") / "demo.db"
    result = run("demo", path)
    assert result.exit_code == 0, result.output
    return path


def test_the_demonstration_passes_the_strangers_check(demo):
    result = run("verify", demo)
    assert result.exit_code == 0
    assert "0 things are wrong" in result.output


def test_a_demonstration_is_not_written_over_another_file(demo):
    assert isinstance(run("demo", demo).exception, CustodyError)


def test_items_are_shown_in_lines_and_as_json(demo):
    assert "EX/SR-3D/0001  held  mn-gabp  depot-ulgii" in run("show", demo, "items").output
    rows = json.loads(run("show", demo, "items", "--json").output)
    assert len(rows) == 9
    assert run("show", demo, "refusals").output.splitlines()[-1] == "no refusals"


def test_the_report_of_transfers_names_states_and_statement(demo):
    rows = list(csv.DictReader(io.StringIO(run("report", demo, "transfers").output)))
    first = rows[0]
    assert (first["from_state"], first["to_state"], first["quantity"]) == ("JP", "MN", "3")
    told = json.loads(run("report", demo, "transfers", "--json").output)
    lot = next(row for row in told["authorised"] if row["model"] == "EX/UAV-EO")
    assert (lot["authorised"], lot["registered"], lot["handed_over"]) == (20, 6, 6)
    assert run("report", demo, "transfers", "--year", "1999").output == ""


def test_the_report_of_end_use_counts_what_is_current(demo):
    told = json.loads(run("report", demo, "end-use", "--json").output)
    assert (told["items_held"], told["compliance"], told["late"]) == (9, 1.0, [])


def test_a_label_is_read_by_an_independent_reader(demo, tmp_path):
    page = tmp_path / "labels.html"
    assert "9 labels" in run("labels", demo, "--out", page).output
    assert page.read_text().count("<figure>") == 9
    picture = tmp_path / "one.png"
    segno.make(CODE + "EX/SR-3D/0001", error="q").save(picture, scale=6)
    assert zxingcpp.read_barcodes(Image.open(picture))[0].text == CODE + "EX/SR-3D/0001"


@pytest.mark.parametrize(
    ("purpose", "code", "word"),
    [("border-surveillance", 0, "taskable"), ("combat", 1, "not taskable")],
)
def test_a_task_is_judged_with_its_reason(demo, purpose, code, word):
    result = run("taskable", demo, "EX/UAV-EO/0001", "--purpose", purpose, "--by", "tuya")
    assert result.exit_code == code
    assert result.output.splitlines()[0] == word
    assert "Art 3(1) of jp-mn" in result.output


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Begin a ledger by hand, with keys in files."""
    monkeypatch.setenv("STEPPEWATCH_KEY_PASSWORD", PASSWORD)
    log = make_key_file(tmp_path / "log.pem", PASSWORD)
    bat = make_key_file(tmp_path / "bat.pem", PASSWORD)
    assert log.key != bat.key
    genesis = custody_demo.genesis(quorum=1)
    for person in genesis["persons"]:
        key = bat.key if person["id"] == "bat" else custody_demo.demo_key(person["id"]).key
        person["key"] = {"alg": key.alg, "public": key.public.hex()}
    for witness in genesis["witnesses"]:
        witness["key"]["public"] = witness["key"]["public"].hex()
    (tmp_path / "genesis.json").write_text(json.dumps(genesis))
    result = run(
        "init", tmp_path / "l.db", tmp_path / "genesis.json", "--key", tmp_path / "log.pem"
    )
    assert result.exit_code == 0, (result.output, result.exception)
    return tmp_path


def test_an_act_is_signed_now_and_submitted_later_and_a_refusal_is_recorded(own):
    site = ["id=depot", "title=Depot", "org=mn-gabp", "nation=MN"]
    by = ["--by", "bat", "--key", own / "bat.pem"]
    signed = run("act", own / "l.db", "site", *site, *by, "--out", own / "site.act")
    assert "signed" in signed.output
    again = [own / "site.act", own / "site.act"]
    result = run("submit", own / "l.db", *again, "--log-key", own / "log.pem")
    assert result.exit_code == 1
    assert "taken     position 1" in result.output
    assert "stands in the ledger already" in result.output
    wrong = run("act", own / "l.db", "site", "id=x", *by, "--log-key", own / "log.pem")
    assert wrong.exit_code == 1
    assert "site has id; expected id, title, org" in wrong.output
    assert "site has id" in run("show", own / "l.db", "refusals").output


@pytest.mark.parametrize("body", ["nofile", "@nofile"])
def test_a_body_that_is_nowhere_is_refused(own, body):
    word = body if body == "nofile" else f"text={body}"
    result = run("act", own / "l.db", "propose", word, "--by", "bat", "--key", own / "bat.pem")
    assert isinstance(result.exception, SteppewatchError)


def test_a_ledger_is_begun_once(own):
    result = run("init", own / "l.db", own / "genesis.json", "--key", own / "log.pem")
    assert "begun once" in str(result.exception)
