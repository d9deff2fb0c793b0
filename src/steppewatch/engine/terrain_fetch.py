"""Fetch Copernicus DEM tiles: resumable, checked, and honest about what is not there.

A half-fetched tile is kept with the server's name for that version (ETag or date). The next try
asks for the rest on the condition that it is still the same version (RFC 9110, §13.1.5, §14.2); a
server that ignores this sends the whole, and the start is thrown away.
"""

import hashlib
import http.client
import json
import math
import re
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from steppewatch.engine.terrain_store import add, disk_errors, entries, store_folder
from steppewatch.errors import EngineError

PRODUCTS = {
    "glo30": ("Copernicus_DSM_COG_10", "https://copernicus-dem-30m.s3.amazonaws.com"),
    "glo90": ("Copernicus_DSM_COG_30", "https://copernicus-dem-90m.s3.amazonaws.com"),
}
TITLES = {"glo30": "Copernicus GLO-30", "glo90": "Copernicus GLO-90"}
TRIES, TIMEOUT, CHUNK = 6, 30.0, 1 << 18
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Say what became of each tile: its names, by outcome."""

    added: tuple[str, ...]
    had: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(slots=True)
class _Part:
    """Hold a half-fetched file and what the server said about it."""

    path: Path
    version: str = ""
    total: int = -1

    @property
    def notes(self) -> Path:
        return self.path.with_suffix(".json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)


def tiles(west: float, south: float, east: float, north: float, product: str) -> Iterator[str]:
    """Name the tiles of a product that touch a rectangle in degrees.

    >>> list(tiles(106.2, 47.9, 106.9, 48.1, "glo30"))[1]
    'Copernicus_DSM_COG_10_N48_00_E106_00_DEM'
    """
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise EngineError(
            f"area {west},{south},{east},{north} is not west,south,east,north in degrees: "
            "west below east within ±180, south below north within ±90"
        )
    prefix, _ = PRODUCTS[product]
    for lat in range(math.floor(south), math.ceil(north)):
        for lon in range(math.floor(west), math.ceil(east)):
            northing = f"{'N' if lat >= 0 else 'S'}{abs(lat):02d}"
            yield f"{prefix}_{northing}_00_{'E' if lon >= 0 else 'W'}{abs(lon):03d}_00_DEM"


def fetch(
    names: list[str],
    product: str,
    home: Path | None = None,
    *,
    base: str = "",
    progress: Progress = lambda _name, _done, _total: None,
    pause: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Fetch tiles into the store; those that it has already are left out.

    Args:
        names: From :func:`tiles`.
        product: ``glo30`` or ``glo90``.
        home: Steppewatch's data directory.
        base: Address instead of the public one; tiles are at ``base/NAME/NAME.tif``.
        progress: Told the name, bytes so far and bytes in all (−1 when not known).
        pause: Waits between tries.
    """
    base = (base or PRODUCTS[product][1]).rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise EngineError(f"{base}: give an address that starts with https:// or http://")
    folder = store_folder(home)
    stored = {Path(entry.file.path).stem for entry in entries(home)}
    outcome: dict[str, list[str]] = {"added": [], "had": [], "absent": []}
    for name in names:
        if name in stored:
            outcome["had"].append(name)
            continue
        url = f"{base}/{name}/{name}.tif"
        part = _Part(folder / f".{name}.part")
        if not _fetch_one(url, part, name, progress, pause):
            outcome["absent"].append(name)
            continue
        whole = folder / f"{name}.tif"
        part.path.replace(whole)
        part.drop()
        try:
            add(whole, home, source=url, title=TITLES[product])
        finally:
            whole.unlink(missing_ok=True)
        outcome["added"].append(name)
    _remember_absent(folder, base, outcome["absent"])
    return Fetched(**{key: tuple(value) for key, value in outcome.items()})


