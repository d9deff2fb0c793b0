"""What a radar on its hill sees: P(detect) and accuracy, cell by cell, for classes and heights.

Every cell is asked by :func:`steppewatch.sense.radar.look.look`, from which rehearsal draws its
plots and link budgets print their lines: planned is simulated. A target counts as in sight when
its height above ground reaches the minimum visible height; what lies in shadow gets 0, without
credit for diffraction. Rays bend as the site's own air bends them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.look import Look, look, probability
from steppewatch.sense.radar.measure import error_ellipse, sigma_height
from steppewatch.sense.radar.sector import in_sector
from steppewatch.sense.targets import TargetModel
from steppewatch.sense.viewshed import Viewshed
from steppewatch.world.atmosphere import RayTable, ray_table
from steppewatch.world.geodesy import Array
from steppewatch.world.terrain import Heights

ROWS_AT_ONCE = 128
ON_THE_GROUND = 5.0  # [m]; a class that stays lower walks or drives
SPARE = 1.02  # of range: the ray is longer than the ground under it
LOWEST, HIGHEST = 0.0, 30_000.0  # [m above ground]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Ask for one class of targets at one height above ground [m]."""

    target: TargetModel
    height: float

    @property
    def name(self) -> str:
        """Name the layer for files and lists: ``walker 1 m``."""
        return f"{self.target.name} {self.height:g} m"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadarMap:
    """Hold what a radar sees from a site.

    Attributes:
        radar: The radar on its place.
        seen: What the ground hides.
        layers: What was asked, in the order of ``pd``.
        pd: ``(n, n)`` probability of detection in one scan, mean over headings; 0 in shadow and
            outside the instrumented coverage, NaN unknown and beyond the window.
    """

    radar: EmplacedRadar
    seen: Viewshed
    layers: tuple[Layer, ...]
    pd: tuple[Heights, ...]

    def area(self, index: int, least: float = 0.5) -> float:
        """Give the area where a layer's probability reaches ``least`` [m²]."""
        with np.errstate(invalid="ignore"):
            return float((self.pd[index] >= least).sum()) * self.seen.window.cell**2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccuracyMap:
    """Hold how well plots of one layer are measured, at one standard deviation.

    Attributes:
        layer: What was asked.
        major: ``(n, n)`` semi-major axis of the horizontal error ellipse [m]; NaN where the target
            is not in sight or the radar does not reach.
        minor: Semi-minor axis [m].
        bearing: Of the major axis, clockwise from north, 0…π [rad].
        height: Of height [m]; NaN throughout for a radar without elevation.
        slant: Of slant range [m].
        azimuth: Of azimuth [rad].
        elevation: Of elevation [rad]; NaN throughout for a radar without elevation.
    """

    layer: Layer
    major: Heights
    minor: Heights
    bearing: Heights
    height: Heights
    slant: Heights
    azimuth: Heights
    elevation: Heights


def usual_layers(targets: Sequence[TargetModel], heights: Sequence[float]) -> tuple[Layer, ...]:
    """Choose layers: what walks or drives at its own height, what flies at each that suits it.

    Args:
        targets: Classes.
        heights: For what flies, above ground [m]; those outside a class's usual band are left
            out, but the nearest is always kept.

    Raises:
        SenseError: A height is absurd.
    """
    for height in heights:
        if not LOWEST <= height <= HIGHEST:
            raise SenseError(
                f"height is {height:g} m above ground, expected {LOWEST:g} to {HIGHEST:g} m"
            )
    layers = []
    for target in targets:
        if target.high <= ON_THE_GROUND or not heights:
            layers.append(Layer(target=target, height=round(0.5 * (target.low + target.high), 1)))
            continue
        suits = [h for h in heights if target.low <= h <= target.high]
        nearest = min(heights, key=lambda h: abs(h - min(max(h, target.low), target.high)))
        layers += [Layer(target=target, height=h) for h in suits or [nearest]]
    return tuple(layers)


