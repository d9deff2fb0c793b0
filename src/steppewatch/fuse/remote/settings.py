"""What the joint picture may be told."""

import math
from dataclasses import dataclass

from steppewatch.errors import FuseError
from steppewatch.records import record

MOST_PARTNERS = 31  # with the own tracker one bit each, in a column of the picture


@record("joint_partner")
@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Name a tracker whose tracks are joined with ours.

    Attributes:
        name: As people and other nodes call it; a Steppewatch node by its own name.
        feed: ``Origin.feed`` of its batches: ``"asterix"``, ``"partner"`` for another node.
        sensor: ``Origin.sensor`` of its batches.
    """

    name: str
    feed: str
    sensor: str


@record("joint_settings")
@dataclass(frozen=True, slots=True, kw_only=True)
class JointSettings:
    """Tune how tracks of several trackers become one picture.

    Attributes:
        node: Name of the own tracker, by which its partners know it.
        own_feed: Feed of the own tracker's tracks.
        partners: The trackers that are joined, nobody else; with none named every other one is.
        drift: Acceleration density by which tracks are brought to one moment [m²/s³].
        gate: Squared distance in six dimensions below which two tracks agree (χ², 99.9 %).
        split: Squared distance above which members of one track disagree.
        agreements: Agreements, a second apart at least, that make two tracks one.
        disagreements: Disagreements in a row that part them again.
        patience: A partner's new track with a rival is held back so long at most [s].
        stale: A member not heard of for longer is no longer fused [s].
        lapse: A track of which nobody was heard for longer has ended [s].
        memory: How long the id of a member that is gone is remembered [s].
    """

    node: str = "own"
    own_feed: str = "fuse"
    partners: tuple[Partner, ...] = ()
    drift: float = 4.0
    gate: float = 22.46
    split: float = 60.0
    agreements: int = 3
    disagreements: int = 4
    patience: float = 30.0
    stale: float = 20.0
    lapse: float = 60.0
    memory: float = 14_400.0

    def __post_init__(self) -> None:
        """Refuse what no picture could be made with."""
        if not self.node:
            raise FuseError("node is empty, expected the name by which partners know this node")
        for name in ("drift", "gate", "patience", "stale", "lapse", "memory"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise FuseError(f"{name} is {value}, expected a number above 0: correct it")
        if not self.gate < self.split:
            raise FuseError(f"split is {self.split}, expected more than gate ({self.gate})")
        names = [self.node, *(partner.name for partner in self.partners)]
        if len(set(names)) < len(names) or not all(names):
            raise FuseError(f"trackers are named {names}, expected a name of its own for each")
        if len(names) > MOST_PARTNERS + 1:
            raise FuseError(f"{len(names) - 1} partners, expected {MOST_PARTNERS} at most")
        if self.agreements < 1 or self.disagreements < 1:
            raise FuseError("agreements and disagreements: expected 1 at least")
