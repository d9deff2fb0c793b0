"""The live stream: one WebSocket for each screen, at most one unsent frame for each.

A round begins when the node has news, at most ten times a second. A screen that is still busy
with its last frame sits the round out; its next frame gathers what it missed.
"""

import asyncio
import contextlib
import math
from typing import Any

import msgpack
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from steppewatch.web.frames import EVERYTHING, Framer, View, Wish

ROUND_SECONDS = 0.1
SLACK_SECONDS = 0.03
HEARTBEAT_SECONDS = 1.0
KEYFRAME_ROUNDS = 100
KEYFRAME_WISH_SECONDS = 1.0
UNREAD_SECONDS = 20.0
MOST_SCREENS = 64
LONGEST_MESSAGE = 4096

UNREADABLE, TOO_MANY = 1007, 1013


class DrainingProtocol(WebSocketsSansIOProtocol):
    """Make ``send`` wait until the message has left for the network, not just the next send.

    That is what makes "at most one unsent frame" true. A peer that reads nothing for
    :data:`UNREAD_SECONDS` is cut off.
    """

    unread_seconds = UNREAD_SECONDS

    def connection_made(self, transport: Any) -> None:
        """Count a message as sent when the kernel has all of it."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)

    async def send(self, message: Any) -> None:
        """Send, and wait for the peer to take it."""
        await super().send(message)
        try:
            async with asyncio.timeout(self.unread_seconds):
                await self.writable.wait()
        except TimeoutError:
            self.transport.abort()


class Screen:
    """Hold what one connected browser has and wants."""

    def __init__(self) -> None:
        self.due = asyncio.Event()
        self.since = EVERYTHING
        self.plots_since = EVERYTHING
        self.view: View | None = None
        self.moved = False
        self.asked = -math.inf

    def hear(self, data: bytes, now: float) -> None:
        """Take a message from the browser.

        Raises:
            ValueError: It is not one that docs/stream.md knows.
        """
        message = msgpack.unpackb(data)
        if not isinstance(message, dict):
            raise ValueError("a message is a map")  # noqa: TRY004 (the caller catches one kind)
        if "view" in message:
            self.view = _read_view(message["view"])
            self.moved = True
        if message.get("want") == "keyframe" and now - self.asked >= KEYFRAME_WISH_SECONDS:
            self.asked = now
            self.since = self.plots_since = EVERYTHING

    def wish(self) -> Wish:
        """Say what the next frame must hold."""
        return Wish(self.since, self.plots_since, self.view, self.moved)


class Broadcast:
    """Pace the rounds and serve every screen.

    Args:
        framer: Cuts the frames.
    """

    def __init__(self, framer: Framer) -> None:
        self._framer = framer
        self._screens: set[Screen] = set()

    @property
    def screens(self) -> int:
        """Count the connected screens."""
        return len(self._screens)

    async def run(self) -> None:
        """Begin a round whenever the node has news, and once a second as a sign of life."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def on_news() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may just have closed
                loop.call_soon_threadsafe(news.set)

        self._framer.tell(on_news)
        allowed, number = loop.time(), 0
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), HEARTBEAT_SECONDS)
                await asyncio.sleep(max(0.0, allowed - loop.time()))
                news.clear()
                # A node that ticks at our own pace, give or take, is followed without delay.
                allowed = max(allowed + ROUND_SECONDS, loop.time() + ROUND_SECONDS - SLACK_SECONDS)
                if self._screens:
                    number += 1
                    self._framer.advance()
                    self._begin(keyframe=number % KEYFRAME_ROUNDS == 0)
        finally:
            self._framer.tell(None)

    def _begin(self, *, keyframe: bool) -> None:
        for screen in self._screens:
            if keyframe:
                screen.since = EVERYTHING
            screen.due.set()

    async def serve(self, socket: WebSocket) -> None:
        """Serve one screen until it goes."""
        if len(self._screens) >= MOST_SCREENS:
            await socket.accept()
            await socket.close(TOO_MANY, f"this node serves {MOST_SCREENS} screens at once")
            return
        await socket.accept()
        screen = Screen()
        sending = asyncio.create_task(self._send(socket, screen))
        try:
            await self._listen(socket, screen)
        finally:
            self._screens.discard(screen)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _listen(self, socket: WebSocket, screen: Screen) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = await socket.receive()
            if message["type"] != "websocket.receive":
                return
            try:
                screen.hear(message.get("bytes") or b"", loop.time())
            except (ValueError, TypeError, msgpack.UnpackException):
                await socket.close(UNREADABLE, "expected msgpack as in docs/stream.md")
                return

    async def _send(self, socket: WebSocket, screen: Screen) -> None:
        try:
            hello, places = self._framer.hello()
            await socket.send_bytes(hello)
            self._screens.add(screen)
            screen.due.set()
            while True:
                await screen.due.wait()
                screen.due.clear()
                if self._framer.places_version() != places:
                    hello, places = self._framer.hello()
                    screen.since = EVERYTHING
                    await socket.send_bytes(hello)
                frame = self._framer.cut(screen.wish())
                screen.since = screen.plots_since = frame.version
                screen.moved = False
                await socket.send_bytes(frame.data)
        except (WebSocketDisconnect, RuntimeError):
            return  # the screen has gone; whoever listens to it sees that too


def _read_view(value: object) -> View:
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError("a view is [west, south, east, north]")
    west, south, east, north = (float(v) for v in value)
    if not all(math.isfinite(v) for v in (west, south, east, north)) or south > north:
        raise ValueError("a view is four finite numbers, south below north")
    return west, south, east, north
