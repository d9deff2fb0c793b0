"""Several recordings with their truths, as ``fuse compare`` and ``fuse tune`` take them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppewatch.cli.fuse_options import SAME, truth_path

if TYPE_CHECKING:
    from steppewatch.engine.track_compare import Case
    from steppewatch.engine.track_files import Reading

TRUTHS_HELP = "One for each input, in their order; `same`: each input holds its own."


def cases_of(inputs: Sequence[Path], truths: Sequence[Path], reading: "Reading") -> "list[Case]":
    """Read recordings, and their truths where there are any.

    Raises:
        EngineError: A file cannot be used.
    """
    from steppewatch.engine.track_compare import Case
    from steppewatch.engine.track_files import read_detections, read_truth

    told = list(truths) * (len(inputs) if [str(t) for t in truths] == [SAME] else 1)
    if told and len(told) != len(inputs):
        raise click.UsageError(
            f"{len(told)} --truth for {len(inputs)} inputs: give one for each, in their order, or "
            "`--truth same` where each input holds its own"
        )
    names = [path.name for path in inputs]
    cases = []
    for i, path in enumerate(inputs):
        real = read_truth(truth_path(told[i], path), reading) if told else None
        unique = path.name if names.count(path.name) == 1 else str(path)
        cases.append(Case(name=unique, recording=read_detections(path, reading), truth=real))
    return cases
