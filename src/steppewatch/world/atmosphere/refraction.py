"""Where a radar beam really goes: rays bent by air whose density falls off with height.

In a spherically layered atmosphere a ray obeys ``dθ/ds = cos θ (1/r + n′/n)`` (Bean & Dutton
1966, "Radio Meteorology", ch. 3); here ``n = 1 + 10⁻⁶ Ns exp(−(h − hs)/H)``, the exponential
atmosphere of Bean & Thayer 1959. Rays are integrated once per site and tabulated. The customary
4/3 earth is a straight-line fit to this near the ground at sea level, and wrong by 0.7 to 1.3 km
in height at 400 km for a site at 1,300 m.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError
from steppewatch.world.atmosphere import kernels
from steppewatch.world.atmosphere.site import Atmosphere
from steppewatch.world.geodesy import ECCENTRICITY_SQ, MEAN_RADIUS, SEMI_MINOR

Array = NDArray[np.float64]

STEP = 1_000.0  # [m] of integration (4th order: far below a millimetre)
FARTHEST = 600_000.0  # [m]
LOWEST, HIGHEST = math.radians(-8.0), math.pi / 2
BEND = 0.03  # [rad]; elevation nodes are close together below this
ELEVATIONS = 320
HIGHEST_ANTENNA = 20_000.0  # [m]; mountains, masts, aircraft
# Of the exponential: deep underground, and high above a site whose k is below 1, N stops rising.
MOST_POWER = 0.7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RayTable:
    """Convert between what a radar measures and where a target is; made by :func:`ray_table`.

    Attributes:
        antenna_height: [m above mean sea level].
        radius: Of the earth [m].
        max_range: Slant range to which the table goes [m].
        fall: ``(320, m)`` how much lower than straight rays [m].
        short: ``(320, m)`` how much less far round the earth [rad].
        scale: ``(5,)`` of the axes, see :mod:`kernels`.
    """

    antenna_height: float
    radius: float
    max_range: float
    fall: Array
    short: Array
    scale: Array

    def target_height(self, slant_range: ArrayLike, elevation: ArrayLike) -> Array:
        """Give heights above mean sea level [m] at ranges [m] and apparent elevations [rad].

        NaN beyond ``max_range``; the slant range is the length of the bent ray.
        """
        return self._follow(slant_range, elevation)[0]

    def ground_range(self, slant_range: ArrayLike, elevation: ArrayLike) -> Array:
        """Give distances along the earth's surface at sea level [m]."""
        return self._follow(slant_range, elevation)[1]

    def apparent(self, ground_range: ArrayLike, height: ArrayLike) -> tuple[Array, Array]:
        """Give slant range [m] and apparent elevation [rad] of targets.

        Args:
            ground_range: Along the earth's surface [m].
            height: Above mean sea level [m], broadcast.

        Returns:
            Both NaN where the target is farther than the table goes.
        """
        ground, top = np.broadcast_arrays(
            np.asarray(ground_range, float), np.asarray(height, float)
        )
        slant, elevation = np.empty(ground.size), np.empty(ground.size)
        centre = self.radius + self.antenna_height
        flat = (np.ravel(ground).astype(float), np.ravel(top).astype(float))
        kernels.apparent(self.fall, self.short, self.scale, centre, *flat, slant, elevation)
        return slant.reshape(ground.shape), elevation.reshape(ground.shape)

    def _follow(self, slant_range: ArrayLike, elevation: ArrayLike) -> tuple[Array, Array]:
        slant, angle = np.broadcast_arrays(
            np.asarray(slant_range, float), np.asarray(elevation, float)
        )
        height, ground = np.empty(slant.size), np.empty(slant.size)
        flat = (np.ravel(slant).astype(float), np.ravel(angle).astype(float))
        centre = self.radius + self.antenna_height
        kernels.bent(self.fall, self.short, self.scale, centre, *flat, height, ground)
        return height.reshape(slant.shape), ground.reshape(slant.shape)


