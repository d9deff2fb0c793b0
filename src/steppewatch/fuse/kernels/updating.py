"""Plots folded into tracks, and what tracks report of themselves.

A plot that is only probably the track's own is folded in with that probability: each model becomes
the moment-matched mixture over "this plot", "that plot" and "none" (probabilistic data
association, Bar-Shalom & Li 1995, §3.4, within each model of the IMM).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.motion import merge_models, step_models
from steppewatch.fuse.kernels.sense import NS, fold, hold_height
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]


@kernel
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
        step_models(mean[j], cov[j], prob[j], (latest - time_ns[j]) * NS, motion, mx, mP, w)
        if k == first + 1 and weight[first] == 1.0:
            i = plots[first]
            blind = z[i, 2] != z[i, 2] and z[i, 4] != z[i, 4]
            lag = min((plot_ns[i] - latest) * NS, 0.0)
            for m in range(models):
                _, log[m] = fold(
                    mx[m], mP[m], z[i], noise[i], lag, origin, rotation, np.inf, h, H, gain
                )
                if blind:
                    hold_height(mx[m], mP[m], height_sigma, gain)
            w *= np.exp(log - log.max())
            w[:] = np.maximum(w, 1e-6)
            prob[j] = w / w.sum()
            mean[j] = mx
            cov[j] = mP
            time_ns[j] = latest
            continue
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
        total[:] = np.maximum(total, 1e-6)
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
    motion: Floats, out_mean: Floats, out_cov: Floats,
) -> None:  # fmt: skip
    """Merge the models of the tracks ``rows``, predicted to ``at_ns``, into one Gaussian each.

    Shapes and units:
        rows: ``(k,)``; at_ns: ``(k,)``, not predicted where older than the track.
        out_mean: ``(k, 6)``; out_cov: ``(k, 6, 6)``: moment-matched (Bar-Shalom et al. 2001).
    """
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    for k in range(len(rows)):
        j = rows[k]
        dt = (at_ns[k] - time_ns[j]) * NS
        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
        merge_models(mx, mP, w, out_mean[k], out_cov[k])
