"""Take known biases out of plots, and say which corrections were in force at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.registration.state import RegistrationState

TYPICAL_SPEED = 150.0  # [m/s], what a doubtful time stamp is turned into metres with


def correct(
    state: RegistrationState,
    column: int,
    z: NDArray[np.float64],
    noise: NDArray[np.float64],
    time_ns: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Correct plots of one sensor for what is known of its biases, before they are gated.

    Each plot gets the corrections that were in force at its own time, late ones too. As long as
    the corrections are themselves in doubt, the noise grows by their variance.

    Args:
        state: What registration knows.
        column: The sensor's number.
        z: ``(p, 5)`` range [m], azimuth [rad], elevation [rad], range rate, height (unchanged).
        noise: ``(p, 5)`` variances of the same.
        time_ns: ``(p,)`` as stamped by the sensor.

    Returns:
        New ``z``, ``noise`` and ``time_ns``; the given arrays themselves where nothing is known.
    """
    if not state.applied[:, column].any() or len(z) == 0:
        return z, noise, time_ns
    epoch = np.full(len(time_ns), len(state.epoch_ns) - 1)
    for k in range(len(state.epoch_ns) - 2, -1, -1):
        late_ns = round(float(state.applied[k, column, 4]) * 1e9)
        epoch[time_ns - late_ns >= state.epoch_ns[k]] = k
    bias, doubt = state.applied[epoch, column], state.doubt[epoch, column]
    out, wider = z.copy(), noise.copy()
    out[:, 0] = np.maximum((z[:, 0] - bias[:, 0]) / (1.0 + bias[:, 1]), 1.0)
    out[:, 1] = np.mod(z[:, 1] - bias[:, 2], 2.0 * np.pi)
    out[:, 2] = z[:, 2] - bias[:, 3]
    moved = doubt[:, 4] * TYPICAL_SPEED**2
    reach = out[:, 0]
    wider[:, 0] += doubt[:, 0] + doubt[:, 1] * reach**2 + moved
    wider[:, 1] += doubt[:, 2] + moved / reach**2
    wider[:, 2] += doubt[:, 3]
    return out, wider, time_ns - np.round(bias[:, 4] * 1e9).astype(np.int64)


def in_force(
    state: RegistrationState, column: NDArray[np.int64], time_ns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the corrections ``(..., 5)`` that plots of these sensors and corrected times got."""
    epoch = np.full(time_ns.shape, len(state.epoch_ns) - 1)
    for k in range(len(state.epoch_ns) - 2, -1, -1):
        epoch[time_ns >= state.epoch_ns[k]] = k
    out: NDArray[np.float64] = state.applied[epoch, column]
    return out
