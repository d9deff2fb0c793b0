"""ASTERIX recordings as a tracker hears them, and as truth by their own addresses.

Plots (CAT 048) are tracked. Where they carry a Mode S address, the address says which plots are
of one aircraft: hidden from the tracker, it is the truth of the association. System tracks
(CAT 062) can be truth, too.
"""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.recording import read_recordings
from steppewatch.engine.track_cut import cut, in_order, joined, without_identity
from steppewatch.engine.track_recording import NS, Ground, Heard, Recording, Truth
from steppewatch.errors import EngineError
from steppewatch.records import (
    DetectionBatch,
    Packet,
    PositionReports,
    Sensor,
    TrackBatch,
    TrackStatus,
)
from steppewatch.wire import asterix
from steppewatch.world.geodesy import (
    MEAN_RADIUS,
    Array,
    ecef_from_enu,
    enu_from_spherical,
    local_frame,
)

if TYPE_CHECKING:
    from steppewatch.wire.asterix.feed import State

Ints = NDArray[np.int64]
MISSED_REPORTS = 10.0
UNKNOWN_HEIGHT = 100.0
"""Positions less sure than this in any direction [m] are taken to say nothing of height."""
TICK_NS = NS
MISSED_SCANS = 4.0
"""Scans without a plot over which an aircraft of the truth is still taken to be there."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Hold all that a recording said: sensors as last described, plots by sensor, system tracks.

    Attributes:
        sensors: Those of ``plots``, in their order.
        plots: Of each radar.
        tracks: System tracks.
        reporters: The sources of ``reports``, in their order.
        reports: Positions of each source: ADS-B, multilateration.
    """

    sensors: tuple[Sensor, ...]
    plots: tuple[DetectionBatch, ...]
    tracks: tuple[TrackBatch, ...]
    reporters: tuple[Sensor, ...] = ()
    reports: tuple[PositionReports, ...] = ()


def hear(path: Path, settings: asterix.Settings, date_ns: int | None) -> Feed:
    """Read a recording through the wire's own stage.

    Args:
        path: pcap, pcapng or raw ASTERIX.
        settings: What the feed itself does not say.
        date_ns: Midnight UTC of the day of raw recordings [ns].

    Raises:
        EngineError: It cannot be read, or has neither plots nor positions nor system tracks.
    """
    packets = read_recordings([path], date_ns)
    stage = asterix.stage(settings)
    state: State = stage.initial
    sensors: dict[str, Sensor] = {}
    plots: dict[str, list[DetectionBatch]] = {}
    reports: dict[str, list[PositionReports]] = {}
    tracks: list[TrackBatch] = []
    for some in _ticks(packets):
        state, said = stage.step(state, some, some[-1].time_ns)
        for message in said:
            match message:
                case Sensor():
                    sensors[message.id] = message
                case DetectionBatch():
                    plots.setdefault(message.sensor, []).append(message)
                case PositionReports():
                    reports.setdefault(message.sensor, []).append(message)
                case TrackBatch():
                    tracks.append(message)
                case _:
                    pass
    if not plots and not tracks and not reports:
        raise EngineError(
            f"{path} holds no radar plots (CAT 048, 010), no positions (CAT 021, 010) and no "
            "system tracks (CAT 062): `steppewatch wire show` says what is in it"
        )
    return Feed(
        sensors=tuple(sensors[name] for name in plots),
        plots=tuple(joined(batches) for batches in plots.values()),
        tracks=tuple(tracks),
        reporters=tuple(sensors[name] for name in reports),
        reports=tuple(joined(batches) for batches in reports.values()),
    )


def _ticks(packets: Sequence[Packet]) -> list[list[Packet]]:
    """Gather the packets of each second."""
    ticks: list[list[Packet]] = []
    end_ns = -1
    for packet in packets:
        if not ticks or packet.time_ns >= end_ns:
            ticks.append([])
            end_ns = packet.time_ns + TICK_NS
        ticks[-1].append(packet)
    return ticks


def recording_of(
    feed: Feed, name: str, window: float | None, *, doppler: bool, hide: bool
) -> Recording:
    """Make a recording of a feed's plots and positions.

    Args:
        feed: What was heard.
        name: Of the file.
        window: Length of a step [s]; None for one scan.
        doppler: Use range rates.
        hide: Leave addresses, codes and callsigns out.

    Raises:
        EngineError: It has neither.
    """
    if not feed.plots and not feed.reports:
        raise EngineError(
            f"{name} holds system tracks (CAT 062) but no radar plots (CAT 048): it can be --truth"
        )
    heard: tuple[Heard, ...] = (*feed.plots, *feed.reports)
    batches = [in_order(batch) for batch in heard]
    if hide:
        batches = [without_identity(batch) for batch in batches]
    sensors = (*feed.sensors, *feed.reporters)
    if not doppler:
        sensors = tuple(dataclasses.replace(s, sigma_range_rate=math.nan) for s in sensors)
    first = sensors[0]
    notes = [
        f"{s.id}: nobody says where it stands: assumed; give --at or --sensors"
        for s in sensors
        if s.position_assumed
    ]
    return Recording(
        name=name,
        layout="ASTERIX",
        ground=Ground(lat=first.lat, lon=first.lon, height=first.height, lift=first.height),
        sensors=sensors,
        scans=cut(batches, sensors, window),
        notes=tuple(notes),
    )


