"""What a scenario says, checked and in SI: sites, sensors, routes, traffic, events."""

from dataclasses import dataclass

from steppewatch.plan.rehearse.kinds import Kind
from steppewatch.sense import RadarDesign


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """Place one site.

    Attributes:
        id: Unique short name.
        name: What people call it.
        lat: Latitude [rad].
        lon: Longitude [rad].
        seek_high: Move to the highest ground within this distance [m]; 0 stays put.
    """

    id: str
    name: str
    lat: float
    lon: float
    seek_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPlan:
    """Stand one radar on a site.

    Attributes:
        id: Unique short name.
        name: What people call it.
        site: ``SitePlan.id``.
        model: Name of the class it was made from.
        radar: That class with this sensor's overrides.
    """

    id: str
    name: str
    site: str
    model: str
    radar: RadarDesign


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """Name one point of a route: latitude, longitude [rad], height above ground [m]."""

    lat: float
    lon: float
    above_ground: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Send one or more movers along waypoints.

    Attributes:
        id: Unique short name.
        name: What the summary calls it.
        kind: How such movers behave.
        kind_name: The kind as written.
        waypoints: At least two.
        speed: Mean speed [m/s].
        variation: Share by which the speed swings.
        start: First departure, after the scenario's start [s]; may be negative (under way).
        repeat: ``"once"``, ``"back-and-forth"`` or ``"loop"``.
        departures: How many times the group departs.
        every: Time between departures [s].
        count: Movers in the group.
        spacing: Distance between them along the path [m].
        pauses: Pairs of waypoint number (from 0) and rest there [s].
        rcs: Mean radar cross section in every band [m²]; NaN for that of its class.
    """

    id: str
    name: str
    kind: Kind
    kind_name: str
    waypoints: tuple[Waypoint, ...]
    speed: float
    variation: float
    start: float
    repeat: str
    departures: int
    every: float
    count: int
    spacing: float
    pauses: tuple[tuple[int, float], ...]
    rcs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Fill an area with many movers on drawn loops.

    Attributes:
        id: Unique short name.
        number: How many.
        south: Area [rad].
        west: Area [rad].
        north: Area [rad].
        east: Area [rad].
        mix: Pairs of kind name and its share of the whole.
        formations: Share of movers that fly in groups of ``group``.
        group: Movers in one formation.
        spacing: Distance between movers of a formation [m].
        leg: Typical length of one leg [m].
    """

    id: str
    number: int
    south: float
    west: float
    north: float
    east: float
    mix: tuple[tuple[str, float], ...]
    formations: float
    group: int
    spacing: float
    leg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Switch one sensor off from ``off`` to ``on`` [s after the start], and say why."""

    sensor: str
    off: float
    on: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Say where the picture opens: centre [rad] and map zoom."""

    lat: float
    lon: float
    zoom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Hold one rehearsal as written.

    Attributes:
        source: File name, for messages.
        title: One line for people.
        seed: Of all that is drawn.
        start_ns: When it begins [ns UTC].
        duration: How long it lasts [s].
        home: Where the picture opens.
        sites: Places of equipment.
        sensors: Radars on them.
        routes: Planned movers.
        traffic: Drawn movers.
        outages: When sensors are off.
    """

    source: str
    title: str
    seed: int
    start_ns: int
    duration: float
    home: Home
    sites: tuple[SitePlan, ...]
    sensors: tuple[SensorPlan, ...]
    routes: tuple[Route, ...]
    traffic: tuple[Traffic, ...]
    outages: tuple[Outage, ...]
