"""What a radar of known design makes of a target in the open, before notch and terrain.

A track does not say how large its echo is, but it says how fast it goes: a radar's usual targets
are taken in two groups, slow and fast, and the look's probability is averaged over the sections of
each. Tabulated once over range and elevation, with and without the ground's own echo.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel
from steppewatch.records import SensorKind
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import target_model

Array = NDArray[np.float64]

# Who is watched for, slow and fast, and the speed between both groups [m/s].
GROUND = (("walker", "rider"), ("4x4", "truck"), 4.0)
AIR = (("small-drone", "helicopter"), ("light-aircraft", "jet", "airliner"), 25.0)
ANSWERING = 0.5  # share of fast flyers that answer an interrogator
RINGS, STEPS = 96, 25
"""Ranges and elevations of the table."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClearChance:
    """Hold the probability of detection in the open.

    Attributes:
        pd: ``(2, 2, rings, steps)`` slow and fast targets, without and with ground echo.
        near, far: Range of the table [m].
        low, high: Elevation of the table [rad].
        pace: Speed between slow and fast [m/s].
    """

    pd: NDArray[np.float32]
    near: float
    far: float
    low: float
    high: float
    pace: float

    def at(self, slant: Array, elevation: Array, speed: Array, bare: Array) -> Array:
        """Give the probability for each target ``(k,)``.

        Args:
            slant: ``(k,)`` slant range [m].
            elevation: ``(k,)`` apparent elevation [rad].
            speed: ``(k,)`` [m/s].
            bare: ``(k,)`` probability that the ground under the target is in sight.
        """
        out = np.empty(len(slant))
        read_table(
            slant, elevation, speed, bare, self.pd, self.near, self.far, self.low, self.high,
            self.pace, out,
        )  # fmt: skip
        return out


def clear_chance(radar: EmplacedRadar) -> ClearChance:
    """Tabulate a radar's own probabilities of detection.

    Args:
        radar: The radar at its place.
    """
    design = radar.design
    slow, fast, pace = GROUND if design.kind == SensorKind.GROUND_RADAR else AIR
    farthest = max(design.max_range, design.secondary_range * (design.secondary_probability > 0.0))
    reach = np.linspace(max(design.min_range, 1.0), farthest, RINGS)
    elevation = np.linspace(design.elevation_min, design.elevation_max, STEPS)
    grid_r, grid_e = np.meshgrid(reach, elevation, indexing="ij")
    pd = np.empty((2, 2, RINGS, STEPS), np.float32)
    for i, names in enumerate((slow, fast)):
        sections = [target_model(name).section(design.frequency) for name in names]
        for ground in (0, 1):
            each = [
                look(radar, grid_r, grid_e, rcs=s, clutter_visible=bool(ground)).pd
                for s in sections
            ]
            pd[i, ground] = np.nan_to_num(np.mean(each, axis=0))
    if design.kind != SensorKind.GROUND_RADAR:
        answered = ANSWERING * design.secondary_probability * (grid_r <= design.secondary_range)
        pd[1] = 1.0 - (1.0 - pd[1]) * (1.0 - answered)
    return ClearChance(
        pd=pd, near=float(reach[0]), far=float(reach[-1]), low=float(elevation[0]),
        high=float(elevation[-1]), pace=pace,
    )  # fmt: skip


@kernel
def read_table(
    slant: Array, elevation: Array, speed: Array, bare: Array, pd: Any, near: float, far: float,
    low: float, high: float, pace: float, out: Array,
) -> None:  # fmt: skip
    """Read the table at each target, linear in range and elevation, ``out`` ``(k,)``.

    Shapes and units:
        slant, elevation, speed, bare: ``(k,)`` as in :meth:`ClearChance.at`.
        pd, near, far, low, high, pace: As in :class:`ClearChance`.
    """
    rings, steps = pd.shape[2], pd.shape[3]
    for j in range(len(slant)):
        u = min(max((slant[j] - near) / (far - near), 0.0), 1.0) * (rings - 1)
        v = min(max((elevation[j] - low) / (high - low), 0.0), 1.0) * (steps - 1)
        a, b = min(int(u), rings - 2), min(int(v), steps - 2)
        u -= a
        v -= b
        table = pd[1 if speed[j] > pace else 0]
        total = 0.0
        for ground in range(2):
            t = table[ground]
            low_part = (1.0 - u) * t[a, b] + u * t[a + 1, b]
            high_part = (1.0 - u) * t[a, b + 1] + u * t[a + 1, b + 1]
            weight = bare[j] if ground == 1 else 1.0 - bare[j]
            total += weight * ((1.0 - v) * low_part + v * high_part)
        out[j] = total
