"""What is put into the ledger past the office is found by deciding the ledger again."""

import time

import pytest

from steppewatch.engine import custody_demo
from steppewatch.engine.custody_audit import audit_ledger
from steppewatch.engine.custody_ledger import opened
from steppewatch.engine.custody_office import open_office


@pytest.fixture
def place(tmp_path):
    path = str(tmp_path / "l.db")
    custody_demo.begin_demo(path, time.time_ns())
    with open_office(path, custody_demo.demo_key("log")) as office:
        custody_demo.play(custody_demo.agreements(office))
    return path


def test_an_honest_ledger_is_decided_the_same_again(place):
    with opened(place, make=False) as ledger:
        assert audit_ledger(ledger) == []


def test_a_handover_that_the_office_never_decided_is_found_with_its_reason(place):
    with open_office(place, custody_demo.demo_key("log")) as office:
        body = {"items": ["EX/SR-3D/0001"], "to": "kz-border", "site": "depot-ulgii",
                "purpose": "border-surveillance"}  # fmt: skip
        offer = custody_demo.Cast(office).sign("bat", "offer", body)
    with opened(place, make=False) as ledger:
        position = ledger.append([offer])
        wrong = audit_ledger(ledger)
    assert [where for where, _ in wrong] == [position]
    assert "no consent of the origin covers this recipient" in wrong[0][1]


def test_an_act_of_a_key_that_is_nobodys_is_found(place):
    with open_office(place, custody_demo.demo_key("log")) as office:
        cast = custody_demo.Cast(office)
        mine = cast.sign("bat", "suspect", {"items": ["EX/SR-3D/0001"], "text": "x"})
    with opened(place, make=False) as ledger:
        ledger.append([mine[:-1] + bytes([mine[-1] ^ 1])])
        assert [why for _, why in audit_ledger(ledger)] == [
            "its signature is forged or the statement was changed"
        ]
