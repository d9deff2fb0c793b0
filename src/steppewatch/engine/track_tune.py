"""Find settings on recorded data: search on some recordings, report on others.

With truth the search makes the mean GOSPA small; without it makes the evidence great, that is, how
much likelier the plots are by the tracks' predictions than by chance
(:mod:`steppewatch.fuse.innovation`). Each setting is searched between bounds, on a logarithmic
scale where it is a density or a time. Nelder & Mead 1965 climbs from where one starts;
differential evolution (Storn & Price 1997) looks everywhere and takes ten times as long.
"""

import contextlib
import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.track_compare import Case, play
from steppewatch.engine.track_recording import NS
from steppewatch.errors import EngineError, FuseError
from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.settings_text import changed, keys_of
from steppewatch.written import expected_name

LOG, LINEAR = "log", "linear"
RANGES: dict[str, tuple[float, float, str]] = {
    "gate": (0.9, 0.99999, LINEAR),
    "share_slow": (0.02, 0.98, LINEAR),
    "birth": (1e-3, 2.0, LOG),
    "confirm_hits": (2, 6, LINEAR),
    "confirm_looks": (3, 12, LINEAR),
    "confirm_score": (0.0, 10.0, LINEAR),
    "drop_score": (-10.0, -1.0, LINEAR),
    "drop_confirmed": (-6.0, 4.0, LINEAR),
    "score_ceiling": (5.0, 20.0, LINEAR),
    "drop_misses": (3, 20, LINEAR),
    "drop_tentative": (1, 6, LINEAR),
    "coast_scans": (2.0, 20.0, LINEAR),
    "fair_chance": (0.05, 0.7, LINEAR),
}
"""Bounds of some; others are searched from a twentieth of their default to twenty times it."""
WIDE = 20.0
FIRST_STEP = 0.15
"""Size of the first simplex, as a part of the bounds."""
LEAST_SCANS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """Hold what a search found.

    Attributes:
        settings: The best.
        cost: Their cost on the recordings that were searched on.
        start: Cost of the settings from which the search began.
        tries: Settings that were played.
        goal: ``"gospa"`` [m] or ``"evidence"`` (negative, per plot).
    """

    settings: TrackerSettings
    cost: float
    start: float
    tries: int
    goal: str


def tune(
    cases: Sequence[Case],
    start: TrackerSettings,
    over: Sequence[str],
    *,
    goal: str,
    tries: int = 60,
    evolve: bool = False,
    seed: int = 0,
    on_better: Callable[[int, float, TrackerSettings], None] | None = None,
) -> Tuned:
    """Search.

    Args:
        cases: The recordings that may be looked at; all with truth where the goal is GOSPA.
        start: Where the search begins, and what is not searched.
        over: Names of the settings that are searched.
        goal: ``"gospa"`` or ``"evidence"``.
        tries: Settings played at most.
        evolve: Look everywhere by differential evolution.
        seed: Of the evolution; the same seed finds the same.
        on_better: Is told number, cost and settings of every better one.

    Raises:
        EngineError: A name is no setting that can be searched, or there is nothing to hold.
    """
    axes = [axis_of(name, start) for name in over]
    if not axes:
        raise EngineError("nothing to tune: name settings such as quiet,agile,birth")
    memory: dict[TrackerSettings, float] = {}
    best: list[tuple[float, TrackerSettings]] = []

    def played(settings: TrackerSettings) -> float:
        if settings in memory:
            return memory[settings]
        if len(memory) >= tries:
            raise _EnoughError
        memory[settings] = value = cost_of(cases, settings, goal, warm=not memory)
        if not best or value < best[0][0]:
            best[:] = [(value, settings)]
            if on_better is not None:
                on_better(len(memory), value, settings)
        return value

    def cost(point: NDArray[np.float64]) -> float:
        try:
            return played(at(start, over, axes, point))
        except FuseError:
            return math.inf

    first = played(start)
    pairs = zip(over, axes, strict=True)
    here = np.array([position(axis, float(getattr(start, name))) for name, axis in pairs])
    with contextlib.suppress(_EnoughError):
        _search(cost, here, tries, seed, evolve=evolve)
    return Tuned(settings=best[0][1], cost=best[0][0], start=first, tries=len(memory), goal=goal)


class _EnoughError(Exception):
    """End a search: it has played as many settings as it may."""


