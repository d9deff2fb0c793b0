"""What the stage remembers of senders and links: its settings and its state, all records."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import Origin, Sensor, SensorKind, record

FEED = "asterix"
# The middle of Mongolia (46.9° N 103.8° E): where an undescribed radar stands until told.
NOWHERE = (0.8186, 1.8117, 1500.0)
# Rotation of an undescribed radar until it is measured [s].
ASSUMED_PERIOD = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Say what the feed itself does not.

    Attributes:
        sensors: Descriptions, matched by ``Sensor.address`` (``"asterix:<SAC>/<SIC>"``).
        fallback: Latitude [rad], longitude [rad], height [m] assumed for a radar that nobody
            described and that does not tell its own position; ``None`` stands for ``NOWHERE``.
        fallback_told: The fallback comes from a person who knows where the radar stands, so that a
            radar there does not count as assumed; its own word still goes before it.
        date_ns: Day of packets without a time [ns UTC].
        label: Agreement label of all that is said.
    """

    sensors: tuple[Sensor, ...] = ()
    fallback: tuple[float, float, float] | None = None
    fallback_told: bool = False
    date_ns: int | None = None
    label: str = "own"


@record("asterix_link")
@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Remember how well one category can be read on one link.

    Attributes:
        good: Blocks read without fault, fading with a half-life of some tens of blocks.
        failed: Blocks not read to their end, fading alike.
        errors: Faults since the start.
        fault: Whether the configuration is held to be wrong.
        last_ns: When something that could be read came last.
        said: What was last said of it, and when.
    """

    good: float = 0.0
    failed: float = 0.0
    errors: int = 0
    messages: int = 0
    fault: bool = False
    last_ns: int = 0
    said: str = ""
    said_ns: int = 0


@record("asterix_source")
@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Remember one sender, known by system area code and system identification code.

    Attributes:
        sensor: Its description, as last sent; ``None`` for a system that makes tracks.
        position_told: Whether I034/120 told the position.
        clock_ns: Added to its times of day because its clock is wrong; 0 while it is right.
        north_ns: When the antenna last passed north; 0 for never.
        azimuth: Of the last plot [rad]; NaN before the first.
        azimuth_ns: When that was.
        period: Rotation period [s]; NaN while not known.
        trouble: What CAT 034 or CAT 065 says is wrong; ``""`` for nothing.
        last_ns: When something of it came last [ns UTC].
        dropped: Tracks without a usable position.
        links: Names of the links by which it was heard.
        recent: Keys of its latest plots, to know copies.
        copies: Plots that came twice.
        said_ns: When its status was last sent.
        said: The health and reason sent then.
    """

    id: str
    sensor: Sensor | None = None
    position_told: bool = False
    clock_ns: int = 0
    north_ns: int = 0
    azimuth: float = float("nan")
    azimuth_ns: int = 0
    period: float = float("nan")
    trouble: str = ""
    last_ns: int = 0
    messages: int = 0
    detections: int = 0
    dropped: int = 0
    said_ns: int = 0
    said: str = ""
    links: tuple[str, ...] = ()
    recent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    copies: int = 0


@record("asterix_live_track")
@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTrack:
    """Remember one system track: track numbers are used again, ids are not."""

    id: int
    born_ns: int
    seen_ns: int
    heard_ns: int
    hits: int
    mean: NDArray[np.float64]


@record("asterix_state")
@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Remember all senders (by ``"SAC/SIC"``), links (by source and category) and live tracks.

    Attributes:
        other: Blocks of categories that are not decoded, by category number.
        next_id: Next free track id of each track-making system.
        tracks: Live system tracks by ``"SAC/SIC/number"``.
    """

    sources: dict[str, Source] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    tracks: dict[str, LiveTrack] = field(default_factory=dict)
    next_id: dict[str, int] = field(default_factory=dict)
    other: dict[str, int] = field(default_factory=dict)


def origin(settings: Settings, sensor: str) -> Origin:
    """Name the origin of what is said of one sensor."""
    return Origin(sensor=sensor, feed=FEED, label=settings.label)


def description(settings: Settings, key: str) -> Sensor | None:
    """Find the description of the radar with one address (``"SAC/SIC"``), if anyone gave it."""
    address = f"{FEED}:{key}"
    return next((sensor for sensor in settings.sensors if sensor.address == address), None)


def unknown_radar(settings: Settings, key: str) -> Sensor:
    """Describe a radar of which only its address is known: an en-route radar somewhere.

    Standard deviations are those of a monopulse secondary radar of the EUROCONTROL standard
    (70 m, 0.08°), rounded up.
    """
    described = description(settings, key)
    if described is not None:
        return described
    lat, lon, height = settings.fallback or NOWHERE
    sac, sic = key.split("/")
    return Sensor(
        id=f"radar-{sac}-{sic}",
        name=f"Radar {key}",
        site="",
        kind=SensorKind.RADAR_2D,
        lat=lat,
        lon=lon,
        height=height,
        min_range=500.0,
        max_range=470_000.0,
        scan_period=ASSUMED_PERIOD,
        sector_start=0.0,
        sector_width=6.283185307179586,
        sigma_range=100.0,
        sigma_azimuth=0.0017,
        sigma_elevation=float("nan"),
        sigma_range_rate=float("nan"),
        detection_probability=0.95,
        false_alarms=5.0,
        address=f"{FEED}:{key}",
        position_assumed=not settings.fallback_told,
        origin=origin(settings, f"radar-{sac}-{sic}"),
    )
