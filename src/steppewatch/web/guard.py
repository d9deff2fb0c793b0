"""What every request passes: the right host name, the right origin, and safe answers.

The node listens on the local machine by default and has no accounts yet, so the browser's own
rules are its walls. Checking ``Host`` stops DNS rebinding (a foreign page whose name is made to
point at 127.0.0.1); checking ``Origin`` stops foreign pages from opening the stream or giving
orders in the operator's name.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# One page alone may look through the camera: it reads the codes on items (docs/capture.md).
CAMERA_PAGES = frozenset({"/capture.html"})
CAMERA = "camera=(self), geolocation=(), microphone=()"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 (compared with, not bound to)


def host_name(value: str) -> str:
    """Take the name out of ``name:port`` or ``[address]:port``; ``""`` when there is none.

    >>> host_name("[::1]:8471"), host_name("LOCALHOST:80"), host_name("")
    ('::1', 'localhost', '')
    """
    try:
        return urlsplit(f"//{value}").hostname or ""
    except ValueError:
        return ""


class Guard:
    """Stand before the application and turn strangers away.

    Args:
        app: The application.
        hosts: Names under which this node may be called, beside the local ones. A node bound to
            all addresses of a machine (``0.0.0.0``) cannot know its names and takes any.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        named = frozenset(name.lower() for name in hosts)
        self._hosts = None if named & WILDCARDS else named | LOCAL_NAMES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request, and add the security headers to its answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        reason = self._refuse(Headers(scope=scope))
        if reason:
            await _turn_away(reason, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send, scope["path"]))

    def _refuse(self, headers: Headers) -> str:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._hosts is not None and host_name(host) not in self._hosts:
            return (
                f"this node does not answer to the host name {host_name(host)!r}; it answers to "
                f"{', '.join(sorted(self._hosts))}: start it with --host NAME to change that"
            )
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return f"the page {origin!r} may not use this node"
        return ""


def _with_headers(send: Send, path: str = "") -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if path in CAMERA_PAGES:
                headers["Permissions-Policy"] = CAMERA
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


async def _turn_away(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": reason[:120]})
    else:
        answer = JSONResponse({"error": reason}, status_code=403)
        await answer(scope, receive, _with_headers(send))
