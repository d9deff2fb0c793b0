"""The relief that comes with the installation: always there, always labelled as synthetic."""

import importlib.util
import math
import threading
import zipfile
import zlib
from pathlib import Path

import numpy as np

from steppewatch.errors import EngineError
from steppewatch.world.relief import SyntheticRelief
from steppewatch.world.terrain import Heights
from steppewatch.world.tiles import TilePool

CELL = math.radians(5.0 / 60.0)


class ReliefRows:
    """Read the ITU-R P.1511 topography row by row, from the north as far as it is asked for.

    It lies compressed in the installed package ``itur``, which is never imported (its import is
    slow): 2164 × 4324 heights every 5′ from 90.125° N, 180.125° W, with a margin all round.
    """

    SHAPE = (2164, 4324)
    NORTH = math.radians(90.125)
    WEST = math.radians(-180.125)

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: Heights = np.empty(self.SHAPE, np.float32)
        self._read = 0
        self._lock = threading.Lock()
        try:
            self._stream = zipfile.ZipFile(path).open("arr_0.npy")  # noqa: SIM115 (read on demand)
            np.lib.format.read_magic(self._stream)
            shape, _, dtype = np.lib.format.read_array_header_1_0(self._stream)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise self._broken(str(error)) from error
        if shape != self.SHAPE or dtype != np.float64:
            raise self._broken(f"it holds {shape} {dtype}, expected {self.SHAPE} float64")

    def __call__(self, first: int, last: int) -> Heights:
        """Give rows ``first`` to before ``last`` ``(r, 4324)`` [m]."""
        with self._lock:
            while self._read < last:
                count = min(64, self.SHAPE[0] - self._read)
                wanted = count * self.SHAPE[1] * 8
                try:
                    block = self._stream.read(wanted)
                except (OSError, zlib.error, zipfile.BadZipFile) as error:
                    raise self._broken(str(error)) from error
                if len(block) != wanted:
                    raise self._broken("it ends early")
                self._rows[self._read : self._read + count] = np.frombuffer(block).reshape(
                    count, -1
                )
                self._read += count
        return self._rows[first:last]

    def _broken(self, why: str) -> EngineError:
        return EngineError(
            f"embedded relief {self._path} cannot be read: {why}; reinstall the package itur"
        )


def default_relief(pool: TilePool | None = None, seed: int = 7) -> SyntheticRelief:
    """Open the relief that comes with the installation, refined by synthetic detail."""
    spec = importlib.util.find_spec("itur")
    if spec is None or spec.origin is None:
        raise EngineError(
            "the package itur is not installed, so there is no default terrain: install it"
        )
    rows = ReliefRows(Path(spec.origin).parent / "data" / "1511" / "v2_topo.npz")
    return SyntheticRelief(
        rows,
        shape=rows.SHAPE,
        north=rows.NORTH,
        west=rows.WEST,
        step=CELL,
        pool=pool,
        seed=seed,
        source="ITU-R P.1511 relief",
    )
