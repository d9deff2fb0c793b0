"""Where a node keeps its files, unless it is told otherwise."""

import os
import sys
from pathlib import Path


def home() -> Path:
    """Give the folder for stores and terrain: ``$STEPPEWATCH_HOME`` or the platform's own place.

    >>> import os
    >>> os.environ["STEPPEWATCH_HOME"] = "/srv/watch"
    >>> home().as_posix()
    '/srv/watch'
    """
    given = os.environ.get("STEPPEWATCH_HOME")
    if given:
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "steppewatch"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "steppewatch"
    return (
        Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "steppewatch"
    )
