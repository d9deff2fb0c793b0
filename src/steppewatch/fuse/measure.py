"""From a batch of detections to numbers the filter takes: plots, their noise and their clutter."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.records import DetectionBatch, Sensor, SensorKind
from steppewatch.world.geodesy import (
    MEAN_RADIUS,
    LocalFrame,
    ecef_from_enu,
    enu_from_spherical,
    local_frame,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings

FALLBACK_SIGMA = {"range": 100.0, "azimuth": math.radians(0.3), "elevation": math.radians(0.5)}
STEEPEST = math.radians(60.0)
MOST_BENT = 0.2
MOST_UPRIGHT = math.radians(85.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """Hold p usable detections of one sensor as the kernels take them.

    Attributes:
        z: ``(p, 5)`` range [m], azimuth [rad], elevation [rad], range rate [m/s], height [m].
        noise: ``(p, 5)`` variances.
        clutter: ``(p,)`` logarithm of the false alarms per unit of what was measured.
        time_ns: ``(p,)``; mode_s, mode_3a, callsign: ``(p,)`` identities.
        frame: The sensor's ENU.
    """

    z: NDArray[np.float64]
    noise: NDArray[np.float64]
    clutter: NDArray[np.float64]
    time_ns: NDArray[np.int64]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    frame: LocalFrame


@functools.lru_cache(maxsize=1024)  # asked for at every batch, be it of one plot
def frame_at(lat: float, lon: float, height: float) -> LocalFrame:
    """Give the ENU frame of a site (radians, metres)."""
    return local_frame(lat, lon, height)


def plots_of(batch: DetectionBatch, sensor: Sensor, settings: TrackerSettings) -> Plots:
    """Take the usable detections of a batch (finite range > 0 and azimuth, a time)."""
    usable = (
        np.isfinite(batch.slant_range)
        & (batch.slant_range > 0.0)
        & np.isfinite(batch.azimuth)
        & (batch.time_ns > 0)
    )
    rows = np.flatnonzero(usable)
    z = np.empty((len(rows), 5))
    z[:, 0] = batch.slant_range[rows]
    z[:, 1] = np.mod(batch.azimuth[rows], 2.0 * np.pi)
    z[:, 2] = batch.elevation[rows]
    z[:, 3] = batch.range_rate[rows]
    z[:, 4] = batch.height[rows]
    z[~np.isfinite(z)] = np.nan
    sigma_height = reported_sigma(sensor, settings)
    # Higher above (or deeper below) the sensor than the range is long: one of the two is wrong.
    absurd = np.abs(z[:, 4] - sensor.height) > z[:, 0] + 3.0 * settings.sigma_mode_c
    z[absurd, 4] = np.nan
    sigma = (
        positive(sensor.sigma_range, FALLBACK_SIGMA["range"]),
        positive(sensor.sigma_azimuth, FALLBACK_SIGMA["azimuth"]),
        positive(sensor.sigma_elevation, FALLBACK_SIGMA["elevation"]),
        positive(sensor.sigma_range_rate, 0.0),
        sigma_height,
    )
    if sigma[3] == 0.0:  # a range rate of unknown quality is better left out
        z[:, 3] = np.nan
    noise = np.tile(np.square(sigma), (len(rows), 1))
    return Plots(
        z=z,
        noise=noise,
        clutter=log_clutter(z, sensor, settings),
        time_ns=np.array(batch.time_ns[rows], np.int64),
        mode_s=np.array(batch.mode_s[rows], np.uint32),
        mode_3a=np.array(batch.mode_3a[rows], np.int32),
        callsign=np.array(batch.callsign[rows], "S8"),
        frame=frame_at(sensor.lat, sensor.lon, sensor.height),
    )


def log_clutter(
    z: NDArray[np.float64], sensor: Sensor, settings: TrackerSettings
) -> NDArray[np.float64]:
    """Give ln of the expected false alarms per unit of measured space, uniform over coverage."""
    depth = max(sensor.max_range - sensor.min_range, 1.0)
    volume = depth * max(min(sensor.sector_width, 2.0 * math.pi), 1e-3)
    density = math.log(max(sensor.false_alarms, 0.1) / volume)
    extents = np.log((settings.elevation_extent, settings.rate_extent, settings.height_extent))
    measured = np.isfinite(z[:, 2:])
    out: NDArray[np.float64] = density - measured @ extents
    return out


def reported_sigma(sensor: Sensor, settings: TrackerSettings) -> float:
    """Give the σ [m] of a reported height, above this sensor.

    Where nobody told us how high the sensor stands, a reported height says little about angles.
    """
    if sensor.position_assumed:
        return math.hypot(settings.sigma_mode_c, settings.sigma_assumed_site)
    return settings.sigma_mode_c


def height_prior(sensor: Sensor, settings: TrackerSettings) -> tuple[float, float]:
    """Give the height above the sensor [m] and its σ [m] of a target that nobody measured."""
    if sensor.kind == SensorKind.GROUND_RADAR:
        return -10.0, settings.sigma_ground_height
    return settings.air_height, settings.sigma_air_height


def place(
    plots: Plots, rows: NDArray[np.intp], sensor: Sensor, settings: TrackerSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place plots in space: ECEF ``(k, 3)`` and covariance ``(k, 3, 3)``.

    The mean and the covariance are those of the point given the plot, to second order in the
    angles' noise (Lerro & Bar-Shalom 1993). Elevation is taken as measured; else it follows from
    the reported or assumed height over a sphere through the sensor (error well below any of those
    heights' own).
    """
    z, noise = plots.z[rows], plots.noise[rows]
    reach, azimuth = z[:, 0], z[:, 1]
    above, sigma = height_prior(sensor, settings)
    told = np.isfinite(z[:, 4])
    height = np.where(told, z[:, 4] - sensor.height, above)
    sigma_height = np.where(told, reported_sigma(sensor, settings), sigma)
    # Law of cosines in the triangle earth centre - sensor - target.
    base = MEAN_RADIUS + sensor.height
    sine = ((base + height) ** 2 - base**2 - reach**2) / (2.0 * reach * base)
    steepest = np.where(told, 1.0, math.sin(STEEPEST))
    guess = np.clip(np.arcsin(np.clip(sine, -steepest, steepest)), -MOST_UPRIGHT, MOST_UPRIGHT)
    measured = np.isfinite(z[:, 2])
    elevation = np.where(measured, z[:, 2], guess)
    sigma_guess = np.minimum(sigma_height / (reach * np.cos(guess)), 0.5)
    sigma_elevation = np.where(measured, np.sqrt(noise[:, 2]), sigma_guess)
    sin_a, cos_a = np.sin(azimuth), np.cos(azimuth)
    sin_e, cos_e = np.sin(elevation), np.cos(elevation)
    zero = np.zeros_like(reach)
    # Doubtful angles bend the range: the middle of the arc lies nearer, and it is thick.
    bends = np.stack((noise[:, 1] * cos_e**2, np.where(measured, noise[:, 2], 0.0)), -1)
    mean = reach * (1.0 - 0.5 * np.minimum(bends.sum(-1), MOST_BENT))
    thick = np.sqrt(noise[:, 0] + 0.5 * reach**2 * np.square(bends).sum(-1))
    along = np.stack((cos_e * sin_a, cos_e * cos_a, sin_e), -1) * thick[:, None]
    across = np.stack((cos_a, -sin_a, zero), -1) * (reach * cos_e * np.sqrt(noise[:, 1]))[:, None]
    over = np.stack((-sin_e * sin_a, -sin_e * cos_a, cos_e), -1)
    over *= (reach * sigma_elevation)[:, None]
    root = np.stack((along, across, over), -1)
    root = plots.frame.rotation.T @ root
    return ecef_from_enu(enu_from_spherical(mean, azimuth, elevation), plots.frame), (
        root @ root.swapaxes(-1, -2)
    )


def positive(value: float, otherwise: float) -> float:
    """Give the value if it is a usable standard deviation."""
    return value if math.isfinite(value) and value > 0.0 else otherwise
