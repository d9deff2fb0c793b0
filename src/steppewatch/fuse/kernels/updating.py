"""Plots folded into tracks, and what tracks report of themselves.

A plot that is only probably the track's own is folded in with that probability: each model becomes
the moment-matched mixture over "this plot", "that plot" and "none" (probabilistic data
association, Bar-Shalom & Li 1995, §3.4, within each model of the IMM).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.lanes import (
    LANES,
    load_lanes,
    make_lanes,
    merge_lanes,
    predict_lanes,
    store_lanes,
)
from steppewatch.fuse.kernels.lanes_fold import fold_lanes, hold_lanes, load_plots, make_taken
from steppewatch.fuse.kernels.lanes_sense import Site, make_aim
from steppewatch.fuse.kernels.motion import MODELS, step_models
from steppewatch.fuse.kernels.sense import MEASURED, NS, fold, hold_height
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]

LEAST_PROB = 1e-6
"""No model of a track is ever less probable before the sum is made 1 again."""


def update_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, plots: Ints,
    weight: Floats, z: Floats, noise: Floats, plot_ns: Ints, origin: Floats, rotation: Floats,
    motion: Floats, height_sigma: float,
) -> None:  # fmt: skip
    """Predict tracks to their plots' times and fold the plots in, in place.

    Shapes and units:
        mean, cov, prob, time_ns: All tracks, as in :func:`gate_pairs`; rows of them change.
        rows, plots, weight: ``(k,)`` which plot goes to which track, and with what probability;
            rows ascend. A track whose weights sum to less than 1 keeps the rest on its prediction.
        height_sigma: Where no height of any kind was measured, the uncertainty upwards is held
            to this [m] around the present guess, as targets do not leave the air they fly in.
    """
    alone = np.empty(len(rows), np.int64)
    alone = alone[: surely_alone(rows, weight, alone)]
    tracks, batch = (mean, cov, prob, time_ns), (z, noise, plot_ns, origin, rotation)
    if len(alone):
        update_alone(*tracks, rows, plots, alone, *batch, motion, height_sigma)
    if len(alone) < len(rows):
        update_shared(*tracks, rows, plots, weight, *batch, motion, height_sigma)


@kernel
def surely_alone(rows: Ints, weight: Floats, alone: Ints) -> int:
    """List the pairs ``(k,)`` that are their track's only one, and certain; say how many."""
    count = k = 0
    while k < len(rows):
        first = k
        while k < len(rows) and rows[k] == rows[first]:
            k += 1
        if k == first + 1 and weight[first] == 1.0:
            alone[count] = first
            count += 1
    return count


@kernel
def update_alone(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, plots: Ints, alone: Ints,
    z: Floats, noise: Floats, plot_ns: Ints, origin: Floats, rotation: Floats, motion: Floats,
    height_sigma: float,
) -> None:  # fmt: skip
    """Update the tracks that have one plot for certain, in lanes; ``alone`` counts their pairs."""
    lanes, want = min(LANES, len(alone)), np.zeros(MEASURED, np.bool_)
    for e in alone:
        for k in range(MEASURED):
            want[k] |= z[plots[e], k] == z[plots[e], k]
    s, aim, taken = make_lanes(lanes), make_aim(lanes), make_taken(lanes)
    site = Site(origin, rotation)
    row, plot, dt = np.empty(lanes, np.int64), np.empty(lanes, np.int64), np.empty(lanes)
    far, wide = np.empty((MODELS, lanes)), np.empty((MODELS, lanes))
    for begin in range(0, len(alone), lanes):
        used = min(lanes, len(alone) - begin)
        behind = ahead = blind = False
        for i in range(lanes):
            e = alone[begin + min(i, used - 1)]
            row[i], plot[i] = rows[e], plots[e]
            late = (plot_ns[plot[i]] - time_ns[row[i]]) * NS
            dt[i], taken.lag[i] = max(late, 0.0), min(late, 0.0)
            ahead |= late > 0.0
            behind |= late < 0.0
        load_lanes(mean, cov, prob, row, s.x, s.P, s.w)
        load_plots(z, noise, plot, taken)
        if ahead:
            predict_lanes(s, dt, motion)
        for i in range(used):
            blind |= taken.blind[i] > 0.0
        for m in range(MODELS):
            fold_lanes(m, s, behind, want, site, taken, aim)
            far[m], wide[m] = taken.distance, taken.spread
            if blind:
                hold_lanes(s.x[m], s.P[m], height_sigma, taken.blind, aim.gain, aim.across)
        reweigh_lanes(far, wide, s.w)
        store_lanes(mean, cov, prob, row, used, s.x, s.P, s.w)
        for i in range(used):
            time_ns[row[i]] = max(time_ns[row[i]], plot_ns[plot[i]])


