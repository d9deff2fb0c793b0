"""How likely each sensor is to see each track at its next look: range, sector, notch, terrain."""

from steppewatch.fuse.visibility.sight import NominalSight, Sight
from steppewatch.fuse.visibility.terrain import TerrainSight

__all__ = ["NominalSight", "Sight", "TerrainSight"]
