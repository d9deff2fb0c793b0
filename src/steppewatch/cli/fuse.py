"""``steppewatch fuse``: many detections, one truth; each verb is a module, imported when called."""

import click

from steppewatch.cli.lazy import LazyGroup

# verb → (module, attribute, one-line help)
VERBS = {
    "run": ("steppewatch.cli.fuse_run", "run", "Track a file of detections; score it by truth."),
    "compare": ("steppewatch.cli.fuse_compare", "compare", "Settings side by side over files."),
    "settings": ("steppewatch.cli.fuse_settings", "settings", "What the tracker may be told."),
    "tune": ("steppewatch.cli.fuse_tune", "tune", "Find settings on recorded data."),
}


@click.group(cls=LazyGroup, table=VERBS)
def fuse() -> None:
    """Track detections of any sensors, and say how good the tracks are."""