@kernel
def reweigh_lanes(distance: Floats, spread: Floats, w: Floats) -> None:
    """Weigh the models of each lane anew ``(m, L)`` by how well they foresaw its plot, in place.

    Args:
        distance: ``(m, L)`` squared distance of the plot from each model.
        spread: ``(m, L)`` product of the variances of the misses.
        w: ``(m, L)`` probability of each model.
    """
    for i in range(w.shape[1]):
        nearest = narrow = np.inf
        for m in range(MODELS):
            if distance[m, i] < nearest:
                nearest, narrow = distance[m, i], spread[m, i]
        most, total = 1e-300, 0.0
        for m in range(MODELS):
            fit = np.exp(-0.5 * (distance[m, i] - nearest)) * np.sqrt(narrow / spread[m, i])
            spread[m, i] = fit
            most = max(most, fit)
        for m in range(MODELS):
            w[m, i] = max(w[m, i] * (spread[m, i] / most), LEAST_PROB)
            total += w[m, i]
        for m in range(MODELS):
            w[m, i] /= total


@kernel
def update_shared(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, plots: Ints,
    weight: Floats, z: Floats, noise: Floats, plot_ns: Ints, origin: Floats, rotation: Floats,
    motion: Floats, height_sigma: float,
) -> None:  # fmt: skip
    """Update the tracks whose plots are only probably their own; see :func:`update_tracks`."""
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    fx, fP, log = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    sx, sP, total = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    h, H, gain = np.empty(5), np.zeros((5, 6)), np.empty(12)
    k = 0
    while k < len(rows):
        j, first = rows[k], k
        latest = time_ns[j]
        while k < len(rows) and rows[k] == j:
            latest = max(latest, plot_ns[plots[k]])
            k += 1
        if k == first + 1 and weight[first] == 1.0:
            continue
        step_models(mean[j], cov[j], prob[j], (latest - time_ns[j]) * NS, motion, mx, mP, w)
        rest = 1.0
        for n in range(first, k):
            rest -= weight[n]
        total[:] = max(rest, 0.0) * w
        sx[:] = 0.0
        for m in range(models):
            sP[m] = total[m] * mP[m]
        for n in range(first, k):
            i = plots[n]
            blind = z[i, 2] != z[i, 2] and z[i, 4] != z[i, 4]
            lag = min((plot_ns[i] - latest) * NS, 0.0)
            fx[:] = mx
            fP[:] = mP
            for m in range(models):
                _, log[m] = fold(
                    fx[m], fP[m], z[i], noise[i], lag, origin, rotation, np.inf, h, H, gain
                )
                if blind:
                    hold_height(fx[m], fP[m], height_sigma, gain)
            log[:] = w * np.exp(log - log.max())
            log *= weight[n] / log.sum()
            for m in range(models):
                add_part(mx[m], log[m], fx[m], fP[m], sx[m], sP[m])
                total[m] += log[m]
        for m in range(models):
            settle(mx[m], mP[m], total[m], sx[m], sP[m])
        total[:] = np.maximum(total, LEAST_PROB)
        prob[j] = total / total.sum()
        mean[j] = mx
        cov[j] = mP
        time_ns[j] = latest


