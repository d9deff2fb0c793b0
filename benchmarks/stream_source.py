"""A stand-in for a node: the real stream protocol (docs/stream.md), with made-up tracks.

It serves the built front end and as many moving tracks as asked for, so that the browser can be
measured and worked on without a rehearsal behind it: ``python benchmarks/stream_source.py --tracks
1000 --port 9471``.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from numpy.typing import NDArray
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from steppewatch.records import encode

Array = NDArray[np.float64]

STATIC = Path(__file__).resolve().parents[1] / "src" / "steppewatch" / "web" / "static"
HOME = (90.6, 48.9, 93.6, 50.4)
METRES_PER_DEGREE = 111_195.0
# Speeds [m/s] and heights above ground [m] by target class, from UNKNOWN to BIRD.
SPEEDS = (20.0, 1.4, 3.5, 14.0, 220.0, 55.0, 15.0, 12.0)
HEIGHTS = (300.0, 0.0, 0.0, 0.0, 9_000.0, 400.0, 120.0, 200.0)
GRAVITIES = ("notice", "caution", "warning")


@dataclass
class World:
    """Move ``count`` tracks about the home view; the same seed makes the same world."""

    count: int
    seed: int = 1
    start_ns: int = field(default_factory=time.time_ns)

    def __post_init__(self) -> None:
        """Scatter the tracks."""
        rng = np.random.default_rng(self.seed)
        west, south, east, north = HOME
        self.lon0 = rng.uniform(west + 0.1, east - 0.1, self.count)
        self.lat0 = rng.uniform(south + 0.1, north - 0.1, self.count)
        self.target = rng.choice(8, self.count, p=(0.1, 0.2, 0.1, 0.2, 0.2, 0.05, 0.1, 0.05))
        self.speed = np.array(SPEEDS)[self.target] * rng.uniform(0.7, 1.3, self.count)
        self.course0 = rng.uniform(0.0, 360.0, self.count)
        self.turn = rng.normal(0.0, 0.15, self.count)
        self.status = rng.choice(3, self.count, p=(0.15, 0.75, 0.1))
        self.feed = (rng.random(self.count) < 0.1) & (self.target == 4)
        self.callsign = np.array(
            [f"MGL{100 + i % 900}" if self.feed[i] else "" for i in range(self.count)], "S8"
        )
        self.acknowledged: dict[str, tuple[int, str]] = {}

    def columns(self, rows: NDArray[np.intp], t: float) -> dict[str, NDArray[Any]]:
        """Give the columns of some tracks ``t`` seconds after the start."""
        n = len(rows)
        course = self.course0[rows] + self.turn[rows] * t
        turn = np.radians(np.where(np.abs(self.turn[rows]) < 1e-3, 1e-3, self.turn[rows]))
        # A circle flown at constant speed and turn rate, in closed form.
        radius, before = self.speed[rows] / turn, np.radians(self.course0[rows])
        after = before + turn * t
        north = radius * (np.sin(after) - np.sin(before))
        east = radius * (np.cos(before) - np.cos(after))
        lat = self.lat0[rows] + north / METRES_PER_DEGREE
        lon = self.lon0[rows] + east / METRES_PER_DEGREE / np.cos(np.radians(self.lat0[rows]))
        ground = 1500.0 + 400.0 * np.sin(lat * 40.0) * np.cos(lon * 30.0)
        height = ground + np.array(HEIGHTS)[self.target[rows]] + 30.0 * np.sin(t / 20.0 + rows)
        return {
            "key": rows.astype("<u4") + 1,
            "id": rows.astype("<f8") + 1,
            "feed": self.feed[rows].astype("u1"),
            "lat": lat,
            "lon": lon,
            "height": height.astype("<f4"),
            "ground": ground.astype("<f4"),
            "speed": self.speed[rows].astype("<f4"),
            "climb": (1.5 * np.cos(t / 20.0 + rows)).astype("<f4"),
            "course": np.mod(course, 360.0).astype("<f4"),
            "sigma": np.full(n, 60.0, "<f4"),
            "status": self.status[rows].astype("u1"),
            "target": self.target[rows].astype("u1"),
            "existence": np.full(n, 0.97, "<f4"),
            "age": np.full(n, t + 30.0, "<f4"),
            "seen": np.where(self.status[rows] == 2, 9.0, 0.4).astype("<f4"),
            "hits": np.full(n, 12, "<u4"),
            "mode_s": np.where(self.feed[rows], 0x515000 + rows, 0).astype("<u4"),
            "mode_3a": np.where(self.feed[rows], 0o2501, -1).astype("<i4"),
            "callsign": self.callsign[rows],
        }

    def tails(self, t: float) -> dict[str, NDArray[Any]]:
        """Give where the tracks were in the five minutes before ``t``."""
        rows = np.arange(self.count)
        ages = np.arange(295.0, 0.0, -5.0)
        steps = [self.columns(rows, t - age) for age in ages]
        return {
            "key": np.concatenate([s["key"] for s in steps]),
            "lat": np.concatenate([s["lat"] for s in steps]),
            "lon": np.concatenate([s["lon"] for s in steps]),
            "age": np.repeat(ages, self.count).astype("<f4"),
        }

    def alerts(self, t: float) -> list[dict[str, Any]]:
        """Give a handful of alerts, one more each half minute."""
        texts = (
            "Sensor east ridge is degraded: 30 % of its sector is blocked.",
            "Vehicle T4 has stood still for 10 minutes, 800 m from the border.",
            "Walker T2 crossed the border heading south.",
            "Small drone T7 is 2.1 km from the border and closing.",
        )
        made = []
        for i in range(min(4 + int(t // 30), 12)):
            when = self.start_ns + int((i * 30 - 120) * 1e9)
            acknowledged_ns, by = self.acknowledged.get(f"a{i}", (0, ""))
            lat, lon = 49.6 + 0.05 * i, 91.6 + 0.1 * i
            made.append(
                {
                    "id": f"a{i}", "time_ns": when, "rule": "stand-in",
                    "severity": GRAVITIES[i % 3], "text": texts[i % 4],
                    "track": i + 1 if i % 4 else -1, "feed": 0 if i % 4 else -1,
                    "sensor": "", "lat": lat, "lon": lon, "border": "RU", "border_km": 310.4 + i,
                    "closed_ns": 0, "acknowledged_ns": acknowledged_ns, "acknowledged_by": by,
                }
            )  # fmt: skip
        return made


def border() -> dict[str, Any]:
    """Give a border through the view, with a post each kilometre."""
    lon = np.linspace(HOME[0] - 1.0, HOME[2] + 1.0, 300)
    lat = 49.75 + 0.12 * np.sin(lon * 4.0) + 0.03 * np.sin(lon * 23.0)
    east = np.diff(lon) * METRES_PER_DEGREE * np.cos(np.radians(49.7))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(east, np.diff(lat) * METRES_PER_DEGREE))))
    first = 220
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": {
                "type": "LineString",
                "coordinates": np.stack([lon, lat], axis=1).tolist(),
            },
            "properties": {"border": "RU"},
        }
    ]
    for km in range(int(along[-1] // 1000)):
        place = [float(np.interp(km * 1000, along, lon)), float(np.interp(km * 1000, along, lat))]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": place},
                "properties": {"border": "RU", "km": first + km},
            }
        )
    return {"type": "FeatureCollection", "features": features}


SITES = [
    {"id": "west", "name": "West pass", "lat": 49.42, "lon": 91.2, "height": 2210.0},
    {"id": "east", "name": "East ridge", "lat": 49.55, "lon": 92.6, "height": 2480.0},
    {"id": "post", "name": "Post 14", "lat": 49.35, "lon": 92.0, "height": 1620.0},
]


def sensors() -> list[dict[str, Any]]:
    """Give a radar on each site and one camera."""
    kinds = (
        ("west", "radar_3d", 60_000.0), ("east", "ground_radar", 40_000.0),
        ("post", "camera", 15_000.0),
    )  # fmt: skip
    made = []
    for site_id, kind, reach in kinds:
        site = next(s for s in SITES if s["id"] == site_id)
        width = 120.0 if kind == "camera" else 360.0
        made.append(
            {
                "id": f"{site_id}-{kind}", "name": f"{site['name']} {kind.split('_')[0]}",
                "site": site_id, "kind": kind, "lat": site["lat"], "lon": site["lon"],
                "height": site["height"], "min_range": 100.0, "max_range": reach,
                "scan_period": 4.0, "sector_start_deg": 300.0, "sector_width_deg": width,
                "address": "", "position_assumed": kind == "camera",
            }
        )  # fmt: skip
    return made


def statuses(now_ns: int, t: float) -> list[dict[str, Any]]:
    """Give the sensors' health: one good, one degraded, one silent."""
    healths = (("good", ""), ("degraded", "rotation 15 % slow"), ("silent", "no data for 42 s"))
    return [
        {
            "sensor": sensor["id"], "time_ns": now_ns, "health": health, "reason": reason,
            "last_data_ns": now_ns - (42_000_000_000 if health == "silent" else 300_000_000),
            "rotation_period": 4.02 if sensor["kind"] != "camera" else None,
            "messages": int(t * 20), "detections": int(t * 35), "errors": 3 * (health != "good"),
        }
        for sensor, (health, reason) in zip(sensors(), healths, strict=True)
    ]  # fmt: skip


