"""What the joint picture remembers: every tracker's latest word on every track, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from steppewatch.records import Origin, TrackBatch, record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from steppewatch.fuse.remote.settings import JointSettings

Columns = dict[str, "NDArray[Any]"]

# Column → (dtype, shape behind m).
COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "source": ("i4", ()),
    "id": ("i8", ()),
    "gid": ("i8", ()),
    "root_ns": ("i8", ()),
    "rival": ("i8", ()),
    "agree": ("i4", ()),
    "apart": ("i4", ()),
    "first_ns": ("i8", ()),
    "due_ns": ("i8", ()),
    "heard_ns": ("i8", ()),
    "echo": ("?", ()),
    "shown": ("?", ()),
    "time_ns": ("i8", ()),
    "mean": ("f8", (6,)),
    "cov": ("f8", (6, 6)),
    "status": ("u1", ()),
    "existence": ("f4", ()),
    "target": ("u1", ()),
    "born_ns": ("i8", ()),
    "seen_ns": ("i8", ()),
    "hits": ("u4", ()),
    "mode_s": ("u4", ()),
    "mode_3a": ("i4", ()),
    "callsign": ("S8", ()),
    "class_prob": ("f4", (8,)),
    "hidden": ("?", ()),
    "why_ns": ("i8", ()),
    "why_sensor": ("i4", ()),
    "why_plot": ("i4", ()),
    "why_weight": ("f4", ()),
    "why_method": ("u1", ()),
    "holds": ("?", (0,)),
}
TOLD = ("time_ns", "mean", "cov", "status", "existence", "target", "seen_ns", "hits")
NAMES = (("mode_s", 0), ("mode_3a", -1), ("callsign", b""))


def blank(m: int, sensors: int = 0) -> Columns:
    """Make the columns of m members, all zero, with room for who holds them."""
    made = {name: np.zeros((m, *shape), dtype) for name, (dtype, shape) in COLUMNS.items()}
    return {**made, "holds": np.zeros((m, sensors), bool)}


@record("joint_state")
@dataclass(frozen=True, slots=True, kw_only=True)
class JointState:
    """Hold m tracks of several trackers and which of them are one thing.

    Attributes:
        sources: Names of the trackers, the own one first.
        own_sensors: Sensors that the own tracker has named.
        sensors: Sensors that any tracker has named.
        members: Columns of :data:`COLUMNS`. ``gid`` is the joint track's id and ``root_ns`` the
            birth of the member that gave it; ``rival`` is the joint track that this one may be,
            ``agree`` how often in a row, to be asked again at ``due_ns``; ``apart`` how often in a
            row it did not fit its own; ``first_ns``: when it was first heard; ``echo``: it rests on
            our own sensors or tracker alone; ``shown``: its joint track was told; ``holds``
            ``(m, s)``: which of ``sensors`` hold it.
        memory: ``(k, 5)`` int64 source, id, gid, root_ns and last moment of members that are gone.
        clock_ns: The newest moment that was heard of.
        unusable: Tracks left out because their covariance is none.
    """

    sources: tuple[str, ...]
    own_sensors: tuple[str, ...] = ()
    sensors: tuple[str, ...] = ()
    members: dict[str, Any] = field(default_factory=lambda: blank(0))
    memory: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 5), np.int64))
    clock_ns: int = 0
    unusable: int = 0

    def __len__(self) -> int:
        """Count the members."""
        return len(self.members["id"])


def source_name(origin: Origin, settings: JointSettings) -> str | None:
    """Name the tracker that a batch comes from; None for one that is not joined."""
    if origin.feed == settings.own_feed:
        return settings.node
    for partner in settings.partners:
        if (partner.feed, partner.sensor) == (origin.feed, origin.sensor):
            return partner.name
    return None if settings.partners else origin.sensor or origin.feed


def groups(gid: NDArray[np.int64], wanted: NDArray[np.int64]) -> dict[int, NDArray[np.intp]]:
    """Give the rows of each wanted value, values ascending.

    >>> groups(np.array([5, 3, 5]), np.array([5]))
    {5: array([0, 2])}
    """
    order = np.argsort(gid, kind="stable")
    held = gid[order]
    wanted = np.unique(wanted)
    first, last = np.searchsorted(held, wanted, "left"), np.searchsorted(held, wanted, "right")
    return {int(g): order[a:b] for g, a, b in zip(wanted, first, last, strict=True) if b > a}


def sound(batch: TrackBatch) -> NDArray[np.bool_]:
    """Tell which tracks ``(n,)`` have a finite mean and a covariance that is one."""
    finite = np.asarray(np.isfinite(batch.mean).all(axis=1))
    finite &= np.isfinite(batch.cov).all(axis=(1, 2))
    cov = np.where(finite[:, None, None], batch.cov, np.eye(6))
    least = np.linalg.eigvalsh(0.5 * (cov + np.swapaxes(cov, 1, 2)))[:, 0]
    return np.asarray(finite & (least > 0.0))


def echoes(batch: TrackBatch, node: str, own: tuple[str, ...]) -> NDArray[np.bool_]:
    """Tell which tracks ``(n,)`` of another tracker rest on our own sensors or tracker alone."""
    by_sensors = _ours_alone(batch.seen_by, batch.sensors, own)
    return by_sensors | _ours_alone(batch.held_by, batch.trackers, (node,))


def _ours_alone(
    held: NDArray[np.bool_], names: tuple[str, ...], own: tuple[str, ...]
) -> NDArray[np.bool_]:
    """Tell which rows of ``held`` ``(n, names)`` are held by some of ours and nobody else."""
    if not names or held.shape[1:] != (len(names),):
        return np.zeros(1, bool)
    ours = np.array([name in own for name in names])
    return np.asarray(held.any(axis=1) & ~held[:, ~ours].any(axis=1))


def forward(
    mean: NDArray[np.float64],
    cov: NDArray[np.float64],
    seconds: NDArray[np.float64],
    drift: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predict estimates by constant velocity with white acceleration.

    Args:
        mean: ``(n, 6)``.
        cov: ``(n, 6, 6)``.
        seconds: ``(n,)`` ≥ 0.
        drift: Acceleration density [m²/s³] (Bar-Shalom et al. 2001, §6.2.2).
    """
    n = len(mean)
    step = np.tile(np.eye(6), (n, 1, 1))
    step[:, [0, 1, 2], [3, 4, 5]] = seconds[:, None]
    noise = np.zeros((n, 6, 6))
    for a in range(3):
        noise[:, a, a] = drift * seconds**3 / 3.0
        noise[:, a, a + 3] = noise[:, a + 3, a] = drift * seconds**2 / 2.0
        noise[:, a + 3, a + 3] = drift * seconds
    moved = np.einsum("nij,nj->ni", step, mean)
    return moved, step @ cov @ np.swapaxes(step, 1, 2) + noise
