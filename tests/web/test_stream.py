"""The live stream keeps docs/stream.md: columns, keyframes, back-pressure, hostile browsers."""

import asyncio
import socket
from contextlib import asynccontextmanager

import httpx
import msgpack
import numpy as np
import pytest
import websockets

from steppewatch.records import (
    Alert,
    Origin,
    PlotKind,
    Sensor,
    SensorKind,
    Severity,
    TrackStatus,
    detection_batch,
)
from steppewatch.web import stream

T0 = 1_700_000_000_000_000_000
S = 1_000_000_000

COLUMNS = {
    "key": "<u4", "id": "<f8", "feed": "|u1", "lat": "<f8", "lon": "<f8", "height": "<f4",
    "ground": "<f4", "speed": "<f4", "climb": "<f4", "course": "<f4", "sigma": "<f4",
    "status": "|u1", "target": "|u1", "existence": "<f4", "age": "<f4", "seen": "<f4",
    "hits": "<u4", "mode_s": "<u4", "mode_3a": "<i4", "callsign": "|S8", "hidden": "|u1",
    "trackers": "<u4",
    "past": "<f4",
}  # fmt: skip

SENSOR = Sensor(
    id="r1", name="Radar 1", site="s1", kind=SensorKind.RADAR_2D, lat=np.radians(45.5),
    lon=np.radians(102.0), height=1500.0, min_range=0.0, max_range=1e5, scan_period=4.0,
    sector_start=0.0, sector_width=2 * np.pi, sigma_range=50.0, sigma_azimuth=1e-3,
    sigma_elevation=np.nan, sigma_range_rate=np.nan, detection_probability=0.9,
    false_alarms=1.0, origin=Origin(feed="rehearsal"),
)  # fmt: skip


@pytest.fixture
def screen(ws, read):
    """Connect as a browser does; `next` gives the next message."""

    @asynccontextmanager
    async def connect():
        async with websockets.connect(ws, max_size=None) as link:

            async def following():
                return read(await asyncio.wait_for(link.recv(), 10.0))

            link.next = following
            yield link

    return connect


async def frame_where(link, true):
    """Skip frames until one fulfils a condition."""
    for _ in range(200):
        message = await link.next()
        if message["_"] == "frame/1" and true(message):
            return message
    raise AssertionError("no such frame came")


def test_hello_comes_first_and_a_keyframe_follows(screen, hub, tracks):
    async def journey():
        hub.publish([tracks(45.5, [102.0, 102.1])], T0)
        async with screen() as link:
            hello, frame = await link.next(), await link.next()
        assert hello["_"] == "hello/1"
        assert {"info", "sites", "sensors", "border", "alerts"} <= set(hello)
        assert (frame["_"], frame["keyframe"], frame["now_ns"]) == ("frame/1", True, T0)
        assert {name: column.dtype.str for name, column in frame["tracks"].items()} == COLUMNS
        assert frame["tracks"]["lat"].tolist() == pytest.approx([45.5, 45.5], abs=1e-9)
        assert frame["tracks"]["id"].tolist() == [0.0, 1.0]
        assert set(frame["node"]) == {"recording", "warning", "lag_ms", "rate", "stored", "ended"}

    asyncio.run(journey())


def test_only_what_changed_follows(screen, hub, tracks):
    async def journey():
        hub.publish([tracks(45.5, [102.0, 102.1, 102.2])], T0)
        async with screen() as link:
            await link.next()
            first = await link.next()
            hub.publish([tracks(45.6, 102.1, ids=[1], now_ns=T0 + S)], T0 + S)
            changed = await frame_where(link, lambda f: len(f["tracks"]["key"]))
        assert not changed["keyframe"]
        assert changed["tracks"]["key"].tolist() == [first["tracks"]["key"][1]]
        assert changed["sequence"] > first["sequence"]

    asyncio.run(journey())


def test_an_ended_track_is_named_gone_and_its_key_never_used_again(screen, hub, tracks):
    async def journey():
        hub.publish([tracks(45.5, [102.0, 102.1])], T0)
        async with screen() as link:
            await link.next()
            keys = (await link.next())["tracks"]["key"].tolist()
            hub.publish([tracks(45.5, 102.0, ids=[0], status=TrackStatus.ENDED)], T0)
            gone = await frame_where(link, lambda f: len(f["gone"]))
            hub.publish([tracks(45.5, 102.0, ids=[7])], T0)
            born = await frame_where(link, lambda f: len(f["tracks"]["key"]))
        assert gone["gone"].tolist() == keys[:1]
        assert born["tracks"]["key"][0] not in keys

    asyncio.run(journey())


