"""Lay a smooth path over the ground: rounded corners, even spacing, heights from the terrain."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from steppewatch.errors import PlanError
from steppewatch.plan.rehearse.kinds import Kind
from steppewatch.plan.rehearse.scenario import Waypoint
from steppewatch.sense import Terrain
from steppewatch.world import geodesy

Array = NDArray[np.float64]

CORNER_POINTS = 9
LONGEST_CUT = 0.45  # of a leg: two corners never eat more than the leg between them


def lay(
    waypoints: tuple[Waypoint, ...], kind: Kind, terrain: Terrain, *, closed: bool, owner: str
) -> tuple[Array, float]:
    """Lay a path through waypoints.

    Args:
        waypoints: At least two.
        kind: Gives turn radius, spacing and how height follows the ground.
        terrain: Ground heights.
        closed: True when the path returns to its first waypoint.
        owner: Route name, for messages.

    Returns:
        ``(m + 2, 3)`` ECEF nodes [m], one extra before the first and after the last for the
        spline, and their spacing [m].

    Raises:
        PlanError: The path has no length, or terrain under it is unknown.
    """
    corners = np.array([(w.lat, w.lon, w.above_ground) for w in waypoints])
    if closed:
        corners = np.vstack((corners, corners[:1]))
    points = _round(corners, kind.turn, closed=closed)
    flat = geodesy.ecef_from_geodetic(points[:, 0], points[:, 1], 0.0)
    length = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(flat, axis=0), axis=1))))
    if length[-1] < 1.0:
        raise PlanError(f"route {owner!r}: its waypoints lie in one place; move them apart")
    count = max(3, math.ceil(length[-1] / kind.step) + 1)
    even = np.linspace(0.0, length[-1], count)
    lat, lon, above = (np.interp(even, length, points[:, i]) for i in range(3))
    height = above if kind.level else above + _ground(lat, lon, kind, terrain, owner)
    nodes = geodesy.ecef_from_geodetic(lat, lon, height)
    if closed:
        padded = np.vstack((nodes[-2:-1], nodes, nodes[1:2]))
    else:
        padded = np.vstack((2.0 * nodes[0] - nodes[1], nodes, 2.0 * nodes[-1] - nodes[-2]))
    return padded, float(length[-1]) / (count - 1)


def _round(corners: Array, turn: float, *, closed: bool) -> Array:
    """Replace each corner by a quadratic Bézier arc that begins ``turn`` before it."""
    scale = np.array(
        [geodesy.MEAN_RADIUS, geodesy.MEAN_RADIUS * math.cos(float(corners[:, 0].mean())), 1.0]
    )
    plane = corners * scale
    legs = np.linalg.norm(np.diff(plane[:, :2], axis=0), axis=1)
    inner = range(len(plane) - 1) if closed else range(1, len(plane) - 1)
    t = np.linspace(0.0, 1.0, CORNER_POINTS)[:, None]
    pieces: list[Array] = [] if closed else [plane[:1]]
    for i in inner:
        before, after = (plane[-2] if i == 0 else plane[i - 1]), plane[i + 1]
        near, far = legs[i - 1], legs[i]
        if min(near, far) < 1e-6:
            continue
        cut = min(turn, LONGEST_CUT * near, LONGEST_CUT * far)
        enter = plane[i] + (before - plane[i]) * (cut / near)
        leave = plane[i] + (after - plane[i]) * (cut / far)
        pieces.append((1 - t) ** 2 * enter + 2 * t * (1 - t) * plane[i] + t**2 * leave)
    pieces.append(pieces[0][:1] if closed else plane[-1:])
    return np.asarray(np.vstack(pieces) / scale)


def _ground(lat: Array, lon: Array, kind: Kind, terrain: Terrain, owner: str) -> Array:
    ground = np.asarray(terrain.heights(lat, lon), float)
    unknown = np.flatnonzero(np.isnan(ground))
    if unknown.size:
        at = unknown[0]
        raise PlanError(
            f"route {owner!r}: terrain is unknown at {math.degrees(lat[at]):.4f}° N "
            f"{math.degrees(lon[at]):.4f}° E ({unknown.size} of {ground.size} points of the path); "
            "add terrain there (steppewatch world add FILE) or move the route"
        )
    if kind.smooth > 0.0:
        # Fliers clear the highest ground about them, then smooth the climb.
        window = max(1, round(kind.smooth / kind.step))
        ground = uniform_filter1d(
            maximum_filter1d(ground, window, mode="nearest"), window, mode="nearest"
        )
    return np.asarray(ground)
