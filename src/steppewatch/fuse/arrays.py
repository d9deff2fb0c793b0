"""The tracker for people who have arrays: describe sensors, hand over plots, take tracks.

Angles are radians, azimuths clockwise from north, east-north-up metres about the first sensor
(or ``origin``), times seconds since 1970 or since anything else. The same tracker runs live.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import FuseError
from steppewatch.fuse.associate import Method
from steppewatch.fuse.evidence import ring_order
from steppewatch.fuse.settings import TrackerSettings
from steppewatch.fuse.settings_text import changed
from steppewatch.fuse.state import COLUMNS
from steppewatch.fuse.tracker import stage, tracks_at
from steppewatch.records import (
    BearingBatch,
    DetectionBatch,
    Origin,
    PositionReports,
    Sensor,
    SensorDoubt,
    SensorKind,
    TrackStatus,
    bearing_batch,
    detection_batch,
    position_reports,
)
from steppewatch.world.geodesy import (
    LocalFrame,
    ecef_from_enu,
    enu_from_ecef,
    geodetic_from_ecef,
    local_frame,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.visibility import Sight

    Floats = NDArray[np.float64]

ORIGIN = Origin(feed="arrays")
NS = 1_000_000_000
EPOCH_NS = 1_700_000_000 * NS
"""Moment of t = 0 where times are not seconds since 1970."""
DATED = 1e9
COLUMNS_OF = {
    SensorKind.CAMERA: "azimuth [rad], elevation [rad]",
    SensorKind.REPORTS: "east, north, up [m]",
}
PLOT_COLUMNS = "range [m], azimuth [rad], elevation [rad], range rate [m/s]"
Plots = ArrayLike | DetectionBatch | PositionReports | BearingBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Hold the n confirmed tracks at one moment.

    Attributes:
        time: The moment [s], as it was given.
        id: ``(n,)`` int64, never used twice.
        position: ``(n, 3)`` east, north, up [m] at ``frame``.
        velocity: ``(n, 3)`` [m/s].
        cov: ``(n, 6, 6)`` of position, then velocity.
        existence: ``(n,)`` probability that it is a real thing.
        target: ``(n,)`` uint8, the likeliest ``records.TargetClass``.
        class_prob: ``(n, 8)`` probability of each class; column 0 that nothing real is there.
        seen: ``(n,)`` its newest plot [s], on the clock of ``time``.
        hidden: ``(n,)`` bool, no sensor could be expected to see it.
        seen_by: ``(n, s)`` bool, which sensors hold it now, in the order in which they were given.
        frame: Where east, north, up is.
    """

    time: float
    id: NDArray[np.int64]
    position: Floats
    velocity: Floats
    cov: Floats
    existence: Floats
    target: NDArray[np.uint8]
    class_prob: Floats
    seen: Floats
    hidden: NDArray[np.bool_]
    seen_by: NDArray[np.bool_]
    frame: LocalFrame

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.id)

    def geodetic(self) -> tuple[Floats, Floats, Floats]:
        """Give latitude [rad], longitude [rad] and height [m], ``(n,)`` each."""
        return geodetic_from_ecef(ecef_from_enu(self.position, self.frame))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Name one plot that a track was made of.

    Attributes:
        time: When it was measured [s].
        sensor: By whom.
        plot: Its row in what was handed over then.
        weight: Probability that it was this track's.
        method: How the track's latest plot was chosen: alone, gnn, lbp or mht.
    """

    time: float
    sensor: str
    plot: int
    weight: float
    method: str


class Tracker:
    """Track plots of one or many sensors, step by step.

    Args:
        sensors: What sees; :func:`radar`, :func:`camera` and :func:`positions` make them.
        settings: The tracker's; the defaults where None.
        sight: What each sensor can detect where; nominal coverage, without terrain, where None.
        origin: Latitude [rad], longitude [rad], height [m] of the frame; the first sensor's where
            None.
        changes: Any settings by name, such as ``mode="accurate"`` or ``quiet=0.5``.

    Raises:
        FuseError: There is no sensor, two have one name, or a setting is unknown or impossible.

    >>> from steppewatch import fuse
    >>> tracker = fuse.Tracker(fuse.radar(period=5.0))
    >>> for k in range(5):
    ...     tracks = tracker.step(5.0 * k, [[40_000.0 - 500.0 * k, 0.3, 0.02]])
    >>> tracks.id.tolist(), np.round(tracks.velocity[0, :2], -1).tolist()
    ([1], [-30.0, -100.0])
    """

    def __init__(
        self,
        *sensors: Sensor,
        settings: TrackerSettings | None = None,
        sight: Sight | None = None,
        origin: tuple[float, float, float] | None = None,
        **changes: Any,
    ) -> None:
        if not sensors:
            raise FuseError("a tracker needs a sensor: give fuse.radar(…), or several")
        names = [sensor.id for sensor in sensors]
        if len(set(names)) < len(names):
            raise FuseError(f"sensors are called {', '.join(names)}: give each its own name")
        self.settings = changed(settings or TrackerSettings(), changes)
        self.sensors = {sensor.id: sensor for sensor in sensors}
        first = sensors[0]
        self.frame = local_frame(*(origin or (first.lat, first.lon, first.height)))
        self.doubts: list[SensorDoubt] = []
        self._stage = stage(self.settings, sight)
        self.state = self._stage.initial
        self._told = False

    def step(
        self,
        t: float,
        plots: Plots | Mapping[str, Plots] | None = None,
        times: ArrayLike | None = None,
    ) -> Tracks:
        """Take in what was seen by ``t`` and give the tracks at ``t``.

        Args:
            t: The moment [s].
            plots: ``(m, 2…4)`` of a radar: range [m], azimuth [rad], elevation [rad], range rate
                [m/s]; ``(m, 1…2)`` of a camera: azimuth, elevation [rad]; ``(m, 3)`` of positions:
                east, north, up [m]. NaN is not measured. An array without rows is a look that saw
                nothing, None no look at all. With several sensors a mapping from their names to
                such arrays. Batches of ``steppewatch.records`` will do, too.
            times: ``(m,)`` when each plot was measured [s]; ``t`` where None. For a single array.

        Raises:
            FuseError: An array has another shape, or a sensor is unknown.
        """
        heard = self._messages(t, plots, times)
        if not self._told:
            heard = [*self.sensors.values(), *heard]
            self._told = True
        now_ns = self._ns(t)
        self.state, said = self._stage.step(self.state, heard, now_ns)
        self.doubts += [one for one in said if isinstance(one, SensorDoubt)]
        return self.tracks(t)

    def tracks(self, t: float) -> Tracks:
        """Give the confirmed tracks, predicted to ``t`` [s]."""
        all_ = tracks_at(self.state, self._ns(t), self.settings)
        rows = np.flatnonzero(all_.status != TrackStatus.TENTATIVE)
        turn = np.zeros((6, 6))
        turn[:3, :3] = turn[3:, 3:] = self.frame.rotation
        return Tracks(
            time=t,
            id=all_.id[rows],
            position=enu_from_ecef(all_.mean[rows, :3], self.frame),
            velocity=all_.mean[rows, 3:] @ self.frame.rotation.T,
            cov=turn @ all_.cov[rows] @ turn.T,
            existence=all_.existence[rows].astype(np.float64),
            target=all_.target[rows],
            class_prob=all_.class_prob[rows].astype(np.float64),
            seen=t - (self._ns(t) - all_.seen_ns[rows]) / NS,
            hidden=all_.hidden[rows],
            seen_by=all_.seen_by[rows],
            frame=self.frame,
        )

    def why(self, track: int) -> list[Reason]:
        """Name the latest plots (six at most) that a track was made of, the newest first.

        Raises:
            FuseError: There is no such track now.
        """
        found = np.flatnonzero(self.state.id == track)
        if not len(found):
            raise FuseError(
                f"there is no track {track} now; tracks have ids such as {self._some()}"
            )
        row = int(found[0])
        columns = {name: getattr(self.state, name) for name in COLUMNS}
        base_ns = 0 if self._dated else EPOCH_NS
        return [
            Reason(
                time=(int(self.state.why_ns[row, slot]) - base_ns) / NS,
                sensor=self.state.sensors[int(self.state.why_sensor[row, slot])].id,
                plot=int(self.state.why_plot[row, slot]),
                weight=float(self.state.why_weight[row, slot]),
                method=Method(int(self.state.method[row])).name.lower(),
            )
            for slot in ring_order(columns, row)
        ]

    def _some(self) -> str:
        return ", ".join(str(one) for one in self.state.id[:5].tolist()) or "none yet"

    _dated = False

    def _ns(self, t: float) -> int:
        """Give a moment in nanoseconds since 1970."""
        if not math.isfinite(t):
            raise FuseError(f"t is {t}, expected seconds: a finite number")
        self._dated = self._dated or abs(t) > DATED
        return (0 if self._dated else EPOCH_NS) + round(t * NS)

    def _messages(
        self, t: float, plots: Plots | Mapping[str, Plots] | None, times: ArrayLike | None
    ) -> list[object]:
        if plots is None:
            return []
        if isinstance(plots, DetectionBatch | PositionReports | BearingBatch):
            return [plots]
        if isinstance(plots, Mapping):
            return [self._message(t, name, some, None) for name, some in plots.items()]
        if len(self.sensors) > 1:
            raise FuseError(
                f"{len(self.sensors)} sensors and one array: say whose plots they are, as in "
                f"{{{next(iter(self.sensors))!r}: plots}}"
            )
        return [self._message(t, next(iter(self.sensors)), plots, times)]

    def _message(self, t: float, name: str, plots: Plots, times: ArrayLike | None) -> object:
        if isinstance(plots, DetectionBatch | PositionReports | BearingBatch):
            return plots
        sensor = self.sensors.get(name)
        if sensor is None:
            raise FuseError(f"no sensor is called {name!r}; there is {', '.join(self.sensors)}")
        rows = _rows(plots, sensor)
        when = np.full(len(rows), self._ns(t), np.int64)
        if times is not None:
            own = np.asarray(times, np.float64)
            if own.shape != (len(rows),):
                raise FuseError(f"times has shape {own.shape}, expected ({len(rows)},) as plots")
            when = np.array([self._ns(one) for one in own.tolist()], np.int64)
            order = np.argsort(when, kind="stable")
            rows, when = rows[order], when[order]
        if sensor.kind == SensorKind.REPORTS:
            return _reports(sensor, when, rows, self.frame)
        if sensor.kind == SensorKind.CAMERA:
            return _bearings(sensor, when, rows)
        return detection_batch(
            name, ORIGIN, when, rows[:, 0], np.mod(rows[:, 1], 2.0 * np.pi),
            elevation=rows[:, 2], range_rate=rows[:, 3],
        )  # fmt: skip


def _rows(plots: Plots, sensor: Sensor) -> Floats:
    """Take an array of plots, NaN in the columns that it does not have.

    Raises:
        FuseError: It has another shape, or angles that are no radians.
    """
    wanted = COLUMNS_OF.get(sensor.kind, PLOT_COLUMNS)
    least, most = {SensorKind.CAMERA: (1, 2), SensorKind.REPORTS: (3, 3)}.get(sensor.kind, (2, 4))
    try:
        rows = np.asarray(plots, np.float64)
    except (TypeError, ValueError) as error:
        raise FuseError(
            f"plots of {sensor.id} are no numbers ({error}); expected {wanted}"
        ) from error
    if rows.size == 0:
        return np.zeros((0, most))
    if rows.ndim != 2 or not least <= rows.shape[1] <= most:
        raise FuseError(
            f"plots of {sensor.id} have shape {rows.shape}, expected (m, {most}): {wanted}"
        )
    turns = np.abs(rows[:, 0 if sensor.kind == SensorKind.CAMERA else 1])
    turns = turns[np.isfinite(turns)]
    if sensor.kind != SensorKind.REPORTS and len(turns) and np.median(turns) > 2.1 * np.pi:
        raise FuseError(
            f"azimuths of {sensor.id} reach {turns.max():.0f}, expected radians: "
            "give np.radians(azimuth)"
        )
    return np.column_stack((rows, np.full((len(rows), most - rows.shape[1]), np.nan)))


def _reports(
    sensor: Sensor, when: NDArray[np.int64], rows: Floats, frame: LocalFrame
) -> PositionReports:
    """Make reports of positions in the tracker's frame; the sensor says how good they are."""
    variance = np.diag(np.square((sensor.sigma_range, sensor.sigma_range, sensor.sigma_elevation)))
    turned = frame.rotation.T @ variance @ frame.rotation
    cov = np.broadcast_to(turned, (len(rows), 3, 3)).copy()
    return position_reports(sensor.id, ORIGIN, when, ecef_from_enu(rows, frame), cov)


def _bearings(sensor: Sensor, when: NDArray[np.int64], rows: Floats) -> BearingBatch:
    """Make bearings from where the camera stands."""
    lens = local_frame(sensor.lat, sensor.lon, sensor.height).origin
    return bearing_batch(
        sensor.id,
        ORIGIN,
        when,
        np.tile(lens, (len(rows), 1)),
        np.mod(rows[:, 0], 2.0 * np.pi),
        np.full(len(rows), sensor.sigma_azimuth),
        elevation=rows[:, 1],
        sigma_elevation=np.where(np.isfinite(rows[:, 1]), sensor.sigma_elevation, np.nan),
    )
