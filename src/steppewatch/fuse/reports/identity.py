"""What several sources say of who and what a track is: classes are weighed, twins are doubted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.told import ORIGIN
from steppewatch.records import DoubtKind, SensorDoubt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.reports.marks import Marks
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor

FRAME_WORTH = 0.3
"""How much of one frame's class evidence counts: the frames of a camera are not independent."""
MOST_HINT = 12.0
MOST_TWINS = 5  # doubts said of one batch


def add_hints(tracks: Columns, rows: NDArray[np.int64], hint: NDArray[np.float64]) -> None:
    """Add what one look said of the classes to ``hint`` of the tracks ``rows``, in place.

    Args:
        tracks: Columns of the state.
        rows: ``(k,)`` tracks, each once.
        hint: ``(k, classes)`` log-likelihood of each class, or ``(k, 0)`` when nothing was said.

    Only differences between classes matter: the best class of a track stays at most
    ``MOST_HINT`` above the others, so that later looks can still change it.
    """
    if not hint.shape[1]:
        return
    told = tracks["hint"][rows] + FRAME_WORTH * (hint - hint.max(axis=1, keepdims=True))
    told -= told.max(axis=1, keepdims=True)
    tracks["hint"][rows] = np.maximum(told, -MOST_HINT)


def twins(
    tracks: Columns,
    marks: Marks,
    fresh: NDArray[np.intp],
    sensor: Sensor,
    now_ns: int,
    settings: TrackerSettings,
) -> list[SensorDoubt]:
    """Doubt reports that carry a living track's address and stand elsewhere.

    One of the two is not who it says: an error of setting, a reflection, or a lie. They are never
    made one; whoever watches for spoofing decides.

    Args:
        tracks: Columns of the state.
        marks: The reports.
        fresh: ``(k,)`` those that no track took and that are about to begin one.
        sensor: Their source.
        now_ns: The node's time.
        settings: The tracker's settings.
    """
    named = fresh[marks.mode_s[fresh] != 0]
    known = np.flatnonzero(tracks["confirmed"] & (tracks["mode_s"] != 0))
    said: list[SensorDoubt] = []
    for i in named[np.isin(marks.mode_s[named], tracks["mode_s"][known])].tolist():
        rows = known[tracks["mode_s"][known] == marks.mode_s[i]]
        seconds = (marks.time_ns[i] - tracks["time_ns"][rows]) * 1e-9
        mean = np.einsum("nm,nma->na", tracks["prob"][rows], tracks["mean"][rows])
        place = mean[:, :3] + np.clip(seconds, 0.0, settings.custody)[:, None] * mean[:, 3:]
        off = float(np.linalg.norm(place - marks.place[i], axis=1).min())
        name = f"{int(marks.mode_s[i]):06X}"
        text = (
            f"{sensor.name or sensor.id}: address {name} is reported {off / 1e3:.1f} km from the "
            f"track {int(tracks['id'][rows[0]])} that carries it: kept apart, one of them is wrong"
        )
        said.append(
            SensorDoubt(
                sensor=sensor.id, time_ns=now_ns, kind=DoubtKind.IDENTITY, was=off, expected=0.0,
                text=text, origin=ORIGIN,
            )
        )  # fmt: skip
    return said[:MOST_TWINS]
