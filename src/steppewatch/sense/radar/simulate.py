"""A radar's look: radar equation, Swerling-1 detection, Doppler notch, errors, false alarms.

Signal-to-noise falls with the fourth power of range and grows with the radar cross section; one
number, the range at which 1 m² is seen every second time, stands for power, gain, noise and loss
(Skolnik, Introduction to Radar Systems, 3rd ed., §2.1). The echo of a Swerling-1 target after a
square-law detector is exponential with mean ``1 + SNR``, so crossing the threshold ``−ln Pfa`` has
probability ``Pfa^(1/(1+SNR))`` exactly (Swerling 1960; Richards, Fundamentals of Radar Signal
Processing, 2nd ed., §6.3). Each look draws that echo once: detection, reported SNR and error all
come from the same draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.errors import SenseError
from steppewatch.records import DetectionBatch, PlotKind, Sensor, SensorKind, detection_batch
from steppewatch.sense.sight import Horizon
from steppewatch.sense.targets import Targets
from steppewatch.world import geodesy

Array = NDArray[np.float64]

REFERENCE_PD = 0.5
BEAM_SPLITTING = 1.6  # σ = θ / (1.6 √(2 SNR)): Barton, Radar System Analysis (1964), monopulse
FALSE_SPEED = 60.0  # [m/s]; false alarms spread over ± this range rate
MODE_C_STEP = 7.62  # [m], 25 ft
TURN = 2.0 * np.pi


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarModel:
    """Describe one radar as far as the simulation must know more than its :class:`Sensor`.

    Attributes:
        sensor: What the tracker and the picture know of it; its sigmas are the error floors.
        reference_range: Range at which 1 m², moving, is detected with probability 0.5 [m].
        false_alarm_probability: Per resolution cell; sets the threshold.
        min_speed: Range rate at which the clutter filter halves the signal [m/s].
        beam_azimuth: Two-way 3 dB width in azimuth [rad].
        beam_elevation: In elevation [rad]; NaN when elevation is not measured.
        elevation_min: Lower edge of coverage [rad].
        elevation_max: Upper edge [rad].
        secondary_probability: Of one reply to the interrogator in sight; 0 without one.
    """

    sensor: Sensor
    reference_range: float
    false_alarm_probability: float
    min_speed: float
    beam_azimuth: float
    beam_elevation: float
    elevation_min: float
    elevation_max: float
    secondary_probability: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a radar that cannot exist."""
        s = self.sensor
        for key, value, low, high, unit in (
            ("min_range", s.min_range, 0.0, 1e5, "m"),
            ("max_range", s.max_range, 100.0, 1e6, "m"),
            ("scan_period", s.scan_period, 0.05, 120.0, "s"),
            ("sector_width", s.sector_width, 0.01, TURN + 1e-9, "rad"),
            ("sigma_range", s.sigma_range, 0.01, 10_000.0, "m"),
            ("sigma_azimuth", s.sigma_azimuth, 1e-6, 0.5, "rad"),
            ("false_alarms", s.false_alarms, 0.0, 1e5, "per scan"),
            ("height", s.height, -500.0, 9_000.0, "m"),
            ("reference_range", self.reference_range, 100.0, 2e6, "m"),
            ("false_alarm_probability", self.false_alarm_probability, 1e-12, 1e-2, ""),
            ("min_speed", self.min_speed, 0.0, 100.0, "m/s"),
            ("beam_azimuth", self.beam_azimuth, 1e-4, TURN, "rad"),
            ("elevation_min", self.elevation_min, -np.pi / 2, np.pi / 2, "rad"),
            ("elevation_max", self.elevation_max, self.elevation_min, np.pi / 2, "rad"),
            ("secondary_probability", self.secondary_probability, 0.0, 1.0, ""),
        ):
            if not low <= value <= high:
                raise SenseError(
                    f"sensor {s.id!r}: {key} is {value:g} {unit}, expected {low:g} to {high:g}"
                )
        if s.min_range >= s.max_range:
            raise SenseError(
                f"sensor {s.id!r}: min_range is {s.min_range:g} m, expected less than max_range "
                f"({s.max_range:g} m)"
            )
        if s.kind is SensorKind.RADAR_3D and not (
            s.sigma_elevation > 0.0 and self.beam_elevation > 0.0
        ):
            raise SenseError(
                f"sensor {s.id!r}: sigma_elevation is {s.sigma_elevation:g} rad, expected more "
                "than 0, because a 3-D radar measures elevation"
            )


