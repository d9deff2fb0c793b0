"""Read a scenario file: strict, so that a slip of the pen never becomes a silent other scenario.

The reader takes text; whoever holds the file reads it. ``docs/scenarios.md`` lists every key.
"""

import math
from collections.abc import Mapping
from typing import Any

from steppewatch.errors import PlanError, WorldError
from steppewatch.plan.rehearse.beside import beside
from steppewatch.plan.rehearse.kinds import KINDS, Kind
from steppewatch.plan.rehearse.override import override
from steppewatch.plan.rehearse.refuse import check
from steppewatch.plan.rehearse.refuse import spot as spot_at
from steppewatch.plan.rehearse.scenario import (
    Home,
    Outage,
    Route,
    Scenario,
    SensorPlan,
    SitePlan,
    Traffic,
    Waypoint,
)
from steppewatch.sense import radar_design
from steppewatch.world.border import Border
from steppewatch.written import Spot, expected_name, moment, parse

TOP = ("scenario", "home", "site", "sensor", "route", "traffic", "event")
KM = 1_000.0


def load(text: str, name: str, border: Border | None = None) -> Scenario:
    """Read a scenario.

    Args:
        text: TOML.
        name: File name for messages.
        border: Needed when the scenario counts kilometres along it.

    Raises:
        PlanError: The text is not a possible scenario; the message names file, line, key, what
            was found and what is expected.
    """
    raw = parse(text, name, PlanError, "docs/scenarios.md")
    for key in raw:
        if key not in TOP:
            raise PlanError(f"{name}: [{key}] is not a known table; {expected_name(key, TOP)}")
    reader = _Reader(name, text, raw, border)
    head = check(spot_at(name, text, "scenario"), reader.one("scenario"), "scenario")
    sites = tuple(reader.site(*item) for item in reader.many("site"))
    reader.unique("site", [s.id for s in sites])
    sensors = tuple(reader.sensor(*item, sites) for item in reader.many("sensor"))
    reader.unique("sensor", [s.id for s in sensors])
    routes = tuple(reader.route(*item) for item in reader.many("route"))
    reader.unique("route", [r.id for r in routes])
    return Scenario(
        source=name,
        title=head["title"],
        seed=head["seed"],
        start_ns=moment(spot_at(name, text, "scenario"), "start", head["start"]),
        duration=float(head["duration_s"]),
        home=reader.home(sites),
        sites=sites,
        sensors=sensors,
        routes=routes,
        traffic=tuple(reader.traffic(*item) for item in reader.many("traffic")),
        outages=tuple(reader.outage(*item, sensors) for item in reader.many("event")),
    )


