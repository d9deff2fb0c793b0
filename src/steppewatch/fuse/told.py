"""Tracks in the words of ``records``: what one step says of those that changed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.classify import class_probabilities, classify
from steppewatch.fuse.evidence import RING
from steppewatch.fuse.existence import HELD, hidden
from steppewatch.records import Origin, TargetClass, TrackBatch, TrackStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

WHY = ("why_ns", "why_sensor", "why_plot", "why_weight")
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
    sensors: Sequence[Sensor],
    settings: TrackerSettings,
) -> TrackBatch:
    """Put rows of the columns into the words of ``records``.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` which tracks.
        at_ns: ``(k,)`` the moments that ``mean`` describes.
        mean: ``(k, 6)`` ECEF.
        cov: ``(k, 6, 6)``.
        over: These tracks have ended.
        sensors: All sensors, in the order of the columns.
        settings: The tracker's settings.
    """
    status = np.where(
        tracks["confirmed"][rows],
        np.where(missed_last(tracks, rows), TrackStatus.COASTING, TrackStatus.CONFIRMED),
        TrackStatus.TENTATIVE,
    )
    if over:
        status = np.full(len(rows), TrackStatus.ENDED)
    newest = (tracks["hits"][rows] - 1) % RING
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
        sensors=tuple(sensor.id for sensor in sensors),
        seen_by=holders(tracks, rows, at_ns, sensors),
        hidden=hidden(tracks, settings)[rows],
        why_method=tracks["method"][rows],
        **{name: tracks[name][rows, newest] for name in WHY},
        born_ns=tracks["born_ns"][rows],
        seen_ns=tracks["seen_ns"][rows],
        hits=tracks["hits"][rows].astype(np.uint32),
        mode_s=tracks["mode_s"][rows],
        mode_3a=tracks["mode_3a"][rows],
        callsign=tracks["callsign"][rows],
        origin=ORIGIN,
    )


def holders(
    tracks: Columns,
    rows: NDArray[np.intp],
    at_ns: NDArray[np.int64],
    sensors: Sequence[Sensor],
) -> NDArray[np.bool_]:
    """Say which sensors ``(k, s)`` gave each track a plot within 1.5 of their own periods."""
    fresh_ns = np.array([HELD * 1e9 * s.scan_period for s in sensors])
    known = tracks["hit_ns"].shape[1]  # what ended before a sensor was heard of lacks its column
    hit_ns = np.zeros((len(rows), len(sensors)), np.int64)
    hit_ns[:, :known] = tracks["hit_ns"][rows]
    return np.asarray((hit_ns > 0) & (at_ns[:, None] - hit_ns < fresh_ns))


def joined(batches: list[TrackBatch]) -> TrackBatch:
    """Join batches of one tracker into one."""
    if len(batches) == 1:
        return batches[0]
    names = [f.name for f in dataclasses.fields(TrackBatch) if f.name not in ("origin", "sensors")]
    columns: dict[str, Any] = {n: np.concatenate([getattr(b, n) for b in batches]) for n in names}
    return TrackBatch(origin=ORIGIN, sensors=batches[0].sensors, **columns)


def by_id(batch: TrackBatch) -> TrackBatch:
    """Put a batch in the order of ids."""
    order = np.argsort(batch.id, kind="stable")
    names = [f.name for f in dataclasses.fields(TrackBatch) if f.name not in ("origin", "sensors")]
    return dataclasses.replace(batch, **{name: getattr(batch, name)[order] for name in names})
