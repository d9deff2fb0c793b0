"""One question to the rules, as plain records: who would do what, with what, under which terms.

The words are those of ``custody/data/schema.cedarschema``. An item or datum is bound by ``terms``;
``decide`` asks once under each of them and allows only what every one allows. Whatever is named by
id (organisation, agreement) stands in ``known``: a name that does not is a denial and an alarm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ITEM_ACTIONS: Final = (
    "transfer",
    "lend",
    "use",
    "task",
    "recover",
    "store",
    "inspect",
    "access",
    "train",
    "dispose",
    "fit",
)
RELEASE: Final = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgFacts:
    """Say what counts of an organisation.

    Attributes:
        id: Its short name.
        nation: ISO 3166 code or ``"INT"``.
        kind: ``"government"``, ``"contractor"`` or ``"international"``.
        part_of: Id of the body that it belongs to; ``""`` for none.
        barred: Its screening is not clear, its key is revoked, or it was shut out.
    """

    id: str
    nation: str
    kind: str = "government"
    part_of: str = ""
    barred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """Say what counts of a person: id, organisation, nation, roles, clearance 0 … 3."""

    id: str
    org: str
    nation: str
    roles: frozenset[str] = frozenset()
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFacts:
    """Say who gives and who receives (nations), and whether the agreement has ended."""

    id: str
    origin: str
    recipient: str
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangementFacts:
    """Say what counts of a detailed arrangement.

    Attributes:
        id: Short name.
        agreement: Agreement that it belongs to.
        holder: Organisation that receives.
        purposes: For which its items may be used.
        named: Organisations expressly allowed to have possession.
        confirmed: Its project was confirmed through the diplomatic channel.
        in_force: The moment of the question lies in its interval.
    """

    id: str
    agreement: str
    holder: str
    purposes: frozenset[str]
    named: frozenset[str] = frozenset()
    confirmed: bool = True
    in_force: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """Say whose a storage site is, where, and until when the origin certified it [ns UTC]."""

    id: str
    org: str
    nation: str
    certified_until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """Say what counts of an item.

    Attributes:
        id: ``"maker/part/serial"``.
        terms: Agreements that bind it.
        arrangements: By agreement: the arrangement under which it was handed over.
        holder: Organisation that has custody.
        state: ``"held"``, ``"offered"``, ``"lost"``, ``"disposed"``…
        suspended: Misuse is suspected and nobody has cleared it.
        inventory_due: When it must be sighted next [ns UTC].
        level: Classification 0 … 3.
    """

    id: str
    terms: frozenset[str]
    holder: str
    arrangements: Mapping[str, ArrangementFacts] = field(
        default_factory=dict[str, ArrangementFacts]
    )
    state: str = "held"
    suspended: bool = False
    inventory_due: int = 0
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """Say what counts of a track, image, alert or export.

    Attributes:
        id: Name for people.
        terms: Agreements that bind it.
        originators: Organisations whose sensors or persons made it.
        releasable: Organisations to which its label lets it go.
        purposes: For which its label lets it be used.
        kind: ``"track"``, ``"image"``, ``"alert"``, ``"export"``.
        target: ``records.TargetClass`` in small letters.
        areas: Areas of the agreements in which it lies.
        within: Areas in which its label lets it be shown; None for anywhere.
        level: Classification 0 … 3.
        precision_m: As it would be sent [m].
        finest_m: Its label lets nothing finer go [m].
        age_s: As it would be sent [s].
        youngest_s, oldest_s: Ages between which its label lets it go [s].
        projects: Confirmed projects that it belongs to.
        caveats: Warnings that a rule must name.
        suspended: Its source is suspended.
    """

    id: str
    terms: frozenset[str]
    originators: frozenset[str] = frozenset()
    releasable: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    kind: str = "track"
    target: str = "unknown"
    areas: frozenset[str] = frozenset()
    within: frozenset[str] | None = None
    level: int = 0
    precision_m: int = 0
    finest_m: int = 0
    age_s: int = 0
    youngest_s: int = 0
    oldest_s: int = (1 << 31) - 1
    projects: frozenset[str] = frozenset()
    caveats: frozenset[str] = frozenset()
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """Say what counts of a consent, as the ledger has it (never as somebody typed it).

    Attributes:
        covers: The item, the site and this way of acting are named in it.
        by_origin: A person of the agreement's origin is among its signers.
        signers: Distinct persons who signed: the proposer and the approvers.
        organisations: Distinct organisations of theirs.
        own: Who acts now is among the signers.
        recipient: Organisation for which it was given.
        purpose: For which it was given.
        left: Quantity not yet used up.
        from_ns, until_ns: When it holds.
        witnessed: Witnesses co-signed the ledger with it, before this act.
        revoked: It was taken back.
        assured: The recipient gave its own end-use assurance.
    """

    covers: bool
    by_origin: bool
    recipient: str
    purpose: str
    left: int
    from_ns: int
    until_ns: int
    signers: int = 0
    organisations: int = 0
    own: bool = False
    witnessed: bool = False
    revoked: bool = False
    assured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Hold what a question may name by id.

    Attributes:
        orgs: Organisations by id.
        agreements: Agreements by id, ended ones too.
        barred: Nations with which nothing is dealt.
    """

    orgs: Mapping[str, OrgFacts]
    agreements: Mapping[str, AgreementFacts]
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Ask whether somebody may do something.

    Attributes:
        action: One of ``ITEM_ACTIONS``, or ``"release"``.
        principal: Person who acts; for a release the partner organisation.
        resource: Item; for a release the datum.
        known: Organisations and agreements that are named.
        now_ns: Moment [ns UTC].
        purpose: What for.
        recipient: Organisation that gets an item; ``""`` for the item's holder.
        destination: Nation to which it goes; ``""`` for the recipient's.
        site: Where it is to be stored.
        quantity: How many.
        lot_left: How many of the kind the arrangement still allows.
        consents: By agreement: the consent that the actor relies on.
        return_by_ns: End of a loan; 0 for none.
        emergency: A declared emergency (life at risk) covers this release.
    """

    action: str
    principal: PersonFacts | OrgFacts
    resource: ItemFacts | DataFacts
    known: Known
    now_ns: int
    purpose: str = ""
    recipient: str = ""
    destination: str = ""
    site: SiteFacts | None = None
    quantity: int = 1
    lot_left: int = 0
    consents: Mapping[str, ConsentFacts] = field(default_factory=dict[str, ConsentFacts])
    return_by_ns: int = 0
    emergency: bool = False
