"""Line of sight over terrain: what a radar at one place can see past hills and the earth's bulge.

A :class:`Horizon` keeps, for each azimuth ray and distance node, the steepest slope of all ground
nearer than the node. A target is in sight when the slope to it is steeper: one table lookup,
however many targets there are. Rays are computed when a target first stands in their wedge, so a
radar that watches one valley never reads the terrain of the others.

Slopes are up/ground in the radar's own tangent plane, which holds the earth's curvature exactly;
refraction adds ``g (1 − 1/k) / 2R``, the parabolic form of an earth of radius ``k R`` (Skolnik,
Radar Handbook, 3rd ed., §26.3: the 4/3-earth model). Where terrain is unknown (NaN), all ground
behind it counts as unknown too, and unknown is not visible.
"""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.world import geodesy

Array = NDArray[np.float64]

STANDARD_K = 4.0 / 3.0
FIRST_NODE = 30.0  # [m]; nearer ground hides nothing from a mast
FINE_STEP = 30.0  # [m], the grid of the finest terrain that is freely had
COARSE_STEP = 500.0  # [m]
RELATIVE_STEP = 0.01
RAYS_PER_WEDGE = 32


class Terrain(Protocol):
    """Give ground heights; the engine's terrain store is one, tests bring their own."""

    def heights(self, lat: Array, lon: Array) -> Array:
        """Give heights [m] at latitudes and longitudes [rad]; NaN where not known."""
        ...


