"""Which track and plot may belong together."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.kernels.lanes import LANES, Lanes, load_lanes, make_lanes, predict_lanes
from steppewatch.fuse.kernels.lanes_fold import (
    compare_lanes,
    load_plots,
    make_taken,
    pick_lanes,
)
from steppewatch.fuse.kernels.lanes_sense import (
    Aim,
    Site,
    bend_foreseen,
    foresee_lanes,
    make_aim,
)
from steppewatch.fuse.kernels.motion import MODELS, roaming
from steppewatch.fuse.kernels.sense import LOG_TWO_PI, MEASURED, NS, TWO_PI
from steppewatch.jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[Any]


class Held(NamedTuple):
    """Hold the tracks' columns, and how they move; see :func:`gate_pairs`."""

    mean: Floats
    cov: Floats
    prob: Floats
    time_ns: Ints
    motion: Floats


@kernel
def gate_pairs(
    mean: Floats, cov: Floats, prob: Floats, time_ns: Ints, hit_ns: Ints, mode_s: Ints,
    mode_3a: Ints, z: Floats, noise: Floats, plot_ns: Ints, plot_s: Ints, plot_3a: Ints,
    cell_start: Ints, cell_of: Ints, rings: int, sectors: int, ring0: float, ring_width: float,
    origin: Floats, rotation: Floats, middle_ns: int, spread: float, motion: Floats, rest_ns: int,
    late_ns: int, gates: Floats, most: float, id_bonus: float, code_bonus: float,
    pair_track: Ints, pair_plot: Ints, pair_loglik: Floats, pair_distance: Floats,
) -> int:  # fmt: skip
    """List every track and plot that may belong together; return how many.

    Each track that is near is predicted once to the batch's middle to find the cells of range ×
    azimuth that it may appear in, then to each candidate's own time for the exact statistical gate;
    both for many tracks at once, in lanes.

    Shapes and units:
        mean: ``(n, m, 6)``; cov: ``(n, m, 6, 6)``; prob: ``(n, m)``; time_ns: ``(n,)``.
        hit_ns: ``(n,)`` last plot from this sensor; mode_s, mode_3a: ``(n,)`` identities.
        z, noise: ``(p, 5)`` as in :func:`fold`; plot_ns, plot_s, plot_3a: ``(p,)``.
        cell_start: ``(rings·sectors + 1,)`` into ``cell_of`` ``(p,)``, see ``gate.cells``.
        middle_ns: The batch's middle; spread: half its length [s].
        rest_ns: A track hit more recently than this by the same sensor rests (one plot a scan).
        late_ns: Plots older than the track by more than this are not used.
        gates: ``(6,)`` squared-distance limit by number of measured components.
        most: Limit when both carry the same Mode S address.
        pair_*: Out-arrays; when the answer exceeds their length, call again with so much room.
    """
    tracks = Held(mean, cov, prob, time_ns, motion)
    want, where = np.zeros(MEASURED, np.bool_), np.zeros(MEASURED, np.bool_)
    site, reach, at_once = Site(origin, rotation), np.sqrt(gates[3]), spread == 0.0
    for p in range(len(plot_ns)):
        for k in range(MEASURED):
            want[k] |= z[p, k] == z[p, k]
    where[:2] = True  # range and azimuth
    near = np.empty(len(time_ns), np.int64)
    edge = ring0 + rings * ring_width
    near = near[: near_rings(tracks, origin, middle_ns, spread, reach, ring0, edge, near)]
    lanes, count = max(min(LANES, len(near)), 1), 0
    s, aim, taken = make_lanes(lanes), make_aim(lanes), make_taken(lanes)
    row, who, lane, plot = np.empty((4, lanes), np.int64)
    dt, window = np.empty((2, lanes)), np.empty((4, lanes))
    h, S, factor = np.empty((5, lanes)), np.empty((5, 5, lanes)), np.empty((6, 5, lanes))
    miss, inverse = np.empty((5, lanes)), np.empty((5, lanes))
    far, wide = np.empty((MODELS, lanes)), np.empty((MODELS, lanes))
    for begin in range(0, len(near), lanes):
        used = min(lanes, len(near) - begin)
        for i in range(lanes):
            row[i] = near[begin + min(i, used - 1)]
            dt[0, i] = (middle_ns - time_ns[row[i]]) * NS
        foresee_group(tracks, row, dt, site, want if at_once else where, s, aim)
        windows(s, aim, noise[0], reach, spread, window)
        ends = search(
            row[:used], window, hit_ns, time_ns, mode_s, z, plot_ns, plot_s, cell_start, cell_of,
            rings, sectors, ring0, ring_width, rest_ns, late_ns, count, pair_track, pair_plot,
        )  # fmt: skip
        if ends > len(pair_track):
            return 2 * ends
        first = count
        if at_once:
            for m in range(MODELS):
                bend_foreseen(m, s, dt[1], noise[0], want, aim)
        while first < ends:
            last = min(first + lanes, ends)
            for i in range(lanes):
                e = first + min(i, last - first - 1)
                lane[i], plot[i] = pair_track[e], pair_plot[e]
                who[i] = row[lane[i]]
            load_plots(z, noise, plot, taken)
            if not at_once:  # each at its plot's own time
                for i in range(lanes):
                    dt[0, i] = (plot_ns[plot[i]] - time_ns[who[i]]) * NS
                    lane[i] = i
                foresee_group(tracks, who, dt, site, want, s, aim)
                for m in range(MODELS):
                    bend_foreseen(m, s, dt[1], noise[0], want, aim)
            for m in range(MODELS):
                pick_lanes(aim.h[m], aim.S[m], lane, want, h, S)
                compare_lanes(
                    taken.z, taken.noise, taken.have, want, h, S, factor, miss, inverse, far[m],
                    wide[m],
                )  # fmt: skip
            for i in range(last - first):
                j, p, parts = who[i], plot[i], 0
                for k in range(MEASURED):
                    parts += z[p, k] == z[p, k]
                same = mode_s[j] != 0 and mode_s[j] == plot_s[p]
                limit = most if same else gates[parts]
                distance, loglik = weigh(far, wide, i, s.w, lane[i], parts, limit)
                if distance > limit:
                    continue
                if same:
                    loglik += id_bonus
                elif mode_3a[j] >= 0 and plot_3a[p] >= 0:
                    loglik += code_bonus if mode_3a[j] == plot_3a[p] else -code_bonus
                pair_track[count], pair_plot[count] = j, p
                pair_loglik[count], pair_distance[count] = loglik, distance
                count += 1
            first = last
    return count


