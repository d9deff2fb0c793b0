"""On a real ledger the API tells clocks and proposals, and what it refuses leaves its trace."""

import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import sign_act
from steppewatch.engine import custody_demo as demo
from steppewatch.engine.custody_keys import make_key_file
from steppewatch.engine.custody_office import found_ledger, open_office
from steppewatch.web import Custody, serve_custody

TOP = "/api/v1/custody"
COSE = {"content-type": "application/cose"}
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    where = str(tmp_path_factory.mktemp("live") / "ledger.db")
    demo.begin_demo(where, time.time_ns())
    with open_office(where, demo.demo_key("log")) as office:
        demo.play(demo.agreements(office))
        yield office


@pytest.fixture(scope="module")
def client(office):
    server = serve_custody(Custody(office, alone=True), port=0)
    with httpx.Client(base_url=server.address) as client:
        yield client
    server.stop()


def signed(who, kind, body, refs=()):
    act = Act(kind=kind, by=who, at_ns=time.time_ns(), body=body, nonce=os.urandom(16), refs=refs)
    return sign_act(act, demo.demo_key(who), who)


def test_the_state_names_what_is_due_and_how_far_the_ledger_is_witnessed(client, office):
    data = signed("abe", "inspect", {"items": ["EX/UAV-EO/0001"], "text": "show it"})
    assert client.post(f"{TOP}/acts", content=data, headers=COSE).status_code == 200
    told = client.get(f"{TOP}/state").json()
    (due,) = [one for one in told["clocks"] if one["what"] == "inspection"]
    assert (due["about"], due["of"], due["late"]) == ("EX/UAV-EO/0001", "mn-gabp-west", False)
    assert 29 * DAY_NS < due["due_ns"] - told["now_ns"] <= 30 * DAY_NS
    ledger = told["ledger"]
    assert (ledger["log"], ledger["size"]) == ("steppe-custody", office.register.size)
    assert ledger["witnessed"]["by"] == ["w-jp", "w-mn"]
    assert (ledger["witnesses"], ledger["quorum"]) == (["w-int", "w-jp", "w-mn"], 2)


def test_who_knows_the_ledger_is_told_the_clocks_alone(client):
    size = client.get(f"{TOP}/state").json()["ledger"]["size"]
    told = client.get(f"{TOP}/state", params={"known": size}).json()
    assert set(told) == {"clocks", "ledger", "now_ns"}
    assert told["ledger"]["size"] == size
    assert "items" in client.get(f"{TOP}/state", params={"known": size - 1}).json()


def test_what_the_rules_refuse_comes_back_reason_by_reason_and_stands_in_the_ledger(client):
    size = client.get(f"{TOP}/state").json()["ledger"]["size"]
    body = {"items": ["EX/SR-3D/0001"], "to": "kz-border", "site": "depot-ulgii",
            "purpose": "border-surveillance"}  # fmt: skip
    answer = client.post(f"{TOP}/acts", content=signed("bat", "offer", body), headers=COSE)
    assert answer.status_code == 422
    assert any("Art 3(2) of jp-mn" in why for why in answer.json()["refused"])
    told = client.get(f"{TOP}/state").json()
    assert told["ledger"]["size"] == size + 1
    assert (told["refusals"][-1]["by"], told["refusals"][-1]["position"]) == ("bat", size)


def test_a_long_proposal_is_named_by_its_hash_and_read_whole_in_its_statement(client):
    told = client.get(f"{TOP}/state").json()
    proposal = next(one for one in told["proposals"] if one["kind"] == "agreement")
    assert "SHA-256" in proposal["body"]["text"]
    whole = client.get(f"{TOP}/ledger/{proposal['position']}").json()
    assert whole["leaf"] == proposal["key"]
    assert whole["act"]["body"]["body"]["text"] == demo.example("jp-mn")


def test_a_revoked_key_and_an_ended_agreement_are_marked(client, office):
    kid = demo.demo_key("aliya").key.kid
    data = signed("aliya", "revoke", {"kid": kid, "why": "lost"})
    answer = client.post(f"{TOP}/acts", content=data, headers=COSE)
    assert answer.status_code == 200, answer.text
    assert kid in office.register.revoked
    told = client.get(f"{TOP}/state").json()
    marked = {one["id"]: one["revoked"] for one in told["persons"]}
    assert marked["aliya"]
    assert not marked["bat"]
    assert {one["key"]: one["ended"] for one in told["agreements"]} == dict.fromkeys(
        ("jp-mn", "mn-own"), False
    )


def test_served_with_the_logs_key_a_refusal_is_recorded(tmp_path):
    where, key = tmp_path / "ledger.db", tmp_path / "log.pem"
    log = make_key_file(key, "a long password")
    found_ledger(str(where), demo.genesis(), log, time.time_ns())
    command = [sys.executable, "-m", "steppewatch", "custody", "serve", str(where)]
    process = subprocess.Popen(
        [*command, "--key", str(key), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "STEPPEWATCH_KEY_PASSWORD": "a long password"},
    )  # fmt: skip
    try:
        lines = [process.stdout.readline() for _ in range(3)]
        address = lines[-1].strip().removesuffix("/custody.html")
        assert address.startswith("http://"), lines
        data = signed("bat", "certify", {"site": "nowhere", "until_ns": time.time_ns()})
        answer = httpx.post(f"{address}{TOP}/acts", content=data, headers=COSE)
        assert answer.status_code == 422, answer.text
        told = httpx.get(f"{address}{TOP}/state").json()
        assert [one["kind"] for one in told["refusals"]] == ["certify"]
        assert httpx.get(f"{address}/api/v1/release/partners").json()["partners"] == []
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20.0)
    assert process.returncode == 0
