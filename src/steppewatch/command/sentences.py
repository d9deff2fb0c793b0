"""Alerts in one sentence each: what happened, in numbers, and why it matters."""

import math

from steppewatch.records import TargetClass

_NOUNS = {
    TargetClass.UNKNOWN: "Track",
    TargetClass.WALKER: "Walker",
    TargetClass.RIDER: "Rider",
    TargetClass.VEHICLE: "Vehicle",
    TargetClass.AIRCRAFT: "Aircraft",
    TargetClass.HELICOPTER: "Helicopter",
    TargetClass.SMALL_DRONE: "Small drone",
    TargetClass.BIRD: "Bird",
}
_NEIGHBOURS = {"RU": "Russian", "CN": "Chinese"}


def noun(target: int, number: int) -> str:
    """Name a track: ``"Vehicle 12"``."""
    return f"{_NOUNS.get(TargetClass(target), 'Track')} {number}"


def line(neighbour: str, along: float) -> str:
    """Name a place of the border: ``"Russian border (km 1,234.5)"``."""
    return f"{_NEIGHBOURS.get(neighbour, neighbour)} border (km {along / 1e3:,.1f})"


def distance(metres: float) -> str:
    """Say a distance as people do.

    >>> distance(840.0), distance(12_340.0)
    ('840 m', '12.3 km')
    """
    metres = abs(metres)
    return f"{metres:.0f} m" if metres < 1_000.0 else f"{metres / 1e3:.1f} km"


def span(seconds: float) -> str:
    """Say a time as people do.

    >>> span(42.0), span(305.0)
    ('42 s', '5 min')
    """
    return f"{seconds:.0f} s" if seconds < 90.0 else f"{seconds / 60.0:.0f} min"


def motion(speed: float, course: float) -> str:
    """Say speed and course: ``"38 m/s on course 183°"``."""
    return f"{speed:.0f} m/s on course {math.degrees(course) % 360.0:03.0f}°"


def crossed(who: str, where: str, way: str, moving: str, inside: float) -> str:
    """Report a crossing."""
    side = "inside" if way == "in" else "outside"
    return (
        f"{who} crossed the {where} {way}bound at {moving} and is now {distance(inside)} {side}: "
        "find out who it is and who can meet it."
    )


def approach(who: str, where: str, away: float, closing: float, seconds: float) -> str:
    """Report an approach."""
    side = "inside" if away >= 0.0 else "outside"
    return (
        f"{who} is {distance(away)} {side} the {where} and closes at {closing:.0f} m/s: it reaches "
        f"the line in about {span(seconds)} if it keeps its course."
    )


def low_flight(who: str, where: str, above: float, speed: float, away: float) -> str:
    """Report low flight near the border."""
    return (
        f"{who} flies {above:.0f} m above ground at {speed:.0f} m/s, {distance(away)} from the "
        f"{where}: so low it may drop out of radar sight behind the next ridge."
    )


def lost(who: str, where: str, away: float, unseen: float) -> str:
    """Report a track that ended near the border."""
    side = "inside" if away >= 0.0 else "outside"
    return (
        f"{who} was lost {distance(away)} {side} the {where}, not seen for {span(unseen)}: it may "
        "have stopped, hidden or crossed unseen."
    )


def silent(sensor: str, reason: str) -> str:
    """Report a sensor that says nothing."""
    why = f" ({reason})" if reason else ""
    return f"Sensor {sensor} is silent{why}: what it watches is not watched until it is back."


def degraded(sensor: str, reason: str) -> str:
    """Report a sensor that works badly."""
    why = f" ({reason})" if reason else ""
    return f"Sensor {sensor} works badly{why}: expect missing or late tracks where it alone looks."
