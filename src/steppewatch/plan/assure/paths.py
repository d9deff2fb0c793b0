"""Ways across the border: straight, at right angles to the line, one at every post.

An intruder comes from ``lead`` metres before the line, passes it at the post and goes on for
``depth`` metres behind it. Everything is asked along these ways: what a sensor sees on them, when
a track stands, who can be there in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.errors import PlanError
from steppewatch.plan.rehearse.beside import CHORD
from steppewatch.world import geodesic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.sense.coverage.dark import BorderPosts
    from steppewatch.world.border import Border
    from steppewatch.world.geodesy import Array

NODES = 5  # exact geodesics of a way; the rest is their polynomial, within a millimetre at 100 km
LONGEST = 200_000.0  # [m]
MOST_POINTS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths:
    """Hold m ways of n points each, all with the same distances to the line.

    Attributes:
        lat: ``(m, n)`` latitudes in the order of travel [rad].
        lon: ``(m, n)`` longitudes [rad].
        offset: ``(n,)`` metres behind the line; negative before it. Evenly spaced.
        course: ``(m,)`` direction of travel, clockwise from north [rad].
        post_lat: ``(m,)`` where the line is crossed [rad].
        post_lon: ``(m,)`` [rad].
        neighbour: ``(m,)`` index into ``Border.lines``.
        along: ``(m,)`` metres along that segment.
        length: ``(m,)`` metres of border for which a way stands.
        weight: ``(m,)`` of its section.
        inward: True for ways into the country.
    """

    lat: Array
    lon: Array
    offset: Array
    course: Array
    post_lat: Array
    post_lon: Array
    neighbour: NDArray[np.int64]
    along: Array
    length: Array
    weight: Array
    inward: bool

    def __len__(self) -> int:
        """Count the ways."""
        return len(self.course)

    @property
    def step(self) -> float:
        """Give the distance between two points of a way [m]."""
        return float(self.offset[1] - self.offset[0])

    @property
    def last(self) -> float:
        """Give how far behind the line somebody must be met at the latest [m].

        Who comes in may be met until the end of the way, who goes out at the line: nobody
        follows him across.
        """
        return float(self.offset[-1]) if self.inward else 0.0

    def take(self, rows: NDArray[np.int64]) -> Paths:
        """Pick some ways ``(k,)``, the same one more than once if wanted."""
        return Paths(
            lat=self.lat[rows],
            lon=self.lon[rows],
            offset=self.offset,
            course=self.course[rows],
            post_lat=self.post_lat[rows],
            post_lon=self.post_lon[rows],
            neighbour=self.neighbour[rows],
            along=self.along[rows],
            length=self.length[rows],
            weight=self.weight[rows],
            inward=self.inward,
        )


def paths_of(
    border: Border,
    posts: BorderPosts,
    *,
    lead: float = 20_000.0,
    depth: float = 10_000.0,
    step: float = 250.0,
    inward: bool = True,
    weight: Array | None = None,
) -> Paths:
    """Lay a way across the border through every post.

    The line's direction at a post is that of the chord a kilometre to either side, as for sites
    that stand beside the border. A way is a geodesic; that the line may wind across it again is
    not looked at.

    Args:
        border: The line.
        posts: From ``sense.coverage.dark.border_posts``.
        lead: Where it begins, before the line [m].
        depth: Where it ends, behind the line [m].
        step: Between two points [m]; lead and depth are rounded up to whole steps.
        inward: Into the country; else out of it.
        weight: ``(m,)`` of each post; 1 when None.

    Raises:
        PlanError: A length that is none, or more points than memory should hold.
    """
    if not (0.0 < step <= lead <= LONGEST and 0.0 <= depth <= LONGEST):
        raise PlanError(
            f"ways of {lead:g} m before and {depth:g} m behind the line in steps of {step:g} m: "
            f"expected a step above 0, one step to {LONGEST / 1e3:g} km before, up to "
            f"{LONGEST / 1e3:g} km behind"
        )
    before, behind = int(np.ceil(lead / step - 1e-9)), int(np.ceil(depth / step - 1e-9))
    if before + behind >= MOST_POINTS:
        raise PlanError(
            f"ways of {before + behind + 1} points: expected at most {MOST_POINTS}; take longer "
            f"steps than {step:g} m"
        )
    offset = np.arange(-before, behind + 1, dtype=np.float64) * step
    where = posts.posts
    right, right_inside = _right(border, where.neighbour, where.along, where.lat, where.lon)
    course = np.mod(np.where(right_inside == inward, right, right + np.pi), 2.0 * np.pi)
    lat, lon = _walk(where.lat, where.lon, course, offset)
    count = len(course)
    return Paths(
        lat=lat,
        lon=lon,
        offset=offset,
        course=course,
        post_lat=where.lat,
        post_lon=where.lon,
        neighbour=where.neighbour,
        along=where.along,
        length=posts.ends - where.along,
        weight=np.ones(count) if weight is None else np.asarray(weight, float),
        inward=inward,
    )


def _right(
    border: Border, neighbour: NDArray[np.int64], along: Array, lat: Array, lon: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Give the direction to the right of the line at each post, and whether that is inside."""
    course = np.empty(len(along))
    for index, line in enumerate(border.lines):
        rows = neighbour == index
        if rows.any():
            ends = [np.clip(along[rows] + side, 0.0, line.length) for side in (-CHORD, CHORD)]
            (lat_a, lon_a), (lat_b, lon_b) = (border.point_at(line.neighbour, end) for end in ends)
            course[rows] = geodesic.inverse(lat_a, lon_a, lat_b, lon_b)[1]
    right = course + 0.5 * np.pi
    near = geodesic.direct(lat, lon, right, np.full(len(right), 0.5 * CHORD))
    return right, np.asarray(border.locate(*near).distance > 0.0)


def _walk(lat: Array, lon: Array, course: Array, offset: Array) -> tuple[Array, Array]:
    """Give the points of all ways ``(m, n)`` [rad]: Lagrange through a few exact geodesics."""
    nodes = np.linspace(float(offset[0]), float(offset[-1]), NODES)
    lats, lons = geodesic.direct(lat[:, None], lon[:, None], course[:, None], nodes[None, :])
    turn = np.mod(lons - lon[:, None] + np.pi, 2.0 * np.pi) - np.pi
    weights = np.ones((NODES, len(offset)))
    for i in range(NODES):
        for j in range(NODES):
            if i != j:
                weights[i] *= (offset - nodes[j]) / (nodes[i] - nodes[j])
    return lats @ weights, lon[:, None] + turn @ weights
