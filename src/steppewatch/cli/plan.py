"""``steppewatch plan``: where to stand, how good that is, and what it assures."""

import click

from steppewatch.cli.lazy import LazyGroup

VERBS = {
    "sites": ("steppewatch.cli.plan_sites", "sites", "Choose the best sites, with a proven bound."),
    "check": ("steppewatch.cli.plan_check", "check", "Recheck a proof without any solver."),
    "assure": ("steppewatch.cli.plan_assure", "assure", "Say how surely crossings are met."),
    "show": ("steppewatch.cli.plan_show", "show", "Show plans on the map; drag sites, compare."),
}


@click.group(cls=LazyGroup, table=VERBS)
def plan() -> None:
    """Choose sites under a budget, prove how good the choice is, and say what it assures."""
