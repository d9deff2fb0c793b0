"""Hold what was there, or what a tracker said, at many moments: the input of every score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import FuseError

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = NDArray[np.float64]
Names = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Hold n rows of k moments, one moment after the other. NaN is unknown.

    Attributes:
        offset: ``(k + 1,)`` int64, the first row of each moment, then n.
        name: ``(n,)`` int64, which target or track a row is of; once in a moment.
        position: ``(n, d)`` Cartesian, d = 2 or 3 [m]; truth and tracks in one frame.
        velocity: ``(n, d)`` in the same frame [m/s].
        covariance: ``(n, 2d, 2d)`` of position, then velocity [m², m²/s, m²/s²].
        target: ``(n,)`` uint8, the class of the target (``TargetClass`` or any other code).
        seen: ``(n,)`` when the newest detection of the track was made, on the clock of the
            moments [s].
    """

    offset: NDArray[np.int64]
    name: Names
    position: Floats
    velocity: Floats
    covariance: Floats
    target: NDArray[np.uint8]
    seen: Floats

    def __len__(self) -> int:
        """Count the moments."""
        return len(self.offset) - 1

    def rows(self, k: int) -> slice:
        """Say which rows moment ``k`` has."""
        return slice(int(self.offset[k]), int(self.offset[k + 1]))

    def moment(self) -> NDArray[np.int64]:
        """Say of which moment each row is, ``(n,)``."""
        return np.repeat(np.arange(len(self)), np.diff(self.offset))


def series(
    offset: ArrayLike,
    name: ArrayLike,
    position: ArrayLike,
    *,
    velocity: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    target: ArrayLike | None = None,
    seen: ArrayLike | None = None,
) -> Series:
    """Check the columns of a :class:`Series` and fill in those that are not known.

    Args:
        offset: As the attributes of :class:`Series`, and so for the others.
        name: ...
        position: ...
        velocity: ... None for unknown.
        covariance: ... None for unknown; ``(n, d, d)`` if of the position only.
        target: ... None for class 0.
        seen: ... None for unknown.

    Raises:
        FuseError: Shapes do not fit, a position is not finite, or a name stands twice in a moment.

    >>> two = series([0, 1, 2], [7, 7], [[0.0, 0.0], [1.0, 0.0]])
    >>> len(two), two.velocity.shape, two.covariance.shape
    (2, (2, 2), (2, 4, 4))
    """
    place = np.asarray(position, np.float64)
    starts = np.asarray(offset, np.int64)
    names = np.asarray(name, np.int64)
    if place.ndim != 2 or place.shape[1] not in {2, 3}:
        raise FuseError(f"position has shape {place.shape}; give (n, 2) or (n, 3)")
    n, d = place.shape
    if starts.ndim != 1 or not len(starts) or starts[0] != 0 or starts[-1] != n:
        raise FuseError(f"offset must begin with 0 and end with the number of rows, {n}")
    if (np.diff(starts) < 0).any():
        raise FuseError("offset falls; give the first row of each moment in order of time")
    if not np.isfinite(place).all():
        row = int(np.flatnonzero(~np.isfinite(place).all(axis=1))[0])
        raise FuseError(f"position of row {row} is not finite; leave out what is not there")
    full = Series(
        offset=starts,
        name=_column("name", names, (n,)),
        position=place,
        velocity=_filled("velocity", velocity, (n, d)),
        covariance=_covariance(covariance, n, d),
        target=_column("target", np.asarray(0 if target is None else target, np.uint8), (n,)),
        seen=_filled("seen", seen, (n,)),
    )
    order = np.lexsort((full.name, full.moment()))
    twice = (np.diff(full.moment()[order]) == 0) & (np.diff(full.name[order]) == 0)
    if twice.any():
        row = order[int(np.flatnonzero(twice)[0])]
        raise FuseError(f"{full.name[row]} stands twice in moment {full.moment()[row]}")
    return full


def from_moments(
    moments: Sequence[tuple[ArrayLike, ArrayLike]],
) -> Series:
    """Make a series of one ``(names, positions)`` for each moment: ``(t,)`` and ``(t, d)`` [m].

    >>> from_moments([([1, 2], [[0.0, 0.0], [5.0, 5.0]]), ([2], [[6.0, 6.0]])]).offset.tolist()
    [0, 2, 3]
    """
    places = [np.asarray(m[1], np.float64) for m in moments]
    names = [np.asarray(m[0], np.int64) for m in moments]
    d = next((p.shape[1] for p in places if p.ndim == 2 and len(p)), 3)
    return series(
        np.concatenate(([0], np.cumsum([len(n) for n in names]))),
        np.concatenate(names) if names else np.zeros(0, np.int64),
        np.concatenate([p.reshape(len(p), d) for p in places]) if places else np.zeros((0, d)),
    )


def from_grid(
    position: ArrayLike, velocity: ArrayLike | None = None, target: ArrayLike | None = None
) -> Series:
    """Make a series of a full table of moments × targets, where NaN is "not there".

    Args:
        position: ``(k, t, d)`` [m]; a target whose position is not finite is left out.
        velocity: ``(k, t, d)`` [m/s], or None.
        target: ``(t,)`` class of each, or None. Names are 0 … t − 1.

    >>> from_grid([[[0.0, 0.0], [np.nan, 0.0]], [[0.0, 0.0], [1.0, 0.0]]]).name.tolist()
    [0, 0, 1]
    """
    place = np.asarray(position, np.float64)
    alive = np.isfinite(place).all(axis=2)
    moment, name = np.nonzero(alive)
    return series(
        np.searchsorted(moment, np.arange(len(place) + 1)),
        name,
        place[alive],
        velocity=None if velocity is None else np.asarray(velocity, np.float64)[alive],
        target=None if target is None else np.asarray(target)[name],
    )


def _column(what: str, values: NDArray[T], shape: tuple[int, ...]) -> NDArray[T]:
    """Refuse an array of another shape; one number stands for all."""
    if values.ndim == 0:
        return np.broadcast_to(values, shape)
    if values.shape != shape:
        raise FuseError(f"{what} has shape {values.shape}; give {shape}")
    return values


def _filled(what: str, values: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """Take an array of the right shape, or NaN for all of it (which costs no memory)."""
    return _column(what, np.asarray(np.nan if values is None else values, np.float64), shape)


def _covariance(values: ArrayLike | None, n: int, d: int) -> Floats:
    """Take a covariance of position and velocity; the part that is not given is NaN."""
    full = np.asarray(np.nan if values is None else values, np.float64)
    if full.shape != (n, d, d):
        return _column("covariance", full, (n, 2 * d, 2 * d))
    wide = np.full((n, 2 * d, 2 * d), np.nan)
    wide[:, :d, :d] = full
    return wide
