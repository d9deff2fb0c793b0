"""The tracker's inner loops: interacting CV models in ECEF, measured in a sensor's own coordinates.

A track is two constant-velocity hypotheses, quiet and agile (interacting multiple models,
Blom & Bar-Shalom 1988; Bar-Shalom, Li & Kirubarajan 2001, §11.6.6). A plot is five numbers, range,
azimuth, elevation, range rate and reported height, of which NaN ones were not measured. They are
folded in one after another by an extended Kalman filter linearised once, at the prediction, so
the order does not matter and the product of the scalar likelihoods is the joint one
(Bar-Shalom et al. 2001, §7.2 and §10.3). No loop allocates: scratch arrays come from the caller.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]

A2 = 6_378_137.0**2
B2 = 6_356_752.314245179**2
TWO_PI = 2.0 * np.pi
LOG_TWO_PI = float(np.log(2.0 * np.pi))
NS = 1e-9
MEASURED = 5


@kernel
def step_models(
    mean: Floats, cov: Floats, prob: Floats, dt: float, motion: Floats, mx: Floats, mP: Floats,
    out: Floats,
) -> None:  # fmt: skip
    """Mix both models and predict them by ``dt``: writes mx (2,6), mP (2,6,6), out (2,) weights.

    Shapes and units:
        mean: ``(2, 6)`` ECEF; cov: ``(2, 6, 6)``; prob: ``(2,)``.
        dt: Seconds; ≤ 0 copies (a plot older than the track is met by ``lag`` in :func:`fold`).
        motion: ``(5,)`` acceleration density [m²/s³] of the quiet and of the agile model, the
            vertical part of it, mean sojourn [s] in each model.
    """
    if dt <= 0.0:
        mx[:] = mean
        mP[:] = cov
        out[:] = prob
        return
    # Exact two-state Markov chain in continuous time, so that any scan period gives one answer.
    leave0, leave1 = 1.0 / motion[3], 1.0 / motion[4]
    total = leave0 + leave1
    fade = 1.0 - np.exp(-total * dt)
    p01, p10 = leave0 / total * fade, leave1 / total * fade
    out[0] = prob[0] * (1.0 - p01) + prob[1] * p10
    out[1] = prob[0] * p01 + prob[1] * (1.0 - p10)
    for m in range(2):
        w0 = prob[0] * (1.0 - p01) / out[0] if m == 0 else prob[0] * p01 / out[1]
        w1, spread = 1.0 - w0, w0 * (1.0 - w0)
        for a in range(6):
            mx[m, a] = w0 * mean[0, a] + w1 * mean[1, a]
        for a in range(6):
            da = mean[0, a] - mean[1, a]
            for b in range(6):
                mP[m, a, b] = (
                    w0 * cov[0, a, b] + w1 * cov[1, a, b] + spread * da * (mean[0, b] - mean[1, b])
                )
        drift(mx[m], mP[m], dt, motion[m], motion[2])


@kernel
def outward(x: Floats) -> tuple[float, float, float]:
    """Give the ellipsoid's outward normal at a track: "up" without a trip to latitude."""
    ux, uy, uz = x[0] / A2, x[1] / A2, x[2] / B2
    norm = 1.0 / np.sqrt(ux * ux + uy * uy + uz * uz)
    return ux * norm, uy * norm, uz * norm


@kernel
def drift(x: Floats, P: Floats, dt: float, q: float, upright: float) -> None:
    """Predict one constant-velocity state in place; white acceleration, less of it upwards."""
    u = outward(x)
    q3, q2, q1 = q * dt * dt * dt / 3.0, q * dt * dt / 2.0, q * dt
    for a in range(3):
        x[a] += dt * x[a + 3]
    for a in range(3):
        for b in range(3):
            shape = (upright - 1.0) * u[a] * u[b]
            if a == b:
                shape += 1.0
            pv, vp, vv = P[a, b + 3], P[a + 3, b], P[a + 3, b + 3]
            P[a, b] += dt * (pv + vp) + dt * dt * vv + q3 * shape
            P[a, b + 3] = pv + dt * vv + q2 * shape
            P[a + 3, b] = vp + dt * vv + q2 * shape
            P[a + 3, b + 3] = vv + q1 * shape


