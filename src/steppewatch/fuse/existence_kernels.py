"""Inner loops of existence: looks that passed, what is in the dark, what begins and what ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.fuse.visibility.kernels import stands_in
from steppewatch.fuse.visibility.vanish import after_miss
from steppewatch.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Ints = NDArray[Any]
    Rows = NDArray[np.int64]

LOOKED, MISSED = 1, 2  # what a message did to a track: it looked at it; the look is over


@kernel
def list_once(track: Ints, touched: Ints, out: Rows) -> int:
    """List each track of ``track`` ``(k,)`` once, and set ``touched`` to LOOKED for it.

    Shapes: touched: ``(n,)`` uint8; what is not 0 is left out; out: ``(k,)``; returns how many.
    """
    count = 0
    for k in range(len(track)):
        if touched[track[k]] == 0:
            touched[track[k]] = LOOKED
            out[count] = track[k]
            count += 1
    return count


@kernel
def pass_looks(
    hit_ns: Ints, look_ns: Ints, covered: Flags, confirmed: Flags, mean: Floats, touched: Ints,
    column: int, newest_ns: int, slack_ns: float, origin: Floats, rotation: Floats, limits: Floats,
    out: Rows,
) -> int:  # fmt: skip
    """List the tracks whose look by one sensor passed; return how many.

    Shapes and units:
        hit_ns, look_ns, covered: ``(n, s)``; confirmed: ``(n,)``; mean: ``(n, m, 6)`` ECEF.
        touched: ``(n,)`` uint8, set to MISSED for those listed, to LOOKED for those that entered
            or left its reach.
        column: The sensor's number; newest_ns: its newest plot; slack_ns: a look is through then.
        origin … limits: Its reach, from ``sight.Nominal``; what it never saw is only noted to
            stand in it or not.
        out: ``(n,)`` rows, ascending.
    """
    count, everywhere = 0, limits[1] == np.inf
    for j in range(len(confirmed)):
        if hit_ns[j, column] > 0:
            if newest_ns - look_ns[j, column] > slack_ns:
                touched[j] = MISSED
                out[count] = j
                count += 1
        elif confirmed[j] and touched[j] == 0:
            within = everywhere or stands_in(j, mean, origin, rotation, limits)
            if within != covered[j, column]:
                covered[j, column] = within
                touched[j] = LOOKED
    return count


@kernel
def count_looks(
    rows: Rows, seen: Floats, share: Floats, found: Floats, expected: Floats,
    column: int, newest_ns: int, period_ns: int, fresh_ns: Floats, fair: float,
    hit_ns: Ints, look_ns: Ints, missed: Ints, shade: Floats, score: Floats, looks: Ints,
) -> None:  # fmt: skip
    """Count one sensor's look that passed without a plot, for each of ``rows`` ``(k,)``, in place.

    Shapes and units:
        seen … expected: ``(k,)`` as in ``Glance`` (found: its chance).
        fresh_ns: ``(s,)`` from ``Rhythm``; fair: a smaller chance is no look.
        hit_ns … shade: ``(n, s)``; score, looks: ``(n,)``.
    """
    for k in range(len(rows)):
        j = rows[k]
        shade[j, column] = after_miss(seen[k], found[k], share[k])
        alone = True
        for c in range(len(fresh_ns)):
            if hit_ns[j, c] > 0 and c != column and newest_ns - hit_ns[j, c] < fresh_ns[c]:
                alone = False
                break
        if alone:
            score[j] += math.log1p(-found[k])
            looks[j] += 1
        if expected[k] >= fair:
            missed[j, column] += 1
        # A look per period, and after a silence of the sensor one look and no more.
        look_ns[j, column] = max(look_ns[j, column] + period_ns, newest_ns - period_ns)


@kernel
def unseen(j: int, hit_ns: Ints, chance: Floats, fair: float) -> bool:
    """Say whether no sensor that has seen the track in row ``j`` can be expected to see it now.

    Shapes: hit_ns, chance: ``(n, s)``.
    """
    out = True
    for c in range(hit_ns.shape[1]):
        if hit_ns[j, c] > 0 and not chance[j, c] < fair:
            out = False
            break
    return out


@kernel
def kept_dark(j: int, hit_ns: Ints, chance: Floats, covered: Flags, fair: float) -> bool:
    """Say whether the confirmed track in row ``j`` is in reach and nobody can see it.

    Who left the reach of all sensors comes back by none of them: only a shadow keeps it.
    Shapes: hit_ns, chance, covered: ``(n, s)``.
    """
    reached = False
    if unseen(j, hit_ns, chance, fair):
        for c in range(covered.shape[1]):
            reached |= covered[j, c]
    return reached


@kernel
def patience_with(j: int, hit_ns: Ints, periods: Floats, slowest: Rows, rules: Floats) -> int:
    """Give how long a silence the track in row ``j`` outlives at least [ns].

    Shapes: As in :func:`settle_tracks`.
    """
    period = 0.0
    for i in range(len(slowest)):
        if hit_ns[j, slowest[i]] > 0:
            period = periods[slowest[i]]
            break
    return int(1e9 * rules[8] * period)


@kernel
def silent_at(
    j: int, sure: bool, patience: int, hit_ns: Ints, chance: Floats, covered: Flags,
    seen_ns: Ints, dark_ns: Ints, rules: Floats,
) -> int:  # fmt: skip
    """Say when the track in row ``j`` ends if nobody gives it another plot [ns].

    Shapes: As in :func:`settle_tracks`; sure: it is confirmed; patience: as given for it.
    """
    custody = int(1e9 * rules[9])
    if sure and kept_dark(j, hit_ns, chance, covered, rules[0]):
        due = seen_ns[j] + max(custody, patience)
    else:
        due = max(seen_ns[j], dark_ns[j]) + patience
    return int(min(due, seen_ns[j] + custody + patience))


@kernel
def seen_by_any(j: int, hit_ns: Ints, sensors: Rows, count: int) -> bool:
    """Say whether any of the first ``count`` of ``sensors`` has seen the track in row ``j``.

    All are asked: a branch that nobody can foretell costs more than eight numbers.
    Shapes: hit_ns: ``(n, s)``.
    """
    out = False
    for i in range(count):
        out |= hit_ns[j, sensors[i]] > 0
    return out


@kernel
def lost_by_all(j: int, hit_ns: Ints, missed: Ints, limit: float) -> bool:
    """Say whether all that have seen the track in row ``j`` missed it too often.

    Shapes: hit_ns, missed: ``(n, s)``.
    """
    out = True
    for c in range(hit_ns.shape[1]):
        if hit_ns[j, c] > 0 and missed[j, c] < limit:
            out = False
            break
    return out


@kernel
def settle_tracks(
    hit_ns: Ints, missed: Ints, chance: Floats, covered: Flags, confirmed: Flags, score: Floats,
    hits: Ints, looks: Ints, seen_ns: Ints, dark_ns: Ints, touched: Ints, periods: Floats,
    slowest: Rows, slow: int, rules: Floats, clock_ns: int, soonest_ns: int, latest_ns: int,
    news: bool, dark: Rows, fresh: Rows, over: Rows,
) -> tuple[int, int, int]:  # fmt: skip
    """Confirm, note what is in the dark, and list what has ended, in one walk over all tracks.

    Of a track that the message did not touch only a few numbers are read: its score, and whether
    its silence has lasted long.

    Shapes and units:
        hit_ns … covered: ``(n, s)``; confirmed … dark_ns: ``(n,)``, written: confirmed, dark_ns.
        touched: ``(n,)`` uint8, LOOKED, MISSED or 0.
        periods, slowest, slow: From ``existence.Rhythm``; rules: ``(10,)``.
        soonest_ns: No shorter silence ends any track; latest_ns: nor does this one, if any of the
            slow sensors has seen it.
        news: Else only the list of what has ended is wanted, and nothing is written.
        dark: ``(n,)`` out, rows missed now that nobody sees; fresh: confirmed now; over: ended.

    Returns:
        How many there are of each.
    """
    in_dark = begun = gone = 0
    for j in range(len(score)):
        near, sure = touched[j] > 0, confirmed[j]
        # Besides M of N with the score, slow starters: more looks than N, but evidence far
        # beyond what M of N would ask.
        if (
            news
            and not sure
            and (
                (hits[j] >= rules[1] and looks[j] <= rules[2] and score[j] >= rules[3])
                or (hits[j] >= rules[1] + 1 and score[j] >= rules[3] + 1.0)
            )
        ):
            near = sure = confirmed[j] = True
            fresh[begun] = j
            begun += 1
        asked = news and sure and (near or dark_ns[j] > seen_ns[j])
        if asked and kept_dark(j, hit_ns, chance, covered, rules[0]):
            dark_ns[j] = clock_ns
            if touched[j] == MISSED:
                dark[in_dark] = j
                in_dark += 1
        # What was in the dark may come out a little later than foreseen; only silence ends it.
        ends = False
        if not (sure and dark_ns[j] > seen_ns[j]):
            ends = score[j] < (rules[5] if sure else rules[4])
            if near and not ends:
                ends = lost_by_all(j, hit_ns, missed, rules[7] if sure else rules[6])
        silence = clock_ns - seen_ns[j]
        quiet = not ends and silence > soonest_ns
        if quiet and (silence > latest_ns or not seen_by_any(j, hit_ns, slowest, slow)):
            patience = patience_with(j, hit_ns, periods, slowest, rules)
            ends = silence > patience and clock_ns > silent_at(
                j, sure, patience, hit_ns, chance, covered, seen_ns, dark_ns, rules
            )
        if ends:
            over[gone] = j
            gone += 1
    return in_dark, begun, gone


@kernel
def find_hidden(hit_ns: Ints, chance: Floats, rows: Rows, fair: float, out: Flags) -> None:
    """Fill ``out`` ``(k,)`` from :func:`unseen` for tracks ``rows``; the columns ``(n, s)``."""
    for k in range(len(rows)):
        out[k] = unseen(rows[k], hit_ns, chance, fair)


@kernel
def find_dark(
    hit_ns: Ints, chance: Floats, covered: Flags, confirmed: Flags, fair: float, clock_ns: int,
    dark_ns: Ints,
) -> None:  # fmt: skip
    """Set ``dark_ns`` of what is in the dark; shapes as in :func:`settle_tracks`."""
    for j in range(len(confirmed)):
        if confirmed[j] and kept_dark(j, hit_ns, chance, covered, fair):
            dark_ns[j] = clock_ns


@kernel
def silences(
    hit_ns: Ints, chance: Floats, covered: Flags, confirmed: Flags, seen_ns: Ints, dark_ns: Ints,
    periods: Floats, slowest: Rows, rules: Floats, due_ns: Rows,
) -> None:  # fmt: skip
    """Fill ``due_ns`` ``(n,)`` from :func:`silent_at`; shapes as in :func:`settle_tracks`."""
    for j in range(len(due_ns)):
        patience = patience_with(j, hit_ns, periods, slowest, rules)
        due_ns[j] = silent_at(
            j, confirmed[j], patience, hit_ns, chance, covered, seen_ns, dark_ns, rules
        )
