"""Put a scenario's own figures into a radar of the library."""

import dataclasses
import math
from typing import Any

from steppewatch.errors import PlanError, SenseError
from steppewatch.sense import RadarDesign
from steppewatch.sense.radar.equation import with_reference_range
from steppewatch.sense.radar.schedule import with_scan_period
from steppewatch.written import Spot

KM = 1_000.0
DEGREE = math.pi / 180.0
# key of the file → field of the design and factor into SI
FIELDS = {
    "mast_m": ("mast", 1.0),
    "min_range_km": ("min_range", KM),
    "max_range_km": ("max_range", KM),
    "min_speed_ms": ("min_speed", 1.0),
    "false_alarms": ("false_alarms", 1.0),
    "sigma_range_m": ("sigma_range", 1.0),
    "sigma_azimuth_deg": ("sigma_azimuth", DEGREE),
    "sigma_elevation_deg": ("sigma_elevation", DEGREE),
    "sigma_range_rate_ms": ("sigma_range_rate", 1.0),
}


def sector(spot: Spot, value: list[Any] | None) -> dict[str, float]:
    """Read ``sector_deg``: where it starts and how wide it is [rad]; nothing when not given."""
    if value is None:
        return {}
    if len(value) != 2 or not all(isinstance(x, int | float) for x in value):
        spot.refuse("sector_deg", repr(value), "[first azimuth, last azimuth], clockwise")
    width = (value[1] - value[0]) % 360.0 or 360.0
    return {"sector_start": math.radians(value[0] % 360.0), "sector_width": math.radians(width)}


def override(spot: Spot, radar: RadarDesign, value: dict[str, Any]) -> RadarDesign:
    """Put a file's own figures into a radar; ``value`` was checked against the schema.

    Raises:
        PlanError: No radar could be so.
    """
    changes: dict[str, Any] = {
        field: value[key] * factor
        for key, (field, factor) in FIELDS.items()
        if value[key] is not None
    }
    changes |= sector(spot, value["sector_deg"])
    low = changes.get("min_range", radar.min_range)
    high = changes.get("max_range", radar.max_range)
    if low >= high:
        spot.refuse(
            "max_range_km" if value["max_range_km"] is not None else "min_range_km",
            f"{high / KM:g} km against min_range {low / KM:g} km",
            "a greatest range beyond the smallest",
        )
    if value["max_range_km"] is not None:
        changes["secondary_range"] = min(radar.secondary_range, high)
    try:
        radar = dataclasses.replace(radar, **changes)
        if value["scan_period_s"] is not None:
            radar = with_scan_period(radar, float(value["scan_period_s"]))
        if value["reference_range_km"] is not None:
            radar = with_reference_range(radar, value["reference_range_km"] * KM)
    except SenseError as error:
        raise PlanError(f"{spot.file}: {spot.table}[{spot.index + 1}]: {error}") from error
    return radar
