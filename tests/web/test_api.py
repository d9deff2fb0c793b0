"""The HTTP API answers as docs/stream.md says, and turns strangers away."""

import dataclasses
import threading

import httpx
import numpy as np
import pytest

from steppewatch.errors import EngineError, WebError
from steppewatch.records import Alert, Origin, Severity, TrackStatus
from steppewatch.web import serve

T0 = 1_700_000_000_000_000_000


def alert(**changes):
    fields = {
        "id": "sensor-silent:r1:17",
        "time_ns": T0,
        "rule": "sensor-silent",
        "severity": Severity.WARNING,
        "text": "Sensor r1 is silent.",
        "sensor": "r1",
        "origin": Origin(feed="command"),
    }
    return Alert(**{**fields, **changes})


@pytest.fixture
def get(server):
    return lambda path, **options: httpx.get(server.address + path, **options)


def test_the_picture_is_not_live_before_the_node_speaks(get):
    answer = get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["state"] == "stalled"
    assert "not said anything" in answer.json()["reason"]


def ticked(hub):
    hub.publish([], T0)
    hub.node_state(
        now_ns=T0, recording=True, warning="", lag_ms=0.0, rate=1.0, stored=3, ended=False
    )


def test_a_past_brought_back_from_the_store_is_no_live_picture_yet(get, hub):
    hub.publish([], T0)
    assert (get("/healthz").status_code, get("/healthz").json()["state"]) == (503, "stalled")


def test_the_picture_is_live_while_the_node_ticks(get, hub):
    ticked(hub)
    assert (get("/healthz").status_code, get("/healthz").json()["state"]) == (200, "live")


def test_a_node_that_stops_ticking_is_reported(get, hub):
    now = [100.0]
    hub._monotonic = lambda: now[0]
    ticked(hub)
    now[0] += 7.0
    assert get("/healthz").status_code == 503
    assert get("/healthz").json()["reason"] == "the node said nothing for 7 s"


def test_an_ended_source_is_no_live_picture(get, hub):
    hub.node_state(
        now_ns=T0, recording=True, warning="", lag_ms=0.0, rate=1.0, stored=3, ended=True
    )
    answer = get("/healthz")
    assert (answer.status_code, answer.json()["state"]) == (503, "ended")
    assert answer.json()["stored"] == 3


def test_tracks_are_geojson_in_degrees(get, hub, tracks):
    hub.publish([tracks(45.5, 102.25)], T0 + 10**9)
    answer = get("/api/v1/tracks")
    assert answer.headers["content-type"].startswith("application/geo+json")
    (feature,) = answer.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [102.25, 45.5, 2000.0]}
    said = feature["properties"]
    assert said["speed"] == pytest.approx(50.0, abs=1e-3)
    assert said["course"] == pytest.approx(np.degrees(np.arctan2(30, 40)), abs=1e-3)
    assert said["climb"] == pytest.approx(2.0, abs=1e-3)
    assert said["sigma"] == pytest.approx(50.0, abs=1e-3)
    assert said["ground"] == 1200.0
    assert (said["age"], said["seen"], said["past"]) == (11.0, 2.0, 1.0)
    assert (said["feed"], said["callsign"], said["mode_3a"]) == (0, "AB1", -1)


def test_unknown_ground_is_null(get, hub, tracks):
    hub.publish([tracks(45.5, 111.0)], T0)
    assert get("/api/v1/tracks").json()["features"][0]["properties"]["ground"] is None


def test_an_ended_track_is_gone(get, hub, tracks):
    hub.publish([tracks(45.5, [102.0, 103.0])], T0)
    hub.publish([tracks(45.5, 102.0, ids=[0], status=TrackStatus.ENDED)], T0)
    assert [f["properties"]["id"] for f in get("/api/v1/tracks").json()["features"]] == [1]


def test_a_silent_foreign_tracker_leaves_no_ghosts(get, hub, tracks):
    hub.publish([tracks(45.5, 102.0, feed="asterix"), tracks(45.5, 102.1)], T0)
    hub.publish([], T0 + 90 * 10**9)
    assert [f["properties"]["feed"] for f in get("/api/v1/tracks").json()["features"]] == [0]


