"""What terrain hides from one sensor, as a polar table that a kernel reads in nanoseconds.

Two slopes for each azimuth and distance: the steepest of all ground nearer than that (what a
target must rise above), and the ground's own (what a target on the ground stands on). Both come
from :class:`steppewatch.sense.sight.Horizon`, wedge by wedge, when a target first stands there, so
that a radar that watches one valley never reads the terrain of the others.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import Sensor
from steppewatch.sense.sight import Horizon, Terrain

Array = NDArray[np.float64]

RAYS_PER_WEDGE = 32
GROUND_RAYS, AIR_RAYS = 2_880, 1_440
FAR = 60_000.0  # [m]; sensors that look further are given fewer rays
FINEST = 30.0  # [m]
MOST_RINGS = 1_024
STRAIGHT_DOWN = -1e3  # a slope that hides nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shadow:
    """Hold the shadow table of one sensor; a cache that can be derived again at any time.

    Attributes:
        horizon: Where the slopes come from.
        step: Distance between two columns [m].
        before: ``(rays, m)`` steepest slope of the ground nearer than ``column · step``; far below
            anything where there is none, NaN behind unknown ground and where nothing was asked yet.
        own: ``(rays, m)`` slope of the ground there.
        built: ``(wedges,)`` which wedges are computed.
    """

    horizon: Horizon
    step: float
    before: NDArray[np.float32]
    own: NDArray[np.float32]
    built: NDArray[np.bool_] = field(repr=False)

    def build(self, wanted: NDArray[np.bool_]) -> bool:
        """Compute wedges that are wanted and not there yet; say whether there were any.

        Args:
            wanted: ``(wedges,)``.
        """
        missing = np.flatnonzero(wanted & ~self.built).tolist()
        for wedge in missing:
            self._build(wedge)
        return bool(missing)

    def _build(self, wedge: int) -> None:
        rays, columns = self.before.shape
        rows = wedge * RAYS_PER_WEDGE + np.arange(RAYS_PER_WEDGE)
        nodes = self.horizon.nodes
        ground = self.horizon.ground_slopes(rows * (2.0 * math.pi / rays))
        # NaN passes through: behind unknown ground everything is unknown.
        highest = np.maximum.accumulate(ground, axis=1)
        distance = np.arange(columns) * self.step
        passed = np.searchsorted(nodes, distance) - 1
        self.before[rows] = np.where(passed < 0, STRAIGHT_DOWN, highest[:, np.maximum(passed, 0)])
        right = np.clip(np.searchsorted(nodes, distance), 1, len(nodes) - 1)
        part = np.clip((distance - nodes[right - 1]) / (nodes[right] - nodes[right - 1]), 0.0, 1.0)
        self.own[rows] = ground[:, right - 1] * (1.0 - part) + ground[:, right] * part
        self.built[wedge] = True


def cast_shadow(terrain: Terrain, sensor: Sensor, k: float) -> Shadow:
    """Make the empty shadow table of a sensor.

    Args:
        terrain: Ground heights.
        sensor: Where it stands and how far it looks.
        k: Effective earth radius factor.
    """
    rays = GROUND_RAYS if sensor.max_range < FAR else AIR_RAYS
    step = max(FINEST, sensor.max_range / MOST_RINGS)
    columns = int(sensor.max_range / step) + 2
    return Shadow(
        horizon=Horizon(
            terrain, sensor.lat, sensor.lon, sensor.height, columns * step, rays=rays, k=k
        ),
        step=step,
        before=np.full((rays, columns), np.nan, np.float32),
        own=np.full((rays, columns), np.nan, np.float32),
        built=np.zeros(rays // RAYS_PER_WEDGE, bool),
    )
