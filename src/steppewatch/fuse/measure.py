"""From a batch of detections to numbers the filter takes: plots, their noise and their clutter."""

from __future__ import annotations

import dataclasses
import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel
from steppewatch.records import DetectionBatch, Sensor, SensorKind
from steppewatch.world.geodesy import MEAN_RADIUS, LocalFrame, local_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings

    Floats = NDArray[np.float64]
    Extents = tuple[float, float, float]
    Variances = tuple[float, float, float, float, float]

FALLBACK_SIGMA = {"range": 100.0, "azimuth": math.radians(0.3), "elevation": math.radians(0.5)}
STEEPEST = math.radians(60.0)
MOST_BENT = 0.2
MOST_UPRIGHT = math.radians(85.0)
TWO_PI = 2.0 * math.pi


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


COLUMNS = tuple(f.name for f in dataclasses.fields(Plots) if f.name != "frame")


@functools.lru_cache(maxsize=1024)  # asked for at every batch, be it of one plot
def frame_at(lat: float, lon: float, height: float) -> LocalFrame:
    """Give the ENU frame of a site (radians, metres)."""
    return local_frame(lat, lon, height)


def plots_of(batch: DetectionBatch, sensor: Sensor, settings: TrackerSettings) -> Plots:
    """Take the usable detections of a batch (finite range > 0 and azimuth, a time)."""
    n = len(batch.time_ns)
    z = np.empty((n, 5))
    z[:, 0], z[:, 1], z[:, 2] = batch.slant_range, batch.azimuth, batch.elevation
    z[:, 3], z[:, 4] = batch.range_rate, batch.height
    time_ns, usable = np.array(batch.time_ns, np.int64), np.empty(n, np.bool_)
    noise, clutter = np.empty((n, 5)), np.empty(n)
    variances = (
        positive(sensor.sigma_range, FALLBACK_SIGMA["range"]) ** 2,
        positive(sensor.sigma_azimuth, FALLBACK_SIGMA["azimuth"]) ** 2,
        positive(sensor.sigma_elevation, FALLBACK_SIGMA["elevation"]) ** 2,
        positive(sensor.sigma_range_rate, 0.0) ** 2,
        reported_sigma(sensor, settings) ** 2,
    )
    count = take_up(
        time_ns, variances, float(sensor.height), 3.0 * settings.sigma_mode_c, log_density(sensor),
        log_extents(settings), z, noise, clutter, usable,
    )  # fmt: skip
    plots = Plots(
        z=z,
        noise=noise,
        clutter=clutter,
        time_ns=time_ns,
        mode_s=np.array(batch.mode_s, np.uint32),
        mode_3a=np.array(batch.mode_3a, np.int32),
        callsign=np.array(batch.callsign, "S8"),
        frame=frame_at(sensor.lat, sensor.lon, sensor.height),
    )
    if count == n:
        return plots
    columns = {name: getattr(plots, name)[usable] for name in COLUMNS}
    return Plots(frame=plots.frame, **columns)


@kernel
def take_up(
    time_ns: NDArray[np.int64], variances: Variances, site: float, slack: float, density: float,
    extents: Extents, z: Floats, noise: Floats, clutter: Floats, usable: NDArray[np.bool_],
) -> int:  # fmt: skip
    """Put measurements in order, in place, say how good each is, and count the usable ones.

    Shapes and units:
        time_ns: ``(p,)``; z: ``(p, 5)`` as in :class:`Plots`, changed; noise: ``(p, 5)``,
            clutter: ``(p,)`` and usable: ``(p,)``, written.
        variances: Of the five components; 0 for a range rate that is better left out.
        site: The sensor's height [m]; slack: by how much a height may contradict a range [m].
        density, extents: As in :func:`log_density` and :func:`log_extents`.
    """
    count = 0
    for i in range(len(z)):
        for k in range(5):
            if not np.isfinite(z[i, k]):
                z[i, k] = np.nan
            noise[i, k] = variances[k]
        usable[i] = z[i, 0] > 0.0 and z[i, 1] == z[i, 1] and time_ns[i] > 0
        count += usable[i]
        if z[i, 1] < 0.0 or z[i, 1] >= TWO_PI:
            z[i, 1] %= TWO_PI
        if variances[3] == 0.0:  # a range rate of unknown quality is better left out
            z[i, 3] = np.nan
        # Higher above (or deeper below) the sensor than the range is long: one of them is wrong.
        if abs(z[i, 4] - site) > z[i, 0] + slack:
            z[i, 4] = np.nan
    spread_clutter(z, density, extents, clutter)
    return count


@kernel
def spread_clutter(z: Floats, density: float, extents: Extents, clutter: Floats) -> None:
    """Spread false alarms over what was measured of each plot, see :func:`log_clutter`."""
    for i in range(len(z)):
        clutter[i] = density
        for k in range(3):
            if z[i, 2 + k] == z[i, 2 + k]:
                clutter[i] -= extents[k]


def log_clutter(z: Floats, sensor: Sensor, settings: TrackerSettings) -> Floats:
    """Give ln of the expected false alarms per unit of measured space, uniform over coverage.

    Args:
        z: ``(p, 5)`` as in :class:`Plots`.
        sensor: Whose.
        settings: The tracker's settings.
    """
    out = np.empty(len(z))
    spread_clutter(z, log_density(sensor), log_extents(settings), out)
    return out


