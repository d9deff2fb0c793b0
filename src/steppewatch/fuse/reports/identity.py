"""What several sources say of who and what a track is: weighed, never overwritten in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.state import Columns

FRAME_WORTH = 0.3
"""How much of one frame's class evidence counts: the frames of a camera are not independent."""
MOST_HINT = 12.0


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
