"""Fold the ledger: judge an act by what came before it, then let it take effect.

``refusal`` changes nothing and says why an act would be refused; ``take`` lets it take effect.
Both look only at the statements before: the same ledger gives the same register everywhere. What
the agreement's rules say (:func:`steppewatch.custody.register.facts.question`) is asked by the
office between the two.
"""

from collections.abc import Mapping
from typing import Any

from steppewatch.custody.acts import Act
from steppewatch.custody.agreement import Agreement, Organisation
from steppewatch.custody.case import CaseBoard
from steppewatch.custody.ledger import PublicKey, Statement, signed_by
from steppewatch.custody.register import items, people, sharing
from steppewatch.custody.register.judging import Effect, Judge
from steppewatch.custody.register.people import read_key
from steppewatch.custody.register.records import (
    Consent,
    Emergency,
    Inspection,
    Item,
    Notice,
    Offer,
    Person,
    Proposal,
    Site,
)
from steppewatch.custody.register.shape import shape
from steppewatch.errors import CustodyError

BY_LOG = frozenset({"genesis", "witnessed", "refused", "journal", "deeds"})
LATE = frozenset({"sighted", "report"})  # captured offline, signed there, brought in later
SECOND = 1_000_000_000


class Register:
    """Hold what the ledger says as of its last statement."""

    def __init__(self) -> None:
        self.log = self.nation = ""
        self.log_key: PublicKey | None = None
        self.witnesses: dict[str, dict[str, Any]] = {}
        self.quorum = 0
        self.slack_ns = 300 * SECOND
        self.size = 0
        self.now_ns = 0
        self.persons: dict[str, Person] = {}
        self.keys: dict[bytes, tuple[PublicKey, str]] = {}
        self.revoked: dict[bytes, int] = {}
        self.organisations: dict[str, Organisation] = {}
        self.barred: set[str] = set()
        self.agreements: dict[str, Agreement] = {}
        self.ended: dict[str, int] = {}
        self.narrowed: dict[str, frozenset[str]] = {}
        self.items: dict[str, Item] = {}
        self.sites: dict[str, Site] = {}
        self.consents: dict[str, Consent] = {}
        self.proposals: dict[bytes, Proposal] = {}
        self.offers: dict[bytes, Offer] = {}
        self.inspections: dict[bytes, Inspection] = {}
        self.emergencies: dict[bytes, Emergency] = {}
        self.notices: list[Notice] = []
        self.witnessed: dict[str, Any] = {"size": 0, "at_ns": 0, "by": []}
        self.refusals: list[dict[str, Any]] = []
        self.journals = 0
        self.deeds = 0
        self.leaves: set[bytes] = set()
        self.cases = CaseBoard()

    def refusal(self, statement: Statement, *, signature: bool = True) -> str | None:
        """Say why a statement would be refused at this place, and change nothing.

        Args:
            statement: As it came.
            signature: Check it too; False for what was checked before (a stored ledger).
        """
        act = statement.act
        if statement.leaf in self.leaves:
            return "this very statement stands in the ledger already"
        if self.size == 0:
            return _beginning(statement)
        if act.kind == "genesis":
            return "a ledger has one genesis"
        wrong = self._signer(statement, signature=signature) or self._dated(act)
        if wrong:
            return wrong
        if act.kind in BY_LOG:
            return people.judge_log(self, act)
        person = self.persons.get(act.by)
        if person is None:
            return f"{act.by!r} is nobody that this ledger knows"
        if act.kind.startswith("case."):
            return self.cases.refusal(act, person)
        if act.kind not in ACTS:
            return f"{act.kind!r} is no kind of act; docs/custody-acts.md lists them"
        return shape(act) or ACTS[act.kind][0](self, act, person)

    def take(self, statement: Statement) -> None:
        """Let a statement that is not refused take effect at the next position."""
        position, act = self.size, statement.act
        self.now_ns = max(self.now_ns, act.at_ns)
        if act.kind == "genesis":
            people.begin(self, act)
        elif act.kind in BY_LOG:
            people.take_log(self, position, act)
        elif act.kind.startswith("case."):
            self.cases.take(position, statement.leaf, act, self.persons[act.by])
        else:
            ACTS[act.kind][1](self, position, statement.leaf, act, self.persons[act.by])
        self.leaves.add(statement.leaf)
        self.size += 1

    def agreement_of(self, item: Item) -> Agreement:
        """Give the agreement under which an item came."""
        return self.agreements[item.agreement]

    def tell(self, position: int, to: tuple[str, ...], kind: str, text: str) -> None:
        """Add a notice: whoever holds a copy of the ledger has it."""
        self.notices.append(
            Notice(position=position, at_ns=self.now_ns, to=to, kind=kind, text=text)
        )

    def told(self, position: int, uid: str, kind: str, text: str) -> None:
        """Add a line to an item's history."""
        self.items[uid].history.append((position, kind, text))

    def _signer(self, statement: Statement, *, signature: bool) -> str | None:
        kid, act = statement.kid, statement.act
        found = self.keys.get(kid)
        if found is None:
            return f"its key {kid.hex()[:16]}… is nobody's here"
        key, whose = found
        if kid in self.revoked:
            return f"its key was revoked at position {self.revoked[kid]}"
        if (whose == "") != (act.kind in BY_LOG) or (whose and whose != act.by):
            return f"the key of {whose or 'the log'!r} cannot sign {act.kind!r} by {act.by!r}"
        if signature and not signed_by(statement, key):
            return "its signature is forged or the statement was changed"
        return None

    def _dated(self, act: Act) -> str | None:
        if act.at_ns < self.witnessed["at_ns"] - self.slack_ns and act.kind not in LATE:
            return "it is dated before what witnesses confirmed: only the ledger's order counts"
        return None


def _beginning(statement: Statement) -> str | None:
    act = statement.act
    if act.kind != "genesis":
        return f"a ledger begins with its genesis, not with {act.kind!r}"
    try:
        key = read_key(act.body["log_key"])
        people.begin(Register(), act)
    except (KeyError, TypeError, AttributeError, ValueError, CustodyError) as error:
        return f"its genesis lacks or mistypes {error}"
    if key.kid != statement.kid or not signed_by(statement, key):
        return "its genesis is not signed by the log's key that it names"
    return None


ACTS: Mapping[str, tuple[Judge, Effect]] = {**people.ACTS, **items.ACTS, **sharing.ACTS}
