"""What a target's course means to a radar: its range rate, and whether a Doppler notch hides it.

A radar sees motion along the line of sight alone. Who walks across it has a range rate near zero
and falls into the notch that drops the ground's echo, however large and near he is.
"""

import math

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.path import SightPath
from steppewatch.sense.radar.design import Beam, RadarDesign
from steppewatch.sense.radar.response import blind_speed, signal_gain
from steppewatch.world.geodesy import MEAN_RADIUS

HALF = 0.5


def range_rate_on(path: SightPath, speed: float, course: float) -> float:
    """Give the range rate of level motion [m/s], opening positive.

    ``v cos(course − azimuth) cos(elevation)``, azimuth and elevation of the ray at the target.

    Args:
        path: The way to the target.
        speed: Over ground [m/s].
        course: Clockwise from north [rad].

    Raises:
        SenseError: The course or the speed is none.
    """
    if not (math.isfinite(course) and math.isfinite(speed) and speed >= 0.0):
        raise SenseError(
            f"course is {math.degrees(course):g}° at {speed:g} m/s, expected a course in degrees "
            "clockwise from north and a speed of 0 m/s or more"
        )
    upward = path.elevation + path.ground_range / (path.k * MEAN_RADIUS)
    return speed * math.cos(course - path.azimuth_end) * math.cos(upward)


def doppler_sentence(design: RadarDesign, beam: Beam, range_rate: float) -> str:
    """Say what Doppler processing makes of a range rate.

    Args:
        design: The radar.
        beam: The beam that sees the target.
        range_rate: [m/s].

    >>> from steppewatch.sense.radar.library import radar_design
    >>> radar = radar_design("ground-surveillance")
    >>> print(doppler_sentence(radar, radar.beams[0], 0.05))
    range rate +0.05 m/s: moving across the line of sight, the target lies in the Doppler notch \
(half the signal is left at 0.40 m/s), which takes 19.7 dB: the ground's filter hides it
    """
    said = f"range rate {round(range_rate, 2) + 0.0:+.2f} m/s"
    if not design.cancels(beam):
        return f"{said}: this beam does not filter by Doppler"
    gain = float(signal_gain(design, beam, range_rate))
    if gain > HALF:
        return (
            f"{said}: clear of the Doppler notch, {round(10.0 * math.log10(gain), 1) + 0.0:+.1f} dB"
        )
    loss = -10.0 * math.log10(gain)
    first = min(blind_speed(design, prf) for prf in beam.prf)
    if abs(range_rate) < HALF * first:
        half = f"half the signal is left at {_half_speed(design, beam, first):.2f} m/s"
        return (
            f"{said}: moving across the line of sight, the target lies in the Doppler notch "
            f"({half}), which takes {loss:.1f} dB: the ground's filter hides it"
        )
    blind = ", ".join(f"{blind_speed(design, prf):.1f}" for prf in dict.fromkeys(beam.prf))
    return f"{said}: near a blind speed (multiples of {blind} m/s), which takes {loss:.1f} dB"


def _half_speed(design: RadarDesign, beam: Beam, first: float) -> float:
    """Find where the filter leaves half the signal, above zero range rate [m/s]."""
    low, high = 0.0, HALF * first
    for _ in range(40):
        middle = 0.5 * (low + high)
        if float(signal_gain(design, beam, middle)) < HALF:
            low = middle
        else:
            high = middle
    return high
