"""Cut what is to be watched into cells: the belt inside the border, its sections, and areas."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import PlanError
from steppewatch.plan.candidates.features import Features
from steppewatch.plan.wanted import Wanted
from steppewatch.sense.viewshed.points import Points
from steppewatch.world.border import Border
from steppewatch.world.geodesy import MEAN_RADIUS, Array

MOST_CELLS = 5_000_000
POSTS = 5_000.0  # [m] between the places about which the belt is looked for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Hold n cells, their longitudes rising.

    Attributes:
        lat: ``(n,)`` of the centres [rad].
        lon: ``(n,)`` [rad].
        weight: ``(n,)`` area [km²] times the weight of its section or area.
        neighbour: ``(n,)`` index into ``Border.lines`` of the nearest segment.
        along: ``(n,)`` metres along it.
        inside: ``(n,)`` metres inside the border.
    """

    lat: Array
    lon: Array
    weight: Array
    neighbour: NDArray[np.int64]
    along: Array
    inside: Array

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.lat)

    @property
    def points(self) -> Points:
        """Give the centres."""
        return Points(lat=self.lat, lon=self.lon)


def cells(wanted: Wanted, border: Border, areas: Mapping[str, Features]) -> Cells:
    """Lay a lattice of cells over the watched belt and areas.

    A cell belongs to the first area or section that holds its centre; its area is that of a
    square of ``wanted.cell``.

    Args:
        wanted: The plan.
        border: The line.
        areas: The features of each area's file.

    Raises:
        PlanError: Nothing is left to watch, or there are too many cells.
    """
    lat, lon = _lattice(wanted, border, areas)
    weight = np.zeros(lat.size)
    where = border.locate(lat, lon)
    for area in wanted.areas:
        inside = areas[area.file].holds(lat, lon)
        weight = np.where((weight == 0.0) & inside, area.weight, weight)
    if wanted.belt:
        belt = (where.distance > 0.0) & (where.distance <= wanted.inside)
        names = [line.neighbour for line in border.lines]
        share = np.zeros(lat.size) if wanted.parts else np.ones(lat.size)
        for part in reversed(wanted.parts):
            one = where.neighbour == names.index(part.neighbour)
            one &= (where.along >= part.start) & (where.along < part.end)
            share[one] = part.weight
        weight = np.where((weight == 0.0) & belt, share, weight)
    keep = np.flatnonzero(weight > 0.0)
    keep = keep[np.argsort(lon[keep], kind="stable")]
    if not keep.size:
        raise PlanError(
            f"{wanted.source}: no cell is to be watched: expected [[section]]s that hold part of "
            "the border, weights above 0, or [[area]]s larger than cell_km"
        )
    return Cells(
        lat=lat[keep],
        lon=lon[keep],
        weight=weight[keep] * (wanted.cell / 1e3) ** 2,
        neighbour=where.neighbour[keep],
        along=where.along[keep],
        inside=where.distance[keep],
    )


def _lattice(wanted: Wanted, border: Border, areas: Mapping[str, Features]) -> tuple[Array, Array]:
    """Give the centres of all cells that may be watched: rows on parallels, evenly spaced."""
    step = wanted.cell / MEAN_RADIUS
    boxes = [areas[area.file].bounds() for area in wanted.areas]
    if wanted.belt:
        boxes += _belt_boxes(wanted, border)
    rows: dict[int, list[tuple[float, float]]] = {}
    for south, west, north, east in boxes:
        for row in range(math.floor(south / step), math.ceil(north / step) + 1):
            rows.setdefault(row, []).append((west, east))
    lats, lons, count = [], [], 0
    for row, spans in sorted(rows.items()):
        lat = (row + 0.5) * step
        wide = step / math.cos(lat)
        columns = [
            np.arange(math.floor(west / wide), math.ceil(east / wide) + 1) for west, east in spans
        ]
        lon = (np.unique(np.concatenate(columns)) + 0.5) * wide
        count += lon.size
        if count > MOST_CELLS:
            raise PlanError(
                f"{wanted.source}: more than {MOST_CELLS:,} cells: expected a larger cell_km"
            )
        lats.append(np.full(lon.size, lat))
        lons.append(lon)
    return np.concatenate(lats), np.concatenate(lons)


def _belt_boxes(wanted: Wanted, border: Border) -> list[tuple[float, float, float, float]]:
    """Give boxes about posts of the sections, which together hold their belt."""
    posts = border.posts(POSTS)
    names = [line.neighbour for line in border.lines]
    keep = np.full(posts.along.size, not wanted.parts)
    for part in wanted.parts:
        near = (posts.along >= part.start - POSTS) & (posts.along <= part.end + POSTS)
        keep |= near & (posts.neighbour == names.index(part.neighbour))
    reach = (wanted.inside + POSTS + wanted.cell) / MEAN_RADIUS
    return [
        (lat - reach, lon - reach / math.cos(lat), lat + reach, lon + reach / math.cos(lat))
        for lat, lon in zip(posts.lat[keep].tolist(), posts.lon[keep].tolist(), strict=True)
    ]
