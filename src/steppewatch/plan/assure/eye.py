"""What a camera finds along the ways across the border, sweeping its sector view by view.

A camera is not a radar with other figures: P∞, the share of observers who would ever find the
object in the view, does not grow with more looks. A crossing is found with at most the best P∞ of
its way, and towards that the sooner the more time the sweep gives it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.network import FLYING
from steppewatch.sense.eoir import CameraDesign, Conditions, Weather, camera_look, signature
from steppewatch.sense.eoir.cover import shown_share
from steppewatch.sense.eoir.footprint import slant_geometry
from steppewatch.sense.eoir.search import search_rate, sweep
from steppewatch.sense.eoir.task import CRITERIA, Task
from steppewatch.sense.viewshed.window import principal_curvatures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.assure.sensor import Seen
    from steppewatch.plan.wanted import Condition, WantedClass
    from steppewatch.world.geodesy import Array

CN2_DAY, CN2_NIGHT = 1e-14, 1e-15  # [m^(−2/3)] mean turbulence, as `sense camera` assumes it
SLANT, DOWN = 1_000.0, math.radians(20.0)  # how far and how steeply a drone looks at the place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EyeChance:
    """Hold what a camera finds of one class in one condition.

    Attributes:
        rows: ``(r,)`` ways, ascending.
        found: ``(r, n)`` P(found so far).
        clear: ``(r,)`` P(found before the line) without ground in the way.
    """

    rows: NDArray[np.int64]
    found: Array
    clear: Array


def weather_of(condition: Condition) -> Weather:
    """Give the air that a camera looks through."""
    return Weather(
        visibility=condition.visibility,
        night=condition.night,
        cn2=CN2_NIGHT if condition.night else CN2_DAY,
    )


def eye_chance(seen: Seen, paths: Paths, target: WantedClass, condition: Condition) -> EyeChance:
    """Give the chance that a sweeping camera has found a crossing, at each point of the ways.

    Args:
        seen: What the ground hides from it.
        paths: The ways.
        target: Class, height and speed.
        condition: Hour and weather.
    """
    camera = seen.standing.design
    if not isinstance(camera, CameraDesign):
        raise PlanError(f"{seen.standing.id!r} is a radar, not a camera")
    body = signature(target.target)
    base = target.height if target.target in FLYING else 0.0
    curvature = 0.5 * sum(principal_curvatures(seen.standing.lat)) / seen.k
    slant, depression = slant_geometry(
        seen.distance,
        seen.ground.astype(float) + base + 0.5 * body.height - seen.foot - seen.standing.mast,
        curvature,
    )
    shown = np.nan_to_num(shown_share(seen.least, base, body.height))
    plan = sweep(camera, 2.0 * math.pi)
    air = Conditions(weather=weather_of(condition))
    curves = []
    for share in (shown, np.where(np.isnan(seen.least), 0.0, 1.0)):
        one = camera_look(camera, slant, body, air, depression=depression, shown=share)
        best = np.where(seen.within, np.nan_to_num(one.detect), 0.0)
        ratio = np.where(seen.within, np.nan_to_num(one.cycles), 0.0) / CRITERIA[Task.DETECT].v50
        watched = paths.step / target.speed * plan.dwell / plan.period
        effort = np.cumsum(search_rate(best, ratio) * (best > 0.0) * watched, axis=1)
        curves.append(np.maximum.accumulate(best, axis=1) * -np.expm1(-effort))
    line = int(np.searchsorted(paths.offset, 0.0))
    return EyeChance(rows=seen.rows, found=curves[0], clear=curves[1][:, line])


def told_by_drone(camera: CameraDesign, target: str, condition: Condition) -> float:
    """Give the chance that a drone's look tells the class of an object, never who it is.

    The look is taken from :data:`SLANT` metres, :data:`DOWN` below the horizontal; both are
    assumed, not computed.
    """
    air = Conditions(weather=weather_of(condition))
    one = camera_look(camera, SLANT, signature(target), air, depression=DOWN)
    return float(one.identify)
