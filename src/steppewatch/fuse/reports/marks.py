"""From position reports to whitened measurements, their clutter, and the tracks they begin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.kernels import MODELS
from steppewatch.fuse.reports.identity import add_hints
from steppewatch.fuse.state import Columns, blank
from steppewatch.records import SensorKind
from steppewatch.world.geodesy import ecef_from_geodetic, enu_rotation, geodetic_from_ecef

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.records import PositionReports, Sensor

IDENTIFIED = math.log(4.0)
"""Log-odds that a lone report with an aircraft address is a real aircraft (not an error, a test
transmitter or a lie); confirmation still takes more than one."""
UNSURE_HEIGHT = 1_000.0
USUAL_REACH = 300_000.0
FASTEST = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Hold p usable reports as the kernels take them, in the order of time.

    Attributes:
        place: ``(p, 3)`` ECEF [m]; cov: ``(p, 3, 3)`` [m²].
        velocity: ``(p, 3)`` ECEF [m/s], NaN when not given; velocity_cov: ``(p, 3, 3)``.
        rows: ``(p, 6, 6)`` whitened measurement rows; whitened: ``(p, 6)`` what they measure,
            relative to ``place``; logdet: ``(p,)`` ln of the whitening's determinant.
        z: ``(p, 5)`` for the evidence ring: ECEF x, y, z [m], NaN, reported height [m].
        clutter: ``(p,)`` ln of the false reports per unit of what was measured.
        time_ns, mode_s, mode_3a, callsign: ``(p,)`` as in ``PositionReports``.
        hint: ``(p, 8)`` ln of the class likelihoods, or ``(p, 0)``.
        row: ``(p,)`` int64 row of each in its batch.
    """

    place: NDArray[np.float64]
    cov: NDArray[np.float64]
    velocity: NDArray[np.float64]
    velocity_cov: NDArray[np.float64]
    rows: NDArray[np.float64]
    whitened: NDArray[np.float64]
    logdet: NDArray[np.float64]
    z: NDArray[np.float64]
    clutter: NDArray[np.float64]
    time_ns: NDArray[np.int64]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    hint: NDArray[np.float64]
    row: NDArray[np.int64]

    def __len__(self) -> int:
        """Count them."""
        return len(self.time_ns)


def marks_of(batch: PositionReports, sensor: Sensor, settings: TrackerSettings) -> Marks:
    """Take the usable reports of a batch: a time, a finite place, a covariance that is one."""
    usable = (
        (batch.time_ns > 0)
        & np.isfinite(batch.position).all(axis=1)
        & np.isfinite(batch.cov).all(axis=(1, 2))
    )
    row = np.flatnonzero(usable)
    cov = 0.5 * (batch.cov[row] + np.swapaxes(batch.cov[row], 1, 2))
    sound = np.linalg.eigvalsh(cov)[:, 0] > 0.0
    row, cov = row[sound], cov[sound]
    order = np.argsort(batch.time_ns[row], kind="stable")
    row, cov = row[order], cov[order]
    place, cov = _levelled(
        np.array(batch.position[row], np.float64), cov, batch.height[row], settings
    )
    velocity, velocity_cov = _motion(batch, row)
    rows, logdet = _whitening(cov, velocity_cov)
    moving = np.isfinite(velocity[:, 0])
    steady = np.where(moving[:, None], velocity, 0.0)
    whitened = np.einsum("pkb,pb->pk", rows, np.concatenate((np.zeros_like(place), steady), 1))
    whitened[~moving, 3:] = np.nan
    z = np.full((len(row), 5), np.nan)
    z[:, :3], z[:, 4] = place, batch.height[row]
    return Marks(
        place=place,
        cov=cov,
        velocity=velocity,
        velocity_cov=velocity_cov,
        rows=rows,
        whitened=whitened,
        logdet=logdet,
        z=z,
        clutter=log_clutter(place, cov, moving, sensor, settings),
        time_ns=np.array(batch.time_ns[row], np.int64),
        mode_s=np.array(batch.mode_s[row], np.uint32),
        mode_3a=np.array(batch.mode_3a[row], np.int32),
        callsign=np.array(batch.callsign[row], "S8"),
        hint=np.log(np.maximum(np.array(batch.class_prob[row], np.float64), 1e-3)),
        row=row,
    )


def part(marks: Marks, rows: NDArray[np.intp]) -> Marks:
    """Take some of the marks."""
    names = Marks.__dataclass_fields__
    return Marks(**{name: getattr(marks, name)[rows] for name in names})


def log_clutter(
    place: NDArray[np.float64],
    cov: NDArray[np.float64],
    moving: NDArray[np.bool_],
    sensor: Sensor,
    settings: TrackerSettings,
) -> NDArray[np.float64]:
    """Give ln of the expected false reports per m³ (and per (m/s)³ where a velocity is told).

    Uniform over the source's coverage; upwards over six σ of the report, at most the height of
    the air, so that a height which everything on the ground shares tells nothing apart.
    """
    reach = sensor.max_range if 0.0 < sensor.max_range < math.inf else USUAL_REACH
    area = 0.5 * min(sensor.sector_width, 2.0 * math.pi) * reach**2
    lat, lon, _ = geodetic_from_ecef(place)
    up = enu_rotation(lat, lon)[:, 2]
    sigma = np.sqrt(np.maximum(np.einsum("pa,pab,pb->p", up, cov, up), 1e-6))
    tall = np.minimum(6.0 * sigma, settings.height_extent)
    speeds = (2.0 * FASTEST) ** 2 * 50.0
    out = math.log(max(sensor.false_alarms, 1e-3) / max(area, 1.0)) - np.log(tall)
    return np.asarray(out - np.where(moving, math.log(speeds), 0.0))


