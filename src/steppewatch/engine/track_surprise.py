"""Innovations of a whole run: listen to each step and sum up what the plots said."""

import math

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.track_run import Moment
from steppewatch.fuse import TrackerSettings, innovations
from steppewatch.fuse.score import Consistency, consistency
from steppewatch.records import DetectionBatch


class Surprise:
    """Listen to a run and keep how its plots lay about their predictions.

    Args:
        settings: With which the run is made.

    Attributes:
        evidence: ln of how much likelier all plots are by the tracks than by chance.
        missed: Looks that found nothing of a confirmed track.
    """

    def __init__(self, settings: TrackerSettings) -> None:
        self._settings = settings
        self._squared: list[NDArray[np.float64]] = []
        self._components: list[NDArray[np.int64]] = []
        self.evidence = 0.0
        self.missed = 0

    def listen(self, moment: Moment) -> None:
        """Take one step of the run."""
        radars = {m.sensor for m in moment.messages if isinstance(m, DetectionBatch)}
        found = innovations(moment.before, moment.after, self._settings, radars)
        self._squared.append(found.squared)
        self._components.append(found.components)
        self.evidence += found.evidence
        self.missed += found.missed

    def mean(self) -> float:
        """Give the mean NIS per component; NaN without any."""
        parts = sum(int(c.sum()) for c in self._components)
        return sum(float(s.sum()) for s in self._squared) / parts if parts else math.nan

    def usual(self) -> tuple[NDArray[np.float64], int] | None:
        """Give the NIS with the commonest number of components, and that number."""
        squared = np.concatenate([np.zeros(0), *self._squared])
        components = np.concatenate([np.zeros(0, np.int64), *self._components])
        if not len(components):
            return None
        most = int(np.bincount(components).argmax())
        return (squared[components == most], most) if most else None

    def consistency(self) -> Consistency | None:
        """Sum up the NIS with the commonest number of components."""
        usual = self.usual()
        return None if usual is None else consistency(*usual)

    def timeline(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Give for each step the sum of the NIS, of their components, and their number."""
        return (
            np.array([float(s.sum()) for s in self._squared]),
            np.array([int(c.sum()) for c in self._components], np.int64),
            np.array([len(s) for s in self._squared], np.int64),
        )
