"""Radio links between sites: would they hear each other, and how safely."""

from steppewatch.sense.radio.budget import link_budget
from steppewatch.sense.radio.link import Link, link
from steppewatch.sense.radio.station import Radio, Station

__all__ = ["Link", "Radio", "Station", "link", "link_budget"]
