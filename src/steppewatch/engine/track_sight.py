"""Which terrain the tracker may believe when it asks why a target was not seen.

A rehearsal's radars look over the very terrain that is there, invented or not. Real radars look
over real ground: heights that a relief made up hide nothing, so only measured ones are asked.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from steppewatch.engine.terrain_files import inspect
from steppewatch.engine.terrain_grid import FileTerrain
from steppewatch.engine.terrain_store import open_terrain
from steppewatch.errors import EngineError
from steppewatch.fuse.visibility import Sight, TerrainSight
from steppewatch.records import Sensor
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.world.geodesy import Array
from steppewatch.world.mosaic import Mosaic
from steppewatch.world.terrain import Terrain

OWN = "node"
"""Stands for this node's own terrain where a file is asked for."""


class Measured:
    """Give the heights of a terrain where somebody measured them, NaN where they are made up."""

    def __init__(self, terrain: Terrain) -> None:
        info = terrain.describe()
        parts = info.parts or (info,)
        self._terrain = terrain
        self._made_up = np.flatnonzero([part.synthetic for part in parts])
        self.any = len(self._made_up) < len(parts)

    def heights(self, lat: Array, lon: Array) -> Array:
        """Give heights [m] at latitudes and longitudes [rad]."""
        found = np.array(self._terrain.heights(lat, lon), float)
        if len(self._made_up) == 0:
            return found
        if not isinstance(self._terrain, Mosaic):
            return np.full_like(found, np.nan)
        source = self._terrain.sources(lat, lon)
        return np.where(np.isin(source, self._made_up), np.nan, found)


def rehearsed_sight(terrain: Terrain, radars: Mapping[str, EmplacedRadar]) -> TerrainSight:
    """Make the sight of a rehearsal: its terrain as it is, and its radars' own physics.

    Args:
        terrain: What the simulator looks over.
        radars: The designs behind the sensors, by ``Sensor.id``.
    """
    return TerrainSight(terrain, radars)


def real_sight(terrain: Terrain) -> TerrainSight | None:
    """Make the sight of real sensors; None where no height of the terrain was measured."""
    known = Measured(terrain)
    return TerrainSight(known) if known.any else None


def file_sight(name: str) -> TerrainSight:
    """Make a sight from one elevation file, or from this node's own terrain.

    Args:
        name: Path of a GeoTIFF, ``.hgt`` or DTED file, or ``"node"``.

    Raises:
        EngineError: There is no such file, or no measured height.
    """
    if name != OWN:
        path = Path(name)
        if not path.is_file():
            raise EngineError(
                f"terrain {name} is not a file: give an elevation file (GeoTIFF, .hgt, DTED), "
                f"or {OWN!r} for what `steppewatch world list` shows"
            )
        return TerrainSight(FileTerrain([inspect(path)]))
    sight = real_sight(open_terrain())
    if sight is None:
        raise EngineError(
            "this node has no measured terrain, only the relief that is made up between coarse "
            "heights: add a file (steppewatch world add FILE) or give one"
        )
    return sight


def sight_notes(sight: Sight | None, sensors: tuple[Sensor, ...]) -> tuple[str, ...]:
    """Say of which sensors terrain hides nothing, and why."""
    if not isinstance(sight, TerrainSight):
        return ()
    said = []
    for sensor in sensors:
        why = sight.blind_to(sensor)
        if why:
            said.append(f"terrain hides nothing from {sensor.id!r}: {why}")
    return tuple(said)
