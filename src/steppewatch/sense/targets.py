"""What a radar looks at: classes of bodies with their radar cross sections, and batches of them.

A class gives its mean section in five bands, because a walker at L band is not a walker at Ku
band. Sections between bands are interpolated (decibels over the logarithm of frequency); beyond
the outer bands the nearest holds. Aspect is averaged, and Swerling's case 1 stands for it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import SenseError
from steppewatch.records import TargetClass
from steppewatch.written import expected_name

BANDS = ("L", "S", "C", "X", "Ku")
BAND_FREQUENCY = (1.3e9, 3.0e9, 5.5e9, 9.4e9, 16.5e9)  # [Hz]

SKOLNIK = "Skolnik, Introduction to Radar Systems, 2nd ed. (1980), table 2.2"
SCHULTZ = (
    "L to X: geometric middle of Schultz, Burgener & King, Proc. IRE 46 (1958), 476-481, as in "
    "Skolnik, 2nd ed., §2.7; Ku assumed as X"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetModel:
    """Describe one class of bodies to a radar.

    Attributes:
        name: Short name.
        target: Its class in tracks and scores.
        rcs: Mean radar cross section in L, S, C, X and Ku band [m²].
        swerling: How it fluctuates.
        speed: Usual speed over ground [m/s].
        low: Usual height band above ground, lower edge [m].
        high: Upper edge [m].
        rcs_source: Where the sections are published, or ``assumed``.
        other_source: The same of speed and heights.
    """

    name: str
    target: TargetClass
    rcs: tuple[float, float, float, float, float]
    swerling: int = 1
    speed: float
    low: float
    high: float
    rcs_source: str
    other_source: str = "assumed"

    def section(self, frequency: float) -> float:
        """Give the mean radar cross section at a frequency [m²].

        >>> round(target_model("walker").section(9.4e9), 2)
        0.78
        """
        decibels = np.interp(
            math.log(frequency), np.log(BAND_FREQUENCY), 10.0 * np.log10(np.array(self.rcs))
        )
        return float(10.0 ** (decibels / 10.0))


TARGETS: dict[str, TargetModel] = {
    model.name: model
    for model in (
        TargetModel(
            name="walker",
            target=TargetClass.WALKER,
            rcs=(0.31, 0.38, 0.83, 0.78, 0.78),
            speed=1.3,
            low=0.5,
            high=2.0,
            rcs_source=SCHULTZ,
        ),
        TargetModel(
            name="rider",
            target=TargetClass.RIDER,
            rcs=(1.5, 2.0, 2.5, 3.0, 3.0),
            speed=2.8,
            low=1.0,
            high=2.5,
            rcs_source="assumed: a horse beside a man",
        ),
        TargetModel(
            name="4x4",
            target=TargetClass.VEHICLE,
            rcs=(30.0, 50.0, 80.0, 100.0, 100.0),
            speed=11.0,
            low=0.5,
            high=2.5,
            rcs_source=f"X: automobile, {SKOLNIK}; other bands assumed",
        ),
        TargetModel(
            name="truck",
            target=TargetClass.VEHICLE,
            rcs=(60.0, 100.0, 150.0, 200.0, 200.0),
            speed=14.0,
            low=0.5,
            high=4.0,
            rcs_source=f"X: pickup truck, {SKOLNIK}; other bands assumed",
        ),
        TargetModel(
            name="light-aircraft",
            target=TargetClass.AIRCRAFT,
            rcs=(1.0, 1.0, 1.0, 1.0, 1.0),
            speed=50.0,
            low=50.0,
            high=4_000.0,
            rcs_source=f"small single-engine aircraft, {SKOLNIK}",
        ),
        TargetModel(
            name="helicopter",
            target=TargetClass.HELICOPTER,
            rcs=(3.0, 3.0, 3.0, 3.0, 3.0),
            speed=55.0,
            low=10.0,
            high=2_000.0,
            rcs_source="assumed: between small aircraft and jet",
        ),
        TargetModel(
            name="small-drone",
            target=TargetClass.SMALL_DRONE,
            rcs=(0.005, 0.01, 0.01, 0.01, 0.02),
            speed=14.0,
            low=20.0,
            high=500.0,
            rcs_source=(
                "Ku: within -8.1 to -19.1 dBsm measured of five drones at 24 GHz, IEICE Comm. "
                "Express 9 (2020) 7, 262-267; other bands assumed smaller"
            ),
        ),
        TargetModel(
            name="bird",
            target=TargetClass.BIRD,
            rcs=(0.01, 0.01, 0.01, 0.01, 0.01),
            speed=14.0,
            low=5.0,
            high=2_000.0,
            rcs_source=f"bird, {SKOLNIK}",
        ),
        TargetModel(
            name="airliner",
            target=TargetClass.AIRCRAFT,
            rcs=(40.0, 40.0, 40.0, 40.0, 40.0),
            speed=235.0,
            low=3_000.0,
            high=12_500.0,
            rcs_source=f"large jet airliner, {SKOLNIK}",
        ),
        TargetModel(
            name="jet",
            target=TargetClass.AIRCRAFT,
            rcs=(4.0, 4.0, 4.0, 4.0, 4.0),
            speed=210.0,
            low=100.0,
            high=12_000.0,
            rcs_source=f"assumed: between four-passenger jet (2) and large fighter (6), {SKOLNIK}",
        ),
    )
}


def target_model(name: str) -> TargetModel:
    """Find a class of targets by name.

    Raises:
        SenseError: There is none of that name; the message names the closest.
    """
    if name not in TARGETS:
        raise SenseError(f"target is {name!r}, expected {expected_name(name, tuple(TARGETS))}")
    return TARGETS[name]


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
