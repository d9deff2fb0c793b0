"""How long after the node publishes does a screen have the frame, and what does serving cost?

A real server in this process, real WebSocket clients in another one. Every track changes ten
times a second; clients only read each frame's time from its bytes. Latency is from
``hub.publish`` to the client's ``recv``; CPU is the server process's own, picture included.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time

import msgpack
import numpy as np
import websockets
from numpy.typing import ArrayLike

from steppewatch.records import Origin, TrackBatch
from steppewatch.web import Hub, PictureInfo, serve
from steppewatch.world.geodesy import Array, ecef_from_geodetic
from steppewatch.world.terrain import Heights, Terrain, TerrainInfo

PERIOD = 0.1
SECONDS = 6.0
CASES = ((1_000, 1), (1_000, 10), (1_000, 50), (10_000, 1), (10_000, 10), (10_000, 50))


class Plain(Terrain):
    """A plain, so that the bench measures the stream and not the terrain."""

    def heights(self, lat: ArrayLike, lon: ArrayLike) -> Array:
        """Answer sea level."""
        return np.zeros(np.broadcast_shapes(np.shape(lat), np.shape(lon)))

    def grid(self, lat: ArrayLike, lon: ArrayLike) -> Heights:
        """Answer sea level."""
        return np.zeros((np.size(lat), np.size(lon)), np.float32)

    def describe(self) -> TerrainInfo:
        """Say that it is made up."""
        return TerrainInfo(
            label="plain", synthetic=True, datum="none", resolution=1e-3, south=0.0, west=0.0,
            north=1.0, east=1.0, source="bench",
        )  # fmt: skip


def batch(count: int, now_ns: int) -> TrackBatch:
    place = ecef_from_geodetic(np.radians(np.linspace(44, 50, count)), np.radians(105.0), 2e3)
    return TrackBatch(
        time_ns=np.full(count, now_ns),
        id=np.arange(count),
        mean=np.hstack((place, np.tile((30.0, 20.0, 10.0), (count, 1)))),
        cov=np.tile(np.eye(6) * 400.0, (count, 1, 1)),
        status=np.ones(count, "u1"),
        existence=np.ones(count, "f4"),
        target=np.zeros(count, "u1"),
        born_ns=np.full(count, now_ns - 10**10),
        seen_ns=np.full(count, now_ns),
        hits=np.full(count, 9, "u4"),
        mode_s=np.zeros(count, "u4"),
        mode_3a=np.full(count, -1, "i4"),
        callsign=np.zeros(count, "S8"),
        origin=Origin(feed="fuse"),
    )


def frame_time(data: bytes) -> int:
    """Read ``now_ns`` from the head of a frame (msgpack uint 64) without decoding its columns."""
    at = data.index(b"now_ns", 0, 200) + len(b"now_ns")
    return int(msgpack.unpackb(data[at : at + 9]))


async def read(address: str, clients: int) -> None:
    """Run the clients and print their latencies [ms] as JSON."""
    waits: list[float] = []
    end = time.monotonic() + SECONDS

    async def one() -> None:
        async with websockets.connect(address, max_size=None, compression=None) as link:
            while time.monotonic() < end:
                data = await link.recv()
                if b"frame/1" in data[:16]:
                    waits.append((time.time_ns() - frame_time(data)) / 1e6)

    await asyncio.gather(*(one() for _ in range(clients)))
    print(json.dumps(waits))


def used() -> float:
    times = resource.getrusage(resource.RUSAGE_SELF)
    return times.ru_utime + times.ru_stime


def measure(count: int, clients: int) -> list[dict]:
    hub = Hub(PictureInfo(title="bench", mode="live"), Plain())
    server = serve(hub, port=0)
    hub.publish([batch(count, time.time_ns())], time.time_ns())
    address = server.address.replace("http", "ws", 1) + "/ws"
    reader = subprocess.Popen(
        [sys.executable, __file__, address, str(clients)], stdout=subprocess.PIPE, text=True
    )
    cpu, wall = used(), time.monotonic()
    while reader.poll() is None:
        now_ns = time.time_ns()
        hub.publish([batch(count, now_ns)], now_ns)
        time.sleep(PERIOD)
        if time.monotonic() - wall > 4 * SECONDS:
            reader.kill()
    share = (used() - cpu) / (time.monotonic() - wall)
    waits = np.array(json.loads(reader.communicate()[0] or "[]"))[2 * clients :]
    server.stop()
    name = f"{count:,} tracks, {clients} screens"
    rate = len(waits) / clients / SECONDS
    return [
        {"name": f"{name}: latency p50", "value": np.median(waits), "unit": "ms", "note": ""},
        {"name": f"{name}: p99", "value": np.percentile(waits, 99), "unit": "ms", "note": ""},
        {"name": f"{name}: frames to each", "value": rate, "unit": "1/s", "note": ""},
        {
            "name": f"{name}: CPU of the node's process",
            "value": 100.0 * share,
            "unit": "%",
            "note": "of one core; making the tracks included",
        },
    ]


def main() -> list[dict]:
    return [row for count, clients in CASES for row in measure(count, clients)]


if __name__ == "__main__":
    asyncio.run(read(sys.argv[1], int(sys.argv[2])))
