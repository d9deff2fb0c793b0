"""A long border: radars in a row that deliver sectors, drones with cameras, traffic everywhere.

Radars stand 1.5 radii apart, so that neighbours overlap; each plot has the time at which the beam
passed its target, and a sector's plots arrive together a moment after its end. Drones circle and
look down and outwards; a frame gives directions to what stands in view. False alarms of the radars
are uniform over range, azimuth and elevation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scenarios.radar import HIGH, LOW, NEAREST, SIGMA
from benchmarks.scenarios.scene import ORIGIN, Scene, from_map, lay, nanoseconds, on_map, radar_3d
from benchmarks.scenarios.traffic import Traffic, draw
from steppewatch.records import (
    BearingBatch,
    DetectionBatch,
    Look,
    Sensor,
    SensorKind,
    bearing_batch,
    detection_batch,
)
from steppewatch.world.geodesy import (
    enu_from_ecef,
    geodetic_from_ecef,
    local_frame,
    spherical_from_enu,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Message = DetectionBatch | BearingBatch

EVERY = 1.0
CHANCE = 0.9
CAMERA_SIGMA = 1e-3
FALSE_BEARINGS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Choose a scene.

    Attributes:
        n: Targets.
        radars: In a row from west to east.
        radius: Of each radar's own traffic [m].
        period: Seconds of a turn; each radar begins at another azimuth.
        sectors: Messages of a turn.
        drones: With cameras.
        frames: Frames of a camera in a second.
        reach: Of a camera [m].
        width: Of its view [rad].
        clutter: False alarms per turn of all radars, for each target.
        delay: Seconds between a sector's end and its arrival.
        seconds: How long.
        seed: Of the generator.
        pd: Detection probability of the radars.
    """

    n: int = 20_000
    radars: int = 8
    radius: float = 200e3
    period: float = 5.0
    sectors: int = 32
    drones: int = 20
    frames: float = 2.0
    reach: float = 15e3
    width: float = math.radians(60.0)
    clutter: float = 0.5
    delay: float = 0.02
    seconds: float = 60.0
    seed: int = 0
    pd: float = CHANCE


def make(how: Border, every: float = 5.0) -> Scene:
    """Draw a scene whose truth is given every so many seconds; steps are single messages."""
    flights, noise = (np.random.default_rng([how.seed, salt]) for salt in (21, 22))
    plane, kind, middles = traffic(how, flights)
    truth = from_map(plane)
    sensors, heard = [], []
    for number, middle in enumerate(middles):
        lat, lon = on_map(middle, 0.0)
        sensors.append(
            radar_3d(
                f"radar-{number}", 1.02 * how.radius, lat=lat, lon=lon, height=100.0,
                period=how.period, pd=how.pd, false_alarms=how.clutter * how.n / how.radars,
            )
        )  # fmt: skip
        heard += radar_messages(how, sensors[-1], truth, noise, number / how.radars)
    span = middles[-1] - middles[0] + 1.6 * how.radius
    for number in range(how.drones):
        middle = (
            middles[0] - 0.8 * how.radius + span * (number + 0.5) / how.drones,
            noise.uniform(-0.3, 0.3) * how.radius,
        )
        sensors.append(camera(f"drone-{number}", how))
        heard += drone_messages(how, sensors[-1], truth, noise, middle)
    heard.sort(key=lambda pair: pair[0])
    stride = round(every / EVERY)
    moments = np.arange(0, len(truth), stride)
    times = np.array([nanoseconds(k * EVERY) for k in moments], np.int64)
    steps = [(when, (message,)) for when, message in heard if when <= times[-1]]
    steps += [(int(when), ()) for when in times]
    steps.sort(key=lambda step: step[0])
    return Scene(
        name=f"border:n={how.n}:seed={how.seed}",
        sensors=tuple(sensors),
        steps=tuple(steps),
        times_ns=times,
        truth=truth[moments],
        kind=kind,
        period=every,
        skip=min(5, len(moments) // 2),
    )


def traffic(how: Border, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64], list[float]]:
    """Fly each radar's own traffic; give the map ``(k, n, 6)``, classes, and radars' eastings."""
    apart = 1.5 * how.radius
    middles = [apart * (number - 0.5 * (how.radars - 1)) for number in range(how.radars)]
    share = [len(part) for part in np.array_split(np.arange(how.n), how.radars)]
    planes, kinds = [], []
    for middle, n in zip(middles, share, strict=True):
        wanted = Traffic(n=n, radius=how.radius, seconds=how.seconds + 2.0 * EVERY, mortal=False)
        plane, kind = draw(wanted, rng, EVERY)
        plane[:, :, 0] += middle
        plane[:, :, 2] += 100.0
        planes.append(plane)
        kinds.append(kind)
    return np.concatenate(planes, axis=1), np.concatenate(kinds), middles


def at(truth: Floats, seconds: Floats, rows: NDArray[np.intp]) -> Floats:
    """Give ``(k, 3)`` positions of targets ``rows`` at ``seconds``, between two of the truth."""
    k = np.clip((seconds / EVERY).astype(np.int64), 0, len(truth) - 1)
    return np.asarray(truth[k, rows, :3] + (seconds - k * EVERY)[:, None] * truth[k, rows, 3:])


