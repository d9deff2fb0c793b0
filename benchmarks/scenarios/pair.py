"""Two overlapping radars, each off in range, north, elevation and time, and ADS-B to tell by.

Radars of 5 s and 4 s turn 80 km apart over one area of 70 km radius; each plot has the time at
which the beam passed, and arrives within a second, by sectors. Part of the aircraft report their
place once a second (GNSS: 15 m, 0.3 m/s).
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scenarios.scene import ORIGIN, Scene, from_map, nanoseconds, on_map, radar_3d
from benchmarks.scenarios.traffic import Traffic, draw
from steppewatch.records import (
    DetectionBatch,
    PositionReports,
    Sensor,
    SensorKind,
    detection_batch,
)
from steppewatch.world.geodesy import (
    LocalFrame,
    enu_from_ecef,
    local_frame,
    spherical_from_enu,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RADIUS = 70e3
APART = 80e3
EVERY = 0.5
EVERY_SCORE = 5
GNSS, GNSS_SPEED = 15.0, 0.3
OFF = (150.0, math.radians(0.3), math.radians(0.1), 0.4)
NOTHING = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Choose a scene.

    Attributes:
        n: Targets: a fifth drones, the others aircraft.
        seconds: How long.
        seed: Of the generator.
        bias: Size of each radar's range [m], azimuth, elevation [rad] and time [s] error; signs
            are drawn.
        drift: Azimuth that the second radar turns away in a second, from ``drift_from`` on [rad].
        drift_from: When that begins [s].
        adsb: Part of the aircraft that report.
        pd: Detection probability of both radars.
        clutter: False alarms per turn of each.
        radars: One or two.
    """

    n: int = 40
    seconds: float = 600.0
    seed: int = 0
    bias: tuple[float, float, float, float] = OFF
    drift: float = 0.0
    drift_from: float = 300.0
    adsb: float = 0.4
    pd: float = 0.9
    clutter: float = 20.0
    radars: int = 2


def make(how: Pair) -> Scene:
    """Draw a scene; ``site["biases"]`` has ``(sensors, 5)`` in registration's order of parts."""
    flights, signs, noise = (np.random.default_rng([how.seed, salt]) for salt in (11, 12, 13))
    traffic = Traffic(
        n=how.n, radius=RADIUS, seconds=how.seconds + 5.0, shares=(0.0, 0.2, 0.4, 0.4)
    )
    plane, kind = draw(traffic, flights, EVERY)
    truth = from_map(plane)
    reach = 1.4 * (RADIUS + APART / 2.0)
    sensors = [
        _placed(name, side, reach, period, how)
        for name, side, period in (("west", -0.5, 5.0), ("east", 0.5, 4.0))
    ][: how.radars]
    biases = np.zeros((len(sensors) + (how.adsb > 0.0), 5))
    heard: list[tuple[int, object]] = []
    for column, sensor in enumerate(sensors):
        off = signs.choice((-1.0, 1.0), 4) * how.bias
        biases[column, [0, 2, 3, 4]] = off
        drift = how.drift if column == 1 else 0.0
        heard += _radar(sensor, truth, off, lambda t, d=drift: d * max(t - how.drift_from, 0.0),
                        how, noise)  # fmt: skip
    if how.adsb > 0.0:
        source = replace(
            radar_3d("adsb", 400e3, period=1.0, sigma=(math.nan, math.nan, GNSS, math.nan)),
            kind=SensorKind.REPORTS,
            detection_probability=0.95,
            false_alarms=0.01,
        )
        sensors.append(source)
        heard += _reports(source, truth, kind, how, noise)
    return _scene(how, sensors, heard, truth, kind, biases)


def _placed(name: str, side: float, reach: float, period: float, how: Pair) -> Sensor:
    lat, lon = on_map(side * APART, 0.0)
    return radar_3d(
        name, reach, lat=lat, lon=lon, period=period, pd=how.pd, false_alarms=how.clutter
    )