def truth_by_address(feed: Feed) -> Truth:
    """Take plots with one Mode S address for one aircraft, at the plots' own places.

    Heights are those the aircraft reported, between two reports by a straight line.

    Raises:
        EngineError: No plot has an address and a height.
    """
    parts = [
        _addressed(batch, sensor) for batch, sensor in zip(feed.plots, feed.sensors, strict=True)
    ]
    address = np.concatenate([part[0] for part in parts])
    if not len(address):
        raise EngineError(
            "no plot has a Mode S address (I048/220) and a height (I048/090): this recording is no "
            "truth; give another file to --truth"
        )
    names, target = np.unique(address, return_inverse=True)
    time_ns = np.concatenate([part[1] for part in parts])
    position = np.concatenate([part[2] for part in parts])
    period = max(sensor.scan_period for sensor in feed.sensors)
    return Truth(
        time_ns=time_ns,
        target=target.astype(np.int64),
        position=position,
        velocity=np.full_like(position, np.nan),
        names=tuple(f"{int(one):06X}" for one in names),
        gap=MISSED_SCANS * period,
        notes=(
            "truth is the radar's own plots by Mode S address: tracks without one count as false",
        ),
    )


def _addressed(batch: DetectionBatch, sensor: Sensor) -> tuple[Ints, Ints, Array]:
    """Give address, time and place (ECEF) of the plots that have an address and a height."""
    rows = np.flatnonzero(batch.mode_s > 0)
    order = rows[np.lexsort((batch.time_ns[rows], batch.mode_s[rows]))]
    address, time_ns = batch.mode_s[order].astype(np.int64), batch.time_ns[order]
    height = np.array(batch.height[order])
    for one in np.unique(address):
        mine = np.flatnonzero(address == one)
        known = mine[np.isfinite(height[mine])]
        if len(known):
            height[mine] = np.interp(time_ns[mine], time_ns[known], height[known])
    # A sphere of the earth's radius through the radar, as the tracker has it.
    reach, base = batch.slant_range[order], MEAN_RADIUS + sensor.height
    up = MEAN_RADIUS + height
    elevation = np.arcsin(np.clip((up**2 - base**2 - reach**2) / (2.0 * reach * base), -1.0, 1.0))
    elevation = np.where(np.isfinite(batch.elevation[order]), batch.elevation[order], elevation)
    local = enu_from_spherical(reach, batch.azimuth[order], elevation)
    position = ecef_from_enu(local, local_frame(sensor.lat, sensor.lon, sensor.height))
    good = np.isfinite(position).all(axis=1)
    return address[good], time_ns[good], position[good]


def truth_by_reports(feed: Feed) -> Truth:
    """Take positions with one address for one target: ADS-B, or multilateration on an airfield.

    Raises:
        EngineError: No position has an address.
    """
    address = np.concatenate([batch.mode_s for batch in feed.reports]).astype(np.int64)
    rows = np.flatnonzero(address > 0)
    if not len(rows):
        raise EngineError(
            "no position has an address: it is no truth; give another file to --truth"
        )
    time_ns = np.concatenate([batch.time_ns for batch in feed.reports])
    order = rows[np.lexsort((time_ns[rows], address[rows]))]
    position = np.concatenate([batch.position for batch in feed.reports])[order]
    velocity = np.concatenate([batch.velocity for batch in feed.reports])[order]
    spread = np.concatenate([np.linalg.eigvalsh(batch.cov)[:, -1] for batch in feed.reports])
    flat = bool(np.sqrt(np.nanmedian(spread)) > UNKNOWN_HEIGHT)
    names, target = np.unique(address[order], return_inverse=True)
    steps = np.diff(time_ns[order])[(np.diff(target) == 0) & (np.diff(time_ns[order]) > 0)]
    notes = ["truth is what targets report by address: tracks of others count as false"]
    if flat:
        notes.append("truth has no heights: only horizontal distances are scored")
    return Truth(
        time_ns=time_ns[order],
        target=target.astype(np.int64),
        position=position,
        velocity=velocity,
        names=tuple(f"{int(one):06X}" for one in names),
        gap=MISSED_REPORTS * float(np.median(steps)) / NS if len(steps) else 0.0,
        flat=flat,
        notes=tuple(notes),
    )


def truth_by_tracks(feed: Feed, name: str) -> Truth:
    """Take the system tracks (CAT 062) of a feed for the truth.

    Raises:
        EngineError: There are none.
    """
    if not feed.tracks:
        raise EngineError(f"{name} holds no system tracks (CAT 062): it is no truth")
    alive = [t.status != TrackStatus.ENDED for t in feed.tracks]
    system = [t.origin.sensor for t in feed.tracks for _ in range(len(t))]
    keep = np.concatenate(alive)
    number = np.concatenate([t.id for t in feed.tracks])
    label = np.array([f"{s}/{i}" for s, i in zip(system, number, strict=True)])[keep]
    mean = np.concatenate([t.mean for t in feed.tracks])[keep]
    names, target = np.unique(label, return_inverse=True)
    return Truth(
        time_ns=np.concatenate([t.time_ns for t in feed.tracks])[keep],
        target=target.astype(np.int64),
        position=mean[:, :3],
        velocity=mean[:, 3:],
        names=tuple(names.tolist()),
        gap=30.0,
        notes=("truth is another tracker's system tracks (CAT 062)",),
    )
