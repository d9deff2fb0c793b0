"""The planner's questions over HTTP: one worker computes, and nobody waits for ever."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from steppewatch.errors import SteppewatchError
from steppewatch.records import encode
from steppewatch.web.api import answer
from steppewatch.web.plan.ask import Wanted, read_json, read_wanted
from steppewatch.web.plan.keep import changed_plan, keep_plan, read_name
from steppewatch.web.plan.scene import Scene, describe
from steppewatch.web.plan.tally import evaluate, state, steps_of, survey

MEDIA_TYPE = "application/msgpack"
PATIENCE_SECONDS = 20.0
MOST_WAITING = 8
BODY = '{"sites": [{"id", "lat", "lon", "package"}, …]}'


class Plans:
    """Answer ``/api/v1/plans`` and what lies below it.

    Args:
        scenes: The plans, in the order in which the planner named them.
        save: Folder for changed plans; None when they may only be downloaded.
    """

    def __init__(self, scenes: Sequence[Scene] = (), save: Path | None = None) -> None:
        self._scenes, self._save = tuple(scenes), save
        self._waiting = 0
        self._surveyed = [0] * len(self._scenes)
        self._fault = ""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="steppewatch-plan")
        self._closed = False

    def routes(self) -> list[Route]:
        """List the routes."""
        return [
            Route("/api/v1/plans", self.plans),
            Route("/api/v1/plans/{number:int}", self.scene),
            Route("/api/v1/plans/{number:int}/evaluate", self.evaluate, methods=["POST"]),
            Route("/api/v1/plans/{number:int}/file", self.file, methods=["POST"]),
            Route("/api/v1/plans/{number:int}/save", self.save, methods=["POST"]),
        ]

    def front(self) -> list[Route]:
        """Lead who asks for the address alone to the plans, where there are any."""
        return [Route("/", self._lead)] if self._scenes else []

    async def _lead(self, _: Request) -> Response:
        return RedirectResponse("./plan.html", 307)

    def begin(self) -> None:
        """Begin to look about from the plans' own sites."""
        if self._scenes:
            self._pool.submit(self._survey, 0)

    def close(self) -> None:
        """Stop computing."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def plans(self, _: Request) -> Response:
        """List the plans, and how far their sites were surveyed."""
        listed = [
            {
                "number": number,
                "title": scene.plan.title,
                "folder": scene.folder.name,
                "sites": len(scene.plan.sites),
                "steps": steps_of(scene),
                "surveyed": self._surveyed[number],
            }
            for number, scene in enumerate(self._scenes)
        ]
        return answer({"plans": listed, "save": self._save is not None, "fault": self._fault})

    async def scene(self, request: Request) -> Response:
        """Give one plan with its ground."""
        scene = self._of(request)
        packed = await asyncio.to_thread(lambda: encode(describe(scene)))
        return Response(packed, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    async def evaluate(self, request: Request) -> Response:
        """Say what a changed plan sees."""
        scene = self._of(request)
        wanted = read_wanted(await read_json(request, BODY), frozenset(scene.kits))

        def work() -> bytes:
            begun = time.perf_counter()
            return encode(state(scene, evaluate(scene, wanted), begun, assure=wanted.assure))

        packed = await self._work(work)
        return Response(packed, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    async def file(self, request: Request) -> Response:
        """Give a changed plan as ``plan.json``."""
        scene = self._of(request)
        wanted = read_wanted(await read_json(request, BODY), frozenset(scene.kits))
        plan = await self._work(lambda: self._changed(scene, wanted, scene.plan.title))
        text = json.dumps(plan, ensure_ascii=False, indent=1, allow_nan=False)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="plan.json"',
        }
        return Response(text, media_type="application/json", headers=headers)

    async def save(self, request: Request) -> Response:
        """Write a changed plan into a folder of its own."""
        scene, folder = self._of(request), self._save
        if folder is None:
            raise HTTPException(
                403, "nothing is saved here: start with plan show … --save FOLDER, or download"
            )
        content = await read_json(request, '{"name": "…", "sites": […]}')
        name = read_name(content.pop("name", None))
        wanted = read_wanted(content, frozenset(scene.kits))

        def work() -> str:
            outcome = evaluate(scene, wanted)
            plan = changed_plan(scene, outcome, state(scene, outcome, 0.0), name)
            return keep_plan(scene, outcome, plan, folder / name).name

        return answer({"saved": await self._work(work)})

    def _changed(self, scene: Scene, wanted: Wanted, title: str) -> dict[str, Any]:
        outcome = evaluate(scene, wanted)
        return changed_plan(scene, outcome, state(scene, outcome, 0.0), title)

    def _of(self, request: Request) -> Scene:
        number: int = request.path_params["number"]
        if not 0 <= number < len(self._scenes):
            raise HTTPException(404, f"no plan {number}: GET /api/v1/plans lists them")
        return self._scenes[number]

    async def _work(self, work: Callable[[], Any]) -> Any:
        """Compute in the worker; an answer that nobody waits for any more is still computed."""
        if self._waiting >= MOST_WAITING:
            raise _busy(f"{MOST_WAITING} questions wait already")
        self._waiting += 1
        done = asyncio.wrap_future(self._pool.submit(work))
        done.add_done_callback(self._answered)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.shield(done)
        except TimeoutError:
            raise _busy(f"not computed within {PATIENCE_SECONDS:.0f} s") from None
        except SteppewatchError as error:
            raise HTTPException(422, str(error)) from error

    def _answered(self, done: "asyncio.Future[Any]") -> None:
        self._waiting -= 1
        if not done.cancelled():
            done.exception()  # told to whoever still waits

    def _survey(self, at: int) -> None:
        """Do one step of the survey and queue for the next, so that questions come between."""
        number, site = self._place(at)
        if number is None or self._closed:
            return
        try:
            survey(self._scenes[number], site)
        except SteppewatchError as error:
            self._fault = str(error)
        self._surveyed[number] = site + 1
        try:
            self._pool.submit(self._survey, at + 1)
        except RuntimeError:  # closed meanwhile
            return

    def _place(self, at: int) -> tuple[int | None, int]:
        for number, scene in enumerate(self._scenes):
            if at < steps_of(scene):
                return number, at
            at -= steps_of(scene)
        return None, 0


def _busy(why: str) -> HTTPException:
    return HTTPException(503, f"{why}: ask again in a few seconds", headers={"Retry-After": "3"})
