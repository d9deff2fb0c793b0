"""Compute the metrics as their papers write them, by trying everything: slow and obvious."""

import itertools
import math

import numpy as np
from scipy.optimize import linprog


def distances(truth, tracks):
    """Give all distances between two sets of points, ``(t, n)``."""
    return np.array([[math.dist(x, y) for y in tracks] for x in truth]).reshape(
        len(truth), len(tracks)
    )


def partial_matchings(rows, columns):
    """Give every way to pair some rows with some columns, each used once."""
    for size in range(min(rows, columns) + 1):
        for some in itertools.combinations(range(rows), size):
            for others in itertools.permutations(range(columns), size):
                yield list(zip(some, others, strict=True))


def gospa_by_matchings(truth, tracks, c, p):
    """GOSPA as an optimisation over assignments (Rahmathullah et al. 2017, Proposition 1)."""
    d = distances(truth, tracks)
    return min(
        sum(d[i, j] ** p for i, j in pairs) + c**p / 2 * (len(truth) + len(tracks) - 2 * len(pairs))
        for pairs in partial_matchings(len(truth), len(tracks))
    ) ** (1 / p)


def gospa_by_permutations(truth, tracks, c, p):
    """GOSPA with cut-off distances over permutations (the same paper, Definition 1, α = 2)."""
    if len(truth) > len(tracks):
        truth, tracks = tracks, truth
    d = np.minimum(distances(truth, tracks), c)
    best = min(
        sum(d[i, j] ** p for i, j in enumerate(order))
        for order in itertools.permutations(range(len(tracks)), len(truth))
    )
    return (best + c**p / 2 * (len(tracks) - len(truth))) ** (1 / p)


def ospa_by_permutations(truth, tracks, c, p):
    """OSPA over permutations (Schuhmacher, Vo & Vo 2008, eq. 3)."""
    if len(truth) > len(tracks):
        truth, tracks = tracks, truth
    if not len(tracks):
        return 0.0
    d = np.minimum(distances(truth, tracks), c)
    best = min(
        sum(d[i, j] ** p for i, j in enumerate(order))
        for order in itertools.permutations(range(len(tracks)), len(truth))
    )
    return ((best + c**p * (len(tracks) - len(truth))) / len(tracks)) ** (1 / p)


def paths(moments):
    """Turn moments of names and positions into one dict of moment → position per name."""
    out = {}
    for k, (names, places) in enumerate(moments):
        for name, place in zip(names, places, strict=True):
            out.setdefault(int(name), {})[k] = place
    return list(out.values())


def ospa2_by_permutations(truth, tracks, c, p, q):
    """OSPA⁽²⁾ of one window (Beard, Vo & Vo 2020, §II-C): OSPA between tracks, not points."""
    one, other = paths(truth), paths(tracks)
    if len(one) > len(other):
        one, other = other, one
    if not other:
        return 0.0

    def base(x, y):
        times = sorted(set(x) | set(y))
        at = [min(c, math.dist(x[k], y[k])) if k in x and k in y else c for k in times]
        return (sum(a**q for a in at) / len(at)) ** (1 / q)

    d = np.array([[base(x, y) for y in other] for x in one]).reshape(len(one), len(other))
    best = min(
        sum(d[i, j] ** p for i, j in enumerate(order))
        for order in itertools.permutations(range(len(other)), len(one))
    )
    return ((best + c**p * (len(other) - len(one))) / len(other)) ** (1 / p)


def _cost(x, y, k, c, p):
    """Cost of standing for each other at a moment, whether there or not, to the power p."""
    if k in x and k in y:
        return min(c, math.dist(x[k], y[k])) ** p
    return c**p / 2 if k in x or k in y else 0.0


def t_gospa_by_sequences(truth, tracks, c, gamma, p):
    """Multi-dimensional T-GOSPA (García-Fernández et al. 2020, Definition 4), all assignments.

    Every sequence of assignments is tried, by dynamic programming over the moments.
    """
    moments, one, other = len(truth), paths(truth), paths(tracks)
    choices = [frozenset(m) for m in partial_matchings(len(one), len(other))]
    nothing = {}

    def at(k, pairs):
        left = [i for i in range(len(one)) if i not in {a for a, _ in pairs}]
        right = [j for j in range(len(other)) if j not in {b for _, b in pairs}]
        return (
            sum(_cost(one[i], other[j], k, c, p) for i, j in pairs)
            + sum(_cost(one[i], nothing, k, c, p) for i in left)
            + sum(_cost(nothing, other[j], k, c, p) for j in right)
        )

    so_far = {m: at(0, m) for m in choices}
    for k in range(1, moments):
        so_far = {
            m: at(k, m) + min(v + gamma**p / 2 * len(m ^ n) for n, v in so_far.items())
            for m in choices
        }
    return min(so_far.values()) ** (1 / p)


def t_gospa_by_full_programme(truth, tracks, c, gamma, p):
    """The linear-programming metric with every pair and the dummies, as the paper writes it.

    Variables: W^k(i, j) with a last row and column for "nobody", then e^k(i, j) ≥ |ΔW|.
    """
    moments, one, other = len(truth), paths(truth), paths(tracks)
    n, m = len(one), len(other)
    size, steps = moments * (n + 1) * (m + 1), max(moments - 1, 0) * n * m
    w = np.arange(size).reshape(moments, n + 1, m + 1)
    e = size + np.arange(steps).reshape(max(moments - 1, 0), n, m)
    cost = np.zeros(size + steps)
    cost[size:] = gamma**p / 2
    for k, i, j in itertools.product(range(moments), range(n + 1), range(m + 1)):
        cost[w[k, i, j]] = _cost(one[i] if i < n else {}, other[j] if j < m else {}, k, c, p)
    equal, less = [], []
    for k in range(moments):
        equal += [_row(size + steps, w[k, i, :]) for i in range(n)]
        equal += [_row(size + steps, w[k, :, j]) for j in range(m)]
    for k, i, j in itertools.product(range(moments - 1), range(n), range(m)):
        for sign in (1.0, -1.0):
            row = np.zeros(size + steps)
            row[[w[k, i, j], w[k + 1, i, j], e[k, i, j]]] = sign, -sign, -1.0
            less.append(row)
    if not equal:
        return 0.0
    result = linprog(
        cost, A_eq=np.array(equal), b_eq=np.ones(len(equal)),
        A_ub=np.array(less) if less else None, b_ub=np.zeros(len(less)) if less else None,
    )  # fmt: skip
    assert result.success, result.message
    return float(result.fun) ** (1 / p)


def _row(length, places):
    row = np.zeros(length)
    row[places] = 1.0
    return row