def earth_radius(lat: float) -> float:
    """Give the earth's radius of curvature at a latitude [rad], the mean over all azimuths [m].

    Gauss's √(MN) on WGS 84. North-south and east-west radii lie 0.3 % cos²φ either side of it:
    10 km at 47°, which is ±20 m of height at 400 km. NaN gives the mean radius of the earth.

    >>> round(earth_radius(math.radians(47.0)) / 1e3, 1)
    6379.6
    """
    if math.isnan(lat):
        return MEAN_RADIUS
    return SEMI_MINOR / (1.0 - ECCENTRICITY_SQ * math.sin(lat) ** 2)


@functools.lru_cache(maxsize=16)
def ray_table(
    atmosphere: Atmosphere,
    antenna_height: float,
    *,
    max_range: float = 450_000.0,
    radius: float | None = None,
) -> RayTable:
    """Trace rays through a site's air and tabulate them (50 ms; the last few are kept).

    Within 0.2 m of the integrated ray, below 1 m in slant range, to the end of the table.

    Args:
        atmosphere: Of the site.
        antenna_height: [m above mean sea level].
        max_range: Slant range to which the table goes [m].
        radius: Of the earth [m]; None for that of the site's latitude.

    Raises:
        WorldError: The range or the height is beyond what the table is good for.

    >>> from steppewatch.world.atmosphere.site import site_atmosphere
    >>> air = site_atmosphere(math.radians(48.0), math.radians(107.0), 1_300.0)
    >>> rays = ray_table(air, 1_320.0)
    >>> round(float(rays.target_height(200_000.0, 0.0)), -1)
    3790.0
    """
    if not STEP <= max_range <= FARTHEST:
        raise WorldError(f"max_range is {max_range:g} m, expected {STEP:g} to {FARTHEST:g} m")
    if not -500.0 <= antenna_height <= HIGHEST_ANTENNA:
        raise WorldError(
            f"antenna_height is {antenna_height:g} m above the sea, expected -500 to "
            f"{HIGHEST_ANTENNA:g}"
        )
    radius = earth_radius(atmosphere.lat) if radius is None else radius
    first, last = (math.asinh(e / BEND) for e in (LOWEST, HIGHEST))
    elevations = BEND * np.sinh(np.linspace(first, last, ELEVATIONS))
    steps = math.ceil(max_range / STEP)
    height, angle = _trace(atmosphere, antenna_height, elevations, steps, radius)
    s = STEP * np.arange(steps + 1)
    up = radius + antenna_height + s * np.sin(elevations)[:, None]
    along = s * np.cos(elevations)[:, None]
    scale = (1.0 / STEP, first, (ELEVATIONS - 1) / (last - first), BEND, radius)
    return RayTable(
        antenna_height=antenna_height,
        radius=radius,
        max_range=max_range,
        fall=np.hypot(up, along) - radius - height,
        short=np.arctan2(along, up) - angle,
        scale=np.array(scale),
    )


def _trace(
    air: Atmosphere, antenna: float, elevation: Array, steps: int, radius: float
) -> tuple[Array, Array]:
    """Integrate rays by Runge and Kutta: heights [m] and angles at the centre [rad]."""

    def rates(state: Array) -> Array:
        h, theta, _ = state
        power = -(h - air.height) / air.scale_height
        bend = 1e-6 * air.refractivity * np.exp(np.minimum(power, MOST_POWER))
        falling = np.where(power < MOST_POWER, -bend / air.scale_height / (1.0 + bend), 0.0)
        cos = np.cos(theta)
        return np.stack((np.sin(theta), cos * (1.0 / (radius + h) + falling), cos / (radius + h)))

    state = np.stack((np.full(elevation.shape, antenna), elevation, np.zeros(elevation.shape)))
    out = np.empty((2, elevation.size, steps + 1))
    out[:, :, 0] = state[0], state[2]
    for n in range(1, steps + 1):
        k1 = rates(state)
        k2 = rates(state + 0.5 * STEP * k1)
        k3 = rates(state + 0.5 * STEP * k2)
        state = state + STEP / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + rates(state + STEP * k3))
        out[:, :, n] = state[0], state[2]
    return out[0], out[1]
