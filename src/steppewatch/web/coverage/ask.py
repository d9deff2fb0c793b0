"""What a screen may ask of the coverage, and how a wrong question is answered."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from starlette.exceptions import HTTPException

from steppewatch.records import Sensor, SensorKind
from steppewatch.sense.eoir import SIGNATURES
from steppewatch.sense.eoir.library import CAMERAS, camera_design
from steppewatch.sense.radar.library import RADARS, radar_design
from steppewatch.sense.targets import TARGETS
from steppewatch.world.atmosphere.site import Season

DEFAULT_SENSOR = "gap-filler"
SEASONS: tuple[Season, ...] = ("year", "summer", "winter")
PARAMETERS = ("lon", "lat", "sensor", "mast", "range", "k", "season", "of", "screen")
TARGET_PARAMETERS = ("target", "height")
LONGEST_TOKEN = 40
SHORTEST, FARTHEST = 500.0, 450_000.0
LOWEST_MAST, HIGHEST_MAST = 0.5, 6_000.0
HIGHEST_TARGET = 20_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorClass:
    """Name a class that can be stood on a hill.

    Attributes:
        id: Its short name.
        name: What people call it.
        kind: As :class:`SensorKind`, in lower case.
        mast: Usual height of the antenna or lens above ground [m]; of a drone its flight height.
        min_range: Closest range [m].
        max_range: Instrumented range [m].
        sector_start: Where its sector begins, clockwise from true north [rad].
        sector_width: Its width [rad].
    """

    id: str
    name: str
    kind: str
    mast: float
    min_range: float
    max_range: float
    sector_start: float = 0.0
    sector_width: float = 2.0 * math.pi


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Hold one question, checked; equal questions have one answer.

    Attributes:
        sensor: Short name of the class, or of the sensor in the picture.
        optical: True for a camera: light bends less than radio.
        name: What people call it.
        lat: Latitude of the antenna [rad].
        lon: Longitude [rad].
        mast: Height of the antenna above ground [m]; None when ``antenna`` is given.
        antenna: Height of the antenna above the terrain's datum [m]; None when ``mast`` is given.
        min_range: Closest range [m].
        max_range: Farthest range [m].
        sector_start: Where the sector begins, clockwise from true north [rad].
        sector_width: Its width [rad]; 2π for all round.
        k: Effective-earth factor; None for the one of the site's own atmosphere.
        season: Of that atmosphere.
    """

    sensor: str
    name: str
    optical: bool
    lat: float
    lon: float
    mast: float | None
    antenna: float | None
    min_range: float
    max_range: float
    sector_start: float = 0.0
    sector_width: float = 2.0 * math.pi
    k: float | None = None
    season: Season = "year"


@cache
def sensor_classes() -> dict[str, SensorClass]:
    """List the classes of the library, radars first, in the order in which a person meets them."""
    radars = [(name, radar_design(name)) for name in RADARS]
    cameras = [(name, camera_design(name)) for name in CAMERAS]
    classes = [
        SensorClass(
            id=name,
            name=found.name,
            kind=found.kind.name.lower(),
            mast=found.mast,
            min_range=found.min_range,
            max_range=found.max_range,
            sector_start=found.sector_start,
            sector_width=found.sector_width,
        )
        for name, found in radars
    ]
    classes += [
        SensorClass(
            id=name,
            name=found.name,
            kind="camera",
            mast=found.mast,
            min_range=found.min_range,
            max_range=found.max_range,
        )
        for name, found in cameras
    ]
    return {found.id: found for found in classes}


def read_ask(query: Mapping[str, str], sensors: Mapping[str, Sensor]) -> Ask:
    """Read a question from the parameters of a request.

    Args:
        query: As sent; docs/stream.md lists the names.
        sensors: Those of the picture, by id.

    Raises:
        HTTPException: 400 or 404, with what was, what should be and what to do.
    """
    for name in query:
        if name not in PARAMETERS:
            raise HTTPException(
                400, f"parameter {name!r} is unknown{_close(name, PARAMETERS)}; see docs/stream.md"
            )
    if "of" in query:
        return _of_the_picture(query, sensors)
    classes = sensor_classes()
    chosen = classes.get(query.get("sensor", DEFAULT_SENSOR))
    if chosen is None:
        raise HTTPException(
            400,
            f"sensor is {query['sensor'][:60]!r}, expected one of {', '.join(classes)}"
            f"{_close(query['sensor'], classes)}: GET /api/v1/coverage/sensors lists them",
        )
    return Ask(
        sensor=chosen.id,
        name=chosen.name,
        optical=chosen.kind == "camera",
        lat=math.radians(_number(query, "lat", -80.0, 80.0, "degrees north")),
        lon=math.radians(_number(query, "lon", -180.0, 180.0, "degrees east")),
        mast=_number(query, "mast", LOWEST_MAST, HIGHEST_MAST, "metres above ground", chosen.mast),
        antenna=None,
        min_range=chosen.min_range,
        max_range=_range(query, chosen.min_range, chosen.max_range),
        sector_start=chosen.sector_start,
        sector_width=chosen.sector_width,
        k=_k(query),
        season=_season(query),
    )


