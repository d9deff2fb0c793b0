"""A bounded pool of terrain tiles: make each once, keep the latest used, sample many points.

A tile is 256 × 256 cells of a regular grid plus the first row and column of its neighbours, so a
bilinear sample needs one tile only. Points come as rows and columns (floats) of that grid.
"""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from steppewatch.world import kernels
from steppewatch.world.geodesy import Array
from steppewatch.world.kernels import TILE
from steppewatch.world.terrain import Heights

Key = tuple[int, int, int, int]
MakeTile = Callable[[int, int], Heights]
WantTile = Callable[[int, int, int], bool]


class TilePool:
    """Keep tiles of any number of grids in one block of memory (264 kB a tile).

    Args:
        capacity: Tiles held at once.
        lock: Guards the pool where several threads share it (an engine's ``threading.Lock()``).
    """

    def __init__(
        self, capacity: int = 256, lock: AbstractContextManager[object] | None = None
    ) -> None:
        self._pool = np.empty((capacity, TILE + 1, TILE + 1), np.float32)
        self._slots: OrderedDict[Key, int] = OrderedDict()
        self._lock = nullcontext() if lock is None else lock

    @property
    def capacity(self) -> int:
        """Say how many tiles fit."""
        return len(self._pool)

    def __len__(self) -> int:
        """Count the tiles held now."""
        return len(self._slots)

    def sample(
        self,
        grid: tuple[int, int],
        row: Array,
        col: Array,
        out: Array,
        make: MakeTile,
        want: WantTile | None = None,
    ) -> None:
        """Fill ``out (n,)`` by bilinear interpolation.

        Args:
            grid: Number of the grid and its level, which tell tiles apart.
            row: ``(n,)`` rows ≥ 0; NaN: leave ``out`` as it is.
            col: ``(n,)`` columns ≥ 0.
            out: ``(n,)`` heights [m], written where a tile answers.
            make: Makes the tile at a tile row and column, ``(257, 257)``.
            want: Says whether a tile that is not held is worth making for so many points; points
                in tiles that are not wanted stay as they are. ``None``: every tile is.
        """
        known = np.isfinite(row) & np.isfinite(col)
        if not known.any():
            return
        first_row, last_row = int(row[known].min()) // TILE, int(row[known].max()) // TILE
        first_col, last_col = int(col[known].min()) // TILE, int(col[known].max()) // TILE
        counts = np.zeros((last_row - first_row + 1, last_col - first_col + 1), np.int64)
        kernels.count_tiles(row, col, first_row, first_col, counts)
        needed: list[Key] = []
        for r, c in np.argwhere(counts).tolist():
            key = (*grid, first_row + r, first_col + c)
            if key in self._slots or want is None or want(key[2], key[3], int(counts[r, c])):
                needed.append(key)
        for start in range(0, len(needed), self.capacity):
            batch = needed[start : start + self.capacity]
            slots = np.full_like(counts, -1)
            made: dict[Key, Heights] = {}
            while True:
                with self._lock:
                    missing = self._place(batch, made, slots, first_row, first_col)
                    if not missing:
                        kernels.sample_tiles(row, col, first_row, first_col, slots, self._pool, out)
                        break
                for key in missing:  # outside the lock: making a tile may take a while
                    made[key] = make(key[2], key[3])

    def _place(
        self, batch: list[Key], made: dict[Key, Heights], slots: kernels.Indices, row: int, col: int
    ) -> list[Key]:
        """Look up a batch of tiles, take in those that were made, and name those missing."""
        missing = [key for key in batch if key not in self._slots and key not in made]
        if missing:
            return missing
        for key in batch:  # touch first, so that taking in a new tile drops none of this batch
            if key in self._slots:
                self._slots.move_to_end(key)
        for key in batch:
            if key not in self._slots:
                full = len(self._slots) >= self.capacity
                slot = self._slots.popitem(last=False)[1] if full else len(self._slots)
                self._pool[slot] = made[key]
                self._slots[key] = slot
            slots[key[2] - row, key[3] - col] = self._slots[key]
        return []
