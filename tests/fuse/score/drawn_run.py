"""Draw one run of targets and tracks that any peer can be given, the same on every machine."""

from collections.abc import Iterator

import numpy as np

from steppewatch.fuse.score import from_moments


def numbers(seed: int) -> Iterator[float]:
    """Give numbers in [0, 1) of Knuth's linear congruence (MMIX)."""
    state = seed
    while True:
        state = (6_364_136_223_846_793_005 * state + 1_442_695_040_888_963_407) % 2**64
        yield (state >> 11) / 2**53


def drawn(seed: int, *, moments: int = 40, targets: int = 6):
    """Draw targets on crossing lines, and tracks that drop out, change numbers, swap and stray.

    Gives the times [s], then for each moment names and positions ``(t, 2)`` [m] of both sides.
    """
    draw = numbers(seed)
    start = [(200 * next(draw), 200 * next(draw)) for _ in range(targets)]
    step = [(16 * next(draw) - 8, 16 * next(draw) - 8) for _ in range(targets)]
    born = [int(8 * next(draw)) for _ in range(targets)]
    dead = [moments - int(8 * next(draw)) for _ in range(targets)]
    number = [100 + i for i in range(targets)]
    fresh, out, truth, tracks = 200, [0] * targets, [], []
    for k in range(moments):
        alive = [i for i in range(targets) if born[i] <= k < dead[i]]
        place = {i: (start[i][0] + k * step[i][0], start[i][1] + k * step[i][1]) for i in alive}
        truth.append((alive, np.array([place[i] for i in alive]).reshape(-1, 2)))
        if next(draw) < 0.15:
            a, b = int(targets * next(draw)), int(targets * next(draw))
            number[a], number[b] = number[b], number[a]
        said = {}
        for i in alive:
            out[i] = out[i] - 1 if out[i] else int(4 * next(draw)) * (next(draw) < 0.1)
            if next(draw) < 0.05:
                number[i], fresh = fresh, fresh + 1
            error = (24 * next(draw) - 12, 24 * next(draw) - 12)
            if not out[i]:
                said[number[i]] = (place[i][0] + error[0], place[i][1] + error[1])
        if next(draw) < 0.3:
            said[fresh] = (200 * next(draw), 200 * next(draw))
            fresh += 1
        names = sorted(said)
        tracks.append((names, np.array([said[n] for n in names]).reshape(-1, 2)))
    return [5.0 * k for k in range(moments)], truth, tracks


def drawn_series(seed: int, **given: int):
    """Draw the same as two series."""
    times, truth, tracks = drawn(seed, **given)
    return np.array(times), from_moments(truth), from_moments(tracks)