@kernel
def search(
    row: Ints, window: Floats, hit_ns: Ints, time_ns: Ints, mode_s: Ints, z: Floats, plot_ns: Ints,
    plot_s: Ints, cell_start: Ints, cell_of: Ints, rings: int, sectors: int, ring0: float,
    ring_width: float, rest_ns: int, late_ns: int, count: int, lane_of: Ints, plot_of: Ints,
) -> int:  # fmt: skip
    """List the plots in each track's window; return how many there are now, even past the room.

    Shapes and units:
        row: ``(k,)`` tracks of a group; window: from :func:`windows`.
        hit_ns … late_ns: As in :func:`gate_pairs`.
        count: Where the list begins.
        lane_of, plot_of: Out, place in the group and plot.
    """
    width = TWO_PI / sectors
    for i in range(len(row)):
        j, out, az = row[i], window[0, i], window[1, i]
        window_r, window_a = window[2, i], window[3, i]
        if mode_s[j] != 0:
            window_r, window_a = 2.0 * window_r, 2.0 * window_a
        first = int(max(np.floor((out - window_r - ring0) / ring_width), 0.0))
        last = int(min(np.floor((out + window_r - ring0) / ring_width), rings - 1.0))
        left, right = 0, sectors - 1
        if window_a < np.pi - width:
            left = int(np.floor((az - window_a) / width))
            right = min(int(np.floor((az + window_a) / width)), left + sectors - 1)
        for ring in range(first, last + 1):
            for turn in range(left, right + 1):
                cell = ring * sectors + turn % sectors
                for slot in range(cell_start[cell], cell_start[cell + 1]):
                    p = cell_of[slot]
                    if plot_ns[p] - hit_ns[j] < rest_ns or time_ns[j] - plot_ns[p] > late_ns:
                        continue
                    if plot_s[p] != 0 and mode_s[j] != 0 and plot_s[p] != mode_s[j]:
                        continue
                    if abs(z[p, 0] - out) > window_r:
                        continue
                    turned = z[p, 1] - az
                    if abs(turned - TWO_PI * np.round(turned / TWO_PI)) > window_a:
                        continue
                    if count < len(lane_of):
                        lane_of[count], plot_of[count] = i, p
                    count += 1
    return count


@kernel
def near_rings(
    tracks: Held, origin: Floats, middle_ns: int, spread: float, reach: float, nearest: float,
    farthest: float, near: Ints,
) -> int:  # fmt: skip
    """List the tracks that may stand in the rings of a batch at all; a look without prediction.

    Shapes and units:
        tracks: All of them.
        origin, middle_ns, spread: As in :func:`gate_pairs`.
        reach: Standard deviations that the gate reaches.
        nearest, farthest: Ranges that the rings cover [m].
        near: ``(n,)`` out, filled up to the number that is returned.
    """
    count = 0
    for j in range(len(tracks.time_ns)):
        dt = (middle_ns - tracks.time_ns[j]) * NS
        v2 = r2 = var = 0.0
        for a in range(3):
            p, v, most = -origin[a], 0.0, 0.0
            for m in range(MODELS):
                p += tracks.prob[j, m] * tracks.mean[j, m, a]
                v += tracks.prob[j, m] * tracks.mean[j, m, a + 3]
                doubt = tracks.cov[j, m, a, a] + dt * dt * tracks.cov[j, m, a + 3, a + 3]
                most = max(most, doubt)
            r2 += (p + dt * v) ** 2
            v2 += v * v
            var += most
        free = roaming(tracks.motion, v2, MODELS)
        margin = 4.0 * reach * np.sqrt(var + free * abs(dt) ** 3) + np.sqrt(v2) * spread
        distance = np.sqrt(r2)
        if distance + margin >= nearest and distance - margin <= farthest:
            near[count] = j
            count += 1
    return count


