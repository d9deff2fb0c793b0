"""Read where real radars stand: the file that ``replay`` and ``listen`` take with ``--sensors``.

A ``[[sensor]]`` has the figures of a scenario's sensor (docs/scenarios.md), its place, and the
address under which its feed comes (docs/first-watch.md has an example).
"""

import dataclasses
import math
import re

from steppewatch.errors import PlanError, SenseError
from steppewatch.plan.rehearse.read import override
from steppewatch.plan.rehearse.refuse import check
from steppewatch.plan.rehearse.refuse import spot as spot_at
from steppewatch.plan.rehearse.schema import TABLES
from steppewatch.records import Origin, Sensor
from steppewatch.sense import preset, radar_model
from steppewatch.written import REQUIRED, Key, Spot, expected_name, parse

FEED = "asterix"
NOT_HERE = {"site", "mast_m"}
KEYS = {name: key for name, key in TABLES["sensor"].items() if name not in NOT_HERE} | {
    "address": Key("text"),
    "lat_deg": Key("number", REQUIRED, -90.0, 90.0),
    "lon_deg": Key("number", REQUIRED, -180.0, 180.0),
    "height_m": Key("number", REQUIRED, -500.0, 9_000.0),
}
ADDRESS = re.compile(r"asterix:(\d{1,3})/(\d{1,3})")
HIGHEST = 255


def load_sensors(text: str, name: str) -> tuple[Sensor, ...]:
    """Read the descriptions of installed radars.

    Args:
        text: TOML.
        name: File name for messages.

    Raises:
        PlanError: Something in it is unknown, missing or impossible; the message names file,
            line, key, what was found and what is expected.

    >>> found = load_sensors('''
    ... [[sensor]]
    ... address = "asterix:20/129"
    ... id = "north"
    ... model = "atc-2d"
    ... lat_deg = 47.85
    ... lon_deg = 106.77
    ... height_m = 1330
    ... ''', "radars.toml")
    >>> found[0].id, found[0].address, round(found[0].height)
    ('north', 'asterix:20/129', 1330)
    """
    raw = parse(text, name, PlanError, "docs/first-watch.md")
    for key in raw:
        if key != "sensor":
            raise PlanError(
                f"{name}: [{key}] is not a known table; {expected_name(key, ('sensor',))}"
            )
    items = raw.get("sensor", [])
    if not isinstance(items, list) or not items:
        spot_at(name, text, "sensor").refuse("", "not there", "at least one [[sensor]]")
    sensors = tuple(_sensor(spot_at(name, text, "sensor", i), item) for i, item in enumerate(items))
    for key in ("id", "address"):
        seen: set[str] = set()
        for index, sensor in enumerate(sensors):
            value = getattr(sensor, key)
            if value in seen:
                spot = spot_at(name, text, "sensor", index)
                spot.refuse(key, f"{value!r}, used before", f"an {key} of its own")
            seen.add(value)
    return sensors


def _sensor(spot: Spot, item: dict[str, object]) -> Sensor:
    value = check(spot, item, KEYS)
    address = ADDRESS.fullmatch(value["address"])
    if address is None or max(int(part) for part in address.groups()) > HIGHEST:
        spot.refuse("address", repr(value["address"]), "asterix:SAC/SIC, such as asterix:20/129")
    chosen = override(spot, preset(value["model"]), {**value, "mast_m": 0.0})
    try:
        radar = radar_model(
            chosen,
            sensor_id=value["id"],
            name=value["name"] or value["id"],
            site=value["id"],
            lat=math.radians(value["lat_deg"]),
            lon=math.radians(value["lon_deg"]),
            ground=float(value["height_m"]),
        )
    except SenseError as error:
        raise PlanError(f"{spot.file}: {error}") from error
    origin = Origin(sensor=value["id"], feed=FEED)
    return dataclasses.replace(radar.sensor, address=value["address"], origin=origin)
