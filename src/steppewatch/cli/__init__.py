"""The command line: ``steppewatch <room> <verb>``; nothing heavy is imported until it runs."""

import importlib
import sys

import click

from steppewatch import __version__
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
}


class LazyGroup(click.Group):
    """List every command, import only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the commands in the order in which a new user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, short_help = COMMANDS[cmd_name]
        if ctx.obj == "listing":
            return click.Command(cmd_name, short_help=short_help)
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        ctx.obj = "listing"
        super().format_commands(ctx, formatter)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
