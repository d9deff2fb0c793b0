"""Tracks in the words of ``records``: what one step says of those that changed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.classify import class_probabilities, classify
from steppewatch.records import Origin, TargetClass, TrackBatch, TrackStatus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

ORIGIN = Origin(feed="fuse", label="own")


def missed_last(tracks: Columns, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say which tracks got no plot at their latest look by every sensor that has seen them."""
    seen_by = tracks["hit_ns"][rows] > 0
    passed = tracks["look_ns"][rows] > tracks["hit_ns"][rows]
    return np.asarray(np.all(~seen_by | passed, axis=1))


def batch_of(
    tracks: Columns,
    rows: NDArray[np.intp],
    at_ns: NDArray[np.int64],
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
    over: bool,
) -> TrackBatch:
    """Put rows of the columns into the words of ``records``."""
    status = np.where(
        tracks["confirmed"][rows],
        np.where(missed_last(tracks, rows), TrackStatus.COASTING, TrackStatus.CONFIRMED),
        TrackStatus.TENTATIVE,
    )
    if over:
        status = np.full(len(rows), TrackStatus.ENDED)
    existence = 1.0 / (1.0 + np.exp(-tracks["score"][rows]))
    prob = class_probabilities(tracks, rows)
    target = classify(tracks, rows, prob)
    prob *= existence[:, None]
    prob[:, TargetClass.UNKNOWN] = 1.0 - existence
    return TrackBatch(
        time_ns=at_ns,
        id=tracks["id"][rows],
        mean=mean,
        cov=cov,
        status=status.astype(np.uint8),
        existence=existence.astype(np.float32),
        target=target,
        class_prob=prob.astype(np.float32),
        born_ns=tracks["born_ns"][rows],
        seen_ns=tracks["seen_ns"][rows],
        hits=tracks["hits"][rows].astype(np.uint32),
        mode_s=tracks["mode_s"][rows],
        mode_3a=tracks["mode_3a"][rows],
        callsign=tracks["callsign"][rows],
        origin=ORIGIN,
    )


def joined(batches: list[TrackBatch]) -> TrackBatch:
    """Join batches of one tracker into one."""
    names = [f.name for f in dataclasses.fields(TrackBatch) if f.name != "origin"]
    columns = {n: np.concatenate([getattr(b, n) for b in batches]) for n in names}
    return TrackBatch(origin=ORIGIN, **columns)
