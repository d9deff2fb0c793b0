"""What a release is decided from: agreements, labels, partners, emergencies, at one position.

A :class:`Situation` never changes. Whenever the ledger does, a new one is made, and everything
that was worked out under the old one is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from steppewatch.custody.agreement.model import Agreement
from steppewatch.custody.label.label import Label
from steppewatch.custody.policy.decide import Rules
from steppewatch.custody.policy.question import Known, OrgFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Name one receiver.

    Attributes:
        name: The operator's name for the link.
        org: Organisation that receives, as the ledger knows it.
        purpose: For which it receives.
        stopped: Why it gets nothing at all now (its key is revoked, it is barred); ``""``: it may.
    """

    name: str
    org: OrgFacts
    purpose: str
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Hold a declared danger to life: it ends by itself.

    Attributes:
        id: Hex of the act's leaf hash.
        to: Organisations that are helped.
        areas: Where; nothing elsewhere is released by it.
        from_ns: Since when [ns UTC].
        until_ns: Until when; the agreement's longest emergency bounds it.
    """

    id: str
    to: frozenset[str]
    areas: frozenset[str]
    from_ns: int
    until_ns: int

    def helps(self, org: str, areas: frozenset[str], now_ns: int) -> bool:
        """Tell whether it opens emergency rules for this receiver, place and moment."""
        return (
            org in self.to and bool(self.areas & areas) and self.from_ns <= now_ns < self.until_ns
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Hold all that decides, as of one position of the ledger.

    Attributes:
        version: Statements in the ledger.
        agreements: In force or surviving, by id.
        rules: The same, compiled.
        known: Organisations and agreements for the policy engine's closed store.
        labels: Source (sensor, partner's system) → label; a source that is not here has none.
        partners: By name.
        emergencies: Declared and not reviewed away.
        turn: Counts what time changed without any statement, such as an agreement's end.
    """

    version: int
    agreements: Mapping[str, Agreement]
    rules: Rules
    known: Known
    labels: Mapping[str, Label]
    partners: Mapping[str, Partner]
    emergencies: tuple[Emergency, ...] = field(default=())
    turn: int = 0
