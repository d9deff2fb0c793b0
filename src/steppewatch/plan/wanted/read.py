"""Read a plan file: strict, so that a slip of the pen never becomes another plan.

The reader takes text; whoever holds the file reads it. ``docs/siting.md`` lists every key.
"""

import math
from collections.abc import Mapping
from typing import Any

from steppewatch.errors import PlanError, WorldError
from steppewatch.plan.rehearse.beside import beside
from steppewatch.plan.rehearse.refuse import spot as spot_at
from steppewatch.plan.wanted.asked import (
    Area,
    Assure,
    BorderPart,
    Candidates,
    Condition,
    Drone,
    Package,
    Patrol,
    Wanted,
    WantedClass,
    WantedLinks,
    WantedNeed,
    WantedSite,
)
from steppewatch.plan.wanted.schema import PAGE, TABLES
from steppewatch.sense.eoir import CAMERAS
from steppewatch.sense.radar.library import RADARS
from steppewatch.sense.targets import TARGETS
from steppewatch.world.border import Border
from steppewatch.written import Spot, check, expected_name, moment, parse

KM, MINUTE = 1_000.0, 60.0
NEEDS_FILE = ("settlements", "points", "roads")
ON_THE_GROUND = 5.0  # [m]; a class that stays lower walks or drives
CLEAR_DAY = Condition(name="clear day", share=1.0, night=False, visibility=23_000.0, rain=0.0)

Row = tuple[Spot, dict[str, Any]]


def load_wanted(text: str, name: str, border: Border) -> Wanted:
    """Read a plan file.

    Args:
        text: TOML.
        name: File name for messages.
        border: For places counted along it.

    Raises:
        PlanError: Something in it is unknown, missing or impossible; the message names file,
            line, key, what was found and what is expected.
    """
    raw = parse(text, name, PlanError, PAGE)
    for key in raw:
        if key not in TABLES:
            expected = expected_name(key, tuple(TABLES))
            raise PlanError(f"{name}: [{key}] is not a known table; {expected}")
    reader = _Reader(name, text, raw, border)
    spot, head = reader.one("plan")
    packages = tuple(_package(*row) for row in reader.named("package", required=True))
    ids = tuple(package.id for package in packages)
    parts = tuple(_part(*row) for row in reader.many("section"))
    areas = tuple(Area(**values) for _, values in reader.many("area"))
    classes = tuple(_class(*row) for row in reader.many("class", required=True))
    candidates = tuple(_candidates(*row, ids) for row in reader.many("candidates"))
    sites = tuple(reader.site(*row, ids) for row in reader.named("site"))
    if not candidates and not sites:
        raise PlanError(f"{name}: no [[candidates]] and no [[site]]: say where sites may be")
    return Wanted(
        source=name,
        title=head["title"],
        budget=float(head["budget"]),
        currency=head["currency"],
        required=float(head["required"]),
        score=head["score"],
        inside=head["inside_km"] * KM,
        cell=head["cell_km"] * KM,
        k=None if head["k"] is None else float(head["k"]),
        start_ns=moment(spot, "start", head["start"]),
        belt=bool(parts) or not areas,
        parts=parts,
        areas=areas,
        classes=classes,
        packages=packages,
        candidates=candidates,
        sites=sites,
        needs=tuple(_need(*row, classes) for row in reader.many("need")),
        links=_links(*reader.one("links")) if "links" in raw else None,
        conditions=_conditions(reader.named("condition", "name")),
        assure=_assure(reader.one("assure")[1]),
        drones=tuple(reader.drone(*row) for row in reader.named("drones")),
        patrols=tuple(reader.patrol(*row) for row in reader.named("patrol")),
    )


