"""Say what limits a measure at a post, in words that a planner can act on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.plan.assure.assurance import MEASURES
from steppewatch.plan.assure.limits import Limit
from steppewatch.world import geodesic
from steppewatch.world.geodesy import MEAN_RADIUS

if TYPE_CHECKING:
    from steppewatch.plan.assure.assurance import Assurance, Case
    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.assure.sensor import Standing
    from steppewatch.world.geodesy import Array
    from steppewatch.world.terrain import Terrain

POINTS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
SAMPLES = 400


def compass(azimuth: float) -> str:
    """Name a direction [rad] by one of eight points.

    >>> compass(math.radians(50.0))
    'NE'
    """
    return POINTS[round(azimuth / (0.25 * math.pi)) % len(POINTS)]


def ridge(
    terrain: Terrain, standing: Standing, lat: float, lon: float, height: float, k: float
) -> tuple[float, float] | None:
    """Find the ground that hides a place from a sensor.

    Args:
        terrain: Any.
        standing: The sensor.
        lat: Of the place [rad].
        lon: Of the place [rad].
        height: Of the target above the ground there [m].
        k: Effective earth radius factor.

    Returns:
        Distance from the sensor [m] and azimuth [rad] of the highest ground before the target, as
        the sensor sees it; None where nothing hides it, or the ground is unknown.
    """
    far, azimuth, _ = (float(v) for v in geodesic.inverse(standing.lat, standing.lon, lat, lon))
    if far < 1.0:
        return None
    along = np.linspace(0.0, far, SAMPLES)
    lats, lons = geodesic.direct(standing.lat, standing.lon, azimuth, along)
    ground = np.asarray(terrain.heights(lats, lons), float)
    if np.isnan(ground).any():
        return None
    above = ground - along**2 / (2.0 * k * MEAN_RADIUS) - ground[0] - standing.mast
    slope = above[1:-1] / along[1:-1]
    highest = int(np.argmax(slope))
    if slope[highest] <= (above[-1] + height) / far:
        return None
    return float(along[highest + 1]), azimuth


def reason(
    measure: str,
    at: tuple[int, int, int],
    found: Assurance,
    paths: Paths,
    case: Case,
    standings: tuple[Standing, ...],
    terrain: Terrain,
) -> str:
    """Say what limits a measure at one post, for one class in one condition.

    Args:
        measure: One of ``MEASURES``.
        at: Post, class, condition.
        found: The answer.
        paths: The ways.
        case: What was asked.
        standings: The sensors.
        terrain: For the ridge that hides.
    """
    row = MEASURES.index(measure)
    post, c, w = at
    limit, who = Limit(int(found.limits[(row, *at)])), int(found.culprit[(row, *at)])
    target, condition = case.classes[c], case.conditions[w]
    ahead = 0.0 if measure == "detected" else min(
        target.speed * case.track_time, -float(paths.offset[0])
    )  # fmt: skip
    point = int(np.argmin(np.abs(paths.offset + ahead)))
    where = "" if ahead == 0.0 else f" {ahead / 1e3:.1f} km before the line"
    far = ""
    if limit in {Limit.MASKED, Limit.NOTCH, Limit.FAINT, Limit.THIN, Limit.LINK} and who >= 0:
        one = standings[who]
        place = float(paths.lat[post, point]), float(paths.lon[post, point])
        away = float(geodesic.inverse(one.lat, one.lon, *place)[0])
        far = f"{one.id}, {away / 1e3:.0f} km away"
        if limit is Limit.MASKED:
            hill = ridge(terrain, one, *place, target.height, 4.0 / 3.0)
            if hill is not None:
                return (
                    f"masked{where} by the ridge {hill[0] / 1e3:.0f} km {compass(hill[1])} of "
                    f"{one.id}"
                )
            return f"masked{where} by the ground about {one.id}"
    if limit is Limit.NO_DRONE:
        return _no_drone(who, case, paths, post)
    if limit is Limit.FAR:
        inside = paths.last / target.speed
        return _far(measure, found.minutes[:, post, c], float(found.lead[at]), inside)
    return {
        Limit.NONE: "nothing",
        Limit.BEYOND: f"beyond every sensor's range{where}",
        Limit.UNKNOWN: "terrain unknown",
        Limit.NOTCH: f"crosses the line of sight: in the Doppler notch of {far}",
        Limit.LINK: f"no link to a gateway: {far}",
        Limit.FAINT: f"too faint{where}: {target.target} for {far}" if far else "too faint",
        Limit.THIN: f"plots too thin for a track{where}: {far}" if far else "plots too thin",
        Limit.GROUNDED: f"drones grounded by weather ({condition.name})",
        Limit.CAMERA: f"the drone's camera seldom tells a {target.target} ({condition.name})",
        Limit.AVAILABLE: f"{'drone' if measure == 'looked' else 'patrol'} often not available",
        Limit.NO_PATROL: "no patrol in the plan",
    }[limit]


def _no_drone(who: int, case: Case, paths: Paths, post: int) -> str:
    if who < 0:
        return "no drone in the plan"
    one = case.drones[who]
    far = geodesic.inverse(paths.post_lat[post], paths.post_lon[post], one.lat, one.lon)[0]
    return f"beyond every drone's reach: {one.id} is {float(far) / 1e3:.0f} km away"


def _far(measure: str, minutes: Array, lead: float, inside: float) -> str:
    who = "drone" if measure == "looked" else "patrol"
    need = float(minutes[0 if measure == "looked" else 1])
    warned = "no track" if math.isnan(lead) else f"warning {(lead + inside) / 60.0:.0f} min"
    return f"{who} {need:.0f} min away, {warned}"
