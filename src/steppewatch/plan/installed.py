"""Read where real radars stand: the file that ``replay`` and ``listen`` take with ``--sensors``.

A ``[[sensor]]`` has the figures of a scenario's sensor (docs/scenarios.md), its place, and the
address under which its feed comes (docs/first-watch.md has an example).
"""

import dataclasses
import math
import re
from typing import Any

from steppewatch.errors import PlanError
from steppewatch.plan.rehearse.override import FIELDS, KM, sector
from steppewatch.plan.rehearse.refuse import check
from steppewatch.plan.rehearse.refuse import spot as spot_at
from steppewatch.plan.rehearse.schema import TABLES
from steppewatch.records import Sensor
from steppewatch.sense import post_radar, radar_design, stand
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
    # Figures of a real radar describe its plots; whether its class could have them is not asked.
    radar = stand(
        radar_design(value["model"]),
        math.radians(value["lat_deg"]),
        math.radians(value["lon_deg"]),
        float(value["height_m"]),
        mast=0.0,
    )
    sensor = post_radar(
        radar, sensor_id=value["id"], name=value["name"] or value["id"], site=value["id"], feed=FEED
    ).sensor
    own: dict[str, Any] = {
        field: value[key] * factor
        for key, (field, factor) in FIELDS.items()
        if value.get(key) is not None and field != "min_speed"
    }
    if value["scan_period_s"] is not None:
        own["scan_period"] = float(value["scan_period_s"])
    own_sector: dict[str, Any] = sector(spot, value["sector_deg"])
    sensor = dataclasses.replace(sensor, **own, **own_sector)
    if sensor.min_range >= sensor.max_range:
        spot.refuse(
            "max_range_km" if value["max_range_km"] is not None else "min_range_km",
            f"{sensor.max_range / KM:g} km against min_range {sensor.min_range / KM:g} km",
            "a greatest range beyond the smallest",
        )
    return dataclasses.replace(sensor, address=value["address"])
