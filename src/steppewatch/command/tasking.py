"""May this asset be tasked now? One predicate, asked on every path that tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Say whether an asset can be tasked, and why or why not."""

    can: bool
    reasons: tuple[str, ...]


class Half(Protocol):
    """Vouch for one side of an asset: custody (authorised), sustain (ready, crew current)."""

    @property
    def name(self) -> str:
        """Name the room that vouches."""
        ...

    def standing(self, asset: str, purpose: str, by: str, now_ns: int) -> Standing:
        """Say whether the asset may be tasked for a purpose, by a person, at a moment."""
        ...


def taskable(asset: str, purpose: str, by: str, now_ns: int, halves: Sequence[Half]) -> Standing:
    """Say whether an asset can be tasked: all halves must vouch, and one at least must be there.

    Args:
        asset: Its id (for an item under an agreement ``maker/part/serial``).
        purpose: What for; ``"recover"`` brings it home.
        by: Id of the person who decides.
        now_ns: The moment [ns UTC].
        halves: Who vouches; an error of one is a denial.

    >>> taskable("EX/UAV/1", "training", "bat", 0, []).can
    False
    """
    if not halves:
        return Standing(can=False, reasons=("nobody vouches for it",))
    can, reasons = True, []
    for half in halves:
        try:
            one = half.standing(asset, purpose, by, now_ns)
        except Exception as error:  # noqa: BLE001 (whatever fails must deny, not escape)
            one = Standing(can=False, reasons=(f"could not be decided ({error})",))
        can = can and one.can
        reasons += [f"{half.name}: {reason}" for reason in one.reasons]
    return Standing(can=can, reasons=tuple(reasons))