def _search(
    cost: Callable[[NDArray[np.float64]], float],
    here: NDArray[np.float64],
    tries: int,
    seed: int,
    *,
    evolve: bool,
) -> None:
    from scipy.optimize import differential_evolution, minimize  # noqa: PLC0415 (slow to import)

    unit = [(0.0, 1.0)] * len(here)
    if evolve:
        differential_evolution(
            cost, unit, x0=here, seed=seed, popsize=6, maxiter=tries, polish=False, tol=1e-4
        )
        return
    # Each corner steps to the side that has more room.
    steps = np.diag(np.where(here > 0.5, -FIRST_STEP, FIRST_STEP))
    minimize(
        cost,
        here,
        method="Nelder-Mead",
        bounds=unit,
        options={
            "maxfev": 20 * tries,
            "initial_simplex": np.vstack((here, here + steps)),
            "xatol": 1e-3,
            "fatol": 1e-6,
            "adaptive": len(here) > 3,
        },
    )


def cost_of(
    cases: Sequence[Case], settings: TrackerSettings, goal: str, *, warm: bool = False
) -> float:
    """Give the mean cost of settings: GOSPA [m], or evidence per plot with its sign changed."""
    played = [play(case, settings, warm=warm) for case in cases]
    name, sign = ("GOSPA", 1.0) if goal == "gospa" else ("evidence", -1.0)
    values = [sign * one.figures[name] for one in played]
    mean = sum(values) / len(values)
    return mean if math.isfinite(mean) else math.inf


def axis_of(name: str, settings: TrackerSettings) -> tuple[float, float, str]:
    """Give the bounds and scale in which a setting is searched.

    Raises:
        EngineError: It is no setting, or no number.
    """
    known = {key: k for key, k in keys_of(settings).items() if k.type in {"number", "integer"}}
    if name not in known:
        raise EngineError(f"{name} cannot be tuned; expected {expected_name(name, tuple(known))}")
    if name in RANGES:
        return RANGES[name]
    usual = float(getattr(TrackerSettings(), name))
    if not (usual > 0.0 and math.isfinite(usual)):
        return min(-WIDE, WIDE * usual), WIDE, LINEAR
    return usual / WIDE, usual * WIDE, LOG


def position(axis: tuple[float, float, str], value: float) -> float:
    """Say where a value lies between its bounds, 0…1.

    >>> round(position((0.01, 100.0, "log"), 1.0), 2)
    0.5
    """
    low, high, scale = axis
    inside = min(max(value, low), high)
    if scale == LOG:
        return math.log(inside / low) / math.log(high / low)
    return (inside - low) / (high - low)


def at(
    start: TrackerSettings,
    over: Sequence[str],
    axes: Sequence[tuple[float, float, str]],
    point: NDArray[np.float64],
) -> TrackerSettings:
    """Give the settings at a point of the search, to three figures.

    Raises:
        FuseError: They contradict each other.
    """
    values: dict[str, object] = {}
    for name, (low, high, scale), part in zip(over, axes, point.tolist(), strict=True):
        share = min(max(part, 0.0), 1.0)
        value = low * (high / low) ** share if scale == LOG else low + share * (high - low)
        rounded = round(value, 6) if name == "gate" else float(f"{value:.3g}")
        values[name] = min(max(rounded, low), high)
    return changed(start, values)


def divided(cases: Sequence[Case], share: float) -> tuple[list[Case], list[Case], str]:
    """Divide recordings into those to search on and those to report on.

    Args:
        cases: All.
        share: Part that is held out; 0 holds out none.

    Returns:
        Both parts, and how they were divided. One recording alone is divided in time.
    """
    if share <= 0.0:
        return list(cases), [], "nothing held out: what is reported was searched on"
    if len(cases) > 1:
        last = min(max(1, round(share * len(cases))), len(cases) - 1)
        some, others = list(cases[:-last]), list(cases[-last:])
        return some, others, f"{len(some)} inputs searched on, {len(others)} held out"
    one = cases[0]
    scans = one.recording.scans
    if len(scans) < LEAST_SCANS:
        return [one], [], f"one input of {len(scans)} scans: too short to hold part of it out"
    edge = round((1.0 - share) * len(scans))
    parts = [
        Case(
            name=f"{one.name} ({what})",
            recording=dataclasses.replace(one.recording, scans=some, order=()),
            truth=one.truth,
        )
        for what, some in (("first part", scans[:edge]), ("rest", scans[edge:]))
    ]
    seconds = (scans[edge].now_ns - scans[0].now_ns) / NS
    return parts[:1], parts[1:], f"one input: searched on its first {seconds:.0f} s, rest held out"
