r"""Inner loops for position reports: linear measurements with a full covariance, whitened.

A report's covariance :math:`R = L L^\top` is taken out beforehand: rows :math:`L^{-1} H` measure
six numbers of unit variance that do not depend on each other, so they are folded in one after
another like a radar's (Bar-Shalom, Li & Kirubarajan 2001, §7.2; the whitening is §7.4.2 there).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels import LOG_TWO_PI, NS, roaming, step_models
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]


@kernel
def fold_rows(
    x: Floats, P: Floats, z: Floats, rows: Floats, lag: float, limit: float, gain: Floats
) -> tuple[float, float]:
    """Fold whitened linear measurements into one state in place.

    Args:
        x: ``(6,)`` mean.
        P: ``(6, 6)`` covariance.
        z: ``(6,)`` whitened measurements; NaN: not measured.
        rows: ``(6, 6)`` what each measures of the state at the report's time.
        lag: ≤ 0, seconds that the report is older than the state.
        limit: Stop early once the squared distance passes this (then P is half-updated).
        gain: Scratch ``(18,)``.

    Returns:
        Squared distance, and log-likelihood of the whitened numbers.
    """
    for a in range(6):
        gain[6 + a] = 0.0
    distance, loglik = 0.0, 0.0
    for k in range(6):
        miss = z[k]
        if miss != miss:  # noqa: PLR0124  (NaN: not measured)
            continue
        for a in range(3):
            gain[12 + a] = rows[k, a]
            gain[15 + a] = rows[k, a + 3] + lag * rows[k, a]
        s = 1.0
        for a in range(6):
            g = 0.0
            for b in range(6):
                g += P[a, b] * gain[12 + b]
            gain[a] = g
            s += gain[12 + a] * g
            miss -= gain[12 + a] * (x[a] + gain[6 + a])
        distance += miss * miss / s
        loglik -= 0.5 * (miss * miss / s + np.log(s) + LOG_TWO_PI)
        if distance > limit:
            return distance, loglik
        for a in range(6):
            gain[6 + a] += gain[a] * miss / s
            for b in range(6):
                P[a, b] -= gain[a] * gain[b] / s
    for a in range(6):
        x[a] += gain[6 + a]
    return distance, loglik


@kernel
def gate_reports(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, hit_ns: Ints, column: int,
    mode_s: Ints, mode_3a: Ints, place: Floats, spread: Floats, z: Floats, rows: Floats,
    logdet: Floats, origin: Floats, report_ns: Ints, report_s: Ints, report_3a: Ints, axis: int,
    middle_ns: int, length: float, motion: Floats, rest_ns: int, late_ns: int, gates: Floats,
    wide: float, id_bonus: float, code_bonus: float,
    pair_track: Ints, pair_report: Ints, pair_loglik: Floats, pair_distance: Floats,
) -> int:  # fmt: skip
    """List every track and report that may belong together; return how many (past the room, too).

    Reports come sorted along one ECEF axis: a track looks only at the slab that its uncertainty
    reaches.

    Shapes and units:
        mean … mode_3a: Tracks, as in ``fuse.kernels.gate_pairs``, but hit_ns ``(n, s)``: of it the
            source's ``column`` counts.
        place: ``(p, 3)`` ECEF, ascending along ``axis``; spread: ``(p,)`` its largest σ [m].
        z: ``(p, 6)``, rows: ``(p, 6, 6)``, logdet: ``(p,)`` whitened reports, relative to
            ``origin`` ``(p, 3)``; report_ns, report_s, report_3a: ``(p,)``.
        middle_ns: Middle of the batch; length: half its length [s].
        motion: ``(m + 1, 8)``; rest_ns: an anonymous report sooner after the last one is not taken.
        gates: ``(7,)`` squared-distance limit by number of measured components.
        pair_*: Out-arrays; when the answer exceeds their length, call again with longer ones.
    """
    count, room, p = 0, len(pair_track), len(place)
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    fx, fP, log, gain = np.empty(6), np.empty((6, 6)), np.empty(models), np.empty(18)
    here = np.empty(3)
    widest = 0.0
    for i in range(p):
        widest = max(widest, spread[i])
    reach = np.sqrt(wide)
    for j in range(len(time_ns)):
        dt = (middle_ns - time_ns[j]) * NS
        v2 = var = 0.0
        for a in range(3):
            here[a], v, far = 0.0, 0.0, 0.0
            for m in range(models):
                v += prob[j, m] * mean[j, m, a + 3]
                here[a] += prob[j, m] * mean[j, m, a]
                far = max(far, cov[j, m, a, a] + dt * dt * cov[j, m, a + 3, a + 3])
            here[a] += dt * v
            v2 += v * v
            var += far
        var += roaming(motion, v2, models) * abs(dt) ** 3
        margin = reach * (np.sqrt(var) + widest) + np.sqrt(v2) * length
        low, high = 0, p
        while low < high:
            mid = (low + high) // 2
            if place[mid, axis] < here[axis] - margin:
                low = mid + 1
            else:
                high = mid
        at_ns = -1
        for i in range(low, p):
            if place[i, axis] > here[axis] + margin:
                break
            same = mode_s[j] != 0 and mode_s[j] == report_s[i]
            if report_s[i] != 0 and mode_s[j] != 0 and not same:
                continue
            if time_ns[j] - report_ns[i] > late_ns:
                continue
            if not same and report_ns[i] - hit_ns[j, column] < rest_ns:
                continue
            r2 = 0.0
            for a in range(3):
                r2 += (place[i, a] - here[a]) ** 2
            if r2 > margin * margin:
                continue
            dt = (report_ns[i] - time_ns[j]) * NS
            if report_ns[i] != at_ns:
                step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
                at_ns = report_ns[i]
            parts = 0
            for k in range(6):
                if z[i, k] == z[i, k]:
                    parts += 1
            limit = wide if same else gates[parts]
            closest = np.inf
            for m in range(models):
                fx[:] = mx[m]
                for a in range(3):
                    fx[a] -= origin[i, a]
                fP[:] = mP[m]
                d2, loglik = fold_rows(fx, fP, z[i], rows[i], min(dt, 0.0), 4.0 * limit, gain)
                closest = min(closest, d2)
                log[m] = np.log(w[m] + 1e-12) + (loglik if d2 <= 4.0 * limit else -1e9)
            if closest > limit:
                continue
            lik = log[0]
            for m in range(1, models):
                lik = np.logaddexp(lik, log[m])
            lik += logdet[i]
            if same:
                lik += id_bonus
            elif mode_3a[j] >= 0 and report_3a[i] >= 0:
                lik += code_bonus if mode_3a[j] == report_3a[i] else -code_bonus
            if count < room:
                pair_track[count] = j
                pair_report[count] = i
                pair_loglik[count] = lik
                pair_distance[count] = closest
            count += 1
    return count


@kernel
def update_by_reports(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, tracks: Ints, reports: Ints,
    z: Floats, rows: Floats, origin: Floats, report_ns: Ints, motion: Floats,
) -> None:  # fmt: skip
    """Predict tracks to their reports' times and fold the reports in, in place.

    Shapes:
        mean, cov, prob, time_ns: All tracks; those in ``tracks`` ``(k,)`` change, each once.
        reports: ``(k,)`` which report goes to which track; the rest as in :func:`gate_reports`.
    """
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    log, gain = np.empty(models), np.empty(18)
    for n in range(len(tracks)):
        j, i = tracks[n], reports[n]
        dt = (report_ns[i] - time_ns[j]) * NS
        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
        for m in range(models):
            for a in range(3):
                mx[m, a] -= origin[i, a]
            _, loglik = fold_rows(mx[m], mP[m], z[i], rows[i], min(dt, 0.0), np.inf, gain)
            for a in range(3):
                mx[m, a] += origin[i, a]
            log[m] = np.log(w[m] + 1e-12) + loglik
        log[:] = np.exp(log - log.max())
        prob[j] = log / log.sum()
        for m in range(models):
            mean[j, m] = mx[m]
            for a in range(6):
                for b in range(6):
                    cov[j, m, a, b] = 0.5 * (mP[m, a, b] + mP[m, b, a])
        time_ns[j] = max(time_ns[j], report_ns[i])
