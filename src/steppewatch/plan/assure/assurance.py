"""Assurance: seen, tracked, looked at, met, for every post, class and condition, and why not.

The model is on one page in ``docs/assurance.md``. Sensors come as chances along the ways, worked
out one by one; moving a site means new chances of its sensors and the ways that they concern.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.plan.assure.chain import Curves, follow
from steppewatch.plan.assure.eye import EyeChance, eye_chance
from steppewatch.plan.assure.limits import Causes, causes_of, reach_limits
from steppewatch.plan.assure.response import INHERITED, Response, respond
from steppewatch.plan.assure.rules import TrackRules
from steppewatch.plan.assure.sensor import RadarChance, Seen, emplaced, radar_chance
from steppewatch.sense.eoir import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.wanted import Condition, Drone, Patrol, WantedClass
    from steppewatch.sense.eoir import CameraDesign
    from steppewatch.world.geodesy import Array

    Rows = NDArray[np.int64]

MEASURES = ("detected", "tracked", "looked", "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Hold what is asked, beside the sensors.

    Attributes:
        classes: What crosses: class, height, weight, speed.
        conditions: Hours and weathers with their shares.
        track_time: Tracked at least so long before the line [s].
        rules: When the tracker has a track.
        drones: Bases of drones.
        patrols: Bases of patrols.
        cameras: The drones' cameras, by name.
    """

    classes: tuple[WantedClass, ...]
    conditions: tuple[Condition, ...]
    track_time: float = 600.0
    rules: TrackRules = field(default_factory=TrackRules)
    drones: tuple[Drone, ...] = ()
    patrols: tuple[Patrol, ...] = ()
    cameras: Mapping[str, CameraDesign] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensorChance:
    """Hold what one sensor does for all classes and conditions.

    Attributes:
        seen: What the ground hides from it.
        radar: By class (index) and rain [mm/h]; empty for a camera.
        eye: By class and condition (indices); empty for a radar.
    """

    seen: Seen
    radar: Mapping[tuple[int, float], RadarChance]
    eye: Mapping[tuple[int, int], EyeChance]

    @property
    def rows(self) -> Rows:
        """Give the ways that it concerns ``(r,)``."""
        return self.seen.rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assurance:
    """Hold the answer; arrays are ``(m, c, w)``: posts, classes, conditions.

    Attributes:
        detected: P(at least one plot or look before the line).
        detected_inside: P(the same until the end of the way).
        tracked: P(under a confirmed track ``track_time`` before the line).
        looked: P(a drone tells its class before it is past the end); never who it is.
        met: P(a patrol is there before it is past the end).
        lead: Time before the line at which P(track) passes one half [s]; NaN for never.
        limits: ``(4, m, c, w)`` uint8 ``Limit`` of each measure.
        culprit: ``(4, m, c, w)`` int16: the sensor, drone or patrol that the limit names; −1 none.
        minutes: ``(2, m, c)`` shortest time that a drone, a patrol needs to the post [min].
    """

    detected: Array
    detected_inside: Array
    tracked: Array
    looked: Array
    met: Array
    lead: Array
    limits: NDArray[np.uint8]
    culprit: NDArray[np.int16]
    minutes: Array

    def of(self, measure: str) -> Array:
        """Give one of :data:`MEASURES` ``(m, c, w)``."""
        found: Array = getattr(self, measure)
        return found

    def mean(self, paths: Paths, case: Case, measure: str) -> float:
        """Give a measure's mean over border (weighted), classes (weighted) and conditions."""
        return float((self.of(measure) * weights(paths, case)).sum())


def weights(paths: Paths, case: Case) -> Array:
    """Give what each post, class and condition counts ``(m, c, w)``; the sum is 1."""
    border = paths.length * paths.weight
    kinds = np.array([one.weight for one in case.classes])
    hours = np.array([one.share for one in case.conditions])
    product = border[:, None, None] * kinds[:, None] * hours
    return np.asarray(product / max(float(product.sum()), 1e-300))


def sensor_chance(seen: Seen, paths: Paths, case: Case, *, rcs_db: float = 0.0) -> SensorChance:
    """Work out what a sensor does for all classes and conditions of a case.

    Args:
        seen: What the ground hides from it, from ``seen_by``.
        paths: The ways.
        case: Classes and conditions.
        rcs_db: Added to all radar cross sections [dB], for sensitivity.
    """
    radar: dict[tuple[int, float], RadarChance] = {}
    eye: dict[tuple[int, int], EyeChance] = {}
    if seen.standing.camera:
        for c, target in enumerate(case.classes):
            if target.target in SIGNATURES:
                for w, condition in enumerate(case.conditions):
                    eye[c, w] = eye_chance(seen, paths, target, condition)
    else:
        for rain in dict.fromkeys(condition.rain for condition in case.conditions):
            placed = emplaced(seen, rain)
            for c, target in enumerate(case.classes):
                radar[c, rain] = radar_chance(
                    seen, paths, target, rain=rain, rcs_db=rcs_db, radar=placed
                )
    return SensorChance(seen=seen, radar=radar, eye=eye)


