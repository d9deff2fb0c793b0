"""What one sensor sees along the ways across the border: sight once, then chances for each class.

Sight (what the ground hides) depends on the place alone and is the dear part. The chances of a
look are asked of the same functions that rehearsal draws its plots from, with the true course of a
crossing: who walks at right angles to the line of sight lies in the radar's Doppler notch.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.assure.chain import Looks, phase_of
from steppewatch.sense.coverage.covers import sight
from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.sense.coverage.network import LEAST_RADIUS, SHORT
from steppewatch.sense.coverage.radar_map import site_rays
from steppewatch.sense.eoir import CameraDesign
from steppewatch.sense.eoir.cover import OPTICAL_K
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.look import look
from steppewatch.sense.radar.sector import in_sector
from steppewatch.sense.targets import target_model
from steppewatch.world import geodesic
from steppewatch.world.atmosphere import site_atmosphere

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.wanted import WantedClass
    from steppewatch.sense.radar.design import RadarDesign
    from steppewatch.sense.radar.emplaced import EmplacedRadar
    from steppewatch.sense.viewshed import Window
    from steppewatch.world.atmosphere.site import Season
    from steppewatch.world.geodesy import Array
    from steppewatch.world.terrain import Heights, Terrain

RAIN_HEIGHT = 3_500.0  # [m above sea level] up to which rain falls; assumed, P.839 for 45° N
SURE = 1.0 - 1e-9  # no look is better
OUT = np.float32(-1.0)  # of reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Stand one sensor on a site.

    Attributes:
        id: Unique short name.
        site: Id of its site.
        lat: Latitude [rad].
        lon: Longitude [rad].
        mast: Height above ground [m].
        max_range: How far it is asked [m].
        design: The radar or camera.
    """

    id: str
    site: str
    lat: float
    lon: float
    mast: float
    max_range: float
    design: RadarDesign | CameraDesign

    @property
    def camera(self) -> bool:
        """Tell cameras from radars."""
        return isinstance(self.design, CameraDesign)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """Hold what the ground hides from one sensor along the ways that come into its range.

    Attributes:
        standing: The sensor.
        rows: ``(r,)`` ways, ascending.
        distance: ``(r, n)`` along the ground [m].
        azimuth: ``(r, n)`` from the sensor [rad].
        turn: ``(r, n)`` how much the azimuth has turned at the far end [rad].
        within: ``(r, n)`` in range.
        least: ``(r, n)`` minimum visible height above ground [m]; NaN unknown or out of range.
        ground: ``(r, n)`` height of the ground [m].
        foot: Height of the ground under the mast [m].
        k: Effective earth radius factor.
        season: Whose air it is.
        warnings: What a careful planner must know of the place.
    """

    standing: Standing
    rows: NDArray[np.int64]
    distance: Array
    azimuth: Array
    turn: Array
    within: NDArray[np.bool_]
    least: Heights
    ground: Heights
    foot: float
    k: float
    season: Season
    warnings: tuple[str, ...] = ()

    def take(self, old: NDArray[np.int64], new: NDArray[np.int64]) -> Seen:
        """Cut it to the rows ``old`` ``(k,)`` of its own, which get the way numbers ``new``."""
        cut = {
            name: getattr(self, name)[old]
            for name in ("distance", "azimuth", "turn", "within", "least", "ground")
        }
        return dataclasses.replace(self, rows=new, **cut)


def seen_by(
    terrain: Terrain,
    standing: Standing,
    paths: Paths,
    *,
    k: float | None = None,
    season: Season = "year",
) -> Seen:
    """Find what the ground hides along all ways that come into a sensor's range.

    Args:
        terrain: Any.
        standing: The sensor on its place.
        paths: The ways.
        k: Effective earth radius factor of radars; the place's own air when None.
        season: Of that air.

    Raises:
        PlanError: Terrain is unknown under the sensor.
    """
    rows = _near(standing, paths)
    place = np.array([standing.lat]), np.array([standing.lon])
    foot = float(np.asarray(terrain.heights(*place), float)[0])
    if math.isnan(foot):
        raise PlanError(
            f"sensor {standing.id!r} stands at {math.degrees(standing.lat):.4f}° N "
            f"{math.degrees(standing.lon):.4f}° E, where terrain is unknown; add terrain there "
            "(steppewatch world add FILE) or move the site"
        )
    if standing.camera:
        bend = OPTICAL_K
    elif k is not None:
        bend = k
    else:
        bend = site_atmosphere(standing.lat, standing.lon, foot, season=season).k
    lat, lon = paths.lat[rows], paths.lon[rows]
    shape = lat.shape
    within = np.zeros(shape, bool)
    least, ground = np.full((2, *shape), np.nan, np.float32)
    distance, azimuth = np.full((2, *shape), np.nan)
    warnings: tuple[str, ...] = ()
    if len(rows):
        distance, azimuth = _measure(standing, lat, lon)
        found = sight(
            terrain,
            standing.lat,
            standing.lon,
            mast=standing.mast,
            max_range=standing.max_range,
            k=bend,
        )
        window = found.window
        foot = window.ground
        within = distance <= standing.max_range
        row = np.rint(window.size - distance * np.cos(azimuth) / window.cell)
        col = np.rint(window.size + distance * np.sin(azimuth) / window.cell)
        # The nearest cell at the very edge may lie beyond the circle, where nothing was asked.
        outside = (row - window.size) ** 2 + (col - window.size) ** 2 > window.size**2
        within &= ~outside
        at = tuple(np.clip(v, 0, 2 * window.size).astype(np.intp) for v in (row, col))
        least = np.where(within, found.min_height[at], np.float32(np.nan))
        ground = np.where(within, window.heights[at], np.float32(np.nan))
        warnings = _warned(standing, window)
    return Seen(
        standing=standing,
        rows=rows,
        distance=distance,
        azimuth=azimuth,
        turn=np.sin(0.5 * (lat + standing.lat)) * (lon - standing.lon),
        within=within,
        least=least,
        ground=ground,
        foot=foot,
        k=bend,
        season=season,
        warnings=warnings,
    )


