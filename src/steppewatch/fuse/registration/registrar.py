"""Registration inside a step of the tracker: correct what comes, learn from what was matched."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.registration.correct import correct
from steppewatch.fuse.registration.evidence import SPAN_NS, Plotted, gather
from steppewatch.fuse.registration.learn import learn
from steppewatch.fuse.registration.state import admit
from steppewatch.fuse.registration.suspect import tell_drift
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.registration.state import RegistrationState
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor, SensorDoubt

    Floats = NDArray[np.float64]
    Ints = NDArray[Any]
    Bools = NDArray[np.bool_]

MOST = 48
PAUSE_NS = 500_000_000
LONG_PAUSE_NS = 4_000_000_000
SURE = 0.7


class Registrar:
    """Hold what registration knows during one step; it lives no longer than the step."""

    def __init__(
        self, state: RegistrationState, sensors: Sequence[Sensor], now_ns: int, *, on: bool
    ) -> None:
        self.on = on
        self.state = state
        self.sensors = sensors
        self.now_ns = now_ns
        self.doubts: list[SensorDoubt] = []
        if on:  # a state written down with registration off, or by an older tracker
            for column in range(len(state), len(sensors)):
                self.admit(sensors[column], column)

    def admit(self, sensor: Sensor, column: int) -> None:
        """Take in a sensor or its changed description."""
        if self.on:
            self.state = admit(self.state, sensor, column)

    def correct(self, plots: Plots, column: int) -> Plots:
        """Take the known biases out of plots before they are gated."""
        if not self.on or self.state.settled_ns == 0:  # nothing was learnt yet
            return plots
        z, noise, time_ns = correct(self.state, column, plots.z, plots.noise, plots.time_ns)
        if z is plots.z:
            return plots
        return dataclasses.replace(plots, z=z, noise=noise, time_ns=time_ns)

    def study(self, tracks: Columns, rows: NDArray[np.int64], column: int) -> None:
        """Learn from tracks ``rows`` that sensor ``column`` has just hit (rings noted already).

        Only confirmed tracks that another sensor saw lately, and at most :data:`MOST` of them.
        """
        state = self.state
        if not self.on or len(rows) == 0 or len(state) < 2 or state.idle[column]:
            return
        if len(state) - np.count_nonzero(state.idle) < 2:
            return
        calm = state.used[column] > 0 and not state.doubt[0, column].any()
        pause, shared = LONG_PAUSE_NS if calm else PAUSE_NS, np.empty(len(rows), np.bool_)
        newest, count = find_shared(
            rows, tracks["hit_ns"], tracks["confirmed"], column, len(state),
            int(state.taken_ns[column]), pause, shared,
        )  # fmt: skip
        if count == 0:
            return
        rows = rows[shared]
        if len(rows) > MOST:
            rows = rows[np.linspace(0, len(rows) - 1, MOST).astype(np.int64)]
        self.state = learn(state, gather(state, ring_of(tracks, rows, column)), newest)
        if self.state.settled_ns != state.settled_ns:
            self.state, said = tell_drift(state, self.state, self.sensors, self.now_ns)
            self.doubts += said


@kernel
def find_shared(
    rows: Ints, hit_ns: Ints, confirmed: Bools, column: int, sensors: int, taken_ns: int,
    pause_ns: int, shared: Bools,
) -> tuple[int, int]:  # fmt: skip
    """Mark the confirmed tracks that another sensor saw lately, too; none within the pause.

    Shapes and units:
        rows: ``(k,)`` tracks; hit_ns: ``(n, s)``; confirmed: ``(n,)``.
        column: Who has just seen them; sensors: how many sensors take part, the first ones.
        taken_ns: When this sensor was last studied; pause_ns: how long it then rests.
        shared: ``(k,)``, written.

    Returns:
        The newest of their plots by this sensor [ns], and how many are shared.
    """
    newest, count = hit_ns[rows[0], column], 0
    for j in rows:
        newest = max(newest, hit_ns[j, column])
    if 0 <= newest - taken_ns < pause_ns:
        return newest, 0
    for k in range(len(rows)):
        j = rows[k]
        shared[k] = False
        if confirmed[j]:
            for other in range(sensors):
                if other != column and hit_ns[j, other] > newest - SPAN_NS:
                    shared[k] = True
        count += shared[k]
    return newest, count


def ring_of(tracks: Columns, rows: NDArray[np.int64], column: int) -> Plotted:
    """Give the rings of some tracks, sorted by time, without doubtful plots.

    Tracks whose newest plot is not this sensor's (it came late) are left out.
    """
    k, slots = len(rows), tracks["why_ns"].shape[1]
    time_ns, sensor = np.empty((k, slots), np.int64), np.empty((k, slots), np.int64)
    z, mean = np.empty((k, slots, tracks["why_z"].shape[2])), np.empty((k, 6))
    count = sort_rings(
        rows, column, tracks["why_ns"], tracks["why_sensor"], tracks["why_weight"],
        tracks["why_z"], tracks["prob"], tracks["mean"], time_ns, sensor, z, mean,
    )  # fmt: skip
    return Plotted(time_ns=time_ns[:count], sensor=sensor[:count], z=z[:count], mean=mean[:count])


@kernel
def sort_rings(
    rows: Ints, column: int, why_ns: Ints, why_sensor: Ints, why_weight: Any, why_z: Floats,
    prob: Floats, mean: Floats, out_ns: Ints, out_sensor: Ints, out_z: Floats, out_mean: Floats,
) -> int:  # fmt: skip
    """Write the rings of the tracks ``rows`` ``(k,)``, the newest plot first, and their means.

    Doubtful plots have the time 0. Tracks whose newest plot is another sensor's are left out, and
    the out-arrays end where there are no more.

    Shapes:
        why_*, prob, mean: Columns of the state.
        out_ns, out_sensor: ``(k, RING)``; out_z: ``(k, RING, 5)``; out_mean: ``(k, 6)``.
    """
    count, slots = 0, why_ns.shape[1]
    order, when = np.empty(slots, np.int64), np.empty(slots, np.int64)
    for j in rows:
        for slot in range(slots):
            when[slot] = why_ns[j, slot] if why_weight[j, slot] >= np.float32(SURE) else 0
            at = slot
            while at > 0 and when[order[at - 1]] < when[slot]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = slot
        if why_sensor[j, order[0]] != column:
            continue
        for at in range(slots):
            slot = order[at]
            out_ns[count, at] = when[slot]
            out_sensor[count, at] = why_sensor[j, slot]
            for a in range(why_z.shape[2]):
                out_z[count, at, a] = why_z[j, slot, a]
        for a in range(6):
            out_mean[count, a] = 0.0
            for m in range(prob.shape[1]):
                out_mean[count, a] += prob[j, m] * mean[j, m, a]
        count += 1
    return count
