"""Pairs of plots of one target by different sensors, brought to one moment: what biases show in.

A plot of one sensor (the *middle*) lies in time between two plots of another (the *outer* sensor)
of the same track. The outer plots are interpolated to the middle's moment, so that the track's own
velocity, which mixes all sensors' biases, does not enter the difference. To first order

    gap = J_m b_m − [(1 − a) J_1 + a J_2] b_o + noise,    a = (t_m − t_1) / (t_2 − t_1),

with J = ∂(place)/∂(range, gain, azimuth, elevation, time); the time column is −velocity. The gap
is what it would have been without any correction: corrections that were applied to the plots are
put back (the augmented measurement of Lin, Bar-Shalom & Kirubarajan, *Multisensor multitarget bias
estimation for general asynchronous sensors*, IEEE T-AES 41(3), 2005, in Cartesian form).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.registration.correct import in_force
from steppewatch.fuse.registration.state import B

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.registration.state import RegistrationState

    Array = NDArray[np.float64]

SPAN_NS = 13_000_000_000
WANDER = 30.0  # acceleration density of the targets' unknown motion between plots [m²/s³]
UNSEEN = 1e5  # σ [m] given to a direction that was not measured, so that it says nothing
FAST = 0.5
SIGMA_UP = 150.0
FULLEST = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Plotted:
    """Hold the rings of m tracks that were just hit.

    Attributes:
        time_ns: ``(m, r)`` corrected times, sorted, the newest first; 0 for none.
        sensor: ``(m, r)`` sensor numbers.
        z: ``(m, r, 5)`` corrected measurements (ECEF in the first three for absolute sensors).
        mean: ``(m, 6)`` the tracks in ECEF, as of the newest plot [m, m/s].
    """

    time_ns: NDArray[np.int64]
    sensor: NDArray[np.int64]
    z: Array
    mean: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Hold k differences between two sensors.

    Attributes:
        middle, outer: ``(k,)`` sensor numbers.
        gap: ``(k, 3)`` middle's place minus outer's, ECEF, uncorrected [m].
        spread: ``(k, 3, 3)`` covariance of its noise [m²].
        partial: ``(k, 3, 10)`` by the biases of the middle, then of the outer sensor.
        time_ns: ``(k,)`` the middle's time.
    """

    middle: NDArray[np.int64]
    outer: NDArray[np.int64]
    gap: Array
    spread: Array
    partial: Array
    time_ns: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.middle)


def gather(state: RegistrationState, plotted: Plotted) -> Evidence:
    """Find at most one pair per track: newest plot, another sensor's before it, its own before.

    Of two sensors the faster one is interpolated, the first of equals, so that no plot is used in
    both ways. Noise is counted for the reuse that is left: an outer plot serves two intervals, and
    every plot as many pairs as there are other sensors in the ring.
    """
    sensor, when = plotted.sensor, plotted.time_ns
    newest = sensor[:, :1]
    filled = (when > 0) & (when[:, :1] - when < SPAN_NS)
    # A place where range and angles are due: this sensor sends reports, and is no reference.
    filled &= state.absolute[sensor] | ~(np.abs(plotted.z[..., 2]) > np.pi)
    ranks = np.asarray(_outranks(state, newest[:, 0]))
    allowed = ranks[np.arange(len(sensor))[:, None], sensor]
    other = filled & (sensor != newest) & allowed & (when < when[:, :1])
    own = filled & (sensor == newest) & (when < when[:, :1])
    middle, first = np.argmax(other, axis=1), np.argmax(own, axis=1)
    # Nothing of its own may lie between: such a plot made a pair of the middle one already.
    rows = np.flatnonzero(other.any(axis=1) & own.any(axis=1) & (middle < first))
    rows = rows[when[rows, middle[rows]] > when[rows, first[rows]]]
    if len(rows) == 0:
        return none()
    slots = np.stack((middle[rows], first[rows], np.zeros_like(rows)), axis=1)
    at = (rows[:, None], slots)
    times = when[at]
    column = sensor[at]
    back = (times - times[:, 2:]) * 1e-9
    place = plotted.mean[rows, None, :3] + back[..., None] * plotted.mean[rows, None, 3:]
    point, partial, spread = _placed(
        state, column, plotted.z[at], times, place, plotted.mean[rows, 3:]
    )
    interval = (times[:, 2] - times[:, 1]) * 1e-9
    late = (times[:, 0] - times[:, 1]) * 1e-9
    a = late / interval
    slow = state.period[column[:, 1]] > FAST * state.period[column[:, 0]]
    share = np.where(slow, 1.0, (1.0 - a) ** 2 + a**2)
    bridge = WANDER * (late * (interval - late)) ** 2 / (3.0 * interval)
    noise = spread[:, 0] + share[:, None, None] * 0.5 * (spread[:, 1] + spread[:, 2])
    noise += bridge[:, None, None] * np.eye(3)
    kinds = _kinds(np.where(filled, sensor, -1)[rows], len(state))
    noise *= np.maximum(1.0, 0.5 * kinds)[:, None, None]
    w = np.stack((np.ones_like(a), a - 1.0, -a), axis=1)
    return Evidence(
        middle=column[:, 0],
        outer=column[:, 1],
        gap=np.einsum("kp,kpa->ka", w, point),
        spread=noise,
        partial=np.concatenate(
            (partial[:, 0], np.einsum("kp,kpab->kab", w[:, 1:], partial[:, 1:])), axis=2
        ),
        time_ns=times[:, 0],
    )