def radar_messages(
    how: Border, sensor: Sensor, truth: Floats, rng: np.random.Generator, phase: float
) -> list[tuple[int, Message]]:
    """Give what a radar says, and when it arrives."""
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    edges = np.linspace(0.0, 2.0 * math.pi, how.sectors + 1)
    out: list[tuple[int, Message]] = []
    for turn in range(int(how.seconds / how.period)):
        start = (turn + phase) * how.period
        here = truth[min(round(start / EVERY), len(truth) - 1)]
        away = np.linalg.norm(here[:, :3] - frame.origin, axis=1)
        rows = np.flatnonzero(away < sensor.max_range)
        place, seconds = here[rows, :3], np.empty(0)
        for _ in range(2):  # the beam meets a target where it is by then
            _, azimuth, _ = spherical_from_enu(enu_from_ecef(place, frame))
            seconds = start + azimuth / (2.0 * math.pi) * how.period
            place = at(truth, seconds, rows)
        seen = rng.random(len(rows)) < how.pd
        reach, azimuth, elevation = spherical_from_enu(enu_from_ecef(place[seen], frame))
        z = np.stack((elevation, azimuth, reach), axis=1)
        z += rng.normal(0.0, SIGMA[:3], z.shape)
        false = rng.uniform(
            (LOW, 0.0, NEAREST),
            (HIGH, 2.0 * math.pi, sensor.max_range),
            (rng.poisson(sensor.false_alarms), 3),
        )
        z = np.concatenate((z, false))
        z[:, 1] = np.mod(z[:, 1], 2.0 * math.pi)
        when = np.concatenate((seconds[seen], start + false[:, 1] / (2.0 * math.pi) * how.period))
        passed = (when - start) / how.period * 2.0 * math.pi
        sector = np.clip(np.searchsorted(edges, passed, side="right") - 1, 0, how.sectors - 1)
        for one in range(how.sectors):
            mine = np.flatnonzero(sector == one)
            mine = mine[np.argsort(when[mine], kind="stable")]
            end = start + edges[one + 1] / (2.0 * math.pi) * how.period + how.delay
            batch = detection_batch(
                sensor.id, ORIGIN, stamps(when[mine]), z[mine, 2], z[mine, 1], elevation=z[mine, 0]
            )
            out.append((nanoseconds(end), batch))
    return out


def camera(name: str, how: Border) -> Sensor:
    """Describe a drone's camera."""
    return Sensor(
        id=name, name=name, site=name, kind=SensorKind.CAMERA, lat=0.0, lon=0.0, height=0.0,
        min_range=0.0, max_range=how.reach, scan_period=1.0 / how.frames, sector_start=0.0,
        sector_width=how.width, sigma_range=math.nan, sigma_azimuth=CAMERA_SIGMA,
        sigma_elevation=CAMERA_SIGMA, sigma_range_rate=math.nan, detection_probability=CHANCE,
        false_alarms=FALSE_BEARINGS, origin=ORIGIN,
    )  # fmt: skip


def drone_messages(
    how: Border,
    sensor: Sensor,
    truth: Floats,
    rng: np.random.Generator,
    middle: tuple[float, float],
) -> list[tuple[int, Message]]:
    """Give the frames of a drone that circles at 2 km, looks outwards, and when they arrive."""
    home = lay(np.array([[*middle, 2_000.0]]))[0]
    near = np.flatnonzero(
        np.linalg.norm(truth[0, :, :3] - home, axis=1) < how.reach + 300.0 * how.seconds
    )
    first = rng.uniform(0.0, 2.0 * math.pi)
    out: list[tuple[int, Message]] = []
    for frame_number in range(int(how.seconds * how.frames)):
        second = frame_number / how.frames
        turned = first + second * 25.0 / 2_000.0
        eye = lay(
            np.array([[middle[0] + 2_000.0 * math.sin(turned),
                       middle[1] + 2_000.0 * math.cos(turned), 2_000.0]])
        )[0]  # fmt: skip
        lat, lon, height = (float(v) for v in geodetic_from_ecef(eye))
        place = at(truth, np.full(len(near), second), near)
        local = enu_from_ecef(place, local_frame(lat, lon, height))
        reach, azimuth, elevation = spherical_from_enu(local)
        middle_azimuth = math.fmod(turned, 2.0 * math.pi)
        off = np.abs(np.mod(azimuth - middle_azimuth + math.pi, 2.0 * math.pi) - math.pi)
        seen = (reach < how.reach) & (off < 0.5 * how.width) & (np.abs(elevation) < 0.7)
        rows = np.flatnonzero(seen & (rng.random(len(near)) < CHANCE))
        false = rng.poisson(FALSE_BEARINGS)
        direction = np.stack((azimuth[rows], elevation[rows]), axis=1)
        direction += rng.normal(0.0, CAMERA_SIGMA, direction.shape)
        wrong = np.stack(
            (middle_azimuth + rng.uniform(-0.5, 0.5, false) * how.width,
             rng.uniform(-0.7, 0.7, false)), axis=1
        )  # fmt: skip
        direction = np.concatenate((direction, wrong))
        n = len(direction)
        when = nanoseconds(second)
        look = Look(
            time_ns=when, platform=eye, azimuth=middle_azimuth, width=how.width, elevation=0.0,
            tallness=1.4, reach=how.reach,
        )  # fmt: skip
        batch = bearing_batch(
            sensor.id, ORIGIN, np.full(n, when), np.tile(eye, (n, 1)),
            np.mod(direction[:, 0], 2.0 * math.pi), np.full(n, CAMERA_SIGMA), look=look,
            elevation=direction[:, 1], sigma_elevation=np.full(n, CAMERA_SIGMA),
        )  # fmt: skip
        out.append((nanoseconds(second + 0.1), batch))
    return out


def stamps(seconds: Floats) -> NDArray[np.int64]:
    """Give moments [ns UTC] of seconds after the start."""
    return nanoseconds(0.0) + np.round(seconds * 1e9).astype(np.int64)
