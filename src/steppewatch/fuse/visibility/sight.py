"""The chance that a sensor sees a track at one look, by range, sector and Doppler alone.

A miss is evidence only as far as a hit was to be expected. :class:`Sight` says how far; the
tracker asks it at the predicted place of every track that a look might have seen. Edges are as
wide as the track's own doubt: a probability, never a step.
"""

import functools
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.visibility.kernels import nominal_chance
from steppewatch.records import Sensor
from steppewatch.world.geodesy import LocalFrame, local_frame

Array = NDArray[np.float64]

LEAST = 0.01  # maps and models err: nothing is quite unseen,
MOST = 0.98  # and nothing is surely seen
ASSUMED_PFA = 1e-6  # only the shape of the notch depends on it, and little
NO_DOUBT = np.empty((0, 6, 6))


class Sight(Protocol):
    """Tell how likely a sensor is to see targets in one look."""

    def chance(
        self,
        sensor: Sensor,
        position: Array,
        velocity: Array,
        cov: Array | None = None,
        above: Array | None = None,
    ) -> Array:
        """Give the probability of detection of each target ``(k,)``, in [0.01, 0.98].

        Args:
            sensor: Who looks.
            position: ``(k, 3)`` ECEF, predicted to the look [m].
            velocity: ``(k, 3)`` ECEF [m/s].
            cov: ``(k, 6, 6)`` covariance of both; None takes them as exact.
            above: ``(k, 2)`` height above ground [m] of targets that are taken to follow it, and
                its σ; NaN where a target is where ``position`` says, None where all are.
        """
        ...

    def above(self, position: Array) -> Array:
        """Give the height of places ``(k, 3)`` ECEF above ground ``(k,)`` [m]; NaN: unknown."""
        ...


class NominalSight:
    """Take a sensor at its word: its range, its sector, its notch, its nominal probability.

    A step of a sensor's range is a step of the answer only for a track whose place is exact.
    """

    def chance(
        self,
        sensor: Sensor,
        position: Array,
        velocity: Array,
        cov: Array | None = None,
        above: Array | None = None,
    ) -> Array:
        """Give the probability of detection of each target, see :meth:`Sight.chance`."""
        del above
        return np.clip(unobstructed(sensor, position, velocity, cov), LEAST, MOST)

    def above(self, position: Array) -> Array:
        """Give NaN: nothing is known of the ground."""
        return np.full(len(position), np.nan)


def unobstructed(
    sensor: Sensor,
    position: Array,
    velocity: Array,
    cov: Array | None = None,
    clear: Array | None = None,
    *,
    notched: bool = True,
) -> Array:
    """Give the probability ``(k,)`` of one look with nothing in between; 0 outside the coverage.

    Args:
        sensor: Who looks.
        position: ``(k, 3)`` ECEF [m].
        velocity: ``(k, 3)`` ECEF [m/s].
        cov: ``(k, 6, 6)`` of both; None takes them as exact.
        clear: ``(k,)`` probability clear of every edge and of the notch; the sensor's nominal one
            when None.
        notched: Whether standing ground hides what moves across.
    """
    nominal = nominal_of(sensor)
    notches = np.array([nominal.notch * notched])
    if clear is None:
        clear = np.array([nominal.clear])
    elif notched:
        notches = notch_sigma(sensor.blind_speed, clear)
    out = np.empty(len(position))
    nominal_chance(
        np.ascontiguousarray(position, np.float64),
        np.ascontiguousarray(velocity, np.float64),
        NO_DOUBT if cov is None else np.ascontiguousarray(cov, np.float64),
        nominal.origin,
        nominal.rotation,
        nominal.limits,
        clear,
        notches,
        out,
    )
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominal:
    """Hold what a sensor's description says of its sight, as the kernels take it.

    Attributes:
        origin: ``(3,)`` ECEF; rotation: ``(3, 3)`` its ENU.
        limits: ``(6,)`` see ``kernels.nominal_chance``.
        clear: Probability of detection in the coverage and clear of the notch.
        notch: σ of the notch [m/s], 0 for none.
    """

    origin: Array
    rotation: Array
    limits: Array
    clear: float
    notch: float


EVERYWHERE = Nominal(
    origin=np.zeros(3),
    rotation=np.eye(3),
    limits=np.array((0.0, math.inf, 0.0, 0.0, 2.0 * math.pi, 0.0)),
    clear=1.0,
    notch=0.0,
)
"""The reach of what can be anywhere: a target reports itself, a camera is carried about."""


def nominal_of(sensor: Sensor) -> Nominal:
    """Give what a sensor's description says of its sight; kept, as every look asks for it."""
    return _nominal(
        (sensor.lat, sensor.lon, sensor.height),
        (
            sensor.min_range,
            sensor.max_range,
            max(0.0, sensor.sigma_range),
            sensor.sector_start,
            sensor.sector_width,
            max(0.0, sensor.sigma_azimuth),
        ),
        sensor.detection_probability,
        max(0.0, sensor.blind_speed),
    )


@functools.lru_cache(maxsize=4096)
def _nominal(
    site: tuple[float, float, float], limits: tuple[float, ...], usual: float, blind_speed: float
) -> Nominal:
    frame, clear = sensor_frame(*site), min(max(LEAST, usual), MOST)
    return Nominal(
        origin=frame.origin,
        rotation=np.ascontiguousarray(frame.rotation),
        limits=np.array(limits),
        clear=clear,
        notch=float(notch_sigma(blind_speed, np.array([clear]))[0]),
    )


def notch_sigma(blind_speed: float, clear: Array) -> Array:
    """Give the width of the dent that a Doppler notch cuts into the detection probability [m/s].

    The notch leaves ``1 − 2^−(v/v₀)²`` of the power at range rate v (``sense.radar.response``). A
    Swerling 1 echo of ``snr`` is detected with ``Pfa^(1/(1+snr))`` (Skolnik, *Introduction to
    Radar Systems*, 3rd ed., §2.8), so a target that is seen with a given probability in the clear
    loses half of it at a range rate that follows in closed form, well inside v₀: a strong echo is
    seen deep in the notch. The dent is taken as a Gaussian of that half width.

    Args:
        blind_speed: v₀, at which half the power is left [m/s]; NaN or 0 for no notch.
        clear: ``(k,)`` probability of detection in the clear.

    >>> notch_sigma(3.0, np.array([0.5, 0.9])).round(3).tolist()
    [2.452, 1.12]
    """
    if not blind_speed > 0.0:
        return np.zeros(1)
    chance = np.clip(clear, LEAST, MOST)
    whole = math.log(ASSUMED_PFA) / np.log(chance) - 1.0
    half = math.log(ASSUMED_PFA) / np.log(0.5 * chance) - 1.0
    at_half = blind_speed * np.sqrt(-np.log2(1.0 - half / whole))
    return np.asarray(at_half / math.sqrt(2.0 * math.log(2.0)))


@functools.lru_cache(maxsize=4096)
def sensor_frame(lat: float, lon: float, height: float) -> LocalFrame:
    """Give a sensor's ENU; kept, as it is asked for at every look."""
    return local_frame(lat, lon, height)