@kernel
def foresee_group(
    tracks: Held, row: Ints, dt: Floats, site: Site, want: Any, s: Lanes, aim: Aim
) -> None:
    """Predict one group and foresee, to first order, what the sensor measures of it.

    Shapes and units:
        tracks: All tracks.
        row: ``(L,)`` the group's.
        dt: ``(2, L)`` seconds from each track to the moment; what is negative there becomes the
            lag in the second row, and 0 in the first.
        site: The sensor's place.
        want: ``(5,)`` bool, components that are wanted.
        s: Out, the tracks at the moment; aim: out, as the sensor sees them.
    """
    ahead = behind = False
    for i in range(len(row)):
        dt[1, i], dt[0, i] = min(dt[0, i], 0.0), max(dt[0, i], 0.0)
        ahead |= dt[0, i] > 0.0
        behind |= dt[1, i] < 0.0
    load_lanes(tracks.mean, tracks.cov, tracks.prob, row, s.x, s.P, s.w)
    if ahead:
        predict_lanes(s, dt[0], tracks.motion)
    for m in range(MODELS):
        foresee_lanes(m, s, dt[1], behind, site, want, aim)


@kernel
def windows(s: Lanes, aim: Aim, noise: Floats, reach: float, spread: float, out: Floats) -> None:
    """Say where in range and azimuth each track's plots may lie.

    The models stand in different places, and each has its own doubt.

    Shapes and units:
        s, aim: From :func:`foresee_group`.
        noise: ``(5,)`` of a usual plot.
        reach: Standard deviations that the gate reaches.
        spread: Half the length of the batch [s].
        out: ``(4, L)`` out: middle in range [m] and azimuth [rad], half widths of both.
    """
    for i in range(out.shape[1]):
        out_r = aim.h[0, 0, i]
        flat = max(out_r * np.cos(aim.h[0, 2, i]), 50.0)
        window_r = window_a = wild = v2 = 0.0
        for a in range(3):
            v = 0.0
            for m in range(MODELS):
                v += s.w[m, i] * s.x[m, a + 3, i]
            v2 += v * v
        for m in range(MODELS):
            jump = 0.0
            for a in range(3):
                jump += (s.x[m, a, i] - s.x[0, a, i]) ** 2
            jump = np.sqrt(jump)
            window_r = max(window_r, reach * np.sqrt(aim.S[m, 0, 0, i] + noise[0]) + jump)
            window_a = max(window_a, reach * np.sqrt(aim.S[m, 1, 1, i] + noise[1]) + jump / flat)
            wild = max(wild, s.P[m, 3, 3, i] + s.P[m, 4, 4, i] + s.P[m, 5, 5, i])
        fastest = np.sqrt(v2) + reach * np.sqrt(wild)
        out[0, i], out[1, i] = out_r, aim.h[0, 1, i]
        out[2, i], out[3, i] = window_r + fastest * spread, window_a + fastest * spread / flat


@kernel
def weigh(
    far: Floats, wide: Floats, i: int, w: Floats, lane: int, parts: int, limit: float
) -> tuple[float, float]:
    """Give squared distance (of the closest model) and log-likelihood (of all) of a pair.

    Shapes:
        far: ``(m, L)`` squared distance; wide: ``(m, L)`` determinant, from ``compare_lanes``.
        i: Which pair.
        w: ``(m, L)`` probability of each model at the plot's time; lane: the track's place in it.
        parts: Components measured.
        limit: Of the squared distance; the likelihood of what is farther is of no use.
    """
    closest, tight = np.inf, 1.0
    for m in range(MODELS):
        if far[m, i] < closest:
            closest, tight = far[m, i], wide[m, i]
    if closest > limit:
        return closest, -np.inf
    likelihood = 0.0
    for m in range(MODELS):
        if far[m, i] <= 4.0 * limit:
            fit = np.exp(-0.5 * (far[m, i] - closest)) * np.sqrt(tight / wide[m, i])
            likelihood += (w[m, lane] + 1e-12) * fit
    return closest, np.log(likelihood / np.sqrt(tight)) - 0.5 * (closest + parts * LOG_TWO_PI)
