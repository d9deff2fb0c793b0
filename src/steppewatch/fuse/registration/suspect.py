"""Tell once that a sensor drifts, and again only after it has been steady in between."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.registration.report import ENOUGH, LOOSE, PULLED
from steppewatch.fuse.registration.state import PARTS
from steppewatch.fuse.told import ORIGIN
from steppewatch.records import DoubtKind, SensorDoubt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from steppewatch.fuse.registration.state import RegistrationState
    from steppewatch.records import Sensor

STEADY = 0.7


def tell_drift(
    before: RegistrationState, state: RegistrationState, sensors: Sequence[Sensor], now_ns: int
) -> tuple[RegistrationState, list[SensorDoubt]]:
    """Give facts about sensors that began to drift when evidence was last taken in.

    Args:
        before: What was known before that.
        state: What is known now.
        sensors: In the order of the tracker's columns.
        now_ns: The node's time.
    """
    pull = state.pull.max(axis=1, initial=0.0)
    worst = np.maximum(state.fit / LOOSE, pull / PULLED)
    heard = (state.used + state.refused >= ENOUGH) & state.prior.any(axis=1)
    jumped = state.reopened > before.reopened
    begins = heard & (((worst >= 1.0) & ~state.suspect) | jumped)
    suspect = (state.suspect | begins) & ((worst >= STEADY) | jumped)
    doubts = [
        SensorDoubt(
            sensor=sensors[k].id,
            time_ns=now_ns,
            kind=DoubtKind.DRIFT,
            was=math.sqrt(max(state.fit[k], pull[k])),
            expected=1.0,
            text=f"{sensors[k].name or sensors[k].id}: {_why(state, k, jumped=jumped[k])}",
            origin=ORIGIN,
        )
        for k in np.flatnonzero(begins).tolist()
    ]
    if np.array_equal(suspect, state.suspect):
        return state, doubts
    return dataclasses.replace(state, suspect=suspect), doubts


def _why(state: RegistrationState, k: int, *, jumped: bool) -> str:
    """Say how it shows, and what is done about it."""
    if jumped:
        return "its biases jumped (moved, turned, or its clock set?): learnt anew"
    if state.pull[k].max() < PULLED:
        times = math.sqrt(state.fit[k])
        return f"its plots scatter {times:.1f} times their σ: used as they are"
    part = PARTS[int(np.argmax(state.pull[k]))]
    times = math.sqrt(state.pull[k].max())
    return f"its {part} drifts, {times:.1f} times what it should: corrected as it is learnt"
