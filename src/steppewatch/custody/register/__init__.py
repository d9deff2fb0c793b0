"""The register: the ledger folded into who holds what, by whose consent, until when."""

from steppewatch.custody.register.clocks import clocks
from steppewatch.custody.register.facts import labels_of, question, situation
from steppewatch.custody.register.records import (
    Clock,
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
from steppewatch.custody.register.register import Register

__all__ = [
    "Clock",
    "Consent",
    "Emergency",
    "Inspection",
    "Item",
    "Notice",
    "Offer",
    "Person",
    "Proposal",
    "Register",
    "Site",
    "clocks",
    "labels_of",
    "question",
    "situation",
]
