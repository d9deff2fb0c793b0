"""Draw dense traffic: many loops through an area, some flown in formation."""

import math
from collections.abc import Iterator

import numpy as np

from steppewatch.plan.rehearse.kinds import KINDS
from steppewatch.plan.rehearse.scenario import Route, Scenario, Traffic, Waypoint
from steppewatch.world import geodesy

CORNERS = 4
HEIGHT_SPREAD = (0.6, 1.1)


def traffic_routes(scenario: Scenario) -> Iterator[Route]:
    """Turn the ``[[traffic]]`` tables of a scenario into routes, the same ones every time."""
    for number, traffic in enumerate(scenario.traffic):
        rng = np.random.default_rng((scenario.seed, 3, number))
        left, flight = traffic.number, 0
        while left > 0:
            group = traffic.group if rng.random() < _group_chance(traffic) else 1
            group = min(group, left)
            flight += 1
            yield _loop(traffic, flight, group, rng)
            left -= group


def _group_chance(traffic: Traffic) -> float:
    """Give the chance that the next flight is a formation, from the share of movers in one."""
    groups = traffic.formations / traffic.group
    return groups / (groups + 1.0 - traffic.formations)


def _loop(traffic: Traffic, flight: int, group: int, rng: np.random.Generator) -> Route:
    names = [kind for kind, _ in traffic.mix]
    name = names[int(rng.choice(len(names), p=[share for _, share in traffic.mix]))]
    kind = KINDS[name]
    speed = kind.speed * float(rng.uniform(0.85, 1.15))
    waypoints = _corners(traffic, kind.above_ground * float(rng.uniform(*HEIGHT_SPREAD)), rng)
    lap = CORNERS * traffic.leg / speed
    return Route(
        id=f"{traffic.id}-{flight}",
        name=f"{traffic.id} {flight}",
        kind=kind,
        kind_name=name,
        waypoints=waypoints,
        speed=speed,
        variation=kind.variation,
        start=-float(rng.uniform(0.0, lap)),
        repeat="loop",
        departures=1,
        every=1.0,
        count=group,
        spacing=traffic.spacing,
        pauses=(),
        rcs=math.nan,
    )


def _corners(traffic: Traffic, height: float, rng: np.random.Generator) -> tuple[Waypoint, ...]:
    """Draw the corners of a loop about a random middle, kept inside the area."""
    middle_lat = rng.uniform(traffic.south, traffic.north)
    middle_lon = rng.uniform(traffic.west, traffic.east)
    first = rng.uniform(0.0, 2.0 * math.pi)
    way = 1.0 if rng.random() < 0.5 else -1.0
    corners = []
    for i in range(CORNERS):
        angle = first + way * 2.0 * math.pi * i / CORNERS
        reach = traffic.leg * 0.7 * rng.uniform(0.6, 1.4) / geodesy.MEAN_RADIUS
        lat = middle_lat + reach * math.cos(angle)
        lon = middle_lon + reach * math.sin(angle) / math.cos(middle_lat)
        corners.append(
            Waypoint(
                lat=float(np.clip(lat, traffic.south, traffic.north)),
                lon=float(np.clip(lon, traffic.west, traffic.east)),
                above_ground=height,
            )
        )
    return tuple(corners)
