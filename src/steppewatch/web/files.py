"""The built front end, served from the package, and a plain page when it was not built."""

import re
from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
# Names that a build derives from the content, such as assets/index-B3kd9x1Q.js.
HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")

NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Steppewatch</title>
<style>body{background:#11151a;color:#d7dde4;font:16px sans-serif;max-width:40em;margin:4em auto}
a{color:#8ab4f8}</style>
<h1>The picture's page is not built</h1>
<p>The node runs and answers <a href="/api/v1/tracks">/api/v1/tracks</a>, but
<code>src/steppewatch/web/static/index.html</code> is missing from this checkout.</p>
<p>To build it, with Node.js installed: <code>make web</code>. Then reload this page.</p>
"""


class FrontEnd(StaticFiles):
    """Serve the front end; content-named files may be kept for ever, others are asked for anew.

    Args:
        directory: Folder of the build.
    """

    def __init__(self, directory: Path = STATIC) -> None:
        self._root = directory
        super().__init__(directory=directory, html=True, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer one file."""
        if path in {".", "index.html"} and not (self._root / "index.html").is_file():
            return HTMLResponse(NOT_BUILT, headers={"Cache-Control": "no-store"})
        response = await super().get_response(path, scope)
        if response.status_code == 200 and isinstance(response, FileResponse):
            fixed = path.startswith("assets/") and HASHED.search(path)
            response.headers["Cache-Control"] = (
                "public, max-age=31536000, immutable" if fixed else "no-cache"
            )
        return response
