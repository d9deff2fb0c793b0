"""The records of a plan file, checked and in SI: metres, seconds, radians, hertz."""

from dataclasses import dataclass
from typing import Literal

Score = Literal["seen", "expected"]
Kind = Literal["hilltops", "settlements", "points", "roads"]
Direction = Literal["in", "out", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderPart:
    """Name a part of the border and what it counts.

    Attributes:
        neighbour: Whose segment, ``"RU"`` or ``"CN"``.
        start: Metres along it.
        end: Metres along it; infinite for its end.
        weight: What a square kilometre of its belt counts.
    """

    neighbour: str
    start: float
    end: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Watch the polygons of a GeoJSON or GeoPackage file; a square kilometre counts ``weight``."""

    file: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedClass:
    """Say what is to be seen.

    Attributes:
        target: Name in ``sense.targets.TARGETS``.
        height: Above ground [m].
        weight: What seeing it counts beside the other classes.
        speed: Over ground [m/s].
    """

    target: str
    height: float
    weight: float
    speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Say what money buys for one site.

    Attributes:
        id: Short name.
        sensors: Models of the library (radars, cameras) or ``.toml`` files; empty for a relay.
        mast: Height above ground [m].
        max_range: [m], None for the sensors' own.
        price: In the plan's currency.
        most: At most so many, None for no limit.
    """

    id: str
    sensors: tuple[str, ...]
    mast: float
    max_range: float | None
    price: float
    most: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Say where sites may be.

    Attributes:
        kind: Where they come from.
        number: At most so many; None for all.
        nearest: Least distance inside the border [m].
        farthest: Greatest [m].
        steepest: Greatest slope of the ground [rad].
        spacing: Least distance between two; along roads, between samples [m].
        packages: Which may stand there.
        file: Points, roads or settlements, None for hilltops.
        near_file: What access is counted from, None for no limit.
        near: At most so far from it [m].
        power_file: Where power is, None for no limit.
        power: At most so far from it [m].
        seed: Of the draw.
    """

    kind: Kind
    number: int | None
    nearest: float
    farthest: float
    steepest: float
    spacing: float
    packages: tuple[str, ...]
    file: str | None
    near_file: str | None
    near: float
    power_file: str | None
    power: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSite:
    """Give a place for a site.

    Attributes:
        id: Short name.
        lat: Latitude [rad].
        lon: Longitude [rad].
        seek_high: Move to the highest ground within this distance [m].
        packages: Which may stand there; one when fixed.
        fixed: It stands there already, or must.
        paid: Its price is not charged to the budget.
        barred: Nothing may stand there.
        gateway: It reaches the network by itself.
    """

    id: str
    lat: float
    lon: float
    seek_high: float
    packages: tuple[str, ...]
    fixed: bool
    paid: bool
    barred: bool
    gateway: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedNeed:
    """Ask that part of a stretch is seen by several sensors at once.

    Attributes:
        name: For messages.
        neighbour: Whose border.
        start: Metres along it.
        end: Metres along it.
        target: One of the plan's classes.
        sensors: How many.
        share: Of the stretch's weight, 0…1.
    """

    name: str
    neighbour: str
    start: float
    end: float
    target: str
    sensors: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLinks:
    """Ask that the sites hang together over radio links.

    Attributes:
        reach: Longest link [m].
        frequency: [Hz].
        clearance: Least, in radii of the first Fresnel zone.
        gateway_file: Places of the network, None for marked sites alone.
        gateway_within: A site so near to one of them [m] is a gateway.
    """

    reach: float
    frequency: float
    clearance: float
    gateway_file: str | None
    gateway_within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Name hours and weather that share the year.

    Attributes:
        name: For tables.
        share: Of the time; all conditions sum to 1.
        night: Whether it is dark.
        visibility: Meteorological [m].
        rain: Rain rate [mm/h].
    """

    name: str
    share: float
    night: bool
    visibility: float
    rain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assure:
    """Say what is asked of a crossing.

    Attributes:
        track_time: Tracked at least so long before the line [s].
        direction: Into the country, out of it, or both.
        lead: The approach begins so far before the line [m].
    """

    track_time: float
    direction: Direction
    lead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Place something: short name, latitude and longitude [rad]."""

    id: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drone(Place):
    """Base a drone.

    Attributes:
        speed: [m/s].
        reach: Farthest it flies from its base [m].
        reaction: From the call to the start [s].
        available: Share of the calls that it can answer.
        camera: Its camera of the library.
    """

    speed: float
    reach: float
    reaction: float
    available: float
    camera: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patrol(Place):
    """Base a patrol.

    Attributes:
        speed: Over its way [m/s].
        reaction: From the call to the start [s].
        available: Share of the calls that it can answer.
        detour: Length of its way over the straight line.
    """

    speed: float
    reaction: float
    available: float
    detour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Hold a plan file, checked and in SI.

    Attributes:
        source: Name of the file.
        title: For maps and reports.
        budget: In ``currency``; infinite for no limit.
        currency: Of budget and prices.
        required: A place counts as seen from this probability.
        score: ``"seen"`` counts places that reach ``required``; ``"expected"`` sums
            probabilities.
        inside: Width of the watched belt inside the border [m].
        cell: Side of its cells [m].
        k: Effective earth radius factor, None for that of the place's atmosphere.
        start_ns: Moment whose season and air hold [ns UTC].
        belt: Whether the belt is watched; not when only areas are named.
        parts: Parts of the border; all of it, at weight 1, when empty.
        areas: Other places to watch.
        classes: What is to be seen.
        packages: What money buys.
        candidates: Where sites may be.
        sites: Given places.
        needs: Coverage by several sensors.
        links: None when sites need not hang together.
        conditions: Hours and weathers, one at least.
        assure: What is asked of a crossing.
        drones: Looks.
        patrols: Reaction.
    """

    source: str
    title: str
    budget: float
    currency: str
    required: float
    score: Score
    inside: float
    cell: float
    k: float | None
    start_ns: int
    belt: bool
    parts: tuple[BorderPart, ...]
    areas: tuple[Area, ...]
    classes: tuple[WantedClass, ...]
    packages: tuple[Package, ...]
    candidates: tuple[Candidates, ...]
    sites: tuple[WantedSite, ...]
    needs: tuple[WantedNeed, ...]
    links: WantedLinks | None
    conditions: tuple[Condition, ...]
    assure: Assure
    drones: tuple[Drone, ...]
    patrols: tuple[Patrol, ...]
