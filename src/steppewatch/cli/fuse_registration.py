"""What ``steppewatch fuse run`` says about the sensors' biases."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from steppewatch.engine.track_run import Run

registration_option = click.option(
    "--registration", is_flag=True, help="Say what each sensor was found to be off by (± 1 σ)."
)


def registration_of(run: "Run") -> list[dict[str, Any]]:
    """Give the biases of all sensors at the end of a run, for JSON."""
    from steppewatch.fuse.registration import as_json

    return as_json(run.state.registration, run.state.sensors)


def print_registration(found: list[dict[str, Any]], *, full: bool) -> None:
    """Say what sensors are off by; in one line, unless it is asked for."""
    if full:
        lines = [one["text"] for one in found] or ["registration is off (setting register)"]
        lines += [one["suspicious"] for one in found if one["suspicious"]]
        print("biases (reported minus true)\n" + "\n".join(f"  {line}" for line in lines))
        return
    named = [
        one["sensor"]
        for one in found
        if any(bias["corrected_by"] for bias in one["biases"].values())
    ]
    if named:
        print(f"plots corrected for the biases of {', '.join(named)}: see --registration")
