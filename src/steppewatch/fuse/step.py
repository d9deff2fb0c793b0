"""One step of the tracker: the copies it writes into, and what each message does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.associate import Look, Method, decide, reconsider
from steppewatch.fuse.classify import MOTION, note_motion
from steppewatch.fuse.clutter import ClutterMap
from steppewatch.fuse.evidence import take
from steppewatch.fuse.existence import (
    LOOKED,
    count_misses,
    ended,
    looked_at,
    passed,
    rhythm_of,
    settle,
)
from steppewatch.fuse.filter import report, update
from steppewatch.fuse.gate import gate, gate_limits
from steppewatch.fuse.ground import keep_on_ground
from steppewatch.fuse.guard import Guard
from steppewatch.fuse.held import Held, Spoken, write_back
from steppewatch.fuse.initiate import initiate
from steppewatch.fuse.measure import plots_of
from steppewatch.fuse.recapture import missed_now, recapture
from steppewatch.fuse.registration.registrar import Registrar
from steppewatch.fuse.resolution import echoes, lone, share_merged
from steppewatch.fuse.state import TrackerState
from steppewatch.fuse.told import batch_of, moments
from steppewatch.fuse.visibility.coast import believable, coast
from steppewatch.fuse.visibility.glance import Glance, look_over, note_height, remember
from steppewatch.fuse.visibility.regain import continued, hand_on
from steppewatch.fuse.visibility.sight import EVERYWHERE, nominal_of
from steppewatch.records import DetectionBatch, Sensor, SensorKind, TrackBatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from steppewatch.fuse.associate import Decision
    from steppewatch.fuse.gate import Pairs
    from steppewatch.fuse.measure import Plots
    from steppewatch.fuse.reports.lines import Lines
    from steppewatch.fuse.reports.marks import Marks
    from steppewatch.fuse.settings import TrackerSettings
    from steppewatch.fuse.state import Columns
    from steppewatch.fuse.visibility import Sight
    from steppewatch.fuse.visibility.sight import Nominal

USED = 0.5
PLAIN = 0.8  # of a sensor's usual probability of detection: a place in plain sight
FOLLOWED = 3  # plots that make a track too likely for its next one to count as a false alarm


class Work(Held):
    """Hold the copies that one step writes into; it lives no longer than the step."""

    def __init__(
        self, state: TrackerState, now_ns: int, settings: TrackerSettings, sight: Sight
    ) -> None:
        super().__init__(state, settings)
        self.sight = sight
        self.loose = np.zeros(0, bool)
        self.now_ns = now_ns
        self.limits = gate_limits(settings)
        self.guard = Guard(state.guard, now_ns)
        self.late = state.late
        self.clutter = ClutterMap(state.clutter, on=settings.clutter_map)
        self.registrar = Registrar(state.registration, self.sensors, now_ns, on=settings.register)
        self.column = {sensor.id: i for i, sensor in enumerate(self.sensors)}
        self.newest_ns = np.array(state.newest_ns)
        self.turn = np.array(state.turn)
        self.next_id = state.next_id
        self.unknown, self.unusable = state.unknown, state.unusable
        self.degraded = state.degraded
        self.forest = state.forest

    @property
    def time_ns(self) -> int:
        """Give the tracker's time: the newest plot's, and what has passed since it came.

        The node's clock and the sensors' may differ (a replay, a radar without GNSS); ends by
        silence must not come from that difference.
        """
        if self.clock_ns == 0:
            return self.now_ns
        return self.clock_ns + max(self.now_ns - self.heard_ns, 0)

    def hear_sensor(self, sensor: Sensor) -> None:
        """Learn of a sensor, or of its changed description."""
        column = self.column.get(sensor.id)
        if column is not None:
            if sensor.scan_period != self.sensors[column].scan_period:
                self.thaw()  # what its tracks wait for is another now, in all areas
            self.sensors[column] = sensor
            self.registrar.admit(sensor, column)
            return
        self.column[sensor.id] = len(self.sensors)
        self.sensors.append(sensor)
        self.newest_ns = np.append(self.newest_ns, 0)
        self.turn = np.append(self.turn, 0.0)
        self.guard.learn_sensor()
        self.clutter.learn_sensor()
        self.registrar.admit(sensor, len(self.sensors) - 1)
        self.widen()

    def hear_detections(self, batch: DetectionBatch) -> None:
        """Track one batch of one sensor."""
        column = self.column.get(batch.sensor)
        if column is None:
            self.unknown += len(batch)
            return
        sensor = self.sensors[column]
        admitted = self.guard.admit(batch, sensor, column, int(self.newest_ns[column]))
        self.unusable += len(batch)
        if admitted is None:
            return
        plots = self.registrar.correct(plots_of(admitted, sensor, self.settings), column)
        self.unusable -= len(plots.time_ns)
        excess = self.clutter.thicken(plots, sensor, column)
        farthest = float(plots.z[:, 0].max()) if len(plots.z) else 0.0
        site = plots.frame.origin[None, :]
        self.reach(column, site[: len(plots.z)], farthest, plots.time_ns, plots.mode_s)
        touched = np.zeros(len(self.tracks["id"]), np.uint8)
        free = np.ones(len(plots.time_ns), bool)
        self.loose = free.copy()
        if len(free) and len(self.tracks["id"]):
            free = self.follow(plots, sensor, column, touched)
        self.note_time(plots, column)
        newest = int(self.newest_ns[column])
        self.clutter.count(plots, self.loose, sensor, column, newest)
        fresh = self.guard.may_begin(lone(plots, np.flatnonzero(free), sensor), column)
        if len(fresh):
            born = self.room_for(len(fresh))
            initiate(plots, fresh, excess, sensor, column, born, self.next_id, self.settings)
            if sensor.kind == SensorKind.GROUND_RADAR:
                keep_on_ground(born, np.arange(len(fresh)), self.sight, self.settings)
            self.next_id += len(fresh)

        def look(rows: NDArray[np.int64]) -> Glance:
            return self.look(rows, sensor, column, newest)

        self.judge(column, look, nominal_of(sensor), touched)

    def look(self, rows: NDArray[np.int64], sensor: Sensor, column: int, now_ns: int) -> Glance:
        """Ask what this sensor can see of the tracks ``rows`` ``(k,)`` at a moment."""
        motion = self.settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR)
        return look_over(self.tracks, rows, column, sensor, now_ns, self.sight, motion)

    def follow(
        self, plots: Plots, sensor: Sensor, column: int, touched: NDArray[np.uint8]
    ) -> NDArray[np.bool_]:
        """Gate, look, associate and update; give the plots ``(p,)`` that no track took.

        Only tracks with a plot in their gate are looked at; ``touched`` ``(n,)`` says which.
        """
        tracks, settings = self.tracks, self.settings
        pairs = gate(
            tracks,
            column,
            plots,
            settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR),
            sensor.scan_period,
            self.limits,
            settings,
        )
        # Open pasts (accurate mode) may meet plots that the track itself does not.
        near = pairs.track if settings.mode == "default" else np.arange(len(touched))
        rows = looked_at(near, touched)
        chance = np.zeros(len(touched))
        if len(rows):
            glance = self.look(rows, sensor, column, int(plots.time_ns.max()))
            remember(tracks, rows, column, glance)
            chance[rows] = glance.chance
        pairs = believable(pairs, tracks, plots.clutter, chance, plots.time_ns, sensor.scan_period)
        decision = decide(pairs, tracks["score"], plots.clutter, chance, mode=settings.mode)
        if settings.mode == "accurate":
            decision = self.deliberate(decision, pairs, plots, sensor, column, chance)
        else:
            plots, decision = share_merged(decision, pairs, plots, tracks, chance, sensor)
            update(tracks, decision.track, plots, decision.plot, decision.weight, sensor, settings)
        if sensor.kind == SensorKind.GROUND_RADAR:
            keep_on_ground(tracks, decision.rows, self.sight, settings)
        self.note_hits(decision, plots, sensor, column)
        followed = tracks["confirmed"] | (tracks["hits"] >= FOLLOWED)
        self.loose[decision.plot[followed[decision.track]]] = False
        self.degraded += decision.degraded
        beside = echoes(plots, decision.used >= USED, sensor)
        free = np.asarray((decision.used < USED) & ~beside)
        self.take_back(plots, free, decision.rows, sensor, column, touched)
        self.loose &= ~beside
        return free

    def take_back(
        self,
        plots: Plots,
        free: NDArray[np.bool_],
        hit: NDArray[np.int64],
        sensor: Sensor,
        column: int,
        touched: NDArray[np.uint8],
    ) -> None:
        """Offer the plots that nobody took to tracks that would be missed; change ``free``."""
        offered = np.flatnonzero(free)
        if len(offered) == 0:
            return
        newest, period = int(plots.time_ns.max()), sensor.scan_period
        rows = missed_now(self.tracks, column, newest, period, hit)
        if self.settings.mode == "accurate":  # what is in doubt anyway is decided later
            rows = rows[~np.isin(self.tracks["id"][rows], self.forest.owner)]
        if len(rows) == 0:
            return
        # Who stands at the edge of a shadow is rather hidden than elsewhere.
        seen = self.look(rows, sensor, column, newest).chance
        rows = rows[seen >= PLAIN * sensor.detection_probability]
        if len(rows) == 0:
            return
        ground = sensor.kind == SensorKind.GROUND_RADAR
        settings = self.settings
        rows, taken, score = recapture(
            self.tracks, rows, plots, offered, sensor, column, self.limits, settings
        )
        if len(rows) == 0:
            return
        if ground:
            keep_on_ground(self.tracks, rows, self.sight, settings)
        take(
            self.tracks, rows, plots, taken, np.ones(len(rows)), score,
            np.full(len(rows), Method.ALONE, np.uint8), column, self.changed,
            ceiling=settings.score_ceiling, ground=ground,
        )  # fmt: skip
        touched[rows] = LOOKED
        free[taken] = False
        self.loose[taken] = False

    def deliberate(
        self,
        decision: Decision,
        pairs: Pairs,
        plots: Plots,
        sensor: Sensor,
        column: int,
        chance: NDArray[np.float64],
    ) -> Decision:
        """Let the hypothesis forest decide the clusters in doubt, and update all tracks."""
        tracks, settings = self.tracks, self.settings
        motion = settings.motion(ground=sensor.kind == SensorKind.GROUND_RADAR)

        def gate_leaves(leaves: Columns) -> Pairs:
            return gate(leaves, column, plots, motion, sensor.scan_period, self.limits, settings)

        def fold_leaves(leaves: Columns, rows: NDArray[np.int64], taken: NDArray[np.int64]) -> None:
            update(leaves, rows, plots, taken, np.ones(len(rows)), sensor, settings)

        look = Look(
            score=tracks["score"],
            chance=chance,
            clutter=plots.clutter,
            when_ns=plots.time_ns,
            period_ns=int(1e9 * sensor.scan_period),
        )
        self.forest, decision, left = reconsider(
            self.forest, tracks, decision, pairs, look, gate_leaves, fold_leaves
        )
        track, plot, weight = decision.track[left], decision.plot[left], decision.weight[left]
        update(tracks, track, plots, plot, weight, sensor, settings)
        return decision

    def note_hits(self, decision: Decision, plots: Plots, sensor: Sensor, column: int) -> None:
        """Write down what the tracks that were hit got: existence, time, identity, evidence."""
        rows, taken, weight = decision.rows, decision.plot, decision.weight
        if len(taken) != len(rows):
            best = decision.leading()
            taken, weight = taken[best], weight[best]
        take(
            self.tracks, rows, plots, taken, weight, decision.score, decision.method, column,
            self.changed, ceiling=self.settings.score_ceiling,
            ground=sensor.kind == SensorKind.GROUND_RADAR,
        )  # fmt: skip
        self.registrar.study(self.tracks, rows, column)

    def note_time(self, plots: Plots | Marks | Lines, column: int) -> None:
        """Advance the sensor's newest time; an empty batch says "I looked, and saw nothing"."""
        newest = int(plots.time_ns.max()) if len(plots.time_ns) else self.time_ns
        before = int(self.newest_ns[column])
        if newest <= before:
            return
        self.turn[column] = (newest - before) * 1e-9 if before else 0.0
        self.newest_ns[column] = newest
        self.clock_ns = max(self.time_ns if not len(plots.time_ns) else self.clock_ns, newest)
        self.heard_ns = self.now_ns

    def judge(
        self,
        column: int,
        look: Callable[[NDArray[np.int64]], Glance],
        reach: Nominal,
        touched: NDArray[np.uint8],
    ) -> None:
        """Count this sensor's missed looks; confirm and end what has earned it; take in births.

        Args:
            column: The sensor's number.
            look: Says what it could see of some rows just now.
            reach: Where it can look at all.
            touched: ``(n,)`` which tracks this message has touched already (``LOOKED``).
        """
        tracks, sensor, newest = self.tracks, self.sensors[column], int(self.newest_ns[column])
        rhythm = rhythm_of(self.sensors)
        rows = passed(tracks, column, newest, float(self.turn[column]), sensor, reach, touched)
        if len(rows):
            glance = look(rows)
            remember(tracks, rows, column, glance)
            count_misses(tracks, rows, column, newest, rhythm, glance, self.settings)
            self.changed[rows] = True
            if reach is not EVERYWHERE:
                first = tracks["confirmed"][rows] & (tracks["above"][rows, 0] == 0.0)
                note_height(tracks, rows[first], self.sight)
        dark, fresh, over = settle(tracks, self.clock_ns, rhythm, self.settings, touched)
        if len(dark):
            ground = sensor.kind == SensorKind.GROUND_RADAR
            coast(tracks, dark, newest, self.settings.motion(ground=ground))
        if len(fresh):
            self.clutter.take_back(tracks, fresh, sensor, column, newest)
            if self.regain(fresh):
                over = np.flatnonzero(
                    ended(self.tracks, self.clock_ns, self.sensors, self.settings)
                )
        self.end(over)
        self.judged_ns = self.clock_ns

    def regain(self, fresh: NDArray[np.int64]) -> bool:
        """Give tracks confirmed just now the names of those in the dark that they continue."""
        pairs = continued(self.tracks, fresh, self.settings)
        if not pairs:
            return False
        for new, old in pairs:
            self.part_with({name: column[[new]] for name, column in self.tracks.items()})
            hand_on(self.tracks, new, old)
            self.changed[new] = True
        self.drop(np.sort([old for _, old in pairs]))
        self.put_in_order()
        self.close_up()
        return True

    def let_time_pass(self) -> None:
        """End what nobody has seen for too long, also when no messages come."""
        self.end_silent(self.time_ns)
        self.close_up()

    def result(self) -> tuple[TrackerState, list[object]]:
        """Give the new state, the tracks that changed or ended, and what was odd."""
        said: list[object] = [*self.guard.doubts, *self.registrar.doubts]
        spoken = self.spoken()
        if len(spoken.rows):
            said.insert(0, self.say(spoken))
            write_back(spoken.columns, spoken.places, MOTION)
        state = TrackerState(
            sensors=tuple(self.sensors),
            newest_ns=self.newest_ns,
            turn=self.turn,
            heard_ns=self.heard_ns,
            clock_ns=self.clock_ns,
            next_id=self.next_id,
            unknown=self.unknown,
            unusable=self.unusable,
            degraded=self.degraded,
            forest=self.forest,
            guard=self.guard.frozen(),
            late=self.late,
            clutter=self.clutter.frozen(),
            registration=self.registrar.state,
            areas=self.areas(),
        )
        return state, said

    def say(self, spoken: Spoken) -> TrackBatch:
        """Describe tracks, the ones just missed as of now and all others as of their plot."""
        tracks, rows = spoken.columns, spoken.rows
        at_ns, missed = moments(tracks, rows, self.clock_ns)
        mean, cov = report(tracks, rows, at_ns, self.settings)
        live = len(rows) - spoken.over
        note_motion(tracks, rows[:live], mean, cov, missed)
        return batch_of(
            tracks, rows, at_ns, missed, mean, cov, spoken.over, self.sensors, self.settings
        )