def assurance(
    paths: Paths,
    sensors: Sequence[SensorChance],
    case: Case,
    linked: Sequence[bool] | None = None,
    *,
    rows: Rows | None = None,
    before: Assurance | None = None,
) -> Assurance:
    """Say how surely crossings are seen, tracked, looked at and met, and what limits that.

    Args:
        paths: The ways, one at each post.
        sensors: What each sensor does along them.
        case: What is asked.
        linked: Whether each sensor's site reaches a gateway; all of them when None.
        rows: Ways to work out anew; the others are taken from ``before``. All when None.
        before: An answer to the same case.
    """
    joined = [True] * len(sensors) if linked is None else list(linked)
    if rows is not None and before is not None:
        if not len(rows):
            return before
        part = assurance(paths.take(rows), [take(one, rows) for one in sensors], case, joined)
        return _merged(before, part, rows)
    shape = (len(paths), len(case.classes), len(case.conditions))
    out = _blank(shape)
    for c, target in enumerate(case.classes):
        for rain in dict.fromkeys(condition.rain for condition in case.conditions):
            found = {
                i: one.radar[c, rain] for i, one in enumerate(sensors) if (c, rain) in one.radar
            }
            curves = follow(
                shape[0],
                len(paths.offset),
                [chance.looks for i, chance in found.items() if joined[i]],
                paths.step,
                target.speed,
                case.rules,
            )
            causes = causes_of(paths, target.speed, case.track_time, found, joined)
            for w, condition in enumerate(case.conditions):
                if condition.rain == rain:
                    eyes = {i: one.eye[c, w] for i, one in enumerate(sensors) if (c, w) in one.eye}
                    _fill(out, (c, w), paths, case, curves, causes, eyes, joined)
    return out


def _fill(
    out: Assurance,
    at: tuple[int, int],
    paths: Paths,
    case: Case,
    curves: Curves,
    causes: Causes,
    eyes: Mapping[int, EyeChance],
    joined: Sequence[bool],
) -> None:
    """Write down one class in one condition."""
    c, w = at
    target, condition = case.classes[c], case.conditions[w]
    line = int(np.searchsorted(paths.offset, 0.0))
    missed = np.ones((2, len(paths)))
    for i, eye in eyes.items():
        if joined[i]:
            missed[0, eye.rows] *= 1.0 - eye.found[:, line]
            missed[1, eye.rows] *= 1.0 - eye.found[:, -1]
    out.detected[:, c, w] = 1.0 - (1.0 - curves.seen[:, line]) * missed[0]
    out.detected_inside[:, c, w] = 1.0 - (1.0 - curves.seen[:, -1]) * missed[1]
    out.tracked[:, c, w] = held_at(curves, paths, target.speed * case.track_time)
    out.lead[:, c, w] = _lead(curves, paths, target.speed)
    for m, measure in enumerate(MEASURES[:2]):
        out.limits[m, :, c, w], out.culprit[m, :, c, w] = reach_limits(
            out.of(measure)[:, c, w], causes, m, eyes, joined
        )
    answer = respond(paths, target, condition, curves, case, out.limits[1, :, c, w])
    _respond(out, at, answer)


def _respond(out: Assurance, at: tuple[int, int], answer: Response) -> None:
    c, w = at
    out.looked[:, c, w], out.met[:, c, w] = answer.looked, answer.met
    out.limits[2:, :, c, w] = answer.limits
    out.culprit[2:, :, c, w] = np.where(
        answer.culprit == INHERITED, out.culprit[1, :, c, w], answer.culprit
    )
    out.minutes[:, :, c] = answer.minutes


def held_at(curves: Curves, paths: Paths, ahead: float) -> Array:
    """Give P(under a confirmed track) so many metres before the line ``(m,)``; 0 before the way."""
    place = (-ahead - paths.offset[0]) / paths.step
    if place < 0.0:
        return np.zeros(len(paths))
    low = min(int(place), len(paths.offset) - 2)
    share = place - low
    return np.asarray((1.0 - share) * curves.held[:, low] + share * curves.held[:, low + 1])


def _lead(curves: Curves, paths: Paths, speed: float) -> Array:
    """Give the time before the line when P(confirmed so far) passes one half [s]."""
    above = curves.first >= 0.5
    first = above.argmax(axis=1)
    return np.where(above.any(axis=1), -paths.offset[first] / speed, np.nan)


def _blank(shape: tuple[int, int, int]) -> Assurance:
    names = ("detected", "detected_inside", "tracked", "looked", "met")
    return Assurance(
        **{name: np.zeros(shape) for name in names},
        lead=np.full(shape, np.nan),
        limits=np.zeros((4, *shape), np.uint8),
        culprit=np.full((4, *shape), -1, np.int16),
        minutes=np.full((2, *shape[:2]), np.nan),
    )


def take(one: SensorChance, rows: Rows) -> SensorChance:
    """Cut a sensor's chances to some ways ``(k,)``, ascending, numbered anew as they stand."""
    own = one.rows
    where = np.searchsorted(own, rows)
    where = np.minimum(where, max(len(own) - 1, 0))
    new = np.flatnonzero(own[where] == rows) if len(own) else np.zeros(0, np.int64)
    old = where[new] if len(own) else new
    seen = one.seen.take(old, new)
    radar = {
        key: RadarChance(
            looks=replace(r.looks, rows=new, chance=r.looks.chance[old]),
            clear=r.clear[old],
            moving=r.moving[old],
            unknown=r.unknown[old],
        )
        for key, r in one.radar.items()
    }
    eye = {
        key: EyeChance(rows=new, found=e.found[old], clear=e.clear[old])
        for key, e in one.eye.items()
    }
    return SensorChance(seen=seen, radar=radar, eye=eye)


def _merged(before: Assurance, part: Assurance, rows: Rows) -> Assurance:
    """Put the ways worked out anew in the place of the old ones."""
    whole = {}
    for name in Assurance.__slots__:
        old = getattr(before, name).copy()
        axis = 1 if name in {"limits", "culprit", "minutes"} else 0
        if axis:
            old[:, rows] = getattr(part, name)
        else:
            old[rows] = getattr(part, name)
        whole[name] = old
    return Assurance(**whole)