def site_rays(radar: EmplacedRadar, max_range: float) -> RayTable:
    """Trace the rays of a radar's own air out to a range [m].

    Raises:
        SenseError: The radar stands in a vacuum.
    """
    if radar.atmosphere is None:
        raise SenseError(f"radar {radar.design.name!r} has no air: give stand() an atmosphere")
    return ray_table(radar.atmosphere, radar.height, max_range=max(SPARE * max_range, 10_000.0))


def radar_map(radar: EmplacedRadar, seen: Viewshed, layers: Sequence[Layer]) -> RadarMap:
    """Say how probably a radar detects each class of targets on each cell.

    Args:
        radar: Where it stands, with its air.
        seen: What the ground hides from the same place and mast.
        layers: Classes and heights.
    """
    asked = tuple(layers)
    blank = np.where(np.isnan(seen.min_height), np.float32(np.nan), np.float32(0.0))
    found = tuple(blank.copy() for _ in asked)
    for height in dict.fromkeys(layer.height for layer in asked):
        for rows, cols, one, _ in _looks(radar, seen, height):
            for layer, pd in zip(asked, found, strict=True):
                if layer.height == height:
                    pd[rows, cols] = probability(
                        radar,
                        one,
                        rcs=layer.target.section(radar.design.frequency),
                        swerling=layer.target.swerling,
                        speed=layer.target.speed,
                    )
    return RadarMap(radar=radar, seen=seen, layers=asked, pd=found)


def accuracy_map(radar: EmplacedRadar, seen: Viewshed, layer: Layer) -> AccuracyMap:
    """Say how well a radar measures where a layer's targets are.

    Args:
        radar: Where it stands, with its air.
        seen: What the ground hides from the same place and mast.
        layer: Class and height.
    """
    out = [np.full_like(seen.min_height, np.nan) for _ in range(7)]
    section = layer.target.section(radar.design.frequency)
    for rows, cols, one, place in _looks(radar, seen, layer.height, section):
        slant, azimuth, elevation = place
        vertical = one.sigma_elevation
        ellipse = error_ellipse(
            slant, azimuth, elevation, one.sigma_range, one.sigma_azimuth, np.nan_to_num(vertical)
        )
        up = sigma_height(slant, elevation, one.sigma_range, vertical)
        measured = (one.sigma_range, one.sigma_azimuth, vertical)
        for raster, values in zip(out, (*ellipse, up, *measured), strict=True):
            raster[rows, cols] = np.where(one.beam >= 0, values, np.nan)
    names = ("major", "minor", "bearing", "height", "slant", "azimuth", "elevation")
    return AccuracyMap(layer=layer, **dict(zip(names, out, strict=True)))


def _looks(
    radar: EmplacedRadar, seen: Viewshed, height: float, section: float = 1.0
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Look, tuple[Array, Array, Array]]]:
    """Look at all cells that see a height, some rows at a time.

    Yields:
        Rows and columns of the cells, the look, and slant range, azimuth, elevation.
    """
    window, least = seen.window, seen.min_height
    rays = site_rays(radar, window.size * window.cell)
    for top in range(0, len(least), ROWS_AT_ONCE):
        part = least[top : top + ROWS_AT_ONCE]
        with np.errstate(invalid="ignore"):
            rows, cols = np.nonzero(part <= height)
        rows += top
        north, east = (window.size - rows) * window.cell, (cols - window.size) * window.cell
        azimuth = np.arctan2(east, north)
        inside = in_sector(azimuth, radar.design.sector_start, radar.design.sector_width)
        rows, cols, azimuth = rows[inside], cols[inside], azimuth[inside]
        slant, elevation = rays.apparent(
            np.hypot(north[inside], east[inside]), window.heights[rows, cols] + height
        )
        one = look(radar, slant, elevation, rcs=section, clutter_visible=least[rows, cols] <= 0.0)
        yield rows, cols, one, (slant, azimuth, elevation)
