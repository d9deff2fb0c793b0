"""``steppewatch sense network``: what many sensors see together, and where the border is dark."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppewatch.cli.sense_camera import CN2_DAY, CN2_NIGHT
from steppewatch.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from steppewatch.plan.network import NetworkPlan, Stand
    from steppewatch.records import Site
    from steppewatch.sense.coverage.dark import Watch
    from steppewatch.sense.coverage.network import Cover
    from steppewatch.sense.eoir import CameraDesign, Conditions
    from steppewatch.sense.radar.design import RadarDesign
    from steppewatch.world.terrain import Terrain

TABLE_ROWS = 20


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for maps and lists.")
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option("--target", help="Class of object; else the plan's.")
@click.option("--height", type=float, help="Height above ground, m; else the class's own.")
@click.option("--required", type=float, help="Probability that counts; else the plan's.")
@click.option("--sensors", type=click.IntRange(1, 100), help="Sensors that must each reach it.")
@click.option("--step", type=float, help="Posts along the border, m; else the plan's.")
@click.option("--cell", type=float, help="Side of the map's cells, m; else the plan's.")
@click.option("--task", type=click.Choice(["detect", "recognise", "identify"]), default="detect")
@click.option("--visibility-km", type=float, default=23.0, show_default=True)
@click.option("--night", is_flag=True, help="No daylight.")
@click.option("--rows", type=int, default=TABLE_ROWS, show_default=True, help="Lines printed.")
def network(plan: Path, out: Path | None, **given: Any) -> None:
    """Add up the sensors of PLAN.toml (or of a scenario) and list the dark border.

    Example: steppewatch sense network examples/networks/three-posts.toml --out network
    """
    from steppewatch.cli.sense_network_files import write_lists, write_maps
    from steppewatch.engine.border_file import load_border
    from steppewatch.engine.terrain_window import chosen_terrain
    from steppewatch.plan.network import load_network, with_question
    from steppewatch.sense.coverage.dark import border_posts, dark_list
    from steppewatch.sense.coverage.network import Tally, frame_about
    from steppewatch.sense.coverage.provenance import SYNTHETIC

    border = load_border()
    asked = with_question(
        load_network(_read(plan), str(plan), border),
        str(plan),
        **{key: given[key] for key in ("target", "height", "required", "sensors", "step", "cell")},
    )
    terrain = chosen_terrain(given["dem"])
    members = _members(asked, terrain, plan)
    frame = frame_about([(m.site.lat, m.site.lon, m.max_range) for m in members], asked.cell)
    along = border_posts(border, asked.step, asked.sections)
    line = Tally(along.posts.lat, along.posts.lon, required=asked.required)
    ground = Tally(frame.lat[:, None], frame.lon, required=asked.required)
    warnings = []
    for one in _covers(asked, members, terrain, given):
        warnings += [f"{one.name}: {warning}" for warning in one.warnings]
        line.add(one)
        ground.add(one)
    watch = dark_list(border, along, line.network(), sensors=asked.sensors)
    found = ground.network()
    info = terrain.describe()
    if info.synthetic:
        warnings.append(SYNTHETIC)
    print(_heading(asked, info.label, watch, given))
    print(_table(watch, given["rows"]))
    print(_shares(found, frame))
    for warning in warnings:
        print(f"warning: {warning}")
    if out is not None:
        about = {
            "title": asked.title or plan.name,
            "target": asked.target,
            "height_m": asked.height,
            "required": asked.required,
            "sensors_required": asked.sensors,
            "terrain": info.label,
            "synthetic": info.synthetic,
            "warnings": warnings,
            "sensors": [name for name, _, _ in found.sites],
        }
        write_lists(out, watch, about)
        write_maps(out, frame, found, watch, border, terrain, about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Hold one sensor of the plan: how it stands, where, and what it is."""

    stand: "Stand"
    site: "Site"
    design: "CameraDesign | RadarDesign"

    @property
    def max_range(self) -> float:
        """Give how far it is asked [m]."""
        return self.stand.max_range or self.design.max_range

    @property
    def mast(self) -> float:
        """Give its height above ground [m]."""
        return self.stand.mast or self.design.mast


def _members(asked: "NetworkPlan", terrain: "Terrain", plan: Path) -> list[Member]:
    """Put the sensors on their sites, and read what they are."""
    from steppewatch.plan.rehearse.stage import place_site
    from steppewatch.sense.eoir.library import CAMERAS, find_camera, is_camera
    from steppewatch.sense.radar.library import find_design

    def read(name: str) -> str:
        return _read(plan.parent / name)

    sites = {site.id: place_site(site, terrain, str(plan)) for site in asked.sites}
    members = []
    for stand in asked.stands:
        if stand.radar is not None:
            members.append(Member(stand=stand, site=sites[stand.site], design=stand.radar))
            continue
        own = stand.model.endswith(".toml")
        camera = stand.model in CAMERAS or (own and is_camera(read(stand.model)))
        design = find_camera(stand.model, read) if camera else find_design(stand.model, read)
        members.append(Member(stand=stand, site=sites[stand.site], design=design))
    return members


