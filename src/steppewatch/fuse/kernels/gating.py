"""Which track and plot may belong together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.motion import roaming, step_models
from steppewatch.fuse.kernels.sense import (
    MEASURED,
    NS,
    TWO_PI,
    compare,
    foresee_plot,
    observe,
)
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]


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
        mean: ``(n, m, 6)``; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``; time_ns: ``(n,)``.
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
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    h, H, log = np.empty(5), np.zeros((5, 6)), np.empty(models)
    seen, S, L = np.empty((models, 11)), np.empty((models, 5, 5)), np.empty((6, 5))
    want = np.zeros(MEASURED, np.bool_)
    for i in range(len(plot_ns)):
        for k in range(MEASURED):
            if z[i, k] == z[i, k]:
                want[k] = True
    reach = np.sqrt(gates[3])
    for j in range(len(time_ns)):
        dt = (middle_ns - time_ns[j]) * NS
        # Cheap look before the prediction: is the track near any ring at all?
        v2 = r2 = var = 0.0
        for a in range(3):
            p, v, most = -origin[a], 0.0, 0.0
            for m in range(models):
                p += prob[j, m] * mean[j, m, a]
                v += prob[j, m] * mean[j, m, a + 3]
                most = max(most, cov[j, m, a, a] + dt * dt * cov[j, m, a + 3, a + 3])
            r2 += (p + dt * v) ** 2
            v2 += v * v
            var += most
        free = roaming(motion, v2, models)
        margin = 4.0 * reach * np.sqrt(var + free * abs(dt) ** 3) + np.sqrt(v2) * spread
        distance = np.sqrt(r2)
        if distance + margin < ring0 or distance - margin > ring0 + rings * ring_width:
            continue
        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
        lag = min(dt, 0.0)
        observe(mx[0], lag, origin, rotation, False, h, H)
        az, out = h[1], h[0]
        flat = max(h[0] * np.cos(h[2]), 50.0)
        window_r = window_a = fastest = 0.0
        for m in range(models):
            # The models stand in different places, and each has its own doubt.
            jump = (mx[m, 0] - mx[0, 0]) ** 2 + (mx[m, 1] - mx[0, 1]) ** 2
            jump = np.sqrt(jump + (mx[m, 2] - mx[0, 2]) ** 2)
            s_r = s_a = 0.0
            parts = 3 if lag == 0.0 else 6
            for a in range(parts):
                for b in range(parts):
                    s_r += H[0, a] * mP[m, a, b] * H[0, b]
                    s_a += H[1, a] * mP[m, a, b] * H[1, b]
            window_r = max(window_r, reach * np.sqrt(s_r + noise[0, 0]) + jump)
            window_a = max(window_a, reach * np.sqrt(s_a + noise[0, 1]) + jump / flat)
            fastest = max(fastest, mP[m, 3, 3] + mP[m, 4, 4] + mP[m, 5, 5])
        fastest = np.sqrt(v2) + reach * np.sqrt(fastest)
        window_r += fastest * spread
        window_a += fastest * spread / flat
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
        at_ns, foreseen = middle_ns, False
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
                        at_ns, foreseen = plot_ns[i], False
                    if not foreseen:
                        foreseen = True
                        for m in range(models):
                            foresee_plot(
                                mx[m], mP[m], noise[i], min(dt, 0.0), origin, rotation, want,
                                seen[m], H, S[m],
                            )  # fmt: skip
                    parts = 0
                    for k in range(MEASURED):
                        if z[i, k] == z[i, k]:
                            parts += 1
                    limit = wide if same else gates[parts]
                    closest = np.inf
                    for m in range(models):
                        d2, loglik = compare(z[i], noise[i], seen[m], S[m], 4.0 * limit, L)
                        closest = min(closest, d2)
                        log[m] = np.log(w[m] + 1e-12) + (loglik if d2 <= 4.0 * limit else -1e9)
                    if closest > limit:
                        continue
                    lik = log[0]
                    for m in range(1, models):
                        lik = np.logaddexp(lik, log[m])
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
