"""One piece of the visibility farm: some masts that share ground, worked out anywhere.

A piece can be pickled, needs nothing but the terrain, and gives the same bits wherever it runs: in
this process, in a pool, or on a cluster.
"""

import hashlib
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.terrain_store import open_terrain
from steppewatch.engine.terrain_window import file_terrain
from steppewatch.sense.viewshed.cut import TILE_CELLS, ground_about, some
from steppewatch.sense.viewshed.points import (
    Ground,
    Masts,
    Points,
    least_heights,
)
from steppewatch.world.geodesy import Array
from steppewatch.world.terrain import Heights, Terrain

UNITS = 8.0  # a stored height counts eighths of a metre, rounded up
UNKNOWN, HIGHEST = 65_535, 65_534  # never covered; 8,191.75 m or more

Stored = NDArray[np.uint16]


class TerrainSource(Protocol):
    """Open the terrain where the work is done."""

    def open(self) -> Terrain:
        """Open it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """Name the terrain: one elevation file, or the node's own when ``path`` is None.

    Attributes:
        path: Elevation file.
        datum: Vertical datum, where the user knows better.
        nodata: Value for unknown, where the file does not say.
        home: Steppewatch's data directory, the user's own when None.
    """

    path: Path | None = None
    datum: str = ""
    nodata: float = math.nan
    home: Path | None = None

    def open(self) -> Terrain:
        """Open it; a process opens each once."""
        nodata = None if math.isnan(self.nodata) else self.nodata
        return _opened(self.path, self.datum, nodata, self.home)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSource:
    """Lend a terrain that is open already, to work in this process."""

    terrain: Terrain

    def open(self) -> Terrain:
        """Give it."""
        return self.terrain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """Ask for some masts.

    Attributes:
        source: Where the terrain is.
        numbers: ``(m,)`` of the masts, for whoever asks.
        masts: The masts.
        boxes: ``(m, 4)`` what holds each mast's rays.
        points: The points that may be in reach of one.
        k: Effective earth radius factor.
        known: For each mast, digests of the ground for which its answer is stored.
    """

    source: TerrainSource
    numbers: NDArray[np.int64]
    masts: Masts
    boxes: Array
    points: Points
    k: float
    known: tuple[frozenset[bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Hold what came out.

    Attributes:
        numbers: As asked.
        ground: Digest of the ground that each mast's reach touches.
        heights: Stored heights of the points in each mast's reach, None where the store has it.
    """

    numbers: NDArray[np.int64]
    ground: tuple[bytes, ...]
    heights: tuple[Stored | None, ...] = field(repr=False)


def work(piece: Piece) -> Answer:
    """Work out one piece, leaving out what the store has for the same ground."""
    ground = ground_about(piece.source.open(), piece.boxes, float(piece.masts.reach.max()))
    digests = ground_digests(ground, piece.boxes)
    fresh = np.array([i for i, d in enumerate(digests) if d not in piece.known[i]], np.int64)
    heights: list[Stored | None] = [None] * len(digests)
    if fresh.size:
        found = least_heights(ground, piece.points, some(piece.masts, fresh), piece.k)
        packed = pack(found.height)
        for j, i in enumerate(fresh.tolist()):
            heights[i] = packed[found.indptr[j] : found.indptr[j + 1]]
    return Answer(numbers=piece.numbers, ground=tuple(digests), heights=tuple(heights))


def pack(height: NDArray[np.float32]) -> Stored:
    """Store heights [m] as whole eighths of a metre, rounded up: never seen where it is not.

    >>> pack(np.array([0.0, 1.9, 2.0, np.inf], np.float32)).tolist()
    [0, 16, 16, 65535]
    """
    counted = np.minimum(np.ceil(height * np.float32(UNITS)), HIGHEST)
    return np.where(np.isinf(height), UNKNOWN, counted).astype(np.uint16)


def unpack(stored: Stored) -> NDArray[np.float32]:
    """Give heights [m]; infinite where unknown."""
    height = stored.astype(np.float32) / np.float32(UNITS)
    height[stored == UNKNOWN] = np.inf
    return height


def ground_digests(ground: Ground, boxes: Array) -> list[bytes]:
    """Digest, for each mast, the terrain's tiles that the box of its rays touches."""
    rows, cols = (n // TILE_CELLS for n in ground.heights.shape)
    tiles = [[_tile_digest(ground.heights, r, c) for c in range(cols)] for r in range(rows)]
    corners = (
        *ground.cell_of(boxes[:, 2], boxes[:, 1]),
        *ground.cell_of(boxes[:, 0], boxes[:, 3]),
    )
    tiled = np.stack([np.floor(edge / TILE_CELLS) for edge in corners], axis=1).astype(int)
    place = np.array([ground.spacing]).tobytes()
    out = []
    for top, left, low, right in tiled.tolist():
        whole = hashlib.blake2b(place, digest_size=16)
        for r in range(top, low + 1):
            for c in range(left, right + 1):
                whole.update(tiles[r][c])
        out.append(whole.digest())
    return out


def _tile_digest(heights: Heights, row: int, col: int) -> bytes:
    down = slice(row * TILE_CELLS, (row + 1) * TILE_CELLS)
    right = slice(col * TILE_CELLS, (col + 1) * TILE_CELLS)
    return hashlib.blake2b(heights[down, right].tobytes(), digest_size=16).digest()


@lru_cache(maxsize=2)
def _opened(path: Path | None, datum: str, nodata: float | None, home: Path | None) -> Terrain:
    if path is None:
        return open_terrain(home)
    return file_terrain(path, datum, math.nan if nodata is None else nodata)
