"""The way from a radar to one target: how far, how high, over which ridge, at what loss.

The sight line is that of the maps: straight over an effective earth whose curvature is the
ellipsoid's own in that azimuth, less ``(1 − 1/k)/R`` for refraction. Slant range and apparent
elevation, which the budget needs to the metre, come from the bent rays of the site's own air.
Over unknown ground nothing is known: not sight, and not loss.
"""

import math
from dataclasses import dataclass

import numpy as np

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.radar_map import site_rays
from steppewatch.sense.propagation.diffraction import (
    DeltaBullington,
    delta_bullington,
    fresnel_nu,
    knife_edge_db,
)
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.viewshed.window import principal_curvatures
from steppewatch.world import geodesic
from steppewatch.world.geodesy import MEAN_RADIUS, Array
from steppewatch.world.profile import profile
from steppewatch.world.terrain import Terrain, TerrainInfo

NEAREST, FARTHEST = 30.0, 450_000.0  # [m]
FEWEST, MOST = 65, 8_193  # samples
LEAST_STEP = 5.0  # [m]
SAMPLES_A_CELL = 2.0
LOWEST, HIGHEST = 0.0, 30_000.0  # [m above ground]
TOUCH = 1e-6  # [m]; ground that a line just touches does not hide what stands on it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ridge:
    """Name one place on the way.

    Attributes:
        distance: From the radar along the ground [m].
        lat: Latitude [rad].
        lon: Longitude [rad].
        ground: Height of the ground [m].
        above: Ground above the sight line [m], negative below it.
        nu: Fresnel parameter of that place alone.
        loss_db: What it takes as a single knife edge, one way [dB].
    """

    distance: float
    lat: float
    lon: float
    ground: float
    above: float
    nu: float
    loss_db: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SightPath:
    """Hold the way from a radar to one target.

    Attributes:
        radar: The radar on its place.
        info: The terrain.
        lat: Of the target [rad].
        lon: Of the target [rad].
        height: Of the target above the ground [m].
        azimuth: From the radar, clockwise from north [rad].
        azimuth_end: Direction of the same geodesic at the target [rad].
        ground_range: Along the geodesic [m].
        target: Height of the target [m].
        slant_range: Length of the bent ray [m].
        elevation: Apparent at the antenna [rad].
        k: Effective earth radius factor.
        effective_radius: Of the earth in that azimuth [m].
        distance: ``(n,)`` along the ground [m].
        ground: ``(n,)`` heights [m]; NaN unknown.
        line: ``(n,)`` the sight line, drawn over ground that keeps its own heights [m].
        unknown: ``(first, last)`` of the stretches without heights [m from the radar].
        ridge: Where the ground stands highest against the line; None over unknown ground.
        min_height: Above the target's ground, from which it would be in sight [m]; NaN unknown.
        ground_visible: Whether the ground under the target is in sight.
        diffraction: P.526's one-way loss and its parts [dB]; NaN over unknown ground.
    """

    radar: EmplacedRadar
    info: TerrainInfo
    lat: float
    lon: float
    height: float
    azimuth: float
    azimuth_end: float
    ground_range: float
    target: float
    slant_range: float
    elevation: float
    k: float
    effective_radius: float
    distance: Array
    ground: Array
    line: Array
    unknown: tuple[tuple[float, float], ...]
    ridge: Ridge | None
    min_height: float
    ground_visible: bool
    diffraction: DeltaBullington

    @property
    def known(self) -> bool:
        """Say whether all ground on the way is known."""
        return not self.unknown

    @property
    def in_sight(self) -> bool:
        """Say whether the target is in sight by the rule of the maps; never over unknown ground."""
        return self.known and self.min_height <= self.height + TOUCH

    @property
    def masked(self) -> bool:
        """Say whether known ground hides the target."""
        return self.known and not self.in_sight

    @property
    def sphere_db(self) -> float:
        """Give what the round earth adds to the edge of the profile, one way [dB]."""
        return float(self.diffraction.loss_db - self.diffraction.profile_db)


