"""Relief tiles: drawn when first asked for, kept in memory, and never asked for twice in vain."""

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from steppewatch.web.relief import render
from steppewatch.world.terrain import Terrain

FINEST = 16
KEPT = 1024
# One thread: drawing must not take the processor from the tracker.
THREADS = 1
# The browser asks again after this long, and gets 304 while the terrain is the same.
FRESH_SECONDS = 600

Place = tuple[int, int, int]


class Tiles:
    """Serve ``/terrain/{z}/{x}/{y}.png``.

    Args:
        terrain: Drawn.
    """

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._kept: OrderedDict[Place, tuple[bytes, str]] = OrderedDict()
        self._drawing: dict[Place, asyncio.Future[bytes]] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="steppewatch-relief")

    def close(self) -> None:
        """Stop drawing."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def serve(self, request: Request) -> Response:
        """Answer one tile, or 304 to who has it already."""
        z, x, y = (request.path_params[name] for name in ("z", "x", "y"))
        if not (0 <= z <= FINEST and 0 <= x < 1 << z and 0 <= y < 1 << z):
            raise HTTPException(
                404, f"no tile {z}/{x}/{y}: zoom is 0…{FINEST}, x and y are 0…2^zoom − 1"
            )
        data, tag = await self._tile((z, x, y))
        headers = {"ETag": tag, "Cache-Control": f"private, max-age={FRESH_SECONDS}"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(data, media_type="image/png", headers=headers)

    async def _tile(self, place: Place) -> tuple[bytes, str]:
        if place not in self._kept:
            if place not in self._drawing:
                loop = asyncio.get_running_loop()
                drawing = loop.run_in_executor(self._pool, render, self._terrain, *place)
                drawing.add_done_callback(lambda _: self._drawing.pop(place, None))
                self._drawing[place] = drawing
            data = await asyncio.shield(self._drawing[place])
            tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
            self._kept[place] = (data, tag)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(place)
        return self._kept[place]
