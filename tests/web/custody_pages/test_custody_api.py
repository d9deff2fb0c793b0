"""The custody API tells what is, takes what is signed, and says why it refuses."""

import httpx
import pytest
from paper_office import PaperOffice, signer_of

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import sign_act
from steppewatch.web import Custody, serve_custody

COSE = {"content-type": "application/cose"}
TOP = "/api/v1/custody"


@pytest.fixture(scope="module")
def office():
    return PaperOffice()


@pytest.fixture(scope="module")
def client(office, tmp_path_factory):
    photos = tmp_path_factory.mktemp("photos")
    server = serve_custody(Custody(office, photos, alone=True), port=0)
    with httpx.Client(base_url=server.address) as client:
        yield client
    server.stop()


def signed(who, kind, body, key=None, refs=()):
    act = Act(kind=kind, by=who, at_ns=10**18, body=body, nonce=bytes(16), refs=refs)
    return sign_act(act, signer_of(key or who), who)


def asked(case):
    return {
        "id": case, "type": "transfer", "title": "two radios", "agreement": "jp-mn",
        "items": ["hk/r-1/001"], "recipient": "mn-rescue", "purpose": "rescue", "quantity": 1,
        "from_ns": 1, "until_ns": 10**19 // 2, "text": "floods",
    }  # fmt: skip


def test_a_signed_act_is_taken_and_can_be_read_back_with_its_proof(client, office):
    data = signed("bat", "case.open", asked("C/1"))
    answer = client.post(f"{TOP}/acts", content=data, headers=COSE)
    assert answer.status_code == 200, answer.text
    told = client.get(f"{TOP}/ledger/{answer.json()['position']}").json()
    assert told["statement"] == data.hex()
    assert told["act"]["body"]["title"] == "two radios"
    assert told["root"] == office.ledger.root().hex()
    listed = client.get(f"{TOP}/cases").json()
    assert [one["id"] for one in listed["cases"]] == ["C/1"]
    assert listed["queues"]["sara"][0]["why"] == "check parties is not done"
    whole = client.get(f"{TOP}/cases/C/1").json()
    assert whole["history"][0]["by"] == "bat"
    assert "check parties is not clear" in whole["obstacles"]


def test_what_the_office_refuses_comes_back_in_words(client):
    stranger = signed("sara", "case.open", asked("C-2"), key="bat")
    answer = client.post(f"{TOP}/acts", content=stranger, headers=COSE)
    assert answer.status_code == 422
    assert answer.json() == {"refused": ["sara is not enrolled with this key"]}


@pytest.mark.parametrize("data", [b"", b"\xd2\x84", b"hello", bytes(300)])
def test_bytes_that_are_no_statement_are_refused_and_nothing_breaks(client, data):
    assert client.post(f"{TOP}/acts", content=data, headers=COSE).status_code == 422


def test_another_content_type_and_too_much_are_refused(client):
    assert client.post(f"{TOP}/acts", json={}).status_code == 415
    assert client.post(f"{TOP}/acts", content=bytes(1 << 21), headers=COSE).status_code == 413


def test_the_state_names_everyone_and_every_item(client):
    told = client.get(f"{TOP}/state").json()
    assert {one["id"] for one in told["persons"]} == {"bat", "sara", "tuya", "aoi", "ken", "rei"}
    assert len(told["items"]) == 5
    assert client.get(f"{TOP}/items/hk/r-1/003").json()["holder"] == "mn-border"
    assert client.get(f"{TOP}/items/hk/r-1/999").status_code == 404


def test_a_photograph_is_kept_under_its_hash_and_nothing_else_is(client):
    png = b"\x89PNG" + bytes(20)
    answer = client.post(f"{TOP}/photos", content=png, headers={"content-type": "image/png"})
    assert len(answer.json()["sha256"]) == 64
    bad = client.post(f"{TOP}/photos", content=b"<svg>", headers={"content-type": "image/png"})
    assert bad.status_code == 415


def test_the_capture_page_alone_may_use_the_camera(client):
    def policy(path):
        return client.get(path).headers["permissions-policy"]

    assert "camera=(self)" in policy("/capture.html")
    assert "camera=()" in policy("/custody.html")
    assert "camera=()" in policy("/")


def test_an_enrolment_code_is_drawn(client):
    drawn = client.get(f"{TOP}/code", params={"text": "steppewatch:key:EdDSA:00ff"})
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.startswith("<?xml")
    assert client.get(f"{TOP}/code", params={"text": ""}).status_code == 400