def test_info_says_what_is_synthetic(get):
    info = get("/api/v1/info").json()
    assert info["terrain"]["synthetic"] is True
    assert info["title"] == "Test"
    west, south, east, north = info["home"]
    assert west < 102.0 < east
    assert south < 45.5 < north


def test_the_border_is_lines_and_posts(get):
    features = get("/api/v1/border").json()["features"]
    lines = [f for f in features if f["geometry"]["type"] == "LineString"]
    posts = [f["properties"] for f in features if f["geometry"]["type"] == "Point"]
    assert [f["properties"]["border"] for f in lines] == ["RU", "CN"]
    assert {"border": "CN", "km": 310.0} in posts
    assert len({(p["border"], p["km"]) for p in posts}) == len(posts)


def post(server, path, **options):
    return httpx.post(server.address + path, timeout=10.0, **options)


TAKE = "/api/v1/alerts/sensor-silent:r1:17/acknowledge"


def test_an_acknowledgement_is_answered_only_after_it_is_stored(server, hub, orders, until):
    hub.publish([alert()], T0)
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(post(server, TAKE, json={"by": " Bat "}))
    )
    asking.start()
    until(lambda: orders)
    asking.join(0.3)
    assert answers == []
    message, future = orders[0]
    assert (message.alert, message.by) == ("sensor-silent:r1:17", "Bat")
    future.set_result(None)
    asking.join(5.0)
    assert answers[0].status_code == 200
    assert answers[0].json()["acknowledged_by"] == "Bat"


def test_an_acknowledgement_that_is_not_stored_is_an_error(server, hub, orders, until):
    hub.publish([alert()], T0)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(post(server, TAKE, json={"by": "B"})))
    asking.start()
    until(lambda: orders)
    orders[0][1].set_exception(EngineError("no room on the disk"))
    asking.join(5.0)
    assert answers[0].status_code == 503
    assert "no room on the disk" in answers[0].json()["error"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"by": ""}}, 400),
        ({"json": {"by": "x" * 101}}, 400),
        ({"json": {"by": "a\nb"}}, 400),
        ({"json": {"by": 3}}, 400),
        ({"json": ["by"]}, 400),
        ({"json": {"by": "B", "more": 1}}, 400),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"content": b"[" * 4000, "headers": {"content-type": "application/json"}}, 400),
        ({"content": b" " * 5000, "headers": {"content-type": "application/json"}}, 413),
        ({"data": {"by": "B"}}, 415),
        ({"json": {"by": "B"}, "headers": {"origin": "http://elsewhere.example"}}, 403),
    ],
)
def test_a_strange_acknowledgement_gives_no_order(server, hub, orders, options, status):
    hub.publish([alert()], T0)
    answer = post(server, TAKE, **options)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert orders == []


def test_an_unknown_alert_cannot_be_taken(server, orders):
    assert post(server, TAKE, json={"by": "B"}).status_code == 404
    assert orders == []


def test_alerts_come_newest_first_with_words_and_nulls(get, hub):
    hub.publish([alert(), alert(id="later", time_ns=T0 + 1)], T0)
    alerts = get("/api/v1/alerts").json()["alerts"]
    assert [a["id"] for a in alerts] == ["later", "sensor-silent:r1:17"]
    assert alerts[0]["severity"] == "warning"
    assert alerts[0]["lat"] is None
    assert alerts[0]["feed"] == -1


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_turned_away(get, host):
    assert get("/api/v1/tracks", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:80"])
def test_local_host_names_are_welcome(get, host):
    assert get("/api/v1/info", headers={"host": host}).status_code == 200


def test_every_answer_carries_the_security_headers(get):
    for path in ("/", "/api/v1/info", "/nothing", "/terrain/3/5/2.png"):
        headers = get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/assets/%2e%2e/%2e%2e/api.py"],
)
def test_no_path_leads_out_of_the_front_end(server, path):
    answer = httpx.Client().send(httpx.Request("GET", server.address + path))
    raw = httpx.Request("GET", server.address)
    raw.url = raw.url.copy_with(raw_path=path.encode())
    for response in (answer, httpx.Client().send(raw)):
        assert response.status_code == 404
        assert "import" not in response.text


