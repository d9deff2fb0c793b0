"""Compute one coverage: terrain around the site, its horizon, and all that must be said with it."""

import gzip
import math
import time
from typing import Any

import numpy as np

from steppewatch.errors import WebError
from steppewatch.records import encode
from steppewatch.sense.viewshed import plane_window, site_window, visible_height
from steppewatch.web.coverage.ask import Ask
from steppewatch.web.coverage.coarse import seen_from_far
from steppewatch.web.coverage.place import low_ground_warning, refraction
from steppewatch.web.coverage.raster import (
    OUTSIDE,
    STEPS_PER_E,
    UNKNOWN,
    Sector,
    encode_heights,
    out_of_range,
    resample,
    sheet,
)
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain

# Cells from the site to the farthest range: sharp on the map, and quick.
RADIUS_CELLS = 512
LEAST_RADIUS_CELLS = 200
# Hilltop coverage on cells of 450 m is right within a few per cent, on 900 m no more.
LARGEST_CELL = 600.0
LOWEST_ANTENNA = 2.0
PACKING = 3  # of gzip: quick; more would save a tenth


def draw(ask: Ask, terrain: Terrain) -> bytes:
    """Compute a coverage and pack it: one ``coverage/1`` of docs/stream.md, gzip.

    Raises:
        SteppewatchError: The site stands where nobody knows the ground, or cannot be computed.
    """
    return gzip.compress(encode(compute(ask, terrain)), PACKING, mtime=0)


def unpack(packed: bytes) -> bytes:
    """Undo the packing, for a program that reads no gzip."""
    return gzip.decompress(packed)


def cell_size(max_range: float, resolution: float) -> float:
    """Choose the size of a cell [m]: no finer than the terrain, unless the range is short.

    Args:
        max_range: Farthest range [m].
        resolution: Of the terrain [rad].
    """
    native = min(resolution * MEAN_RADIUS, max_range / LEAST_RADIUS_CELLS)
    return max(min(max_range / RADIUS_CELLS, LARGEST_CELL), native)


def prepare() -> None:
    """Compile, or load, what the first coverage needs, so that a click need not wait for it."""
    visible_height(plane_window(np.zeros((65, 65), np.float32), 100.0), 10.0, 4.0 / 3.0)
    sheet(0.8, 1.5, 100.0, 6_400.0)


def compute(ask: Ask, terrain: Terrain) -> dict[str, Any]:
    """Compute a coverage.

    Raises:
        WebError: The ground at the site is unknown.
        SteppewatchError: As the viewshed says.
    """
    begun = time.perf_counter()
    info = terrain.describe()
    ground = float(terrain.heights(ask.lat, ask.lon))
    if math.isnan(ground):
        raise WebError(
            f"nobody knows the ground at {math.degrees(ask.lat):.4f}° N, "
            f"{math.degrees(ask.lon):.4f}° E ({info.label}): choose another place, or add "
            "elevation there with: steppewatch world add"
        )
    cell = cell_size(ask.max_range, info.resolution)
    # The window is a little wider, so that the cell nearest to any place in range is in it.
    reach = ask.max_range + 2.0 * cell
    window = site_window(
        seen_from_far(terrain, ask.lat, ask.lon, reach + cell, cell), ask.lat, ask.lon, reach, cell
    )
    mast, warnings = _mast(ask, ground)
    k, k_label = refraction(ask, ground)
    seen = visible_height(window, mast, k)
    laid = sheet(ask.lat, ask.lon, window.cell, ask.max_range)
    sector = Sector(
        min_range=ask.min_range,
        max_range=ask.max_range,
        start=ask.sector_start,
        width=ask.sector_width,
    )
    codes = encode_heights(
        resample(np.asarray(seen.min_height), window.cell, laid), out_of_range(laid, sector)
    )
    unknown, within = int((codes == UNKNOWN).sum()), int((codes != OUTSIDE).sum())
    if unknown:
        warnings.append(
            f"{unknown / max(1, within):.1%} of the range lies in or behind unknown ground: "
            "hatched, and never counted as seen"
        )
    warnings += low_ground_warning(window.heights, window.cell, info.resolution)
    return {
        "_": "coverage/1",
        "sensor": ask.sensor,
        "name": ask.name,
        "lat": math.degrees(ask.lat),
        "lon": math.degrees(ask.lon),
        "ground": ground,
        "mast": mast,
        "antenna": ground + mast,
        "min_range": ask.min_range,
        "max_range": ask.max_range,
        "sector_start_deg": math.degrees(ask.sector_start),
        "sector_width_deg": math.degrees(ask.sector_width),
        "k": k,
        "k_label": k_label,
        "cell": window.cell,
        "terrain": {
            "label": info.label,
            "origin": info.source,
            "synthetic": info.synthetic,
            "datum": info.datum,
            "notes": list(info.notes),
        },
        "warnings": warnings,
        "bounds": list(laid.bounds),
        "steps_per_e": STEPS_PER_E,
        "min_height": codes,
        "seconds": time.perf_counter() - begun,
    }


def _mast(ask: Ask, ground: float) -> tuple[float, list[str]]:
    """Find how high the antenna stands above this terrain's ground [m]."""
    if ask.antenna is None:
        return ask.mast or LOWEST_ANTENNA, []
    mast = ask.antenna - ground
    if mast >= LOWEST_ANTENNA:
        return mast, []
    warning = (
        f"{ask.name} stands at {ask.antenna:.0f} m, this terrain's ground at {ground:.0f} m: taken "
        f"as {LOWEST_ANTENNA:.0f} m above ground; correct the site's height or the elevation"
    )
    return LOWEST_ANTENNA, [warning]
