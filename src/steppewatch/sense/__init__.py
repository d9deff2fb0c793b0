"""What a sensor would see: detection probability, measurement error, field of view."""

from steppewatch.sense.presets import PRESETS, Preset, preset, radar_model
from steppewatch.sense.radar.simulate import RadarModel, beam_times, detect, detection_probability
from steppewatch.sense.sight import Horizon, Terrain
from steppewatch.sense.targets import TYPICAL_RCS, Targets

__all__ = [
    "PRESETS",
    "TYPICAL_RCS",
    "Horizon",
    "Preset",
    "RadarModel",
    "Targets",
    "Terrain",
    "beam_times",
    "detect",
    "detection_probability",
    "preset",
    "radar_model",
]
