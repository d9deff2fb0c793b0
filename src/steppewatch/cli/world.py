"""``steppewatch world``: the elevation that this node uses."""

import math
import sys
from pathlib import Path

import click

from steppewatch.errors import SteppewatchError


@click.group()
def world() -> None:
    """Add, fetch, list or remove terrain.

    Real elevation replaces the synthetic detail of the embedded relief wherever it is known.
    """


@world.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--link", is_flag=True, help="Use the files where they are instead of copying.")
@click.option("--datum", default="", help="Vertical datum, when the file does not say: EGM2008.")
@click.option("--nodata", type=float, default=math.nan, help="Value that marks unknown heights.")
def add(files: tuple[Path, ...], link: bool, datum: str, nodata: float) -> None:
    """Check elevation FILES and take them into the store.

    GeoTIFF in any projection, SRTM .hgt, DTED; these also in .gz or .zip. Every sample is read
    once, so a damaged file is found now and not in the night.

    Example: steppewatch world add N48E106.hgt.gz
    """
    from steppewatch.engine import terrain_store

    failed = 0
    for path in files:
        try:
            entry = terrain_store.add(path, link=link, datum=datum, nodata=nodata)
        except SteppewatchError as error:
            failed += 1
            print(f"steppewatch: {error}", file=sys.stderr)
            continue
        print(_line(entry))
        for gap in entry.gaps:
            print(f"warning: {gap}; what answers there is named by `steppewatch world list`")
    if failed:
        sys.exit(1)


@world.command("list")
def list_() -> None:
    """List the elevation in the store, and what answers where there is none."""
    from steppewatch.engine import terrain_store

    for entry in terrain_store.entries():
        print(_line(entry))
    info = terrain_store.open_terrain().describe()
    print(f"in use: {info.label}")
    for note in info.notes:
        print(f"note: {note}")


@world.command()
@click.option("--bbox", required=True, help="West,south,east,north in degrees: 106,47,108,49.")
@click.option("--product", type=click.Choice(["glo30", "glo90"]), default="glo30")
@click.option("--from", "base", default="", help="Address of a mirror of the public tiles.")
def fetch(bbox: str, product: str, base: str) -> None:
    """Fetch Copernicus DEM tiles for an area; run it again to go on where it stopped.

    GLO-30 is 1″ (about 25 MB a tile of 1°), GLO-90 is 3″. Open sea has no tiles.

    Example: steppewatch world fetch --bbox 106,47,108,49
    """
    from steppewatch.engine import terrain_fetch

    try:
        west, south, east, north = (float(value) for value in bbox.split(","))
    except ValueError as error:
        raise click.UsageError(
            f"--bbox {bbox}: expected four numbers, west,south,east,north in degrees"
        ) from error
    names = list(terrain_fetch.tiles(west, south, east, north, product))
    result = terrain_fetch.fetch(names, product, base=base, progress=_progress)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{len(result.added)} fetched, {len(result.had)} already here")
    for name in result.absent:
        print(f"{name}: the server has no such tile (open sea, or not released)")


@world.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take the file NAME (first column of `world list`) out of the store."""
    from steppewatch.engine import terrain_store

    print(f"removed {_line(terrain_store.remove(name))}")


def _line(entry: object) -> str:
    """Say what an entry of the store is in one line, degrees."""
    from steppewatch.engine.terrain_store import TerrainEntry

    assert isinstance(entry, TerrainEntry)  # noqa: S101 (late import keeps --help fast)
    south, west, north, east = (math.degrees(v) for v in entry.file.bounds)
    arcsec = math.degrees(entry.file.resolution) * 3600.0
    holes = f", {entry.holes:.1%} unknown" if entry.holes else ""
    linked = ", linked" if entry.linked else ""
    return (
        f"{entry.name}  {Path(entry.file.path).name}  {arcsec:.3g}″  "
        f"{west:.3f},{south:.3f},{east:.3f},{north:.3f}  datum {entry.file.datum}{holes}{linked}"
    )


def _progress(name: str, done: int, total: int) -> None:
    """Show one moving line on a terminal; a log gets none."""
    if sys.stderr.isatty():
        share = f"{done / total:4.0%}" if total > 0 else f"{done >> 20} MB"
        print(f"\r{name} {share} ", end="", file=sys.stderr, flush=True)
