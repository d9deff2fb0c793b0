"""What one radar on a plane makes of targets, and of nothing: the shared files' measurements.

Elevation, azimuth (counter-clockwise from East), range, range rate; false alarms uniform over
1 km … 1.02 R, all round, −2° … 20° and ±260 m/s, so that a constant density is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAST = 30.0
SIGMA = (math.radians(0.15), math.radians(0.10), 30.0, 1.0)
LOW, HIGH = math.radians(-2.0), math.radians(20.0)
NEAREST, FURTHEST, QUICKEST = 1_000.0, 1.02, 260.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """Hold the plots of all scans.

    Attributes:
        det: ``(m, 4)`` elevation, azimuth [rad], range [m], range rate [m/s].
        off: ``(k + 1,)`` first row of each scan.
        source: ``(m,)`` target, −1 for a false alarm.
    """

    det: NDArray[np.float64]
    off: NDArray[np.int64]
    source: NDArray[np.int64]


def polar(truth: NDArray[np.float64], height: float = MAST) -> NDArray[np.float64]:
    """Give ``(n, 4)`` of ``(n, 6)`` x, y, z, vx, vy, vz, seen from the mast above the origin."""
    away = truth[:, :3] - (0.0, 0.0, height)
    reach = np.linalg.norm(away, axis=1)
    return np.stack(
        (
            np.arcsin(away[:, 2] / reach),
            np.arctan2(away[:, 1], away[:, 0]),
            reach,
            np.sum(away * truth[:, 3:], axis=1) / reach,
        ),
        axis=1,
    )


def look(
    truth: NDArray[np.float64],
    radius: float,
    rng: np.random.Generator,
    *,
    pd: float = 0.9,
    clutter: float,
    ground: float = 0.0,
) -> Plots:
    """Draw the plots of all scans.

    Args:
        truth: ``(k, n, 6)``; NaN where absent.
        radius: R [m].
        rng: Source of chance.
        pd: Detection probability.
        clutter: Mean false alarms per scan.
        ground: Mean number per scan of returns from the ground: patches that stay where they
            are, within 40 % of R, below 1°, range rate about 0. They come on top.
    """
    patches = rng.uniform((0.02, -math.pi), (0.4, math.pi), (max(round(ground / 2), 1), 2))
    rows, source, sizes = [], [], []
    for places in truth:
        seen = np.flatnonzero(np.isfinite(places[:, 0]) & (rng.random(len(places)) < pd))
        z = polar(places[seen])
        z += rng.normal(0.0, SIGMA, z.shape)
        false = rng.uniform(
            (LOW, -math.pi, NEAREST, -QUICKEST),
            (HIGH, math.pi, FURTHEST * radius, QUICKEST),
            (rng.poisson(clutter), 4),
        )
        echoes = ground_returns(patches, radius, rng, rng.poisson(ground))
        det = np.concatenate((z, false, echoes))
        det[:, 1] = np.mod(det[:, 1] + math.pi, 2.0 * math.pi) - math.pi
        whose = np.concatenate((seen, np.full(len(false) + len(echoes), -1)))
        order = rng.permutation(len(det))
        rows.append(det[order])
        source.append(whose[order])
        sizes.append(len(det))
    return Plots(
        det=np.concatenate(rows),
        off=np.concatenate(([0], np.cumsum(sizes))),
        source=np.concatenate(source),
    )


def ground_returns(
    patches: NDArray[np.float64], radius: float, rng: np.random.Generator, count: int
) -> NDArray[np.float64]:
    """Draw returns about fixed patches ``(p, 2)`` of range / R and azimuth."""
    which = patches[rng.integers(0, len(patches), count)]
    return np.stack(
        (
            rng.uniform(math.radians(-0.5), math.radians(1.0), count),
            which[:, 1] + rng.normal(0.0, math.radians(0.5), count),
            np.maximum(which[:, 0] * radius + rng.normal(0.0, 300.0, count), NEAREST),
            rng.normal(0.0, 1.5, count),
        ),
        axis=1,
    )


def density(radius: float, clutter: float) -> float:
    """Give the false alarms per scan and unit of rad · rad · m."""
    volume = (FURTHEST * radius - NEAREST) * 2.0 * math.pi * (HIGH - LOW)
    return clutter / volume
