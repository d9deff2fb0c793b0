"""Groups of commands that import a command's module only when it is called."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """List every command, import only the one that is called.

    Args:
        table: Name → (module, attribute, one-line help), in the order in which a new user meets
            them.
    """

    def __init__(
        self, *args: Any, table: Mapping[str, tuple[str, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the commands in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in self._table:
            return None
        module, attribute, short_help = self._table[cmd_name]
        if ctx.obj == "listing":
            return click.Command(cmd_name, short_help=short_help)
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        ctx.obj = "listing"
        super().format_commands(ctx, formatter)
