"""Let part of a scene's reports come late, in no order."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.records import DetectionBatch, PositionReports

if TYPE_CHECKING:
    from benchmarks.scenarios import Scene

KINDS = (DetectionBatch, PositionReports)
PLOT, BATCH = "plot", "batch"


def delayed(
    scene: Scene, *, share: float = 0.1, most: float = 30.0, unit: str = PLOT, seed: int = 0
) -> Scene:
    """Give the scene with a share of its plots (or of its batches) up to ``most`` seconds late.

    Late plots of one sensor that arrive in the same step come in one batch, shuffled. What would
    arrive after the scene's end comes with its last step.

    Args:
        scene: As everything arrives in time.
        share: Part that is late.
        most: Longest delay, all down to 0 are as likely [s]; infinite loses them.
        unit: ``"plot"`` or ``"batch"``.
        seed: Of the generator.
    """
    rng = np.random.default_rng([seed, 77])
    nows = np.array([now for now, _ in scene.steps])
    out: list[list[Any]] = [[] for _ in nows]
    late: list[dict[tuple[type, str], list[Any]]] = [{} for _ in nows]
    for k, (now, messages) in enumerate(scene.steps):
        for message in messages:
            if not isinstance(message, KINDS):
                out[k].append(message)
                continue
            n = len(message)
            mask = np.full(n, rng.random() < share) if unit == BATCH else rng.random(n) < share
            if not (unit == BATCH and n and mask.all()):
                out[k].append(rows_of(message, np.flatnonzero(~mask)))
            delay = rng.uniform(0.0, most, n) if np.isfinite(most) else np.full(n, np.inf)
            if unit == BATCH and n:
                delay[:] = delay[0]
            for row in np.flatnonzero(mask & np.isfinite(delay)).tolist():
                j = int(np.searchsorted(nows, now + round(delay[row] * 1e9)))
                key = (type(message), message.sensor)
                there = late[min(j, len(nows) - 1)]
                there.setdefault(key, []).append(rows_of(message, np.array([row])))
    for k, found in enumerate(late):
        for parts in found.values():
            order = rng.permutation(len(parts))
            out[k].append(joined([parts[i] for i in order]))
    steps = tuple((int(now), tuple(said)) for now, said in zip(nows, out, strict=True))
    return dataclasses.replace(scene, name=f"{scene.name}:late", steps=steps)


def known_by(
    scene: Scene, until_ns: int, *, share: float = 0.1, most: float = 30.0, seed: int = 0
) -> list[tuple[int, tuple[object, ...]]]:
    """Give the steps up to a moment, in order, with those plots alone that had come by then.

    The late plots are the same ones as those of :func:`delayed` with the same seed.
    """
    rng = np.random.default_rng([seed, 77])
    out: list[tuple[int, tuple[object, ...]]] = []
    for now, messages in scene.steps:
        if now > until_ns:
            break
        said: list[Any] = []
        for message in messages:
            if not isinstance(message, KINDS):
                said.append(message)
                continue
            n = len(message)
            mask = rng.random(n) < share
            came = now + np.round(rng.uniform(0.0, most, n) * 1e9).astype(np.int64)
            said.append(rows_of(message, np.flatnonzero(~mask | (came <= until_ns))))
        out.append((now, tuple(said)))
    return out


def rows_of(message: Any, rows: np.ndarray[Any, Any]) -> Any:
    """Give some rows of a batch."""
    return dataclasses.replace(
        message, **{name: getattr(message, name)[rows] for name in columns_of(message)}
    )


def joined(parts: list[Any]) -> Any:
    """Join batches of one sensor."""
    names = columns_of(parts[0])
    return dataclasses.replace(
        parts[0], **{name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    )


def columns_of(message: Any) -> list[str]:
    """Name a batch's columns."""
    return [
        field.name
        for field in dataclasses.fields(message)
        if isinstance(getattr(message, field.name), np.ndarray)
    ]