class Horizon:
    """Tell what can be seen from one antenna; a cache that can be derived again at any time.

    Args:
        terrain: Ground heights.
        lat: Antenna latitude [rad].
        lon: Antenna longitude [rad].
        height: Antenna height [m], same datum as the terrain.
        max_range: How far to look [m].
        rays: Number of azimuth rays round the horizon.
        k: Effective earth radius factor; 4/3 by custom, about 1.27 at Mongolian altitudes.
    """

    def __init__(
        self,
        terrain: Terrain,
        lat: float,
        lon: float,
        height: float,
        max_range: float,
        *,
        rays: int = 1440,
        k: float = STANDARD_K,
    ) -> None:
        self.frame = geodesy.local_frame(lat, lon, height)
        self.nodes = distance_nodes(max_range)
        self._terrain = terrain
        self._bend = (1.0 - 1.0 / k) / (2.0 * geodesy.MEAN_RADIUS)
        self._rays = -(-rays // RAYS_PER_WEDGE) * RAYS_PER_WEDGE
        self._height = height
        self._table = np.full((self._rays, len(self.nodes)), np.nan, np.float32)
        self._built = np.zeros(self._rays // RAYS_PER_WEDGE, bool)

    def clearance(self, enu: ArrayLike) -> Array:
        """Give how far the slope to each target stands above the ground before it.

        Args:
            enu: ``(n, 3)`` east, north, up of the targets from the antenna [m].

        Returns:
            ``(n,)`` slope above the horizon (rise over run): visible where > 0, hidden where
            ≤ 0, NaN where terrain on the way is not known.
        """
        enu = np.asarray(enu, float)
        ground = np.maximum(np.hypot(enu[:, 0], enu[:, 1]), 1e-3)
        turn = np.mod(np.arctan2(enu[:, 0], enu[:, 1]), 2.0 * np.pi) / (2.0 * np.pi) * self._rays
        left = turn.astype(np.int64) % self._rays
        right = (left + 1) % self._rays
        self._build(np.concatenate((left, right)))
        node = np.searchsorted(self.nodes, ground) - 1
        near = node < 0
        node = np.maximum(node, 0)
        weight = turn - np.floor(turn)
        before = (1.0 - weight) * self._table[left, node] + weight * self._table[right, node]
        before = np.where(near, -np.inf, before)
        return np.asarray(self._slope(ground, enu[:, 2]) - before)

    def visible(self, enu: ArrayLike) -> NDArray[np.bool_]:
        """Say which targets ``(n, 3)`` ENU [m] stand above the horizon; unknown counts as not."""
        return np.asarray(self.clearance(enu) > 0.0)

    def apparent(self, elevation: ArrayLike, slant_range: ArrayLike) -> Array:
        """Give the elevation under which the antenna sees a target: refraction lifts it.

        Args:
            elevation: Geometric elevation [rad], any shape.
            slant_range: Slant range [m].
        """
        elevation = np.asarray(elevation, float)
        return np.asarray(elevation + self._bend * np.asarray(slant_range) * np.cos(elevation))

    def ground_visible(self, enu: ArrayLike) -> NDArray[np.bool_]:
        """Say under which targets ``(n, 3)`` ENU [m] the ground itself is in sight."""
        enu = np.asarray(enu, float)
        if not len(enu):
            return np.zeros(0, bool)
        lat, lon, _ = geodesy.geodetic_from_ecef(geodesy.ecef_from_enu(enu, self.frame))
        heights = np.asarray(self._terrain.heights(lat, lon), float)
        ground = geodesy.enu_from_ecef(geodesy.ecef_from_geodetic(lat, lon, heights), self.frame)
        return self.visible(ground)

    def ground_slopes(self, azimuth: ArrayLike) -> Array:
        """Give the slope of the ground itself along rays, at the distances of :attr:`nodes`.

        Args:
            azimuth: ``(k,)`` clockwise from true north [rad].

        Returns:
            ``(k, m)`` rise over run, refraction within; NaN where the ground is not known.
        """
        return self._slope(*self._profile(np.asarray(azimuth, float)[:, None]))

    @property
    def bend(self) -> float:
        """Give what refraction adds to a slope for each metre of distance [1/m]."""
        return self._bend

    def _slope(self, ground: Array, up: Array) -> Array:
        return up / ground + self._bend * ground

    def _build(self, rays: NDArray[np.int64]) -> None:
        wedges = np.unique(rays // RAYS_PER_WEDGE)
        for wedge in wedges[~self._built[wedges]]:
            first = int(wedge) * RAYS_PER_WEDGE
            azimuth = np.arange(first, first + RAYS_PER_WEDGE) * (2.0 * np.pi / self._rays)
            slopes = self.ground_slopes(azimuth)
            # NaN passes through: behind unknown ground everything is unknown.
            self._table[first : first + RAYS_PER_WEDGE] = np.maximum.accumulate(slopes, axis=1)
            self._built[wedge] = True

    def _profile(self, azimuth: NDArray[np.floating]) -> tuple[Array, Array]:
        """Sample the ground along rays: distance and height in the tangent plane ``(rays, m)``."""
        drop = -(self.nodes**2) / (2.0 * geodesy.MEAN_RADIUS) - self._height
        enu = np.stack(
            np.broadcast_arrays(self.nodes * np.sin(azimuth), self.nodes * np.cos(azimuth), drop),
            axis=-1,
        )
        lat, lon, _ = geodesy.geodetic_from_ecef(geodesy.ecef_from_enu(enu, self.frame))
        heights = np.asarray(self._terrain.heights(lat.ravel(), lon.ravel())).reshape(lat.shape)
        local = geodesy.enu_from_ecef(geodesy.ecef_from_geodetic(lat, lon, heights), self.frame)
        return np.hypot(local[..., 0], local[..., 1]), local[..., 2]


def distance_nodes(max_range: float) -> Array:
    """Space the samples of a ray: 30 m apart near the antenna, 1 % of range, at most 500 m.

    Args:
        max_range: How far the ray goes [m].

    Returns:
        ``(m,)`` distances [m], rising, the last at or beyond ``max_range``.
    """
    nodes = [FIRST_NODE]
    while nodes[-1] < max_range:
        nodes.append(nodes[-1] + min(max(FINE_STEP, RELATIVE_STEP * nodes[-1]), COARSE_STEP))
    return np.array(nodes)