def _warned(standing: Standing, window: Window) -> tuple[str, ...]:
    if window.info is None:
        return ()
    told = low_ground_warning(window.heights, window.cell, window.info.resolution)
    return tuple(f"{standing.site}: {text}" for text in told)


def _measure(standing: Standing, lat: Array, lon: Array) -> tuple[Array, Array]:
    if standing.max_range + 100_000.0 > SHORT:
        distance, azimuth, _ = geodesic.inverse(standing.lat, standing.lon, lat, lon)
        return distance, azimuth
    return geodesic.short_inverse(standing.lat, standing.lon, lat, lon)


def _near(standing: Standing, paths: Paths) -> NDArray[np.int64]:
    """Find the ways of which any point may be in range."""
    half = 0.5 * float(paths.offset[-1] - paths.offset[0])
    middle = paths.lat.shape[1] // 2
    reach = standing.max_range + half + 1_000.0
    lat, lon = paths.lat[:, middle], paths.lon[:, middle]
    slim = math.cos(min(abs(standing.lat) + reach / LEAST_RADIUS, math.radians(85.0)))
    turn = np.abs(np.mod(lon - standing.lon + math.pi, 2.0 * math.pi) - math.pi)
    box = (np.abs(lat - standing.lat) <= reach / LEAST_RADIUS) & (
        turn <= reach / LEAST_RADIUS / slim
    )
    rows = np.flatnonzero(box)
    if not len(rows):
        return rows
    distance = _measure(standing, paths.lat[rows], paths.lon[rows])[0]
    return rows[(distance <= standing.max_range).any(axis=1)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadarChance:
    """Hold a radar's chances for one class in one rain.

    Attributes:
        looks: Ways, P(detect) of one look, and the time between two.
        clear: ``(r, n)`` what it would be without ground in the way.
        moving: ``(r, n)`` what it would be without the Doppler notch.
        unknown: ``(r, n)`` in range, but over or behind unknown ground.
    """

    looks: Looks
    clear: NDArray[np.float32]
    moving: NDArray[np.float32]
    unknown: NDArray[np.bool_]


def emplaced(seen: Seen, rain: float = 0.0) -> EmplacedRadar:
    """Stand a radar in its air, in rain of a rate [mm/h]."""
    one = seen.standing
    if isinstance(one.design, CameraDesign):
        raise PlanError(f"{one.id!r} is a camera, not a radar")
    air = site_atmosphere(one.lat, one.lon, seen.foot, season=seen.season, k=seen.k)
    if rain > 0.0:
        air = dataclasses.replace(
            air, rain_rate=rain, rain_height=max(RAIN_HEIGHT, seen.foot + 1_000.0)
        )
    return stand(one.design, one.lat, one.lon, seen.foot, air, mast=one.mast)


def radar_chance(
    seen: Seen,
    paths: Paths,
    target: WantedClass,
    *,
    rain: float = 0.0,
    rcs_db: float = 0.0,
    radar: EmplacedRadar | None = None,
) -> RadarChance:
    """Give a radar's chance to detect a crossing in one scan, at each point of the ways.

    Args:
        seen: What the ground hides from it.
        paths: The ways.
        target: Class, height and speed.
        rain: [mm/h].
        rcs_db: Added to the class's radar cross section [dB], for sensitivity.
        radar: From :func:`emplaced` with this rain; made here when None.
    """
    radar = emplaced(seen, rain) if radar is None else radar
    design = radar.design
    model = target_model(target.target)
    section = model.section(design.frequency) * 10.0 ** (rcs_db / 10.0)
    with np.errstate(invalid="ignore"):
        visible = seen.least <= target.height
        bare = seen.least <= 0.0
    known = seen.within & ~np.isnan(seen.ground) & ~np.isnan(seen.least)
    asked = known & in_sector(seen.azimuth, design.sector_start, design.sector_width)
    rays = site_rays(radar, float(seen.standing.max_range))
    slant, elevation = rays.apparent(
        seen.distance[asked], seen.ground[asked].astype(float) + target.height
    )
    course = np.broadcast_to(paths.course[seen.rows][:, None], asked.shape)[asked]
    rate = target.speed * np.cos(course - seen.azimuth[asked] - seen.turn[asked])
    one = look(
        radar,
        slant,
        elevation,
        rcs=section,
        swerling=model.swerling,
        range_rate=rate,
        clutter_visible=bare[asked],
    )
    free = look(
        radar,
        slant,
        elevation,
        rcs=section,
        swerling=model.swerling,
        clutter_visible=bare[asked],
    )
    clear = np.where(seen.within, np.float32(0.0), OUT)
    clear[asked] = np.minimum(np.nan_to_num(one.pd), SURE)
    moving = np.where(seen.within, np.float32(0.0), OUT)
    moving[asked] = np.minimum(np.nan_to_num(free.pd), SURE) * visible[asked]
    chance = np.where(visible | (clear < 0.0), clear, np.float32(0.0)).astype(np.float32)
    return RadarChance(
        looks=Looks(
            rows=seen.rows,
            chance=chance,
            period=design.scan_period,
            phase=phase_of(seen.standing.id),
        ),
        clear=clear.astype(np.float32),
        moving=moving.astype(np.float32),
        unknown=seen.within & ~known,
    )
