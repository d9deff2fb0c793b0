"""Plots made ready and placed in space by plain numpy, as the kernels must do it."""

import math

import numpy as np

from steppewatch.fuse.measure import (
    FALLBACK_SIGMA,
    MOST_BENT,
    MOST_UPRIGHT,
    STEEPEST,
    height_prior,
    positive,
    reported_sigma,
)
from steppewatch.world.geodesy import MEAN_RADIUS, ecef_from_enu, enu_from_spherical


def made_ready(batch, sensor, settings):
    """Give rows, z, noise and clutter of the usable detections of a batch."""
    usable = np.isfinite(batch.slant_range) & (batch.slant_range > 0.0)
    usable &= np.isfinite(batch.azimuth) & (batch.time_ns > 0)
    rows = np.flatnonzero(usable)
    z = np.stack(
        (
            batch.slant_range[rows],
            np.mod(batch.azimuth[rows], 2.0 * np.pi),
            batch.elevation[rows],
            batch.range_rate[rows],
            batch.height[rows],
        ),
        axis=-1,
    )
    z[~np.isfinite(z)] = np.nan
    z[np.abs(z[:, 4] - sensor.height) > z[:, 0] + 3.0 * settings.sigma_mode_c, 4] = np.nan
    sigma = (
        positive(sensor.sigma_range, FALLBACK_SIGMA["range"]),
        positive(sensor.sigma_azimuth, FALLBACK_SIGMA["azimuth"]),
        positive(sensor.sigma_elevation, FALLBACK_SIGMA["elevation"]),
        positive(sensor.sigma_range_rate, 0.0),
        reported_sigma(sensor, settings),
    )
    if sigma[3] == 0.0:
        z[:, 3] = np.nan
    depth = max(sensor.max_range - sensor.min_range, 1.0)
    volume = depth * max(min(sensor.sector_width, 2.0 * math.pi), 1e-3)
    extents = np.log((settings.elevation_extent, settings.rate_extent, settings.height_extent))
    clutter = math.log(max(sensor.false_alarms, 0.1) / volume) - np.isfinite(z[:, 2:]) @ extents
    return rows, z, np.tile(np.square(sigma), (len(rows), 1)), clutter


def placed(z, noise, sensor, settings, frame):
    """Place measurements ``(k, 5)``: ECEF ``(k, 3)`` and covariance ``(k, 3, 3)``."""
    reach, azimuth = z[:, 0], z[:, 1]
    above, sigma = height_prior(sensor, settings)
    told = np.isfinite(z[:, 4])
    height = np.where(told, z[:, 4] - sensor.height, above)
    sigma_height = np.where(told, reported_sigma(sensor, settings), sigma)
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
    bends = np.stack((noise[:, 1] * cos_e**2, np.where(measured, noise[:, 2], 0.0)), -1)
    mean = reach * (1.0 - 0.5 * np.minimum(bends.sum(-1), MOST_BENT))
    thick = np.sqrt(noise[:, 0] + 0.5 * reach**2 * np.square(bends).sum(-1))
    along = np.stack((cos_e * sin_a, cos_e * cos_a, sin_e), -1) * thick[:, None]
    across = np.stack((cos_a, -sin_a, np.zeros_like(reach)), -1)
    across *= (reach * cos_e * np.sqrt(noise[:, 1]))[:, None]
    over = np.stack((-sin_e * sin_a, -sin_e * cos_a, cos_e), -1)
    over *= (reach * sigma_elevation)[:, None]
    root = frame.rotation.T @ np.stack((along, across, over), -1)
    where = ecef_from_enu(enu_from_spherical(mean, azimuth, elevation), frame)
    return where, root @ root.swapaxes(-1, -2)
