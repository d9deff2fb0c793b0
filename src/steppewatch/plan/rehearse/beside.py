"""Find places beside the border: so many kilometres along it, so far inside or outside."""

import numpy as np

from steppewatch.world import geodesic
from steppewatch.world.border import Border

CHORD = 1_000.0  # [m]; the border's direction is taken over this much to either side


def beside(border: Border, neighbour: str, along: float, offset: float) -> tuple[float, float]:
    """Find a place at right angles to the border.

    Args:
        border: The line.
        neighbour: Whose segment.
        along: Where along it [m].
        offset: How far from it [m], positive into the country.

    Returns:
        Latitude and longitude [rad].

    Raises:
        WorldError: The segment has no such neighbour or kilometre.
    """
    lat, lon = border.point_at(neighbour, along)
    if offset == 0.0:
        return float(lat), float(lon)
    ends = np.clip([along - CHORD, along + CHORD], 0.0, border.line(neighbour).length)
    lats, lons = border.point_at(neighbour, ends)
    _, course, _ = geodesic.inverse(lats[0], lons[0], lats[1], lons[1])
    right = np.asarray(course) + np.pi / 2.0
    # The country lies to the right or to the left: the line itself does not say which.
    near = geodesic.direct(lat, lon, right, min(abs(offset), 0.5 * CHORD))
    inside = float(border.locate(near[0], near[1]).distance) > 0.0
    way = right if inside == (offset > 0.0) else right + np.pi
    place = geodesic.direct(lat, lon, way, abs(offset))
    return float(place[0]), float(place[1])
