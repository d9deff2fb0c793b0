"""Detection probability from terrain and radar physics at the place where a track should be.

A track that goes behind a hill is not expected to be seen, so its misses say nothing and it is
kept; one that stands in the open and is missed dies quickly. What hides is the terrain as
``sense`` sees it (:mod:`steppewatch.fuse.visibility.shadow`); what the radar makes of a target in
the open is its design's own look where the design is known (a rehearsal, an own radar), and the
sensor's nominal probability where it is not. Where terrain is unknown nothing is hidden: that is
the same as having no terrain at all.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from steppewatch.fuse.visibility.kernels import in_sight
from steppewatch.fuse.visibility.physics import ClearChance, clear_chance
from steppewatch.fuse.visibility.shadow import Shadow, cast_shadow
from steppewatch.fuse.visibility.sight import LEAST, MOST, NO_DOUBT, sensor_frame, unobstructed
from steppewatch.records import Sensor, SensorKind
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.sight import Terrain
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.geodesy import geodetic_from_ecef

Array = NDArray[np.float64]

BURIED = 2.0  # [m]; an antenna deeper in the ground than this does not stand where it is said
BODY = 1.5  # [m]; the middle of what walks, rides and drives
ROUGHNESS = 0.5  # [m]; bushes, ruts and what an elevation file does not know


class TerrainSight:
    """Tell how likely a sensor is to see targets over real ground.

    Args:
        terrain: Ground heights; NaN where not known.
        radars: The designs behind sensors, by ``Sensor.id``, as far as anyone knows them.
        k: Effective earth radius factor; by the air over each site when None.
        roughness: σ of the ground's own height [m].
        body: Height above ground of the targets of ground radars [m].
    """

    def __init__(
        self,
        terrain: Terrain,
        radars: Mapping[str, EmplacedRadar] | None = None,
        *,
        k: float | None = None,
        roughness: float = ROUGHNESS,
        body: float = BODY,
    ) -> None:
        self._terrain = terrain
        self._radars = dict(radars or {})
        self._k, self._roughness, self._body = k, roughness, body
        self._shadows: dict[tuple[float, ...], Shadow] = {}
        self._blind: dict[tuple[float, ...], str] = {}
        self._clear: dict[str, ClearChance] = {
            name: clear_chance(radar) for name, radar in self._radars.items()
        }

    def chance(
        self,
        sensor: Sensor,
        position: Array,
        velocity: Array,
        cov: Array | None = None,
        above: Array | None = None,
    ) -> Array:
        """Give the probability of detection of each target, see :meth:`Sight.chance`."""
        if len(position) == 0 or self.blind_to(sensor):
            return np.clip(unobstructed(sensor, position, velocity, cov), LEAST, MOST)
        seen, bare, elevation = self.visibility(sensor, position, cov, above)
        physics, clear = self._clear.get(sensor.id), None
        if physics is not None:
            away = position - sensor_frame(sensor.lat, sensor.lon, sensor.height).origin
            slant, speed = (np.sqrt(np.einsum("ka,ka->k", v, v)) for v in (away, velocity))
            clear = physics.at(slant, elevation, speed, bare)
        out = unobstructed(sensor, position, velocity, cov, clear)
        return np.clip(out * seen, LEAST, MOST)

    def above(self, position: Array) -> Array:
        """Give the height of places ``(k, 3)`` ECEF above ground ``(k,)`` [m]; NaN: unknown."""
        lat, lon, height = geodetic_from_ecef(position)
        return np.asarray(height - np.asarray(self._terrain.heights(lat, lon), float))

    def visibility(
        self,
        sensor: Sensor,
        position: Array,
        cov: Array | None = None,
        above: Array | None = None,
    ) -> tuple[Array, Array, Array]:
        """Give the probability that nothing stands between a sensor and each target.

        Targets of ground radars are taken to stand on the ground at their horizontal place:
        their own height is hardly known, the ground's is.

        Args:
            sensor: Who looks.
            position: ``(k, 3)`` ECEF [m].
            cov: ``(k, 6, 6)`` of position and velocity; None takes places as exact.
            above: ``(k, 2)`` as in :meth:`Sight.chance`.

        Returns:
            The probability for the targets ``(k,)``, 1 where terrain is unknown; that for the
            ground under them ``(k,)``, 0 where unknown; and the targets' apparent elevation
            ``(k,)`` [rad].
        """
        shadow = self.shadow(sensor)
        frame = sensor_frame(sensor.lat, sensor.lon, sensor.height)
        place = np.ascontiguousarray(position, np.float64)
        spread = NO_DOUBT if cov is None else np.ascontiguousarray(cov, np.float64)
        follow = np.full((len(place), 2), np.nan)
        if sensor.kind == SensorKind.GROUND_RADAR:
            follow[:] = self._body, 0.0
        elif above is not None:
            follow[:] = above
        seen, bare, elevation = np.empty((3, len(place)))
        wanted = np.zeros(len(shadow.built), bool)
        while True:
            in_sight(
                place, spread, frame.origin, frame.rotation, shadow.before, shadow.own,
                shadow.step, shadow.horizon.bend, self._roughness, follow, seen, bare, elevation,
                wanted,
            )  # fmt: skip
            if not shadow.build(wanted):
                break
        return (
            np.where(np.isnan(seen), 1.0, seen),
            np.where(np.isnan(bare), 0.0, bare),
            np.nan_to_num(elevation),
        )

    def blind_to(self, sensor: Sensor) -> str:
        """Say why the terrain cannot be used for a sensor; ``""`` where it can.

        A sensor whose place is only assumed, or whose antenna lies in the ground (another datum,
        a wrong height), would be blind behind its own hill.
        """
        if sensor.position_assumed:
            return "its position is only assumed"
        key = (sensor.lat, sensor.lon, sensor.height)
        if key not in self._blind:
            site = (np.array([sensor.lat]), np.array([sensor.lon]))
            ground = float(np.asarray(self._terrain.heights(*site), float)[0])
            why = ""
            if np.isnan(ground):
                why = "no height is known where it stands"
            elif ground > sensor.height + BURIED:
                why = (
                    f"its antenna at {sensor.height:.0f} m lies below the ground there, "
                    f"{ground:.0f} m: correct its height or the terrain's datum"
                )
            self._blind[key] = why
        return self._blind[key]

    def shadow(self, sensor: Sensor) -> Shadow:
        """Give the shadow table of a sensor, made when first asked for at its present place."""
        key = (sensor.lat, sensor.lon, sensor.height, sensor.max_range)
        if key not in self._shadows:
            k, radar = self._k, self._radars.get(sensor.id)
            if k is None and radar is not None and radar.atmosphere is not None:
                k = radar.atmosphere.k
            if k is None:
                k = site_atmosphere(sensor.lat, sensor.lon, sensor.height).k
            self._shadows[key] = cast_shadow(self._terrain, sensor, k)
        return self._shadows[key]
