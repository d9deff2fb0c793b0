"""Inner loops for bearings: each with its own platform, range unknown, platform error inside."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels import NS, fold, roaming, step_models
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]
CLOSEST = 10.0


@kernel
def noise_at(x: Floats, lag: float, platform: Floats, angles: Floats, sway: float,
             noise: Floats) -> float:  # fmt: skip
    """Fill the variances ``(5,)`` of a bearing of something at ``x``; return its distance [m].

    The platform's place is only known to ``sway`` [m²]: seen from there that is an angle.
    """
    r2 = 0.0
    for a in range(3):
        r2 += (x[a] + lag * x[a + 3] - platform[a]) ** 2
    r2 = max(r2, CLOSEST * CLOSEST)
    for k in range(5):
        noise[k] = 1.0
    noise[1] = angles[0] + sway / r2
    noise[2] = angles[1] + sway / r2
    return float(np.sqrt(r2))


@kernel
def gate_bearings(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, tracks: Ints, z: Floats,
    angles: Floats, sway: Floats, platform: Floats, rotation: Floats, seen_ns: Ints, reach: float,
    motion: Floats, late_ns: int, gates: Floats,
    pair_track: Ints, pair_bearing: Ints, pair_loglik: Floats, pair_distance: Floats,
) -> int:  # fmt: skip
    """List every track and bearing that may belong together; return how many (past the room, too).

    Shapes and units:
        mean … time_ns: Tracks, as in ``fuse.kernels.gate_pairs``; tracks: ``(k,)`` rows of them.
        z: ``(p, 5)`` as in ``fuse.kernels.fold``, range NaN; angles: ``(p, 2)`` variances of
            azimuth and elevation [rad²]; sway: ``(p,)`` variance of the platform per axis [m²].
        platform: ``(p, 3)`` ECEF [m]; rotation: ``(p, 3, 3)`` ECEF → its ENU; seen_ns: ``(p,)``.
        reach: Nothing is seen beyond [m].
        motion: ``(m + 1, 8)``; late_ns: older bearings are not used.
        gates: ``(6,)`` squared-distance limit by number of measured components.
        pair_*: Out-arrays; when the answer exceeds their length, call again with longer ones.
    """
    count, room = 0, len(pair_track)
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    fx, fP, log, noise = np.empty(6), np.empty((6, 6)), np.empty(models), np.empty(5)
    h, H, gain = np.empty(5), np.zeros((5, 6)), np.empty(12)
    wide = np.sqrt(gates[2])
    for k in range(len(tracks)):
        j, at_ns = tracks[k], -1
        for i in range(len(seen_ns)):
            if time_ns[j] - seen_ns[i] > late_ns:
                continue
            dt = (seen_ns[i] - time_ns[j]) * NS
            # Cheap look before the prediction: near enough, and roughly in that direction?
            r2 = v2 = var = 0.0
            for a in range(3):
                p, v, far = -platform[i, a], 0.0, 0.0
                for m in range(models):
                    v += prob[j, m] * mean[j, m, a + 3]
                    p += prob[j, m] * mean[j, m, a]
                    far = max(far, cov[j, m, a, a] + dt * dt * cov[j, m, a + 3, a + 3])
                fx[a] = p + dt * v
                r2 += fx[a] ** 2
                v2 += v * v
                var += far
            free = roaming(motion, v2, models)
            margin = wide * np.sqrt(var + free * abs(dt) ** 3 + sway[i])
            if r2 > (reach + margin) ** 2:
                continue
            e = rotation[i, 0, 0] * fx[0] + rotation[i, 0, 1] * fx[1] + rotation[i, 0, 2] * fx[2]
            n = rotation[i, 1, 0] * fx[0] + rotation[i, 1, 1] * fx[1] + rotation[i, 1, 2] * fx[2]
            # Distance of the track from the line of sight, seen from above.
            along = e * np.sin(z[i, 1]) + n * np.cos(z[i, 1])
            across = abs(e * np.cos(z[i, 1]) - n * np.sin(z[i, 1]))
            if along < -margin or across > margin + wide * np.sqrt(angles[i, 0]) * abs(along):
                continue
            if seen_ns[i] != at_ns:
                step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
                at_ns = seen_ns[i]
            parts = 2 if z[i, 2] == z[i, 2] else 1
            closest = np.inf
            for m in range(models):
                fx[:] = mx[m]
                fP[:] = mP[m]
                noise_at(fx, min(dt, 0.0), platform[i], angles[i], sway[i], noise)
                d2, loglik = fold(
                    fx, fP, z[i], noise, min(dt, 0.0), platform[i], rotation[i],
                    4.0 * gates[parts], h, H, gain,
                )  # fmt: skip
                closest = min(closest, d2)
                log[m] = np.log(w[m] + 1e-12) + (loglik if d2 <= 4.0 * gates[parts] else -1e9)
            if closest > gates[parts]:
                continue
            if count < room:
                pair_track[count] = j
                pair_bearing[count] = i
                pair_loglik[count] = log[0]
                for m in range(1, models):
                    pair_loglik[count] = np.logaddexp(pair_loglik[count], log[m])
                pair_distance[count] = closest
            count += 1
    return count


@kernel
def update_by_bearings(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, tracks: Ints, bearings: Ints,
    weight: Floats, z: Floats, angles: Floats, sway: Floats, platform: Floats, rotation: Floats,
    seen_ns: Ints, motion: Floats,
) -> None:  # fmt: skip
    """Predict tracks to their bearings' times and fold the bearings in, in place.

    A bearing that may be another's moves a track as far as it is likely to be its own: prediction
    and update are merged into one Gaussian (probabilistic data association with one candidate;
    Bar-Shalom & Li 1995, §3.4).

    Shapes:
        tracks, bearings, weight: ``(k,)`` which bearing goes to which track, each track once, and
            the probability that it is its own; the rest as in :func:`gate_bearings`.
    """
    models = prob.shape[1]
    mx, mP, w = np.empty((models, 6)), np.empty((models, 6, 6)), np.empty(models)
    fx, fP, told = np.empty(6), np.empty((6, 6)), np.empty(models)
    h, H, gain = np.empty(5), np.zeros((5, 6)), np.empty(12)
    log, noise = np.empty(models), np.empty(5)
    for n in range(len(tracks)):
        j, i = tracks[n], bearings[n]
        dt = (seen_ns[i] - time_ns[j]) * NS
        step_models(mean[j], cov[j], prob[j], dt, motion, mx, mP, w)
        own = weight[n]
        for m in range(models):
            fx[:] = mx[m]
            fP[:] = mP[m]
            noise_at(fx, min(dt, 0.0), platform[i], angles[i], sway[i], noise)
            _, log[m] = fold(
                fx, fP, z[i], noise, min(dt, 0.0), platform[i], rotation[i], np.inf, h, H, gain
            )
            for a in range(6):
                for b in range(6):
                    moved = (fx[a] - mx[m, a]) * (fx[b] - mx[m, b])
                    mP[m, a, b] += own * (fP[a, b] - mP[m, a, b]) + own * (1.0 - own) * moved
            for a in range(6):
                mx[m, a] += own * (fx[a] - mx[m, a])
        told[:] = w * np.exp(log - log.max())
        w[:] = own * told / told.sum() + (1.0 - own) * w
        w[:] = np.maximum(w, 1e-6)
        prob[j] = w / w.sum()
        mean[j] = mx
        cov[j] = mP
        time_ns[j] = max(time_ns[j], seen_ns[i])
