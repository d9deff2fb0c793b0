"""The ground's own echo: clutter to noise over land, beam and range, and what the filter leaves.

The ground in a target's cell, ``A = R θ/1.33 · c/2B / cos ψ``, reflects ``σ⁰ = γ sin ψ`` a square
metre (Barton, *Modern Radar System Analysis* (1988), §3.6: γ of −20 dB for flat dry land to −5 dB
for mountains and towns, nearly the same from L to Ku band). Ground that is seen at all is seldom
seen flatter than by a third of a degree: slopes that face the radar make the echo. Its spectrum
is Gaussian: wind in the growth, and the turning of the antenna. A canceller improves signal against
it by 2x², 2x⁴ or 4x⁶/3 with ``x = PRF/2πσ_f`` (Skolnik, *Introduction to Radar Systems*, 3rd ed.,
§3.7); a filter bank, and any canceller, by no more than the hardware's stability.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.sense.radar import kernels
from steppewatch.sense.radar.ambiguity import LIGHT
from steppewatch.sense.radar.antenna import two_way_db
from steppewatch.sense.radar.design import Beam, RadarDesign
from steppewatch.sense.radar.detection import Array
from steppewatch.sense.radar.path import Path
from steppewatch.world.landcover import LandCover

# γ [dB]: Barton 1988, §3.6, for desert, farmland, wooded hills, mountains and towns; the others
# are assumed between or below them.
GAMMA_DB = {
    LandCover.STEPPE: -17.0,
    LandCover.DESERT: -20.0,
    LandCover.GRASS: -17.0,
    LandCover.SHRUB: -15.0,
    LandCover.FARM: -15.0,
    LandCover.FOREST: -10.0,
    LandCover.MOUNTAIN: -5.0,
    LandCover.URBAN: -5.0,
    LandCover.WATER: -40.0,
    LandCover.SNOW: -20.0,
}
LEAST_GRAZING = math.radians(0.3)  # assumed; gives farmland −38 dB, as Billingsley's low relief
BEAM_LOSS = 1.33  # two-way Gaussian beam against its 3 dB width (Barton 1988, §3.6)
WIND_SPREAD = 0.22  # [m/s] wooded hills in 20 knots: Barlow, Proc. IRE 37 (1949), 340
SCANNING = 0.265  # σ_f = 0.265 PRF/n for a Gaussian beam and n pulses in it (Skolnik, §3.7)


def reflectivity_db(land: LandCover, grazing: ArrayLike) -> Array:
    """Give the mean σ⁰ of ground [dB m²/m²].

    Args:
        land: What covers it.
        grazing: Angle between ray and ground [rad], any shape; held at a third of a degree.

    >>> round(float(reflectivity_db(LandCover.FARM, math.radians(30.0))), 2)
    -18.01
    """
    angle = np.clip(np.asarray(grazing, float), LEAST_GRAZING, 0.5 * math.pi)
    return np.asarray(GAMMA_DB[land] + 10.0 * np.log10(np.sin(angle)))


def clutter_table(design: RadarDesign, beams: Array, path: Path, mast: float) -> Array:
    """Tabulate clutter to noise before the filter [dB].

    Args:
        design: The radar.
        beams: ``(b, COLUMNS)`` beam table, as for ``kernels.best_beams``.
        path: Ranges and gas.
        mast: Antenna above the ground round it [m].

    Returns:
        ``(l, b, r)`` for each :class:`LandCover`, beam and range of ``path``.
    """
    ranges = path.ranges
    down = np.arcsin(np.minimum(max(mast, 1.0) / ranges, 1.0))
    cell = ranges * design.azimuth_width / BEAM_LOSS * 0.5 * LIGHT / design.bandwidth / np.cos(down)
    columns = (-down - path.elevations[0]) / (path.elevations[1] - path.elevations[0])
    gas = [kernels.bilinear(path.loss, float(i), float(y)) for i, y in enumerate(columns)]
    away = -40.0 * np.log10(ranges) - np.array(gas) + design.beam_shape_loss_db
    table = np.empty((len(LandCover), len(beams), len(ranges)))
    for index, beam in enumerate(design.beams):
        row = beams[index]
        cut = np.zeros(len(ranges))
        if row[kernels.BLIND] > 0.0:
            cut = np.minimum(20.0 * np.log10(ranges / row[kernels.BLIND]), 0.0)
        seen = row[kernels.CONSTANT] + two_way_db(design, beam, -down) + away + cut
        for land in LandCover:
            table[land, index] = seen + reflectivity_db(land, down) + 10.0 * np.log10(cell)
    return table


def clutter_spread(design: RadarDesign, prf: float) -> float:
    """Give the standard deviation of the ground's spectrum [Hz]."""
    wind = 2.0 * WIND_SPREAD / design.wavelength
    scanning = 0.0 if design.staring else SCANNING / design.dwell
    return min(math.hypot(wind, scanning), prf)


def improvement_db(design: RadarDesign, beam: Beam) -> float:
    """Give how much a beam's filter improves signal against ground, averaged over speeds [dB].

    >>> from steppewatch.sense.radar.library import radar_design
    >>> radar = radar_design("gap-filler")
    >>> improvement_db(radar, radar.beams[0])
    50.0
    """
    if not design.cancels(beam):
        return 0.0
    if design.doppler == "mtd":
        return design.stability_db
    prf = sum(beam.prf) / len(beam.prf)
    x = prf / (2.0 * math.pi * clutter_spread(design, prf))
    order = design.canceller_order
    ratio = {1: 2.0 * x**2, 2: 2.0 * x**4, 3: 4.0 / 3.0 * x**6}[order]
    return -10.0 * math.log10(1.0 / ratio + 10.0 ** (-design.stability_db / 10.0))
