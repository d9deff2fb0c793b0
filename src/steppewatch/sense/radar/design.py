"""What a radar is, wherever it stands: power, antenna, beam schedule, receiver, processing, errors.

One frozen record in SI and radians. Losses and gains keep the trade's decibels and say so in
their names. A design that cannot exist (a dwell longer than the turn leaves, an ambiguous range,
a Pfa of 0) is refused when it is made, with the figure, what is allowed, and the remedy.
"""

import math
from dataclasses import dataclass

from steppewatch.errors import SenseError
from steppewatch.records import SensorKind

LIGHT = 299_792_458.0  # [m/s]
TURN = 2.0 * math.pi
NOT_MEASURED = math.nan
LEAST_CELLS = 4  # fewer reference cells know no noise
MTD_PULSES = 3  # fewer make no filter bank
DWELL_SLACK = 1.02  # share of the beam's passing time that the schedule may fill

PATTERNS = ("pencil", "fan", "csc2")
POLARISATIONS = ("horizontal", "vertical", "circular")
DOPPLER = ("none", "mti", "mtd")
KINDS = {
    "radar-3d": SensorKind.RADAR_3D,
    "radar-2d": SensorKind.RADAR_2D,
    "ground-radar": SensorKind.GROUND_RADAR,
}

# field → smallest, greatest, unit
LIMITS: dict[str, tuple[float, float, str]] = {
    "frequency": (1e8, 1e11, "Hz"),
    "peak_power": (1e-3, 1e8, "W"),
    "max_duty": (1e-5, 1.0, "as a share"),
    "bandwidth": (1e4, 2e9, "Hz"),
    "tx_gain_db": (0.0, 60.0, "dBi"),
    "rx_gain_db": (0.0, 60.0, "dBi"),
    "azimuth_width": (1e-3, TURN, "rad"),
    "sidelobe_db": (-70.0, -10.0, "dB"),
    "tilt": (-0.6, 1.0, "rad"),
    "elevation_min": (-math.pi / 2, math.pi / 2, "rad"),
    "elevation_max": (-math.pi / 2, math.pi / 2, "rad"),
    "scan_period": (0.05, 120.0, "s"),
    "sector_start": (0.0, TURN, "rad"),
    "sector_width": (0.01, TURN + 1e-9, "rad"),
    "noise_figure_db": (0.0, 30.0, "dB"),
    "antenna_loss_db": (0.0, 10.0, "dB"),
    "transmit_loss_db": (0.0, 20.0, "dB"),
    "receive_loss_db": (0.0, 20.0, "dB"),
    "beam_shape_loss_db": (0.0, 10.0, "dB"),
    "scanning_loss_db": (0.0, 10.0, "dB"),
    "filter_loss_db": (0.0, 10.0, "dB"),
    "field_loss_db": (0.0, 20.0, "dB"),
    "pfa": (1e-12, 1e-2, ""),
    "cfar_cells": (0.0, 1024.0, "cells"),
    "canceller_order": (0.0, 3.0, "delays"),
    "stability_db": (10.0, 100.0, "dB"),
    "min_speed": (0.0, 100.0, "m/s"),
    "min_range": (0.0, 1e5, "m"),
    "max_range": (100.0, 1e6, "m"),
    "sigma_range": (0.01, 10_000.0, "m"),
    "sigma_azimuth": (1e-6, 0.5, "rad"),
    "sigma_elevation": (1e-6, 0.5, "rad"),
    "sigma_range_rate": (1e-3, 100.0, "m/s"),
    "false_alarms": (0.0, 1e5, "per scan"),
    "nominal_pd": (0.01, 1.0, ""),
    "mast": (0.0, 300.0, "m"),
    "secondary_probability": (0.0, 1.0, ""),
    "secondary_range": (0.0, 1e6, "m"),
}
MAY_BE_NAN = {"sigma_elevation", "sigma_range_rate"}
WHOLE = {"cfar_cells", "canceller_order"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """Describe one elevation beam of the schedule.

    Attributes:
        centre: Elevation of its maximum, before the antenna's tilt [rad].
        width: One-way 3 dB width in elevation [rad].
        tx_change_db: Gain on transmit against the antenna's peak [dB], 0 or less.
        rx_change_db: On receive [dB].
        pulses: Pulses of one coherent interval.
        intervals: Coherent intervals whose powers are summed.
        prf: Pulse repetition frequencies, taken by the intervals in turn [Hz]; a canceller
            staggers them from pulse to pulse.
        pulse_width: Of the transmitted pulse [s]; of a continuous radar the sweep.
        group: Beams of one group share their pulses (stacked on receive).
    """

    centre: float
    width: float
    tx_change_db: float = 0.0
    rx_change_db: float = 0.0
    pulses: int
    intervals: int
    prf: tuple[float, ...]
    pulse_width: float
    group: int

    @property
    def dwell(self) -> float:
        """Give how long the schedule stays on this beam [s]."""
        return sum(self.pulses / self.prf[i % len(self.prf)] for i in range(self.intervals))


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarDesign:
    """Hold every figure of one radar class.

    Attributes:
        name: What people call the class.
        note: What it is and is not.
        kind: What it measures.
        frequency: Carrier [Hz].
        peak_power: Transmitter output [W].
        max_duty: Greatest share of time that the transmitter can be on.
        bandwidth: Of the (compressed) pulse [Hz]; range resolution is c/2B.
        continuous: Transmits and receives at once by two antennas: nothing is eclipsed.
        polarisation: ``horizontal``, ``vertical`` or ``circular``.
        tx_gain_db: Peak gain on transmit [dBi].
        rx_gain_db: Peak gain on receive [dBi].
        azimuth_width: One-way 3 dB width [rad].
        pattern: Shape in elevation: ``pencil`` beams, one ``fan``, or ``csc2``.
        sidelobe_db: Floor of the one-way pattern against its peak [dB].
        tilt: Of the antenna, up positive [rad].
        elevation_min: Lower edge of the coverage [rad].
        elevation_max: Upper edge; a csc² pattern is shaped up to it [rad].
        beams: The schedule.
        scan_period: Between two looks at one target [s].
        staring: True when it steps or stares electronically instead of turning.
        sector_start: Where the covered sector begins, clockwise from true north [rad].
        sector_width: Its width [rad].
        noise_figure_db: Of the receiver [dB].
        antenna_loss_db: Ohmic loss of the antenna [dB].
        transmit_loss_db: Line from transmitter to antenna [dB].
        receive_loss_db: Line from antenna to receiver [dB]; enters the noise temperature.
        beam_shape_loss_db: Target not on the beam's centre in azimuth during the dwell [dB].
        scanning_loss_db: Beam moved between transmission and reception, or steered off [dB].
        filter_loss_db: Receiver not matched to the pulse, weighting, range straddling [dB].
        field_loss_db: Wear and tear between two services [dB].
        pfa: False-alarm probability of one decision in one resolution cell.
        cfar_cells: Reference cells of the threshold; 0 for a threshold that knows the noise.
        doppler: ``none``, ``mti`` (canceller) or ``mtd`` (filter bank over an interval).
        canceller_order: Delays of the canceller, 1 to 3; 0 without.
        stability_db: Best improvement against clutter that the hardware allows [dB].
        min_speed: Range rate at which the zero-Doppler notch halves the signal [m/s].
        min_range: Closest measurable slant range [m].
        max_range: Instrumented slant range of the primary radar [m].
        sigma_range: Floor of the standard deviation of range [m].
        sigma_azimuth: Of azimuth [rad].
        sigma_elevation: Of elevation [rad]; NaN when not measured.
        sigma_range_rate: Of range rate [m/s]; NaN when not measured.
        false_alarms: Mean number of false plots per scan after plot extraction.
        nominal_pd: What the tracker may expect in the clear for a target it is made for.
        mast: Antenna above ground, by default [m].
        secondary_probability: Of one reply to the interrogator in sight; 0 without one.
        secondary_range: Greatest slant range of the interrogator [m].
        sources: Pairs of figure and where it is published, or ``assumed``.
    """

    name: str
    note: str = ""
    kind: SensorKind
    frequency: float
    peak_power: float
    max_duty: float
    bandwidth: float
    continuous: bool = False
    polarisation: str
    tx_gain_db: float
    rx_gain_db: float
    azimuth_width: float
    pattern: str
    sidelobe_db: float
    tilt: float = 0.0
    elevation_min: float
    elevation_max: float
    beams: tuple[Beam, ...]
    scan_period: float
    staring: bool = False
    sector_start: float = 0.0
    sector_width: float = TURN
    noise_figure_db: float
    antenna_loss_db: float
    transmit_loss_db: float
    receive_loss_db: float
    beam_shape_loss_db: float
    scanning_loss_db: float
    filter_loss_db: float
    field_loss_db: float
    pfa: float
    cfar_cells: int
    doppler: str
    canceller_order: int = 0
    stability_db: float
    min_speed: float
    min_range: float
    max_range: float
    sigma_range: float
    sigma_azimuth: float
    sigma_elevation: float = NOT_MEASURED
    sigma_range_rate: float = NOT_MEASURED
    false_alarms: float
    nominal_pd: float
    mast: float
    secondary_probability: float = 0.0
    secondary_range: float = 0.0
    sources: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a radar that cannot exist."""
        for field, (low, high, unit) in LIMITS.items():
            value = getattr(self, field)
            if math.isnan(value) and field in MAY_BE_NAN:
                continue
            if not low <= value <= high:
                raise SenseError(
                    f"radar {self.name!r}: {field} is {value:g} {unit}, "
                    f"expected {low:g} to {high:g}".replace("  ", " ")
                )
        for field, known in (
            ("pattern", PATTERNS),
            ("polarisation", POLARISATIONS),
            ("doppler", DOPPLER),
        ):
            if getattr(self, field) not in known:
                self._refuse(field, repr(getattr(self, field)), f"one of {', '.join(known)}")
        self._check_edges()
        self._check_schedule()

    @property
    def wavelength(self) -> float:
        """Give the wavelength [m]."""
        return LIGHT / self.frequency

    @property
    def dwell(self) -> float:
        """Give the time in which the beam passes a target in azimuth [s]."""
        return min(self.azimuth_width / self.sector_width, 1.0) * self.scan_period

    def reach(self, beam: Beam) -> float:
        """Give the range up to which a beam is unambiguous and its echo comes in whole [m]."""
        echo = 0.0 if self.continuous else beam.pulse_width
        return 0.5 * LIGHT * (1.0 / max(beam.prf) - echo)

    def cancels(self, beam: Beam) -> bool:
        """Say whether a beam has pulses enough for the Doppler processing."""
        if self.doppler == "mti":
            return beam.pulses > self.canceller_order
        return self.doppler == "mtd" and beam.pulses >= MTD_PULSES

    def coherent_gain(self, beam: Beam) -> float:
        """Give how many pulses a filter bank sums in phase before the detector."""
        return float(beam.pulses) if self.doppler == "mtd" and self.cancels(beam) else 1.0

    def summed(self, beam: Beam) -> int:
        """Give how many powers the detector sums: the n of the detection curve."""
        if not self.cancels(beam):
            return beam.pulses * beam.intervals
        if self.doppler == "mti":
            return (beam.pulses - self.canceller_order) * beam.intervals
        return beam.intervals

    def _check_edges(self) -> None:
        if self.min_range >= self.max_range:
            self._refuse(
                "min_range", f"{self.min_range:g} m", f"less than max_range ({self.max_range:g} m)"
            )
        if self.elevation_min >= self.elevation_max:
            self._refuse(
                "elevation_min",
                f"{self.elevation_min:g} rad",
                f"less than elevation_max ({self.elevation_max:g} rad)",
            )
        if 0 < self.cfar_cells < LEAST_CELLS:
            self._refuse("cfar_cells", f"{self.cfar_cells} cells", f"0, or {LEAST_CELLS} to 1024")
        if self.kind is SensorKind.RADAR_3D and math.isnan(self.sigma_elevation):
            self._refuse(
                "sigma_elevation",
                "nan rad",
                "more than 0, because a 3-D radar measures elevation",
            )
        lowest = min((b.centre + 0.5 * b.width for b in self.beams), default=1.0) + self.tilt
        if self.pattern == "csc2" and lowest <= 0.0:
            self._refuse(
                "tilt",
                f"{self.tilt:g} rad",
                "one that leaves the upper edge of the beam "
                "above the horizontal, where the cosecant begins",
            )
        if self.doppler == "mti" and self.canceller_order < 1:
            self._refuse("canceller_order", "0 delays", "1 to 3 for a canceller (doppler mti)")

    def _check_schedule(self) -> None:
        if not self.beams:
            self._refuse("beams", "empty", "at least one beam")
        busy: dict[int, float] = {}
        for number, beam in enumerate(self.beams, 1):
            key = f"beam {number}"
            if beam.pulses < 1 or beam.intervals < 1 or not beam.prf or min(beam.prf) <= 0.0:
                self._refuse(
                    key,
                    f"{beam.pulses} × {beam.intervals} pulses at {beam.prf} Hz",
                    "at least one pulse, one interval and one PRF above 0",
                )
            if not 0.0 < beam.width < math.pi or beam.pulse_width <= 0.0:
                self._refuse(
                    key,
                    f"{beam.width:g} rad wide, pulse {beam.pulse_width:g} s",
                    "a width of 0 to 3.14 rad and a pulse longer than 0",
                )
            duty = beam.pulse_width * max(beam.prf)
            if duty > self.max_duty * (1.0 + 1e-9):
                self._refuse(
                    key,
                    f"a duty of {duty:.3g} ({beam.pulse_width:g} s at {max(beam.prf):g} Hz)",
                    f"{self.max_duty:g} or less: shorten the pulse or lower the PRF",
                )
            busy[beam.group] = max(busy.get(beam.group, 0.0), beam.dwell)
        total = sum(busy.values())
        if total > self.dwell * DWELL_SLACK:
            self._refuse(
                "beams",
                f"{total * 1e3:.1f} ms for all beams",
                f"{self.dwell * 1e3:.1f} ms or less, the time in which the beam passes a "
                "target: fewer pulses, a slower turn or a wider beam",
            )
        farthest = max(self.reach(beam) for beam in self.beams)
        if farthest < self.max_range:
            self._refuse(
                "max_range",
                f"{self.max_range / 1e3:g} km",
                f"{farthest / 1e3:.1f} km or less: beyond that every beam is ambiguous "
                "in range; lower the PRF or max_range",
            )

    def _refuse(self, field: str, found: str, expected: str) -> None:
        raise SenseError(f"radar {self.name!r}: {field} is {found}, expected {expected}")
