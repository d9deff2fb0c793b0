"""What every coverage product must name: the elevation, the air, and what to be careful about."""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.sense.coverage.low_ground import low_ground_warning
from steppewatch.sense.viewshed import Viewshed, Window
from steppewatch.world.atmosphere import Atmosphere
from steppewatch.world.geodesy import MEAN_RADIUS

SYNTHETIC = (
    "SYNTHETIC TERRAIN, invented below 9 km: for rehearsal and teaching, never site real equipment "
    "on it"
)
AVERAGED = 1.5  # times the elevation's spacing: from here on cells are averages


def basis(seen: Viewshed, air: Atmosphere, layer_cell: float) -> tuple[str, ...]:
    """Say what products rest on: terrain, air, cells, what counts as seen.

    Args:
        seen: The horizon.
        air: Over the site.
        layer_cell: Side of the layers' cells [m].
    """
    info, cell = seen.window.info, seen.window.cell
    terrain = "unknown"
    if info is not None:
        kind = "SYNTHETIC DETAIL" if info.synthetic else "real elevation"
        metres = info.resolution * MEAN_RADIUS
        terrain = f"{info.label} ({kind}, spacing {metres:.0f} m, datum {info.datum})"
    k_from = "given by hand" if air.k_given else "from the site's mean refractivity"
    layers = "" if layer_cell == cell else f", layers on each {layer_cell:.0f} m"
    sight = f"Sight lines on cells of {cell:.0f} m{layers}; k = {air.k:.3f} {k_from}"
    return (
        f"Terrain: {terrain}",
        f"Air: {air.label}",
        f"{sight}; P(detect) in one scan, mean over headings",
        "In shadow P is 0: no credit for diffraction. No lobing. Unknown ground is never covered.",
    )


def tags(seen: Viewshed, air: Atmosphere) -> dict[str, str]:
    """Give the same for programs: one tag for each figure."""
    info = seen.window.info
    return {
        "DEM": info.label if info else "unknown",
        "DEM_SOURCE": info.source if info else "unknown",
        "DEM_SPACING_M": f"{info.resolution * MEAN_RADIUS:.1f}" if info else "unknown",
        "DEM_SYNTHETIC": str(info.synthetic).lower() if info else "unknown",
        "VERTICAL_DATUM": info.datum if info else "unknown",
        "SIGHT_CELL_M": f"{seen.window.cell:g}",
        "MAST_M": f"{seen.mast:g}",
        "K": f"{air.k:.4f}",
        "K_GIVEN": str(air.k_given).lower(),
        "REFRACTIVITY": f"{air.refractivity:.1f}",
        "AIR": air.label,
        "RAIN_PERCENT": "dry" if math.isnan(air.rain_percent) else f"{air.rain_percent:g}",
        "RAIN_MM_H": f"{air.rain_rate:.2f}",
    }


def cautions(seen: Viewshed) -> list[str]:
    """Say what a careful planner must know of a viewshed, one sentence each.

    Invented terrain; elevation that ends or has holes within the range; low ground on coarse
    elevation; cells much coarser than the elevation; an unknown datum; a k beyond experience.
    """
    window, info = seen.window, seen.window.info
    said = []
    if info is not None and info.synthetic:
        said.append(SYNTHETIC)
    said += _unknown(seen)
    if info is not None:
        said += low_ground_warning(window.heights, window.cell, info.resolution)
        spacing = info.resolution * MEAN_RADIUS
        if window.cell > AVERAGED * spacing:
            said.append(
                f"sight lines run on averages of {window.cell:.0f} m over elevation known every "
                f"{spacing:.0f} m, which lowers narrow ridges: give a shorter range or smaller "
                "cells"
            )
        said += [note for note in info.notes if "unknown" in note or "differ" in note]
    if not 1.0 <= seen.k <= 2.0:
        said.append(
            f"k is {seen.k:.3g}: such bending is rare (1.2 to 1.4 in ordinary air), coverage with "
            "it is no average"
        )
    return said


def in_range(window: Window) -> NDArray[np.bool_]:
    """Tell which cells of a window lie in range: ``(n, n)``."""
    offset = np.arange(-window.size, window.size + 1) ** 2
    return np.asarray(offset[:, None] + offset <= window.size**2)


def _unknown(seen: Viewshed) -> list[str]:
    inside = in_range(seen.window)
    void = float(np.isnan(seen.window.heights[inside]).mean())
    unknown = float(np.isnan(seen.min_height[inside]).mean())
    if unknown == 0.0:
        return []
    why = "ends within the range" if _beyond_edge(seen.window) else "has holes within the range"
    shares = f"{void:.1%} of it is unknown, {unknown:.1%} with what lies behind"
    remedy = "add elevation there with `steppewatch world add FILE`"
    return [f"the elevation {why}: {shares}; it is hatched and not covered; {remedy}"]


def _beyond_edge(window: Window) -> bool:
    """Say whether the circle reaches beyond the bounds of the elevation."""
    grid, info = window.grid, window.info
    if grid is None or info is None:
        return False
    ends = slice(0, 2 * window.size + 1, window.size)
    lats, lons = grid.places(ends, ends)
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
    outside = np.mod(lons - info.west, 2.0 * math.pi) > info.east - info.west + 1e-9
    outside |= (lats < info.south) | (lats > info.north)
    return bool(outside[cross].any())
