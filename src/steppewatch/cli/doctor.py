"""``steppewatch doctor`` and ``warm``: what works on this machine, in plain words."""

import contextlib
import importlib
import importlib.metadata
import os
import platform
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from steppewatch import __version__
from steppewatch.errors import SteppewatchError

Finding = tuple[str, str, str]
"""(``ok`` | ``note`` | ``fault``, what was looked at, what was found and what to do)."""

CHECKS: list[Callable[[], Iterator[Finding]]] = []


def check(function: Callable[[], Iterator[Finding]]) -> Callable[[], Iterator[Finding]]:
    """Register a check; it yields findings."""
    CHECKS.append(function)
    return function


@click.command()
def doctor() -> None:
    """Say what works on this machine and what is missing, in plain words."""
    print(f"Steppewatch {__version__} on {platform.system()} {platform.machine()}")
    faults = 0
    for look in CHECKS:
        try:
            findings = list(look())
        except Exception as error:  # noqa: BLE001  (a doctor reports every illness)
            findings = [("fault", look.__name__, f"{type(error).__name__}: {error}")]
        for grade, what, text in findings:
            faults += grade == "fault"
            print(f"{grade:>5}  {what:<10} {text}")
    print(
        "all is well" if not faults else f"{faults} fault(s): the picture will not run as it should"
    )
    sys.exit(1 if faults else 0)


@click.command()
def warm() -> None:
    """Compile the kernels once, so that the first picture starts quickly."""
    from steppewatch.cli.warming import warm_up

    start = time.perf_counter()
    warm_up()
    print(f"warm after {time.perf_counter() - start:.1f} s")


@check
def python() -> Iterator[Finding]:
    """Look at the interpreter."""
    yield "ok", "python", platform.python_version()


@check
def packages() -> Iterator[Finding]:
    """Look at the packages that the product needs."""
    complete = True
    for requirement in importlib.metadata.requires("steppewatch") or []:
        wanted, _, condition = requirement.partition(";")
        name = wanted.split(">")[0].split("[")[0].strip()
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if "extra" in condition:  # such as a server's driver: whoever needs it asks for it
                continue
            complete = False
            yield "fault", "packages", f"{name} is missing: pip install '{wanted.strip()}'"
    if complete:
        yield "ok", "packages", "everything that pyproject.toml asks for is installed"


@check
def kernels() -> Iterator[Finding]:
    """Look at numba and its cache."""
    start = time.perf_counter()
    importlib.import_module("numba")
    seconds = time.perf_counter() - start
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        yield "note", "kernels", "NUMBA_DISABLE_JIT=1 is set: kernels run as slow plain Python"
    yield "ok", "kernels", f"numba loads in {seconds:.1f} s; `steppewatch warm` compiles ahead"
    cache = Path(importlib.import_module("steppewatch").__file__ or ".").parent
    if not os.access(cache, os.W_OK) and not os.environ.get("NUMBA_CACHE_DIR"):
        yield (
            "note",
            "kernels",
            f"{cache} is read-only: compiled kernels go to the user's cache folder",
        )


@check
def picture() -> Iterator[Finding]:
    """Look for the built front end and a free port."""
    from steppewatch.cli.options import DEFAULT_PORT

    page = Path(importlib.import_module("steppewatch.web").__file__ or ".").parent / "static"
    if (page / "index.html").exists():
        yield "ok", "picture", "the front end is built in"
    else:
        yield "fault", "picture", f"{page} holds no front end: install a release, or run `make web`"
    port = int(os.environ.get("PORT", DEFAULT_PORT))
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            yield (
                "note",
                "picture",
                f"port {port} is taken ({error}): use --port, or PORT=… make demo",
            )
        else:
            yield "ok", "picture", f"port {port} is free"


@check
def terrain() -> Iterator[Finding]:
    """Look at the elevation."""
    from steppewatch.engine.terrain_store import open_terrain

    try:
        info = open_terrain().describe()
    except SteppewatchError as error:
        yield "fault", "terrain", str(error)
        return
    yield "ok", "terrain", info.label
    for note in info.notes:
        yield "note", "terrain", note
    if info.synthetic and not info.parts:
        yield (
            "note",
            "terrain",
            "`steppewatch world add FILE` or `world fetch` bring real elevation",
        )


@check
def border() -> Iterator[Finding]:
    """Look at the border lines."""
    from steppewatch.engine.border_file import load_border

    parts = ", ".join(f"{x.neighbour} {x.length / 1e3:,.0f} km" for x in load_border().lines)
    yield "ok", "border", parts


@check
def disk() -> Iterator[Finding]:
    """Look at the room for stores."""
    from steppewatch.engine.home import home

    place = home()
    existing = next(p for p in (place, *place.parents) if p.exists())
    free = shutil.disk_usage(existing).free
    if not os.access(existing, os.W_OK):
        yield (
            "fault",
            "disk",
            f"{place} cannot be written: set STEPPEWATCH_HOME to a folder that can",
        )
    elif free < 2**30:
        yield (
            "note",
            "disk",
            f"{free / 2**20:,.0f} MiB free at {place}: storing stops when it is full",
        )
    else:
        yield "ok", "disk", f"{free / 2**30:,.0f} GiB free at {place}"
