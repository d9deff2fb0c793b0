"""What a radar looks at: moving bodies with a radar cross section, as one batch of arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import TargetClass

# Median radar cross section at microwave frequencies [m²]. Skolnik, Introduction to Radar Systems
# (2nd ed. 1980), table 2.2: man 1, bird 0.01, automobile 100, small single-engine aircraft 1,
# four-passenger jet 2. The others are assumed; docs/sense.md says why.
TYPICAL_RCS: dict[TargetClass, float] = {
    TargetClass.UNKNOWN: 1.0,
    TargetClass.WALKER: 1.0,
    TargetClass.RIDER: 3.0,
    TargetClass.VEHICLE: 100.0,
    TargetClass.AIRCRAFT: 2.0,
    TargetClass.HELICOPTER: 3.0,
    TargetClass.SMALL_DRONE: 0.01,
    TargetClass.BIRD: 0.01,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Hold n bodies, each at the moment when the beam looks at it.

    Attributes:
        time_ns: ``(n,)`` int64, moment of each row [ns UTC].
        position: ``(n, 3)`` ECEF [m].
        velocity: ``(n, 3)`` ECEF [m/s].
        rcs: ``(n,)`` mean radar cross section [m²].
        height: ``(n,)`` what its altimeter would report (Mode C) [m]; NaN without transponder.
        mode_s: ``(n,)`` uint32, 24-bit aircraft address; 0 without transponder.
        mode_3a: ``(n,)`` int32, −1 without transponder.
        callsign: ``(n,)`` ``S8``, empty when none.
    """

    time_ns: NDArray[np.int64]
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    rcs: NDArray[np.float64]
    height: NDArray[np.float64]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]

    def __len__(self) -> int:
        """Count the bodies."""
        return len(self.time_ns)
