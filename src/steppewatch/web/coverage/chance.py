"""P(detect) on a site's cells: the sensor's own look, where the target is in line of sight.

Radars answer by :mod:`steppewatch.sense.coverage.radar_map`, the map that is also written to files
and whose look rehearsal draws from; cameras by :mod:`steppewatch.sense.eoir.cover`.
"""

from steppewatch.sense.coverage.radar_map import Layer, radar_map
from steppewatch.sense.eoir.cover import camera_map
from steppewatch.sense.eoir.library import CAMERAS, camera_design
from steppewatch.sense.radar.emplaced import stand
from steppewatch.sense.radar.library import radar_design
from steppewatch.sense.targets import TargetModel
from steppewatch.web.coverage.site import Site
from steppewatch.world.atmosphere import site_atmosphere
from steppewatch.world.terrain import Heights

HIGHEST_ON_THE_GROUND = 5.0
RADAR_NOTE = (
    "P(detect) in one scan, mean over headings, by the radar's link budget: power, beams, noise, "
    "ground clutter where the ground is in sight, gas. Without diffraction, lobing and rain"
)
CAMERA_NOTE = "P(detect) when the camera looks there, in clear air, without limit of time"


def chance(site: Site, target: TargetModel, height: float) -> tuple[Heights, str]:
    """Say how probably a sensor detects a target on each cell of its window.

    Args:
        site: Where the sensor stands; its class is one of the library.
        target: Section, speed, fluctuation.
        height: Of the target above the ground [m].

    Returns:
        ``(n, n)`` probabilities, NaN unknown, and a sentence that says what they are.
    """
    if site.ask.sensor in CAMERAS:
        camera = camera_design(site.ask.sensor)
        # A camera sees a body and no point: what walks or drives stands on the ground.
        base = height if target.high > HIGHEST_ON_THE_GROUND else 0.0
        return camera_map(site.seen, camera, target.name, base=base).detect, CAMERA_NOTE
    return _radar(site, target, height), RADAR_NOTE


def _radar(site: Site, target: TargetModel, height: float) -> Heights:
    design, seen = radar_design(site.ask.sensor), site.seen
    window, ask = seen.window, site.ask
    air = site_atmosphere(ask.lat, ask.lon, window.ground, season=ask.season, k=ask.k)
    radar = stand(design, ask.lat, ask.lon, window.ground, air, mast=seen.mast)
    return radar_map(radar, seen, (Layer(target=target, height=height),)).pd[0]
