"""Terrains that a pencil can check, and one radar to look over them."""

import dataclasses
import math

import numpy as np
import pytest

from steppewatch.sense import post_radar, radar_design, stand

LAT, LON = math.radians(45.0), math.radians(105.0)


class Plain:
    """Ground of one height everywhere."""

    def __init__(self, height=0.0):
        self.height = height

    def heights(self, lat, lon):
        return np.full(np.broadcast(lat, lon).shape, self.height)


@pytest.fixture
def plain():
    return Plain


@pytest.fixture
def make_radar():
    def make(name="gap-filler", ground=0.0, **changes):
        design = dataclasses.replace(radar_design(name), **changes)
        radar = stand(design, LAT, LON, ground)
        return post_radar(radar, sensor_id="r1", name="R1", site="s1")

    return make
