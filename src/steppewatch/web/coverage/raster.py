"""From a site's window to the map: the minimum visible height on a Web Mercator grid, in codes.

A code is the height in steps of one per cent, rounded up, so that a threshold on codes never
claims more than the heights do: ``h = exp(code / 100) − 1`` metres. The two highest codes say that
nobody knows, and that the place is out of range.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.sense.radar.sector import in_sector
from steppewatch.world.geodesic import inverse
from steppewatch.world.geodesy import SEMI_MAJOR, Array

Codes = NDArray[np.uint16]
Floats = NDArray[np.float32]

STEPS_PER_E = 100.0
UNKNOWN, OUTSIDE = 65535, 65534
PARTS, UNKNOWN_CHANCE, OUTSIDE_CHANCE = 200, 255, 254
# Nothing that flies is higher above ground than this [m]; what would have to be is hidden.
HIGHEST = 30_000.0
MOST_CELLS = 1024
# The map's distortion is smooth: places are computed this many cells apart and interpolated.
LATTICE = 16
# The smallest radius of curvature there is, so that a box around the range is never too small.
LEAST_RADIUS = 6_335_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """Bound what a sensor covers: ranges [m] and a sector clockwise from north [rad]."""

    min_range: float
    max_range: float
    start: float = 0.0
    width: float = 2.0 * math.pi


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Hold a square of the Web Mercator plane and where its cells lie from the site.

    Attributes:
        bounds: West, south, east, north [m of EPSG:3857].
        east: ``(n, n)`` metres east of the site, azimuthal equidistant, row 0 in the north.
        north: ``(n, n)`` metres north of it.
    """

    bounds: tuple[float, float, float, float]
    east: Floats
    north: Floats


def sheet(lat: float, lon: float, cell: float, max_range: float) -> Sheet:
    """Lay a Web Mercator square around a site's range, with cells about as fine as its window's.

    Where cells lie is computed on a lattice (geodesics through PROJ) and interpolated between:
    within 5 m for 16 cells of 800 m.

    Args:
        lat: Latitude of the site [rad].
        lon: Longitude [rad].
        cell: Side of the window's cells [m].
        max_range: Farthest range [m].
    """
    reach = max_range / LEAST_RADIUS
    x0, y0 = SEMI_MAJOR * lon, SEMI_MAJOR * math.atanh(math.sin(lat))
    edge = min(abs(lat) + reach, math.radians(85.0))
    half = SEMI_MAJOR * (math.atanh(math.sin(edge)) - math.atanh(math.sin(abs(lat))))
    half = max(half, SEMI_MAJOR * reach / math.cos(edge))
    count = max(2 * LATTICE, min(MOST_CELLS, round(2.0 * half * math.cos(lat) / cell)))
    centres = ((np.arange(count) + 0.5) / count * 2.0 - 1.0) * half
    knots = np.linspace(-half, half, -(-count // LATTICE) + 1)
    weights = _hats(centres, knots)
    there = np.arctan(np.sinh((y0 - knots) / SEMI_MAJOR))
    distance, azimuth, _ = inverse(lat, lon, there[:, None], (x0 + knots) / SEMI_MAJOR)
    east, north = distance * np.sin(azimuth), distance * np.cos(azimuth)
    return Sheet(
        bounds=(x0 - half, y0 - half, x0 + half, y0 + half),
        east=(weights @ east @ weights.T).astype(np.float32),
        north=(weights @ north @ weights.T).astype(np.float32),
    )


def _hats(at: Array, knots: Array) -> Array:
    """Give the weights ``(n, m)`` of linear interpolation between ``m`` even knots."""
    step = knots[1] - knots[0]
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(at[:, None] - knots[None, :]) / step))


def resample(values: Floats, cell: float, laid: Sheet) -> Floats:
    """Take the nearest of a window's ``values (2r + 1, 2r + 1)`` for each cell of a sheet."""
    middle = values.shape[0] // 2
    row = np.rint(middle - laid.north / np.float32(cell)).astype(np.int32)
    col = np.rint(middle + laid.east / np.float32(cell)).astype(np.int32)
    inside = (row >= 0) & (row < values.shape[0]) & (col >= 0) & (col < values.shape[1])
    taken = values[np.where(inside, row, 0), np.where(inside, col, 0)]
    return np.where(inside, taken, np.float32(np.nan))


def out_of_range(laid: Sheet, sector: Sector) -> NDArray[np.bool_]:
    """Tell which cells a sensor does not cover at all: ``(n, n)``."""
    distance = np.hypot(laid.east, laid.north)
    outside = (distance > sector.max_range) | (distance < sector.min_range)
    azimuth = np.arctan2(laid.east, laid.north)
    outside |= ~in_sector(azimuth, sector.start, sector.width)
    return np.asarray(outside)


def encode_heights(heights: Floats, outside: NDArray[np.bool_]) -> Codes:
    """Turn heights [m], NaN unknown, into codes.

    >>> encode_heights(np.float32([0.0, 100.0, np.nan]), np.array([False, False, False])).tolist()
    [0, 462, 65535]
    """
    clipped = np.minimum(heights, np.float32(HIGHEST))
    # A hair less, or rounding in the last bit would cost a whole step.
    steps = np.ceil(np.log1p(clipped) * np.float32(STEPS_PER_E) - np.float32(1e-3))
    codes: Codes = np.nan_to_num(steps, nan=UNKNOWN).astype(np.uint16)
    codes[outside] = OUTSIDE
    return codes


def encode_chances(chances: Floats, outside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Turn probabilities, NaN unknown, into 1/200 parts, rounded down; 254 outside, 255 unknown.

    >>> encode_chances(np.float32([0.0, 0.5, 0.999, 1.0, np.nan]), np.zeros(5, bool)).tolist()
    [0, 100, 199, 200, 255]
    """
    parts = np.floor(np.clip(chances, 0.0, 1.0) * np.float32(PARTS) + np.float32(1e-4))
    codes: NDArray[np.uint8] = np.nan_to_num(parts, nan=UNKNOWN_CHANCE).astype(np.uint8)
    codes[outside] = OUTSIDE_CHANCE
    return codes
