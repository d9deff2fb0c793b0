"""Points, lines and polygons that a planner brings, and how near places are to them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from steppewatch.errors import PlanError
from steppewatch.world.geodesy import MEAN_RADIUS, Array

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Hold what a file of features says.

    Attributes:
        source: Name of the file, for messages.
        shapes: ``(n,)`` shapely geometries, longitude and latitude in degrees.
        ids: ``(n,)`` names, ``""`` where there is none.
    """

    source: str
    shapes: NDArray[Any]
    ids: tuple[str, ...]

    def bounds(self) -> tuple[float, float, float, float]:
        """Give south, west, north, east [rad]."""
        west, south, east, north = np.radians(shapely.total_bounds(self.shapes)).tolist()
        return south, west, north, east

    def points(self) -> tuple[Array, Array]:
        """Give latitude and longitude [rad] of a point of each feature: its own, or within it."""
        inner = shapely.point_on_surface(self.shapes)
        return np.radians(shapely.get_y(inner)), np.radians(shapely.get_x(inner))

    def along(self, spacing: float) -> tuple[Array, Array]:
        """Give latitude and longitude [rad] of points so far apart [m] along lines and edges."""
        parts = shapely.get_parts(_mercator(self.shapes))
        lines = shapely.get_parts(
            np.array([p if p.geom_type != "Polygon" else p.boundary for p in parts], object)
        )
        lines = [line for line in lines if line.geom_type in ("LineString", "LinearRing")]
        places = []
        for line in lines:
            scale = math.cosh(float(shapely.centroid(line).y) / MEAN_RADIUS)
            count = max(int(line.length / scale / spacing), 1)
            at = (np.arange(count) + 0.5) / count
            places.append(shapely.line_interpolate_point(line, at, normalized=True))
        if not places:
            raise PlanError(f"{self.source}: holds no lines: expected roads as lines")
        found = np.concatenate(places)
        lat = np.arctan(np.sinh(shapely.get_y(found) / MEAN_RADIUS))
        return lat, shapely.get_x(found) / MEAN_RADIUS

    def holds(self, lat: Array, lon: Array) -> Flags:
        """Say which places [rad] lie within a polygon."""
        inside = np.zeros(len(lat), bool)
        tree = shapely.STRtree(self.shapes)
        places = shapely.points(np.degrees(lon), np.degrees(lat))
        inside[tree.query(places, predicate="intersects")[0]] = True
        return inside

    def within(self, lat: Array, lon: Array, distance: float) -> Flags:
        """Say which places [rad] lie so near to any feature [m].

        Distances are measured on Mercator's map at the place's own scale: within 1 % up to 50 km
        below 60° of latitude.
        """
        near = np.zeros(len(lat), bool)
        tree = shapely.STRtree(_mercator(self.shapes))
        x, y = MEAN_RADIUS * lon, MEAN_RADIUS * np.arcsinh(np.tan(lat))
        reach = distance / np.cos(lat)
        near[tree.query(shapely.points(x, y), predicate="dwithin", distance=reach)[0]] = True
        return near


def _mercator(shapes: NDArray[Any]) -> NDArray[Any]:
    """Project to Mercator's map of the sphere [m]."""

    def project(degrees: Array) -> Array:
        lon, lat = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
        return np.stack((MEAN_RADIUS * lon, MEAN_RADIUS * np.arcsinh(np.tan(lat))), axis=1)

    return np.asarray(shapely.transform(shapes, project))