def log_density(sensor: Sensor) -> float:
    """Give ln of a sensor's false alarms per metre of range and radian of azimuth."""
    depth = max(sensor.max_range - sensor.min_range, 1.0)
    volume = depth * max(min(sensor.sector_width, TWO_PI), 1e-3)
    return math.log(max(sensor.false_alarms, 0.1) / volume)


def log_extents(settings: TrackerSettings) -> Extents:
    """Give ln of what elevations [rad], range rates [m/s] and heights [m] spread over."""
    return (
        math.log(settings.elevation_extent),
        math.log(settings.rate_extent),
        math.log(settings.height_extent),
    )


def reported_sigma(sensor: Sensor, settings: TrackerSettings) -> float:
    """Give the σ [m] of a reported height, above this sensor.

    Where nobody told us how high the sensor stands, a reported height says little about angles.
    """
    if sensor.position_assumed:
        return math.hypot(settings.sigma_mode_c, settings.sigma_assumed_site)
    return float(settings.sigma_mode_c)


def height_prior(sensor: Sensor, settings: TrackerSettings) -> tuple[float, float]:
    """Give the height above the sensor [m] and its σ [m] of a target that nobody measured."""
    if sensor.kind == SensorKind.GROUND_RADAR:
        return -10.0, float(settings.sigma_ground_height)
    return float(settings.air_height), float(settings.sigma_air_height)


def place(
    plots: Plots, rows: NDArray[np.intp], sensor: Sensor, settings: TrackerSettings
) -> tuple[Floats, Floats]:
    """Place plots in space: ECEF ``(k, 3)`` and covariance ``(k, 3, 3)``.

    The mean and the covariance are those of the point given the plot, to second order in the
    angles' noise (Lerro & Bar-Shalom 1993). Elevation is taken as measured; else it follows from
    the reported or assumed height over a sphere through the sensor (error well below any of those
    heights' own).
    """
    position, spread = np.empty((len(rows), 3)), np.empty((len(rows), 3, 3))
    above, sigma = height_prior(sensor, settings)
    place_plots(
        rows, plots.z, plots.noise, float(sensor.height), above, sigma,
        reported_sigma(sensor, settings), plots.frame.origin, plots.frame.rotation, position,
        spread,
    )  # fmt: skip
    return position, spread


@kernel
def place_plots(
    rows: NDArray[Any], z: Floats, noise: Floats, site: float, above: float, sigma_above: float,
    sigma_told: float, origin: Floats, rotation: Floats, position: Floats, spread: Floats,
) -> None:  # fmt: skip
    """Place plots in space, see :func:`place`.

    Shapes and units:
        rows: ``(k,)`` of ``z`` and ``noise`` ``(p, 5)``.
        site: The sensor's height [m]; above, sigma_above: height above it of what tells no
            height, and its σ; sigma_told: σ of a reported height [m].
        origin, rotation: The sensor's ENU.
        position: ``(k, 3)`` and spread: ``(k, 3, 3)``, written.
    """
    base = MEAN_RADIUS + site
    most, least = np.sin(MOST_UPRIGHT), np.sin(STEEPEST)
    root = np.empty((3, 3))
    for k in range(len(rows)):
        i = rows[k]
        reach, bend = z[i, 0], 0.0
        if z[i, 2] == z[i, 2]:
            sin_e, cos_e = np.sin(z[i, 2]), np.cos(z[i, 2])
            upward, bend = reach * np.sqrt(noise[i, 2]), noise[i, 2]
        else:
            height, sigma, steepest = above, sigma_above, least
            if z[i, 4] == z[i, 4]:
                height, sigma, steepest = z[i, 4] - site, sigma_told, most
            # Law of cosines in the triangle earth centre - sensor - target.
            sin_e = ((base + height) ** 2 - base**2 - reach**2) / (2.0 * reach * base)
            sin_e = min(max(sin_e, -steepest), steepest)
            cos_e = np.sqrt(1.0 - sin_e * sin_e)
            upward = min(sigma / cos_e, 0.5 * reach)
        sin_a, cos_a = np.sin(z[i, 1]), np.cos(z[i, 1])
        # Doubtful angles bend the range: the middle of the arc lies nearer, and it is thick.
        turn = noise[i, 1] * cos_e * cos_e
        thick = np.sqrt(noise[i, 0] + 0.5 * reach**2 * (turn * turn + bend * bend))
        mean = reach * (1.0 - 0.5 * min(turn + bend, MOST_BENT))
        aside = reach * cos_e * np.sqrt(noise[i, 1])
        for a in range(3):
            east, north, up = rotation[0, a], rotation[1, a], rotation[2, a]
            level = sin_a * east + cos_a * north
            along = cos_e * level + sin_e * up
            position[k, a] = mean * along + origin[a]
            root[0, a] = along * thick
            root[1, a] = (cos_a * east - sin_a * north) * aside
            root[2, a] = (cos_e * up - sin_e * level) * upward
        for a in range(3):
            for b in range(3):
                spread[k, a, b] = (
                    root[0, a] * root[0, b] + root[1, a] * root[1, b] + root[2, a] * root[2, b]
                )


def positive(value: float, otherwise: float) -> float:
    """Give the value if it is a usable standard deviation."""
    return float(value) if math.isfinite(value) and value > 0.0 else otherwise
