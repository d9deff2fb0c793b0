"""Lay the watched cells along the border: at which kilometre each lies, and what is seen there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.world.border import Border
from steppewatch.world.geodesy import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hold one neighbour's line in the belt: name, whole length [m], its pieces' numbers."""

    neighbour: str
    length: float
    first: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Belt:
    """Hold where n cells lie along the border.

    Attributes:
        step: Length of a piece [m].
        lines: The neighbours' lines; their pieces are numbered through.
        piece: ``(n,)`` piece of each cell.
        pieces: How many there are.
    """

    step: float
    lines: tuple[Stretch, ...]
    piece: NDArray[np.int64]
    pieces: int

    def shares(self, weight: Array, seen: Array) -> Array:
        """Give the share that is seen of each piece; NaN where nothing is to be seen.

        Args:
            weight: ``(n,)`` or ``(n, c)``.
            seen: The same shape, 0…1.

        Returns:
            ``(pieces,)`` or ``(pieces, c)``.
        """
        if weight.ndim == 1:
            return self.shares(weight[:, None], seen[:, None])[:, 0]
        whole, part = (np.empty((self.pieces, weight.shape[1])) for _ in range(2))
        for c in range(weight.shape[1]):
            whole[:, c] = np.bincount(self.piece, weight[:, c], self.pieces)
            part[:, c] = np.bincount(self.piece, weight[:, c] * seen[:, c], self.pieces)
        return np.asarray(
            np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0.0)
        )

    def name(self, piece: int) -> tuple[str, float, float]:
        """Give neighbour and ends [m] of a piece."""
        line = next(one for one in self.lines if piece < one.first + one.count)
        start = (piece - line.first) * self.step
        return line.neighbour, start, min(start + self.step, line.length)


def belt_of(lat: Array, lon: Array, border: Border, step: float) -> Belt:
    """Find the piece of border nearest to each cell.

    Args:
        lat: ``(n,)`` [rad].
        lon: ``(n,)`` [rad].
        border: The line.
        step: Length of a piece [m].
    """
    lines: list[Stretch] = []
    first = 0
    for line in border.lines:
        count = max(1, int(np.ceil(line.length / step)))
        lines.append(
            Stretch(neighbour=line.neighbour, length=line.length, first=first, count=count)
        )
        first += count
    fix = border.locate(lat, lon)
    starts, counts = (np.array([getattr(one, k) for one in lines]) for k in ("first", "count"))
    within = np.clip((fix.along / step).astype(np.int64), 0, counts[fix.neighbour] - 1)
    return Belt(step=step, lines=tuple(lines), piece=starts[fix.neighbour] + within, pieces=first)
