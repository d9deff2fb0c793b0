"""What a site's place does to its coverage: the bending of rays there."""

from steppewatch.sense.eoir.cover import OPTICAL_K
from steppewatch.web.coverage.ask import Ask
from steppewatch.world.atmosphere import site_atmosphere


def refraction(ask: Ask, ground: float) -> tuple[float, str]:
    """Give the effective-earth factor, and where it comes from.

    Args:
        ask: May name a factor.
        ground: Height of the site [m].

    Raises:
        WorldError: No air of this earth is so.
    """
    if ask.k is not None:
        return ask.k, "as asked"
    if ask.optical:
        return OPTICAL_K, "light bends with a seventh of the earth's curvature"
    air = site_atmosphere(ask.lat, ask.lon, ground, season=ask.season)
    return air.k, f"{air.label.partition(';')[0]}, N {air.refractivity:.0f}"