@kernel
def observe(
    x: Floats, lag: float, origin: Floats, rotation: Floats, want_height: bool, h: Floats,
    H: Floats,
) -> None:  # fmt: skip
    """Say what the sensor would measure of a state: h (5,) and its Jacobian H (5, 6).

    ``lag`` ≤ 0 [s] looks at where the target was that long ago: a late plot is compared with the
    retrodicted position (process noise over the lag is neglected).
    """
    d0 = x[0] + lag * x[3] - origin[0]
    d1 = x[1] + lag * x[4] - origin[1]
    d2 = x[2] + lag * x[5] - origin[2]
    e = rotation[0, 0] * d0 + rotation[0, 1] * d1 + rotation[0, 2] * d2
    n = rotation[1, 0] * d0 + rotation[1, 1] * d1 + rotation[1, 2] * d2
    up = rotation[2, 0] * d0 + rotation[2, 1] * d1 + rotation[2, 2] * d2
    g2 = max(e * e + n * n, 1.0)
    g = np.sqrt(g2)
    r2 = g2 + up * up
    r = np.sqrt(r2)
    h[0] = r
    h[1] = np.arctan2(e, n)
    h[2] = np.arctan2(up, g)
    rate = (d0 * x[3] + d1 * x[4] + d2 * x[5]) / r
    h[3] = rate
    los = (d0 / r, d1 / r, d2 / r)
    for a in range(3):
        H[0, a] = los[a]
        H[1, a] = (n * rotation[0, a] - e * rotation[1, a]) / g2
        H[2, a] = (g * rotation[2, a] - up * (e * rotation[0, a] + n * rotation[1, a]) / g) / r2
        H[3, a] = (x[a + 3] - rate * los[a]) / r
        for k in range(3):
            H[k, a + 3] = lag * H[k, a]
        H[3, a + 3] = los[a] + lag * H[3, a]
    if want_height:
        height_row(x, lag, h, H)


@kernel
def height_row(x: Floats, lag: float, h: Floats, H: Floats) -> None:
    """Fill the row of reported height: ellipsoidal height by Bowring, gradient = the normal."""
    px, py, pz = x[0] + lag * x[3], x[1] + lag * x[4], x[2] + lag * x[5]
    a, b = np.sqrt(A2), np.sqrt(B2)
    across = max(np.hypot(px, py), 1.0)
    beta = np.arctan2(a * pz, b * across)
    lat = np.arctan2(
        pz + (A2 - B2) / b * np.sin(beta) ** 3, across - (A2 - B2) / a * np.cos(beta) ** 3
    )
    sin_lat, cos_lat = np.sin(lat), np.cos(lat)
    h[4] = across * cos_lat + pz * sin_lat - a * np.sqrt(1.0 - (1.0 - B2 / A2) * sin_lat**2)
    H[4, 0] = cos_lat * px / across
    H[4, 1] = cos_lat * py / across
    H[4, 2] = sin_lat
    for c in range(3):
        H[4, c + 3] = lag * H[4, c]


