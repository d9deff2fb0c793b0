"""The border as GeoJSON for a map: each neighbour's line, and kilometre posts where one looks."""

import math
from typing import Any

import numpy as np

from steppewatch.world.border import Border

Object = dict[str, Any]

POST_EVERY = 1_000.0
FAR_POST_EVERY = 50_000.0
NEAR = math.radians(4.0)


def border_map(border: Border, home_deg: tuple[float, float, float, float]) -> Object:
    """Draw the border as a GeoJSON ``FeatureCollection`` (RFC 7946).

    Posts stand every kilometre within some 400 km of the home view and every 50 km beyond, so
    that the map opens quickly on a poor link.

    Args:
        border: The line.
        home_deg: West, south, east, north of the first view [deg].
    """
    west, south, east, north = np.radians(home_deg)
    features = [
        {
            "type": "Feature",
            "properties": {"border": line.neighbour},
            "geometry": {"type": "LineString", "coordinates": _degrees(line.lat, line.lon)},
        }
        for line in border.lines
    ]
    posts = border.posts(POST_EVERY)
    near = (
        (posts.lat > south - NEAR)
        & (posts.lat < north + NEAR)
        & (posts.lon > west - NEAR)
        & (posts.lon < east + NEAR)
    )
    kept = np.flatnonzero(near | (np.fmod(posts.along, FAR_POST_EVERY) < 1.0))
    places = _degrees(posts.lat[kept], posts.lon[kept])
    for index, place in zip(kept.tolist(), places, strict=True):
        name = border.lines[int(posts.neighbour[index])].neighbour
        km = round(float(posts.along[index]) / 1e3)
        features.append(
            {
                "type": "Feature",
                "properties": {"border": name, "km": km},
                "geometry": {"type": "Point", "coordinates": place},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _degrees(lat: Any, lon: Any) -> list[list[float]]:
    """Longitude first, five decimals: one metre."""
    return np.round(np.degrees(np.stack((lon, lat), axis=-1)), 5).tolist()  # type: ignore[no-any-return]
