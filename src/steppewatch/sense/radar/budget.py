"""The link budget of one look, line by line, so that a pocket calculator can check it.

Lines marked ``adds`` are decibels whose sum is the signal to noise of one summed power; the lines
after them say what integration, clutter and Doppler make of it. Formula and source stand beside
each value. The numbers are those of :func:`steppewatch.sense.radar.look.look`: same beam, same
tables.
"""

import math
from dataclasses import dataclass

from steppewatch.errors import SenseError
from steppewatch.sense.radar import kernels
from steppewatch.sense.radar.antenna import two_way_db
from steppewatch.sense.radar.design import LIGHT, Beam
from steppewatch.sense.radar.detection import required_snr, threshold
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.equation import BOLTZMANN, FOUR_PI_CUBED_DB, losses_db
from steppewatch.sense.radar.look import Look, look
from steppewatch.sense.radar.noise import beam_noise
from steppewatch.sense.radar.path import sky_loss_db
from steppewatch.sense.radar.response import signal_gain

BLAKE = "Blake, NRL Report 6930 (1969)"
DESIGN = "design"
RAD = 180.0 / math.pi


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """Hold one line.

    Attributes:
        name: What it is.
        value: Its value, in ``unit``.
        unit: Unit, ``dB…`` for lines that add.
        formula: How it comes about, with numbers.
        source: The design's source, a paper, or ``place``.
        adds: True when it is a term of the signal to noise.
    """

    name: str
    value: float
    unit: str
    formula: str
    source: str
    adds: bool = False


def budget(
    radar: EmplacedRadar,
    slant_range: float,
    elevation: float,
    *,
    rcs: float,
    rcs_source: str = "given",
    swerling: int = 1,
    range_rate: float | None = None,
    speed: float | None = None,
    visible: bool = True,
    clutter_visible: bool = False,
    land: int | None = None,
    diffraction_db: float = 0.0,
    multipath_db: float = 0.0,
) -> tuple[BudgetLine, ...]:
    """Write the link budget of one target.

    Args:
        radar: Where it stands.
        slant_range: Slant range [m].
        elevation: Apparent elevation at the antenna [rad].
        rcs: Mean radar cross section [m²].
        rcs_source: Where that is published.
        swerling: How it fluctuates, 0 to 4.
        range_rate: True range rate [m/s]; None when not known.
        speed: Speed, for the mean over headings [m/s]; None for clear of every notch.
        visible: Whether the target is in sight, or reached by diffraction.
        clutter_visible: Whether the ground in its cell is in sight.
        land: ``LandCover`` of that ground; the site's own when None.
        diffraction_db: One-way loss over edges [dB].
        multipath_db: Two-way gain of lobing [dB].

    Returns:
        Lines in the order of the radar equation; the sum of those that add is the line
        ``signal to noise, one power``.

    Raises:
        SenseError: The target lies outside the instrumented coverage.
    """
    one = look(
        radar, slant_range, elevation, rcs=rcs, swerling=swerling, range_rate=range_rate,
        speed=speed, visible=visible, clutter_visible=clutter_visible, land=land,
        diffraction_db=diffraction_db, multipath_db=multipath_db,
    )  # fmt: skip
    index = int(one.beam)
    if index < 0:
        low, high, down, up = radar.limits
        raise SenseError(
            f"radar {radar.design.name!r}: a target at {slant_range / 1e3:g} km and "
            f"{elevation * RAD:.2f}° is outside its coverage, expected {low / 1e3:g} to "
            f"{high / 1e3:g} km and {down * RAD:.1f}° to {up * RAD:.1f}°"
        )
    beam = radar.design.beams[index]
    terms = (
        *_radar_terms(radar, beam, index, elevation),
        *_path_terms(radar, beam, slant_range, elevation, rcs, rcs_source),
        _term("terrain: diffraction", -2.0 * diffraction_db, "dB",
              f"−2 × {diffraction_db:g}", "ITU-R P.526"),
        _term("ground: multipath lobing", multipath_db, "dB", "40 log F", "two rays"),
        *_noise_terms(radar, beam),
    )  # fmt: skip
    total = sum(line.value for line in terms)
    return (
        *terms,
        _line("signal to noise, one power", total, "dB", "sum of the lines above", BLAKE),
        *_outcome(radar, beam, one, swerling, range_rate, speed, visible),
        *_errors(one),
    )


