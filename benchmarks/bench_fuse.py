"""How long does the tracker take for a scan, and how near to the truth is it?

Seeded traffic (40 % ground vehicles, 30 % drones, 20 % light aircraft, 10 % fast ones; 5 % of
them turn in any scan) seen by 3-D radars with 5 s scans, Pd 0.9 and one false alarm for every two
targets, at constant density: radius 200 km · √(N/1000). Above 1,000 targets there is one radar
for each 1,000, all in one tracker. CPU milliseconds of one thread, median of the scans.
"""

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch import fuse
from steppewatch.fuse.score import score_run
from steppewatch.records import (
    DetectionBatch,
    Origin,
    Sensor,
    SensorKind,
    TrackStatus,
    detection_batch,
)
from steppewatch.world.geodesy import (
    LocalFrame,
    ecef_from_enu,
    local_frame,
    spherical_from_enu,
)

START_NS = 1_700_000_000_000_000_000
ORIGIN = Origin(feed="rehearsal")
PERIOD = 5.0
SCANS = 30
SKIP = 10
PD = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """Hold one radar, its targets' true positions and what it saw of them."""

    sensor: Sensor
    frame: LocalFrame
    truth: NDArray[np.float64]
    scans: list[DetectionBatch]


def patch(number: int, n: int, seed: int) -> Patch:
    """Draw one radar's traffic and detections."""
    rng = np.random.default_rng([seed, number])
    radius = 200e3 * math.sqrt(n / 1000)
    sensor = Sensor(
        id=f"radar-{number}", name="", site="", kind=SensorKind.RADAR_3D,
        lat=math.radians(46.0), lon=math.radians(60.0 + 6.0 * number), height=1000.0,
        min_range=0.0, max_range=1.02 * radius, scan_period=PERIOD,
        sector_start=0.0, sector_width=2.0 * math.pi,
        sigma_range=30.0, sigma_azimuth=math.radians(0.1), sigma_elevation=math.radians(0.15),
        sigma_range_rate=math.nan, detection_probability=PD, false_alarms=0.5 * n, origin=ORIGIN,
    )  # fmt: skip
    kind = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    speed = rng.uniform(np.array([5, 10, 40, 120])[kind], np.array([25, 40, 90, 250])[kind])
    height = rng.uniform(np.array([0, 100, 500, 3000])[kind], np.array([50, 1e3, 4e3, 9e3])[kind])
    course = rng.uniform(0.0, 2 * np.pi, n)
    angle, reach = rng.uniform(0.0, 2 * np.pi, n), radius * np.sqrt(rng.uniform(0.001, 0.9, n))
    place = np.stack((reach * np.sin(angle), reach * np.cos(angle), height), axis=1)
    turn = np.zeros(n)
    truth, scans = np.empty((SCANS, n, 3)), []
    for k in range(SCANS):
        truth[k] = place
        scans.append(look(sensor, place, k, rng))
        change = rng.random(n) < 0.05
        turn = np.where(change, rng.choice([0.0, 0.0, 1.0, -1.0], n) * np.radians(3.0), turn)
        for _ in range(10):
            course = course + turn * PERIOD / 10
            step = speed * PERIOD / 10
            place = place + np.stack((step * np.sin(course), step * np.cos(course), 0 * step), 1)
    return Patch(
        sensor=sensor,
        frame=local_frame(sensor.lat, sensor.lon, sensor.height),
        truth=truth,
        scans=scans,
    )


def look(
    sensor: Sensor, place: NDArray[np.float64], k: int, rng: np.random.Generator
) -> DetectionBatch:
    """Give what the radar makes of targets at ``place`` ``(n, 3)`` ENU, and of nothing."""
    seen = place[rng.random(len(place)) < PD]
    r, az, el = spherical_from_enu(seen)
    false = rng.poisson(sensor.false_alarms)
    measured = [
        np.concatenate((true + rng.normal(0.0, sigma, len(seen)), rng.uniform(low, high, false)))
        for true, sigma, low, high in (
            (r, sensor.sigma_range, 1e3, sensor.max_range),
            (az, sensor.sigma_azimuth, 0.0, 2 * math.pi),
            (el, sensor.sigma_elevation, -0.03, 0.37),
        )
    ]
    order = rng.permutation(len(measured[0]))
    when = np.full(len(order), START_NS + int(k * PERIOD * 1e9))
    return detection_batch(
        sensor.id, ORIGIN, when, measured[0][order], np.mod(measured[1][order], 2 * np.pi),
        elevation=measured[2][order],
    )  # fmt: skip


def measure(n: int, seed: int = 1) -> list[dict[str, object]]:
    """Track n targets and report time and quality."""
    each = min(n, 1000)
    patches = [patch(i, each, seed) for i in range(n // each)]
    stage = fuse.stage()
    state = stage.step(stage.initial, [p.sensor for p in patches], START_NS)[0]
    spent, truth, tracks = [], [], []
    for k in range(SCANS):
        now = START_NS + int(k * PERIOD * 1e9)
        before = time.process_time()
        state, _ = stage.step(state, [p.scans[k] for p in patches], now)
        spent.append(time.process_time() - before)
        picture = fuse.tracks_at(state, now)
        told = picture.status != TrackStatus.TENTATIVE
        tracks.append((picture.id[told], picture.mean[told, :3]))
        places = np.concatenate([ecef_from_enu(p.truth[k], p.frame) for p in patches])
        truth.append((np.arange(n), places))
    rows: list[dict[str, object]] = [
        {
            "name": f"CPU per scan, N={n}",
            "value": 1e3 * float(np.median(spent[SKIP:])),
            "unit": "ms",
            "note": f"{len(patches)} radar(s), {len(state)} tracks held",
        }
    ]
    if n > 1000:  # the assignment of a score over 10,000 targets costs minutes
        return rows
    report = score_run([PERIOD * k for k in range(SCANS)], truth, tracks, skip=SKIP)
    note = (
        f"completeness {report.completeness:.3f}, {report.false:.2f} false per scan, "
        f"{report.switches_rate:.2f} switches per 100 target-minutes, rms {report.rms:.0f} m"
    )
    return [*rows, {"name": f"GOSPA, N={n}", "value": report.gospa, "unit": "m", "note": note}]


def main() -> list[dict[str, object]]:
    """Measure at four sizes, after one small run that compiles."""
    measure(10)
    return [row for n in (100, 300, 1000, 10_000) for row in measure(n)]


if __name__ == "__main__":
    for line in main():
        print(line)
