"""Note everything that a clean page does not do, and the screens that it must fit."""

from playwright.sync_api import Page

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


class Watcher:
    """Note everything that a clean page does not do."""

    def __init__(self, page: Page, address: str) -> None:
        self.faults: list[str] = []
        self.tiles = 0
        self.address = address
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self.request)
        page.on("response", self.response)

    def console(self, message: object) -> None:
        if message.type in {"error", "warning"}:  # type: ignore[attr-defined]
            self.faults.append(f"console: {message.text}")  # type: ignore[attr-defined]

    def request(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"request to {url}")

    def response(self, response: object) -> None:
        if response.status >= 400:  # type: ignore[attr-defined]
            self.faults.append(f"{response.status} {response.url}")  # type: ignore[attr-defined]
        elif "/terrain/" in response.url:  # type: ignore[attr-defined]
            self.tiles += 1
