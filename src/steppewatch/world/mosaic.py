"""Several terrains as one: the finest that knows a place answers, a coarser one fills its holes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import WorldError
from steppewatch.world.geodesy import Array
from steppewatch.world.terrain import Heights, Terrain, TerrainInfo


class Mosaic(Terrain):
    """Ask terrains in the order of their resolution, finest first, real before synthetic.

    Where nobody knows, the height stays NaN. Who answered where: :meth:`sources`.
    """

    def __init__(self, members: Sequence[Terrain], notes: Sequence[str] = ()) -> None:
        if not members:
            raise WorldError("a mosaic of no terrains: give at least one")
        pairs = [(member, member.describe()) for member in members]
        pairs.sort(key=lambda pair: (pair[1].synthetic, pair[1].resolution))
        self._notes = tuple(notes)
        self._members = tuple(member for member, _ in pairs)
        self._parts = tuple(info for _, info in pairs)

    def heights(self, lat: ArrayLike, lon: ArrayLike) -> Array:
        """Interpolate at points [rad]: the first member that knows a point answers for it."""
        return self._ask(lat, lon)[0]

    def sources(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.int64]:
        """Say which of ``describe().parts`` answers at each point, −1 where none does."""
        return self._ask(lat, lon)[1]

    def _ask(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Array, NDArray[np.int64]]:
        lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
        flat_lat, flat_lon = lat.ravel(), lon.ravel()
        out, source = np.full(flat_lat.shape, np.nan), np.full(flat_lat.shape, -1, np.int64)
        for index, member in enumerate(self._members):
            rest = np.flatnonzero(source < 0)
            if not rest.size:
                break
            found = member.heights(flat_lat[rest], flat_lon[rest])
            out[rest] = found
            source[rest[np.isfinite(found)]] = index
        return out.reshape(lat.shape), source.reshape(lat.shape)

    def grid(self, lat: ArrayLike, lon: ArrayLike) -> Heights:
        """Evaluate on a grid, member by member, each only within its bounds."""
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        out = np.full((lat.size, lon.size), np.nan, np.float32)
        for member, info in zip(self._members, self._parts, strict=True):
            missing = np.isnan(out)
            rows = np.flatnonzero((lat >= info.south) & (lat <= info.north) & missing.any(axis=1))
            across = np.mod(lon - info.west, 2.0 * np.pi) <= info.east - info.west
            cols = np.flatnonzero((across | (info.east - info.west > 6.28)) & missing.any(axis=0))
            if rows.size < 1 or cols.size < 1:
                continue
            # One run of rows and columns: the grid's spacing stays what it was.
            down, right = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
            part = out[down, right]
            hole = np.isnan(part)
            part[hole] = _spaced_grid(member, lat, lon, down, right)[hole]
        return out

    def describe(self) -> TerrainInfo:
        """Name all members, and who fills whose holes."""
        parts = self._parts
        if len(parts) == 1:
            return replace(parts[0], notes=self._notes + parts[0].notes)
        names = list(dict.fromkeys(part.label for part in parts))
        notes = self._notes + tuple(dict.fromkeys(n for part in parts for n in part.notes))
        fill = (
            f"where {names[0]} is unknown, {' then '.join(names[1:])} answers" if names[1:] else ""
        )
        datums = list(dict.fromkeys(part.datum for part in parts))
        if len(datums) > 1:
            notes = (f"parts differ in vertical datum: {', '.join(datums)}", *notes)
        return TerrainInfo(
            label=" over ".join(names),
            synthetic=any(part.synthetic for part in parts),
            datum=datums[0] if len(datums) == 1 else "mixed",
            resolution=min(part.resolution for part in parts),
            south=min(part.south for part in parts),
            west=min(part.west for part in parts),
            north=max(part.north for part in parts),
            east=max(part.east for part in parts),
            source="; ".join(dict.fromkeys(part.source for part in parts)),
            notes=(fill, *notes) if fill else notes,
            parts=parts,
        )


def _spaced_grid(member: Terrain, lat: Array, lon: Array, down: slice, right: slice) -> Heights:
    """Evaluate a part of a grid with two lines at least, so that its spacing can be seen."""
    more_down = slice(max(0, down.start - 1), down.stop)
    more_right = slice(max(0, right.start - 1), right.stop)
    part = member.grid(lat[more_down], lon[more_right])
    return part[down.start - more_down.start :, right.start - more_right.start :]
