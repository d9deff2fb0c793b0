"""The rehearsal's pure step: at every tick, say what the sensors have seen since the last one.

A turning radar reports sector by sector, each plot with the moment when the beam passed. A scan is
a function of (seed, sensor, scan number) alone, so the plots are the same bits whether the stage
is stepped ten times a second or once a minute, and whether or not it was killed in between.
"""

import dataclasses
import datetime as dt
import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import PlanError, SenseError, WorldError
from steppewatch.plan.rehearse.motion import Population, locate, populate
from steppewatch.plan.rehearse.scenario import Outage, Scenario, SensorPlan, SitePlan
from steppewatch.records import (
    DetectionBatch,
    Health,
    Origin,
    Sensor,
    SensorStatus,
    Site,
    Stage,
    record,
)
from steppewatch.sense import (
    Horizon,
    RadarPost,
    Targets,
    Terrain,
    beam_times,
    detect,
    post_radar,
    stand,
    target_model,
)
from steppewatch.sense.sight import STANDARD_K
from steppewatch.world import geodesy
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.atmosphere.site import Season

FEED = "rehearsal"
STATUS_NS = 5_000_000_000
SECTOR_SECONDS = 0.5
MOST_SECTORS = 16
GROUND_RAYS, AIR_RAYS = 2_880, 1_440
HIGH_GRID = 81
MARGIN = 5_000.0  # [m]; nobody outruns this between the middle of a scan and its beam


@record("rehearsal_state")
@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalState:
    """Remember how far the rehearsal has been told.

    Attributes:
        time_ns: Everything up to this moment has been sent; 0 before the first step.
        messages: ``(s,)`` int64, sectors sent by each sensor.
        detections: ``(s,)`` int64, plots sent by each sensor.
        last_data_ns: ``(s,)`` int64, end of the last sector of each; 0 for none.
    """

    time_ns: int
    messages: NDArray[np.int64]
    detections: NDArray[np.int64]
    last_data_ns: NDArray[np.int64]


def stage(
    scenario: Scenario, terrain: Terrain, population: Population | None = None
) -> Stage[RehearsalState]:
    """Make the stage that plays a scenario.

    Args:
        scenario: As read by ``load``.
        terrain: Ground heights for movers and lines of sight.
        population: The movers, when the caller has already made them.

    Raises:
        PlanError: Terrain is unknown under a site or path, or a sensor is impossible.
    """
    cast = _Cast(
        scenario, terrain, populate(scenario, terrain) if population is None else population
    )
    count = np.zeros(len(cast.radars), np.int64)
    initial = RehearsalState(
        time_ns=0, messages=count, detections=count.copy(), last_data_ns=count.copy()
    )
    return Stage(
        name="rehearse",
        hears=(),
        says=(Site, Sensor, DetectionBatch, SensorStatus),
        initial=initial,
        step=cast.step,
    )


def posts(scenario: Scenario, terrain: Terrain) -> tuple[RadarPost, ...]:
    """Stand the scenario's radars on their sites; raises as :func:`stage`."""
    places = {plan.id: place_site(plan, terrain, scenario.source) for plan in scenario.sites}
    return tuple(_stand(plan, places[plan.site], scenario) for plan in scenario.sensors)


