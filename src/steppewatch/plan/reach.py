"""How probably a package's sensors detect a class over distance and height, in sight.

One table for each package and class, made where the plan's sites stand on average: what a radar or
camera makes of a target differs little from hill to hill beside what the ground hides.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.plan.wanted import Package, WantedClass
from steppewatch.sense.eoir import CAMERAS, SIGNATURES, CameraDesign, Conditions, camera_look
from steppewatch.sense.eoir.library import find_camera, is_camera
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import find_design
from steppewatch.sense.radar.look import look
from steppewatch.sense.targets import target_model
from steppewatch.world.atmosphere import Atmosphere, ray_table

Design = RadarDesign | CameraDesign

STEPS = 160  # of distance
LOW, HIGH, HEIGHT_STEP = -3_000.0, 13_000.0, 50.0  # of the target above the antenna [m]
FARTHEST = 300_000.0  # [m] as far as visibility is worked out
SPARE = 1.02  # of range: the ray is longer than the ground under it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kit:
    """Hold a package with its sensors.

    Attributes:
        package: As wanted.
        designs: Its sensors; none for a relay.
    """

    package: Package
    designs: tuple[Design, ...]

    @property
    def reach(self) -> float:
        """Give how far its sensors go [m]; 0 for a relay."""
        own = max((design.max_range for design in self.designs), default=0.0)
        return min(own, self.package.max_range or math.inf, FARTHEST)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReachTable:
    """Hold P(detect) of one package for one class, in sight.

    Attributes:
        chance: ``(2, STEPS + 1, h)`` over distance and the target's height above the antenna;
            the second plane where the ground under the target is in sight and gives clutter.
        scale: Step of distance [m], first height [m], step of height [m].
    """

    chance: NDArray[np.float32]
    scale: NDArray[np.float64]

    def farthest(self, least: float) -> float:
        """Give the greatest distance at which any height reaches a chance [m]; 0 for none."""
        far = np.flatnonzero((self.chance >= least).any(axis=(0, 2)))
        return float((far[-1] + 1) * self.scale[0]) if far.size else 0.0


def kits(packages: Sequence[Package], read: Callable[[str], str]) -> tuple[Kit, ...]:
    """Find the sensors of packages.

    Args:
        packages: As wanted.
        read: Reads a ``.toml`` file that a package names.

    Raises:
        SenseError: A model is unknown, or its file is wrong.
    """
    return tuple(
        Kit(package=package, designs=tuple(_design(name, read) for name in package.sensors))
        for package in packages
    )


def reach_table(
    kit: Kit, wanted: WantedClass, place: tuple[float, float], ground: float, air: Atmosphere
) -> ReachTable:
    """Tabulate a package's chance to detect a class: in one scan, or when a camera looks there.

    Several sensors count as independent, ``1 - Π (1 - p)``.

    Args:
        kit: The package.
        wanted: The class.
        place: Latitude and longitude [rad] that stand for all sites.
        ground: Height of the ground there [m].
        air: Air there.
    """
    step = max(kit.reach, 1.0) / STEPS
    distance = np.arange(STEPS + 1, dtype=np.float64) * step
    above = np.arange(LOW, HIGH + 1.0, HEIGHT_STEP, dtype=np.float64)
    missed = np.ones((2, distance.size, above.size))
    for design in kit.designs:
        if isinstance(design, CameraDesign):
            missed *= 1.0 - _camera(design, wanted, distance)[None, :, None]
        else:
            missed *= 1.0 - _radar(design, kit, wanted, place, ground, air, distance, above)
    chance = (1.0 - missed).astype(np.float32)
    return ReachTable(chance=chance, scale=np.array([step, LOW, HEIGHT_STEP]))


def _radar(
    design: RadarDesign,
    kit: Kit,
    wanted: WantedClass,
    place: tuple[float, float],
    ground: float,
    air: Atmosphere,
    distance: NDArray[np.float64],
    above: NDArray[np.float64],
) -> NDArray[np.float64]:
    mast = kit.package.mast
    radar = stand(design, *place, ground, air, mast=mast)
    rays = ray_table(air, radar.height, max_range=max(SPARE * kit.reach, 10_000.0))
    slant, elevation = rays.apparent(distance[:, None], radar.height + above[None, :])
    target = target_model(wanted.target)
    planes = [
        look(
            radar,
            slant,
            elevation,
            rcs=target.section(design.frequency),
            swerling=target.swerling,
            speed=wanted.speed,
            clutter_visible=clutter,
        ).pd
        for clutter in (False, True)
    ]
    return np.nan_to_num(np.stack(planes))


def _camera(
    design: CameraDesign, wanted: WantedClass, distance: NDArray[np.float64]
) -> NDArray[np.float64]:
    if wanted.target not in SIGNATURES:
        return np.zeros(distance.size)
    near = np.maximum(distance, design.min_range)
    return np.nan_to_num(camera_look(design, near, wanted.target, Conditions()).detect)


def _design(name: str, read: Callable[[str], str]) -> Design:
    if name in CAMERAS or (name.endswith(".toml") and is_camera(read(name))):
        return find_camera(name, read)
    return find_design(name, read)