def begin(
    marks: Marks,
    fresh: NDArray[np.intp],
    sensor: Sensor,
    column: int,
    sensors: int,
    next_id: int,
    settings: TrackerSettings,
) -> Columns:
    """Begin one tentative track for each report in ``fresh`` (evidence is noted by the caller).

    Args:
        marks: All reports.
        fresh: ``(k,)`` those nobody took.
        sensor: Their source.
        column: Its number.
        sensors: How many sensors there are.
        next_id: Id of the first new track.
        settings: The tracker's settings.
    """
    k = len(fresh)
    born = blank(k, sensors)
    ground = sensor.kind == SensorKind.GROUND_RADAR
    across, climb = (
        (settings.speed_ground, settings.climb_ground)
        if ground
        else (settings.speed_air, settings.climb_air)
    )
    lat, lon, _ = geodetic_from_ecef(marks.place[fresh])
    turn = enu_rotation(lat, lon)
    prior = np.swapaxes(turn, 1, 2) @ np.diag((across**2, across**2, climb**2)) @ turn
    moving = np.isfinite(marks.velocity[fresh, 0])
    velocity = np.where(moving[:, None], marks.velocity[fresh], 0.0)
    spread = np.where(moving[:, None, None], marks.velocity_cov[fresh], prior)
    born["mean"][:, :, :3] = marks.place[fresh][:, None]
    born["mean"][:, :, 3:] = velocity[:, None]
    born["cov"][:, :, :3, :3] = marks.cov[fresh][:, None]
    born["cov"][:, :, 3:, 3:] = spread[:, None]
    born["prob"][:] = 1.0 / MODELS
    born["start"] = marks.place[fresh]
    born["id"] = next_id + np.arange(k)
    for name in ("time_ns", "born_ns", "seen_ns"):
        born[name] = marks.time_ns[fresh]
    named = marks.mode_s[fresh] != 0
    born["score"] = np.where(named, IDENTIFIED, math.log(settings.birth))
    born["hits"][:] = 1
    born["looks"][:] = 1
    born["ground"][:] = ground
    born["level"][:] = True
    born["slow"][:], born["high"][:] = np.inf, -np.inf
    add_hints(born, np.arange(k), marks.hint[fresh])
    for name in ("mode_s", "mode_3a", "callsign"):
        born[name] = getattr(marks, name)[fresh]
    for name in ("hit_ns", "look_ns"):
        born[name][:, column] = marks.time_ns[fresh]
    born["chance"][:, column] = sensor.detection_probability
    return born


def _levelled(
    place: NDArray[np.float64],
    cov: NDArray[np.float64],
    height: NDArray[np.float64],
    settings: TrackerSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put the reported pressure height into places that have no good height of their own."""
    lat, lon, _ = geodetic_from_ecef(place)
    up = enu_rotation(lat, lon)[:, 2]
    bare = np.einsum("pa,pab,pb->p", up, cov, up) > UNSURE_HEIGHT**2
    use = np.flatnonzero(bare & np.isfinite(height))
    if not len(use):
        return place, cov
    place, cov = place.copy(), cov.copy()
    place[use] = ecef_from_geodetic(lat[use], lon[use], height[use])
    flat = np.eye(3) - up[use, :, None] * up[use, None, :]
    tall = settings.sigma_mode_c**2 * up[use, :, None] * up[use, None, :]
    cov[use] = flat @ cov[use] @ flat + tall
    return place, cov


def _motion(
    batch: PositionReports, row: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give velocities whose covariance is one, and NaN for all others."""
    velocity = np.array(batch.velocity[row], np.float64)
    cov = np.array(batch.velocity_cov[row], np.float64)
    sound = np.isfinite(velocity).all(axis=1) & np.isfinite(cov).all(axis=(1, 2))
    sound &= np.linalg.norm(velocity, axis=1) < FASTEST * 2.0
    held = np.where(sound[:, None, None], cov, np.eye(3))
    sound &= np.linalg.eigvalsh(held)[:, 0] > 0.0
    velocity[~sound], cov[~sound] = np.nan, np.nan
    return velocity, cov


def _whitening(
    cov: NDArray[np.float64], velocity_cov: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the whitened rows ``(p, 6, 6)`` and ln of their determinant ``(p,)``."""
    rows = np.zeros((len(cov), 6, 6))
    first = np.linalg.inv(np.linalg.cholesky(cov))
    rows[:, :3, :3] = first
    logdet = np.log(np.diagonal(first, axis1=1, axis2=2)).sum(axis=1)
    moving = np.flatnonzero(np.isfinite(velocity_cov[:, 0, 0]))
    if len(moving):
        second = np.linalg.inv(np.linalg.cholesky(velocity_cov[moving]))
        rows[moving, 3:, 3:] = second
        logdet[moving] += np.log(np.diagonal(second, axis1=1, axis2=2)).sum(axis=1)
    return rows, np.asarray(logdet)
