"""``steppewatch custody serve``: the custody officer's pages over one ledger."""

import signal
import threading
from pathlib import Path

import click

from steppewatch.cli.custody_keys import WHERE, signer_at
from steppewatch.cli.options import DEFAULT_PORT


@click.command()
@click.argument("ledger")
@click.option(
    "--key",
    default="",
    help=f"The log's key, to record what is refused: {WHERE}; without it refusals leave no trace.",
)
@click.option(
    "--photos",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder in which photographs of items are kept; none by default.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    envvar="PORT",
    show_default=True,
    help="Port of the pages; 0 for any.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of the pages; others can reach them if you change this.",
)
def serve(ledger: str, key: str, photos: Path | None, port: int, host: str) -> None:
    """Show LEDGER's custody pages, and take the acts that people sign there; Ctrl-C ends it.

    Example: steppewatch custody serve custody.db --key log.pem --photos photos
    """
    from steppewatch import __version__
    from steppewatch.engine.custody_office import open_office
    from steppewatch.web import Custody, check_address, serve_custody

    check_address(host, port)
    with open_office(ledger, signer_at(key) if key else None) as office:
        server = serve_custody(Custody(office, photos, alone=True), host, port)
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        try:
            print(f"Steppewatch {__version__} · CUSTODY · {ledger}")
            print("pages     open this address in a browser; Ctrl-C ends it")
            print(f"{server.address}/custody.html", flush=True)
            ended.wait()
        finally:
            server.stop()
