"""Would two sites hear each other? Line of sight, Fresnel zone, diffraction, air, margin.

The ground between the sites is sampled as finely as the terrain is; the earth under it has the
effective radius of the air in the middle of the path. Diffraction is ITU-R P.526's
delta-Bullington, air P.676 and P.838, free space P.525. A path over unknown ground is no feasible
link: its loss is unknown, and stays so.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.provenance import SYNTHETIC
from steppewatch.sense.propagation.diffraction import DeltaBullington, delta_bullington
from steppewatch.sense.propagation.ground import find_ground
from steppewatch.sense.radio.station import Radio, Station
from steppewatch.world.atmosphere import (
    Atmosphere,
    rain_loss_db,
    site_atmosphere,
    specific_attenuation,
)
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.profile import profile
from steppewatch.world.terrain import Terrain, TerrainInfo

Array = NDArray[np.float64]

CLEAR = 0.6  # of the first Fresnel zone: what P.530 wants free, and P.526 takes for free space
SHORTEST, LONGEST = 50.0, 400_000.0  # [m]
FEWEST, MOST = 65, 8_193  # samples of the profile
GAS_NODES = 33  # along the ray
LEAST_STEP = 5.0  # [m]
GAS_FROM, RAIN_FROM = 100e6, 1e9  # [Hz]; below, they take nothing that counts
COARSE = 200.0  # [m] of terrain spacing from which ridges are smoothed away


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """Hold one link and the ground under it.

    Attributes:
        a: First end.
        b: Second end.
        radio: Equipment.
        atmosphere: Air in the middle of the path; its ``k`` bent the rays.
        terrain: What the ground was read from.
        distance: ``(n,)`` along the ground from a [m].
        ground: ``(n,)`` heights above the terrain's datum [m], NaN unknown.
        line: ``(n,)`` the bent ray, drawn over ground that keeps its own heights [m].
        zone: ``(n,)`` radius of the first Fresnel zone [m].
        slant: From antenna to antenna [m].
        line_of_sight: True when all ground between is known and below the ray.
        clearance: Smallest height of the ray above the ground [m]; negative inside a hill.
        clearance_at: Where that is [m from a].
        fresnel: Smallest clearance as a share of the zone's radius there.
        fresnel_at: Where that is [m from a].
        free_space_db: Loss in free space.
        diffraction: P.526's loss and its parts, NaN over unknown ground.
        gas_db: Loss in gas.
        rain_db: Loss in rain.
        unknown: ``(start, end)`` of the stretches without heights [m from a].
        notes: What a careful planner must know.
    """

    a: Station
    b: Station
    radio: Radio
    atmosphere: Atmosphere
    terrain: TerrainInfo
    distance: Array
    ground: Array
    line: Array
    zone: Array
    slant: float
    line_of_sight: bool
    clearance: float
    clearance_at: float
    fresnel: float
    fresnel_at: float
    free_space_db: float
    diffraction: DeltaBullington
    gas_db: float
    rain_db: float
    unknown: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]

    @property
    def clear(self) -> bool:
        """Say whether 60 % of the first Fresnel zone are free; never over unknown ground."""
        return not self.unknown and self.fresnel >= CLEAR

    @property
    def loss_db(self) -> float:
        """Give the whole loss between the antennas [dB], NaN when unknown."""
        diffraction = float(self.diffraction.loss_db)
        return self.free_space_db + diffraction + self.gas_db + self.rain_db

    @property
    def received_dbm(self) -> float:
        """Give the power at the receiver [dBm], NaN when unknown."""
        radio = self.radio
        return radio.power_dbm + radio.gain_a_db + radio.gain_b_db - radio.feeder_db - self.loss_db

    @property
    def margin_db(self) -> float:
        """Give the received power above the sensitivity [dB], NaN when unknown."""
        return self.received_dbm - self.radio.sensitivity_dbm

    @property
    def feasible(self) -> bool:
        """Say whether the margin reaches the reserve; never over unknown ground."""
        return self.margin_db >= self.radio.reserve_db

    @property
    def verdict(self) -> str:
        """Say in one line what to expect."""
        if self.unknown:
            return (
                "not feasible as planned: the ground is unknown on "
                f"{sum(end - start for start, end in self.unknown) / 1e3:.1f} km of the path"
            )
        how = "in sight and clear" if self.clear else "in sight, Fresnel zone not clear"
        if not self.line_of_sight:
            how = "hidden, over the ridge by diffraction"
        if self.feasible:
            return f"feasible: {how}, {self.margin_db:.1f} dB of margin"
        return (
            f"not feasible: {how}, margin {self.margin_db:.1f} dB is below the "
            f"{self.radio.reserve_db:g} dB asked for"
        )


def link(
    terrain: Terrain,
    a: Station,
    b: Station,
    radio: Radio,
    *,
    k: float | None = None,
    rain_percent: float | None = None,
    atmosphere: Atmosphere | None = None,
) -> Link:
    """Work out a link between two stations.

    Args:
        terrain: Ground heights.
        a: First end.
        b: Second end.
        radio: Equipment.
        k: Effective earth radius factor; the air's own when None. Below 1 for the bad hours.
        rain_percent: Rain exceeded for this part of an average year [%]; None for dry.
        atmosphere: Air of the path; made for its middle, mean of the year, when None.

    Raises:
        SenseError: The ends are too near or too far apart, or a figure is out of range.
    """
    _check(k, rain_percent)
    info = terrain.describe()
    distance, ground, middle = _sample(terrain, a, b, info.resolution * MEAN_RADIUS)
    low, high = ground[0] + a.mast, ground[-1] + b.mast
    if atmosphere is None:
        level = float(np.nanmean(ground)) if np.isfinite(ground).any() else 0.0
        atmosphere = site_atmosphere(*middle, max(level, 0.0), k=k, rain_percent=rain_percent)
    far = float(distance[-1])
    radius = atmosphere.k * MEAN_RADIUS
    rest = far - distance
    line = (low * rest + high * distance) / far - distance * rest / (2.0 * radius)
    zone = np.sqrt(radio.wavelength * distance * rest / far)
    clearance, clearance_at = _least((line - ground)[1:-1], distance[1:-1])
    fresnel, fresnel_at = _least(((line - ground)[1:-1] / zone[1:-1]), distance[1:-1])
    rise = float(high - low)
    slant = math.hypot(far, rise) if math.isfinite(rise) else far
    angle = math.atan2(rise, far) - far / (2.0 * radius) if math.isfinite(rise) else math.nan
    unknown = _unknown(distance, ground)
    return Link(
        a=a,
        b=b,
        radio=radio,
        atmosphere=atmosphere,
        terrain=info,
        distance=distance,
        ground=ground,
        line=line,
        zone=zone,
        slant=slant,
        line_of_sight=not unknown and clearance > 0.0,
        clearance=clearance,
        clearance_at=clearance_at,
        fresnel=fresnel,
        fresnel_at=fresnel_at,
        free_space_db=20.0 * math.log10(4.0 * math.pi * slant / radio.wavelength),
        diffraction=delta_bullington(
            distance,
            ground,
            low,
            high,
            radio.wavelength,
            radius,
            vertical=radio.vertical,
            ground=find_ground(radio.ground),
        ),
        gas_db=_gas(atmosphere, radio.frequency, distance, line),
        rain_db=_rain(atmosphere, radio, float(low), slant, angle),
        unknown=unknown,
        notes=_notes(info, distance, unknown, radio, atmosphere),
    )


def _sample(
    terrain: Terrain, a: Station, b: Station, spacing: float
) -> tuple[Array, Array, tuple[float, float]]:
    """Read the ground between the ends: distances, heights, and the middle place [rad]."""
    ends = a.lat, a.lon, b.lat, b.lon
    far = float(profile(terrain, *ends, 2).distance[0, -1])
    if not SHORTEST <= far <= LONGEST:
        raise SenseError(
            f"the stations are {far / 1e3:.3f} km apart, expected {SHORTEST / 1e3:g} to "
            f"{LONGEST / 1e3:g} km; are longitude and latitude in their order?"
        )
    step = max(spacing, LEAST_STEP) if math.isfinite(spacing) else COARSE
    count = min(max(math.ceil(far / step) + 1, FEWEST), MOST)
    found = profile(terrain, *ends, count)
    middle = count // 2
    return (
        found.distance[0],
        found.heights[0].astype(float),
        (float(found.lat[0, middle]), float(found.lon[0, middle])),
    )


def _least(values: Array, distance: Array) -> tuple[float, float]:
    """Find the smallest known value and where it is; NaN when none is known."""
    if not np.isfinite(values).any():
        return math.nan, math.nan
    at = int(np.nanargmin(values))
    return float(values[at]), float(distance[at])


def _gas(atmosphere: Atmosphere, frequency: float, distance: Array, line: Array) -> float:
    """Add up what gas takes along the ray [dB]: P.676 at the ray's own heights."""
    if frequency < GAS_FROM or not np.isfinite(line).all():
        return 0.0 if frequency < GAS_FROM else math.nan
    at = np.linspace(0.0, float(distance[-1]), GAS_NODES)
    temperature, pressure, vapour = atmosphere.profile(np.interp(at, distance, line))
    dry = pressure - vapour * temperature / 216.7
    specific = specific_attenuation(frequency, temperature, dry, vapour)
    return float(np.sum(0.5 * (specific[1:] + specific[:-1]) * np.diff(at)) / 1e3)


