"""Draw the plots of one scan: from the very probabilities and errors that coverage maps show.

Every target's look is asked of :func:`steppewatch.sense.radar.look.look` with its true range rate;
its echo is drawn from the detector's own statistics, and errors are normal with that look's
sigmas. Targets are drawn for whether seen or not, so that hiding one never changes the luck of
another. False alarms are Poisson in number, even in the measured coordinates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steppewatch.records import DetectionBatch, PlotKind, Sensor, detection_batch
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.detection import Array, threshold
from steppewatch.sense.radar.echo import LUCK, draw_false_alarm, draw_statistic, measured_snr
from steppewatch.sense.radar.emplaced import EmplacedRadar, sensor_of
from steppewatch.sense.radar.look import Look, look
from steppewatch.sense.radar.sector import in_sector
from steppewatch.sense.sight import Horizon
from steppewatch.sense.targets import Targets
from steppewatch.world import geodesy

FALSE_SPEED = 60.0  # [m/s]; false alarms spread over ± this range rate
MODE_C_STEP = 7.62  # [m], 25 ft
TURN = 2.0 * np.pi
SWERLING = 1  # of all that rehearsals move


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadarPost:
    """Join a radar at its place with what the tracker and the picture know of it.

    Attributes:
        radar: The physics.
        sensor: Its description; sector and ranges are those of the design.
    """

    radar: EmplacedRadar
    sensor: Sensor


def post_radar(
    radar: EmplacedRadar, *, sensor_id: str, name: str, site: str, feed: str = "rehearsal"
) -> RadarPost:
    """Give an emplaced radar a name and a site.

    Args:
        radar: The radar.
        sensor_id: ``Sensor.id``.
        name: What people call it.
        site: ``Site.id``.
        feed: Where its detections come from.
    """
    sensor = sensor_of(radar, sensor_id=sensor_id, name=name, site=site, feed=feed)
    return RadarPost(radar=radar, sensor=sensor)


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
    post: RadarPost,
    targets: Targets,
    horizon: Horizon,
    rng: np.random.Generator,
    begin_ns: int,
) -> DetectionBatch:
    """Look once at every target and give the plots of one scan, false alarms among them.

    Args:
        post: The radar.
        targets: Bodies, each at its own :func:`beam_times`.
        horizon: What this antenna can see.
        rng: Random source of this scan; the same source gives the same plots, bit for bit.
        begin_ns: When the scan begins [ns UTC].

    Returns:
        Plots of the scan in the order of time.
    """
    n = len(targets)
    # Drawn for all, seen or not: hiding one target never changes the luck of another.
    luck, reply = rng.random((n, LUCK)), rng.random(n)
    noise = rng.standard_normal((4, n))
    frame = horizon.frame
    enu = geodesy.enu_from_ecef(targets.position, frame)
    slant, azimuth, elevation = geodesy.spherical_from_enu(enu)
    drift = targets.velocity @ frame.rotation.T
    range_rate = np.einsum("ij,ij->i", enu, drift) / np.maximum(slant, 1e-3)
    inside = _in_coverage(post, slant, azimuth, horizon.apparent(elevation, slant))
    inside[inside] = horizon.visible(enu[inside])
    seen = np.flatnonzero(inside)
    one = look_at(post, horizon, enu[seen], targets.rcs[seen], range_rate[seen])
    design = post.radar.design
    primary, reported = _echo(one, design, luck[seen])
    answered = slant[seen] <= design.secondary_range
    secondary = (targets.mode_s[seen] > 0) & (reply[seen] < design.secondary_probability) & answered
    made = primary | secondary
    seen, primary, secondary = seen[made], primary[made], secondary[made]
    sigmas = np.stack(
        (one.sigma_range, one.sigma_azimuth, one.sigma_elevation, one.sigma_range_rate)
    )
    measured = _measure(
        post.sensor,
        np.stack((slant, azimuth, elevation, range_rate))[:, seen],
        np.where(primary, sigmas[:, made], np.nan),
        noise[:, seen],
    )
    kind = np.where(primary, PlotKind.PRIMARY, 0) + np.where(secondary, PlotKind.SECONDARY, 0)
    columns = {
        **measured,
        "snr_db": np.where(primary, reported[made], np.nan),
        "time_ns": targets.time_ns[seen],
        "kind": kind,
        "height": np.where(
            secondary, np.round(targets.height[seen] / MODE_C_STEP) * MODE_C_STEP, np.nan
        ),
        "mode_s": np.where(secondary, targets.mode_s[seen], 0),
        "mode_3a": np.where(secondary, targets.mode_3a[seen], -1),
        "callsign": np.where(secondary, targets.callsign[seen], b""),
    }
    return _assemble(post, columns, _false_alarms(post, rng, begin_ns))


def look_at(
    post: RadarPost, horizon: Horizon, enu: Array, rcs: ArrayLike, range_rate: ArrayLike
) -> Look:
    """Look at bodies that stand in sight, with the ground under them where that is seen too.

    Args:
        post: The radar.
        horizon: What this antenna can see.
        enu: ``(n, 3)`` east, north, up from the antenna [m].
        rcs: ``(n,)`` mean radar cross section [m²].
        range_rate: ``(n,)`` [m/s].
    """
    slant, _, elevation = geodesy.spherical_from_enu(enu)
    return look(
        post.radar,
        slant,
        horizon.apparent(elevation, slant),
        rcs=rcs,
        range_rate=range_rate,
        clutter_visible=horizon.ground_visible(enu),
    )


def _in_coverage(
    post: RadarPost, slant: Array, azimuth: Array, elevation: Array
) -> NDArray[np.bool_]:
    """Say which targets stand in ranges, sector and (apparent) elevations, as the maps count."""
    sensor, design = post.sensor, post.radar.design
    return np.asarray(
        (slant >= sensor.min_range)
        & (slant <= sensor.max_range)
        & in_sector(azimuth, sensor.sector_start, sensor.sector_width)
        & (elevation >= design.elevation_min)
        & (elevation <= design.elevation_max)
    )


def _echo(one: Look, design: RadarDesign, luck: Array) -> tuple[NDArray[np.bool_], Array]:
    """Draw the detector's sums: which cross the threshold, and the signal they report [dB]."""
    crossed, reported = np.zeros(len(luck), bool), np.full(len(luck), np.nan)
    for n in np.unique(one.summed[one.summed > 0]).tolist():
        rows = one.summed == n
        power = draw_statistic(10.0 ** (one.sinr_db[rows] / 10.0), n, SWERLING, luck[rows])
        crossed[rows] = power > threshold(design.pfa, n)
        with np.errstate(divide="ignore"):  # what did not cross may be no signal at all
            reported[rows] = 10.0 * np.log10(measured_snr(power, n))
    return crossed & (one.pd > 0.0), reported


