"""A drone's look and a patrol's arrival, and what limits them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.plan.assure.eye import told_by_drone
from steppewatch.plan.assure.limits import COUNTS, GOOD, Limit
from steppewatch.plan.assure.there import any_of, distances, drone_times, in_time, patrol_times
from steppewatch.sense.eoir import SIGNATURES, camera_design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.plan.assure.assurance import Case
    from steppewatch.plan.assure.chain import Curves
    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.wanted import Condition, WantedClass
    from steppewatch.world.geodesy import Array

INHERITED = -2  # of a culprit: the one that limits the track
MOST_RAIN = 2.5  # [mm/h] in which small drones still fly: light rain; assumed
LEAST_VISIBILITY = 1_500.0  # [m]; assumed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Response:
    """Hold the answer for m posts.

    Attributes:
        looked: ``(m,)`` P(a drone tells the class in time).
        met: ``(m,)`` P(a patrol is there in time).
        limits: ``(2, m)`` ``Limit`` of both.
        culprit: ``(2, m)`` drone or patrol, −1 none, −2 the sensor that limits the track.
        minutes: ``(2, m)`` shortest time from the call to the post [min]; NaN for none.
    """

    looked: Array
    met: Array
    limits: NDArray[np.uint8]
    culprit: NDArray[np.int64]
    minutes: Array


def flies(condition: Condition) -> bool:
    """Say whether small drones fly in a weather."""
    return condition.rain <= MOST_RAIN and condition.visibility >= LEAST_VISIBILITY


def respond(
    paths: Paths,
    target: WantedClass,
    condition: Condition,
    curves: Curves,
    case: Case,
    track_limit: NDArray[np.uint8],
) -> Response:
    """Work out who can be there in time for one class in one condition.

    Args:
        paths: The ways.
        target: Class and speed.
        condition: Hour and weather.
        curves: When a track stands.
        case: Drones and patrols.
        track_limit: ``(m,)`` what limits the track.
    """
    count = len(paths)
    last = paths.last
    air = np.array([one.available for one in case.drones])
    tells = np.array(
        [
            told_by_drone(case.cameras.get(one.camera) or camera_design(one.camera),
                          target.target, condition)
            if target.target in SIGNATURES
            else 0.0
            for one in case.drones
        ]
    )  # fmt: skip
    up = flies(condition)
    needs, _ = drone_times(paths, case.drones)
    early = in_time(curves.first, paths.offset, target.speed, last, needs)
    ready = in_time(np.ones_like(curves.first), paths.offset, target.speed, last, needs)
    looked = any_of(early, air * tells) if up else np.zeros(count)
    look_gain = np.stack(
        [
            any_of(ready, air * tells) - looked,
            any_of(early, air) - looked,
            any_of(early, tells) - looked,
            any_of(np.broadcast_to(curves.first[:, -1:], early.shape), air * tells) - looked,
        ]
    )
    look_code, look_who = _named(
        looked, look_gain, (Limit.CAMERA, Limit.AVAILABLE, Limit.FAR), track_limit, needs
    )
    if not up:
        look_code[:], look_who[:] = Limit.GROUNDED, -1
    if case.drones:
        near = distances(paths, case.drones).argmin(axis=1)
        beyond = ~np.isfinite(needs).any(axis=1)
        look_code[beyond], look_who[beyond] = Limit.NO_DRONE, near[beyond]
    else:
        look_code[:], look_who[:] = Limit.NO_DRONE, -1
    foot = np.array([one.available for one in case.patrols])
    ways, _ = patrol_times(paths, case.patrols)
    soon = in_time(curves.first, paths.offset, target.speed, last, ways)
    there = in_time(np.ones_like(curves.first), paths.offset, target.speed, last, ways)
    met = any_of(soon, foot)
    met_gain = np.stack(
        [
            any_of(there, foot) - met,
            any_of(soon, np.ones_like(foot)) - met,
            any_of(np.broadcast_to(curves.first[:, -1:], soon.shape), foot) - met,
        ]
    )
    met_code, met_who = _named(met, met_gain, (Limit.AVAILABLE, Limit.FAR), track_limit, ways)
    if not case.patrols:
        met_code[:], met_who[:] = Limit.NO_PATROL, -1
    return Response(
        looked=looked,
        met=met,
        limits=np.stack((look_code, met_code)),
        culprit=np.stack((look_who, met_who)),
        minutes=np.stack((_least(needs), _least(ways))),
    )


def _named(
    value: Array,
    gain: Array,
    others: tuple[Limit, ...],
    track_limit: NDArray[np.uint8],
    needs: Array,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Choose the cause whose removal helps most: the track's own, or one of ``others``."""
    codes = np.array((Limit.NONE, *others), np.uint8)
    best = gain.argmax(axis=0)
    soonest = (
        np.where(np.isfinite(needs), needs, np.inf).argmin(axis=1)
        if needs.shape[1]
        else np.full(len(value), -1, np.int64)
    )
    # Where the track is sound, or a better one would not do, it is the way that is too long.
    by_track = (best == 0) & (track_limit != Limit.NONE) & (gain[0] >= COUNTS)
    code = np.where(by_track, track_limit, np.where(best == 0, Limit.FAR, codes[best]))
    code = np.where(gain.max(axis=0, initial=0.0) < COUNTS, Limit.FAR, code)
    who = np.where(by_track & (code == track_limit), INHERITED, soonest)
    code = np.where(value >= GOOD, Limit.NONE, code)
    return code.astype(np.uint8), np.where(value >= GOOD, -1, who)


def _least(needs: Array) -> Array:
    if not needs.shape[1]:
        return np.full(len(needs), np.nan)
    least = needs.min(axis=1)
    return np.where(np.isfinite(least), least / 60.0, np.nan)