def _line(name: str, value: float, unit: str, formula: str, source: str) -> BudgetLine:
    return BudgetLine(
        name=name, value=float(value) + 0.0, unit=unit, formula=formula, source=source
    )


def _term(name: str, value: float, unit: str, formula: str, source: str) -> BudgetLine:
    return BudgetLine(
        name=name, value=float(value) + 0.0, unit=unit, formula=formula, source=source, adds=True
    )


def _db(value: float) -> float:
    return 10.0 * math.log10(value)


def _radar_terms(
    radar: EmplacedRadar, beam: Beam, index: int, elevation: float
) -> tuple[BudgetLine, ...]:
    d, said = radar.design, dict(radar.design.sources)
    schedule = said.get(f"beam {index + 1}", DESIGN)
    gain = d.coherent_gain(beam)
    pattern = float(two_way_db(d, beam, elevation))
    return (
        _term("transmit power", _db(d.peak_power), "dBW", f"10 log {d.peak_power:g} W",
              said.get("peak_power", DESIGN)),
        _term("pulse length", _db(beam.pulse_width), "dBs",
              f"10 log {beam.pulse_width:g} s, beam {index + 1}", schedule),
        _term("coherent pulses", _db(gain), "dB", f"10 log {gain:g}", schedule),
        _term("antenna gain, transmit", d.tx_gain_db + beam.tx_change_db, "dBi",
              f"{d.tx_gain_db:g} {beam.tx_change_db:+g}", said.get("tx_gain_db", DESIGN)),
        _term("antenna gain, receive", d.rx_gain_db + beam.rx_change_db, "dBi",
              f"{d.rx_gain_db:g} {beam.rx_change_db:+g}", said.get("rx_gain_db", DESIGN)),
        _term("elevation pattern, two-way", pattern, "dB",
              f"{elevation * RAD:.3f}° on a beam at {(beam.centre + d.tilt) * RAD:.2f}°, "
              f"{beam.width * RAD:.2f}° wide", "Gaussian lobe, −12 (Δ/θ₃)² dB each way"),
        _term("wavelength", 2.0 * _db(d.wavelength), "dBm²", f"20 log {d.wavelength:.5f} m",
              said.get("frequency", DESIGN)),
        _term("sphere", -FOUR_PI_CUBED_DB, "dB", "−30 log 4π", BLAKE),
    )  # fmt: skip


def _path_terms(
    radar: EmplacedRadar, beam: Beam, slant: float, elevation: float, rcs: float, rcs_source: str
) -> tuple[BudgetLine, ...]:
    d, path = radar.design, radar.path
    x = (math.log10(slant) - path.grid[0]) / path.grid[1]
    y = (elevation - path.grid[2]) / path.grid[3]
    gas = float(kernels.bilinear(path.gas, x, y))
    rain = float(kernels.bilinear(path.loss, x, y)) - gas
    blind = 0.0 if d.continuous else 0.5 * LIGHT * beam.pulse_width
    cut = min(2.0 * _db(slant / blind), 0.0) if blind else 0.0
    air = "vacuum" if radar.atmosphere is None else radar.atmosphere.label
    return (
        _term("target", _db(rcs), "dBm²", f"10 log {rcs:g} m²", rcs_source),
        _term("range", -4.0 * _db(slant), "dB", f"−40 log {slant:.1f} m", "place"),
        _term("gas, two-way", -gas, "dB", air, "ITU-R P.676, along the bent ray"),
        _term("rain and cloud, two-way", -rain, "dB", air, "ITU-R P.838, P.840"),
        _term("eclipsing", cut, "dB", f"20 log of the share of {blind:.0f} m that is received",
              "matched filter on part of the pulse"),
    )  # fmt: skip