def info(world: World, now_ns: int) -> dict[str, Any]:
    """Describe the stand-in as a node describes itself."""
    return {
        "title": f"Stand-in, {world.count} tracks",
        "mode": "rehearsal",
        "version": "stand-in",
        "now_ns": now_ns,
        "rate": 1.0,
        "home": list(HOME),
        "terrain": {"label": "made-up hills, synthetic detail", "origin": "", "synthetic": True},
        "recording": True,
        "foreign": "stand-in system tracks",
    }


@lru_cache(maxsize=2048)
def tile(z: int, x: int, y: int) -> bytes:
    """Draw one tile of made-up relief."""
    size = 2.0**z
    u = (x + (np.arange(258) - 1) / 256.0) / size * 4096.0
    v = (y + (np.arange(258)[:, None] - 1) / 256.0) / size * 4096.0
    height = np.zeros((258, 258))
    for octave in range(9):
        f, a = 2.0**octave * 0.7, 0.55**octave
        bend = np.sin(f * (0.8 * u - 0.6 * v) * 0.7 + octave)
        height += a * (1 - np.abs(np.sin(f * u + 1.7 * octave + bend) * np.cos(f * v - octave)))
    spacing = 4096.0 / size / 256.0
    slope_x, slope_y = np.gradient(height, spacing, spacing)[::-1]
    light = (1.0 - 0.5 * slope_x - 0.5 * slope_y) / np.sqrt(1.0 + slope_x**2 + slope_y**2)
    shade = np.clip(26.0 + 30.0 * light[1:-1, 1:-1], 14.0, 100.0)
    colour = np.stack([shade * 0.92, shade, shade * 0.97], axis=-1).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(colour).save(out, "PNG", compress_level=1)
    return out.getvalue()


