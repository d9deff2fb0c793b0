"""Seeded scenes for trackers: what sensors said, when it arrived, and what was true."""

from benchmarks.scenarios.scene import CLASSES, Scene

__all__ = ["CLASSES", "Scene"]