def _outranks(state: RegistrationState, outer: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say whether each sensor may be the middle of ``outer[k]``: ``(k, s)``."""
    s = np.arange(len(state))
    p, q = state.period[outer][:, None], state.period[None, :]
    allowed = (p < q) | ((p == q) & (outer[:, None] < s))
    allowed &= ~(state.idle[None, :] | state.idle[outer][:, None])
    # Two sensors without any bias of their own have nothing to tell each other.
    told: NDArray[np.bool_] = np.asarray(state.prior.any(axis=1))
    out: NDArray[np.bool_] = allowed & (told[None, :] | told[outer][:, None])
    return out


def _kinds(sensor: NDArray[np.int64], sensors: int) -> NDArray[np.int64]:
    """Count the different sensors in each ring ``(k,)``; −1 is no sensor."""
    seen = np.zeros((len(sensor), sensors + 1), bool)
    seen[np.arange(len(sensor))[:, None], sensor] = True
    out: NDArray[np.int64] = seen[:, :sensors].sum(axis=1)
    return out


def _placed(
    state: RegistrationState,
    column: NDArray[np.int64],
    z: Array,
    time_ns: NDArray[np.int64],
    place: Array,
    velocity: Array,
) -> tuple[Array, Array, Array]:
    """Place plots ``(k, 3 plots)`` in ECEF without corrections, with partials and spread.

    Directions are taken at the track's own place, which is less noisy than a plot. What was not
    measured (a 2-D radar's elevation) is taken from the track and counts for nothing.
    """
    origin, rotation = state.origin[column], state.rotation[column]
    local = np.einsum("kpab,kpb->kpa", rotation, place - origin)
    e, n, u = local[..., 0], local[..., 1], local[..., 2]
    ground = np.maximum(np.hypot(e, n), 50.0)
    reach = np.hypot(ground, u)
    expected = np.stack((reach, np.arctan2(e, n), np.arctan2(u, ground)), axis=-1)
    measured = z[..., :3] - expected
    measured[..., 1] -= 2.0 * np.pi * np.round(measured[..., 1] / (2.0 * np.pi))
    missing = ~np.isfinite(measured)
    sin_a, cos_a = e / ground, n / ground
    sin_e, cos_e = u / reach, ground / reach
    flat = np.zeros_like(e)
    along = np.stack((cos_e * sin_a, cos_e * cos_a, sin_e), axis=-1)
    across = np.stack((cos_a, -sin_a, flat), axis=-1)
    over = np.stack((-sin_e * sin_a, -sin_e * cos_a, cos_e), axis=-1)
    turn = np.swapaxes(rotation, -1, -2)
    # Columns: metres in ECEF per metre of range, per radian of azimuth and of elevation.
    scale = np.stack((np.ones_like(reach), ground, reach), axis=-1)
    axes = turn @ (np.stack((along, across, over), axis=-1) * scale[..., None, :])
    sigma = np.where(missing, UNSEEN / scale, np.sqrt(state.noise[column]))
    steps = axes * sigma[..., None, :]
    spread = steps @ np.swapaxes(steps, -1, -2)
    # The arc of an azimuth far off is not its tangent: rotate instead of adding.
    measured = np.where(missing, 0.0, measured)
    # Noisy angles bend a circle inwards: put back what they take from the range on average.
    bend = np.where(missing[..., 1:], 0.0, state.noise[column][..., 1:])
    measured[..., 0] += 0.5 * (bend[..., 0] * ground * cos_e + bend[..., 1] * reach)
    point = _arc(measured, expected, along, across, over)
    point = place + np.einsum("kpab,kpb->kpa", turn, point)
    partial = np.empty((*column.shape, 3, B))
    partial[..., 0] = axes[..., 0]
    partial[..., 1] = axes[..., 0] * reach[..., None]
    partial[..., 2] = axes[..., 1]
    partial[..., 3] = axes[..., 2]
    partial[..., 4] = -velocity[:, None, :]
    absolute = state.absolute[column]
    if absolute.any():
        point[absolute] = z[absolute][:, :3]
        spread[absolute] = _report_spread(state, column[absolute], point[absolute])
        partial[absolute] = 0.0
    put_back = in_force(state, column, time_ns)
    point = point + np.einsum("kpab,kpb->kpa", partial, put_back)
    return point, partial, spread


def _arc(measured: Array, expected: Array, along: Array, across: Array, over: Array) -> Array:
    """Give the plot's offset from the track in the sensor's ENU ``(k, p, 3)``, exactly."""
    reach = expected[..., 0] + measured[..., 0]
    da, el, de = measured[..., 1], expected[..., 2], measured[..., 2]
    ground = reach * np.cos(el + de)
    up = reach * np.sin(el + de)
    # In the frame of the track's azimuth: forward, to the right, up.
    forward = ground * np.cos(da) - expected[..., 0] * np.cos(el)
    right = ground * np.sin(da)
    rise = up - expected[..., 0] * np.sin(el)
    ahead = along * np.cos(el)[..., None] - over * np.sin(el)[..., None]
    upward = along * np.sin(el)[..., None] + over * np.cos(el)[..., None]
    return forward[..., None] * ahead + right[..., None] * across + rise[..., None] * upward


def _report_spread(state: RegistrationState, column: NDArray[np.int64], place: Array) -> Array:
    """Give the spread ``(k, 3, 3)`` of reported places: the sensor's σ, and more upwards."""
    up = place / np.linalg.norm(place, axis=1)[:, None]
    flat = state.noise[column, 0]
    tall = np.maximum(flat, SIGMA_UP**2) - flat
    upright = tall[:, None, None] * up[:, :, None] * up[:, None, :]
    return np.asarray(flat[:, None, None] * np.eye(3) + upright)


def none() -> Evidence:
    """Make evidence of nothing."""
    k = np.zeros(0, np.int64)
    return Evidence(
        middle=k,
        outer=k,
        gap=np.zeros((0, 3)),
        spread=np.zeros((0, 3, 3)),
        partial=np.zeros((0, 3, 2 * B)),
        time_ns=k,
    )


def kept(state: RegistrationState, evidence: Evidence) -> RegistrationState:
    """Let the evidence wait in the state, at most :data:`FULLEST` pairs, all evenly thinned."""
    parts = {
        name: np.concatenate((getattr(state, name), getattr(evidence, name)))
        for name in ("middle", "outer", "gap", "spread", "partial")
    }
    k = len(parts["middle"])
    if k > FULLEST:
        chosen = np.linspace(0, k - 1, FULLEST).astype(np.int64)
        parts = {name: part[chosen] for name, part in parts.items()}
    return dataclasses.replace(state, **parts)  # type: ignore[arg-type]
