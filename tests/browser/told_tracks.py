"""A picture fed by hand: one track in sight, one hidden behind a hill, one of another tracker."""

import threading
import time

import numpy as np

from steppewatch.records import Origin, Sensor, SensorKind, TrackBatch, TrackStatus
from steppewatch.web import Hub, PictureInfo
from steppewatch.world.geodesy import ecef_from_geodetic, enu_rotation
from steppewatch.world.terrain import Terrain, TerrainInfo

NS = 10**9
SEEN, HIDDEN, FOREIGN = 41, 42, 9


class Plain(Terrain):
    """A plain at 1,200 m."""

    def heights(self, lat, lon):
        lat, lon = np.broadcast_arrays(lat, lon)
        return np.full(lat.shape, 1200.0)

    def grid(self, lat, lon):
        return self.heights(lat[:, None], lon[None, :]).astype(np.float32)

    def describe(self):
        return TerrainInfo(
            label="a plain", synthetic=True, datum="none", resolution=1e-3, south=44.0, west=100.0,
            north=47.0, east=104.0, source="made for tests",
        )  # fmt: skip


def sensors():
    """Give two radars beside the tracks."""
    return [
        Sensor(
            id=name, name=words, site="", kind=SensorKind.RADAR_3D, lat=np.radians(45.5),
            lon=np.radians(101.95 + 0.1 * i), height=1300.0, min_range=100.0, max_range=60e3,
            scan_period=5.0, sector_start=0.0, sector_width=2 * np.pi, sigma_range=30.0,
            sigma_azimuth=2e-3, sigma_elevation=3e-3, sigma_range_rate=1.0,
            detection_probability=0.9, false_alarms=1.0, origin=Origin(feed="test"),
        )
        for i, (name, words) in enumerate((("radar-east", "East hill"), ("radar-west", "West")))
    ]  # fmt: skip


def own(now, beat):
    """Tell the two tracks of our own tracker; what hides hides from the first beat on."""
    lat, lon = np.radians([45.52, 45.48]), np.radians([102.0, 102.03])
    ecef = np.einsum("nji,nj->ni", enu_rotation(lat, lon), np.tile([12.0, 5.0, 0.0], (2, 1)))
    seen = np.array([now - NS, now - 47 * NS])
    prob = np.zeros((2, 8), np.float32)
    prob[0, [0, 3, 2]] = 0.02, 0.9, 0.08
    prob[1, [0, 4, 3]] = 0.1, 0.6, 0.3
    return TrackBatch(
        time_ns=np.full(2, now), id=np.array([SEEN, HIDDEN]),
        mean=np.hstack((ecef_from_geodetic(lat, lon, 1250.0), ecef)),
        cov=np.tile(np.diag([400.0] * 3 + [4.0] * 3), (2, 1, 1)),
        status=np.array([TrackStatus.CONFIRMED, TrackStatus.COASTING], "u1"),
        existence=1.0 - prob[:, 0], target=np.array([3, 4], "u1"),
        born_ns=np.full(2, now - 300 * NS), seen_ns=seen, hits=np.full(2, 40 + beat, "u4"),
        mode_s=np.zeros(2, "u4"), mode_3a=np.full(2, -1, "i4"), callsign=np.full(2, b"", "S8"),
        class_prob=prob, sensors=("radar-east", "radar-west"),
        seen_by=np.array([[True, True], [False, False]]), hidden=np.array([False, True]),
        why_ns=seen, why_sensor=np.array([beat % 2, 1], "i4"), why_plot=np.array([beat, 3], "i4"),
        why_weight=np.array([0.87, 1.0], "f4"), why_method=np.array([2, 1], "u1"),
        origin=Origin(feed="fuse"),
    )  # fmt: skip


def foreign(now):
    """Tell a track of a tracker that gives no reasons."""
    lat, lon = np.radians([45.5]), np.radians([101.9])
    place = ecef_from_geodetic(lat, lon, 4000.0)
    return TrackBatch(
        time_ns=np.array([now]), id=np.array([FOREIGN]), mean=np.hstack((place, np.zeros((1, 3)))),
        cov=np.tile(np.eye(6), (1, 1, 1)), status=np.array([1], "u1"),
        existence=np.ones(1, "f4"), target=np.array([4], "u1"), born_ns=np.array([now]),
        seen_ns=np.array([now]), hits=np.ones(1, "u4"), mode_s=np.zeros(1, "u4"),
        mode_3a=np.full(1, -1, "i4"), callsign=np.full(1, b"", "S8"), origin=Origin(feed="other"),
    )  # fmt: skip


class Teller:
    """Publish the three tracks every half second until told to stop."""

    def __init__(self):
        info = PictureInfo(title="Told", mode="rehearsal", home=(45.5, 102.0, 12.0))
        self.hub = Hub(info, Plain())
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self.hub

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        beat = 0
        while not self._over.is_set():
            now = time.time_ns()
            news = [] if beat else sensors()
            self.hub.publish([*news, own(now, beat), foreign(now)], now)
            self.hub.node_state(
                now_ns=now, recording=True, warning="", lag_ms=0.0, rate=1.0, stored=beat,
                ended=False,
            )  # fmt: skip
            beat += 1
            self._over.wait(0.5)
