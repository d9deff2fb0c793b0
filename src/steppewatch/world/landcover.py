"""What covers the ground, as far as sensors care."""

from enum import IntEnum


class LandCover(IntEnum):
    """Name the classes of ground; steppe stands where nobody knows better."""

    STEPPE = 0
    DESERT = 1
    GRASS = 2
    SHRUB = 3
    FARM = 4
    FOREST = 5
    MOUNTAIN = 6
    URBAN = 7
    WATER = 8
    SNOW = 9
