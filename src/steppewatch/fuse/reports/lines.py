"""From a batch of bearings to lines of sight, their noise, their clutter, and who looked where."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.reports.view_kernels import find_near, view_tracks
from steppewatch.world.geodesy import enu_rotation, geodetic_from_ecef

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import BearingBatch, Look, Sensor

FALLBACK_SIGMA = math.radians(1.0)
USUAL_REACH = 50_000.0
LEAST_FALSE = 0.01
STEEP = math.radians(85.0)
BEYOND = 20_000.0
"""A track so far beyond a camera's reach [m] is none of its business, however unsure its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Hold p usable bearings as the kernels take them.

    Attributes:
        z: ``(p, 5)`` as in ``measure.Plots``: azimuth and elevation [rad], all else NaN.
        angles: ``(p, 2)`` variances of azimuth and elevation [rad²].
        sway: ``(p,)`` variance of the platform's place per axis [m²].
        platform: ``(p, 3)`` ECEF [m]; rotation: ``(p, 3, 3)`` ECEF → the platform's ENU.
        clutter: ``(p,)`` ln of the false bearings per radian (per steradian with elevation).
        time_ns: ``(p,)``.
        hint: ``(p, 8)`` ln of the class likelihoods, or ``(p, 0)``.
        row: ``(p,)`` int64 row of each in its batch.
        reach: Beyond this nothing is seen [m].
    """

    z: NDArray[np.float64]
    angles: NDArray[np.float64]
    sway: NDArray[np.float64]
    platform: NDArray[np.float64]
    rotation: NDArray[np.float64]
    clutter: NDArray[np.float64]
    time_ns: NDArray[np.int64]
    hint: NDArray[np.float64]
    row: NDArray[np.int64]
    reach: float

    def __len__(self) -> int:
        """Count them."""
        return len(self.time_ns)


def lines_of(batch: BearingBatch, sensor: Sensor, settings: TrackerSettings) -> Lines:
    """Take the usable bearings of a batch: a time, a platform, an azimuth, a sound σ.

    Where the batch gives no σ, the sensor's counts, and one degree where it has none.
    """
    usable = (
        (batch.time_ns > 0)
        & np.isfinite(batch.platform).all(axis=1)
        & np.isfinite(batch.azimuth)
        & ~(np.abs(batch.elevation) > STEEP)
    )
    row = np.flatnonzero(usable)
    z = np.full((len(row), 5), np.nan)
    z[:, 1] = np.mod(batch.azimuth[row], 2.0 * math.pi)
    z[:, 2] = batch.elevation[row]
    z[~np.isfinite(z)] = np.nan
    sigma = np.stack(
        (
            _sound(batch.sigma_azimuth[row], sensor.sigma_azimuth),
            _sound(batch.sigma_elevation[row], sensor.sigma_elevation),
        ),
        axis=1,
    )
    platform = np.array(batch.platform[row], np.float64)
    lat, lon, _ = geodetic_from_ecef(platform)
    look = batch.look
    reach = look.reach if look is not None else sensor.max_range
    return Lines(
        z=z,
        angles=np.square(sigma),
        sway=np.square(np.nan_to_num(batch.platform_sigma[row])),
        platform=platform,
        rotation=enu_rotation(lat, lon),
        clutter=log_clutter(z, look, sensor, settings),
        time_ns=np.array(batch.time_ns[row], np.int64),
        hint=np.log(np.maximum(np.array(batch.class_prob[row], np.float64), 1e-3)),
        row=row,
        reach=reach if 0.0 < reach < math.inf else USUAL_REACH,
    )


def log_clutter(
    z: NDArray[np.float64], look: Look | None, sensor: Sensor, settings: TrackerSettings
) -> NDArray[np.float64]:
    """Give ln of the expected false bearings per radian, or per rad² where elevation is told."""
    width = sensor.sector_width if look is None else look.width
    tall = settings.elevation_extent if look is None else look.tallness
    width = min(max(width, 1e-3), 2.0 * math.pi)
    out = math.log(max(sensor.false_alarms, LEAST_FALSE) / width)
    return np.asarray(out - np.isfinite(z[:, 2]) * math.log(max(tall, 1e-3)))


def in_view(tracks: Columns, rows: NDArray[np.integer], look: Look) -> NDArray[np.float64]:
    """Give the probability that each of ``rows`` ``(k,)`` stands in the field of view.

    Edges are as wide as the track's own doubt.
    """
    lat, lon, _ = geodetic_from_ecef(look.platform)
    half_width = 0.5 * look.width if look.width < 2.0 * math.pi else math.inf
    view = np.array((look.azimuth, half_width, look.elevation, 0.5 * look.tallness, look.reach))
    out = np.empty(len(rows))
    view_tracks(
        tracks["mean"], tracks["cov"], tracks["prob"], tracks["time_ns"], rows, look.time_ns,
        np.asarray(look.platform, np.float64), enu_rotation(lat, lon), view, out,
    )  # fmt: skip
    return out


def near(tracks: Columns, lines: Lines, look: Look | None) -> NDArray[np.int64]:
    """Give the tracks, as rows ``(k,)``, that a batch can concern: within reach, or nearly so."""
    eyes = lines.platform if look is None else np.asarray(look.platform, np.float64)[None, :]
    if len(eyes) == 0:
        return np.zeros(0, np.int64)
    middle = eyes.mean(axis=0)
    radius = lines.reach + BEYOND + float(np.linalg.norm(eyes - middle, axis=1).max())
    now_ns = look.time_ns if look is not None else int(lines.time_ns.max())
    out = np.empty(len(tracks["id"]), np.int64)
    count = find_near(tracks["mean"], tracks["time_ns"], now_ns, middle, radius, out)
    return out[:count]


def _sound(sigma: NDArray[np.float64], otherwise: float) -> NDArray[np.float64]:
    """Take σ where it is one, else the sensor's, else the fallback."""
    usual = otherwise if math.isfinite(otherwise) and otherwise > 0.0 else FALLBACK_SIGMA
    return np.where(np.isfinite(sigma) & (sigma > 0.0), sigma, usual)