def make_app(world: World, frames_per_second: float = 10.0, share: float = 1.0) -> Starlette:
    """Make the stand-in's web application.

    Args:
        world: What moves.
        frames_per_second: Frames sent to each browser.
        share: Share of the tracks that each frame brings news of.
    """

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        now_ns = time.time_ns()
        await socket.send_bytes(
            encode(
                {
                    "_": "hello/1", "info": info(world, now_ns), "sites": SITES,
                    "sensors": sensors(), "border": border(), "alerts": world.alerts(0.0),
                    "tails": world.tails((now_ns - world.start_ns) / 1e9),
                }
            )
        )  # fmt: skip
        rng = np.random.default_rng(2)
        sequence = 0
        try:
            while True:
                now_ns = time.time_ns()
                t = (now_ns - world.start_ns) / 1e9
                keyframe = sequence == 0
                everyone = np.arange(world.count)
                rows = everyone if keyframe else everyone[rng.random(world.count) < share]
                await socket.send_bytes(encode(frame(world, rows, sequence, now_ns, t, rng)))
                sequence += 1
                await asyncio.sleep(1.0 / frames_per_second)
        except (WebSocketDisconnect, RuntimeError):
            return

    async def acknowledge(request: Request) -> Response:
        by = (await request.json())["by"]
        world.acknowledged[request.path_params["id"]] = (time.time_ns(), by)
        return JSONResponse({"ok": True})

    async def relief(request: Request) -> Response:
        place = (int(request.path_params[k]) for k in "zxy")
        png = await asyncio.to_thread(tile, *place)
        return Response(png, media_type="image/png", headers={"Cache-Control": "max-age=3600"})

    async def healthz(_: Request) -> Response:
        return JSONResponse({"state": "live"})

    return Starlette(
        routes=[
            WebSocketRoute("/ws", live),
            Route("/healthz", healthz),
            Route("/api/v1/alerts/{id}/acknowledge", acknowledge, methods=["POST"]),
            Route("/terrain/{z:int}/{x:int}/{y:int}.png", relief),
            Mount("/", StaticFiles(directory=STATIC, html=True)),
        ]
    )


def frame(
    world: World,
    rows: NDArray[np.intp],
    sequence: int,
    now_ns: int,
    t: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Build one frame, with plots scattered about some of the tracks."""
    plotted = rng.integers(0, world.count, min(12, world.count))
    near = world.columns(plotted, t)
    n = len(plotted)
    return {
        "_": "frame/1",
        "sequence": sequence,
        "now_ns": now_ns,
        "keyframe": sequence == 0,
        "tracks": world.columns(rows, t),
        "gone": np.empty(0, "<u4"),
        "plots": {
            "lat": near["lat"] + rng.normal(0.0, 0.002, n),
            "lon": near["lon"] + rng.normal(0.0, 0.003, n),
            "height": near["height"],
            "kind": rng.integers(1, 4, n).astype("u1"),
            "sensor": np.zeros(n, "u1"),
            "age": np.zeros(n, "<f4"),
        },
        "alerts": world.alerts(t) if sequence % 5 == 0 else [],
        "status": statuses(now_ns, t) if sequence % 10 == 0 else [],
        "node": {
            "recording": True,
            "warning": "",
            "lag_ms": 12.0,
            "rate": 1.0,
            "stored": sequence * 40,
            "ended": False,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=60)
    parser.add_argument("--port", type=int, default=9471)
    parser.add_argument("--share", type=float, default=0.3, help="share of tracks in each frame")
    options = parser.parse_args()
    app = make_app(World(options.tracks), share=options.share)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
