"""What stands where: sites of a plan with the sensors of their packages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from steppewatch.errors import PlanError
from steppewatch.plan.assure.sensor import Standing
from steppewatch.plan.rehearse.scenario import SitePlan
from steppewatch.plan.rehearse.stage import place_site
from steppewatch.sense.eoir import CAMERAS
from steppewatch.sense.eoir.library import find_camera, is_camera
from steppewatch.sense.radar.library import find_design
from steppewatch.written import expected_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from steppewatch.plan.wanted import Package, Wanted
    from steppewatch.sense.eoir import CameraDesign
    from steppewatch.sense.radar.design import RadarDesign
    from steppewatch.world.terrain import Terrain


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipped:
    """Hold one site with its package.

    Attributes:
        id: Unique short name.
        lat: Latitude [rad].
        lon: Longitude [rad].
        package: What stands there.
        gateway: It reaches the network by itself.
        price: Of the package, in the plan's currency.
    """

    id: str
    lat: float
    lon: float
    package: Package
    gateway: bool = False
    price: float = 0.0


Designs = dict[str, "RadarDesign | CameraDesign"]


def package_of(wanted: Wanted, name: str, where: str) -> Package:
    """Find a package of a plan by name.

    Raises:
        PlanError: There is none; the message names ``where`` it was asked for.
    """
    for one in wanted.packages:
        if one.id == name:
            return one
    known = tuple(one.id for one in wanted.packages)
    raise PlanError(f"{where}: package {name!r}: {expected_name(name, known)}")


def fixed_sites(wanted: Wanted, terrain: Terrain) -> tuple[Equipped, ...]:
    """Stand the sites on the ground that stand already or must.

    Raises:
        PlanError: Terrain is unknown under one of them.
    """
    return tuple(
        equip(wanted, terrain, one.id, one.packages[0]) for one in wanted.sites if one.fixed
    )


def equip(wanted: Wanted, terrain: Terrain, site: str, package: str) -> Equipped:
    """Stand one given site of a plan on the ground, or on the highest about, with a package."""
    one = next(given for given in wanted.sites if given.id == site)
    bought = package_of(wanted, package, f"{wanted.source}: site {site!r}")
    ground = SitePlan(id=site, name=site, lat=one.lat, lon=one.lon, seek_high=one.seek_high)
    place = place_site(ground, terrain, wanted.source)
    return Equipped(
        id=site,
        lat=place.lat,
        lon=place.lon,
        package=bought,
        gateway=one.gateway,
        price=bought.price,
    )


def designs_of(wanted: Wanted, read: Callable[[str], str]) -> Designs:
    """Find the radars and cameras of all packages.

    Args:
        wanted: The plan.
        read: Reads a sensor's own ``.toml`` file.

    Raises:
        SenseError: A file is none of a sensor.
    """
    found: Designs = {}
    for package in wanted.packages:
        for name in package.sensors:
            if name not in found:
                own = name.endswith(".toml")
                camera = name in CAMERAS or (own and is_camera(read(name)))
                found[name] = find_camera(name, read) if camera else find_design(name, read)
    return found


def standings_of(
    sites: Sequence[Equipped], designs: Mapping[str, RadarDesign | CameraDesign]
) -> tuple[Standing, ...]:
    """List the sensors of sites, in their order; a relay has none."""
    out = []
    for site in sites:
        for number, name in enumerate(site.package.sensors, 1):
            design = designs[name]
            short = name.removesuffix(".toml")
            limit = site.package.max_range
            more = f"-{number}" if len(site.package.sensors) > 1 else ""
            out.append(
                Standing(
                    id=f"{site.id}-{short}{more}",
                    site=site.id,
                    lat=site.lat,
                    lon=site.lon,
                    mast=site.package.mast,
                    max_range=min(design.max_range, limit) if limit else design.max_range,
                    design=design,
                )
            )
    return tuple(out)