def signal_to_noise(
    model: RadarModel, slant_range: ArrayLike, rcs: ArrayLike, range_rate: ArrayLike = np.inf
) -> Array:
    """Give the mean single-look signal-to-noise ratio (power, not dB) in the clear.

    Args:
        model: The radar.
        slant_range: Slant range [m].
        rcs: Mean radar cross section [m²].
        range_rate: Range rate [m/s]; the default stands clear of the clutter notch.
    """
    reference = np.log(model.false_alarm_probability) / np.log(REFERENCE_PD) - 1.0
    ratio = model.reference_range / np.maximum(np.asarray(slant_range, float), 1.0)
    snr = reference * np.asarray(rcs, float) * ratio**4
    if model.min_speed > 0.0:
        # A Gaussian notch at zero Doppler, 3 dB down at min_speed (first version: no blind
        # speeds, no clutter power).
        speed = np.abs(np.asarray(range_rate, float)) / model.min_speed
        snr = snr * -np.expm1(-np.log(2.0) * speed**2)
    return np.asarray(snr)


def detection_probability(
    model: RadarModel, slant_range: ArrayLike, rcs: ArrayLike, range_rate: ArrayLike = np.inf
) -> Array:
    """Give the single-look Swerling-1 detection probability of a target in sight.

    Args:
        model: The radar.
        slant_range: Slant range [m]; outside the instrumented range the probability is 0.
        rcs: Mean radar cross section [m²].
        range_rate: Range rate [m/s].
    """
    slant_range = np.asarray(slant_range, float)
    snr = signal_to_noise(model, slant_range, rcs, range_rate)
    probability = model.false_alarm_probability ** (1.0 / (1.0 + snr))
    sensor = model.sensor
    inside = (slant_range >= sensor.min_range) & (slant_range <= sensor.max_range)
    return np.where(inside, probability, 0.0)


def beam_times(
    sensor: Sensor, position: ArrayLike, velocity: ArrayLike, at_ns: int, begin_ns: int
) -> NDArray[np.int64]:
    """Give the moment when the beam of the scan that starts at ``begin_ns`` meets each target.

    Args:
        sensor: The beam turns clockwise through its sector once in ``scan_period``.
        position: ``(n, 3)`` ECEF at ``at_ns`` [m].
        velocity: ``(n, 3)`` ECEF [m/s].
        at_ns: When the positions hold, best the middle of the scan [ns].
        begin_ns: When the scan begins [ns].

    Returns:
        ``(n,)`` int64 within the scan [ns]. A target outside the sector gets some moment of it.
    """
    frame = geodesy.local_frame(sensor.lat, sensor.lon, sensor.height)
    here = geodesy.enu_from_ecef(position, frame)
    drift = np.asarray(velocity, float) @ frame.rotation.T
    after = np.zeros(len(here))
    offset = (begin_ns - at_ns) * 1e-9
    for _ in range(3):
        there = here + drift * (offset + after)[:, None]
        azimuth = np.arctan2(there[:, 0], there[:, 1])
        turned = np.mod(azimuth - sensor.sector_start, TURN) / sensor.sector_width
        after = np.clip(turned, 0.0, 1.0 - 1e-9) * sensor.scan_period
    return begin_ns + np.asarray(after * 1e9, np.int64)


def detect(
    model: RadarModel,
    targets: Targets,
    horizon: Horizon,
    rng: np.random.Generator,
    begin_ns: int,
) -> DetectionBatch:
    """Look once at every target and give the plots of one scan, false alarms among them.

    Args:
        model: The radar.
        targets: Bodies, each at its own :func:`beam_times`.
        horizon: What this antenna can see.
        rng: Random source of this scan; the same source gives the same plots, bit for bit.
        begin_ns: When the scan begins [ns UTC].

    Returns:
        Plots of the scan in the order of time.
    """
    n = len(targets)
    # Drawn for all, seen or not: hiding one target never changes the luck of another.
    echo, reply = rng.exponential(size=n), rng.random(n)
    noise = rng.standard_normal((4, n))
    frame = horizon.frame
    enu = geodesy.enu_from_ecef(targets.position, frame)
    slant, azimuth, elevation = geodesy.spherical_from_enu(enu)
    speed = targets.velocity @ frame.rotation.T
    range_rate = np.einsum("ij,ij->i", enu, speed) / np.maximum(slant, 1e-3)
    inside = _in_coverage(model, slant, azimuth, elevation)
    inside[inside] = horizon.visible(enu[inside])
    power = (1.0 + signal_to_noise(model, slant, targets.rcs, range_rate)) * echo
    primary = inside & (power > -np.log(model.false_alarm_probability))
    secondary = inside & (targets.mode_s > 0) & (reply < model.secondary_probability)
    seen = np.flatnonzero(primary | secondary)
    snr = np.where(primary, power - 1.0, np.nan)[seen]
    measured = _measure(
        model, (slant[seen], azimuth[seen], elevation[seen], range_rate[seen]), snr, noise[:, seen]
    )
    kind = np.where(primary, PlotKind.PRIMARY, 0) + np.where(secondary, PlotKind.SECONDARY, 0)
    transponder = secondary[seen]
    columns = {
        **measured,
        "time_ns": targets.time_ns[seen],
        "kind": kind[seen],
        "height": np.where(
            transponder, np.round(targets.height[seen] / MODE_C_STEP) * MODE_C_STEP, np.nan
        ),
        "mode_s": np.where(transponder, targets.mode_s[seen], 0),
        "mode_3a": np.where(transponder, targets.mode_3a[seen], -1),
        "callsign": np.where(transponder, targets.callsign[seen], b""),
    }
    return _assemble(model, columns, _false_alarms(model, rng, begin_ns))


