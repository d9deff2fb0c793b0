"""One drawn scene: sensors, what they said and when it arrived, and where everything truly was."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.records import Origin, Sensor, SensorKind
from steppewatch.world.geodesy import ecef_from_enu, ecef_from_geodetic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.world.geodesy import LocalFrame

START_NS = 1_700_000_000_000_000_000
ORIGIN = Origin(feed="rehearsal")
HOME_LAT, HOME_LON = math.radians(47.0), math.radians(106.0)
METRES_NORTH, METRES_EAST = 6_369_000.0, 6_389_000.0 * math.cos(HOME_LAT)
CLASSES = ("ground", "drone", "light aircraft", "fast")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Hold a scene as a tracker meets it, and its truth for scoring alone.

    Attributes:
        name: What was drawn, with its options.
        sensors: Told before the first step.
        steps: ``(now_ns, messages)`` in the order of arrival.
        times_ns: ``(m,)`` moments that are scored: each is the ``now_ns`` of some step.
        truth: ``(m, N, 6)`` ECEF [m, m/s]; NaN where a target is absent.
        kind: ``(N,)`` row of ``CLASSES``.
        hidden: ``(m, N)`` True where no sensor could have seen the target; empty for "never".
        period: Seconds between scored moments.
        skip: First moments that the score leaves out.
        site: Extra facts for a scene's own bench (terrain, true biases).
    """

    name: str
    sensors: tuple[Sensor, ...]
    steps: tuple[tuple[int, tuple[object, ...]], ...]
    times_ns: NDArray[np.int64]
    truth: NDArray[np.float64]
    kind: NDArray[np.int64]
    period: float
    hidden: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), bool))
    skip: int = 10
    site: dict[str, object] = field(default_factory=dict)


def nanoseconds(seconds: float) -> int:
    """Give the moment that many seconds after the scene's start."""
    return START_NS + round(seconds * 1e9)


def radar_3d(
    name: str,
    reach: float,
    *,
    lat: float = HOME_LAT,
    lon: float = HOME_LON,
    height: float = 1_500.0,
    period: float = 5.0,
    sigma: tuple[float, float, float, float] = (
        math.radians(0.15),
        math.radians(0.10),
        30.0,
        math.nan,
    ),
    pd: float = 0.9,
    false_alarms: float = 1.0,
    kind: SensorKind = SensorKind.RADAR_3D,
) -> Sensor:
    """Describe a radar; ``sigma`` is elevation, azimuth [rad], range [m], range rate [m/s]."""
    return Sensor(
        id=name, name=name, site=name, kind=kind,
        lat=lat, lon=lon, height=height,
        min_range=0.0, max_range=reach, scan_period=period,
        sector_start=0.0, sector_width=2.0 * math.pi,
        sigma_range=sigma[2], sigma_azimuth=sigma[1], sigma_elevation=sigma[0],
        sigma_range_rate=sigma[3],
        detection_probability=pd, false_alarms=false_alarms, origin=ORIGIN,
    )  # fmt: skip


def from_plane(plane: NDArray[np.float64], frame: LocalFrame) -> NDArray[np.float64]:
    """Bring ``(..., 6)`` position and velocity of a tangent plane to ECEF."""
    flat = plane.reshape(-1, 6)
    out = np.empty_like(flat)
    out[:, :3] = ecef_from_enu(flat[:, :3], frame)
    out[:, 3:] = flat[:, 3:] @ frame.rotation
    return out.reshape(plane.shape)


def from_map(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay ``(..., 6)`` east, north, height of a map over the globe; level flight stays level.

    The map is equirectangular about the scenes' home (47° N 106° E).
    """
    flat = plane.reshape(-1, 6)
    step = 0.5
    here, ahead = (lay(flat[:, :3] + side * step * flat[:, 3:]) for side in (-1.0, 1.0))
    out = np.concatenate((lay(flat[:, :3]), (ahead - here) / (2.0 * step)), axis=1)
    return out.reshape(plane.shape)


def lay(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give ECEF ``(n, 3)`` of map places ``(n, 3)`` east, north, height [m]."""
    lat = HOME_LAT + places[:, 1] / METRES_NORTH
    lon = HOME_LON + places[:, 0] / METRES_EAST
    return np.asarray(ecef_from_geodetic(lat, lon, places[:, 2]))


def on_map(east: float, north: float) -> tuple[float, float]:
    """Give latitude and longitude [rad] of a map place [m]."""
    return HOME_LAT + north / METRES_NORTH, HOME_LON + east / METRES_EAST
