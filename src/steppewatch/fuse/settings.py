"""What a tracker may be told: every number that is a judgement and not a law of nature."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.errors import FuseError
from steppewatch.records import record

MODES = ("default", "accurate")
ABOVE_ZERO = (
    "quiet", "agile", "ground_quiet", "ground_agile", "ground_halt", "level_off", "stay_quiet",
    "stay_agile",
)  # fmt: skip


@record("tracker_settings")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSettings:
    """Tune the tracker; the defaults are those that ``docs/tracker.md`` was measured with.

    Attributes:
        quiet: Acceleration density of the quiet model for slow air targets [m²/s³].
        agile: Of the two turning models.
        quiet_speed: How the quiet model's density grows with the square of the speed [1/s].
        agile_speed: The same for the turning models.
        turn: Turn rate of the turning models, one to each side [rad/s].
        turn_pull: Sideways acceleration beyond which fast targets turn no harder [m/s²].
        slope: Standard deviation of the climb rate as a part of the speed.
        level_off: Time in which a climb rate is forgotten [s].
        ground_quiet: As ``quiet``, for plots of a ground radar (walkers, riders, vehicles).
        ground_agile: Acceleration density of the agile model for plots of a ground radar.
        ground_halt: Time in which a halting ground target comes to rest [s].
        upright: Vertical acceleration density as a part of the horizontal one.
        stay_quiet: Mean time in the quiet model [s].
        stay_agile: Mean time in each of the others [s], under 2 · ``stay_quiet``.
        gate: Probability that a target's own plot passes its gate.
        speed_air: Standard deviation per axis of an unknown fast air target's velocity [m/s].
        speed_slow: The same for a slow one.
        share_slow: Part of new targets that are taken to be slow.
        speed_ground: The same for targets of a ground radar [m/s].
        climb_air: Of its vertical part [m/s].
        climb_slow: Of its vertical part if slow [m/s].
        climb_ground: Of its vertical part on the ground [m/s].
        sigma_mode_c: Standard deviation of reported (pressure) height [m].
        sigma_assumed_site: Added to it where the sensor's own position is only assumed [m].
        air_height: Height above the sensor assumed where nothing tells it [m].
        sigma_air_height: How far off that may be [m].
        ground_body: Height above ground of what a ground radar sees, where terrain is known [m].
        sigma_terrain: How far off the known terrain's height may be [m].
        sigma_ground_height: How far a ground target may be above or below its radar [m].
        elevation_extent: Elevation over which 3-D false alarms spread [rad].
        rate_extent: Range-rate interval over which they spread [m/s].
        height_extent: Height interval over which they spread [m].
        birth: New targets for each false alarm: the odds that a lone plot is a real thing.
        confirm_hits: Plots that confirm a track (M of M-of-N).
        confirm_looks: Looks within which they must come (N).
        confirm_score: Log-odds of existence that confirmation needs too.
        drop_score: Log-odds below which a tentative track ends.
        drop_confirmed: Log-odds below which a confirmed track ends.
        score_ceiling: Log-odds never rise above this, so that a dead track can end.
        drop_misses: Looks missed in a row, by each sensor that saw it, that end a confirmed track.
        drop_tentative: Looks missed in a row that end a tentative one.
        coast_scans: Scan periods without any plot, by the clock, that end any track.
        fair_chance: A look that would have found the target with less than this probability is no
            look: it is not counted as missed, and a track without better ones is hidden.
        custody: How long a hidden confirmed track is kept without any plot [s].
        late: Oldest plot, seconds behind the track, that is still used [s].
        late_window: How late a plot may be and still be put in its place by hearing everything
            since again [s]; 0 uses all plots as they come.
        late_least: How much later than its sensor's quickest plots a plot must be for that [s].
        late_work: Plots that may be heard again for each plot that comes.
        identity_bonus: Log-likelihood that an equal Mode S address adds.
        code_bonus: Log-likelihood that an equal Mode 3/A code adds and an unequal one takes.
        clutter_map: Learn where each sensor's false alarms come from.
        register: Estimate the sensors' biases from targets seen in common, and correct for them.
        mode: ``"default"`` or ``"accurate"``: how much work ambiguous groups are worth.
    """

    quiet: float = 0.02
    agile: float = 0.5
    quiet_speed: float = 4e-6
    agile_speed: float = 7e-4
    turn: float = 0.04
    turn_pull: float = 6.0
    slope: float = 0.035
    level_off: float = 40.0
    ground_quiet: float = 0.02
    ground_agile: float = 2.0
    ground_halt: float = 2.0
    upright: float = 0.05
    stay_quiet: float = 90.0
    stay_agile: float = 20.0
    gate: float = 0.9997
    speed_air: float = 80.0
    speed_slow: float = 25.0
    share_slow: float = 0.6
    speed_ground: float = 10.0
    climb_air: float = 8.0
    climb_slow: float = 2.0
    climb_ground: float = 1.0
    sigma_mode_c: float = 100.0
    sigma_assumed_site: float = 1_500.0
    air_height: float = 4_000.0
    sigma_air_height: float = 3_500.0
    ground_body: float = 1.5
    sigma_terrain: float = 5.0
    sigma_ground_height: float = 150.0
    elevation_extent: float = 0.4
    rate_extent: float = 520.0
    height_extent: float = 12_000.0
    birth: float = 0.05
    confirm_hits: int = 3
    confirm_looks: int = 6
    confirm_score: float = 4.0
    drop_score: float = -4.0
    drop_confirmed: float = 0.0
    score_ceiling: float = 9.0
    drop_misses: int = 8
    drop_tentative: int = 2
    coast_scans: float = 6.0
    fair_chance: float = 0.3
    custody: float = 180.0
    late: float = 10.0
    late_window: float = 40.0
    late_least: float = 1.0
    late_work: float = 4.0
    identity_bonus: float = 20.0
    code_bonus: float = 2.0
    clutter_map: bool = True
    register: bool = True
    mode: str = "default"

    def __post_init__(self) -> None:
        """Refuse what no tracker could work with."""
        for name in ABOVE_ZERO:
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise FuseError(f"{name} is {value}, expected a number above 0: correct it")
        if self.stay_agile >= 2.0 * self.stay_quiet:
            raise FuseError(
                f"stay_agile is {self.stay_agile}, expected under twice stay_quiet "
                f"({self.stay_quiet}): shorten it"
            )
        if self.mode not in MODES:
            raise FuseError(f"mode is {self.mode!r}, expected one of {', '.join(MODES)}")
        if not 0.5 <= self.gate < 1.0:
            raise FuseError(f"gate is {self.gate}, expected a probability in 0.5…1: correct it")
        if not 2 <= self.confirm_hits <= self.confirm_looks:
            raise FuseError(
                f"confirm_hits {self.confirm_hits} of confirm_looks {self.confirm_looks}: "
                "expected 2 ≤ hits ≤ looks"
            )

    def __hash__(self) -> int:
        """Tell most settings apart by a few numbers: each step asks for what is kept by them."""
        return hash((self.quiet, self.agile, self.gate, self.birth, self.drop_score, self.mode))

    @functools.lru_cache(maxsize=16)  # noqa: B019  (frozen, and few)
    def motion(self, *, ground: bool) -> NDArray[np.float64]:
        """Give the motion of ground or air targets as ``fuse.kernels`` takes it ``(4, 8)``.

        Air: straight flight, a left turn, a right turn. Ground: straight, agile, halting.
        """
        fade, climb = 1.0 / self.level_off, 2.0 * self.slope**2 / self.level_off
        if ground:
            q, agile = self.ground_quiet, self.ground_agile
            rows = [
                (q, 0.0, 0.0, 0.0, 0.0, 0.0, self.upright * q, 0.0),
                (agile, 0.0, 0.0, 0.0, 0.0, 0.0, self.upright * agile, 0.0),
                (q, 0.0, 0.0, 0.0, 1.0 / self.ground_halt, 0.0, self.upright * q, 0.0),
            ]
        else:
            calm, q, rise = self.quiet, self.agile, self.upright * self.agile
            turn = (self.turn_pull, 0.0, fade, rise, climb)
            rows = [
                (calm, self.quiet_speed, 0.0, 0.0, 0.0, fade, self.upright * calm, climb),
                (q, self.agile_speed, self.turn, *turn),
                (q, self.agile_speed, -self.turn, *turn),
            ]
        # Mean stays of 1 / (rate · (1 − share)) in each model, the two busy ones being equal.
        busy = 1.0 / (self.stay_quiet / self.stay_agile + 0.5)
        draw = (1.0 / (self.stay_quiet * busy), 1.0 - busy, 0.5 * busy, 0.5 * busy)
        return np.array((*rows, (*draw, 0.0, 0.0, 0.0, 0.0)))
