"""Where the map looks first, and the border as GeoJSON (RFC 7946)."""

import math
from collections.abc import Sequence

import numpy as np

from steppewatch.command.picture import Picture
from steppewatch.command.tracks import OWN
from steppewatch.records import Sensor
from steppewatch.web.objects import Box, Object
from steppewatch.world.border import Border
from steppewatch.world.geodesic import short_inverse
from steppewatch.world.geodesy import MEAN_RADIUS

POSTS_EVERY = 10_000.0
FINE_POSTS_EVERY = 1_000.0
FINE_POSTS_WITHIN = 120_000.0
# A screen of 1280 × 720 px; one world is 256 px wide at zoom 0 (Web Mercator).
SCREEN = (1280.0, 720.0)
FITTED_RANGE = 120_000.0
LEAST_MARGIN_DEG = 0.5


def view_around(home: tuple[float, float, float]) -> Box:
    """Turn latitude, longitude [deg] and zoom into west, south, east, north [deg]."""
    lat, lon, zoom = home
    across = 360.0 / (256.0 * 2.0**zoom)
    half_lon = 0.5 * SCREEN[0] * across
    half_lat = 0.5 * SCREEN[1] * across * math.cos(math.radians(lat))
    return (lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat)


def fit(picture: Picture) -> Box | None:
    """Find the first view [deg]; None when nothing is there yet.

    Around the sensors whose place somebody told and what they can see; else around the system
    tracks of a feed; else around where sensors are assumed.
    """
    told = [s for s in picture.sensors.values() if not s.position_assumed]
    if told:
        return _around_sensors(told)
    return _around_foreign(picture) or _around_sensors(list(picture.sensors.values()))


def _around_sensors(sensors: Sequence[Sensor]) -> Box | None:
    if not sensors:
        return None
    boxes = []
    for sensor in sensors:
        reach = min(sensor.max_range, FITTED_RANGE) / MEAN_RADIUS
        wide = reach / max(0.05, math.cos(sensor.lat))
        boxes.append((sensor.lon - wide, sensor.lat - reach, sensor.lon + wide, sensor.lat + reach))
    west, south, east, north = np.degrees(np.array(boxes)).T
    return (float(west.min()), float(south.min()), float(east.max()), float(north.max()))


def _around_foreign(picture: Picture) -> Box | None:
    table = picture.tracks
    rows = np.flatnonzero((table.column("key") != 0) & (table.column("feed") != OWN))
    if not rows.size:
        return None
    lat, lon = (np.degrees(table.column(name)[rows]) for name in ("lat", "lon"))
    margin = max(LEAST_MARGIN_DEG, 0.2 * float(np.ptp(lat)), 0.2 * float(np.ptp(lon)))
    return (
        float(lon.min()) - margin,
        float(lat.min()) - margin,
        float(lon.max()) + margin,
        float(lat.max()) + margin,
    )


def border_collection(border: Border | None, home: tuple[float, float, float] | None) -> Object:
    """Draw the border's lines, posts every 10 km, and every km near the first view."""
    features: list[Object] = []
    for line in border.lines if border else ():
        path = np.degrees(np.stack((line.lon, line.lat), axis=-1)).round(6).tolist()
        geometry = {"type": "LineString", "coordinates": path}
        features.append(_feature(geometry, border=line.neighbour))
    if border:
        features += _posts(border, POSTS_EVERY, None)
        if home:
            features += _posts(border, FINE_POSTS_EVERY, home)
    return {"type": "FeatureCollection", "features": features}


def _posts(border: Border, every: float, near: tuple[float, float, float] | None) -> list[Object]:
    posts = border.posts(every)
    keep = np.ones(posts.along.shape, bool)
    if near is not None:
        lat, lon = math.radians(near[0]), math.radians(near[1])
        away, _ = short_inverse(lat, lon, posts.lat, posts.lon)
        coarse = np.isclose(np.mod(posts.along, POSTS_EVERY), 0.0)
        keep = (away < FINE_POSTS_WITHIN) & ~coarse
    return [
        _feature(
            {
                "type": "Point",
                "coordinates": [round(math.degrees(lon), 6), round(math.degrees(lat), 6)],
            },
            border=border.lines[line].neighbour,
            km=round(along / 1e3, 3),
        )
        for line, along, lat, lon in zip(
            posts.neighbour[keep].tolist(),
            posts.along[keep].tolist(),
            posts.lat[keep].tolist(),
            posts.lon[keep].tolist(),
            strict=True,
        )
    ]


def _feature(geometry: Object, **properties: object) -> Object:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
