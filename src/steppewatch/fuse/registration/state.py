"""What registration remembers: the biases of all sensors together, in units of their prior doubt.

Five numbers per sensor: range offset [m], range gain [1], azimuth or north mark [rad], elevation
[rad], time stamp [s]; what a sensor reports minus what is true. The filter works on each number
divided by its prior σ, so that one covariance without units holds metres, radians and seconds,
and "how much has the geometry shown?" is read from it directly.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.records import Sensor, SensorKind, record
from steppewatch.world.geodesy import local_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PARTS = ("range", "gain", "azimuth", "elevation", "time")
B = len(PARTS)
EPOCHS = 3

# One σ of what an unregistered sensor may be off, and of its drift in one √s.
PRIOR = np.array((300.0, 0.0, math.radians(1.0), math.radians(0.5), 1.0))
WALK = np.array((0.05, 1e-7, math.radians(1.5e-4), math.radians(3e-4), 1e-4))
GAIN_PRIOR = 1e-3
# Known well enough to be believed without any inflation of the sensor's own noise.
TARGET = np.array((10.0, 1e-4, math.radians(0.03), math.radians(0.05), 0.05))
FALLBACK = (100.0, math.radians(0.3), math.radians(0.5))


@record("registration_state")
@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationState:
    """Hold the biases of s sensors and the evidence that waits to be taken in.

    Attributes:
        origin: ``(s, 3)`` ECEF of each sensor [m]; rotation: ``(s, 3, 3)`` ECEF → its ENU.
        noise: ``(s, 3)`` variances of range [m²], azimuth and elevation [rad²].
        period: ``(s,)`` scan period [s].
        absolute: ``(s,)`` bool, it gives places (ECEF), not range and angles; idle: ``(s,)`` bool,
            it gives no places at all and takes no part.
        prior: ``(s, 5)`` prior σ of each bias; 0: not estimated (true by definition, or the
            sensor does not measure it).
        mean: ``(5s,)`` biases over ``prior``; cov: ``(5s, 5s)`` its covariance.
        epoch_ns: ``(3,)`` when each set of corrections came into force, the newest first.
        applied: ``(3, s, 5)`` those corrections [m, 1, rad, rad, s].
        doubt: ``(3, s, 5)`` variances that were added to the sensor's noise with them.
        middle, outer: ``(k,)`` sensors of the waiting pairs (:mod:`.evidence`).
        gap: ``(k, 3)``, spread: ``(k, 3, 3)``, partial: ``(k, 3, 10)`` of them.
        settled_ns: When evidence was last taken in, 0 for never.
        taken_ns: ``(s,)`` int64, when each sensor last gave evidence.
        used, refused: ``(s,)`` int64, pairs taken in and refused as foreign, so far.
        fit: ``(s,)`` running mean of normalised squared residuals, 1 where σ tells the truth.
        pull: ``(s, 5)`` running mean of the squared, normalised movement of each bias, 1 where it
            only moves as its covariance allows.
        reopened: ``(s,)`` int64, how often its biases were forgotten because nothing fitted.
        suspect: ``(s,)`` bool, it was told that this sensor drifts, and it still does.
    """

    origin: NDArray[np.float64]
    rotation: NDArray[np.float64]
    noise: NDArray[np.float64]
    period: NDArray[np.float64]
    absolute: NDArray[np.bool_]
    idle: NDArray[np.bool_]
    prior: NDArray[np.float64]
    mean: NDArray[np.float64]
    cov: NDArray[np.float64]
    epoch_ns: NDArray[np.int64]
    applied: NDArray[np.float64]
    doubt: NDArray[np.float64]
    middle: NDArray[np.int64]
    outer: NDArray[np.int64]
    gap: NDArray[np.float64]
    spread: NDArray[np.float64]
    partial: NDArray[np.float64]
    settled_ns: int
    taken_ns: NDArray[np.int64]
    used: NDArray[np.int64]
    refused: NDArray[np.int64]
    fit: NDArray[np.float64]
    pull: NDArray[np.float64]
    reopened: NDArray[np.int64]
    suspect: NDArray[np.bool_]

    def __len__(self) -> int:
        """Count the sensors."""
        return len(self.period)


def empty(sensors: Sequence[Sensor] = (), *, gain: bool = False) -> RegistrationState:
    """Make the state of sensors about which nothing has been learnt.

    Args:
        sensors: In the order of the tracker's columns.
        gain: Estimate a range gain too (radars whose clock is off; rarely observable).
    """
    state = RegistrationState(
        origin=np.zeros((0, 3)),
        rotation=np.zeros((0, 3, 3)),
        noise=np.zeros((0, 3)),
        period=np.zeros(0),
        absolute=np.zeros(0, bool),
        idle=np.zeros(0, bool),
        prior=np.zeros((0, B)),
        mean=np.zeros(0),
        cov=np.zeros((0, 0)),
        epoch_ns=np.zeros(EPOCHS, np.int64),
        applied=np.zeros((EPOCHS, 0, B)),
        doubt=np.zeros((EPOCHS, 0, B)),
        middle=np.zeros(0, np.int64),
        outer=np.zeros(0, np.int64),
        gap=np.zeros((0, 3)),
        spread=np.zeros((0, 3, 3)),
        partial=np.zeros((0, 3, 2 * B)),
        settled_ns=0,
        taken_ns=np.zeros(0, np.int64),
        used=np.zeros(0, np.int64),
        refused=np.zeros(0, np.int64),
        fit=np.ones(0),
        pull=np.ones((0, B)),
        reopened=np.zeros(0, np.int64),
        suspect=np.zeros(0, bool),
    )
    for sensor in sensors:
        state = admit(state, sensor, len(state), gain=gain)
    return state


def admit(
    state: RegistrationState, sensor: Sensor, column: int, *, gain: bool = False
) -> RegistrationState:
    """Take in a sensor, or its changed description, as number ``column``.

    What was learnt about a known sensor stays, as long as it measures the same things.
    """
    frame = local_frame(sensor.lat, sensor.lon, sensor.height)
    sigma = (sensor.sigma_range, sensor.sigma_azimuth, sensor.sigma_elevation)
    noise = np.array([fair(s, f) ** 2 for s, f in zip(sigma, FALLBACK, strict=True)])
    prior = prior_of(sensor, gain=gain)
    if column < len(state):
        return dataclasses.replace(
            state,
            origin=swapped(state.origin, column, frame.origin),
            rotation=swapped(state.rotation, column, frame.rotation),
            noise=swapped(state.noise, column, noise),
            period=swapped(state.period, column, np.asarray(sensor.scan_period)),
        )
    cov = np.eye(len(state.mean) + B)
    cov[:-B, :-B] = state.cov
    blank = np.zeros((EPOCHS, 1, B))
    return dataclasses.replace(
        state,
        origin=np.vstack((state.origin, frame.origin)),
        rotation=np.concatenate((state.rotation, frame.rotation[None])),
        noise=np.vstack((state.noise, noise)),
        period=np.append(state.period, sensor.scan_period),
        absolute=np.append(state.absolute, sensor.kind == SensorKind.REPORTS),
        idle=np.append(state.idle, sensor.kind == SensorKind.CAMERA),
        prior=np.vstack((state.prior, prior)),
        mean=np.append(state.mean, np.zeros(B)),
        cov=cov,
        applied=np.concatenate((state.applied, blank), axis=1),
        doubt=np.concatenate((state.doubt, blank), axis=1),
        taken_ns=np.append(state.taken_ns, 0),
        used=np.append(state.used, 0),
        refused=np.append(state.refused, 0),
        fit=np.append(state.fit, 1.0),
        pull=np.vstack((state.pull, np.ones(B))),
        reopened=np.append(state.reopened, 0),
        suspect=np.append(state.suspect, False),
    )


def prior_of(sensor: Sensor, *, gain: bool) -> NDArray[np.float64]:
    """Give the prior σ ``(5,)`` of a sensor's biases; 0 for what it has not or is trusted in."""
    if sensor.kind in (SensorKind.REPORTS, SensorKind.CAMERA):
        return np.zeros(B)
    prior = PRIOR.copy()
    if gain:
        prior[1] = GAIN_PRIOR
    if not math.isfinite(sensor.sigma_elevation):
        prior[3] = 0.0
    return prior


def swapped(
    array: NDArray[np.float64], row: int, value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give a copy with one row changed."""
    out = np.array(array)
    out[row] = value
    return out


def fair(value: float, otherwise: float) -> float:
    """Give a usable standard deviation."""
    return value if math.isfinite(value) and value > 0.0 else otherwise
