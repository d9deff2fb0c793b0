"""What a terrain is to the rest of the house: heights at points and on grids, and what is unknown.

Any terrain answers in metres above the vertical datum that it names, and with NaN where nobody
knows the height. Angles are radians, rows run from north to south.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError
from steppewatch.world.geodesy import Array

Heights = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainInfo:
    """Say what a terrain is, for the picture and for reports.

    Attributes:
        label: One line for people.
        synthetic: True when heights are invented; the picture must say so.
        datum: Vertical datum, ``"unknown"`` when the source does not say.
        resolution: Spacing of the finest grid [rad].
        south: Southern bound [rad].
        west: Western bound [rad].
        north: Northern bound [rad].
        east: Eastern bound [rad].
        source: Where the heights come from.
        holes: Share of the area without heights, NaN when not counted.
        notes: What a careful user should know.
        parts: For a mosaic, its members in the order in which they are asked.
    """

    label: str
    synthetic: bool
    datum: str
    resolution: float
    south: float
    west: float
    north: float
    east: float
    source: str
    holes: float = math.nan
    notes: tuple[str, ...] = ()
    parts: tuple["TerrainInfo", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainWindow:
    """Hold the heights of a rectangle on a regular grid of cells.

    Attributes:
        heights: ``(rows, cols)`` metres at the cells' centres, row 0 the northernmost; NaN unknown.
        south: Southern edge of the last row's cells [rad].
        west: Western edge [rad].
        north: Northern edge of the first row's cells [rad].
        east: Eastern edge [rad].
        info: The terrain that it was cut from.
    """

    heights: Heights
    south: float
    west: float
    north: float
    east: float
    info: TerrainInfo

    @property
    def lat(self) -> Array:
        """Give the latitude of each row's centre ``(rows,)`` [rad]."""
        return cell_centres(self.north, self.south, self.heights.shape[0])

    @property
    def lon(self) -> Array:
        """Give the longitude of each column's centre ``(cols,)`` [rad]."""
        return cell_centres(self.west, self.east, self.heights.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Name an area without heights [rad], and the share of it that is unknown."""

    south: float
    west: float
    north: float
    east: float
    share: float

    def __str__(self) -> str:
        """Name the area in degrees, as a warning to the operator."""
        south, west, north, east = (
            math.degrees(v) for v in (self.south, self.west, self.north, self.east)
        )
        return (
            f"no elevation for {self.share:.0%} of the area {south:.3f}°…{north:.3f}° N, "
            f"{west:.3f}°…{east:.3f}° E"
        )


class Terrain(Protocol):
    """Answer heights; ``heights``, ``grid`` and ``describe`` make a terrain, the rest follows."""

    def heights(self, lat: ArrayLike, lon: ArrayLike) -> Array:
        """Interpolate bilinearly at points [rad], broadcast: metres, NaN where unknown."""
        ...

    def grid(self, lat: ArrayLike, lon: ArrayLike) -> Heights:
        """Give ``(r, c)`` heights where rows ``lat (r,)`` and columns ``lon (c,)`` [rad] cross.

        A grid much coarser than the terrain gets local averages, so that a picture of a large
        area neither flickers nor reads every sample.
        """
        ...

    def describe(self) -> TerrainInfo:
        """Say what this terrain is."""
        ...

    def window(
        self, south: float, west: float, north: float, east: float, rows: int, cols: int
    ) -> TerrainWindow:
        """Cut a rectangle [rad] and resample it to ``rows`` × ``cols`` cells."""
        if not (south < north and west < east and rows > 0 and cols > 0):
            raise WorldError(
                f"terrain window {south}…{north}, {west}…{east} rad with {rows} × {cols} cells is "
                "empty: south must be below north, west before east, and cells at least 1 × 1"
            )
        heights = self.grid(cell_centres(north, south, rows), cell_centres(west, east, cols))
        return TerrainWindow(
            heights=heights, south=south, west=west, north=north, east=east, info=self.describe()
        )

    def gaps(
        self, south: float, west: float, north: float, east: float, cells: int = 64
    ) -> tuple[Gap, ...]:
        """Find areas without heights in a rectangle [rad], looked at with ``cells`` a side.

        Neighbouring unknown cells are one gap; holes smaller than a cell can stay unseen.
        """
        missing = np.isnan(self.window(south, west, north, east, cells, cells).heights)
        return _boxes(missing, (south, west, north, east))


def cell_centres(first: float, last: float, count: int) -> Array:
    """Divide an interval into ``count`` cells and give their centres, from ``first`` on."""
    return np.asarray(first + (np.arange(count) + 0.5) * ((last - first) / count), np.float64)


def _boxes(
    missing: NDArray[np.bool_], bounds: tuple[float, float, float, float]
) -> tuple[Gap, ...]:
    """Put a box around each connected patch (4 neighbours) of missing cells, largest first."""
    from scipy import ndimage  # noqa: PLC0415 (slow to import, seldom needed)

    if not missing.any():
        return ()
    south, west, north, east = bounds
    rows, cols = missing.shape
    labels, _ = ndimage.label(missing)
    found = []
    for number, (down, right) in enumerate(ndimage.find_objects(labels), start=1):
        patch = labels[down, right] == number
        gap = Gap(
            south=north - down.stop * (north - south) / rows,
            west=west + right.start * (east - west) / cols,
            north=north - down.start * (north - south) / rows,
            east=west + right.stop * (east - west) / cols,
            share=float(patch.mean()),
        )
        found.append((int(patch.sum()), gap))
    return tuple(gap for _, gap in sorted(found, key=lambda pair: -pair[0]))
