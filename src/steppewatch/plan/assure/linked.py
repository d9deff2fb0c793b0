"""Which sites reach a gateway over feasible links: a sensor that nobody hears sees nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steppewatch.sense.radio import Radio, Station
from steppewatch.sense.radio import link as radio_link
from steppewatch.world import geodesic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from steppewatch.plan.assure.sites import Equipped
    from steppewatch.plan.wanted import Wanted
    from steppewatch.world.geodesy import Array
    from steppewatch.world.terrain import Terrain

SHORTEST = 50.0  # [m]; nearer sites share a mast


class Network:
    """Ask for links between sites, each pair of places once.

    Args:
        terrain: Ground heights.
        wanted: Reach, frequency and clearance; without ``[links]`` all sites are linked.
        gateways: ``(g, 2)`` latitude and longitude [rad] of places of the network.
    """

    def __init__(self, terrain: Terrain, wanted: Wanted, gateways: Array | None = None) -> None:
        self._terrain, self._wanted = terrain, wanted
        self._gateways = np.zeros((0, 2)) if gateways is None else np.asarray(gateways, float)
        self._known: dict[tuple[float, ...], bool] = {}

    def linked(self, sites: Sequence[Equipped]) -> list[bool]:
        """Say which sites reach a gateway, by themselves or over others."""
        if self._wanted.links is None:
            return [True] * len(sites)
        reached = [self._gateway(site) for site in sites]
        frontier = [i for i, yes in enumerate(reached) if yes]
        while frontier:
            here = frontier.pop()
            for i, site in enumerate(sites):
                if not reached[i] and self._hears(sites[here], site):
                    reached[i] = True
                    frontier.append(i)
        return reached

    def _gateway(self, site: Equipped) -> bool:
        if site.gateway:
            return True
        asked = self._wanted.links
        if asked is None or not len(self._gateways):
            return False
        lat, lon = self._gateways.T
        away = geodesic.inverse(site.lat, site.lon, lat, lon)[0]
        return bool(away.min() <= asked.gateway_within)

    def _hears(self, a: Equipped, b: Equipped) -> bool:
        asked = self._wanted.links
        if asked is None:
            return True
        ends = sorted([(a.lat, a.lon, a.package.mast), (b.lat, b.lon, b.package.mast)])
        key = (*ends[0], *ends[1])
        if key not in self._known:
            far = float(geodesic.inverse(a.lat, a.lon, b.lat, b.lon)[0])
            self._known[key] = far <= asked.reach and (far < SHORTEST or self._clear(a, b))
        return self._known[key]

    def _clear(self, a: Equipped, b: Equipped) -> bool:
        asked = self._wanted.links
        if asked is None:
            return True
        # Power and gains decide the margin, not the clearance, which alone is asked here.
        radio = Radio(
            frequency=asked.frequency,
            power_dbm=20.0,
            gain_a_db=30.0,
            gain_b_db=30.0,
            sensitivity_dbm=-80.0,
        )
        one, other = (
            Station(lat=s.lat, lon=s.lon, mast=max(s.package.mast, 0.5), name=s.id) for s in (a, b)
        )
        found = radio_link(self._terrain, one, other, radio, k=self._wanted.k)
        return not found.unknown and found.fresnel >= asked.clearance
