"""A real server on a free port, fed by hand."""

import json
import time
from concurrent.futures import Future

import msgpack
import numpy as np
import pytest

from steppewatch.records import Origin, TrackBatch, TrackStatus
from steppewatch.records.binary import _ext
from steppewatch.web import Hub, PictureInfo, serve
from steppewatch.world import border as borders
from steppewatch.world.geodesy import ecef_from_geodetic, enu_rotation
from steppewatch.world.terrain import Terrain, TerrainInfo

T0 = 1_700_000_000_000_000_000


class Plain(Terrain):
    """A plain at 1,200 m with a hole east of 110° E."""

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(lat, lon)
        return np.where(lon > np.radians(110.0), np.nan, 1200.0)

    def grid(self, lat, lon):
        return self.heights(lat[:, None], lon[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="a plain", synthetic=True, datum="none", resolution=1e-3, south=0.0, west=0.0,
            north=1.0, east=2.0, source="made for tests",
        )  # fmt: skip


@pytest.fixture
def tracks():
    """Make a batch of tracks."""

    def make(lat_deg, lon_deg, *, now_ns=T0, ids=None, status=TrackStatus.CONFIRMED, feed="fuse"):
        lat, lon = np.radians(np.atleast_1d(lat_deg)), np.radians(np.atleast_1d(lon_deg))
        lat, lon = np.broadcast_arrays(lat, lon)
        n = len(lat)
        velocity = np.tile((30.0, 40.0, 2.0), (n, 1))
        ecef = np.einsum("nji,nj->ni", enu_rotation(lat, lon), velocity)
        # Errors of 50 m along 30° and 10 m across it, in the horizontal plane.
        turn = np.array([[np.sin(np.pi / 6), np.cos(np.pi / 6), 0], [-np.cos(np.pi / 6), 0.5, 0]])
        plane = turn.T @ np.diag((2500.0, 100.0)) @ turn
        rotation = enu_rotation(lat, lon)
        cov = np.zeros((n, 6, 6))
        cov[:, :3, :3] = np.swapaxes(rotation, 1, 2) @ plane @ rotation
        return TrackBatch(
            time_ns=np.full(n, now_ns),
            id=np.arange(n) if ids is None else np.asarray(ids, np.int64),
            mean=np.hstack((ecef_from_geodetic(lat, lon, 2000.0), ecef)),
            cov=cov,
            status=np.full(n, int(status), "u1"),
            existence=np.ones(n, "f4"),
            target=np.zeros(n, "u1"),
            born_ns=np.full(n, now_ns - 10**10),
            seen_ns=np.full(n, now_ns - 10**9),
            hits=np.full(n, 5, "u4"),
            mode_s=np.zeros(n, "u4"),
            mode_3a=np.full(n, -1, "i4"),
            callsign=np.full(n, b"AB1", "S8"),
            origin=Origin(feed=feed),
        )

    return make


@pytest.fixture(scope="session")
def border():
    def feature(name, points):
        geometry = {"type": "LineString", "coordinates": points}
        return {"type": "Feature", "properties": {"neighbour": name}, "geometry": geometry}

    south = [[100.0, 45.0], [104.0, 45.0]]
    north = [[100.0, 45.0], [100.0, 46.0], [104.0, 46.0], [104.0, 45.0]]
    return borders.parse({"features": [feature("RU", north), feature("CN", south)]})


@pytest.fixture
def orders():
    """Collect the orders that the web sends to the node, with their futures."""
    return []


@pytest.fixture
def hub(border, orders):
    def take(message):
        future = Future()
        orders.append((message, future))
        return future

    info = PictureInfo(title="Test", mode="rehearsal", home=(45.5, 102.0, 9.0))
    return Hub(info, Plain(), border, on_command=take)


@pytest.fixture
def server(hub):
    running = serve(hub, port=0)
    yield running
    running.stop()


def unpack(data):
    return msgpack.unpackb(data, ext_hook=_ext)


@pytest.fixture
def read():
    """Decode one stream message."""
    return unpack


@pytest.fixture
def until():
    """Wait until something is true, at most ten seconds."""

    def wait(true, seconds=10.0):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)

    return wait


@pytest.fixture
def ws(server):
    return server.address.replace("http", "ws", 1) + "/ws"


@pytest.fixture
def say():
    """Encode what a browser says."""
    return lambda **message: msgpack.packb(json.loads(json.dumps(message)))
