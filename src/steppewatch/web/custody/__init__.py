"""The custody officer's pages: state, cases, the ledger's statements, and signed acts coming in."""

from steppewatch.web.custody.serve import Custody, Office

__all__ = ["Custody", "Office"]
