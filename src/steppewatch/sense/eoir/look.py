"""One look of a camera: the chance to detect, recognise and identify an object's class.

The same function serves a single range, the range table and a map of a million cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from steppewatch.errors import SenseError
from steppewatch.sense.eoir.air import Weather, transmission, visible_contrast
from steppewatch.sense.eoir.camera import Band, CameraDesign
from steppewatch.sense.eoir.resolve import resolution
from steppewatch.sense.eoir.signature import Signature, signature
from steppewatch.sense.eoir.task import (
    CRITERIA,
    Criteria,
    Task,
    johnson_probability,
    ttp_probability,
)
from steppewatch.world.geodesy import Array

METHODS = ("ttp", "johnson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Hold what does not change over a map.

    Attributes:
        weather: The air and the hour.
        zoom: As in :meth:`CameraDesign.focal`.
        method: ``"ttp"`` or ``"johnson"``.
        criteria: What each task takes.
    """

    weather: Weather = field(default_factory=Weather)
    zoom: str | float = "narrow"
    method: str = "ttp"
    criteria: Mapping[Task, Criteria] = field(default_factory=lambda: CRITERIA)

    def __post_init__(self) -> None:
        """Refuse a method that there is not."""
        if self.method not in METHODS:
            raise SenseError(f"method is {self.method!r}, expected one of {', '.join(METHODS)}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraLook:
    """Hold the answer; every array has the shape of the query, NaN where the range is unknown.

    Attributes:
        contrast: Of the object at the camera, share of full contrast, 0…1.
        cycles: What is resolved across √area: cycles (Johnson) or V (TTP).
        detect: Probability that something is noticed, in the view, without limit of time.
        recognise: That it is told person, animal, vehicle or aircraft.
        identify: That its class is told; never who it is.
    """

    contrast: Array
    cycles: Array
    detect: Array
    recognise: Array
    identify: Array

    def of(self, task: Task) -> Array:
        """Give the probability of one task."""
        return {
            Task.DETECT: self.detect,
            Task.RECOGNISE: self.recognise,
            Task.IDENTIFY: self.identify,
        }[task]


def apparent_contrast(
    camera: CameraDesign, target: Signature, weather: Weather, slant_range: ArrayLike
) -> Array:
    """Give an object's contrast at the camera, 0…1, and 0 where a camera is blind by night."""
    distance = np.asarray(slant_range, float)
    if camera.band is Band.VISIBLE:
        if weather.night:
            return np.where(np.isnan(distance), np.nan, 0.0)
        return np.minimum(visible_contrast(target.contrast, weather, distance), 1.0)
    warmth = abs(target.warmth(night=weather.night)) * transmission(camera.band, weather, distance)
    return np.minimum(warmth / camera.scene_contrast, 1.0)


def camera_look(
    camera: CameraDesign,
    slant_range: ArrayLike,
    target: Signature | str = "walker",
    conditions: Conditions | None = None,
    *,
    depression: ArrayLike = 0.0,
    shown: ArrayLike = 1.0,
) -> CameraLook:
    """Look at an object that stands in the view of a camera.

    Args:
        camera: The camera.
        slant_range: Distance to the object [m], any shape; nearer than ``min_range`` or beyond
            ``max_range`` nothing is seen.
        target: A class of :data:`SIGNATURES`, or one's own.
        conditions: Weather, zoom and method; clear air by day when not given.
        depression: Angle below the horizontal at which the object is seen [rad], broadcast.
        shown: Share of the object that the ground does not hide, 0…1, broadcast.

    Returns:
        Probabilities given line of sight: what terrain hides is the caller's to say, by ``shown``.
    """
    conditions = Conditions() if conditions is None else conditions
    target = signature(target) if isinstance(target, str) else target
    shape = np.broadcast_shapes(np.shape(slant_range), np.shape(depression), np.shape(shown))
    distance = np.broadcast_to(np.asarray(slant_range, float), shape)
    contrast = apparent_contrast(camera, target, conditions.weather, distance)
    table = resolution(camera, conditions.zoom, conditions.weather.cn2)
    johnson = conditions.method == "johnson"
    resolved = table.at(table.limit if johnson else table.metric, contrast, distance)
    with np.errstate(divide="ignore", invalid="ignore"):
        across = resolved * np.sqrt(target.area(depression) * np.asarray(shown)) / distance
    blind = (distance < camera.min_range) | (distance > camera.max_range) | (contrast <= 0.0)
    across = np.where(blind, 0.0, across)
    chances = {
        task: (
            johnson_probability(across, needed.cycles)
            if johnson
            else ttp_probability(across, needed.v50)
        )
        for task, needed in conditions.criteria.items()
    }
    return CameraLook(
        contrast=contrast,
        cycles=across,
        detect=chances[Task.DETECT],
        recognise=chances[Task.RECOGNISE],
        identify=chances[Task.IDENTIFY],
    )


def range_of(
    camera: CameraDesign,
    target: Signature | str,
    task: Task,
    probability: float = 0.5,
    conditions: Conditions | None = None,
) -> float:
    """Find the range at which a task succeeds with a probability [m].

    Returns:
        The farthest such range up to ``max_range``; 0 when it never succeeds so often.
    """
    if not 0.0 < probability < 1.0:
        raise SenseError(f"probability is {probability:g}, expected above 0 and below 1")
    near = max(camera.min_range, 1.0)
    ranges = np.geomspace(near, camera.max_range, 4000)
    chance = camera_look(camera, ranges, target, conditions).of(task)
    enough = np.nonzero(chance >= probability)[0]
    return float(ranges[enough[-1]]) if enough.size else 0.0
