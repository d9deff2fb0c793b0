"""The inner loop of assurance: what becomes of a crossing, look by look.

At each post a chain of states is stepped through the looks of all its sensors in the order of
time. States: no track; a tentative one, last hit by sensor k, in one of the states of
``TrackRules.states``; a confirmed one, last hit by k, m of its looks missed since. Tentative
states and "no track" stand twice: before the first confirmation and after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TINY = 1e-10  # less than this probability is dropped to nothing: it costs time and says nothing


@kernel
def follow_posts(
    start: Ints, sensor: Ints, chance: Any, period: Floats, phase: Floats, step: float,
    speed: float, rules: Floats, states: Ints, none: Floats, tent: Floats, sure: Floats,
    due: Floats, seen: Floats, first: Floats, held: Floats,
) -> None:  # fmt: skip
    """Step the chain of every post along its way.

    Shapes and units:
        start: ``(m + 1,)`` first row of each post in ``sensor`` and ``chance``.
        sensor: ``(r,)`` which sensor; chance: ``(r, n)`` P(detect) of one look at each point of
            the way, −1 out of the sensor's reach.
        period, phase: ``(s,)`` time between looks [s], and when the first one comes as a share.
        step: Between two points [m]; speed: Along the way [m/s]; rules: ``TrackRules.row()``.
        states: ``(5, t)`` ``TrackRules.states()``.
        none, tent, sure, due: Scratch ``(3,)``, ``(2, t, k)``, ``(C, k)``, ``(k,)``; k the most
            sensors of any post, C the scans to coast.
        seen, first, held: ``(m, n)`` out: detected so far; confirmed so far; under a confirmed
            track at that point.
    """
    points = chance.shape[1]
    for i in range(len(start) - 1):
        a = start[i]
        count = start[i + 1] - a
        none[0], none[1], none[2] = 1.0, 0.0, 0.0
        tent[:, :, :count] = 0.0
        sure[:, :count] = 0.0
        for j in range(count):
            due[j] = phase[sensor[a + j]] * period[sensor[a + j]]
        unseen, once, busy, g = 1.0, 0.0, 0.0, 0
        while g < points:
            who = -1
            for j in range(count):
                if who < 0 or due[j] < due[who]:
                    who = j
            place = speed * due[who] if who >= 0 else np.inf
            while g < points and g * step < place:
                total = 0.0
                for m in range(len(sure)):
                    for j in range(count):
                        total += sure[m, j]
                seen[i, g], first[i, g], held[i, g] = 1.0 - unseen, once, total
                g += 1
            if g >= points:
                break
            p = float(chance[a + who, min(int(place / step + 0.5), points - 1)])
            now = due[who]
            due[who] += period[sensor[a + who]]
            if p <= 0.0 and busy == 0.0:
                continue
            unseen *= 1.0 - max(p, 0.0)
            once += look(
                who, count, p, now, due, period, sensor, a, rules, states, none, tent, sure
            )
            busy = 1.0 - none[0] - none[1]
            if busy < TINY:
                busy = 0.0


@kernel
def look(
    who: int, count: int, p: float, now: float, due: Floats, period: Floats, sensor: Ints, a: int,
    rules: Floats, states: Ints, none: Floats, tent: Floats, sure: Floats,
) -> float:  # fmt: skip
    """Step the chain through one look of one sensor; return what was first confirmed by it.

    A track ends when all that have seen it have missed it too often. Of each state only the sensor
    is kept that would be the last of them: a hit by another takes its place when that one's
    patience lasts longer.

    Shapes and units: As in :func:`follow_posts`; p: chance of the look, −1 out of reach; now: its
    time [s], ``due`` being that of the sensors' next looks; a: first row of this post; count:
    sensors at this post.
    """
    turn = period[sensor[a + who]]
    in_reach, p = p >= 0.0, max(p, 0.0)
    miss = 1.0 - p
    fair, coast, fresh, hit, lost = p >= rules[4], len(sure), 0.0, 0.0, 0.0
    # In the dark a confirmed track is kept for the time of custody, in as many even stages.
    pace = min(1.0, coast * turn / rules[5]) if in_reach and not fair else 1.0
    for m in range(coast - 1, -1, -1):
        for k in range(count):
            mass = sure[m, k]
            if mass == 0.0:
                continue
            left = mass * miss
            if k != who:
                ends = due[k] + (coast - m - 1) * period[sensor[a + k]]
                if ends <= now + coast * turn:
                    hit += mass * p
                    sure[m, k] = left
                continue
            hit += mass * p
            if left < TINY:
                sure[m, k] = 0.0
                lost += left
            else:
                sure[m, k] = left * (1.0 - pace)
                if m + 1 < coast:
                    sure[m + 1, k] += left * pace
                else:
                    lost += left * pace
    missed = 2 if fair else 3
    for again in range(2):
        if again == 1 and none[2] == 0.0:
            break  # nothing was ever lost
        born, back = none[again] * p, 0.0
        none[again] *= miss
        # Every state is left for one with a higher number: from the last to the first, in place.
        for s in range(states.shape[1] - 1, -1, -1):
            for k in range(count):
                mass = tent[again, s, k]
                if mass == 0.0:
                    continue
                if mass < TINY:
                    tent[again, s, k] = 0.0
                    back += mass
                    continue
                took, left = mass * p, mass * miss
                m, far = states[4, s], period[sensor[a + k]]
                ends = due[k] + (rules[2] - m - 1.0) * far
                if states[0, s] < 0:
                    if k == who or due[k] + (coast - m - 1) * far <= now + coast * turn:
                        hit += took
                    else:
                        sure[m, k] += took
                    if again == 0:
                        fresh += took
                elif k == who or ends <= now + rules[2] * turn:
                    tent[again, states[0, s], who] += took
                else:
                    tent[again, states[1, s], k] += took
                if k != who:
                    tent[again, s, k] = left
                    continue
                tent[again, s, k] = 0.0
                if states[missed, s] < 0:
                    back += left
                else:
                    tent[again, states[missed, s], k] += left
        tent[again, 0, who] += born
        none[again] += back
    if lost > 0.0:
        none[1] += lost
        none[2] = 1.0
    sure[0, who] += hit
    return fresh
