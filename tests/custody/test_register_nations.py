"""A person signs for the nation of the organisation, whatever the passport says."""

import time

import pytest

from steppewatch.engine import custody_demo
from steppewatch.engine.custody_office import open_office
from steppewatch.errors import CustodyError


def test_a_passport_of_the_origin_makes_no_signature_of_the_origin(tmp_path):
    path = str(tmp_path / "l.db")
    custody_demo.begin_demo(path, time.time_ns())
    with open_office(path, custody_demo.demo_key("log")) as office:
        cast = custody_demo.agreements(office)
        items = custody_demo.play(cast)
        key = custody_demo.demo_key("guest").key
        guest = {
            "id": "guest", "name": "Guest", "org": "mn-mod", "nation": "JP", "level": 0,
            "roles": ["authority", "inspector"],
            "key": {"alg": key.alg, "public": key.public},
        }  # fmt: skip
        cast.weighty("saran", ["dorj", "sato"], "enrol", guest)
        now = office.now_ns()
        body = {
            "id": "C-1", "agreement": "jp-mn", "items": items[:1], "purpose": "training",
            "recipient": "mn-mod", "quantity": 1, "from_ns": now, "until_ns": now + 10**15,
        }  # fmt: skip
        leaf = cast.weighty("saran", ["dorj", "guest"], "consent", body)
        assert office.register.proposals[leaf].needs == "a signer of JP"
        assert "C-1" not in office.register.consents
        with pytest.raises(CustodyError, match="no inspector of JP"):
            cast.act("guest", "inspect", {"items": items[:1], "text": "show"})
