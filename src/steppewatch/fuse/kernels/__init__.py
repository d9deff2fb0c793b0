"""The tracker's inner loops: interacting models in ECEF, measured in a sensor's own coordinates.

A track is several hypotheses of how it moves (:mod:`~steppewatch.fuse.kernels.motion`). A plot is
five numbers, range, azimuth, elevation, range rate and reported height, of which NaN ones were
not measured (:mod:`~steppewatch.fuse.kernels.sense`). No loop allocates: scratch arrays come from
the caller.
"""

from steppewatch.fuse.kernels.gating import gate_pairs
from steppewatch.fuse.kernels.motion import (
    A2,
    B2,
    FASTEST2,
    MODELS,
    drift,
    merge_models,
    outward,
    roaming,
    step_models,
)
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
from steppewatch.fuse.kernels.updating import fold_rates, report_tracks, update_tracks

__all__ = [
    "A2",
    "B2",
    "FASTEST2",
    "LOG_TWO_PI",
    "MEASURED",
    "MODELS",
    "NS",
    "TWO_PI",
    "drift",
    "fold",
    "fold_rates",
    "gate_pairs",
    "height_row",
    "hold_height",
    "merge_models",
    "observe",
    "outward",
    "report_tracks",
    "roaming",
    "step_models",
    "update_tracks",
]
