"""The operator's picture: API, live stream, relief and the built front end."""

from steppewatch.web.custody import Custody
from steppewatch.web.hub import Hub
from steppewatch.web.objects import PictureInfo
from steppewatch.web.plan import Plans, read_scenes
from steppewatch.web.release import Releases
from steppewatch.web.server import DEFAULT_PORT, Server, check_address, serve, serve_custody

__all__ = [
    "DEFAULT_PORT",
    "Custody",
    "Hub",
    "PictureInfo",
    "Plans",
    "Releases",
    "Server",
    "check_address",
    "read_scenes",
    "serve",
    "serve_custody",
]
