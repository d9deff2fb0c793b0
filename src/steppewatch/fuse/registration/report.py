"""Say what is known of each sensor's biases, and which sensors left what they should do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.registration.observe import observe
from steppewatch.fuse.registration.state import PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from steppewatch.fuse.registration.state import RegistrationState
    from steppewatch.records import Sensor

LOOSE = 2.5
PULLED = 6.0
ENOUGH = 20
# JSON's name and the factor into its unit.
KEYS = {
    "range": ("range_m", 1.0),
    "gain": ("gain_ppm", 1e6),
    "azimuth": ("azimuth_deg", 180.0 / math.pi),
    "elevation": ("elevation_deg", 180.0 / math.pi),
    "time": ("time_s", 1.0),
}
SHOWN_AS = {
    "range": (1.0, ".0f", "m"),
    "gain": (1e6, ".0f", "ppm"),
    "azimuth": (180.0 / math.pi, ".3f", "°"),
    "elevation": (180.0 / math.pi, ".3f", "°"),
    "time": (1.0, ".3f", "s"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorBias:
    """Hold what is known of one sensor's biases: range, gain, azimuth, elevation, time.

    Attributes:
        sensor: ``Sensor.id``.
        value: ``(5,)`` reported minus true [m, 1, rad, rad, s]; plots are corrected by it where
            it is told apart from none.
        sigma: ``(5,)`` standard deviation; NaN where the bias is not estimated.
        observable: ``(5,)`` bool, whether the geometry shows it.
        converged: ``(5,)`` bool, whether it is known well enough.
        pairs: Pairs of plots that it rests on.
        text: The same for people.
    """

    sensor: str
    value: NDArray[np.float64]
    sigma: NDArray[np.float64]
    observable: NDArray[np.bool_]
    converged: NDArray[np.bool_]
    pairs: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifting:
    """Say that a sensor no longer does what its biases and σ allow.

    Attributes:
        sensor: ``Sensor.id``.
        fit: Mean squared residual of its pairs over the expected one.
        pull: Mean squared movement of its most restless bias over the expected one.
        forgotten: How often its biases had to be learnt anew because nothing fitted.
        text: The same for people.
    """

    sensor: str
    fit: float
    pull: float
    forgotten: int
    text: str


def report(state: RegistrationState, sensors: Sequence[Sensor]) -> tuple[SensorBias, ...]:
    """Give the biases of all sensors, in the tracker's order."""
    seen = observe(state)
    out = []
    for k, sensor in enumerate(sensors[: len(state)]):  # none while registration is off
        text = _sentence(sensor.id, seen.value[k], seen.sigma[k], seen.observable[k], state, k)
        out.append(
            SensorBias(
                sensor=sensor.id,
                value=seen.value[k],
                sigma=seen.sigma[k],
                observable=seen.observable[k],
                converged=seen.converged[k],
                pairs=int(state.used[k]),
                text=text,
            )
        )
    return tuple(out)


def lines(state: RegistrationState, sensors: Sequence[Sensor]) -> list[str]:
    """Give the biases and what drifts as lines for people."""
    biases = [bias.text for bias in report(state, sensors)]
    return biases + [fact.text for fact in drifting(state, sensors)]


def as_json(state: RegistrationState, sensors: Sequence[Sensor]) -> list[dict[str, Any]]:
    """Give the biases of all sensors as JSON takes them, in metres, degrees, seconds.

    A bias that is not estimated is left out; one that the geometry does not show has
    ``observable`` false, and its σ is nearly what it was before any evidence.
    """
    suspects = {fact.sensor: fact.text for fact in drifting(state, sensors)}
    out = []
    for k, bias in enumerate(report(state, sensors)):
        biases = {
            KEYS[part][0]: {
                "value": float(bias.value[i] * KEYS[part][1]),
                "sigma": float(bias.sigma[i] * KEYS[part][1]),
                "observable": bool(bias.observable[i]),
                "converged": bool(bias.converged[i]),
                "corrected_by": float(state.applied[0, k, i] * KEYS[part][1]),
            }
            for i, part in enumerate(PARTS)
            if state.prior[k, i] > 0.0
        }
        out.append(
            {
                "sensor": bias.sensor,
                "pairs": bias.pairs,
                "biases": biases,
                "suspicious": suspects.get(bias.sensor),
                "text": bias.text,
            }
        )
    return out


def drifting(state: RegistrationState, sensors: Sequence[Sensor]) -> tuple[Drifting, ...]:
    """Name the sensors whose plots left what their σ and their biases allow, the worst first.

    A fact, not a verdict: one broken, badly described or deceived sensor makes its partners
    suspicious too, and among two sensors without a third nobody can say which one it is.
    """
    pull = state.pull.max(axis=1, initial=0.0)
    worst = np.maximum(state.fit / LOOSE, pull / PULLED) + 10.0 * (state.reopened > 0)
    out = []
    for k in np.argsort(-worst, kind="stable"):
        if worst[k] < 1.0 or (state.used[k] + state.refused[k]) < ENOUGH:
            continue
        name = sensors[k].id
        reasons = []
        if state.fit[k] >= LOOSE:
            reasons.append(f"its plots scatter {math.sqrt(state.fit[k]):.1f} times their σ")
        if pull[k] >= PULLED:
            part = PARTS[int(np.argmax(state.pull[k]))]
            reasons.append(f"its {part} bias moves {math.sqrt(pull[k]):.1f} times what it should")
        if state.reopened[k]:
            reasons.append(f"its biases were learnt anew {state.reopened[k]} times")
        out.append(
            Drifting(
                sensor=name,
                fit=float(state.fit[k]),
                pull=float(pull[k]),
                forgotten=int(state.reopened[k]),
                text=f"{name} is suspicious: {'; '.join(reasons)}",
            )
        )
    return tuple(out)


def _sentence(
    name: str,
    value: NDArray[np.float64],
    sigma: NDArray[np.float64],
    observable: NDArray[np.bool_],
    state: RegistrationState,
    column: int,
) -> str:
    """Say one sensor's biases in a sentence."""
    told = state.prior[column] > 0.0
    if not told.any():
        return f"{name}: taken as true, it has no bias to find"
    if state.used[column] == 0:
        return f"{name}: no target in common with another sensor yet, nothing is known"
    known, unknown = [], []
    for k, part in enumerate(PARTS):
        factor, form, unit = SHOWN_AS[part]
        if told[k] and observable[k]:
            known.append(f"{part} {value[k] * factor:+{form}} ± {sigma[k] * factor:{form}} {unit}")
        elif told[k]:
            split = abs(value[k]) > 0.1 * state.prior[column, k]
            unknown.append(part + (" (only its difference to other sensors)" if split else ""))
    words = [", ".join(known)] if known else []
    if unknown:
        words.append(f"not observable: {', '.join(unknown)}")
    return f"{name}: {'; '.join(words)} ({state.used[column]} pairs)"
