"""What a planner's screen may ask, read strictly."""

import math
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from steppewatch.web.api import read_object

LONGEST_BODY = 512 * 1024
MOST_SITES = 2_000
LONGEST_NAME = 200
HIGHEST_SEEK = 10_000.0
KEYS = {"assure", "moved", "seek_high", "sites"}
SITE_KEYS = {"id", "lat", "lon", "package"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Hold where a site of the changed plan stands, and what stands there.

    Places are kept in degrees, as the screen sends them: what comes back is the very same place.

    Attributes:
        id: Its name.
        lat_deg: Latitude.
        lon_deg: Longitude.
        package: Name of a package of the plan.
    """

    id: str
    lat_deg: float
    lon_deg: float
    package: str

    @property
    def lat(self) -> float:
        """Give the latitude [rad]."""
        return math.radians(self.lat_deg)

    @property
    def lon(self) -> float:
        """Give the longitude [rad]."""
        return math.radians(self.lon_deg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Hold a changed plan.

    Attributes:
        sites: All sites of it.
        moved: The site that has just been moved; None when none was.
        seek_high: That one goes to the highest ground within this distance [m].
        assure: What it assures is asked, too.
    """

    sites: tuple[Placed, ...]
    moved: str | None = None
    seek_high: float = 0.0
    assure: bool = True


async def read_json(request: Request, what: str) -> dict[str, Any]:
    """Read a body that is a JSON object; raises as ``api.read_object``."""
    return await read_object(request, what, LONGEST_BODY)


def read_wanted(content: dict[str, Any], packages: frozenset[str]) -> Wanted:
    """Read a changed plan.

    Args:
        content: ``{"sites": [{"id", "lat", "lon", "package"}, …], "moved", "seek_high",
            "assure"}``; the last three may be left out.
        packages: Those of the plan.

    Raises:
        HTTPException: 400, naming the entry that is wrong.
    """
    unknown = sorted(set(content) - KEYS)
    if unknown:
        raise HTTPException(
            400, f"{unknown[0][:60]!r} is unknown, expected {', '.join(sorted(KEYS))}"
        )
    sites = content.get("sites")
    if not isinstance(sites, list) or len(sites) > MOST_SITES:
        raise HTTPException(400, f"sites is no list of at most {MOST_SITES} sites")
    placed = tuple(_site(one, f"sites[{i}]", packages) for i, one in enumerate(sites))
    names = [one.id for one in placed]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise HTTPException(400, f"two sites are called {twice[:60]!r}: give each its own id")
    moved = content.get("moved")
    if moved is not None and moved not in names:
        raise HTTPException(400, f"moved is {str(moved)[:60]!r}, expected the id of a site")
    seek, assure = content.get("seek_high", 0.0), content.get("assure", True)
    if not isinstance(assure, bool):
        raise HTTPException(400, f"assure is {str(assure)[:60]!r}, expected true or false")
    return Wanted(
        sites=placed,
        moved=moved,
        seek_high=_number(seek, "seek_high", 0.0, HIGHEST_SEEK),
        assure=assure,
    )


def _site(one: Any, place: str, packages: frozenset[str]) -> Placed:
    if not isinstance(one, dict) or set(one) != SITE_KEYS:
        raise HTTPException(400, f"{place} must have {', '.join(sorted(SITE_KEYS))}, no more")
    name, package = one["id"], one["package"]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise HTTPException(400, f"{place}.id must be 1…{LONGEST_NAME} printable characters")
    if not isinstance(package, str) or package not in packages:
        raise HTTPException(
            400,
            f"{place}.package is {str(package)[:60]!r}, expected one of "
            f"{', '.join(sorted(packages))}",
        )
    return Placed(
        id=name,
        lat_deg=_number(one["lat"], f"{place}.lat", -80.0, 80.0),
        lon_deg=_number(one["lon"], f"{place}.lon", -180.0, 180.0),
        package=package,
    )


def _number(value: Any, place: str, low: float, high: float) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not low <= value <= high:
        raise HTTPException(
            400, f"{place} is {str(value)[:60]}, expected a number {low:g}…{high:g}"
        )
    return float(value)
