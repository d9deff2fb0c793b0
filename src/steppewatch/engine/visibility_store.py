"""Keep what masts see on disk: compressed, sparse, and told by everything that it depends on.

A batch is one ``.npz`` written whole or not at all. Each mast in it is named by two digests: of
what was asked (place, mast, reach, k, the points in reach) and of the ground that its reach
touches. So a stopped run resumes, a changed elevation file invalidates only the masts whose tiles
changed, and plans that share candidates share their visibility.
"""

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.visibility_work import Stored
from steppewatch.engine.whole_file import make_folder, write_npz
from steppewatch.errors import EngineError
from steppewatch.sense.viewshed.points import LeastHeights, Masts, Points

FORMAT = b"steppewatch-visibility/1"
DIGEST = 16


class VisibilityStore:
    """Hold a folder of batches.

    Args:
        folder: Made when it is not there.

    Attributes:
        damaged: Batches that could not be read and were left aside.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = make_folder(folder)
        self._index: dict[bytes, dict[bytes, tuple[Path, int]]] = {}
        self._read: tuple[Path | None, NDArray[np.int64], Stored] = (
            None, np.empty(0, np.int64), np.empty(0, np.uint16),
        )  # fmt: skip
        self.damaged: list[Path] = []
        for path in sorted(folder.glob("batch-*.npz")):
            try:
                with np.load(path) as batch:
                    names = batch["names"]
            except Exception:  # noqa: BLE001 (numpy and zipfile raise a dozen kinds)
                self.damaged.append(path)
                continue
            self._list(path, names)

    def __len__(self) -> int:
        """Count the masts stored."""
        return sum(len(known) for known in self._index.values())

    def known(self, asked: bytes) -> frozenset[bytes]:
        """Give the digests of ground for which an answer is stored."""
        return frozenset(self._index.get(asked, ()))

    def get(self, asked: bytes, ground: bytes) -> Stored:
        """Give stored heights.

        Raises:
            EngineError: The batch was damaged after the store was opened.
        """
        path, row = self._index[asked][ground]
        if self._read[0] != path:
            try:
                with np.load(path) as batch:
                    ends, packed = batch["ends"], batch["heights"]
                heights = np.frombuffer(zlib.decompress(packed.tobytes()), "<u2")
            except Exception as error:
                raise EngineError(
                    f"{path} cannot be read ({error}): delete it, and its masts are worked out anew"
                ) from error
            self._read = (path, ends, heights)
        _, ends, heights = self._read
        return heights[ends[row] : ends[row + 1]]

    def put(
        self, asked: Sequence[bytes], ground: Sequence[bytes], heights: Sequence[Stored]
    ) -> None:
        """Store a batch.

        Raises:
            StoreFullError: The disk is full; what was stored is intact.
        """
        names = np.frombuffer(b"".join(a + g for a, g in zip(asked, ground, strict=True)), np.uint8)
        names = names.reshape(-1, 2 * DIGEST)
        ends = np.concatenate(([0], np.cumsum([h.size for h in heights]))).astype(np.int64)
        packed = zlib.compress(np.concatenate(heights).astype("<u2").tobytes(), 1)
        name = hashlib.blake2b(names.tobytes(), digest_size=DIGEST).hexdigest()
        path = self._folder / f"batch-{name}.npz"
        write_npz(path, names=names, ends=ends, heights=np.frombuffer(packed, np.uint8))
        self._list(path, names)

    def _list(self, path: Path, names: NDArray[np.uint8]) -> None:
        for row, name in enumerate(names):
            raw = name.tobytes()
            self._index.setdefault(raw[:DIGEST], {})[raw[DIGEST:]] = (path, row)


def asked_digests(points: Points, masts: Masts, k: float, near: LeastHeights) -> list[bytes]:
    """Digest, for each mast, what is asked of it, apart from the ground.

    Args:
        points: Places.
        masts: Where to look from.
        k: Effective earth radius factor.
        near: The points in reach.
    """
    mixed = _mix(points.lat.view(np.uint64)) + _mix(points.lon.view(np.uint64) ^ np.uint64(0x5A))
    total = np.zeros(len(masts), np.uint64)
    some = np.flatnonzero(np.diff(near.indptr) > 0)
    if some.size:
        total[some] = np.add.reduceat(_mix(mixed)[near.indices], near.indptr[some])
    counts = np.diff(near.indptr).astype(np.uint64)
    table = np.stack((masts.lat, masts.lon, masts.height, masts.reach, np.full(len(masts), k)))
    return [
        hashlib.blake2b(
            FORMAT + figures.tobytes() + size.tobytes() + one.tobytes(), digest_size=DIGEST
        ).digest()
        for figures, size, one in zip(np.ascontiguousarray(table.T), counts, total, strict=True)
    ]


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread bits over 64 (the finaliser of SplitMix64: Steele, Lea & Flood 2014)."""
    x = bits + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
