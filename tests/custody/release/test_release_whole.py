"""From a batch of tracks to a partner's datagram, the journal's root and the operator's preview."""

import asyncio
import json
import socket

import pytest
from released import T0, ReleasePoint, situation, tracks
from starlette.exceptions import HTTPException
from starlette.requests import Request

from steppewatch.custody.label.sources import Settings, State, take
from steppewatch.engine.custody_egress import Address, Door, Egress
from steppewatch.engine.custody_release_journal import ReleaseJournal
from steppewatch.web.release import Releases
from steppewatch.wire.asterix.records import records


@pytest.fixture
def partner():
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.bind(("127.0.0.1", 0))
    heard.settimeout(5.0)
    yield heard
    heard.close()


@pytest.fixture
def egress(tmp_path, partner):
    sealed = []
    journal = ReleaseJournal(tmp_path / "journal", sealed.append)
    port = partner.getsockname()[1]
    door = Door(journal, [Address(name="tokyo", form="asterix", host="127.0.0.1", port=port)])
    told = situation()
    made = Egress(ReleasePoint(told), journal, door, lambda: told)
    made.sealed = sealed
    yield made
    made.close(T0 + 10**12)


def asked(query="", name=None):
    return Request({
        "type": "http", "query_string": query.encode(), "headers": [],
        "path_params": {"name": name},
    })  # fmt: skip


def got(answer):
    return json.loads(asyncio.run(answer).body)


def hear(egress, seen, now_ns=T0):
    batch = tracks(seen, when=now_ns)
    _, sources = take(State(), batch, Settings(), now_ns)
    egress.listen([batch, sources], now_ns)


def test_a_partner_gets_what_it_may_see_and_no_more(egress, partner):
    hear(egress, [["elsewhere"], ["mn-radar"]])
    (track,) = records(partner.recv(2000))
    assert track["I062/040"] == 1  # its own numbering: that ours is 2 would tell of another
    assert track["I062/105"]["LAT"] == pytest.approx(47.0, abs=1e-5)
    assert egress.door.unchecked == egress.failures == 0
    egress.listen([], T0 + 10**9)
    (body,) = egress.sealed
    assert (body["allowed"], body["withheld"]) == (2, 2)


def test_tracks_without_their_sources_go_nowhere(egress):
    egress.listen([tracks([["mn-radar"]])], T0)
    egress.door.links["tokyo"].settle()
    assert egress.door.links["tokyo"].sent == 0


def test_the_preview_says_what_is_shown_and_why_the_rest_is_not(egress):
    hear(egress, [["mn-radar"], ["elsewhere"]])
    seen = got(Releases(egress).preview(asked("to=tokyo")))
    assert [row["track"] for row in seen["shown"]] == [1]
    assert seen["withheld"] == [
        {"track": 2, "why": ["nobody knows every source that it was made of"]}
    ]
    with pytest.raises(HTTPException):
        asyncio.run(Releases(egress).preview(asked("to=nobody")))


def test_a_paused_link_sends_nothing_until_it_is_resumed(egress, partner):
    api = Releases(egress)
    assert got(api.pause(asked(name="tokyo")))["paused"]
    hear(egress, [["mn-radar"]])
    egress.door.links["tokyo"].settle()
    assert egress.door.links["tokyo"].sent == 0
    assert not got(api.resume(asked(name="tokyo")))["paused"]
    hear(egress, [["mn-radar"]], T0 + 1)
    assert partner.recv(2000)
    egress.door.links["tokyo"].settle()
    assert got(api.partners(asked()))["partners"][0]["sent"] == 1
