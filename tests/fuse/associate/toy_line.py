"""Targets on a line, at rest, one number per plot: hypotheses small enough to try them all."""

import itertools
import math

import numpy as np

from steppewatch.fuse.associate.mht import Look
from steppewatch.fuse.gate import Pairs

NOISE, WANDER = 1.0, 0.5  # variances of a plot and of a step between scans
SCORE, CHANCE, CLUTTER = 4.0, 0.8, -4.0  # log-odds of existence, detection, ln of false alarms
PERIOD_NS = 1_000_000_000


def columns(places):
    """Give columns of tracks at these places."""
    n = len(places)
    out = {
        "id": 10 + np.arange(n),
        "mean": np.zeros((n, 2, 6)),
        "cov": np.zeros((n, 2, 6, 6)),
        "prob": np.full((n, 2), 0.5),
        "time_ns": np.zeros(n, np.int64),
        "confirmed": np.ones(n, bool),
    }
    out["mean"][:, 0, 0] = places
    out["cov"][:, 0, 0, 0] = 1.0
    return out


def predict(tracks, now_ns):
    scans = (now_ns - tracks["time_ns"]) / PERIOD_NS
    return tracks["mean"][:, 0, 0], tracks["cov"][:, 0, 0, 0] + WANDER * scans


def density(off, variance):
    return -0.5 * (off * off / variance + np.log(2.0 * math.pi * variance))


def sensor(plots, scan):
    """Give look, gate and update of one scan."""
    z, now_ns = np.asarray(plots, float), scan * PERIOD_NS

    def gate(tracks):
        place, spread = predict(tracks, now_ns)
        off = z[None] - place[:, None]
        variance = np.broadcast_to(spread[:, None] + NOISE, off.shape)
        track, plot = np.nonzero(off**2 < 25.0 * variance)
        pair = off[track, plot], variance[track, plot]
        return Pairs(track=track, plot=plot, loglik=density(*pair), distance=pair[0] ** 2 / pair[1])

    def update(tracks, rows, taken):
        place, spread = predict(tracks, now_ns)
        gain = spread[rows] / (spread[rows] + NOISE)
        tracks["mean"][rows, 0, 0] = place[rows] + gain * (z[taken] - place[rows])
        tracks["cov"][rows, 0, 0, 0] = (1.0 - gain) * spread[rows]
        tracks["time_ns"][rows] = now_ns

    def look(n):
        return Look(
            score=np.full(n, SCORE), chance=np.full(n, CHANCE),
            clutter=np.full(len(z), CLUTTER), when_ns=np.full(len(z), now_ns),
            period_ns=PERIOD_NS,
        )  # fmt: skip

    return look, gate, update


def best_history(places, scans):
    """Try every joint history; give its log-weight and each target's plots, −1 for missed."""
    choices = []
    for plots in scans:
        rows = itertools.product(range(-1, len(plots)), repeat=len(places))
        choices.append([r for r in rows if len({i for i in r if i >= 0}) == sum(i >= 0 for i in r)])
    missed = math.log((1.0 - CHANCE) + math.exp(-SCORE))
    best, told = -math.inf, None
    for history in itertools.product(*choices):
        total = 0.0
        for j, start in enumerate(places):
            x, P = start, 1.0
            for plots, event in zip(scans, history, strict=True):
                P += WANDER
                if event[j] >= 0:
                    off = plots[event[j]] - x
                    if off * off >= 25.0 * (P + NOISE):
                        total = -math.inf
                        break
                    total += float(density(off, P + NOISE)) - CLUTTER + math.log(CHANCE) - missed
                    gain = P / (P + NOISE)
                    x, P = x + gain * off, (1.0 - gain) * P
        if total > best:
            best, told = total, history
    return best, told
