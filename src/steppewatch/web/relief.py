"""Shaded relief for a dark room: terrain that reads at a glance and leaves the light to tracks.

Tints by height from slate over olive to pale stone, a hillshade from four directions, contours
when near. Heights that nobody knows are hatched, never drawn as a height.

Sources: Horn 1981 (hillshade, slopes by central differences); Mark 1992, USGS OFR 92-422 (four
lights); OGC 17-083r2, annex D (WebMercatorQuad tiles).
"""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from steppewatch.world.geodesy import SEMI_MAJOR
from steppewatch.world.terrain import Terrain

Array = NDArray[np.float32]

TILE = 256
MARGIN = 1

# Height [m] → colour (sRGB). Little chroma, so that symbols keep all of it.
TINTS = (
    (-50.0, (21, 29, 34)),
    (400.0, (30, 40, 42)),
    (800.0, (38, 49, 46)),
    (1150.0, (47, 56, 48)),
    (1500.0, (58, 64, 51)),
    (1900.0, (72, 73, 56)),
    (2400.0, (87, 82, 64)),
    (3000.0, (108, 101, 83)),
    (3600.0, (131, 125, 110)),
    (4400.0, (158, 156, 148)),
)
# Azimuth and altitude of each light [deg] and its share.
LIGHTS = ((315.0, 42.0, 0.55), (270.0, 50.0, 0.18), (0.0, 50.0, 0.18), (225.0, 55.0, 0.09))
SHADE_DEPTH = 1.15
DARKEST, BRIGHTEST = 0.42, 1.62
# Slopes flatten as tiles coarsen; this much exaggeration for each zoom level below the finest.
PLAIN_ZOOM, EXAGGERATION = 13, 1.22
MOST_EXAGGERATION = 5.0
CONTOURS = {11: 200.0, 12: 100.0, 13: 50.0}  # interval [m] by zoom; the finest holds beyond
CONTOUR_STRENGTH = 0.3
HATCH_STEP, HATCH_WIDTH = 12, 2
HATCH = ((24, 27, 33), (58, 52, 66))
_FULL = 2.0 * math.pi


