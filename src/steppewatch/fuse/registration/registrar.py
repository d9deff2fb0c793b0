"""Registration inside a step of the tracker: correct what comes, learn from what was matched."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.registration.correct import correct
from steppewatch.fuse.registration.evidence import SPAN_NS, Plotted, gather
from steppewatch.fuse.registration.learn import learn
from steppewatch.fuse.registration.state import admit
from steppewatch.fuse.registration.suspect import tell_drift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.registration.state import RegistrationState
    from steppewatch.fuse.state import Columns
    from steppewatch.records import Sensor, SensorDoubt

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
        if not self.on:
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
        if not self.on or len(rows) == 0 or (~state.idle).sum() < 2 or state.idle[column]:
            return
        newest = int(tracks["hit_ns"][rows, column].max())
        calm = state.used[column] > 0 and not state.doubt[0, column].any()
        pause = LONG_PAUSE_NS if calm else PAUSE_NS
        if 0 <= newest - int(state.taken_ns[column]) < pause:
            return
        seen = tracks["hit_ns"][rows] > newest - SPAN_NS
        seen[:, column] = False
        rows = rows[seen[:, : len(state)].any(axis=1) & tracks["confirmed"][rows]]
        if len(rows) > MOST:
            rows = rows[np.linspace(0, len(rows) - 1, MOST).astype(np.int64)]
        if len(rows):
            self.state = learn(state, gather(state, ring_of(tracks, rows, column)), newest)
            if self.state.settled_ns != state.settled_ns:
                self.state, said = tell_drift(state, self.state, self.sensors, self.now_ns)
                self.doubts += said


def ring_of(tracks: Columns, rows: NDArray[np.int64], column: int) -> Plotted:
    """Give the rings of some tracks, sorted by time, without doubtful plots.

    Tracks whose newest plot is not this sensor's (it came late) are left out.
    """
    when = np.where(tracks["why_weight"][rows] >= SURE, tracks["why_ns"][rows], 0)
    order = np.argsort(-when, axis=1, kind="stable")
    at = np.arange(len(rows))[:, None]
    sensor = tracks["why_sensor"][rows][at, order].astype(np.int64)
    mine = sensor[:, 0] == column
    mean = np.einsum("nm,nma->na", tracks["prob"][rows], tracks["mean"][rows])
    return Plotted(
        time_ns=when[at, order][mine],
        sensor=sensor[mine],
        z=tracks["why_z"][rows][at, order][mine],
        mean=mean[mine],
    )