@kernel
def fold(
    x: Floats, P: Floats, z: Floats, noise: Floats, lag: float, origin: Floats, rotation: Floats,
    limit: float, h: Floats, H: Floats, gain: Floats,
) -> tuple[float, float]:  # fmt: skip
    """Fold one plot into one state in place; give squared distance and log-likelihood.

    Shapes and units:
        x: ``(6,)``; P: ``(6, 6)``.
        z: ``(5,)`` range, azimuth, elevation, range rate, height; NaN: not measured.
        noise: ``(5,)`` variances of the same.
        lag: ≤ 0, seconds that the plot is older than the state.
        limit: Stop early once the squared distance passes this (then P is half-updated).
        h, H, gain: Scratch ``(5,)``, ``(5, 6)`` (zeros), ``(12,)``.
    """
    observe(x, lag, origin, rotation, z[4] == z[4], h, H)
    for a in range(6):
        gain[6 + a] = 0.0
    distance, loglik = 0.0, 0.0
    for k in range(MEASURED):
        miss = z[k] - h[k]
        if miss != miss:  # noqa: PLR0124  (NaN: not measured)
            continue
        if k == 1:
            miss -= TWO_PI * np.round(miss / TWO_PI)
        s = noise[k]
        for a in range(6):
            g = 0.0
            for b in range(6):
                g += P[a, b] * H[k, b]
            gain[a] = g
            s += H[k, a] * g
            miss -= H[k, a] * gain[6 + a]
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
def gate_pairs(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, hit_ns: Ints, mode_s: Ints,
    mode_3a: Ints, z: Floats, noise: Floats, plot_ns: Ints, plot_s: Ints, plot_3a: Ints,
    cell_start: Ints, cell_of: Ints, rings: int, sectors: int, ring0: float, ring_width: float,
    origin: Floats, rotation: Floats, middle_ns: int, spread: float, motion: Floats, rest_ns: int,
    late_ns: int, gates: Floats, wide: float, id_bonus: float, code_bonus: float,
    pair_track: Ints, pair_plot: Ints, pair_loglik: Floats, pair_distance: Floats,
) -> int:  # fmt: skip
    """List every track and plot that may belong together; return how many (even past the room).

    Each track is predicted once to the batch's middle to find the cells of range × azimuth that
    it may appear in, then to each candidate's own time for the exact statistical gate.

    Shapes and units:
        mean: ``(n, 2, 6)``; cov: ``(n, 2, 6, 6)``; prob: ``(n, 2)``; time_ns: ``(n,)``.
        hit_ns: ``(n,)`` last plot from this sensor; mode_s, mode_3a: ``(n,)`` identities.
        z, noise: ``(p, 5)`` as in :func:`fold`; plot_ns, plot_s, plot_3a: ``(p,)``.
        cell_start: ``(rings·sectors + 1,)`` into ``cell_of`` ``(p,)``, see ``gate.cells``.
        middle_ns: The batch's middle; spread: half its length [s].
        rest_ns: A track hit more recently than this by the same sensor rests (one plot a scan).
        late_ns: Plots older than the track by more than this are not used.
        gates: ``(6,)`` squared-distance limit by number of measured components.
        wide: Limit when both carry the same Mode S address.
        pair_*: Out-arrays; when the answer exceeds their length, call again with longer ones.
    """
    count, room = 0, len(pair_track)
    mx, mP, w = np.empty((2, 6)), np.empty((2, 6, 6)), np.empty(2)
    fx, fP, log = np.empty(6), np.empty((6, 6)), np.empty(2)
    h, fh, H, gain = np.empty(5), np.empty(5), np.zeros((5, 6)), np.empty(12)
    reach = np.sqrt(gates[3])
    for j in range(len(time_ns)):
        dt = (middle_ns - time_ns[j]) * NS
        # Cheap look before the prediction: is the track near any ring at all?
        v2 = r2 = var = 0.0
        for a in range(3):
            p = prob[j, 0] * mean[j, 0, a] + prob[j, 1] * mean[j, 1, a] - origin[a]
            v = prob[j, 0] * mean[j, 0, a + 3] + prob[j, 1] * mean[j, 1, a + 3]
            r2 += (p + dt * v) ** 2
            v2 += v * v
            var += cov[j, 1, a, a] + dt * dt * cov[j, 1, a + 3, a + 3]
        margin = 4.0 * reach * np.sqrt(var + motion[1] * abs(dt) ** 3) + np.sqrt(v2) * spread
        distance = np.sqrt(r2)
        if distance + margin < ring0 or distance - margin > ring0 + rings * ring_width:
            continue
        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
        observe(mx[1], min(dt, 0.0), origin, rotation, False, h, H)
        az, out = h[1], h[0]
        s_r = s_a = 0.0
        for a in range(6):
            for b in range(6):
                s_r += H[0, a] * mP[1, a, b] * H[0, b]
                s_a += H[1, a] * mP[1, a, b] * H[1, b]
        flat = max(h[0] * np.cos(h[2]), 50.0)
        # The quiet model may stand elsewhere than the agile one.
        jump = (mx[0, 0] - mx[1, 0]) ** 2 + (mx[0, 1] - mx[1, 1]) ** 2 + (mx[0, 2] - mx[1, 2]) ** 2
        fastest = np.sqrt(v2) + reach * np.sqrt(mP[1, 3, 3] + mP[1, 4, 4] + mP[1, 5, 5])
        slack = np.sqrt(jump) + fastest * spread
        window_r = reach * np.sqrt(s_r + noise[0, 0]) + slack
        window_a = reach * np.sqrt(s_a + noise[0, 1]) + slack / flat
        if mode_s[j] != 0:
            window_r, window_a = 2.0 * window_r, 2.0 * window_a
        first = int(max(np.floor((h[0] - window_r - ring0) / ring_width), 0.0))
        last = int(min(np.floor((h[0] + window_r - ring0) / ring_width), rings - 1.0))
        sector_width = TWO_PI / sectors
        if window_a >= np.pi - sector_width:
            left, right = 0, sectors - 1
        else:
            left = int(np.floor((az - window_a) / sector_width))
            right = min(int(np.floor((az + window_a) / sector_width)), left + sectors - 1)
        at_ns = middle_ns
        for ring in range(first, last + 1):
            for turn in range(left, right + 1):
                cell = ring * sectors + turn % sectors
                for slot in range(cell_start[cell], cell_start[cell + 1]):
                    i = cell_of[slot]
                    if plot_ns[i] - hit_ns[j] < rest_ns or time_ns[j] - plot_ns[i] > late_ns:
                        continue
                    same = mode_s[j] != 0 and mode_s[j] == plot_s[i]
                    if plot_s[i] != 0 and mode_s[j] != 0 and not same:
                        continue
                    if abs(z[i, 0] - out) > window_r:
                        continue
                    turned = z[i, 1] - az
                    if abs(turned - TWO_PI * np.round(turned / TWO_PI)) > window_a:
                        continue
                    dt = (plot_ns[i] - time_ns[j]) * NS
                    if plot_ns[i] != at_ns:
                        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
                        at_ns = plot_ns[i]
                    parts = 0
                    for k in range(MEASURED):
                        if z[i, k] == z[i, k]:
                            parts += 1
                    limit = wide if same else gates[parts]
                    closest = np.inf
                    for m in range(2):
                        fx[:] = mx[m]
                        fP[:] = mP[m]
                        d2, loglik = fold(
                            fx, fP, z[i], noise[i], min(dt, 0.0), origin, rotation,
                            4.0 * limit, fh, H, gain,
                        )  # fmt: skip
                        closest = min(closest, d2)
                        log[m] = np.log(w[m] + 1e-12) + (loglik if d2 <= 4.0 * limit else -1e9)
                    if closest > limit:
                        continue
                    lik = np.logaddexp(log[0], log[1])
                    if same:
                        lik += id_bonus
                    elif mode_3a[j] >= 0 and plot_3a[i] >= 0:
                        lik += code_bonus if mode_3a[j] == plot_3a[i] else -code_bonus
                    if count < room:
                        pair_track[count] = j
                        pair_plot[count] = i
                        pair_loglik[count] = lik
                        pair_distance[count] = closest
                    count += 1
    return count


