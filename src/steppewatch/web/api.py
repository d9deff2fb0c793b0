"""The HTTP API of docs/stream.md."""

import asyncio
import json
import math
import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from steppewatch.errors import SteppewatchError
from steppewatch.records import Acknowledge, Origin
from steppewatch.web.frames import EVERYTHING
from steppewatch.web.hub import Hub
from steppewatch.web.objects import (
    alert_object,
    sensor_object,
    site_object,
    status_object,
    track_columns,
    track_features,
    why_object,
)
from steppewatch.web.openapi import document

STORED_SECONDS = 5.0
LONGEST_BODY = 4096
LONGEST_NAME = 100
LONGEST_ID = 200


def answer(content: object, status: int = 200, media_type: str = "application/json") -> Response:
    """Answer in JSON; numbers that are missing become ``null``."""
    text = json.dumps(_plain(content), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    headers = {"Cache-Control": "no-store"}
    return Response(text, status, headers, media_type=media_type)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


async def refuse(request: Request, error: Exception) -> Response:
    """Answer an error in JSON: what was, what should be, what to do."""
    if isinstance(error, HTTPException):
        if error.status_code == 404 and error.detail == "Not Found":
            return answer({"error": f"nothing at {request.url.path}; see docs/stream.md"}, 404)
        if error.status_code == 405:
            text = f"{request.method} is not answered at {request.url.path}; see docs/stream.md"
            return answer({"error": text}, 405)
        refusal = answer({"error": error.detail}, error.status_code)
        refusal.headers.update(error.headers or {})
        return refusal
    return answer({"error": "the node failed to answer this; its log says why"}, 500)


class Api:
    """Answer the requests of docs/stream.md from the hub.

    Args:
        hub: Where the picture is.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """List the routes; a ``GET`` route answers ``HEAD`` too."""
        return [
            Route("/healthz", self.healthz),
            Route("/api/v1/openapi.json", self.openapi),
            Route("/api/v1/info", self.info),
            Route("/api/v1/tracks", self.tracks),
            Route("/api/v1/tracks/{key:int}/why", self.why),
            Route("/api/v1/sites", self.sites),
            Route("/api/v1/border", self.border),
            Route("/api/v1/alerts", self.alerts),
            Route("/api/v1/alerts/{id:path}/acknowledge", self.acknowledge, methods=["POST"]),
        ]

    async def healthz(self, _: Request) -> Response:
        """Say whether the picture is live."""
        live, said = self._hub.health()
        return answer(said, 200 if live else 503)

    async def openapi(self, _: Request) -> Response:
        """Describe this API to programs."""
        return answer(document())

    async def info(self, _: Request) -> Response:
        """Say what this node shows."""
        return answer(self._hub.describe())

    async def tracks(self, _: Request) -> Response:
        """List the current tracks."""
        with self._hub.picture() as picture:
            rows = picture.tracks.changed_since(EVERYTHING)
            columns = track_columns(picture.tracks, rows, picture.now_ns)
            now_ns = picture.now_ns
        collection = {"type": "FeatureCollection", "features": track_features(columns)}
        return answer({**collection, "now_ns": now_ns}, media_type="application/geo+json")

    async def why(self, request: Request) -> Response:
        """Say why a track is believed."""
        key = request.path_params["key"]
        with self._hub.picture() as picture:
            row = picture.tracks.row_of(key)
            if row is None:
                raise HTTPException(404, f"no track {key} now: GET /api/v1/tracks lists the keys")
            content = why_object(picture.tracks, row, picture.sensors, picture.now_ns)
        return answer(content)

    async def sites(self, _: Request) -> Response:
        """List sites and sensors, and how the sensors are."""
        with self._hub.picture() as picture:
            content = {
                "sites": [site_object(s) for s in picture.sites.values()],
                "sensors": [sensor_object(s) for s in picture.sensors.values()],
                "status": [status_object(s) for s in picture.status.values()],
            }
        return answer(content)

    async def border(self, _: Request) -> Response:
        """Give the border in view."""
        return answer(self._hub.border, media_type="application/geo+json")

    async def alerts(self, _: Request) -> Response:
        """List the alerts, newest first."""
        with self._hub.picture() as picture:
            alerts = sorted(picture.alerts.values(), key=lambda a: (-a.time_ns, a.id))
        return answer({"alerts": [alert_object(a) for a in alerts]})

    async def acknowledge(self, request: Request) -> Response:
        """Take an alert in a person's name; answered only after it is stored."""
        name, alert = await _read_name(request), request.path_params["id"]
        with self._hub.picture() as picture:
            if alert not in picture.alerts:
                raise HTTPException(
                    404, f"no alert {alert[:LONGEST_ID]!r}: GET /api/v1/alerts lists them"
                )
        order = Acknowledge(
            alert=alert, by=name, time_ns=time.time_ns(), origin=Origin(feed="operator")
        )
        try:
            stored = asyncio.wrap_future(self._hub.order(order))
            await asyncio.wait_for(asyncio.shield(stored), STORED_SECONDS)
        except TimeoutError:
            raise HTTPException(
                503, f"not stored within {STORED_SECONDS:.0f} s: the node is late; try again"
            ) from None
        except SteppewatchError as error:
            raise HTTPException(503, f"not stored: {error}") from error
        return answer({"alert": alert, "acknowledged_by": name, "acknowledged_ns": order.time_ns})


async def read_object(request: Request, what: str, longest: int) -> dict[str, Any]:
    """Read a body that is a JSON object.

    Args:
        request: Whose body.
        what: Is expected, for the messages.
        longest: Most bytes.

    Raises:
        HTTPException: 400, 413 or 415, with what was and what should be.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, f"content type is {kind[:60]!r}, expected application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise HTTPException(413, f"the body is longer than {longest} bytes")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, f"the body is not JSON; expected {what}") from None
    if not isinstance(content, dict):
        raise HTTPException(400, f"the body is no JSON object; expected {what}")
    return content


async def _read_name(request: Request) -> str:
    """Read the body ``{"by": "name"}``, strictly."""
    content = await read_object(request, '{"by": "your name"}', LONGEST_BODY)
    name = content.get("by") if set(content) == {"by"} else None
    if not isinstance(name, str) or not name.strip():
        raise HTTPException(400, 'expected {"by": "your name"} and nothing else')
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise HTTPException(400, f"a name is at most {LONGEST_NAME} printable characters")
    return name.strip()