def _fetch_one(
    url: str, part: _Part, name: str, progress: Progress, pause: Callable[[float], None]
) -> bool:
    """Try until the file is whole; False when the server says that there is none."""
    _recall(part)
    why, fruitless, furthest = "", 0, part.size()
    while fruitless < TRIES:
        try:
            _receive(url, part, lambda done: progress(name, done, part.total))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.HTTPStatus.NOT_FOUND:
                part.drop()
                return False
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.drop()
            elif error.code < 500 and error.code != http.HTTPStatus.TOO_MANY_REQUESTS:
                raise EngineError(
                    f"{url} answers {error.code} {error.reason}: "
                    "check the address, or add the files by hand (`steppewatch world add`)"
                ) from error
            why = f"{error.code} {error.reason}"
        except (urllib.error.URLError, http.client.HTTPException, OSError, _DamagedError) as error:
            why = str(getattr(error, "reason", "")) or str(error) or type(error).__name__
        else:
            return True
        fruitless = 0 if part.size() > furthest else fruitless + 1
        furthest = max(furthest, part.size())
        if fruitless < TRIES:
            pause(min(30.0, 0.5 * 2.0**fruitless))
    raise EngineError(
        f"{url} could not be fetched after {TRIES} tries without progress ({why}): "
        f"what was received is kept; run the same command again to go on"
    )


class _DamagedError(Exception):
    """Report a whole file whose checksum is wrong; it is fetched anew."""


def _receive(url: str, part: _Part, tell: Callable[[int], None]) -> None:
    """Ask for what is missing and append it; raise when it does not come to the end."""
    have = part.size() if part.version else 0
    if have and have == part.total:
        have = 0  # whole, but not yet taken in: its checksum was never seen
    headers = {"User-Agent": "steppewatch", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": part.version}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (http and https alone)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        content_range = re.fullmatch(
            r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", "")
        )
        resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT and content_range is not None
        if resumed and content_range is not None and int(content_range[1]) == have:
            part.total = int(content_range[2])
        elif answer.status == http.HTTPStatus.PARTIAL_CONTENT:
            part.drop()
            raise _DamagedError("the server sent another range than asked for")
        else:
            have = 0
            part.total = int(answer.headers.get("Content-Length", -1))
        _note(part, answer.headers)
        with disk_errors(part.path), part.path.open("ab" if have else "wb") as out:
            while chunk := _read(answer):
                out.write(chunk)
                tell(out.tell())
        if part.total >= 0 and part.size() != part.total:
            if part.size() > part.total:
                part.drop()
            raise _DamagedError(f"{part.size()} of {part.total} bytes came")
        _check(part, answer.headers)


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Read a piece; network trouble must not look like disk trouble."""
    try:
        return answer.read1(CHUNK)
    except OSError as error:
        raise _DamagedError(f"connection lost ({error})") from error


def _check(part: _Part, headers: http.client.HTTPMessage) -> None:
    """Compare with the server's MD5: ``Content-MD5``, or an ETag that is one (S3, one piece)."""
    etag = headers.get("ETag", "").strip('"')
    stated = headers.get("Content-MD5", "")
    if not stated and not re.fullmatch(r"[0-9a-f]{32}", etag):
        return
    with part.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    right = b64encode(digest.digest()).decode() == stated if stated else digest.hexdigest() == etag
    if not right:
        part.drop()
        raise _DamagedError("what came does not match the server's MD5 checksum")


def _note(part: _Part, headers: http.client.HTTPMessage) -> None:
    """Remember which version of the file the part belongs to; a weak ETag does not name one."""
    etag = headers.get("ETag", "")
    part.version = etag if etag.startswith('"') else headers.get("Last-Modified", "")
    with disk_errors(part.notes):
        part.notes.write_text(json.dumps({"version": part.version, "total": part.total}), "utf-8")


def _recall(part: _Part) -> None:
    try:
        notes = json.loads(part.notes.read_text("utf-8"))
        part.version, part.total = str(notes["version"]), int(notes["total"])
    except (OSError, ValueError, KeyError, TypeError):
        part.drop()


def _remember_absent(folder: Path, base: str, names: list[str]) -> None:
    """Record tiles that the server does not have (open sea, or not released)."""
    target = folder / "absent.json"
    try:
        known: dict[str, str] = json.loads(target.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    known |= dict.fromkeys(names, base)
    if names:
        with disk_errors(target):
            target.write_text(json.dumps(known, indent=1, sort_keys=True), "utf-8")
