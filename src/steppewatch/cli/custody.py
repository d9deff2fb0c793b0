"""``steppewatch custody``: who holds what, who may see what, by whose consent, provably."""

import click

from steppewatch.cli.lazy import LazyGroup

VERBS: dict[str, tuple[str, str, str]] = {
    "demo": (
        "steppewatch.cli.custody_office",
        "demo",
        "Make a worked ledger, to learn and to show.",
    ),
    "init": (
        "steppewatch.cli.custody_office",
        "init",
        "Begin a ledger: first persons, witnesses, keys.",
    ),
    "show": (
        "steppewatch.cli.custody_show",
        "show",
        "What is due; items, consents, proposals, notices.",
    ),
    "act": ("steppewatch.cli.custody_office", "act", "Sign an act and submit it."),
    "submit": ("steppewatch.cli.custody_office", "submit", "Submit acts signed elsewhere."),
    "taskable": ("steppewatch.cli.custody_show", "taskable", "May this item be tasked now?"),
    "report": (
        "steppewatch.cli.custody_show",
        "report",
        "Yearly reports of the ledger alone.",
    ),
    "labels": ("steppewatch.cli.custody_show", "labels", "QR labels of items, to print."),
    "release": (
        "steppewatch.cli.custody_release",
        "release",
        "What was released or withheld, and why.",
    ),
    "prove": (
        "steppewatch.cli.custody_prove",
        "prove",
        "Prove what an agreement can never allow.",
    ),
    "clauses": (
        "steppewatch.cli.custody_clauses",
        "clauses",
        "List the clause library; an agreement in Cedar's words.",
    ),
    "export": (
        "steppewatch.cli.custody_verify",
        "export",
        "Write the ledger to one file that a stranger can check.",
    ),
    "verify": (
        "steppewatch.cli.custody_verify",
        "verify",
        "Check a whole ledger from public keys alone.",
    ),
    "verifier": (
        "steppewatch.cli.custody_verify",
        "verifier",
        "Hand out the verifier as one file.",
    ),
    "audit": (
        "steppewatch.cli.custody_show",
        "audit",
        "Decide every act of the ledger again.",
    ),
    "receipt": (
        "steppewatch.cli.custody_receipt",
        "receipt",
        "Prove that one statement is in the ledger.",
    ),
    "witness": (
        "steppewatch.cli.custody_witness",
        "witness",
        "Confirm a ledger's checkpoints from another state.",
    ),
    "serve": (
        "steppewatch.cli.custody_serve",
        "serve",
        "Show the custody pages of one ledger, and take signed acts.",
    ),
    "key": ("steppewatch.cli.custody_keys", "key", "Make signing keys, show their public halves."),
}


@click.group(cls=LazyGroup, table=VERBS)
def custody() -> None:
    """Hold items and data under an agreement, and prove it."""