def _in_coverage(
    model: RadarModel, slant: Array, azimuth: Array, elevation: Array
) -> NDArray[np.bool_]:
    sensor = model.sensor
    return np.asarray(
        (slant >= sensor.min_range)
        & (slant <= sensor.max_range)
        & (np.mod(azimuth - sensor.sector_start, TURN) <= sensor.sector_width)
        & (elevation >= model.elevation_min)
        & (elevation <= model.elevation_max)
    )


def _measure(
    model: RadarModel, true: tuple[Array, Array, Array, Array], snr: Array, noise: Array
) -> dict[str, NDArray[np.generic]]:
    """Add errors; a weak echo is measured worse, a strong one no better than the floor."""
    sensor = model.sensor
    # A secondary reply alone has no echo: it is measured at the floor.
    split = BEAM_SPLITTING * np.sqrt(2.0 * np.where(np.isnan(snr), np.inf, np.maximum(snr, 0.1)))
    sigma_azimuth = np.maximum(sensor.sigma_azimuth, model.beam_azimuth / split)
    columns: dict[str, NDArray[np.generic]] = {
        "slant_range": np.maximum(true[0] + sensor.sigma_range * noise[0], 0.0),
        "azimuth": np.mod(true[1] + sigma_azimuth * noise[1], TURN),
        "snr_db": 10.0 * np.log10(snr),
        # NaN sigmas make NaN measurements: what is not measured is not given.
        "elevation": true[2]
        + np.fmax(sensor.sigma_elevation, model.beam_elevation / split)
        * (noise[2] if np.isfinite(sensor.sigma_elevation) else np.nan),
        "range_rate": true[3] + sensor.sigma_range_rate * noise[3],
    }
    return columns


def _false_alarms(
    model: RadarModel, rng: np.random.Generator, begin_ns: int
) -> dict[str, NDArray[np.generic]]:
    """Scatter false alarms evenly over the measured coordinates of the coverage."""
    sensor = model.sensor
    n = int(rng.poisson(sensor.false_alarms))
    turned = rng.random(n)
    slant = rng.uniform(sensor.min_range, sensor.max_range, n)
    elevation = rng.uniform(model.elevation_min, model.elevation_max, n)
    range_rate = rng.uniform(-FALSE_SPEED, FALSE_SPEED, n)
    # Beyond the threshold noise has forgotten it: the exponential has no memory.
    power = -np.log(model.false_alarm_probability) + rng.exponential(size=n)
    azimuth = np.mod(sensor.sector_start + turned * sensor.sector_width, TURN)
    time_ns = begin_ns + np.asarray(turned * sensor.scan_period * 1e9, np.int64)
    return {
        "time_ns": time_ns,
        "slant_range": slant,
        "azimuth": azimuth,
        "elevation": elevation if np.isfinite(sensor.sigma_elevation) else np.full(n, np.nan),
        "range_rate": range_rate if np.isfinite(sensor.sigma_range_rate) else np.full(n, np.nan),
        "snr_db": 10.0 * np.log10(power - 1.0),
        "kind": np.full(n, PlotKind.PRIMARY),
        "height": np.full(n, np.nan),
        "mode_s": np.zeros(n),
        "mode_3a": np.full(n, -1),
        "callsign": np.full(n, b"", "S8"),
    }


def _assemble(
    model: RadarModel,
    real: dict[str, NDArray[np.generic]],
    false: dict[str, NDArray[np.generic]],
) -> DetectionBatch:
    order = np.argsort(
        np.concatenate((real["time_ns"], false["time_ns"])).astype(np.int64), kind="stable"
    )
    columns = {name: np.concatenate((real[name], false[name]))[order] for name in false}
    return detection_batch(
        model.sensor.id,
        model.sensor.origin,
        columns.pop("time_ns").astype(np.int64),
        columns.pop("slant_range").astype(np.float64),
        columns.pop("azimuth").astype(np.float64),
        **columns,
    )
