"""Plans on the map: drag a site, see what the border gains or loses, compare, go back."""

from steppewatch.web.plan.scene import Scene, read_scenes
from steppewatch.web.plan.serve import Plans

__all__ = ["Plans", "Scene", "read_scenes"]
