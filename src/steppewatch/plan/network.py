"""Read a network plan: which sensors stand where, and what they are asked about the border.

A plan is a TOML file of its own (docs/networks.md), or a rehearsal's scenario: its sites and
sensors are taken as they are, and the questions have their usual values.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from steppewatch.errors import PlanError, SenseError, WorldError
from steppewatch.plan.rehearse import load as load_scenario
from steppewatch.plan.rehearse.beside import beside
from steppewatch.plan.rehearse.refuse import check
from steppewatch.plan.rehearse.refuse import spot as spot_at
from steppewatch.plan.rehearse.scenario import SitePlan
from steppewatch.plan.rehearse.schema import PLACE
from steppewatch.sense.coverage.dark import Section
from steppewatch.sense.coverage.radar_map import usual_layers
from steppewatch.sense.eoir import CAMERAS, SIGNATURES, signature
from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.library import RADARS
from steppewatch.sense.targets import target_model
from steppewatch.world.border import Border
from steppewatch.written import Key, Spot, expected_name, parse

TOP = ("network", "section", "site", "sensor")
PAGE = "docs/networks.md"
FLYING = ("light-aircraft", "helicopter", "small-drone")

QUESTION = {
    "title": Key("text", ""),
    "target": Key("text", "walker", choices=tuple(SIGNATURES)),
    "height_m": Key("number", None, 0.0, 20_000.0),
    "required": Key("number", 0.5, 0.001, 0.999),
    "sensors": Key("integer", 1, 1, 100),
    "step_m": Key("number", 250.0, 10.0, 100_000.0),
    "cell_m": Key("number", 1_000.0, 10.0, 50_000.0),
}
SECTION = {
    "border": Key("text", choices=("RU", "CN")),
    "from_km": Key("number", 0.0, 0.0, 10_000.0),
    "to_km": Key("number", math.inf, 0.0, math.inf),
}
SITE = {
    "id": Key("text"),
    "name": Key("text", None),
    **PLACE,
    "seek_high_km": Key("number", 0.0, 0.0, 30.0),
}
SENSOR = {
    "id": Key("text", None),
    "site": Key("text"),
    "model": Key("text"),
    "mast_m": Key("number", None, 0.1, 20_000.0),
    "max_range_km": Key("number", None, 0.1, 600.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Stand one sensor on a site.

    Attributes:
        id: Unique short name.
        site: ``SitePlan.id``.
        model: Name of a radar or camera of the library, or a ``.toml`` file.
        mast: Height above ground [m], the model's own when None.
        max_range: [m], the model's own when None.
        radar: The radar as a scenario changed it (sector, power, scan); None for the model's own.
    """

    id: str
    site: str
    model: str
    mast: float | None
    max_range: float | None
    radar: RadarDesign | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlan:
    """Hold a plan, checked and in SI.

    Attributes:
        title: For the map.
        target: Class of object.
        height: Its height above ground [m]: of its middle on the ground, of its flight in the
            air.
        required: Probability that counts.
        sensors: Sensors that must each reach it; 1 asks the combined probability.
        step: Distance of the posts along the border [m].
        cell: Side of the map's cells [m].
        sections: Parts of the border; all of it when empty.
        sites: Places.
        stands: Sensors.
    """

    title: str
    target: str
    height: float
    required: float
    sensors: int
    step: float
    cell: float
    sections: tuple[Section, ...]
    sites: tuple[SitePlan, ...]
    stands: tuple[Stand, ...]


def load_network(text: str, name: str, border: Border) -> NetworkPlan:
    """Read a plan, or the sites and sensors of a scenario.

    Args:
        text: TOML.
        name: File name for messages.
        border: For places counted along it.

    Raises:
        PlanError: Something in it is unknown, missing or impossible; the message names file,
            line, key, what was found and what is expected.
    """
    raw = parse(text, name, PlanError, PAGE)
    if "scenario" in raw:
        return _from_scenario(text, name, border)
    for key in raw:
        if key not in TOP:
            raise PlanError(f"{name}: [{key}] is not a known table; {expected_name(key, TOP)}")
    head = raw.get("network", {})
    if not isinstance(head, dict):
        spot_at(name, text, "network").refuse("", "a list", "one table [network]")
    asked = check(spot_at(name, text, "network"), head, QUESTION)
    sites = tuple(
        _site(spot, value, border) for spot, value in _many(raw, name, text, "site", SITE)
    )
    _unique(name, text, "site", [site.id for site in sites])
    stands = tuple(
        _stand(spot, value, number, sites)
        for number, (spot, value) in enumerate(_many(raw, name, text, "sensor", SENSOR), 1)
    )
    _unique(name, text, "sensor", [stand.id for stand in stands])
    if not stands:
        raise PlanError(f"{name}: no [[sensor]]: a network needs one at least ({PAGE})")
    sections = tuple(
        Section(neighbour=v["border"], start=v["from_km"] * 1e3, end=v["to_km"] * 1e3)
        for _, v in _many(raw, name, text, "section", SECTION)
    )
    return _with_height(
        NetworkPlan(
            title=asked["title"],
            target=asked["target"],
            height=math.nan if asked["height_m"] is None else float(asked["height_m"]),
            required=float(asked["required"]),
            sensors=asked["sensors"],
            step=float(asked["step_m"]),
            cell=float(asked["cell_m"]),
            sections=sections,
            sites=sites,
            stands=stands,
        ),
        name,
    )


