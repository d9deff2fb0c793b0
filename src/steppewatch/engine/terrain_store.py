"""Where this node's elevation is: files that were added, over the relief that is always there.

The store is the folder ``terrain`` in Steppewatch's home. Each file lies in a folder named by its
content, and ``manifest.json`` says what it is, so that opening the terrain reads no elevation.
"""

import errno
import gzip
import hashlib
import json
import math
import os
import shutil
import threading
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from steppewatch.engine.home import home as home_directory
from steppewatch.engine.terrain_files import (
    ElevationFile,
    archive_member,
    check_size,
    inspect,
    read_through,
)
from steppewatch.engine.terrain_grid import FileTerrain, group
from steppewatch.engine.terrain_relief import default_relief
from steppewatch.errors import EngineError, StoreFullError
from steppewatch.world.mosaic import Mosaic
from steppewatch.world.terrain import Terrain
from steppewatch.world.tiles import TilePool

Bounds = tuple[float, float, float, float]

GAP_CELLS, MOST_GAPS = 128, 5
LEAST_INSET = 1e-9  # [rad]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainEntry:
    """Describe one file in the store.

    Attributes:
        name: Its short name, the first 12 digits of its SHA-256.
        file: How to read it.
        sha256: Of the file as it is read.
        source: Where it came from.
        title: What people call the product, ``""`` to use the format's name.
        holes: Share of unknown samples.
        linked: True when the file stays where the user has it.
        gaps: The largest areas without heights, named for a person.
    """

    name: str
    file: ElevationFile
    sha256: str
    source: str
    title: str
    holes: float
    linked: bool
    gaps: tuple[str, ...] = ()


def open_terrain(home: Path | None = None, bbox: Bounds | None = None, seed: int = 7) -> Terrain:
    """Open this node's terrain: what was added to its store, over the default relief.

    Safe to use from several threads. Opening reads the manifest alone.

    Args:
        home: Steppewatch's data directory, the user's own when not given.
        bbox: South, west, north, east [rad]: leave out files that do not touch it.
        seed: Of the synthetic detail.
    """
    pool = TilePool(lock=threading.Lock())
    there, notes = [], []
    for entry in entries(home):
        if bbox is not None and not _touch(entry.file.bounds, bbox):
            continue
        if Path(entry.file.path).exists():
            there.append(entry)
        else:
            notes.append(f"{entry.file.path} is gone: add it again or `world remove {entry.name}`")
    by_path = {entry.file.path: entry for entry in there}
    members: list[Terrain] = [default_relief(pool, seed)]
    for number, files in enumerate(group([entry.file for entry in there]), start=1):
        found = [by_path[file.path] for file in files]
        cells = [file.width * file.height for file in files]
        holes = sum(e.holes * n for e, n in zip(found, cells, strict=True)) / sum(cells)
        titles = {entry.title for entry in found}
        title = titles.pop() if len(titles) == 1 else ""
        notes += [f"{e.title or Path(e.file.path).name}: {gap}" for e in found for gap in e.gaps]
        members.append(FileTerrain(files, number=number, pool=pool, title=title, holes=holes))
    return Mosaic(members, notes) if len(members) > 1 or notes else members[0]


def add(
    path: Path,
    home: Path | None = None,
    *,
    link: bool = False,
    datum: str = "",
    nodata: float = math.nan,
    source: str = "",
    title: str = "",
) -> TerrainEntry:
    """Check an elevation file from end to end and take it into the store.

    Args:
        path: GeoTIFF, ``.hgt``, DTED; also in ``.gz`` or ``.zip``, which are unpacked.
        home: Steppewatch's data directory.
        link: Leave the file where it is and remember the place.
        datum: Vertical datum, where the user knows better than the file.
        nodata: Value for unknown, where the file does not say.
        source: Where it came from; the file's own name when empty.
        title: What people call the product.
    """
    if not path.is_file():
        raise EngineError(f"{path} is not a file: give an elevation file that exists")
    packed = path.suffix.lower() in {".gz", ".zip"}
    if link and packed:
        raise EngineError(f"{path} is packed and cannot be linked: add it without --link")
    store = store_folder(home)
    place = path.resolve() if link else _take_in(path, store)
    try:
        try:
            file = inspect(place, datum, nodata)
            holes = read_through(file)
        except EngineError as error:  # name the user's file, not our copy
            raise EngineError(str(error).replace(str(place), str(path))) from error
        digest = sha256_of(place)
        if not link:
            final = store / digest[:12] / place.name
            final.parent.mkdir(exist_ok=True)
            place.replace(final)
            file = replace(file, path=str(final))
    finally:
        if not link:
            shutil.rmtree(place.parent, ignore_errors=True)
    entry = TerrainEntry(
        name=digest[:12],
        file=file,
        sha256=digest,
        source=source or path.name,
        title=title,
        holes=holes,
        linked=link,
        gaps=_areas(file) if holes else (),
    )
    _write([e for e in entries(home) if e.name != entry.name] + [entry], store)
    return entry


