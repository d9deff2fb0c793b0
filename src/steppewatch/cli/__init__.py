"""The command line: ``steppewatch <room> <verb>``; nothing heavy is imported until it runs."""

import sys

import click

from steppewatch import __version__
from steppewatch.cli.lazy import LazyGroup
from steppewatch.errors import SteppewatchError

# verb or room → (module, attribute, one-line help); the module is imported when it is called.
COMMANDS = {
    "rehearse": ("steppewatch.cli.run", "rehearse", "Run a scenario through the sensor models."),
    "replay": ("steppewatch.cli.run", "replay", "Replay ASTERIX recordings into the picture."),
    "listen": ("steppewatch.cli.run", "listen", "Show live ASTERIX feeds."),
    "doctor": ("steppewatch.cli.doctor", "doctor", "Say what works here and what is missing."),
    "warm": ("steppewatch.cli.doctor", "warm", "Compile the kernels once, for a quick start."),
    "wire": ("steppewatch.cli.wire", "wire", "Look into recordings and messages."),
    "world": ("steppewatch.cli.world", "world", "Add or fetch terrain."),
    "sense": ("steppewatch.cli.sense", "sense", "What a radar, a camera or a link would see."),
    "plan": ("steppewatch.cli.plan", "plan", "Where to stand, and what that assures."),
    "custody": ("steppewatch.cli.custody", "custody", "Who holds what, by whose consent."),
    "fuse": ("steppewatch.cli.fuse", "fuse", "Track detections; score and tune the tracker."),
}


@click.group(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="steppewatch")
def steppewatch() -> None:
    """One live, accountable picture of a long border."""


def main() -> None:
    """Run the command line; our own errors end it with their message and status 1."""
    try:
        steppewatch()
    except SteppewatchError as error:
        print(f"steppewatch: {error}", file=sys.stderr)
        sys.exit(1)
