"""What a sensor would see: detection probability, measurement error, field of view."""

from steppewatch.sense.radar.design import RadarDesign
from steppewatch.sense.radar.emplaced import EmplacedRadar, stand
from steppewatch.sense.radar.library import RADARS, load_design, radar_design
from steppewatch.sense.radar.look import Look, look
from steppewatch.sense.radar.simulate import RadarPost, beam_times, detect, post_radar
from steppewatch.sense.sight import Horizon, Terrain
from steppewatch.sense.targets import TARGETS, TargetModel, Targets, target_model

__all__ = [
    "RADARS",
    "TARGETS",
    "EmplacedRadar",
    "Horizon",
    "Look",
    "RadarDesign",
    "RadarPost",
    "TargetModel",
    "Targets",
    "Terrain",
    "beam_times",
    "detect",
    "load_design",
    "look",
    "post_radar",
    "radar_design",
    "stand",
    "target_model",
]