def _covers(
    asked: "NetworkPlan", members: list[Member], terrain: "Terrain", given: dict[str, Any]
) -> "Iterator[Cover]":
    """Work out each sensor's cover, one after the other."""
    from steppewatch.plan.network import FLYING
    from steppewatch.sense.coverage.covers import camera_cover, radar_cover
    from steppewatch.sense.coverage.radar_map import Layer
    from steppewatch.sense.eoir import CameraDesign, Task
    from steppewatch.sense.radar.emplaced import stand
    from steppewatch.sense.targets import target_model

    conditions = _conditions(given)
    layer = Layer(target=target_model(asked.target), height=asked.height)
    base = asked.height if asked.target in FLYING else 0.0
    for one in members:
        site = one.site
        if isinstance(one.design, CameraDesign):
            yield camera_cover(
                terrain,
                site.lat,
                site.lon,
                one.design,
                name=one.stand.id,
                target=asked.target,
                base=base,
                task=Task(given["task"]),
                conditions=conditions,
                mast=one.mast,
                max_range=one.max_range,
            )
        else:
            from steppewatch.world.atmosphere import site_atmosphere

            air = site_atmosphere(site.lat, site.lon, site.height)
            yield radar_cover(
                terrain,
                stand(one.design, site.lat, site.lon, site.height, air, mast=one.mast),
                layer,
                name=one.stand.id,
                k=air.k,
                max_range=one.max_range,
            )


def _conditions(given: dict[str, Any]) -> "Conditions":
    from steppewatch.sense.eoir import Conditions, Weather

    weather = Weather(
        visibility=given["visibility_km"] * 1e3,
        night=given["night"],
        cn2=CN2_NIGHT if given["night"] else CN2_DAY,
    )
    return Conditions(weather=weather)


def _heading(asked: "NetworkPlan", terrain: str, watch: "Watch", given: dict[str, Any]) -> str:
    each = (
        f"combined probability ≥ {asked.required:g}"
        if asked.sensors == 1
        else f"{asked.sensors} sensors with probability ≥ {asked.required:g}"
    )
    hour = "night" if given["night"] else "day"
    text = (
        f"{asked.title or 'network'}: {asked.target} at {asked.height:g} m above ground, {each}\n"
        f"terrain: {terrain}\n"
        f"cameras: P({given['task']}) when they look there, by {hour}, visibility "
        f"{given['visibility_km']:g} km; radars: P(detect) in one scan\n"
        f"border looked at {watch.length / 1e3:.1f} km in steps of {watch.every:g} m: dark "
        f"{watch.dark / 1e3:.1f} km ({watch.dark / watch.length:.1%})"
    )
    if watch.unknown:
        text += f", of which unknown {watch.unknown / 1e3:.1f} km"
    return text


def _table(watch: "Watch", rows: int) -> str:
    """Lay out the dark list, longest first."""
    head = ("border", "from km", "to km", "length km", "worst P", "unknown")
    lines = ["{:>4} {:<7}{:>10}{:>10}{:>11}{:>9}{:>9}  nearest sensor".format("#", *head)]
    for number, one in enumerate(watch.stretches[:rows], 1):
        near = f"{one.nearest} ({one.distance / 1e3:.0f} km)" if one.nearest else "none"
        unknown = f"{one.unknown:.0%}" if one.unknown else "-"
        lines.append(
            f"{number:>4} {one.neighbour:<7}{one.start / 1e3:>10.2f}{one.end / 1e3:>10.2f}"
            f"{one.length / 1e3:>11.2f}{one.worst:>9.2f}{unknown:>9}  {near}"
        )
    more = len(watch.stretches) - rows
    if more > 0:
        lines.append(f"     … and {more} shorter stretches")
    return "\n".join(lines)


def _shares(found: Any, frame: Any) -> str:
    """Say how much ground how many sensors see, by area."""
    import numpy as np

    area = np.broadcast_to(frame.area(), found.count.shape)
    cell = (frame.north - frame.south) / len(frame.lat) * 6371.0
    side = (frame.east - frame.west) / len(frame.lon) * 6371.0
    parts = []
    for least in (1, 2, 3):
        seen = float(area[found.count >= least].sum()) * cell * side
        parts.append(f"{seen:,.0f} km² by {least} or more")
    return "ground seen: " + ", ".join(parts)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise EngineError(
            f"{path} cannot be read ({error}): give a network plan (docs/networks.md), a scenario "
            "or a sensor's .toml file"
        ) from error
