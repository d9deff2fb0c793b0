"""The web server: runs in a thread of the node's process, with an event loop of its own."""

import asyncio
import contextlib
import errno
import socket
import threading
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from steppewatch.errors import WebError
from steppewatch.web.api import Api, refuse
from steppewatch.web.coverage import Coverages
from steppewatch.web.custody import Custody
from steppewatch.web.files import FrontEnd
from steppewatch.web.frames import Framer
from steppewatch.web.guard import Guard
from steppewatch.web.holder import holder_of_port
from steppewatch.web.hub import Hub
from steppewatch.web.plan import Plans
from steppewatch.web.release import Releases
from steppewatch.web.stream import LONGEST_MESSAGE, Broadcast, DrainingProtocol
from steppewatch.web.tiles import Tiles

START_SECONDS = 10.0
STOP_SECONDS = 5.0
# Frames a slow screen has not read wait here and not in megabytes of kernel memory.
SEND_BUFFER = 512 * 1024
DEFAULT_PORT = 8471


class Server:
    """Serve one application until stopped; made by :func:`serve` or :func:`serve_custody`."""

    def __init__(self, app: ASGIApp, listener: socket.socket, host: str) -> None:
        self.port: int = listener.getsockname()[1]
        shown = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104
        self.address = (
            f"http://[{shown}]:{self.port}" if ":" in shown else f"http://{shown}:{self.port}"
        )
        self._listener = listener
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                app,
                ws=DrainingProtocol,
                ws_max_size=LONGEST_MESSAGE,
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._run, name="steppewatch-web", daemon=True)

    def start(self) -> None:
        """Start the thread and wait until requests are answered."""
        self._thread.start()
        waited = 0.0
        pause = threading.Event()
        while not self._uvicorn.started:
            if not self._thread.is_alive() or waited > START_SECONDS:
                raise WebError(f"the web server on {self.address} did not start; see the log")
            pause.wait(0.01)
            waited += 0.01

    def stop(self) -> None:
        """Say goodbye to every screen and free the port."""
        self._uvicorn.should_exit = True
        self._thread.join(STOP_SECONDS)
        self._listener.close()

    def _run(self) -> None:
        asyncio.run(self._uvicorn.serve(sockets=[self._listener]))


def application(
    hub: Hub,
    host: str = "127.0.0.1",
    plans: Plans | None = None,
    custody: Custody | None = None,
    releases: Releases | None = None,
) -> ASGIApp:
    """Put the API, the stream, the relief, plans, custody, releases and the front end together."""
    released = Releases() if releases is None else releases
    kept = Custody() if custody is None else custody
    framer = Framer(hub)
    broadcast = Broadcast(framer)
    tiles, coverages = Tiles(hub.terrain), Coverages(hub)
    shown = Plans() if plans is None else plans

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        rounds = asyncio.create_task(broadcast.run())
        shown.begin()
        yield
        rounds.cancel()
        tiles.close()
        coverages.close()
        shown.close()

    return Starlette(
        routes=[
            *Api(hub).routes(),
            *coverages.routes(),
            *shown.routes(),
            *kept.routes(),
            *released.routes(),
            Route("/terrain/{z:int}/{x:int}/{y:int}.png", tiles.serve),
            WebSocketRoute("/ws", broadcast.serve),
            *shown.front(),
            Mount("/", FrontEnd()),
        ],
        middleware=_walls(host),
        exception_handlers={HTTPException: refuse, Exception: refuse},
        lifespan=lifespan,
    )


def custody_application(
    custody: Custody, host: str = "127.0.0.1", releases: Releases | None = None
) -> ASGIApp:
    """Put custody, what is released and the front end together, without any picture."""
    released = Releases() if releases is None else releases
    return Starlette(
        routes=[
            *custody.routes(),
            *released.routes(),
            *custody.front(),
            Mount("/", FrontEnd()),
        ],
        middleware=_walls(host),
        exception_handlers={HTTPException: refuse, Exception: refuse},
    )


def _walls(host: str) -> list[Middleware]:
    return [
        Middleware(Guard, hosts=[host]),
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
    ]


def serve_custody(
    custody: Custody,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    releases: Releases | None = None,
) -> Server:
    """Start serving custody's pages alone; returns when the address answers.

    Raises:
        WebError: The address cannot be listened on, with the reason and the remedy.
    """
    server = Server(custody_application(custody, host, releases), _listen(host, port), host)
    server.start()
    return server


def serve(
    hub: Hub,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    plans: Plans | None = None,
    custody: Custody | None = None,
    releases: Releases | None = None,
) -> Server:
    """Start serving; returns when the address answers.

    Args:
        hub: Where the picture is.
        host: Address to listen on; the local machine alone by default.
        port: TCP port; 0 for any free one.
        plans: Plans that a planner looks at; none by default.
        custody: The custody office's pages; none by default.
        releases: What partners are shown; none by default.

    Raises:
        WebError: The address cannot be listened on, with the reason and the remedy.
    """
    server = Server(application(hub, host, plans, custody, releases), _listen(host, port), host)
    server.start()
    return server


def check_address(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before anything else is begun.

    Raises:
        WebError: As :func:`serve`.
    """
    _listen(host, port).close()


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise WebError(f"port is {port}, expected 1…65535, or 0 for any free one")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise WebError(_why(host, port, error)) from error
    return listener


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        holder = holder_of_port(port)
        by = f" by {holder}" if holder else ""
        return (
            f"port {port} on {host} is already in use{by}: stop that program, or choose another "
            f"port with --port {port + 1} (make demo: PORT={port + 1} make demo)"
        )
    if error.errno == errno.EACCES:
        return f"no right to listen on port {port}: choose one above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"
