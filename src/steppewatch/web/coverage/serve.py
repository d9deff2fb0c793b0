"""Coverage on request: one worker draws, the latest are kept, and nobody waits for ever."""

import asyncio
import hashlib
import math
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from steppewatch.errors import SteppewatchError
from steppewatch.web.api import answer
from steppewatch.web.coverage.ask import (
    DEFAULT_SENSOR,
    SEASONS,
    TARGET_PARAMETERS,
    read_ask,
    read_screen,
    read_target,
    sensor_classes,
    target_classes,
)
from steppewatch.web.coverage.draw import Wanted, draw, unpack
from steppewatch.web.coverage.site import Sites, prepare
from steppewatch.web.hub import Hub

KEPT = 48  # of about half a megabyte each
# One thread: drawing must not take the processor from the tracker.
THREADS = 1
MOST_WAITING = 8
PATIENCE_SECONDS = 20.0
MEDIA_TYPE = "application/msgpack"


@dataclass(slots=True)
class Drawing:
    """Hold one answer in the making, and the screens that wait for it."""

    done: "Future[bytes]"
    news: "asyncio.Future[bytes]"
    waiting: list[str] = field(default_factory=list)


class Coverages:
    """Answer ``/api/v1/coverage`` and what lies below it.

    Args:
        hub: Knows the terrain and the sensors of the picture.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._kept: OrderedDict[Wanted, tuple[bytes, str]] = OrderedDict()
        self._drawing: dict[Wanted, Drawing] = {}
        self._sites = Sites(hub.terrain)  # of the worker alone
        self._prepared = False
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="steppewatch-coverage")

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/api/v1/coverage", self.coverage),
            Route("/api/v1/coverage/detection", self.detection),
            Route("/api/v1/coverage/sensors", self.sensors),
        ]

    def close(self) -> None:
        """Stop drawing."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def sensors(self, _: Request) -> Response:
        """List the classes that can be stood on a hill; who asks will soon click on one."""
        if not self._prepared:
            self._prepared = True
            self._pool.submit(prepare)
        classes = [
            {
                "id": found.id,
                "name": found.name,
                "kind": found.kind,
                "mast": found.mast,
                "min_range": found.min_range,
                "max_range": found.max_range,
            }
            for found in sensor_classes().values()
        ]
        return answer(
            {
                "sensors": classes,
                "default": DEFAULT_SENSOR,
                "seasons": list(SEASONS),
                "targets": target_classes(),
            }
        )

    async def coverage(self, request: Request) -> Response:
        """Answer one coverage, or 304 to who has it already."""
        query = dict(request.query_params)
        with self._hub.picture() as picture:
            ask = read_ask(query, picture.sensors)
        return await self._answer(request, Wanted(ask=ask))

    async def detection(self, request: Request) -> Response:
        """Answer how probably a target at a height is detected, or 304."""
        query = dict(request.query_params)
        target, height = read_target(query)
        ask = read_ask({name: query[name] for name in query if name not in TARGET_PARAMETERS}, {})
        return await self._answer(request, Wanted(ask=ask, target=target, height=height))

    async def _answer(self, request: Request, wanted: Wanted) -> Response:
        screen = read_screen(dict(request.query_params))
        packed, tag = await self._get(wanted, screen)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(packed, media_type=MEDIA_TYPE, headers=headers)
        # "identity" keeps the application's own compression, which would block it, out of this.
        headers["Content-Encoding"] = "identity"
        return Response(unpack(packed), media_type=MEDIA_TYPE, headers=headers)

    async def _get(self, wanted: Wanted, screen: str) -> tuple[bytes, str]:
        self._overtake(wanted, screen)
        if wanted not in self._kept:
            return await self._wait(wanted, screen)
        self._kept.move_to_end(wanted)
        return self._kept[wanted]

    async def _wait(self, wanted: Wanted, screen: str) -> tuple[bytes, str]:
        """Wait for a drawing, begun now or before; it goes on when the patience ends."""
        drawing = self._drawing.get(wanted) or self._begin(wanted)
        drawing.waiting.append(screen)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                packed = await asyncio.shield(drawing.news)
        except TimeoutError:
            raise _busy(f"not computed within {PATIENCE_SECONDS:.0f} s") from None
        except asyncio.CancelledError:
            if drawing.done.cancelled():
                raise HTTPException(
                    409, "given up: the same screen asked for another coverage meanwhile"
                ) from None
            raise
        except SteppewatchError as error:
            raise HTTPException(422, str(error)) from error
        finally:
            drawing.waiting.remove(screen)
        return packed, _tag(packed)

    def _begin(self, wanted: Wanted) -> Drawing:
        if len(self._drawing) >= MOST_WAITING:
            raise _busy(f"{MOST_WAITING} coverages wait to be computed already")
        done = self._pool.submit(draw, wanted, self._sites)
        drawing = Drawing(done, asyncio.wrap_future(done))
        drawing.news.add_done_callback(lambda _: self._take(wanted, drawing))
        self._drawing[wanted] = drawing
        return drawing

    def _take(self, wanted: Wanted, drawing: Drawing) -> None:
        """Keep what was drawn, whether or not somebody still waits for it."""
        if self._drawing.get(wanted) is drawing:
            del self._drawing[wanted]
        if drawing.news.cancelled() or drawing.news.exception() is not None:
            return
        packed = drawing.news.result()
        self._kept[wanted] = (packed, _tag(packed))
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _overtake(self, wanted: Wanted, screen: str) -> None:
        """Give up what only this screen waits for, unless it has begun."""
        if not screen:
            return
        for other, drawing in list(self._drawing.items()):
            if other != wanted and set(drawing.waiting) == {screen} and drawing.done.cancel():
                self._drawing.pop(other, None)


def _tag(packed: bytes) -> str:
    return f'"{hashlib.blake2b(packed, digest_size=12).hexdigest()}"'


def _busy(why: str) -> HTTPException:
    return HTTPException(
        503,
        f"{why}: the node's own picture goes first; ask again in a few seconds, or for a "
        "shorter range",
        headers={"Retry-After": str(math.ceil(PATIENCE_SECONDS / 4))},
    )