@kernel
def add_part(
    about: Floats, weight: float, x: Floats, P: Floats, sum_x: Floats, sum_P: Floats
) -> None:
    """Add one Gaussian of a mixture to its moments about a point, in place."""
    for a in range(6):
        da = x[a] - about[a]
        sum_x[a] += weight * da
        for b in range(6):
            sum_P[a, b] += weight * (P[a, b] + da * (x[b] - about[b]))


@kernel
def settle(x: Floats, P: Floats, total: float, sum_x: Floats, sum_P: Floats) -> None:
    """Turn the sums of :func:`add_part` into mean and covariance, in place.

    Args:
        x: ``(6,)`` the point about which they were summed; becomes the mean.
        P: ``(6, 6)`` stays where the mixture has no weight at all.
        total: Sum of the weights.
        sum_x: Their sum of the mean's offset.
        sum_P: Their sum of the covariance.
    """
    if total <= 1e-12:
        return
    for a in range(6):
        x[a] += sum_x[a] / total
    for a in range(6):
        for b in range(6):
            P[a, b] = sum_P[a, b] / total - sum_x[a] / total * (sum_x[b] / total)


@kernel
def fold_rates(
    mean: Floats, cov: Floats, prob: Floats, plots: Ints, z: Floats, noise: Floats,
    origin: Floats, rotation: Floats,
) -> None:  # fmt: skip
    """Fold the range rates of their first plots into new tracks, in place.

    Shapes and units:
        mean: ``(k, m, 6)``; cov: ``(k, m, 6, 6)``; prob: ``(k, m)``: the new tracks.
        plots: ``(k,)`` the plot of each; z, noise: ``(p, 5)`` as in :func:`fold`.
    """
    models = prob.shape[1]
    h, H, gain, log = np.empty(5), np.zeros((5, 6)), np.empty(12), np.empty(models)
    rate = np.full(5, np.nan)
    for k in range(len(plots)):
        rate[3] = z[plots[k], 3]
        if rate[3] != rate[3]:
            continue
        for m in range(models):
            _, log[m] = fold(
                mean[k, m], cov[k, m], rate, noise[plots[k]], 0.0, origin, rotation, np.inf, h, H,
                gain,
            )  # fmt: skip
        log[:] = prob[k] * np.exp(log - log.max())
        prob[k] = log / log.sum()


@kernel
def report_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, at_ns: Ints,
    motion: Floats, places: Ints, out_mean: Floats, out_cov: Floats,
) -> None:  # fmt: skip
    """Merge the models of the tracks ``rows``, predicted to ``at_ns``, into one Gaussian each.

    Shapes and units:
        rows: ``(k,)``; at_ns: ``(k,)``, not predicted where older than the track.
        places: ``(l,)`` which of the k are wanted.
        out_mean: ``(k, 6)``; out_cov: ``(k, 6, 6)``: moment-matched (Bar-Shalom et al. 2001).
    """
    # Those that need no prediction are done apart from those that do.
    order, still = np.empty(len(places), np.int64), 0
    for e in places:
        if at_ns[e] <= time_ns[rows[e]]:
            order[still] = e
            still += 1
    ahead = still
    for e in places:
        if at_ns[e] > time_ns[rows[e]]:
            order[ahead] = e
            ahead += 1
    lanes = max(min(LANES, len(places)), 1)
    s, row, dt = make_lanes(lanes), np.empty(lanes, np.int64), np.empty(lanes)
    for begin, end in ((0, still), (still, ahead)):
        for first in range(begin, end, lanes):
            used = min(lanes, end - first)
            for i in range(lanes):
                e = order[first + min(i, used - 1)]
                row[i] = rows[e]
                dt[i] = max((at_ns[e] - time_ns[row[i]]) * NS, 0.0)
            load_lanes(mean, cov, prob, row, s.x, s.P, s.w)
            if begin == still:
                predict_lanes(s, dt, motion)
            merge_lanes(s.x, s.P, s.w, s.x0, s.P0)
            for i in range(used):
                e = order[first + i]
                for a in range(6):
                    out_mean[e, a] = s.x0[a, i]
                    for b in range(a, 6):
                        out_cov[e, a, b] = s.P0[a, b, i]
                        out_cov[e, b, a] = s.P0[a, b, i]