class _Reader:
    """Hold the text while one plan is read."""

    def __init__(self, name: str, text: str, raw: Mapping[str, Any], border: Border) -> None:
        self._name, self._text, self._raw, self._border = name, text, raw, border

    def one(self, table: str) -> Row:
        """Give the only table of a name, its defaults when absent."""
        spot = spot_at(self._name, self._text, table)
        value = self._raw.get(table, {})
        if not isinstance(value, dict):
            spot.refuse("", "a list", f"one table [{table}]")
        return spot, check(spot, value, TABLES[table])

    def many(self, table: str, *, required: bool = False) -> list[Row]:
        """Give all tables of a name."""
        value = self._raw.get(table, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            spot_at(self._name, self._text, table).refuse(
                "", "one table", f"[[{table}]] in double brackets"
            )
        if required and not value:
            raise PlanError(f"{self._name}: no [[{table}]]: a plan needs one at least ({PAGE})")
        spots = [spot_at(self._name, self._text, table, i) for i in range(len(value))]
        return [
            (spot, check(spot, item, TABLES[table]))
            for spot, item in zip(spots, value, strict=True)
        ]

    def named(self, table: str, key: str = "id", *, required: bool = False) -> list[Row]:
        """Give all tables of a name whose ids must differ."""
        rows = self.many(table, required=required)
        seen: set[str] = set()
        for spot, value in rows:
            if value[key] in seen:
                spot.refuse(key, f"{value[key]!r}, used before", "one of its own")
            seen.add(value[key])
        return rows

    def place(self, spot: Spot, value: Mapping[str, Any]) -> tuple[float, float]:
        """Find a place given by degrees or along the border [rad]."""
        lat, lon, neighbour, km = (value[k] for k in ("lat_deg", "lon_deg", "border", "km"))
        if lat is not None and lon is not None:
            return math.radians(lat), math.radians(lon)
        if neighbour is None or km is None:
            spot.refuse("lat_deg", "not a place", "lat_deg and lon_deg, or border and km")
        try:
            return beside(self._border, neighbour, km * KM, value["offset_km"] * KM)
        except WorldError as error:
            spot.refuse("km", f"{km:g}", f"a kilometre of this border ({error})")

    def site(self, spot: Spot, value: Mapping[str, Any], known: tuple[str, ...]) -> WantedSite:
        lat, lon = self.place(spot, value)
        package, fixed = value["package"], value["fixed"]
        if package is not None and package not in known:
            spot.refuse("package", repr(package), expected_name(package, known))
        if fixed and package is None:
            spot.refuse("package", "missing", "what stands there, since it is fixed")
        if fixed and value["barred"]:
            spot.refuse("barred", "true, and fixed is too", "one of them")
        return WantedSite(
            id=value["id"],
            lat=lat,
            lon=lon,
            seek_high=value["seek_high_km"] * KM,
            packages=known if package is None else (package,),
            fixed=fixed,
            paid=fixed if value["paid"] is None else value["paid"],
            barred=value["barred"],
            gateway=value["gateway"],
        )

    def drone(self, spot: Spot, value: Mapping[str, Any]) -> Drone:
        lat, lon = self.place(spot, value)
        return Drone(
            id=value["id"],
            lat=lat,
            lon=lon,
            speed=float(value["speed_ms"]),
            reach=value["reach_km"] * KM,
            reaction=value["reaction_min"] * MINUTE,
            available=float(value["available"]),
            camera=value["camera"],
        )

    def patrol(self, spot: Spot, value: Mapping[str, Any]) -> Patrol:
        lat, lon = self.place(spot, value)
        return Patrol(
            id=value["id"],
            lat=lat,
            lon=lon,
            speed=value["speed_kmh"] / 3.6,
            reaction=value["reaction_min"] * MINUTE,
            available=float(value["available"]),
            detour=float(value["detour"]),
        )


def _stretch(spot: Spot, value: Mapping[str, Any]) -> tuple[float, float]:
    if not value["from_km"] < value["to_km"]:
        spot.refuse("to_km", f"{value['to_km']:g}", f"more than from_km ({value['from_km']:g})")
    return value["from_km"] * KM, value["to_km"] * KM


def _part(spot: Spot, value: Mapping[str, Any]) -> BorderPart:
    start, end = _stretch(spot, value)
    return BorderPart(
        neighbour=value["border"], start=start, end=end, weight=float(value["weight"])
    )


def _class(spot: Spot, value: Mapping[str, Any]) -> WantedClass:
    target = TARGETS[value["target"]]
    height = value["height_m"]
    if height is None:
        if target.high > ON_THE_GROUND:
            spot.refuse("height_m", "missing", f"a height above ground: a {target.name} flies")
        height = round(0.5 * (target.low + target.high), 1)
    speed = target.speed if value["speed_ms"] is None else value["speed_ms"]
    return WantedClass(
        target=target.name, height=float(height), weight=float(value["weight"]), speed=float(speed)
    )


def _package(spot: Spot, value: Mapping[str, Any]) -> Package:
    models = (*RADARS, *CAMERAS)
    for model in value["sensors"]:
        if not isinstance(model, str):
            spot.refuse("sensors", repr(model), "models in quotes")
        if model not in models and not model.endswith(".toml"):
            spot.refuse("sensors", repr(model), expected_name(model, models))
    reach = value["max_range_km"]
    return Package(
        id=value["id"],
        sensors=tuple(value["sensors"]),
        mast=float(value["mast_m"]),
        max_range=None if reach is None else reach * KM,
        price=float(value["price"]),
        most=value["most"],
    )


def _candidates(spot: Spot, value: Mapping[str, Any], known: tuple[str, ...]) -> Candidates:
    chosen = known if value["packages"] is None else tuple(value["packages"])
    for package in chosen:
        if package not in known:
            spot.refuse("packages", repr(package), expected_name(str(package), known))
    if value["from_km"] >= value["to_km"]:
        spot.refuse("to_km", f"{value['to_km']:g}", f"more than from_km ({value['from_km']:g})")
    if value["kind"] in NEEDS_FILE and value["file"] is None:
        spot.refuse("file", "missing", f"where the {value['kind']} are")
    return Candidates(
        kind=value["kind"],
        number=value["number"],
        nearest=value["from_km"] * KM,
        farthest=value["to_km"] * KM,
        steepest=math.radians(value["steepest_deg"]),
        spacing=value["spacing_km"] * KM,
        packages=chosen,
        file=value["file"],
        near_file=value["near_file"],
        near=value["near_km"] * KM,
        power_file=value["power_file"],
        power=value["power_km"] * KM,
        seed=value["seed"],
    )


def _need(spot: Spot, value: Mapping[str, Any], classes: tuple[WantedClass, ...]) -> WantedNeed:
    known = tuple(one.target for one in classes)
    if value["target"] not in known:
        spot.refuse("target", repr(value["target"]), expected_name(value["target"], known))
    start, end = _stretch(spot, value)
    usual = f"{value['border']} {value['from_km']:g}-{value['to_km']:g} km"
    return WantedNeed(
        name=usual if value["name"] is None else value["name"],
        neighbour=value["border"],
        start=start,
        end=end,
        target=value["target"],
        sensors=value["sensors"],
        share=float(value["share"]),
    )


def _links(spot: Spot, value: Mapping[str, Any]) -> WantedLinks:
    by_place = value["gateways"] == "settlements"
    if by_place and value["gateway_file"] is None:
        spot.refuse("gateway_file", "missing", 'the places of the network, or gateways = "sites"')
    return WantedLinks(
        reach=value["reach_km"] * KM,
        frequency=value["frequency_ghz"] * 1e9,
        clearance=float(value["clearance"]),
        gateway_file=value["gateway_file"] if by_place else None,
        gateway_within=value["gateway_km"] * KM,
    )


def _conditions(rows: list[Row]) -> tuple[Condition, ...]:
    if not rows:
        return (CLEAR_DAY,)
    total = sum(value["share"] for _, value in rows)
    if not total > 0.0:
        rows[0][0].refuse("share", "0 in all conditions", "shares that sum to more than 0")
    return tuple(
        Condition(
            name=value["name"],
            share=value["share"] / total,
            night=value["night"],
            visibility=value["visibility_km"] * KM,
            rain=float(value["rain_mm_h"]),
        )
        for _, value in rows
    )


def _assure(value: Mapping[str, Any]) -> Assure:
    return Assure(
        track_time=value["track_minutes"] * MINUTE,
        direction=value["direction"],
        lead=value["lead_km"] * KM,
    )
