"""A place as people give it to the commands of ``sense``: ``LON,LAT`` in degrees.

A module of its own, because :mod:`~steppewatch.cli.options` imports a whole run, and help must be
quick.
"""

import math
from typing import Any

import click


class LonLat(click.ParamType[tuple[float, float]]):
    """Read ``LON,LAT`` in degrees; give latitude and longitude in radians."""

    name = "LON,LAT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Parse, check, and say so when the two look swapped."""
        if isinstance(value, tuple):
            return value
        try:
            lon, lat = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not LON,LAT in degrees, for example 106.3,50.2", param, ctx)
        if abs(lat) > 90.0 and abs(lon) <= 90.0:
            self.fail(
                f"{value!r}: longitude comes first; did you mean {lat:g},{lon:g}?", param, ctx
            )
        if not (-180.0 <= lon <= 360.0 and -90.0 <= lat <= 90.0):
            self.fail(f"{value!r} is no place on earth: longitude, latitude in degrees", param, ctx)
        return math.radians(lat), math.radians(lon)
