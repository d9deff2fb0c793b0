"""Fit a beam schedule to another turn."""

import dataclasses

from steppewatch.sense.radar.design import RadarDesign


def with_scan_period(design: RadarDesign, period: float) -> RadarDesign:
    """Let a radar turn at another rate; a faster turn leaves fewer pulses for each beam.

    Args:
        design: The radar.
        period: Wanted scan period [s].

    Raises:
        SenseError: The beams do not fit even with one pulse each.
    """
    ratio = min(period / design.scan_period, 1.0)
    beams = tuple(
        dataclasses.replace(beam, pulses=max(1, int(beam.pulses * ratio))) for beam in design.beams
    )
    return dataclasses.replace(design, scan_period=period, beams=beams)
