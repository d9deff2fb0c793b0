"""Online registration: what each sensor's range, azimuth, elevation and clock are off by."""

from steppewatch.fuse.registration.correct import correct
from steppewatch.fuse.registration.evidence import Evidence, Plotted, gather
from steppewatch.fuse.registration.learn import learn
from steppewatch.fuse.registration.observe import Observed, observe
from steppewatch.fuse.registration.report import (
    Drifting,
    SensorBias,
    as_json,
    drifting,
    lines,
    report,
)
from steppewatch.fuse.registration.state import RegistrationState, admit, empty

__all__ = [
    "Drifting",
    "Evidence",
    "Observed",
    "Plotted",
    "RegistrationState",
    "SensorBias",
    "admit",
    "as_json",
    "correct",
    "drifting",
    "empty",
    "gather",
    "learn",
    "lines",
    "observe",
    "report",
]
