"""Lobes over the ground on the way to one target, where that ground is smooth enough to reflect.

Two rays need a mirror: the first Fresnel zone about the reflection must be flat to Rayleigh's
height ``λ/(8 sin ψ)``, as far as the elevation shows it: a zone of a few cells shows nothing.
Where it is not, the echo off the ground is scattered, not added, and nothing is counted; the
reason is said.
"""

import math
from dataclasses import dataclass

import numpy as np

from steppewatch.sense.coverage.path import SightPath
from steppewatch.sense.propagation.multipath import propagation_factor, rayleigh_height, two_ray
from steppewatch.sense.propagation.smooth_earth import reflection_point
from steppewatch.sense.radar.antenna import two_way_db
from steppewatch.sense.radar.design import Beam
from steppewatch.world.geodesy import MEAN_RADIUS, Array

ROUNDS = 4  # of fitting the mirror about the reflection on it
LEAST_POINTS = 4  # of the profile in the zone, for a line
LEAST_CELLS = 6  # of the elevation in the zone; fewer show no roughness
LEAST_HEIGHT = 0.1  # [m] above the mirror
LEAST_FACTOR = 1e-3  # F of a perfect gap, −120 dB two-way


@dataclass(frozen=True, slots=True, kw_only=True)
class Lobing:
    """Hold what the ray off the ground does to an echo.

    Attributes:
        counted: Whether it enters the budget.
        gain_db: Two-way, 40 log F [dB]; 0 when not counted.
        factor: F, voltage ratio to free space; 1 when not counted.
        reason: One sentence: why, or why not.
        first: Near end of the zone that reflects [m from the radar]; NaN without one.
        last: Its far end [m].
        grazing: Angle between ray and ground [rad].
        roughness: Of the profile in the zone, one standard deviation [m].
        allowed: Rayleigh's height for that angle [m].
    """

    counted: bool
    gain_db: float
    factor: float
    reason: str
    first: float = math.nan
    last: float = math.nan
    grazing: float = math.nan
    roughness: float = math.nan
    allowed: float = math.nan


def lobing(path: SightPath, beam: Beam) -> Lobing:
    """Work out the ray off the ground for a radar's beam.

    Args:
        path: The way to the target.
        beam: Of the radar; its pattern weighs the ray that goes down.
    """
    if not path.in_sight:
        return _none(
            "the target is masked: there is no direct ray to add to"
            if path.known
            else "the ground on the way is unknown"
        )
    mirror = _mirror(path)
    if mirror is None:
        return _none("no ground between the ends lies below both of them as a mirror does")
    zone, low, high, rough = mirror
    far, radius = path.ground_range, path.effective_radius
    design = path.radar.design
    rays = two_ray(far, low, high, design.frequency, radius)
    grazing = float(rays.grazing)
    if grazing <= 0.0:
        return _none("the target stands below the horizon of the ground that would reflect")
    allowed = float(rayleigh_height(design.wavelength, grazing))
    first, last = float(path.distance[zone][0]), float(path.distance[zone][-1])
    figures = {
        "first": first,
        "last": last,
        "grazing": grazing,
        "roughness": rough,
        "allowed": allowed,
    }
    where = f"the ground from {first / 1e3:.2f} to {last / 1e3:.2f} km"
    if math.isnan(rough) or last - first < LEAST_CELLS * _spacing(path):
        return _none(
            f"{where} reflects, and elevation every {_spacing(path):.0f} m does not show how "
            "smooth it is",
            **figures,
        )
    if rough > allowed:
        return _none(
            f"{where} is rough by {rough:.1f} m, a mirror may be by {allowed:.2f} m "
            f"(λ/8 sin ψ, ψ = {math.degrees(grazing):.3f}°): it scatters",
            **figures,
        )
    factor = _factor(path, beam, low, high, rough)
    return Lobing(
        counted=True,
        gain_db=40.0 * math.log10(factor),
        factor=factor,
        reason=(
            f"{where} is smooth to {rough:.2f} m, allowed {allowed:.2f} m; bumps smaller than "
            f"the elevation's {_spacing(path):.0f} m are not known"
        ),
        **figures,
    )


def _none(reason: str, **figures: float) -> Lobing:
    return Lobing(counted=False, gain_db=0.0, factor=1.0, reason=reason, **figures)


def _spacing(path: SightPath) -> float:
    return path.info.resolution * MEAN_RADIUS


def _mirror(path: SightPath) -> tuple[Array, float, float, float] | None:
    """Fit the mirror: its samples, both ends' heights above it [m], its roughness [m]."""
    d, ground, far = path.distance, path.ground, path.ground_range
    antenna, wavelength = path.radar.height, path.radar.design.wavelength
    base, tilt = float(ground[0]), (float(ground[-1]) - float(ground[0])) / far
    for _ in range(ROUNDS):
        low, high = antenna - base, path.target - base - tilt * far
        if min(low, high) < LEAST_HEIGHT:
            return None
        at = float(
            reflection_point(
                np.asarray(far), np.asarray(low), np.asarray(high), path.effective_radius
            )
        )
        zone = _zone(d, at, far, low, high, wavelength)
        if int(zone.sum()) < LEAST_POINTS:
            return zone, low, high, math.nan
        tilt, base = (float(v) for v in np.polyfit(d[zone], ground[zone], 1))
    rough = float(np.std(ground[zone] - base - tilt * d[zone]))
    low, high = antenna - base, path.target - base - tilt * far
    return None if min(low, high) < LEAST_HEIGHT else (zone, low, high, rough)


def _zone(d: Array, at: float, far: float, low: float, high: float, wavelength: float) -> Array:
    """Mark the first Fresnel zone: via it, the way is longer by half a wave at most."""

    def way(x: Array) -> Array:
        return np.asarray(np.hypot(x, low) + np.hypot(far - x, high))

    inside = way(d) - float(way(np.asarray(at))) <= 0.5 * wavelength
    inside[[0, -1]] = False
    if not inside.any():
        inside[int(np.argmin(np.abs(d - at)))] = True
    return np.asarray(inside)


def _factor(path: SightPath, beam: Beam, low: float, high: float, rough: float) -> float:
    """Give F by both rays, round earth and roughness included."""
    design, radius = path.radar.design, path.effective_radius
    turn = path.ground_range / radius
    along, up = (radius + high) * math.sin(turn), (radius + high) * math.cos(turn) - radius - low

    def pattern(elevation: Array) -> Array:
        return np.asarray(10.0 ** (np.asarray(two_way_db(design, beam, elevation)) / 40.0))

    factor = propagation_factor(
        math.hypot(along, up),
        math.atan2(up, along),
        low,
        design.frequency,
        radius,
        vertical=design.polarisation == "vertical",
        roughness=rough,
        pattern=pattern,
    )
    return max(float(factor), LEAST_FACTOR)