def _of_the_picture(query: Mapping[str, str], sensors: Mapping[str, Sensor]) -> Ask:
    beside = sorted(set(query) & {"lon", "lat", "sensor", "mast"})
    if beside:
        raise HTTPException(
            400, f"of names a sensor of the picture, so leave out {', '.join(beside)}"
        )
    found = sensors.get(query["of"])
    if found is None:
        raise HTTPException(
            404,
            f"of is {query['of'][:60]!r}, expected a sensor of the picture: "
            "GET /api/v1/sites lists them",
        )
    if not (math.isfinite(found.lat) and math.isfinite(found.lon) and math.isfinite(found.height)):
        raise HTTPException(
            422, f"nobody said where {found.id} stands: give lon, lat and sensor instead"
        )
    return Ask(
        sensor=found.id,
        name=found.name or found.id,
        optical=found.kind is SensorKind.CAMERA,
        lat=found.lat,
        lon=found.lon,
        mast=None,
        antenna=found.height,
        min_range=found.min_range,
        max_range=_range(query, found.min_range, found.max_range),
        sector_start=found.sector_start,
        sector_width=found.sector_width,
        k=_k(query),
        season=_season(query),
    )


def target_classes() -> list[dict[str, object]]:
    """List the classes of targets, and which sensors can be asked about them."""
    return [
        {
            "id": name,
            "speed": model.speed,
            "low": model.low,
            "high": model.high,
            "cameras": name in SIGNATURES,
        }
        for name, model in TARGETS.items()
    ]


def read_target(query: Mapping[str, str]) -> tuple[str, float]:
    """Read the class of targets and their height [m].

    Raises:
        HTTPException: 400, with what was, what should be and what to do.
    """
    if "of" in query:
        raise HTTPException(
            400,
            "a sensor of the picture does not say its class: give lon, lat, mast and sensor "
            "instead of of",
        )
    sensor, target = query.get("sensor", DEFAULT_SENSOR), query.get("target", "")
    known = [n for n in TARGETS if sensor not in CAMERAS or n in SIGNATURES]
    if target not in known:
        raise HTTPException(
            400,
            f"target is {target[:60]!r}, expected one of {', '.join(known)}{_close(target, known)}",
        )
    return target, _number(query, "height", 0.0, HIGHEST_TARGET, "metres above ground")


def read_screen(query: Mapping[str, str]) -> str:
    """Read the screen's token: a newer question of the same screen overtakes the older one."""
    token = query.get("screen", "")
    if len(token) > LONGEST_TOKEN:
        raise HTTPException(400, f"screen is longer than {LONGEST_TOKEN} characters: shorten it")
    return token


def _range(query: Mapping[str, str], least: float, usual: float) -> float:
    usual = min(usual, FARTHEST)
    return _number(query, "range", max(2.0 * least, SHORTEST), FARTHEST, "metres", usual)


def _k(query: Mapping[str, str]) -> float | None:
    return _number(query, "k", 0.5, 10.0, "(4/3 is the textbook's earth)") if "k" in query else None


def _season(query: Mapping[str, str]) -> Season:
    named = query.get("season", SEASONS[0])
    for season in SEASONS:
        if named == season:
            return season
    raise HTTPException(400, f"season is {named[:60]!r}, expected one of {', '.join(SEASONS)}")


def _number(
    query: Mapping[str, str],
    name: str,
    low: float,
    high: float,
    unit: str,
    usual: float | None = None,
) -> float:
    text = query.get(name)
    if text is None:
        if usual is None:
            raise HTTPException(400, f"{name} is missing: give {name}=, {low:g}…{high:g} {unit}")
        return usual
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise HTTPException(
            400, f"{name} is {text[:60]!r}, expected a number {low:g}…{high:g} {unit}"
        )
    return value


def _close(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""
