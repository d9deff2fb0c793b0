"""The options that every run has, and the forms that they take on the command line."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from steppewatch.cli.fuse_settings import settings_of
from steppewatch.cli.session import Options

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_PORT = 8471


class Place(click.ParamType[tuple[float, float, float]]):
    """Read ``LAT,LON[,HEIGHT_M]`` in degrees; give radians and metres."""

    name = "LAT,LON[,HEIGHT_M]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float, float]:
        """Parse and check the limits."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = [float(part) for part in str(value).split(",")]
            lat, lon, height = (*numbers, 0.0) if len(numbers) == 2 else tuple(numbers)
        except ValueError:
            self.fail(
                f"{value!r} is not LAT,LON[,HEIGHT_M], for example 47.85,106.77,1330", param, ctx
            )
        if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0 and -500.0 <= height <= 9_000.0):
            self.fail(
                f"{value!r} is no place on earth: latitude comes first, in degrees", param, ctx
            )
        return math.radians(lat), math.radians(lon), height


class Rate(click.ParamType[float | None]):
    """Read a clock rate: a number, or ``max`` for as fast as possible (given as None)."""

    name = "RATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse and check; infinity stands for ``max`` until :func:`options_of`."""
        if value == "max":
            return math.inf
        try:
            rate = float(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor 'max'", param, ctx)
        if not rate > 0.0:
            self.fail(f"{value!r} must be above 0, or 'max'", param, ctx)
        return rate


def run_options(command: F) -> F:
    """Add the options that every run has."""
    for option in reversed(
        [
            click.option("--rate", type=Rate(), default="1", help="Pace: 1, 10… or max."),
            click.option(
                "--port",
                type=click.IntRange(0, 65535),
                default=DEFAULT_PORT,
                envvar="PORT",
                show_default=True,
                help="Port of the picture; 0 for any.",
            ),
            click.option(
                "--host",
                default="127.0.0.1",
                show_default=True,
                help="Address of the picture; others can reach it if you change this.",
            ),
            click.option("--headless", is_flag=True, help="No picture."),
            click.option(
                "--store", type=click.Path(path_type=Path), help="File that keeps the run."
            ),
            click.option("--fresh", is_flag=True, help="Begin anew, even after a crash."),
            click.option(
                "--tracker",
                type=click.Path(path_type=Path),
                help="TOML with tracker settings, as `fuse tune` writes them.",
            ),
        ]
    ):
        command = option(command)
    return command


def options_of(given: dict[str, Any]) -> Options:
    """Collect the run options."""
    rate = given["rate"]
    return Options(
        rate=None if math.isinf(rate) else rate,
        host=given["host"],
        port=given["port"],
        headless=given["headless"],
        store=given["store"],
        fresh=given["fresh"],
        tracker=settings_of(given["tracker"], None),
    )