def _at(truth: Floats, seconds: Floats, rows: NDArray[np.int64]) -> Floats:
    """Give ``(k, 6)`` of targets ``rows`` at ``seconds``; NaN where they do not exist."""
    k = np.clip(np.round(seconds / EVERY).astype(np.int64), 0, len(truth) - 1)
    out = truth[k, rows].copy()
    out[:, :3] += (seconds - k * EVERY)[:, None] * out[:, 3:]
    return out


def _radar(
    sensor: Sensor,
    truth: Floats,
    off: Floats,
    turning: Callable[[float], float],
    how: Pair,
    rng: np.random.Generator,
) -> list[tuple[int, object]]:
    """Give the radar's sectors with the moments at which they arrive."""
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    period = sensor.scan_period
    phase = float(rng.uniform(0.0, period))
    out: list[tuple[int, object]] = []
    for start in np.arange(phase, how.seconds - period, period):
        when, z = _turn(sensor, frame, truth, float(start), how, rng)
        z[:, 0] += off[0]
        z[:, 1] += off[1] + turning(float(start))
        z[:, 2] += off[2]
        for sector in range(round(period)):
            rows = np.flatnonzero(np.floor(when - start) == sector)
            batch = _batch(sensor, when[rows] + off[3], z[rows])
            out.append((nanoseconds(math.ceil(start + sector + 1)), batch))
    return out


