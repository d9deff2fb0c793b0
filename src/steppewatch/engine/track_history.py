"""The life of single tracks, written down while a run lasts: why each is where it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.engine.track_recording import NS
from steppewatch.errors import EngineError
from steppewatch.fuse.associate import Method
from steppewatch.fuse.evidence import RING
from steppewatch.fuse.existence import hidden
from steppewatch.fuse.state import COLUMNS
from steppewatch.records import BearingBatch, PositionReports, SensorKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from steppewatch import fuse
    from steppewatch.engine.track_run import Moment
    from steppewatch.records import Sensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Name one plot that a track got.

    Attributes:
        time: When it was measured, seconds after the first scan.
        sensor: By whom.
        row: Its row among the plots that the tracker took from that sensor's batch.
        weight: Probability that it was this track's.
        measured: What it says, name → value in degrees, metres, m/s.
    """

    time: float
    sensor: str
    row: int
    weight: float
    measured: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Say what a step did to a track.

    Attributes:
        time: Seconds after the first scan.
        event: ``"began"``, ``"confirmed"``, ``"held"``, ``"missed"``, ``"hidden"``, ``"waited"``
            (nobody looked) or ``"ended"``.
        plots: What it got, the oldest first.
        method: How they were chosen; "" without any.
        existence: Probability that it is real, afterwards.
        chance: Probability of detection by each sensor that has seen it.
    """

    time: float
    event: str
    plots: tuple[Plot, ...]
    method: str
    existence: float
    chance: dict[str, float]


class History:
    """Listen to a run and keep what happened to some tracks.

    Args:
        tracks: Their ids.
        settings: With which the run is made.
    """

    def __init__(self, tracks: Sequence[int], settings: fuse.TrackerSettings) -> None:
        self._settings = settings
        self._start_ns: int | None = None
        self.entries: dict[int, list[Entry]] = {track: [] for track in tracks}

    def listen(self, moment: Moment) -> None:
        """Take one step of the run."""
        if self._start_ns is None:
            self._start_ns = moment.now_ns
        before, after = moment.before, moment.after
        unseen = None
        placed = {
            m.sensor for m in moment.messages if isinstance(m, PositionReports | BearingBatch)
        }
        for track, entries in self.entries.items():
            old, new = np.flatnonzero(before.id == track), np.flatnonzero(after.id == track)
            if not len(new):
                if len(old):
                    entries.append(self._end(moment, int(old[0])))
                continue
            if unseen is None:
                unseen = hidden({name: getattr(after, name) for name in COLUMNS}, self._settings)
            a = int(old[0]) if len(old) else None
            entries.append(self._step(moment, a, int(new[0]), bool(unseen[new[0]]), placed))

    def _step(self, moment: Moment, a: int | None, b: int, unseen: bool, placed: set[str]) -> Entry:
        before, after = moment.before, moment.after
        first = 0 if a is None else int(before.hits[a])
        numbers = range(max(first, int(after.hits[b]) - RING), int(after.hits[b]))
        plots = tuple(self._plot(after, b, number % RING, placed) for number in numbers)
        missed = a is not None and bool(
            (after.look_ns[b, : before.look_ns.shape[1]] > before.look_ns[a]).any()
        )
        event = "held" if plots else "missed" if missed else "waited"
        if not plots and unseen:
            event = "hidden"
        if after.confirmed[b] and (a is None or not before.confirmed[a]):
            event = "confirmed"
        return Entry(
            time=self._seconds(moment.now_ns),
            event="began" if a is None else event,
            plots=plots,
            method=Method(int(after.method[b])).name.lower() if plots and a is not None else "",
            existence=_sure(float(after.score[b])),
            chance=_chances(after, b),
        )

    def _end(self, moment: Moment, a: int) -> Entry:
        return Entry(
            time=self._seconds(moment.now_ns), event="ended", plots=(), method="",
            existence=_sure(float(moment.before.score[a])), chance=_chances(moment.before, a),
        )  # fmt: skip

    def _plot(self, state: fuse.TrackerState, row: int, slot: int, placed: set[str]) -> Plot:
        sensor = state.sensors[int(state.why_sensor[row, slot])]
        return Plot(
            time=self._seconds(int(state.why_ns[row, slot])),
            sensor=sensor.id,
            row=int(state.why_plot[row, slot]),
            weight=round(float(state.why_weight[row, slot]), 4),
            measured=_measured(state.why_z[row, slot], sensor, sensor.id in placed),
        )

    def _seconds(self, time_ns: int) -> float:
        return round((time_ns - (self._start_ns or 0)) / NS, 3)

    def check(self, known: NDArray[np.int64]) -> None:
        """Refuse tracks that never were.

        Args:
            known: The ids of the confirmed tracks of the run, once for each scan.

        Raises:
            EngineError: One of the tracks never began.
        """
        for track, entries in self.entries.items():
            if entries:
                continue
            ids, count = np.unique(known, return_counts=True)
            longest = ids[np.argsort(-count, kind="stable")][:5].tolist()
            raise EngineError(
                f"no track {track} ever began: the longest confirmed ones are "
                f"{', '.join(map(str, longest)) or 'none'} (track_id of --out has them all)"
            )

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """Give all entries as plain data."""
        return {
            str(track): [
                {
                    "time_s": e.time, "event": e.event, "method": e.method,
                    "existence": round(e.existence, 5), "chance": e.chance,
                    "plots": [
                        {"time_s": p.time, "sensor": p.sensor, "row": p.row, "weight": p.weight}
                        | p.measured
                        for p in e.plots
                    ],
                }
                for e in entries
            ]
            for track, entries in self.entries.items()
        }  # fmt: skip

    def tell(self) -> str:
        """Write all histories as tables to read."""
        return "\n\n".join(
            "\n".join([_summary(track, entries), *_lines(entries)])
            for track, entries in self.entries.items()
        )


def _summary(track: int, entries: list[Entry]) -> str:
    count: dict[str, int] = {}
    for entry in entries:
        for plot in entry.plots:
            count[plot.sensor] = count.get(plot.sensor, 0) + 1
    said = [f"{n} plots of {sensor}" for sensor, n in count.items()]
    first = next((e.time for e in entries if e.event == "confirmed"), None)
    said.append("never confirmed" if first is None else f"confirmed at {first:g} s")
    missed = sum(e.event == "missed" for e in entries)
    if missed:
        said.append(f"missed {missed} times")
    said += [f"hidden {a:g}–{b:g} s" for a, b in spans(entries, "hidden")]
    if entries and entries[-1].event == "ended":
        said.append(f"ended at {entries[-1].time:g} s")
    return f"track {track}: " + ", ".join(said)


def spans(entries: list[Entry], event: str) -> list[tuple[float, float]]:
    """Give the first and last time of each stretch of one event."""
    found: list[tuple[float, float]] = []
    last = ""
    for entry in entries:
        if entry.event == event and last == event:
            found[-1] = (found[-1][0], entry.time)
        elif entry.event == event:
            found.append((entry.time, entry.time))
        last = entry.event
    return found


def _lines(entries: list[Entry]) -> list[str]:
    lines = [
        f"{'time s':>10}  {'event':<10}{'exists':>7}  {'by':<6}{'plot':<16}{'weight':>7}  measured"
    ]
    for entry in entries:
        head = f"{entry.time:>10.1f}  {entry.event:<10}{entry.existence:>7.3f}  {entry.method:<6}"
        if not entry.plots:
            chance = ", ".join(f"{s} {c:.2f}" for s, c in entry.chance.items())
            lines.append(head + (f"(chance of detection: {chance})" if chance else ""))
        for plot in entry.plots:
            values = ", ".join(f"{name} {value:g}" for name, value in plot.measured.items())
            where = f"{plot.sensor} #{plot.row}"
            late = f" at {plot.time:.1f} s" if abs(plot.time - entry.time) >= 0.05 else ""
            lines.append(f"{head}{where:<16}{plot.weight:>7.2f}  {values}{late}")
            head = " " * len(head)
    return [line.rstrip() for line in lines]


def _measured(z: NDArray[np.float64], sensor: Sensor, placed: bool) -> dict[str, float]:
    """Name what was measured, in the units that people read."""
    if placed and sensor.kind != SensorKind.CAMERA and abs(z[0]) + abs(z[1]) > 1e6:
        named = zip(("ecef_x_m", "ecef_y_m", "ecef_z_m"), z[:3].tolist(), strict=True)
        return {name: round(value, 1) for name, value in named}
    values = {
        "range_m": z[0],
        "azimuth_deg": math.degrees(z[1]) % 360.0 if np.isfinite(z[1]) else z[1],
        "elevation_deg": math.degrees(z[2]) if np.isfinite(z[2]) else z[2],
        "range_rate_mps": z[3],
        "height_m": z[4],
    }
    return {name: round(float(value), 3) for name, value in values.items() if np.isfinite(value)}


def _chances(state: fuse.TrackerState, row: int) -> dict[str, float]:
    seen = np.flatnonzero(state.hit_ns[row] > 0).tolist()
    return {state.sensors[s].id: round(float(state.chance[row, s]), 4) for s in seen}


def _sure(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(score, -500.0)))