def remove(name: str, home: Path | None = None) -> TerrainEntry:
    """Take a file out of the store by its short or file name; a linked file stays on the disk."""
    known = entries(home)
    found = [e for e in known if e.name == name or Path(e.file.path).name == name]
    if len(found) != 1:
        raise EngineError(
            f"terrain {name!r} names {len(found)} files of the store: "
            "give a name from the first column of `steppewatch world list`"
        )
    _write([e for e in known if e is not found[0]], store_folder(home))
    if not found[0].linked:
        shutil.rmtree(Path(found[0].file.path).parent, ignore_errors=True)
    return found[0]


def entries(home: Path | None = None) -> list[TerrainEntry]:
    """List what is in the store."""
    manifest = (home or home_directory()) / "terrain" / "manifest.json"
    try:
        stored = json.loads(manifest.read_text("utf-8"))["files"]
        return [_entry(item, manifest.parent) for item in stored]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"terrain manifest {manifest} cannot be read ({error!r}): "
            "move the folder away and add the files again"
        ) from error


def store_folder(home: Path | None = None) -> Path:
    """Find the folder of the store, and make it."""
    folder = (home or home_directory()) / "terrain"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"terrain store {folder} cannot be made ({error.strerror}): "
            "set STEPPEWATCH_HOME to a folder that you may write"
        ) from error
    return folder


def sha256_of(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def disk_errors(path: Path) -> Any:
    """Turn a full or unwritable disk into our errors."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFullError(
                f"disk full while writing {path}: make room and try again; what was there is intact"
            ) from error
        raise EngineError(f"{path} cannot be written ({error.strerror or error})") from error


def _take_in(path: Path, store: Path) -> Path:
    """Copy or unpack a file into a scratch folder of the store, under its plain name."""
    scratch = store / f".adding-{os.getpid()}-{threading.get_ident()}"
    name = path.name
    if path.suffix.lower() == ".gz":
        name = path.name[:-3]
    elif path.suffix.lower() == ".zip":
        name = Path(archive_member(path)).name
    target = scratch / name
    try:
        with disk_errors(target):
            scratch.mkdir(exist_ok=True)
            with _unpacked(path) as stream, target.open("wb") as out:
                shutil.copyfileobj(stream, out, 1 << 20)
                out.flush()
                os.fsync(out.fileno())
        check_size(target)
    except (EngineError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        shutil.rmtree(scratch, ignore_errors=True)
        if isinstance(error, EngineError):
            raise
        raise EngineError(f"{path} is cut short or damaged ({error}): get it again") from error
    return target


@contextmanager
def _unpacked(path: Path) -> Any:
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as stream:
            yield stream
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(archive_member(path)) as member:
            yield member
    else:
        with path.open("rb") as stream:
            yield stream


def _areas(file: ElevationFile) -> tuple[str, ...]:
    """Name the largest areas of a file without heights.

    A file that lies askew on the globe does not fill its own bounds: patches at their edge say
    nothing of it and are left out.
    """
    terrain = FileTerrain([file])
    south, west, north, east = file.bounds
    found = []
    for gap in terrain.gaps(*file.bounds, cells=GAP_CELLS):
        inset = min(gap.south - south, gap.west - west, north - gap.north, east - gap.east)
        if terrain.upright or inset > LEAST_INSET:
            found.append(str(gap))
    return tuple(found[:MOST_GAPS])


def _entry(item: dict[str, Any], folder: Path) -> TerrainEntry:
    """Read one item of the manifest; paths inside the store are relative to it."""
    grid = dict(item["grid"])
    grid["transform"] = tuple(grid["transform"])
    grid["bounds"] = tuple(math.radians(v) for v in grid.pop("bounds_deg"))
    grid["nodata"] = math.nan if grid["nodata"] is None else grid["nodata"]
    grid["path"] = str(folder / grid["path"])
    columns = {key: value for key, value in item.items() if key != "grid"}
    columns["gaps"] = tuple(columns.get("gaps", ()))
    return TerrainEntry(file=ElevationFile(**grid), **columns)


def _write(listed: Iterable[TerrainEntry], folder: Path) -> None:
    """Replace the manifest in one step."""
    items = []
    for entry in listed:
        item = asdict(entry)
        grid = item.pop("file")
        grid["bounds_deg"] = [math.degrees(v) for v in grid.pop("bounds")]
        grid["nodata"] = None if math.isnan(grid["nodata"]) else grid["nodata"]
        path = Path(grid["path"])
        grid["path"] = str(path if entry.linked else path.relative_to(folder))
        items.append({**item, "grid": grid})
    target = folder / "manifest.json"
    scratch = folder / f".manifest-{os.getpid()}"
    with disk_errors(target):
        scratch.write_text(json.dumps({"version": 1, "files": items}, indent=1), "utf-8")
        scratch.replace(target)


def _touch(one: Bounds, other: Bounds) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
