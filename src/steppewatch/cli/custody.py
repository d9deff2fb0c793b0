"""``steppewatch custody``: who holds what, who may see what, by whose consent, provably."""

import click

from steppewatch.cli.lazy import LazyGroup

VERBS: dict[str, tuple[str, str, str]] = {}


@click.group(cls=LazyGroup, table=VERBS)
def custody() -> None:
    """Hold items and data under an agreement, and prove it."""