@kernel
def update_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, plots: Ints, z: Floats,
    noise: Floats, plot_ns: Ints, origin: Floats, rotation: Floats, motion: Floats,
    height_sigma: float,
) -> None:  # fmt: skip
    """Predict the tracks ``rows`` to their plots' times and fold the plots in, in place.

    Shapes and units:
        mean, cov, prob, time_ns: All tracks, as in :func:`gate_pairs`; rows of them change.
        rows, plots: ``(k,)`` which plot goes to which track; a row occurs once.
        height_sigma: Where no height of any kind was measured, the uncertainty upwards is held
            to this [m] around the present guess, as targets do not leave the air they fly in.
    """
    mx, mP, w = np.empty((2, 6)), np.empty((2, 6, 6)), np.empty(2)
    h, H, gain = np.empty(5), np.zeros((5, 6)), np.empty(12)
    log = np.empty(2)
    for k in range(len(rows)):
        j, i = rows[k], plots[k]
        dt = (plot_ns[i] - time_ns[j]) * NS
        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
        blind = z[i, 2] != z[i, 2] and z[i, 4] != z[i, 4]
        for m in range(2):
            _, log[m] = fold(
                mx[m], mP[m], z[i], noise[i], min(dt, 0.0), origin, rotation, np.inf, h, H, gain
            )
            if blind:
                hold_height(mx[m], mP[m], height_sigma, gain)
        top = max(log[0], log[1])
        w *= np.exp(log - top)
        w[:] = np.maximum(w, 1e-6)
        prob[j] = w / (w[0] + w[1])
        mean[j] = mx
        cov[j] = mP
        time_ns[j] = max(time_ns[j], plot_ns[i])


@kernel
def hold_height(x: Floats, P: Floats, sigma: float, gain: Floats) -> None:
    """Hold the vertical uncertainty to ``sigma`` by a pseudo-measurement of the present height."""
    u = outward(x)
    s = 0.0
    for a in range(6):
        gain[a] = P[a, 0] * u[0] + P[a, 1] * u[1] + P[a, 2] * u[2]
    for a in range(3):
        s += u[a] * gain[a]
    if s <= sigma * sigma:
        return
    # The noise that makes the posterior exactly sigma² is 1 / (1/sigma² - 1/s).
    s += 1.0 / (1.0 / (sigma * sigma) - 1.0 / s)
    for a in range(6):
        for b in range(6):
            P[a, b] -= gain[a] * gain[b] / s


@kernel
def report_tracks(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, rows: Ints, at_ns: Ints,
    motion: Floats, out_mean: Floats, out_cov: Floats,
) -> None:  # fmt: skip
    """Merge both models of the tracks ``rows``, predicted to ``at_ns``, into one Gaussian each.

    Shapes and units:
        rows: ``(k,)``; at_ns: ``(k,)``, not predicted where older than the track.
        out_mean: ``(k, 6)``; out_cov: ``(k, 6, 6)``: moment-matched (Bar-Shalom et al. 2001).
    """
    mx, mP, w = np.empty((2, 6)), np.empty((2, 6, 6)), np.empty(2)
    for k in range(len(rows)):
        j = rows[k]
        dt = (at_ns[k] - time_ns[j]) * NS
        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
        for a in range(6):
            out_mean[k, a] = w[0] * mx[0, a] + w[1] * mx[1, a]
        for a in range(6):
            da = mx[0, a] - mx[1, a]
            for b in range(6):
                out_cov[k, a, b] = (
                    w[0] * mP[0, a, b]
                    + w[1] * mP[1, a, b]
                    + w[0] * w[1] * da * (mx[0, b] - mx[1, b])
                )
