"""Give a track that came out of the dark its own name back.

After a minute in hiding a target may be anywhere in a square kilometre, and a single plot there
proves little: it may be a false alarm or somebody else. So what comes out begins a track of its
own. Once that is confirmed it has a velocity, too, and is compared with all tracks that are in
the dark, in place and velocity; the one that it continues lives on in it (track segment
association, Yeddanapudi, Bar-Shalom & Pattipati 2000, Proc. IEEE 85(1), here without smoothing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from steppewatch.fuse.evidence import RING
from steppewatch.fuse.filter import report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns

LIMIT = float(chi2.ppf(0.9999, 6))
FROM_OLD = ("id", "born_ns", "start")
RINGS = ("why_ns", "why_sensor", "why_plot", "why_weight", "why_z")


def continued(
    tracks: Columns, fresh: NDArray[np.integer], settings: TrackerSettings
) -> list[tuple[int, int]]:
    """Find which tracks in the dark go on in tracks that were confirmed just now.

    Args:
        tracks: Columns of the state.
        fresh: ``(k,)`` rows confirmed just now.
        settings: The tracker's settings.

    Returns:
        Pairs of rows, new and old; no row occurs twice.
    """
    lost = np.flatnonzero(tracks["confirmed"] & (tracks["dark_ns"] > tracks["seen_ns"]))
    if len(lost) == 0 or len(fresh) == 0:
        return []
    lost = np.setdiff1d(lost, fresh, assume_unique=True)
    costs: list[tuple[float, int, int]] = []
    for new in fresh.tolist():
        # Its first plot came while the other was unseen already, and both names agree.
        able = lost[tracks["born_ns"][new] > tracks["seen_ns"][lost]]
        if tracks["mode_s"][new] != 0:
            able = able[np.isin(tracks["mode_s"][able], (0, tracks["mode_s"][new]))]
        if len(able) == 0:
            continue
        rows = np.append(able, new)
        at_ns = np.full(len(rows), max(int(tracks["time_ns"][rows].max()), 0))
        mean, cov = report(tracks, rows, at_ns, settings)
        off, spread = mean[:-1] - mean[-1], cov[:-1] + cov[-1]
        distance = np.einsum("ka,ka->k", off, np.linalg.solve(spread, off[:, :, None])[:, :, 0])
        cost = distance + np.linalg.slogdet(spread)[1]
        costs += [
            (float(cost[i]), new, int(able[i])) for i in np.flatnonzero(distance < LIMIT).tolist()
        ]
    found: list[tuple[int, int]] = []
    taken: set[int] = set()
    for _, new, old in sorted(costs):
        if new not in taken and old not in taken:
            found.append((new, old))
            taken |= {new, old}
    return found


def hand_on(tracks: Columns, new: int, old: int) -> None:
    """Let the track in row ``new`` be the one in row ``old``, in place: its name and its past."""
    for name in FROM_OLD:
        tracks[name][new] = tracks[name][old]
    hits = int(tracks["hits"][old])
    for name in RINGS:  # the ring's slots count by hits
        tracks[name][new] = np.roll(tracks[name][new], hits % RING, axis=0)
    tracks["hits"][new] += hits
    tracks["looks"][new] += tracks["looks"][old]
    tracks["pace"][new] = max(tracks["pace"][new], tracks["pace"][old])
    tracks["slow"][new] = min(tracks["slow"][new], tracks["slow"][old])
    tracks["high"][new] = max(tracks["high"][new], tracks["high"][old])
    tracks["hint"][new] += tracks["hint"][old]
    tracks["level"][new] |= tracks["level"][old]
    for name, none in (("mode_s", 0), ("mode_3a", -1), ("callsign", b"")):
        if tracks[name][new] == none:
            tracks[name][new] = tracks[name][old]
    for name in ("hit_ns", "look_ns"):
        unknown = tracks[name][new] == 0
        tracks[name][new][unknown] = tracks[name][old][unknown]
