"""The operator's picture: API, live stream, relief and the built front end."""

from steppewatch.web.hub import Hub
from steppewatch.web.objects import Info
from steppewatch.web.server import DEFAULT_PORT, Server, serve

__all__ = ["DEFAULT_PORT", "Hub", "Info", "Server", "serve"]
