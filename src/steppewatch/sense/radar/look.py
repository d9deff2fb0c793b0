"""One look: what a radar at its place makes of targets at given range, elevation and motion.

Coverage maps, link budgets and the simulator ask this one function, so that what is planned is
what is simulated. Terrain comes in as arrays: whether a target is in sight, what diffraction
takes, whether the ground behind it is in sight and gives clutter.

The range rate decides what the Doppler processing leaves. Where it is given (the simulator), it is
used; where only a speed is given (a map), the probability is the mean over all headings of a
target at low elevation, which is the mean of what the simulator then draws. The beam of the
schedule with the greatest margin decides; no credit is taken for a second beam seeing the same
target in the same scan.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError
from steppewatch.sense.radar import kernels
from steppewatch.sense.radar.curve import DetectionCurve, detection_curve
from steppewatch.sense.radar.design import Beam, RadarDesign
from steppewatch.sense.radar.detection import Array, threshold
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.measure import (
    sigma_angle,
    sigma_range,
    sigma_range_rate,
)
from steppewatch.sense.radar.response import signal_gain

HEADINGS = 90  # midpoints over a quarter turn
HEADING_STEP_DB = 0.1
MARGIN_DB = 0.1
NOTCH_DB = 40.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """Hold what a radar makes of n targets; arrays have the broadcast shape of the arguments.

    Attributes:
        snr_db: Signal to noise of each summed power, before Doppler [dB]; NaN outside the
            instrumented coverage.
        cnr_db: Clutter to noise that the filter leaves [dB]; −inf where no ground is in sight.
        sinr_db: Signal to noise and clutter, after Doppler where the range rate is given [dB].
        pd: Probability of detection in one scan; 0 outside the coverage or out of sight, NaN
            where an argument is NaN.
        beam: Index of the deciding beam; −1 for none.
        summed: Powers that the detector sums; 0 for none.
        sigma_range: Standard deviation of a plot's range [m].
        sigma_azimuth: Of azimuth [rad].
        sigma_elevation: Of elevation [rad]; NaN when not measured.
        sigma_range_rate: Of range rate [m/s]; NaN when not measured.
    """

    snr_db: Array
    cnr_db: Array
    sinr_db: Array
    pd: Array
    beam: NDArray[np.int64]
    summed: NDArray[np.int64]
    sigma_range: Array
    sigma_azimuth: Array
    sigma_elevation: Array
    sigma_range_rate: Array


def look(
    radar: EmplacedRadar,
    slant_range: ArrayLike,
    elevation: ArrayLike,
    *,
    rcs: ArrayLike = 1.0,
    swerling: int = 1,
    range_rate: ArrayLike | None = None,
    speed: float | None = None,
    visible: ArrayLike = True,
    clutter_visible: ArrayLike = False,
    land: ArrayLike | None = None,
    diffraction_db: ArrayLike = 0.0,
    multipath_db: ArrayLike = 0.0,
) -> Look:
    """Say how well a radar sees targets in one scan.

    Args:
        radar: Where it stands.
        slant_range: Slant range [m]; all arrays are broadcast.
        elevation: Apparent elevation at the antenna [rad].
        rcs: Mean radar cross section [m²].
        swerling: How it fluctuates, 0 to 4.
        range_rate: True range rate [m/s], opening positive; None when not known.
        speed: Speed of targets of unknown heading [m/s]; ignored when the range rate is known.
            When neither is given, targets move clear of every notch.
        visible: Whether a target is in sight, or reached by diffraction.
        clutter_visible: Whether the ground in the target's own cell is in sight.
        land: ``LandCover`` of that ground; the site's own when None.
        diffraction_db: One-way loss over edges [dB], counted twice.
        multipath_db: Two-way gain of lobing, 40 log₁₀ F [dB].

    Raises:
        SenseError: A section, speed or fluctuation that no target has.
    """
    given = (slant_range, elevation, rcs, diffraction_db, multipath_db, range_rate)
    arrays = [np.asarray(np.nan if a is None else a, float) for a in given]
    masks = [np.asarray(a) for a in (visible, clutter_visible, -1 if land is None else land)]
    shape = np.broadcast_shapes(*(a.shape for a in (*arrays, *masks)))
    slant, up, section, diffraction, multipath, rate = (_flat(a, shape) for a in arrays)
    _check(section, speed)
    with np.errstate(divide="ignore"):
        gain = 10.0 * np.log10(section) - 2.0 * diffraction + multipath
    n = slant.size
    snr, cnr, sinr, pd = (np.empty(n) for _ in range(4))
    beam = np.empty(n, np.int64)
    kernels.best_beams(
        slant, up, gain, _ground(radar, masks[1], masks[2], shape), radar.beams, radar.order,
        radar.design.sidelobe_db, radar.path.loss, radar.path.grid, radar.clutter, radar.limits,
        snr, cnr, sinr, beam,
    )  # fmt: skip
    if range_rate is not None:
        sinr += 10.0 * np.log10(_gain(radar.design, beam, rate))
    table = chance_table(radar.design, swerling, None if range_rate is not None else speed)
    kernels.interpolate_rows(sinr, beam, table.pd, table.first_db, table.step_db, pd)
    pd *= np.broadcast_to(masks[0].astype(bool), shape).ravel()
    unknown = np.isnan(slant) | np.isnan(up) | np.isnan(gain)
    pd[unknown | (np.isnan(rate) & (range_rate is not None))] = np.nan
    summed = np.where(beam >= 0, radar.summed[beam], 0)
    errors = np.empty((4, n))
    kernels.plot_errors(sinr, beam, *_error_terms(radar.design), errors)
    return Look(
        snr_db=snr.reshape(shape),
        cnr_db=cnr.reshape(shape),
        sinr_db=sinr.reshape(shape),
        pd=pd.reshape(shape),
        beam=beam.reshape(shape),
        summed=summed.reshape(shape),
        sigma_range=errors[0].reshape(shape),
        sigma_azimuth=errors[1].reshape(shape),
        sigma_elevation=errors[2].reshape(shape),
        sigma_range_rate=errors[3].reshape(shape),
    )


def probability(
    radar: EmplacedRadar,
    one: Look,
    *,
    rcs: ArrayLike,
    swerling: int = 1,
    speed: float | None = None,
    visible: ArrayLike = True,
) -> Array:
    """Give Pd for another class of targets at the places of a look at 1 m², quickly.

    The deciding beam does not depend on the section, so a map looks once and asks for each class.

    Args:
        radar: The same radar.
        one: Its look at 1 m², without a range rate.
        rcs: Mean radar cross section of the class [m²].
        swerling: How it fluctuates, 0 to 4.
        speed: Its speed [m/s], for the mean over headings; None for clear of every notch.
        visible: Whether a target is in sight; broadcast.

    Returns:
        As ``look(…).pd`` with these arguments.
    """
    section = np.asarray(rcs, float)
    _check(section, speed)
    shape = one.pd.shape
    with np.errstate(divide="ignore"):
        sinr = np.ascontiguousarray(one.sinr_db + 10.0 * np.log10(section)).ravel()
    table = chance_table(radar.design, swerling, speed)
    pd = np.empty(sinr.size)
    kernels.interpolate_rows(sinr, one.beam.ravel(), table.pd, table.first_db, table.step_db, pd)
    pd = pd.reshape(shape) * np.asarray(visible, bool)
    return np.asarray(np.where(np.isnan(one.pd), np.nan, pd))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChanceTable:
    """Hold Pd over signal to noise and clutter, a row for each beam of a design.

    Attributes:
        first_db: First abscissa [dB].
        step_db: Step [dB].
        pd: ``(b, m)``.
    """

    first_db: float
    step_db: float
    pd: Array


@cache
def chance_table(design: RadarDesign, swerling: int, speed: float | None) -> ChanceTable:
    """Tabulate Pd for the beams of a design, averaged over headings when a speed is given.

    Args:
        design: The radar.
        swerling: Fluctuation, 0 to 4.
        speed: Speed over ground [m/s]; None for a signal after Doppler, or clear of it.
    """
    curves = [detection_curve(design.summed(beam), design.pfa, swerling) for beam in design.beams]
    first = min(curve.first_db for curve in curves) - MARGIN_DB
    last = max(curve.first_db + curve.step_db * len(curve.pd) for curve in curves) + MARGIN_DB
    step = curves[0].step_db
    if speed is not None:
        # A mean over headings has long flanks: the deeper the notch, the later it fills.
        last, step = last + NOTCH_DB, HEADING_STEP_DB
    grid = np.arange(first, last, step)
    rows: dict[tuple[int, tuple[float, ...], int, bool], Array] = {}
    table = []
    for curve, beam in zip(curves, design.beams, strict=True):
        key = (design.summed(beam), beam.prf, beam.intervals, design.cancels(beam))
        if key not in rows:
            rows[key] = _chance(design, beam, curve, grid, speed)
        table.append(rows[key])
    return ChanceTable(first_db=float(first), step_db=step, pd=np.ascontiguousarray(table))


def _chance(
    design: RadarDesign, beam: Beam, curve: DetectionCurve, grid: Array, speed: float | None
) -> Array:
    if speed is None or not design.cancels(beam):
        return curve.at(grid)
    angles = (np.arange(HEADINGS) + 0.5) * (0.5 * np.pi / HEADINGS)
    gain_db = 10.0 * np.log10(signal_gain(design, beam, speed * np.cos(angles)))
    return np.asarray(np.mean([curve.at(grid + gain) for gain in gain_db], axis=0))


def _check(section: Array, speed: float | None) -> None:
    if section.size and np.nanmin(section, initial=np.inf) < 0.0:
        raise SenseError(
            f"rcs is {np.nanmin(section):g} m², expected 0 or more; give dBsm as 10 ** (dBsm / 10)"
        )
    if speed is not None and not 0.0 <= speed <= 10_000.0:
        raise SenseError(f"speed is {speed:g} m/s, expected 0 to 10000")


def _flat(array: Array, shape: tuple[int, ...]) -> Array:
    return np.ascontiguousarray(np.broadcast_to(array, shape)).ravel()


def _ground(
    radar: EmplacedRadar, seen: NDArray[Any], land: NDArray[Any], shape: tuple[int, ...]
) -> NDArray[np.int64]:
    """Give the row of the clutter table for each target, −1 where no ground is in sight."""
    row = np.where(land < 0, radar.land, land)
    row = np.where(seen.astype(bool), row, -1).astype(np.int64)
    return np.ascontiguousarray(np.broadcast_to(row, shape)).ravel()


def _gain(design: RadarDesign, beam: NDArray[np.int64], rate: Array) -> Array:
    """Give the Doppler gain of each target in its own beam (power ratio)."""
    gain = np.ones(len(rate))
    for index in np.unique(beam[beam >= 0]):
        rows = beam == index
        gain[rows] = signal_gain(design, design.beams[index], rate[rows])
    return gain


@cache
def _error_terms(design: RadarDesign) -> tuple[Array, Array, Array, Array]:
    """Give, for ``kernels.plot_errors``, powers, least signal, scales and floors of a design."""
    summed = [design.summed(beam) for beam in design.beams]
    half = 0.5  # 2 SNR = 1
    scales = [
        (
            float(sigma_range(design.bandwidth, half)),
            float(sigma_angle(design.azimuth_width, half)),
            float(sigma_angle(beam.width, half)),
            float(sigma_range_rate(design.wavelength, beam.pulses / beam.prf[0], half)),
        )
        for beam in design.beams
    ]
    floors = (
        design.sigma_range,
        design.sigma_azimuth,
        design.sigma_elevation,
        design.sigma_range_rate,
    )
    least = [threshold(design.pfa, n) - n for n in summed]
    return np.array(summed, float), np.array(least), np.array(scales), np.array(floors)