def sight_path(
    terrain: Terrain, radar: EmplacedRadar, lat: float, lon: float, height: float
) -> SightPath:
    """Follow the way from a radar to a target.

    Args:
        terrain: Any.
        radar: On its place, with its air.
        lat: Of the target [rad].
        lon: Of the target [rad].
        height: Of the target above the ground [m].

    Raises:
        SenseError: The target is too near or too far, its height is absurd, or nobody knows the
            ground under it.
    """
    if not LOWEST <= height <= HIGHEST:
        raise SenseError(
            f"target height is {height:g} m above ground, expected {LOWEST:g} to {HIGHEST:g} m"
        )
    far, azimuth, azimuth_end = (float(v) for v in geodesic.inverse(radar.lat, radar.lon, lat, lon))
    if not NEAREST <= far <= FARTHEST:
        raise SenseError(
            f"target is {far / 1e3:.3f} km from the radar along the ground, expected "
            f"{NEAREST / 1e3:g} to {FARTHEST / 1e3:g} km: check both places, longitude first"
        )
    info = terrain.describe()
    step = max(info.resolution * MEAN_RADIUS / SAMPLES_A_CELL, LEAST_STEP)
    n = int(np.clip(math.ceil(far / step) + 1, FEWEST, MOST))
    way = profile(terrain, radar.lat, radar.lon, lat, lon, n)
    distance, ground = way.distance[0] * (far / way.distance[0, -1]), way.heights[0]
    if math.isnan(ground[-1]):
        raise SenseError(
            f"the ground under the target at {math.degrees(lon):.4f}° E, "
            f"{math.degrees(lat):.4f}° N is unknown ({info.label}), so its height is: add "
            "elevation there (steppewatch world add FILE) or choose another place"
        )
    k = radar.atmosphere.k if radar.atmosphere is not None else 1.0
    effective = effective_radius_at(radar.lat, azimuth, k)
    target = float(ground[-1]) + height
    slant, elevation = site_rays(radar, far).apparent(far, target)
    line = sight_line(distance, radar.height, target, effective)
    unknown = _unknown(distance, ground)
    places = way.lat[0], way.lon[0]
    least, own = _least_height(distance, ground, radar.height, effective)
    return SightPath(
        radar=radar,
        info=info,
        lat=lat,
        lon=lon,
        height=height,
        azimuth=azimuth,
        azimuth_end=azimuth_end,
        ground_range=far,
        target=target,
        slant_range=float(slant),
        elevation=float(elevation),
        k=k,
        effective_radius=effective,
        distance=distance,
        ground=ground,
        line=line,
        unknown=unknown,
        ridge=None if unknown else _ridge(distance, ground, line, places, radar.design.wavelength),
        min_height=math.nan if unknown else least,
        ground_visible=not unknown and own,
        diffraction=delta_bullington(
            distance,
            ground,
            radar.height,
            target,
            radar.design.wavelength,
            effective,
            vertical=radar.design.polarisation == "vertical",
        ),
    )


def effective_radius_at(lat: float, azimuth: float, k: float) -> float:
    """Give the effective earth radius [m] in an azimuth: Euler's theorem, less the ray's bend.

    Args:
        lat: Latitude [rad].
        azimuth: Clockwise from north [rad].
        k: Effective earth radius factor.

    >>> round(effective_radius_at(math.radians(48.0), 0.0, 4 / 3) / 1e3)
    8494
    """
    east, north = principal_curvatures(lat)
    own = east * math.sin(azimuth) ** 2 + north * math.cos(azimuth) ** 2
    bend = own - (1.0 - 1.0 / k) / MEAN_RADIUS
    return 1.0 / bend if bend > 0.0 else math.inf


def sight_line(distance: Array, start: float, end: float, effective_radius: float) -> Array:
    """Draw the bent ray over ground that keeps its own heights.

    Args:
        distance: ``(n,)`` from 0 to the end [m].
        start: Height of the antenna [m].
        end: Height of the target [m].
        effective_radius: Of the earth [m].
    """
    rest = distance[-1] - distance
    chord = (start * rest + end * distance) / distance[-1]
    return np.asarray(chord - distance * rest / (2.0 * effective_radius))


def _least_height(
    distance: Array, ground: Array, antenna: float, radius: float
) -> tuple[float, bool]:
    """Give the minimum visible height at the end [m], and whether its ground is in sight."""
    fall = distance[1:] ** 2 / (2.0 * radius)
    slope = (ground[1:] - fall - antenna) / distance[1:]
    before = float(slope[:-1].max())
    least = (before - float(slope[-1])) * float(distance[-1])
    return max(least, 0.0), least <= TOUCH


def _ridge(
    distance: Array, ground: Array, line: Array, places: tuple[Array, Array], wavelength: float
) -> Ridge:
    """Find the place between the ends where the ground stands highest against the line."""
    over = (ground - line)[1:-1]
    at = int(np.argmax(over)) + 1
    here, rest = float(distance[at]), float(distance[-1] - distance[at])
    nu = float(fresnel_nu(here, rest, over[at - 1], wavelength))
    return Ridge(
        distance=here,
        lat=float(places[0][at]),
        lon=float(places[1][at]),
        ground=float(ground[at]),
        above=float(over[at - 1]),
        nu=nu,
        loss_db=float(knife_edge_db(nu)),
    )


def _unknown(distance: Array, ground: Array) -> tuple[tuple[float, float], ...]:
    """Find the stretches without heights, from first to last unknown sample [m]."""
    missing = np.concatenate(([False], np.isnan(ground), [False])).astype(np.int8)
    edges = np.diff(missing)
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return tuple((float(distance[a]), float(distance[b])) for a, b in zip(first, last, strict=True))
