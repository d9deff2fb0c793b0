"""Scenes by name: ``dense:n=300:seed=0-4``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.scenarios import single
from benchmarks.scenarios.files import scene_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.scenarios.scene import Scene

KINDS = {"n": int, "scans": int, "period": float, "pd": float, "clutter": float}


def scenes_of(spec: str, *, doppler: bool = False, scans: int | None = None) -> Iterator[Scene]:
    """Draw the scenes of a spec: a name, then options, apart by colons.

    ``seed=3`` draws one, ``seed=0-4`` five. ``doppler`` among the options gives range rates.
    """
    name, *options = spec.split(":")
    rates = doppler or "doppler" in options
    pairs = dict(option.split("=", 1) for option in options if "=" in option)
    first, _, last = pairs.pop("seed", "0").partition("-")
    chosen = single.Options(**{key: KINDS[key](value) for key, value in pairs.items()})
    label = ":".join(part for part in spec.split(":") if not part.startswith("seed"))
    for seed in range(int(first), int(last or first) + 1):
        arrays = single.make(name, replace(chosen, seed=seed))
        yield scene_of(arrays, f"{label}:seed={seed}", doppler=rates, scans=scans)
