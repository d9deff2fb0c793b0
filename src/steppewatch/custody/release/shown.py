"""What a partner is shown of a track: rounded, without what would tell more than the position.

Positions fall on the centre of a cell of ``precision_m``; the cells never move, so that many
reports of one place tell no more than one. Velocity is rounded to the cell in 100 s, and the
accuracy that is told includes the rounding. Which sensors see a track is never told.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.records import TrackBatch
from steppewatch.world.geodesy import MEAN_RADIUS, enu_rotation, geodetic_from_ecef

Floats = NDArray[np.float64]
VELOCITY_S = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Hold n tracks as one partner is shown them.

    Attributes:
        id: ``(n,)`` int64 ours; time_ns: ``(n,)`` int64 the moment described.
        lat: ``(n,)`` [rad]; lon: ``(n,)`` [rad]; height: ``(n,)`` [m].
        velocity: ``(n, 3)`` east, north, up [m/s].
        sigma: ``(n, 6)`` standard deviations of the same, position [m] then velocity [m/s].
        status: ``(n,)``; target: ``(n,)``; mode_s, mode_3a, callsign: as in ``TrackBatch``.
        precision_m: ``(n,)`` int64, to what it was rounded [m].
    """

    id: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    lat: Floats
    lon: Floats
    height: Floats
    velocity: Floats
    sigma: Floats
    status: NDArray[np.uint8]
    target: NDArray[np.uint8]
    mode_s: NDArray[np.uint32]
    mode_3a: NDArray[np.int32]
    callsign: NDArray[np.bytes_]
    precision_m: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.id)

    def take(self, rows: NDArray[np.int64], precision_m: NDArray[np.int64]) -> "Shown":
        """Pick rows and round each to its precision [m]; 0 leaves it as it is."""
        columns = {name: getattr(self, name)[rows] for name in self.__slots__}
        columns["precision_m"] = precision_m
        cell = np.maximum(precision_m, 0).astype(float)
        if (cell > 0.0).any():
            lat = _centre(columns["lat"], cell / MEAN_RADIUS)
            around = MEAN_RADIUS * np.maximum(np.cos(lat), 1e-6)
            columns["lon"] = _centre(columns["lon"], cell / around)
            columns["lat"], columns["height"] = lat, _nearest(columns["height"], cell)
            slow = (cell / VELOCITY_S)[:, None]
            columns["velocity"] = _nearest(columns["velocity"], slow)
            spread = np.concatenate((np.repeat(cell[:, None], 3, 1), np.repeat(slow, 3, 1)), axis=1)
            columns["sigma"] = np.sqrt(columns["sigma"] ** 2 + spread**2 / 12.0)
        return Shown(**columns)


def unrounded(batch: TrackBatch) -> Shown:
    """Turn a batch's tracks into places on the ellipsoid, all of them, as they are."""
    lat, lon, height = geodetic_from_ecef(batch.mean[:, :3])
    turn = enu_rotation(lat, lon)
    cov = np.stack(
        [
            np.einsum("nij,njk,nik->ni", turn, batch.cov[:, part, part], turn)
            for part in (slice(0, 3), slice(3, 6))
        ],
        axis=1,
    )
    return Shown(
        id=batch.id,
        time_ns=batch.time_ns,
        lat=lat,
        lon=lon,
        height=height,
        velocity=np.einsum("nij,nj->ni", turn, batch.mean[:, 3:]),
        sigma=np.sqrt(np.maximum(cov, 0.0)).reshape(len(batch), 6),
        status=batch.status,
        target=batch.target,
        mode_s=batch.mode_s,
        mode_3a=batch.mode_3a,
        callsign=batch.callsign,
        precision_m=np.zeros(len(batch), np.int64),
    )


def _centre(value: Floats, step: Floats) -> Floats:
    wide = np.where(step > 0.0, step, 1.0)
    return np.where(step > 0.0, (np.floor(value / wide) + 0.5) * wide, value)


def _nearest(value: Floats, step: Floats) -> Floats:
    wide = np.where(step > 0.0, step, 1.0)
    return np.where(step > 0.0, np.round(value / wide) * wide, value)
