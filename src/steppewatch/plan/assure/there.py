"""Who can be there in time: drones and patrols that start when a track stands.

A responder j needs ``reaction + way / speed``; he is in time when the track was confirmed at least
that long before the intruder is past the last place where he may be met. Responders answer
independently, each with its own probability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.world import geodesic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from steppewatch.plan.assure.paths import Paths
    from steppewatch.plan.wanted import Drone, Patrol
    from steppewatch.world.geodesy import Array


def drone_times(paths: Paths, drones: Sequence[Drone]) -> tuple[Array, Array]:
    """Give how long each drone needs to each post, and how far it is.

    Returns:
        ``(m, d)`` seconds from the call, infinite beyond its reach; ``(m, d)`` metres.
    """
    far = distances(paths, drones)
    out = np.empty_like(far)
    for j, one in enumerate(drones):
        need = one.reaction + far[:, j] / one.speed
        out[:, j] = np.where(far[:, j] <= one.reach, need, np.inf)
    return out, far


def patrol_times(paths: Paths, patrols: Sequence[Patrol]) -> tuple[Array, Array]:
    """Give how long each patrol needs to each post: ``(m, p)`` seconds, ``(m, p)`` metres."""
    far = distances(paths, patrols)
    out = np.empty_like(far)
    for j, one in enumerate(patrols):
        out[:, j] = one.reaction + far[:, j] * one.detour / one.speed
    return out, far


def distances(paths: Paths, bases: Sequence[Drone] | Sequence[Patrol]) -> Array:
    """Measure from each base to where the line is crossed ``(m, b)`` [m]."""
    out = np.empty((len(paths), len(bases)))
    for j, one in enumerate(bases):
        out[:, j] = geodesic.inverse(paths.post_lat, paths.post_lon, one.lat, one.lon)[0]
    return out


def in_time(first: Array, offset: Array, speed: float, last: float, needs: Array) -> Array:
    """Give P(a track stands early enough for each responder) ``(m, r)``.

    Args:
        first: ``(m, n)`` P(a confirmed track so far) at each point of the way.
        offset: ``(n,)`` of the points, metres behind the line.
        speed: Of the intruder [m/s].
        last: Metres behind the line up to which he may be met.
        needs: ``(m, r)`` seconds from the call; infinite for never.
    """
    at = last - np.where(np.isfinite(needs), needs, np.inf) * speed
    place = (at - offset[0]) / (offset[1] - offset[0])
    place = np.where(np.isfinite(place), place, -1.0)
    low = np.clip(np.floor(place), 0, len(offset) - 2).astype(np.intp)
    share = np.clip(place - low, 0.0, 1.0)
    rows = np.arange(len(first))[:, None]
    value = first[rows, low] * (1.0 - share) + first[rows, low + 1] * share
    return np.where(place < 0.0, 0.0, value)


def any_of(early: Array, answers: Array) -> Array:
    """Give P(at least one responder comes and succeeds) ``(m,)``.

    All wait for the same track: with the responders in the order in which they lose their chance,
    the track comes early enough for the first j of them and not for the next with probability
    ``F_j − F_(j+1)``.

    Args:
        early: ``(m, r)`` from :func:`in_time`.
        answers: ``(m, r)`` or ``(r,)`` probability that each answers and succeeds.
    """
    if early.shape[1] == 0:
        return np.zeros(len(early))
    answers = np.broadcast_to(answers, early.shape)
    order = np.argsort(-early, axis=1, kind="stable")
    sorted_early = np.take_along_axis(early, order, axis=1)
    fails = np.cumprod(1.0 - np.take_along_axis(answers, order, axis=1), axis=1)
    following = np.concatenate((sorted_early[:, 1:], np.zeros((len(early), 1))), axis=1)
    return np.asarray(((sorted_early - following) * (1.0 - fails)).sum(axis=1))
