"""The tracker's inner loops: interacting models in ECEF, measured in a sensor's own coordinates.

A track is several hypotheses of how it moves (:mod:`~steppewatch.fuse.kernels.motion`). A plot is
five numbers, range, azimuth, elevation, range rate and reported height, of which NaN ones were
not measured (:mod:`~steppewatch.fuse.kernels.sense`). No loop allocates: scratch arrays come from
the caller.
"""

from steppewatch.fuse.kernels.gating import gate_pairs
from steppewatch.fuse.kernels.motion import A2, B2, drift, outward, step_models
from steppewatch.fuse.kernels.sense import (
    LOG_TWO_PI,
    MEASURED,
    NS,
    TWO_PI,
    fold,
    height_row,
    hold_height,
    observe,
)
from steppewatch.fuse.kernels.updating import report_tracks, update_tracks

__all__ = [
    "A2",
    "B2",
    "LOG_TWO_PI",
    "MEASURED",
    "NS",
    "TWO_PI",
    "drift",
    "fold",
    "gate_pairs",
    "height_row",
    "hold_height",
    "observe",
    "outward",
    "report_tracks",
    "step_models",
    "update_tracks",
]