class _Reader:
    """Hold the text while one scenario is read."""

    def __init__(self, name: str, text: str, raw: Mapping[str, Any], border: Border | None) -> None:
        self._name, self._text, self._raw, self._border = name, text, raw, border

    def one(self, table: str) -> Mapping[str, Any]:
        value = self._raw.get(table, {})
        if not isinstance(value, dict):
            spot_at(self._name, self._text, table).refuse("", "a list", f"one table [{table}]")
        return value

    def many(self, table: str) -> list[tuple[Spot, dict[str, Any]]]:
        value = self._raw.get(table, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            spot_at(self._name, self._text, table).refuse(
                "", "one table", f"[[{table}]] in double brackets"
            )
        spots = [spot_at(self._name, self._text, table, i) for i in range(len(value))]
        return [(spot, check(spot, item, table)) for spot, item in zip(spots, value, strict=True)]

    def unique(self, table: str, ids: list[str]) -> None:
        for i, one in enumerate(ids):
            if one in ids[:i]:
                spot_at(self._name, self._text, table, i).refuse(
                    "id", f"{one!r}, used before", "an id of its own"
                )

    def place(self, spot: Spot, value: Mapping[str, Any], prefix: str = "") -> tuple[float, float]:
        lat, lon, neighbour, km = (value[k] for k in ("lat_deg", "lon_deg", "border", "km"))
        if lat is not None and lon is not None:
            return math.radians(lat), math.radians(lon)
        if neighbour is None or km is None:
            spot.refuse(prefix + "lat_deg", "not a place", "lat_deg and lon_deg, or border and km")
        if self._border is None:
            spot.refuse(prefix + "border", repr(neighbour), "lat_deg and lon_deg: no border here")
        try:
            return beside(self._border, neighbour, km * KM, value["offset_km"] * KM)
        except WorldError as error:
            spot.refuse(prefix + "km", f"{km:g}", f"a kilometre of this border ({error})")

    def home(self, sites: tuple[SitePlan, ...]) -> Home:
        spot = spot_at(self._name, self._text, "home")
        if "home" not in self._raw:
            if not sites:
                return Home(lat=math.radians(47.0), lon=math.radians(104.0), zoom=5.0)
            middle = [sum(getattr(s, axis) for s in sites) / len(sites) for axis in ("lat", "lon")]
            return Home(lat=middle[0], lon=middle[1], zoom=9.0)
        value = check(spot, self.one("home"), "home")
        lat, lon = self.place(spot, value)
        return Home(lat=lat, lon=lon, zoom=float(value["zoom"]))

    def site(self, spot: Spot, value: dict[str, Any]) -> SitePlan:
        lat, lon = self.place(spot, value)
        return SitePlan(
            id=value["id"],
            name=value["name"] or value["id"],
            lat=lat,
            lon=lon,
            seek_high=value["seek_high_km"] * KM,
        )

    def sensor(self, spot: Spot, value: dict[str, Any], sites: tuple[SitePlan, ...]) -> SensorPlan:
        known = tuple(s.id for s in sites)
        if value["site"] not in known:
            spot.refuse("site", repr(value["site"]), expected_name(value["site"], known))
        return SensorPlan(
            id=value["id"],
            name=value["name"] or value["id"],
            site=value["site"],
            model=value["model"],
            radar=override(spot, radar_design(value["model"]), value),
        )

    def route(self, spot: Spot, value: dict[str, Any]) -> Route:
        kind = KINDS[value["kind"]]
        waypoints = tuple(
            self._waypoint(spot, i, point, value, kind)
            for i, point in enumerate(value["waypoints"])
        )
        if len(waypoints) < 2:
            spot.refuse("waypoints", f"{len(waypoints)} point(s)", "at least 2")
        return Route(
            id=value["id"],
            name=value["name"] or value["id"],
            kind=kind,
            kind_name=value["kind"],
            waypoints=waypoints,
            speed=float(value["speed_ms"] or kind.speed),
            variation=_given(value["speed_variation"], kind.variation),
            start=float(value["start_s"]),
            repeat=value["repeat"],
            departures=value["departures"],
            every=float(value["every_s"]),
            count=value["count"],
            spacing=float(value["spacing_m"]),
            pauses=_pauses(spot, value["pauses"], len(waypoints)),
            rcs=_given(value["rcs_m2"], math.nan),
        )

    def _waypoint(
        self, spot: Spot, i: int, point: object, route: dict[str, Any], kind: Kind
    ) -> Waypoint:
        prefix = f"waypoints[{i + 1}]."
        if isinstance(point, list) and len(point) in (2, 3):
            names = ("lat_deg", "lon_deg", "height_m")
            point = dict(zip(names, point, strict=False))
        if not isinstance(point, dict):
            spot.refuse(prefix[:-1], repr(point), "[lat_deg, lon_deg] or { km = …, offset_km = … }")
        if route["border"] is not None and "lat_deg" not in point:
            point = {"border": route["border"], **point}
        value = check(spot, point, "waypoint", prefix)
        lat, lon = self.place(spot, value, prefix)
        height = _given(value["height_m"], _given(route["height_m"], kind.above_ground))
        return Waypoint(lat=lat, lon=lon, above_ground=height)

    def traffic(self, spot: Spot, value: dict[str, Any]) -> Traffic:
        for low, high in (("south_deg", "north_deg"), ("west_deg", "east_deg")):
            if value[low] >= value[high]:
                spot.refuse(high, f"{value[high]:g}", f"more than {low} ({value[low]:g})")
        for kind, share in value["mix"].items():
            if kind not in KINDS:
                spot.refuse(f"mix.{kind}", "not a known kind", expected_name(kind, tuple(KINDS)))
            if not isinstance(share, int | float) or isinstance(share, bool) or share <= 0.0:
                spot.refuse(f"mix.{kind}", repr(share), "a share greater than 0")
        if not value["mix"]:
            spot.refuse("mix", "empty", "at least one kind and its share, { airliner = 1 }")
        total = float(sum(value["mix"].values()))
        return Traffic(
            id=value["id"],
            number=value["number"],
            south=math.radians(value["south_deg"]),
            west=math.radians(value["west_deg"]),
            north=math.radians(value["north_deg"]),
            east=math.radians(value["east_deg"]),
            mix=tuple((kind, share / total) for kind, share in value["mix"].items()),
            formations=float(value["formations"]),
            group=value["group"],
            spacing=float(value["spacing_m"]),
            leg=value["leg_km"] * KM,
        )

    def outage(self, spot: Spot, value: dict[str, Any], sensors: tuple[SensorPlan, ...]) -> Outage:
        known = tuple(s.id for s in sensors)
        if value["sensor"] not in known:
            spot.refuse("sensor", repr(value["sensor"]), expected_name(value["sensor"], known))
        if value["on_s"] <= value["off_s"]:
            spot.refuse("on_s", f"{value['on_s']:g}", f"more than off_s ({value['off_s']:g})")
        return Outage(
            sensor=value["sensor"],
            off=float(value["off_s"]),
            on=float(value["on_s"]),
            reason=value["reason"],
        )


def _pauses(spot: Spot, value: Any, waypoints: int) -> tuple[tuple[int, float], ...]:
    pauses = []
    for i, item in enumerate(value):
        prefix = f"pauses[{i + 1}]"
        if not isinstance(item, dict):
            spot.refuse(prefix, repr(item), "{ waypoint = 1, seconds = 60 }")
        pause = check(spot, item, "pause", prefix + ".")
        if pause["waypoint"] >= waypoints:
            spot.refuse(prefix + ".waypoint", str(pause["waypoint"]), f"0 to {waypoints - 1}")
        pauses.append((pause["waypoint"], float(pause["seconds"])))
    return tuple(sorted(pauses))


def _given(value: float | None, default: float) -> float:
    return default if value is None else float(value)