def _turn(
    sensor: Sensor,
    frame: LocalFrame,
    truth: Floats,
    start: float,
    how: Pair,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Give one turn's plots: when ``(p,)`` the beam passed, and range, azimuth, elevation."""
    period = sensor.scan_period
    row = np.arange(truth.shape[1])
    when = np.full(len(row), start + 0.5 * period)
    for _ in range(3):  # the moment at which the beam meets a moving target
        local = enu_from_ecef(_at(truth, when, row)[:, :3], frame)
        azimuth = np.mod(np.arctan2(local[:, 0], local[:, 1]), 2.0 * np.pi)
        when = start + np.nan_to_num(azimuth) / (2.0 * np.pi) * period
    seen = _at(truth, when, row)
    there = np.isfinite(seen[:, 0]) & (rng.random(len(row)) < how.pd)
    spherical = np.stack(spherical_from_enu(enu_from_ecef(seen[there, :3], frame)), axis=1)
    sigma = (sensor.sigma_range, sensor.sigma_azimuth, sensor.sigma_elevation)
    spherical += rng.normal(0.0, sigma, spherical.shape)
    k = rng.poisson(how.clutter)
    false = rng.uniform((1e3, 0.0, -0.035), (sensor.max_range, 2.0 * np.pi, 0.35), (k, 3))
    moments = np.concatenate((when[there], start + false[:, 1] / (2.0 * np.pi) * period))
    return moments, np.concatenate((spherical, false))


def _batch(sensor: Sensor, when: Floats, z: Floats) -> DetectionBatch:
    order = np.argsort(when, kind="stable")
    stamps = np.array([nanoseconds(t) for t in when[order].tolist()], np.int64)
    azimuth = np.mod(z[order, 1], 2.0 * np.pi)
    return detection_batch(sensor.id, ORIGIN, stamps, z[order, 0], azimuth, elevation=z[order, 2])


def _reports(
    source: Sensor, truth: Floats, kind: NDArray[np.int64], how: Pair, rng: np.random.Generator
) -> list[tuple[int, object]]:
    """Give ADS-B, a batch each second."""
    equipped = np.flatnonzero((kind >= 2) & (rng.random(len(kind)) < how.adsb / 0.8))
    phase = rng.uniform(0.0, 1.0, len(equipped))
    out: list[tuple[int, object]] = []
    for second in range(int(how.seconds) - 1):
        when = second + phase
        states = _at(truth, when, equipped)
        rows = np.flatnonzero(np.isfinite(states[:, 0]) & (rng.random(len(equipped)) < 0.95))
        rows = rows[np.argsort(when[rows], kind="stable")]
        k = len(rows)
        states = states[rows]
        batch = PositionReports(
            sensor=source.id,
            time_ns=np.array([nanoseconds(t) for t in when[rows].tolist()], np.int64),
            position=states[:, :3] + rng.normal(0.0, GNSS, (k, 3)),
            cov=np.tile(GNSS**2 * np.eye(3), (k, 1, 1)),
            velocity=states[:, 3:] + rng.normal(0.0, GNSS_SPEED, (k, 3)),
            velocity_cov=np.tile(GNSS_SPEED**2 * np.eye(3), (k, 1, 1)),
            height=np.full(k, np.nan),
            mode_s=(0x400000 + equipped[rows]).astype(np.uint32),
            mode_3a=np.full(k, -1, np.int32),
            callsign=np.zeros(k, "S8"),
            class_prob=np.zeros((k, 0), np.float32),
            origin=ORIGIN,
        )
        out.append((nanoseconds(second + 1), batch))
    return out


def _scene(
    how: Pair,
    sensors: list[Sensor],
    heard: list[tuple[int, object]],
    truth: Floats,
    kind: NDArray[np.int64],
    biases: Floats,
) -> Scene:
    """Put what was heard into steps of one second, scored every five."""
    steps = []
    by_moment: dict[int, list[object]] = {}
    for now, message in heard:
        by_moment.setdefault(now, []).append(message)
    for second in range(1, int(how.seconds)):
        now = nanoseconds(second)
        steps.append((now, tuple(by_moment.get(now, []))))
    scored = np.arange(EVERY_SCORE, int(how.seconds), EVERY_SCORE)
    return Scene(
        name=f"pair:seed={how.seed}",
        sensors=tuple(sensors),
        steps=tuple(steps),
        times_ns=np.array([nanoseconds(s) for s in scored.tolist()], np.int64),
        truth=truth[(scored / EVERY).astype(np.int64)],
        kind=kind,
        period=5.0,
        site={"biases": biases},
    )


def write(path: Path, scene: Scene) -> int:
    """Write the radars' plots as a CSV that ``steppewatch fuse run`` reads; count them."""
    lines = [_described(s) for s in scene.sensors if s.kind != SensorKind.REPORTS]
    lines.append("sensor,time_ns,range_m,azimuth_deg,elevation_deg")
    before = len(lines)
    for _, messages in scene.steps:
        for batch in messages:
            if isinstance(batch, DetectionBatch):
                angles = np.degrees(np.stack((batch.azimuth, batch.elevation), axis=1))
                lines += [
                    f"{batch.sensor},{t},{r:.2f},{a:.5f},{e:.5f}"
                    for t, r, (a, e) in zip(batch.time_ns, batch.slant_range, angles, strict=True)
                ]
    path.write_text("\n".join(lines) + "\n")
    return len(lines) - before


def _described(sensor: Sensor) -> str:
    """Give the comment that describes a radar."""
    return (
        f"# sensor id={sensor.id} kind=radar-3d lat_deg={math.degrees(sensor.lat):.7f} "
        f"lon_deg={math.degrees(sensor.lon):.7f} height_m={sensor.height:.0f} "
        f"max_range_km={sensor.max_range / 1e3:.0f} scan_period_s={sensor.scan_period:.0f} "
        f"sigma_range_m={sensor.sigma_range:.0f} "
        f"sigma_azimuth_deg={math.degrees(sensor.sigma_azimuth):.3f} "
        f"sigma_elevation_deg={math.degrees(sensor.sigma_elevation):.3f} "
        f"detection_probability={sensor.detection_probability} "
        f"false_alarms={sensor.false_alarms:.0f}"
    )


def main() -> None:
    """Write one scene."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scenarios.pair")
    parser.add_argument("out", type=Path, help="CSV to write")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    scene = make(Pair(seed=given.seed, adsb=0.0))
    print(f"{given.out}: {write(given.out, scene)} plots of two radars")
    for sensor, bias in zip(scene.sensors, scene.site["biases"], strict=True):
        degrees = np.degrees(bias[2:4])
        print(
            f"  {sensor.id}: truly off by {bias[0]:+.0f} m, {degrees[0]:+.3f}° of azimuth, "
            f"{degrees[1]:+.3f}° of elevation, {bias[4]:+.1f} s"
        )


if __name__ == "__main__":
    main()