class _Cast:
    """Hold what follows from the scenario alone: radars, horizons, the scan at hand."""

    def __init__(self, scenario: Scenario, terrain: Terrain, population: Population) -> None:
        self.scenario, self.population = scenario, population
        self.sites = tuple(place_site(plan, terrain, scenario.source) for plan in scenario.sites)
        places = {site.id: site for site in self.sites}
        self.radars = tuple(_stand(plan, places[plan.site], scenario) for plan in scenario.sensors)
        self._horizons = tuple(_horizon(radar, terrain) for radar in self.radars)
        self._outages = tuple(
            tuple(o for o in scenario.outages if o.sensor == plan.id) for plan in scenario.sensors
        )
        self._scans: dict[int, tuple[int, DetectionBatch]] = {}

    def step(
        self, state: RehearsalState, messages: Sequence[object], now_ns: int
    ) -> tuple[RehearsalState, Sequence[object]]:
        del messages  # a rehearsal hears nothing
        start = self.scenario.start_ns
        said: list[object] = []
        since = state.time_ns
        if since == 0:
            said += [*self.sites, *(radar.sensor for radar in self.radars)]
            since = start - 1
        until = min(now_ns, start + round(self.scenario.duration * 1e9))
        if until <= since:
            moved = dataclasses.replace(state, time_ns=max(since, state.time_ns))
            return moved, said
        sent, plots, last = (
            a.copy() for a in (state.messages, state.detections, state.last_data_ns)
        )
        for end_ns, i, scan, sector in sorted(self._due(since, until)):
            outage = self._off(i, end_ns)
            if scan < 0:
                said.append(self._status(i, end_ns, outage, (sent[i], plots[i], last[i])))
            elif outage is None:
                batch = self._sector(i, scan, sector)
                sent[i] += 1
                plots[i] += len(batch)
                last[i] = end_ns
                if len(batch):
                    said.append(batch)
        moved = RehearsalState(time_ns=until, messages=sent, detections=plots, last_data_ns=last)
        return moved, said

    def _due(self, since: int, until: int) -> Iterator[tuple[int, int, int, int]]:
        """List what falls due in (since, until]: end, sensor, scan (−1 for a status), sector."""
        start = self.scenario.start_ns
        for i, radar in enumerate(self.radars):
            for n in range((since - start) // STATUS_NS + 1, (until - start) // STATUS_NS + 1):
                yield start + n * STATUS_NS, i, -1, 0
            period, sectors = _period(radar), _sectors(radar)
            zero = self._begin(i, 0)
            for scan in range((since - zero) // period, (until - zero) // period + 1):
                for sector in range(sectors):
                    end = zero + scan * period + period * (sector + 1) // sectors
                    if since < end <= until and end > start:
                        yield end, i, scan, sector

    def _begin(self, i: int, scan: int) -> int:
        """Give when a scan begins; radars of one scenario do not turn in step."""
        radar = self.radars[i]
        period = _period(radar)
        phase = zlib.crc32(radar.sensor.id.encode()) * period // 2**32
        return self.scenario.start_ns - phase + scan * period

    def _off(self, i: int, time_ns: int) -> Outage | None:
        after = (time_ns - self.scenario.start_ns) * 1e-9
        return next((o for o in self._outages[i] if o.off <= after < o.on), None)

    def _sector(self, i: int, scan: int, sector: int) -> DetectionBatch:
        batch = self._scan(i, scan)
        radar = self.radars[i]
        begin, period, sectors = self._begin(i, scan), _period(radar), _sectors(radar)
        edges = [begin + period * s // sectors for s in (sector, sector + 1)]
        low, high = np.searchsorted(batch.time_ns, edges)
        columns = {
            f.name: getattr(batch, f.name)[low:high]
            for f in dataclasses.fields(batch)
            if f.name not in ("sensor", "origin")
        }
        return dataclasses.replace(batch, **columns)

    def _scan(self, i: int, scan: int) -> DetectionBatch:
        """Make one whole scan, or take the one at hand; it depends on nothing before it."""
        known = self._scans.get(i)
        if known is not None and known[0] == scan:
            return known[1]
        radar = self.radars[i]
        begin = self._begin(i, scan)
        key = (self.scenario.seed, zlib.crc32(radar.sensor.id.encode()), scan)
        targets = self._targets(radar, self._horizons[i], begin)
        batch = detect(radar, targets, self._horizons[i], np.random.default_rng(key), begin)
        self._scans[i] = scan, batch
        return batch

    def _targets(self, radar: RadarPost, horizon: Horizon, begin_ns: int) -> Targets:
        p = self.population
        rows = np.arange(len(p))
        middle = begin_ns + _period(radar) // 2
        alive, position, velocity = locate(p, rows, np.full(len(p), middle, np.int64))
        away = np.linalg.norm(position - horizon.frame.origin, axis=1)
        near = alive & (away < radar.sensor.max_range + MARGIN)
        rows = rows[near]
        times = beam_times(radar.sensor, position[near], velocity[near], middle, begin_ns)
        alive, position, velocity = locate(p, rows, times)
        rows, position = rows[alive], position[alive]
        return Targets(
            time_ns=times[alive],
            position=position,
            velocity=velocity[alive],
            rcs=_sections(radar, p, rows),
            height=geodesy.geodetic_from_ecef(position)[2],
            mode_s=p.mode_s[rows],
            mode_3a=p.mode_3a[rows],
            callsign=p.callsign[rows],
        )

    def _status(
        self, i: int, time_ns: int, outage: Outage | None, counts: tuple[int, int, int]
    ) -> SensorStatus:
        sensor = self.radars[i].sensor
        return SensorStatus(
            sensor=sensor.id,
            time_ns=time_ns,
            health=Health.GOOD if outage is None else Health.OFF,
            reason="" if outage is None else outage.reason,
            last_data_ns=int(counts[2]),
            rotation_period=sensor.scan_period if outage is None else math.nan,
            messages=int(counts[0]),
            detections=int(counts[1]),
            origin=sensor.origin,
        )


def place_site(plan: SitePlan, terrain: Terrain, source: str) -> Site:
    """Stand a site on the ground, or on the highest ground about, when it seeks that.

    Raises:
        PlanError: Terrain is unknown there.
    """
    lat, lon = np.array([plan.lat]), np.array([plan.lon])
    if plan.seek_high > 0.0:
        side = np.linspace(-1.0, 1.0, HIGH_GRID) * plan.seek_high / geodesy.MEAN_RADIUS
        north, east = (a.ravel() for a in np.meshgrid(side, side, indexing="ij"))
        disc = np.hypot(north, east) <= side[-1]
        lat, lon = plan.lat + north[disc], plan.lon + east[disc] / math.cos(plan.lat)
    heights = np.asarray(terrain.heights(lat, lon), float)
    if np.isnan(heights).all():
        raise PlanError(
            f"{source}: site {plan.id!r} stands at {math.degrees(plan.lat):.4f}° N "
            f"{math.degrees(plan.lon):.4f}° E, where terrain is unknown; add terrain there "
            "(steppewatch world add FILE) or move the site"
        )
    best = int(np.nanargmax(heights))
    return Site(
        id=plan.id,
        name=plan.name,
        lat=float(lat[best]),
        lon=float(lon[best]),
        height=float(heights[best]),
        origin=Origin(feed=FEED),
    )


def _stand(plan: SensorPlan, site: Site, scenario: Scenario) -> RadarPost:
    try:
        air = site_atmosphere(site.lat, site.lon, site.height, season=season_of(scenario.start_ns))
        radar = stand(plan.radar, site.lat, site.lon, site.height, air)
        return post_radar(radar, sensor_id=plan.id, name=plan.name, site=site.id, feed=FEED)
    except (SenseError, WorldError) as error:
        raise PlanError(f"{scenario.source}: {error}") from error


def _sections(radar: RadarPost, p: Population, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the movers' radar cross sections in this radar's band [m²]."""
    names, index = np.unique(p.model[rows], return_inverse=True)
    frequency = radar.radar.design.frequency
    own = np.array([target_model(str(name)).section(frequency) for name in names])
    return np.asarray(np.where(np.isnan(p.rcs[rows]), own[index], p.rcs[rows]))


def _horizon(radar: RadarPost, terrain: Terrain) -> Horizon:
    s = radar.sensor
    rays = GROUND_RAYS if s.max_range < 60_000.0 else AIR_RAYS
    air = radar.radar.atmosphere
    k = STANDARD_K if air is None else air.k
    return Horizon(terrain, s.lat, s.lon, s.height, s.max_range, rays=rays, k=k)


def season_of(time_ns: int) -> Season:
    """Give the half of the year whose air holds: summer from May to September (UTC)."""
    month = dt.datetime.fromtimestamp(time_ns * 1e-9, dt.UTC).month
    return "summer" if 5 <= month <= 9 else "winter"


def _period(radar: RadarPost) -> int:
    return round(radar.sensor.scan_period * 1e9)


def _sectors(radar: RadarPost) -> int:
    return min(MOST_SECTORS, max(1, round(radar.sensor.scan_period / SECTOR_SECONDS)))