def _measure(
    sensor: Sensor, true: Array, sigma: Array, noise: Array
) -> dict[str, NDArray[np.generic]]:
    """Add errors to range, azimuth, elevation and range rate, ``(4, n)`` each.

    A secondary reply alone has no echo: it is measured at the floor. What is not measured (a NaN
    floor) is not given.
    """
    floor = np.array(
        [sensor.sigma_range, sensor.sigma_azimuth, sensor.sigma_elevation, sensor.sigma_range_rate]
    )[:, None]
    spread = np.where(np.isnan(sigma), floor, sigma) + 0.0 * floor
    slant, azimuth, elevation, range_rate = true + spread * noise
    return {
        "slant_range": np.maximum(slant, 0.0),
        "azimuth": np.mod(azimuth, TURN),
        "elevation": elevation,
        "range_rate": range_rate,
    }


def _false_alarms(
    post: RadarPost, rng: np.random.Generator, begin_ns: int
) -> dict[str, NDArray[np.generic]]:
    """Scatter false alarms evenly over the measured coordinates of the coverage."""
    sensor, design = post.sensor, post.radar.design
    n = int(rng.poisson(sensor.false_alarms))
    turned = rng.random(n)
    slant = rng.uniform(design.min_range, design.max_range, n)
    elevation = rng.uniform(design.elevation_min, design.elevation_max, n)
    range_rate = rng.uniform(-FALSE_SPEED, FALSE_SPEED, n)
    pulses = int(post.radar.summed[0])
    power = measured_snr(draw_false_alarm(pulses, design.pfa, rng.random(n)), pulses)
    azimuth = np.mod(sensor.sector_start + turned * sensor.sector_width, TURN)
    time_ns = begin_ns + np.asarray(turned * sensor.scan_period * 1e9, np.int64)
    return {
        "time_ns": time_ns,
        "slant_range": slant,
        "azimuth": azimuth,
        "elevation": elevation if np.isfinite(sensor.sigma_elevation) else np.full(n, np.nan),
        "range_rate": range_rate if np.isfinite(sensor.sigma_range_rate) else np.full(n, np.nan),
        "snr_db": 10.0 * np.log10(power),
        "kind": np.full(n, PlotKind.PRIMARY),
        "height": np.full(n, np.nan),
        "mode_s": np.zeros(n),
        "mode_3a": np.full(n, -1),
        "callsign": np.full(n, b"", "S8"),
    }


def _assemble(
    post: RadarPost,
    real: dict[str, NDArray[np.generic]],
    false: dict[str, NDArray[np.generic]],
) -> DetectionBatch:
    order = np.argsort(
        np.concatenate((real["time_ns"], false["time_ns"])).astype(np.int64), kind="stable"
    )
    columns = {name: np.concatenate((real[name], false[name]))[order] for name in false}
    return detection_batch(
        post.sensor.id,
        post.sensor.origin,
        columns.pop("time_ns").astype(np.int64),
        columns.pop("slant_range").astype(np.float64),
        columns.pop("azimuth").astype(np.float64),
        **columns,
    )
