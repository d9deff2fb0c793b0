"""What one site of a plan sees of the watched ground: computed when it is moved, then kept.

The chances are those of ``sense network``: a radar's in one scan, a camera's when it looks there.
Sensors of one site add up as ``1 - Π (1 - p)``.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.plan_report_read import Cells, PlanClass
from steppewatch.errors import WebError
from steppewatch.sense.coverage.covers import sight
from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.sense.coverage.network import LEAST_RADIUS, cover, sample
from steppewatch.sense.coverage.radar_map import Layer, radar_map
from steppewatch.sense.eoir import SIGNATURES, CameraDesign, signature
from steppewatch.sense.eoir.cover import OPTICAL_K, camera_map
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.targets import target_model
from steppewatch.sense.viewshed import Viewshed
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.terrain import Heights, Terrain

HELD = 400  # moved places whose sight is kept, of some 100 kB
ON_THE_GROUND = 5.0  # what is usually higher flies [m]
Design = RadarDesign | CameraDesign


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """Hold a package as it stands on a site.

    Attributes:
        id: Its name.
        designs: Its sensors; none for a relay.
        mast: [m].
        max_range: [m]; None for the sensors' own.
        price: In the plan's currency.
    """

    id: str
    designs: tuple[Design, ...]
    mast: float
    max_range: float | None
    price: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """Hold what a site sees.

    Attributes:
        cells: ``(k,)`` numbers of the cells that it may see, ascending.
        chance: ``(k, c)`` float32 probability for each class; 0 where unknown.
        ground: Height of the ground under the mast [m].
        warnings: What a careful planner must know of the place.
    """

    cells: NDArray[np.int64]
    chance: Heights
    ground: float
    warnings: tuple[str, ...]


class Sights:
    """Survey places over one set of cells, and keep the latest; for one thread only.

    Args:
        terrain: Looked over.
        cells: What is watched.
        classes: What is looked for, in the order of the cells' columns.
    """

    def __init__(self, terrain: Terrain, cells: Cells, classes: Sequence[PlanClass]) -> None:
        self._terrain, self._cells, self._classes = terrain, cells, tuple(classes)
        self._held: OrderedDict[tuple[float, float, Kit], Sight] = OrderedDict()
        self._kept: dict[tuple[float, float, Kit], Sight] = {}

    def of(self, lat: float, lon: float, kit: Kit, *, keep: bool = False) -> Sight:
        """Give what a package sees from a place [rad]; ``keep`` one that will be asked again.

        Raises:
            WebError: Nobody knows the ground there.
            SteppewatchError: As the viewshed says.
        """
        key = (lat, lon, kit)
        found = self._kept.get(key) or self._held.pop(key, None)
        if found is None:
            found = self._survey(lat, lon, kit)
        if keep:
            self._kept[key] = found
        elif key not in self._kept:
            self._held[key] = found
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return found

    def _survey(self, lat: float, lon: float, kit: Kit) -> Sight:
        ground = float(self._terrain.heights(lat, lon))
        if np.isnan(ground):
            raise WebError(
                f"nobody knows the ground at {np.degrees(lat):.4f}° N, {np.degrees(lon):.4f}° E: "
                "put the site where there is terrain, or add it with: steppewatch world add"
            )
        count = len(self._classes)
        missed = np.ones((self._cells.lat.size, count), np.float32)
        warnings: list[str] = []
        for design in kit.designs:
            reach = design.max_range if kit.max_range is None else kit.max_range
            near = _near(self._cells, lat, lon, reach)
            seen, chances = self._look(lat, lon, kit, design, reach)
            for c, chance in enumerate(chances):
                if chance is None:
                    continue
                one = cover(seen, chance, kit.id, design.min_range)
                asked = sample(one, self._cells.lat[near], self._cells.lon[near])[0]
                missed[near, c] *= 1.0 - np.nan_to_num(asked, nan=0.0)
            info = seen.window.info
            if info is not None and not warnings:
                warnings += low_ground_warning(
                    seen.window.heights, seen.window.cell, info.resolution
                )
        hit = np.flatnonzero((missed < 1.0).any(axis=1))
        return Sight(cells=hit, chance=1.0 - missed[hit], ground=ground, warnings=tuple(warnings))

    def _look(
        self, lat: float, lon: float, kit: Kit, design: Design, reach: float
    ) -> tuple[Viewshed, list[Heights | None]]:
        """Look about with one sensor: what the ground hides, and chances for each class."""
        if isinstance(design, CameraDesign):
            seen = sight(self._terrain, lat, lon, mast=kit.mast, max_range=reach, k=OPTICAL_K)
            chances: list[Heights | None] = []
            for one in self._classes:
                if one.target not in SIGNATURES:
                    chances.append(None)
                    continue
                base = one.height if target_model(one.target).high > ON_THE_GROUND else 0.0
                chances.append(camera_map(seen, design, signature(one.target), base=base).detect)
            return seen, chances
        ground = float(self._terrain.heights(lat, lon))
        air = site_atmosphere(lat, lon, ground)
        seen = sight(self._terrain, lat, lon, mast=kit.mast, max_range=reach, k=air.k)
        radar = stand(design, lat, lon, seen.window.ground, air, mast=kit.mast)
        layers = [
            Layer(target=target_model(one.target), height=one.height) for one in self._classes
        ]
        return seen, list(radar_map(radar, seen, layers).pd)


def _near(cells: Cells, lat: float, lon: float, reach: float) -> NDArray[np.int64]:
    """Number the cells of the box about a circle."""
    high = reach / LEAST_RADIUS
    slim = np.cos(min(abs(lat) + high, 1.48))
    turn = np.mod(cells.lon - lon + np.pi, 2.0 * np.pi) - np.pi
    inside = (np.abs(cells.lat - lat) <= high) & (np.abs(turn) <= high / slim)
    return np.flatnonzero(inside)
