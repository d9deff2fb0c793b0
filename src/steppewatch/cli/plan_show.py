"""``steppewatch plan show``: plans on the map, to be changed and compared."""

import signal
import threading
from pathlib import Path

import click

from steppewatch.cli.options import DEFAULT_PORT


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--plan",
    "file",
    type=click.Path(path_type=Path),
    help="The plan file (TOML) of the folders: shows what a plan assures, too.",
)
@click.option("--dem", type=click.Path(path_type=Path), help="Elevation file; else the node's own.")
@click.option(
    "--save", type=click.Path(path_type=Path), help="Folder in which changed plans are kept."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    envvar="PORT",
    show_default=True,
    help="Port of the picture; 0 for any.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of the picture; others can reach it if you change this.",
)
def show(
    folders: tuple[Path, ...],
    file: Path | None,
    dem: Path | None,
    save: Path | None,
    port: int,
    host: str,
) -> None:
    """Show the plans of FOLDERS (from plan sites) on the map; Ctrl-C ends it.

    Drag a site and see what the border gains or loses; undo; compare two plans side by side.

    Example: steppewatch plan show plan-a plan-b --plan PLAN.toml --save changed
    """
    from steppewatch import __version__
    from steppewatch.engine.border_file import load_border
    from steppewatch.engine.terrain_window import chosen_terrain
    from steppewatch.web import Hub, PictureInfo, Plans, check_address, read_scenes, serve

    check_address(host, port)
    terrain, border = chosen_terrain(dem), load_border()
    scenes = read_scenes(folders, terrain, border, file=file, dem=dem)
    title = ", ".join(scene.plan.title for scene in scenes)
    hub = Hub(PictureInfo(title=title, mode="rehearsal"), terrain, border)
    server = serve(hub, host, port, Plans(scenes, save))
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        print(f"Steppewatch {__version__} · PLAN · {title}")
        print(f"terrain   {terrain.describe().label}")
        print("picture   open this address in a browser; Ctrl-C ends it")
        print(f"{server.address}/plan.html", flush=True)
        ended.wait()
    finally:
        server.stop()
