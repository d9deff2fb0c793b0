"""A specimen agreement with every clause of the library, for proofs of the library itself.

Fictional. Used where no agreement is at hand: in tests, benches and examples.
"""

from typing import Any

from steppewatch.custody.agreement.model import (
    Agreement,
    Arrangement,
    Clause,
    Deadlines,
    Interval,
    Lot,
    Organisation,
    Project,
    ReleaseRule,
)
from steppewatch.custody.policy.library import clauses

_GIVEN: dict[str, dict[str, Any]] = {
    "destination.listed": {"nations": ["XX", "YY"]},
    "charter.listed": {"never": ["attack"]},
    "classified.equivalent": {"role": "technical"},
    "temporary.return": {"days": 365},
    "release.parties": {"nations": ["ZZ"]},
    "emergency.classes": {"kinds": ["track", "alert"]},
}
_ENDS = {"approval.listed", "own.nation"}


def specimen(name: str = "aa-bb", variant: str = "consent") -> Agreement:
    """Give an agreement from nation AA to nation BB with each rule of the library.

    Args:
        name: Its id.
        variant: ``"consent"`` or ``"flat"`` where the library has both.
    """
    other = "flat" if variant == "consent" else "consent"
    kept = [
        key
        for key in clauses()
        if key.split(".")[0] != "own"
        and not (key.endswith(f".{other}") and f"{key.split('.')[0]}.{variant}" in clauses())
    ]
    return _agreement(
        name, "AA", "BB", [_clause(number, key) for number, key in enumerate(kept, 1)]
    )


def own(name: str = "bb-own") -> Agreement:
    """Give nation BB's own rules for its own things and data."""
    return _agreement(name, "BB", "BB", [_clause(1, "own.nation"), _clause(2, "inventory.due")])


def _clause(number: int, key: str) -> Clause:
    rule, variant = key.split(".")
    return Clause(
        id=str(number),
        rule=rule,
        variant=variant,
        source=f"Art {number}",
        survives=key not in _ENDS,
        given=_GIVEN.get(key, {}),
    )


def _agreement(name: str, origin: str, recipient: str, every: list[Clause]) -> Agreement:
    return Agreement(
        id=name,
        title=f"Specimen {name}",
        origin=origin,
        recipient=recipient,
        source="fictional",
        interval=Interval(),
        organisations=(
            Organisation(id="aa-mod", title="AA defence", nation="AA"),
            Organisation(id="bb-mod", title="BB defence", nation="BB"),
            Organisation(id="bb-guard", title="BB border guard", nation="BB", part_of="bb-mod"),
            Organisation(id="bb-works", title="BB works", nation="BB", kind="contractor"),
        ),
        projects=(
            Project(id="p1", title="Watch", purposes=("border", "training"), confirmed_ns=0),
        ),
        arrangements=(
            Arrangement(
                id=f"{name}-a1",
                project="p1",
                giver="aa-mod",
                holder="bb-guard",
                purposes=("border", "training"),
                named=("bb-works",),
                lots=(Lot(maker="M", part="R1", title="radar", quantity=4),),
            ),
        ),
        clauses=tuple(every),
        releases=(
            ReleaseRule(
                id="tracks",
                to=("aa-mod", "cc-mod"),
                purposes=("border", "search"),
                targets=("person", "vehicle"),
                areas=("north", "south"),
                level_max=1,
                precision_m=100,
                delay_s=30,
                keep_s=3600,
                caveats=("eyes",),
                source="Annex 1",
            ),
            ReleaseRule(
                id="life",
                to=("aa-mod", "zz-rescue"),
                purposes=("search",),
                kinds=("track", "alert"),
                level_max=1,
                emergency=True,
                source="Annex 2",
            ),
        ),
        areas=(),
        needed={},
        deadlines=Deadlines(),
        text="",
    )