def test_what_is_not_there_and_what_is_not_done_say_so(get, server):
    assert get("/api/v1/nothing").status_code == 404
    assert "/api/v1/nothing" in get("/api/v1/nothing").json()["error"]
    assert httpx.delete(server.address + "/api/v1/tracks").status_code == 405


def test_a_port_in_use_says_which_and_what_to_do(server, hub):
    with pytest.raises(WebError, match=rf"port {server.port} .* in use.*--port {server.port + 1}"):
        serve(hub, port=server.port)


def test_a_stopped_server_frees_its_port(hub):
    first = serve(hub, port=0)
    first.stop()
    second = serve(hub, port=first.port)
    assert httpx.get(second.address + "/api/v1/info").status_code == 200
    second.stop()


def test_a_port_that_cannot_be_is_refused(hub):
    with pytest.raises(WebError, match="port is 70000"):
        serve(hub, port=70_000)


def reasoned(batch, **more):
    """Let a batch say why: an aircraft held by r1, by one plot."""
    n = len(batch)
    prob = np.tile(np.array([0.02, 0, 0, 0.08, 0.9, 0, 0, 0], np.float32), (n, 1))
    told = {
        "class_prob": prob, "sensors": ("r0", "r1"), "seen_by": np.tile([False, True], (n, 1)),
        "hidden": np.zeros(n, bool), "why_ns": batch.seen_ns, "why_sensor": np.full(n, 1, "i4"),
        "why_plot": np.full(n, 3, "i4"), "why_weight": np.full(n, 0.75, "f4"),
        "why_method": np.full(n, 2, "u1"),
    }  # fmt: skip
    return dataclasses.replace(batch, **{**told, **more})


def test_a_track_says_why_it_is_believed(get, hub, tracks):
    hub.publish([reasoned(tracks(45.5, 102.25, ids=[41]))], T0 + 10**9)
    key = get("/api/v1/tracks").json()["features"][0]["id"]
    answer = get(f"/api/v1/tracks/{key}/why")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["key"], told["id"], told["feed"], told["status"]) == (key, 41, 0, "confirmed")
    assert (told["said"], told["hidden"], told["existence"]) == (True, False, 1.0)
    assert told["nothing"] == pytest.approx(0.02)
    assert [c["class"] for c in told["classes"][:2]] == ["aircraft", "vehicle"]
    assert len(told["classes"]) == 7
    assert told["sensors"] == [{"id": "r1", "name": "r1"}]
    (plot,) = told["plots"]
    assert plot == {
        "time_ns": T0 - 10**9, "age": 2.0, "sensor": "r1", "sensor_name": "r1", "plot": 3,
        "weight": 0.75, "method": "lbp",
    }  # fmt: skip


def test_a_hidden_track_is_told_as_hidden_in_the_list_and_by_itself(get, hub, tracks):
    hub.publish([reasoned(tracks(45.5, 102.25), hidden=np.array([True]))], T0)
    (feature,) = get("/api/v1/tracks").json()["features"]
    assert feature["properties"]["hidden"] == 1
    assert get(f"/api/v1/tracks/{feature['id']}/why").json()["hidden"] is True


def test_a_tracker_that_gives_no_reasons_is_told_as_such(get, hub, tracks):
    hub.publish([tracks(45.5, 102.25, feed="asterix")], T0)
    key = get("/api/v1/tracks").json()["features"][0]["id"]
    told = get(f"/api/v1/tracks/{key}/why").json()
    assert (told["said"], told["feed"], told["nothing"]) == (False, 1, None)
    assert (told["classes"], told["sensors"], told["plots"]) == ([], [], [])


def test_a_method_that_this_node_does_not_know_is_no_error(get, hub, tracks):
    hub.publish([reasoned(tracks(45.5, 102.25), why_method=np.array([99], "u1"))], T0)
    key = get("/api/v1/tracks").json()["features"][0]["id"]
    assert get(f"/api/v1/tracks/{key}/why").json()["plots"][0]["method"] == "unknown"


@pytest.mark.parametrize("key", ["0", "77", str(2**40)])
def test_why_of_a_track_that_is_not_there_says_where_to_look(get, key):
    answer = get(f"/api/v1/tracks/{key}/why")
    assert answer.status_code == 404
    assert "GET /api/v1/tracks lists the keys" in answer.json()["error"]
