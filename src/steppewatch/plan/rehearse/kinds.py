"""The kinds of movers that a scenario may name, and how each of them behaves by default."""

from dataclasses import dataclass

from steppewatch.records import TargetClass
from steppewatch.sense import target_model


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Describe one kind of mover.

    Attributes:
        speed: Usual speed [m/s].
        variation: How far speed swings about its mean, as a share of it.
        model: Its class for radars, which has the sections.
        above_ground: Usual height of its middle above ground [m].
        turn: Radius with which it rounds a corner [m].
        step: Spacing of the nodes of its path [m].
        smooth: Length over which its height follows the ground [m]; 0 on the ground.
        level: True when it flies at a height above sea level, whatever the ground does.
        transponder: True when it answers secondary radar.
    """

    speed: float
    variation: float
    model: str
    above_ground: float
    turn: float
    step: float
    smooth: float = 0.0
    level: bool = False
    transponder: bool = False

    @property
    def target(self) -> TargetClass:
        """Give its class in tracks and scores."""
        return target_model(self.model).target


KINDS: dict[str, Kind] = {
    "walker": Kind(
        speed=1.3,
        variation=0.2,
        model="walker",
        above_ground=1.0,
        turn=15.0,
        step=25.0,
    ),
    "rider": Kind(
        speed=2.8,
        variation=0.25,
        model="rider",
        above_ground=1.5,
        turn=25.0,
        step=25.0,
    ),
    "vehicle": Kind(
        speed=11.0,
        variation=0.2,
        model="4x4",
        above_ground=1.5,
        turn=60.0,
        step=40.0,
    ),
    "light-aircraft": Kind(
        speed=50.0,
        variation=0.04,
        model="light-aircraft",
        above_ground=300.0,
        turn=900.0,
        step=200.0,
        smooth=5_000.0,
    ),
    "airliner": Kind(
        speed=235.0,
        variation=0.01,
        model="airliner",
        above_ground=10_400.0,
        turn=12_000.0,
        step=2_000.0,
        level=True,
        transponder=True,
    ),
    "jet": Kind(
        speed=210.0,
        variation=0.03,
        model="jet",
        above_ground=6_000.0,
        turn=6_000.0,
        step=1_000.0,
        level=True,
    ),
    "helicopter": Kind(
        speed=55.0,
        variation=0.06,
        model="helicopter",
        above_ground=150.0,
        turn=500.0,
        step=150.0,
        smooth=2_500.0,
    ),
    "small-drone": Kind(
        speed=14.0,
        variation=0.1,
        model="small-drone",
        above_ground=100.0,
        turn=60.0,
        step=50.0,
        smooth=400.0,
    ),
    "bird": Kind(
        speed=14.0,
        variation=0.15,
        model="bird",
        above_ground=120.0,
        turn=80.0,
        step=80.0,
        smooth=800.0,
    ),
}
