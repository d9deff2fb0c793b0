"""The radar equation, with every term in sight.

    SNR = E G_t G_r λ² σ / ((4π)³ k T_s R⁴ L)

with the transmitted energy of one pulse E = P τ, and the system noise temperature T_s at the
antenna's terminals (Blake, *A Guide to Basic Pulse-Radar Maximum-Range Calculation*, NRL Report
6930, 1969, ch. 2; Skolnik, *Introduction to Radar Systems*, 3rd ed., §2.1). The energy form
holds for any pulse, compressed or not, received by a matched filter; what the filter lacks is a
loss.
"""

import dataclasses
import functools
import math

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import SenseError
from steppewatch.sense.radar.cfar import cfar_loss_db
from steppewatch.sense.radar.design import Beam, RadarDesign
from steppewatch.sense.radar.detection import Array, required_snr
from steppewatch.sense.radar.noise import beam_noise

BOLTZMANN = 1.380649e-23  # [J/K]
REFERENCE_PD = 0.5
FOUR_PI_CUBED_DB = 30.0 * math.log10(4.0 * math.pi)


def signal_to_noise_db(
    *,
    energy: float,
    tx_gain_db: float,
    rx_gain_db: float,
    wavelength: float,
    rcs: ArrayLike,
    slant_range: ArrayLike,
    noise_temperature: float,
    loss_db: float,
) -> Array:
    """Give the signal-to-noise ratio of one pulse [dB].

    Args:
        energy: Transmitted energy of the pulse [J].
        tx_gain_db: Gain towards the target on transmit [dBi].
        rx_gain_db: On receive [dBi].
        wavelength: Wavelength [m].
        rcs: Radar cross section [m²], any shape.
        slant_range: Slant range [m], broadcast.
        noise_temperature: System noise temperature at the antenna's terminals [K].
        loss_db: All losses together [dB].

    >>> snr = signal_to_noise_db(
    ...     energy=1.5e6 * 0.2e-6, tx_gain_db=45.0, rx_gain_db=45.0, wavelength=299792458 / 5.6e9,
    ...     rcs=0.1, slant_range=85_816.0, noise_temperature=290.0 * 10**0.3, loss_db=0.0)
    >>> round(float(snr), 2)
    20.0
    """
    constant = (
        10.0 * math.log10(energy / (BOLTZMANN * noise_temperature))
        + tx_gain_db
        + rx_gain_db
        + 20.0 * math.log10(wavelength)
        - FOUR_PI_CUBED_DB
        - loss_db
    )
    spread = 10.0 * np.log10(np.asarray(rcs, float)) - 40.0 * np.log10(
        np.asarray(slant_range, float)
    )
    return np.asarray(constant + spread)


def losses_db(design: RadarDesign, beam: Beam) -> tuple[tuple[str, float], ...]:
    """List the losses that divide the signal, each with its name [dB].

    The receiving line is not among them: it raises the noise temperature (Blake 1969, ch. 5).
    """
    return (
        ("transmit line", design.transmit_loss_db),
        ("beam shape", design.beam_shape_loss_db),
        ("scanning", design.scanning_loss_db),
        ("filter and straddling", design.filter_loss_db),
        ("CFAR", detector_loss_db(design, beam)),
        ("field degradation", design.field_loss_db),
    )


def detector_loss_db(design: RadarDesign, beam: Beam) -> float:
    """Give the loss of a threshold that learns the noise from its neighbours [dB].

    Taken at the nominal probability for Swerling 1; it varies by tenths of a decibel with both.
    """
    if design.cfar_cells == 0:
        return 0.0
    return float(
        _cfar_loss_db(design.cfar_cells, design.nominal_pd, design.pfa, design.summed(beam))
    )


def beam_constant_db(design: RadarDesign, beam: Beam, sky_loss_db: float = 0.0) -> float:
    """Give a beam's signal-to-noise ratio for 1 m² at 1 m on its axis in free space [dB].

    Counts the coherent sum of a filter bank; ``sky_loss_db`` is the gas between the antenna and
    space, which shines.
    """
    return float(
        signal_to_noise_db(
            energy=design.peak_power * beam.pulse_width * design.coherent_gain(beam),
            tx_gain_db=design.tx_gain_db + beam.tx_change_db,
            rx_gain_db=design.rx_gain_db + beam.rx_change_db,
            wavelength=design.wavelength,
            rcs=1.0,
            slant_range=1.0,
            noise_temperature=beam_noise(design, sky_loss_db).system,
            loss_db=sum(loss for _, loss in losses_db(design, beam)),
        )
    )


def reference_range(design: RadarDesign) -> float:
    """Give the range where 1 m² is seen every second time in the clear [m].

    Swerling 1, on the axis of the best beam, moving, no gas, no clutter, no eclipsing.
    """
    best = max(
        beam_constant_db(design, beam)
        - 10.0 * math.log10(required_snr(REFERENCE_PD, design.summed(beam), design.pfa, 1))
        for beam in design.beams
    )
    return float(10.0 ** (best / 40.0))


def with_reference_range(design: RadarDesign, wanted: float) -> RadarDesign:
    """Give the radar the power that puts its :func:`reference_range` at ``wanted`` [m].

    Raises:
        SenseError: No transmitter has that power.
    """
    power = design.peak_power * (wanted / reference_range(design)) ** 4
    try:
        return dataclasses.replace(design, peak_power=power)
    except SenseError as error:
        raise SenseError(
            f"radar {design.name!r}: reference range is {wanted / 1e3:g} km, expected one that a "
            f"possible transmitter reaches ({error})"
        ) from error


@functools.cache
def _cfar_loss_db(cells: int, pd: float, pfa: float, n: int) -> float:
    return cfar_loss_db(cells, min(pd, 0.99), pfa, n)