def tile_axes(z: int, x: int, y: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give latitudes of pixel rows and longitudes of columns [rad], each with a margin of one."""
    step = _FULL / (TILE << z)
    pixel: NDArray[np.float64] = np.linspace(0.5 - MARGIN, TILE + MARGIN - 0.5, TILE + 2 * MARGIN)
    mercator = math.pi - (y * TILE + pixel) * step
    lat = np.arctan(np.sinh(mercator))
    lon = (x * TILE + pixel) * step - math.pi
    return lat, lon


def exaggeration(z: int) -> float:
    """Say by how much slopes are steepened at a zoom level."""
    return float(min(MOST_EXAGGERATION, EXAGGERATION ** max(0, PLAIN_ZOOM - z)))


def shade(heights: Array, spacing: Array | float, steepen: float = 1.0) -> Array:
    """Light a surface: 1 where it is flat, more towards the lights, less away from them.

    Args:
        heights: ``(r + 2, c + 2)`` metres, rows from north to south; NaN unknown.
        spacing: Metres between pixels, a number or ``(r, 1)``.
        steepen: Factor on all slopes.

    Returns:
        ``(r, c)``; where a neighbour is unknown, the slope counts as zero.
    """
    east = (heights[1:-1, 2:] - heights[1:-1, :-2]) * (0.5 * steepen / spacing)
    north = (heights[:-2, 1:-1] - heights[2:, 1:-1]) * (0.5 * steepen / spacing)
    east, north = np.nan_to_num(east), np.nan_to_num(north)
    length = np.sqrt(1.0 + east * east + north * north)
    total = np.zeros_like(length)
    flat = 0.0
    for azimuth_deg, altitude_deg, share in LIGHTS:
        azimuth, altitude = math.radians(azimuth_deg), math.radians(altitude_deg)
        across = math.cos(altitude)
        lit = math.sin(altitude) - across * (math.sin(azimuth) * east + math.cos(azimuth) * north)
        total += np.float32(share) * np.maximum(lit / length, 0.0)
        flat += share * math.sin(altitude)
    lighted: Array = (total / np.float32(flat)).astype(np.float32)
    return lighted


def _palette() -> NDArray[np.float32]:
    """Make the tints a table of one colour for each 8 m."""
    stops = np.array([height for height, _ in TINTS])
    colours = np.array([colour for _, colour in TINTS], float)
    heights = np.arange(stops[0], stops[-1], 8.0)
    return np.stack([np.interp(heights, stops, c) for c in colours.T], axis=-1).astype(np.float32)


_TABLE = _palette()


def tint(heights: Array) -> NDArray[np.float32]:
    """Colour heights ``(r, c)`` [m]: ``(r, c, 3)``, 0…255."""
    index = np.clip((np.nan_to_num(heights) - TINTS[0][0]) / 8.0, 0, len(_TABLE) - 1.001)
    low = index.astype(np.int32)
    part = (index - low)[..., None].astype(np.float32)
    coloured: NDArray[np.float32] = _TABLE[low] * (1.0 - part) + _TABLE[low + 1] * part
    return coloured


def contours(heights: Array, interval: float) -> Array:
    """Find contour lines about one pixel wide: ``(r, c)`` 0…1 from ``(r + 2, c + 2)`` heights.

    Where lines would stand closer than four pixels they fade, so that cliffs do not turn black.
    """
    east = 0.5 * (heights[1:-1, 2:] - heights[1:-1, :-2])
    north = 0.5 * (heights[:-2, 1:-1] - heights[2:, 1:-1])
    rise = np.maximum(np.hypot(east, north), 1e-3)
    inner = heights[1:-1, 1:-1]
    away = np.abs(inner - np.round(inner / interval) * interval) / rise
    room = np.clip(interval / rise / 4.0 - 0.5, 0.0, 1.0)
    lines: Array = np.nan_to_num(np.clip(1.1 - away, 0.0, 1.0) * room * (rise > 0.05))
    return lines


def draw(heights: Array, spacing: Array | float, z: int) -> NDArray[np.uint8]:
    """Draw heights with their margin as ``(r, c, 3)`` pixels; unknown ones are left as they fall.

    Args:
        heights: ``(r + 2, c + 2)`` [m].
        spacing: Metres between pixels.
        z: Zoom level, which sets exaggeration and contours.
    """
    light = 1.0 + SHADE_DEPTH * (shade(heights, spacing, exaggeration(z)) - 1.0)
    light = np.clip(light, DARKEST, BRIGHTEST)[..., None]
    colour = tint(heights[1:-1, 1:-1]) * light
    # Shadows lean to blue and lights to ochre, as under an evening sky.
    colour += (light - 1.0) * np.array((5.0, 1.0, -6.0), np.float32)
    if z >= min(CONTOURS):
        lines = contours(heights, CONTOURS[min(z, max(CONTOURS))])
        colour *= 1.0 + CONTOUR_STRENGTH * lines[..., None]
    pixels: NDArray[np.uint8] = np.clip(colour + 0.5, 0, 255).astype(np.uint8)
    return pixels


def hatch(pixels: NDArray[np.uint8], unknown: NDArray[np.bool_], x: int, y: int) -> None:
    """Hatch what nobody knows, in step with the neighbouring tiles."""
    row, col = np.indices(unknown.shape)
    phase = (row + y * TILE + col + x * TILE) % HATCH_STEP < HATCH_WIDTH
    pixels[unknown & ~phase] = HATCH[0]
    pixels[unknown & phase] = HATCH[1]


def render(terrain: Terrain, z: int, x: int, y: int) -> bytes:
    """Draw one Web Mercator tile as PNG."""
    lat, lon = tile_axes(z, x, y)
    heights = np.asarray(terrain.grid(lat, lon), np.float32)
    ground = _FULL * SEMI_MAJOR / (TILE << z)
    spacing = (ground * np.cos(lat[1:-1, None])).astype(np.float32)
    pixels = draw(heights, spacing, z)
    unknown = np.isnan(heights[1:-1, 1:-1])
    if unknown.any():
        hatch(pixels, unknown, x, y)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=6)
    return out.getvalue()