def test_a_keyframe_comes_when_it_is_wanted(screen, hub, tracks, say):
    async def journey():
        hub.publish([tracks(45.5, [102.0, 102.1])], T0)
        async with screen() as link:
            await link.next()
            await link.next()
            await link.send(say(want="keyframe"))
            again = await frame_where(link, lambda f: f["keyframe"])
        assert len(again["tracks"]["key"]) == 2

    asyncio.run(journey())


def test_a_view_leaves_out_tentative_tracks_and_plots_elsewhere(screen, hub, tracks, say):
    async def journey():
        async with screen() as link:
            await link.next()
            await link.next()
            await link.send(say(view=[101.0, 45.0, 103.0, 46.0]))
            await asyncio.sleep(0.3)
            far = tracks(47.0, [110.0], ids=[1], status=TrackStatus.TENTATIVE)
            near = tracks(45.5, [102.0], ids=[2], status=TrackStatus.TENTATIVE)
            sure = tracks(47.0, [110.0], ids=[3])
            plots = detection_batch(
                "r1", Origin(feed="rehearsal"), np.full(2, T0), np.array([2e4, 9e5]), np.zeros(2)
            )
            hub.publish([SENSOR, far, near, sure, plots], T0)
            frame = await frame_where(link, lambda f: len(f["tracks"]["id"]))
            assert sorted(frame["tracks"]["id"].tolist()) == [2.0, 3.0]
            assert len(frame["plots"]["lat"]) == 1
            await link.send(say(view=[109.0, 46.0, 111.0, 48.0]))
            moved = await frame_where(link, lambda f: 1.0 in f["tracks"]["id"].tolist())
            assert 2.0 not in moved["tracks"]["id"].tolist()

    asyncio.run(journey())


def test_a_plot_without_elevation_lies_at_its_range_and_bearing(screen, hub):
    async def journey():
        east = np.array([np.pi / 2])
        plots = detection_batch(
            "r1", Origin(feed="rehearsal"), np.array([T0]), np.array([50_000.0]), east,
            kind=np.array([PlotKind.PRIMARY], "u1"),
        )  # fmt: skip
        hub.publish([SENSOR, plots], T0 + S)
        async with screen() as link:
            await link.next()
            frame = await link.next()
        plots = frame["plots"]
        # 50 km east at 45.5° N: the prime vertical's radius there is 6,389,036 m (WGS 84).
        offset = np.degrees(50_000.0 / (6_389_036.0 + 1500.0) / np.cos(np.radians(45.5)))
        assert plots["lon"][0] == pytest.approx(102.0 + offset, abs=2e-5)
        assert plots["lat"][0] == pytest.approx(45.5, abs=2e-3)
        assert np.isnan(plots["height"][0])
        assert (plots["kind"][0], plots["sensor"][0], plots["age"][0]) == (1, 0, 1.0)

    asyncio.run(journey())


def test_a_plot_is_sent_once(screen, hub):
    async def journey():
        async with screen() as link:
            await link.next()
            await link.next()
            plots = detection_batch(
                "r1", Origin(feed="rehearsal"), np.array([T0]), np.array([5e4]), np.zeros(1)
            )
            hub.publish([SENSOR, plots], T0)
            count = 0
            for step in range(12):
                hub.publish([], T0 + step)
                message = await link.next()
                count += len(message["plots"]["lat"]) if message["_"] == "frame/1" else 0
        assert count == 1

    asyncio.run(journey())


def test_a_new_sensor_brings_a_new_hello_and_a_keyframe(screen, hub):
    async def journey():
        async with screen() as link:
            assert (await link.next())["sensors"] == []
            await link.next()
            hub.publish([SENSOR], T0)
            message = await link.next()
            while message["_"] != "hello/1":
                message = await link.next()
            assert [s["id"] for s in message["sensors"]] == ["r1"]
            assert message["sensors"][0]["kind"] == "radar_2d"
            assert (await link.next())["keyframe"]
            hub.publish([SENSOR], T0 + S)
            following = [(await link.next())["_"] for _ in range(3)]
        assert following == ["frame/1"] * 3

    asyncio.run(journey())


def test_alerts_come_when_they_change(screen, hub):
    async def journey():
        alert = Alert(
            id="a", time_ns=T0, rule="border-crossed", severity=Severity.WARNING, text="Look.",
            track=4, track_feed="fuse", origin=Origin(feed="command"),
        )  # fmt: skip
        async with screen() as link:
            await link.next()
            await link.next()
            hub.publish([alert], T0)
            frame = await frame_where(link, lambda f: f["alerts"])
        (said,) = frame["alerts"]
        assert (said["id"], said["severity"], said["feed"], said["track"]) == ("a", "warning", 0, 4)

    asyncio.run(journey())