def _rain(
    atmosphere: Atmosphere, radio: Radio, antenna: float, slant: float, angle: float
) -> float:
    """Give the loss in rain [dB]; NaN when an end's height is unknown."""
    if not math.isfinite(antenna + angle):
        return math.nan
    if radio.frequency < RAIN_FROM:
        return 0.0
    tilt = 0.5 * math.pi if radio.vertical else 0.0
    return float(rain_loss_db(atmosphere, radio.frequency, antenna, slant, angle, tilt))


def _unknown(distance: Array, ground: Array) -> tuple[tuple[float, float], ...]:
    """List the stretches of a path without heights, each from known sample to known sample."""
    missing = np.isnan(ground)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False])).astype(np.int8)))
    last = len(distance) - 1
    return tuple(
        (float(distance[max(first - 1, 0)]), float(distance[min(after, last)]))
        for first, after in zip(edges[::2], edges[1::2], strict=True)
    )


def _notes(
    info: TerrainInfo,
    distance: Array,
    unknown: tuple[tuple[float, float], ...],
    radio: Radio,
    atmosphere: Atmosphere,
) -> tuple[str, ...]:
    said = [
        f"the ground is unknown from {start / 1e3:.2f} to {end / 1e3:.2f} km: add elevation there "
        "(steppewatch world add), or move a site"
        for start, end in unknown[:5]
    ]
    if info.synthetic:
        said.append(SYNTHETIC)
    spacing = info.resolution * MEAN_RADIUS
    if spacing >= COARSE:
        said.append(
            f"terrain every {spacing:.0f} m smooths ridges and valleys away: sites on low ground "
            "look better than they are; check on elevation of 30 m before building"
        )
    step = float(distance[1])
    if step > 1.5 * spacing:
        said.append(f"the path was sampled every {step:.0f} m, coarser than its terrain")
    if radio.frequency < RAIN_FROM and atmosphere.rain_rate > 0.0:
        said.append("below 1 GHz rain is left out: it takes nothing that counts")
    return tuple(said) + info.notes


def _check(k: float | None, rain_percent: float | None) -> None:
    if k is not None and not 0.3 <= k <= 20.0:
        raise SenseError(
            f"k is {k:g}, expected 0.3 to 20; leave it out for the site's own, or try 0.8 for the "
            "hours in which the ray bends up"
        )
    if rain_percent is not None and not 0.001 <= rain_percent <= 5.0:
        raise SenseError(
            f"rain percentage is {rain_percent:g} %, expected 0.001 to 5 % of an average year; "
            "0.01 is custom"
        )
