"""The ground's own echo at a site: clutter to noise over land, beam and range."""

import numpy as np

from steppewatch.sense.radar.design import Beam, RadarDesign
from steppewatch.sense.radar.detection import Array
from steppewatch.sense.radar.path import Path

DEFAULT_LAND = 0
LANDS = 1


def clutter_table(design: RadarDesign, beams: Array, path: Path, mast: float) -> Array:
    """Tabulate clutter to noise before the filter [dB]: ``(lands, beams, ranges)``."""
    del design, mast
    return np.full((LANDS, len(beams), len(path.ranges)), -300.0)


def improvement_db(design: RadarDesign, beam: Beam) -> float:
    """Give how much a beam's filter improves signal against clutter [dB]."""
    return design.stability_db if design.cancels(beam) else 0.0
