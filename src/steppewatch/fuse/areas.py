"""Tracks kept by area: a message touches only the tracks that it can reach.

While tracks are few, all are one area. From :data:`SPLIT` tracks on, each cube of an ECEF grid
holds its own, and a step copies, gates and judges only the areas near what came in; the others
pass from state to state untouched. A track that flies over a seam is handed over with its id.
Rows are in the order of ids whichever areas are open, so the tracks are the same, bit for bit, as
if they had been kept together (docs/adr/0012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.state import BY_SENSOR, Area, Columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings

EDGE = 300e3
SPLIT, JOIN = 100_000, 50_000
WHOLE = 0
GRID = 128
SIGMAS = 10.0
"""No gate is wider: its limit is 100 for the squared distance where identities agree."""
SLACK = 5e3


def keys_of(tracks: Columns) -> NDArray[np.int64]:
    """Give the cube ``(n,)`` in which each track stands; never :data:`WHOLE`."""
    place = tracks["mean"][:, 0, :3]
    cube = np.clip(np.floor(place / EDGE), -GRID // 2, GRID // 2 - 1) + GRID // 2
    cube = np.nan_to_num(cube).astype(np.int64)
    return np.asarray(1 + (cube[:, 0] * GRID + cube[:, 1]) * GRID + cube[:, 2])


def whole(tracks: Columns) -> Area:
    """Keep all tracks in one area; it is always open, so nothing is known of its bounds."""
    none = np.zeros((2, 3))
    return Area(
        key=WHOLE, box=none, fastest=0.0, doubt=0.0, rate_doubt=0.0, restless=0.0,
        oldest_ns=0, due_ns=0, seen_by=np.zeros(tracks["hit_ns"].shape[1], bool), **tracks,
    )  # fmt: skip


def area_of(
    key: int, tracks: Columns, due_ns: NDArray[np.int64], settings: TrackerSettings
) -> Area:
    """Close some tracks into an area, with what tells whether a message can concern it.

    Args:
        key: Which area.
        tracks: Its columns, at least one track, kept as they are.
        due_ns: ``(n,)`` when each ends if nothing more is heard of it.
        settings: The tracker's settings.
    """
    mean, cov = tracks["mean"], tracks["cov"]
    place = mean[..., :3].reshape(-1, 3)
    variance = np.diagonal(cov, axis1=2, axis2=3)
    return Area(
        key=key,
        box=np.stack((place.min(axis=0), place.max(axis=0))),
        fastest=float(np.sqrt((mean[..., 3:] ** 2).sum(axis=-1).max())),
        doubt=float(np.sqrt(variance[..., :3].sum(axis=-1).max())),
        rate_doubt=float(np.sqrt(variance[..., 3:].sum(axis=-1).max())),
        restless=settings.agile,
        oldest_ns=int(tracks["time_ns"].min()),
        due_ns=int(due_ns.min()),
        seen_by=np.asarray((tracks["hit_ns"] > 0).any(axis=0)),
        **tracks,
    )


def reached(
    areas: Sequence[Area],
    places: NDArray[np.float64],
    radius: float,
    first_ns: int,
    last_ns: int,
) -> NDArray[np.bool_]:
    """Say of which areas ``(a,)`` a track may stand within ``radius`` of one of some places.

    Args:
        areas: The areas, none of them :func:`whole`.
        places: ``(k, 3)`` ECEF [m].
        radius: Around each of them [m], uncertainties of the measurement included.
        first_ns: The time in question begins.
        last_ns: It ends.
    """
    if len(areas) == 0 or len(places) == 0:
        return np.zeros(len(areas), bool)
    box = np.array([area.box for area in areas])
    fastest, doubt, rate_doubt, restless = np.array(
        [(area.fastest, area.doubt, area.rate_doubt, area.restless) for area in areas]
    ).T
    oldest = np.array([area.oldest_ns for area in areas])
    dt = np.maximum(np.abs(last_ns - oldest), np.abs(first_ns - oldest)) * 1e-9
    spread = np.sqrt(doubt**2 + (dt * rate_doubt) ** 2 + restless * dt**3)
    margin = radius + SLACK + dt * fastest + SIGMAS * spread
    low, high = places.min(axis=0), places.max(axis=0)
    out = _distance2(box[:, 0], box[:, 1], low, high) <= margin**2
    for k in np.flatnonzero(out) if len(places) > 1 else ():
        nearest = _distance2(box[k, 0], box[k, 1], places, places).min()
        out[k] = nearest <= margin[k] ** 2
    return np.asarray(out)


def _distance2(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    other_low: NDArray[np.float64],
    other_high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give the squared distance of boxes, 0 where they touch."""
    away = np.maximum(np.maximum(low - other_high, other_low - high), 0.0)
    return np.asarray((away**2).sum(axis=-1))


def parted(tracks: Columns, keys: NDArray[np.int64]) -> Iterator[tuple[int, Columns]]:
    """Split columns by area, each part in the order of ids."""
    if len(keys) == 0:
        return
    order = np.argsort(keys, kind="stable")
    found, start = np.unique(keys[order], return_index=True)
    for key, rows in zip(found, np.split(order, start[1:]), strict=True):
        yield int(key), {name: column[rows] for name, column in tracks.items()}


def widened(tracks: Columns) -> Columns:
    """Give columns room for one more sensor."""
    out: dict[str, Any] = dict(tracks)
    for name in BY_SENSOR:
        old = tracks[name]
        out[name] = np.concatenate((old, np.zeros_like(old, shape=(len(old), 1))), 1)
    return out