def test_a_new_screen_gets_the_tails(screen, hub, tracks):
    async def journey():
        for step in range(40):
            batch = tracks(45.5, 102.0 + 0.01 * step, now_ns=T0 + 5 * S * step)
            hub.publish([batch], T0 + 5 * S * step)
        async with screen() as link:
            tails, frame = (await link.next())["tails"], await link.next()
        assert len(tails["key"]) == 30
        assert set(tails["key"]) == set(frame["tracks"]["key"])
        assert tails["lon"].tolist() == pytest.approx([102.1 + 0.01 * i for i in range(30)])
        assert tails["age"].tolist() == [5.0 * (29 - i) for i in range(30)]

    asyncio.run(journey())


@pytest.mark.parametrize(
    "bad",
    [
        b"\xc1",
        b"",
        "text",
        msgpack.packb([1, 2]),
        msgpack.packb({"view": [1, 2, 3]}),
        msgpack.packb({"view": [0.0, 50.0, 10.0, 40.0]}),
        msgpack.packb({"view": [0.0, float("nan"), 10.0, 40.0]}),
        msgpack.packb({"view": ["a", "b", "c", "d"]}),
        msgpack.packb({"view": [2**63, [], {}, None]}),
        msgpack.packb({"pad": b"x" * 5000}),
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 4000,
    ],
)
def test_a_hostile_message_closes_that_screen_alone(screen, hub, tracks, bad):
    async def journey():
        async with screen() as good:
            await good.next()
            async with screen() as evil:
                await evil.send(bad)
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await frame_where(evil, lambda _: False)
                assert closed.value.rcvd.code in {1007, 1009}
            hub.publish([tracks(45.5, 102.0)], T0)
            await frame_where(good, lambda f: len(f["tracks"]["key"]))

    asyncio.run(journey())


def test_a_page_of_another_origin_gets_no_stream(ws):
    async def journey():
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(ws, origin="http://elsewhere.example")
        assert refused.value.response.status_code == 403

    asyncio.run(journey())


def test_a_page_of_our_own_gets_the_stream(ws, server):
    async def journey():
        async with websockets.connect(ws, origin=server.address) as link:
            await link.recv()

    asyncio.run(journey())


def deaf(server):
    """Open a stream and never read it."""
    link = socket.create_connection(("127.0.0.1", server.port))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.sendall(
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    return link


def test_a_screen_that_does_not_read_delays_nobody_and_is_cut_off(
    server, screen, hub, tracks, monkeypatch
):
    """Meanwhile the server holds one frame for it, not a queue of them."""
    monkeypatch.setattr(stream.DrainingProtocol, "unread_seconds", 1.5)
    waiting = []
    connected = stream.DrainingProtocol.connection_made

    def noting(self, transport):
        connected(self, transport)
        waiting.append(transport)

    monkeypatch.setattr(stream.DrainingProtocol, "connection_made", noting)
    many = tracks(np.linspace(45.0, 46.0, 20_000), 102.0)
    size = 20_000 * sum(np.dtype(d).itemsize for d in COLUMNS.values())

    async def journey():
        link = deaf(server)
        try:
            async with screen() as good:
                most = frames = 0
                for step in range(300):
                    hub.publish([many], T0 + step)
                    await good.next()
                    frames += 1
                    most = max(most, *(t.get_write_buffer_size() for t in waiting))
                    if waiting[0].is_closing():
                        break
                assert waiting[0].is_closing()
                assert not waiting[-1].is_closing()
                assert frames > 3
                assert 0 < most < 1.1 * size  # what the kernel did not take of one frame
        finally:
            link.close()

    asyncio.run(journey())


def test_more_screens_than_a_node_serves_are_told_so(ws, monkeypatch):
    monkeypatch.setattr(stream, "MOST_SCREENS", 1)

    async def journey():
        async with websockets.connect(ws) as first:
            await first.recv()
            await first.recv()
            async with websockets.connect(ws) as second:
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await second.recv()
        assert closed.value.rcvd.code == 1013

    asyncio.run(journey())


def test_stopping_the_server_ends_the_streams(server, screen):
    async def journey():
        async with screen() as link:
            await link.next()
            await asyncio.to_thread(server.stop)
            with pytest.raises(websockets.ConnectionClosed):
                await frame_where(link, lambda _: False)

    asyncio.run(journey())
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.address)
