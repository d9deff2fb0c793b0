"""``steppewatch sense``: what a sensor would see; each verb is a module, imported when called."""

import click

from steppewatch.cli.lazy import LazyGroup

# verb → (module, attribute, one-line help)
VERBS = {
    "horizon": ("steppewatch.cli.sense_horizon", "horizon", "Minimum visible height by cell."),
    "radar": ("steppewatch.cli.sense_radar", "radar", "Map what a radar on a hill would see."),
    "explain": ("steppewatch.cli.sense_explain", "explain", "One look, line by line in decibels."),
    "compare": ("steppewatch.cli.sense_compare", "compare", "Set two radars side by side."),
    "camera": ("steppewatch.cli.sense_camera", "camera", "Map what a camera would see."),
    "link": ("steppewatch.cli.sense_link", "link", "Check a radio link between two sites."),
    "network": ("steppewatch.cli.sense_network", "network", "Add up many sites; list the gaps."),
}


@click.group(cls=LazyGroup, table=VERBS)
def sense() -> None:
    """Say what a sensor would see from a place, and why."""
