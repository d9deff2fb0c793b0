"""What terrain hides: from how high above the ground each place can be seen."""

from steppewatch.sense.viewshed.height import Viewshed, visible_height
from steppewatch.sense.viewshed.window import Window, averaged_window, plane_window, site_window

__all__ = [
    "Viewshed",
    "Window",
    "averaged_window",
    "plane_window",
    "site_window",
    "visible_height",
]
