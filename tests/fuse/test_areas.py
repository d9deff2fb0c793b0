"""Tracks kept by area are the tracks kept together: the same ids, the same numbers, each bit."""

import dataclasses

import numpy as np
import pytest

from steppewatch import fuse
from steppewatch.fuse import areas
from steppewatch.records import (
    Origin,
    Sensor,
    SensorKind,
    TrackBatch,
    TrackStatus,
    decode,
    detection_batch,
    encode,
    position_reports,
)
from steppewatch.world.geodesy import (
    ecef_from_geodetic,
    enu_from_ecef,
    local_frame,
    spherical_from_enu,
)

NS = 1_000_000_000
START = 1_700_000_000 * NS
ORIGIN = Origin(feed="rehearsal")
REACH = 90_000.0
SITES = ((47.0, 100.0), (47.4, 101.4), (46.6, 102.6), (47.2, 103.9))
PERIOD = (4.0, 5.0, 4.0, 6.0)


def radar(k):
    lat, lon = np.radians(SITES[k])
    return Sensor(
        id=f"radar-{k}", name=f"radar-{k}", site=f"site-{k}", kind=SensorKind.RADAR_3D,
        lat=float(lat), lon=float(lon), height=1_500.0, min_range=0.0, max_range=REACH,
        scan_period=PERIOD[k], sector_start=0.0, sector_width=2 * np.pi, sigma_range=30.0,
        sigma_azimuth=2e-3, sigma_elevation=3e-3, sigma_range_rate=np.nan,
        detection_probability=0.9, false_alarms=10.0, origin=ORIGIN,
    )  # fmt: skip


TRANSPONDERS = dataclasses.replace(
    radar(0), id="adsb", name="adsb", kind=SensorKind.REPORTS, max_range=np.inf, scan_period=1.0
)


class Sky:
    """Fly aeroplanes about a chain of four radars; some cross from one's view into the next's."""

    def __init__(self, seed, targets=90):
        rng = np.random.default_rng(seed)
        self.rng = rng
        self.lat = np.radians(rng.uniform(46.3, 47.8, targets))
        self.lon = np.radians(rng.uniform(99.2, 104.8, targets))
        self.height = rng.uniform(3_000.0, 9_000.0, targets)
        self.rate = np.radians(rng.uniform(-0.004, 0.004, (targets, 2)))
        self.address = np.where(rng.random(targets) < 0.3, np.arange(targets) + 1, 0)

    def at(self, t):
        return ecef_from_geodetic(
            self.lat + t * self.rate[:, 0], self.lon + t * self.rate[:, 1], self.height
        )

    def scan(self, k, t, part=None):
        """See the sky, or one third of it, with one radar: detections, misses, false alarms."""
        sensor = radar(k)
        frame = local_frame(sensor.lat, sensor.lon, sensor.height)
        r, az, el = spherical_from_enu(enu_from_ecef(self.at(t), frame))
        seen = (r < REACH) & (el > 0.0) & (self.rng.random(len(r)) < 0.9)
        if part is not None:
            seen &= np.floor(az / (2 * np.pi / 3)) == part
        n = int(seen.sum())
        r = np.concatenate((r[seen] + self.rng.normal(0, 30, n), self.rng.uniform(5e3, REACH, 5)))
        az = np.concatenate((az[seen] + self.rng.normal(0, 2e-3, n), self.rng.uniform(0, 6.28, 5)))
        el = np.concatenate((el[seen] + self.rng.normal(0, 3e-3, n), self.rng.uniform(0, 0.3, 5)))
        when = np.full(len(r), START + int(t * NS))
        return detection_batch(sensor.id, ORIGIN, when, r, np.mod(az, 2 * np.pi), elevation=el)

    def squitters(self, t):
        """Hear the equipped ones."""
        who = np.flatnonzero((self.address > 0) & (self.rng.random(len(self.address)) < 0.8))
        place = self.at(t)[who] + self.rng.normal(0, 20.0, (len(who), 3))
        when = np.full(len(who), START + int(t * NS))
        cov = np.tile(400.0 * np.eye(3), (len(who), 1, 1))
        return position_reports("adsb", ORIGIN, when, place, cov, mode_s=self.address[who])


def steps(seed, seconds=120):
    """Give a run by seconds: radars in turn, some in sectors, one silent for a while."""
    sky = Sky(seed)
    yield START, [radar(k) for k in range(3)]
    for t in range(1, seconds):
        messages = []
        for k in range(4):
            if k == 3 and t == 20:
                messages.append(radar(3))
            if t % PERIOD[k] == k and not (k == 1 and 60 <= t < 130):
                parts = (None,) if k else (0, 1, 2)
                messages += [sky.scan(k, t, part) for part in parts]
        if t == 30:
            messages.append(TRANSPONDERS)
        if t >= 30 and t % 3 == 0:
            messages.append(sky.squitters(t))
        yield START + t * NS, messages


def told(run, pack=None):
    """Track a run; give what was said of tracks, and the last state."""
    stage = fuse.stage()
    state, out = stage.initial, []
    for now, messages in run:
        state, said = stage.step(state, messages, now)
        if pack is not None:
            state = decode(encode(state))
            pack.append(len(state.areas))
        out += [batch for batch in said if isinstance(batch, TrackBatch)]
    return out, state


def equal(one, other):
    for field in dataclasses.fields(TrackBatch):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        else:
            assert a == b, field.name


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("edge", [40e3, 200e3])
def test_tracks_kept_by_area_are_the_tracks_kept_together(monkeypatch, seed, edge):
    together, whole = told(steps(seed))
    assert [area.key for area in whole.areas] == [areas.WHOLE]
    monkeypatch.setattr("steppewatch.fuse.held.SPLIT", 20)
    monkeypatch.setattr("steppewatch.fuse.held.JOIN", 10)
    monkeypatch.setattr("steppewatch.fuse.held.SPARE", 8)
    monkeypatch.setattr(areas, "EDGE", edge)
    count = []
    apart, parts = told(steps(seed), count)
    assert max(count) > 5
    assert len(together) == len(apart) > 60
    for one, other in zip(together, apart, strict=True):
        equal(one, other)
    ends = np.concatenate([batch.status for batch in together]) == TrackStatus.ENDED
    assert ends.sum() > 20
    for name in ("id", "mean", "cov", "score", "hit_ns", "missed", "pace", "why_z"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name), err_msg=name)
    assert parts.next_id == whole.next_id