def with_question(plan: NetworkPlan, name: str, **changes: Any) -> NetworkPlan:
    """Ask a plan another question (``target``, ``height``, ``required``, ``sensors`` and so on).

    A new target brings its own height unless one is given.

    Raises:
        PlanError: The class is unknown, or something that flies has no height.
    """
    given = {key: value for key, value in changes.items() if value is not None}
    if "target" in given:
        try:
            signature(given["target"])
        except SenseError as error:
            raise PlanError(f"{name}: {error}") from error
        given.setdefault("height", math.nan)
    return _with_height(dataclasses.replace(plan, **given), name)


def _with_height(plan: NetworkPlan, name: str) -> NetworkPlan:
    """Give what stands on the ground its usual height; what flies must bring its own."""
    if not math.isnan(plan.height):
        return plan
    if plan.target in FLYING:
        raise PlanError(
            f"{name}: a {plan.target} flies: say how high above ground (height_m, or --height)"
        )
    return dataclasses.replace(plan, height=_usual_height(plan.target))


def _usual_height(target: str) -> float:
    """Give the height at which a radar's map asks for a class that walks or drives [m]."""
    return usual_layers([target_model(target)], [])[0].height


def _from_scenario(text: str, name: str, border: Border) -> NetworkPlan:
    scenario = load_scenario(text, name, border)
    return NetworkPlan(
        title=scenario.title,
        target="walker",
        height=_usual_height("walker"),
        required=0.5,
        sensors=1,
        step=250.0,
        cell=1_000.0,
        sections=(),
        sites=scenario.sites,
        stands=tuple(
            Stand(
                id=sensor.id,
                site=sensor.site,
                model=sensor.model,
                mast=sensor.radar.mast,
                max_range=sensor.radar.max_range,
                radar=sensor.radar,
            )
            for sensor in scenario.sensors
        ),
    )


def _many(
    raw: Mapping[str, Any], name: str, text: str, table: str, keys: Mapping[str, Key]
) -> list[tuple[Spot, dict[str, Any]]]:
    value = raw.get(table, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        spot_at(name, text, table).refuse("", "one table", f"[[{table}]] in double brackets")
    spots = [spot_at(name, text, table, i) for i in range(len(value))]
    return [(spot, check(spot, item, keys)) for spot, item in zip(spots, value, strict=True)]


def _unique(name: str, text: str, table: str, ids: list[str]) -> None:
    for i, one in enumerate(ids):
        if one in ids[:i]:
            spot_at(name, text, table, i).refuse("id", f"{one!r}, used before", "an id of its own")


def _site(spot: Spot, value: Mapping[str, Any], border: Border) -> SitePlan:
    lat, lon, neighbour, km = (value[k] for k in ("lat_deg", "lon_deg", "border", "km"))
    if lat is not None and lon is not None:
        place = math.radians(lat), math.radians(lon)
    elif neighbour is None or km is None:
        spot.refuse("lat_deg", "not a place", "lat_deg and lon_deg, or border and km")
    else:
        try:
            place = beside(border, neighbour, km * 1e3, value["offset_km"] * 1e3)
        except WorldError as error:
            spot.refuse("km", f"{km:g}", f"a kilometre of this border ({error})")
    return SitePlan(
        id=value["id"],
        name=value["name"] or value["id"],
        lat=place[0],
        lon=place[1],
        seek_high=value["seek_high_km"] * 1e3,
    )


def _stand(spot: Spot, value: Mapping[str, Any], number: int, sites: tuple[SitePlan, ...]) -> Stand:
    known = tuple(site.id for site in sites)
    if value["site"] not in known:
        spot.refuse("site", repr(value["site"]), expected_name(value["site"], known))
    models = (*RADARS, *CAMERAS)
    if value["model"] not in models and not value["model"].endswith(".toml"):
        spot.refuse("model", repr(value["model"]), expected_name(value["model"], models))
    reach = value["max_range_km"]
    return Stand(
        id=value["id"] or f"{value['site']}-{value['model'].removesuffix('.toml')}-{number}",
        site=value["site"],
        model=value["model"],
        mast=value["mast_m"],
        max_range=None if reach is None else reach * 1e3,
    )