def _noise_terms(radar: EmplacedRadar, beam: Beam) -> tuple[BudgetLine, ...]:
    d, said = radar.design, dict(radar.design.sources)
    axis = beam.centre + d.tilt
    noise = beam_noise(d, sky_loss_db(d, radar.atmosphere, radar.height, axis))
    fields = {
        "transmit line": "transmit_loss_db", "beam shape": "beam_shape_loss_db",
        "scanning": "scanning_loss_db", "filter and straddling": "filter_loss_db",
        "CFAR": "cfar_cells", "field degradation": "field_loss_db",
    }  # fmt: skip
    return (
        _term("Boltzmann's constant", -_db(BOLTZMANN), "dBK/J", f"−10 log {BOLTZMANN:g}", "SI"),
        _term("noise temperature", -_db(noise.system), "dB/K",
              f"−10 log ({noise.antenna:.1f} antenna + {noise.line:.1f} line + "
              f"{noise.line_loss:.3f} × {noise.receiver:.1f} receiver = {noise.system:.1f} K)",
              BLAKE),
        *(
            _term(f"loss: {name}", -loss, "dB", f"−{loss:.3f}", said.get(fields[name], DESIGN))
            for name, loss in losses_db(d, beam)
        ),
    )  # fmt: skip


def _outcome(
    radar: EmplacedRadar,
    beam: Beam,
    one: Look,
    swerling: int,
    range_rate: float | None,
    speed: float | None,
    visible: bool,
) -> tuple[BudgetLine, ...]:
    d, n, left = radar.design, int(one.summed), float(one.cnr_db)
    needed = _db(required_snr(0.5, n, d.pfa, swerling))
    single = _db(required_snr(0.5, 1, d.pfa, swerling))
    clutter = -_db(1.0 + 10.0 ** (left / 10.0))
    if range_rate is not None:
        doppler, how = _db(float(signal_gain(d, beam, range_rate))), f"at {range_rate:g} m/s"
    else:
        doppler = 0.0
        how = "clear of the notch" if speed is None else f"averaged over headings at {speed:g} m/s"
    exact = f"square law, n = {n}, Pfa = {d.pfa:g}, Swerling {swerling}"
    return (
        _line("powers summed", n, "", f"{beam.pulses} pulses × {beam.intervals}, {d.doppler}",
              DESIGN),
        _line("gain of summing", single - needed, "dB", f"{single:.3f} − {needed:.3f} for Pd 0.5",
              "exact, Swerling 1960"),
        _line("threshold", threshold(d.pfa, n), "noise powers", exact, "exact"),
        _line("clutter to noise, filtered", left, "dB",
              f"improvement {float(radar.beams[int(one.beam)][kernels.IMPROVEMENT]):.1f} dB",
              "Barton 1988, §3.6; Skolnik, 3rd ed., §3.7"),
        _line("clutter", clutter, "dB", "−10 log (1 + clutter to noise)", "docs/sense.md"),
        _line("Doppler filter", doppler, "dB", how, "docs/sense.md"),
        _line("signal to noise and clutter", float(one.sinr_db), "dB",
              "signal to noise + clutter + Doppler", "sum"),
        _line("in sight", float(visible), "", "1 in sight, 0 hidden by terrain", "viewshed"),
        _line("probability of detection", float(one.pd), "", f"{exact}; {how}", "exact"),
    )  # fmt: skip


def _errors(one: Look) -> tuple[BudgetLine, ...]:
    rule = "Barton 1964, floors of the design"
    return (
        _line("σ range", float(one.sigma_range), "m", "max(floor, c / 2B √(2 SNR))", rule),
        _line("σ azimuth", float(one.sigma_azimuth) * RAD, "°", "max(floor, θ / 1.6 √(2 SNR))",
              rule),
        _line("σ elevation", float(one.sigma_elevation) * RAD, "°",
              "max(floor, θ / 1.6 √(2 SNR)); nan: not measured", rule),
        _line("σ range rate", float(one.sigma_range_rate), "m/s",
              "max(floor, λ / 2T √(2 SNR)); nan: not measured", rule),
    )  # fmt: skip
