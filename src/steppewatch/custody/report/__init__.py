"""Reports that are made of the ledger alone: yearly transfers, and how items are kept and used."""

from collections.abc import Callable, Mapping

from steppewatch.custody.register import Register
from steppewatch.custody.report.end_use import end_use
from steppewatch.custody.report.transfers import transfers

# Register, year, moment [ns UTC] → the report.
REPORTS: Mapping[str, Callable[[Register, int, int], dict[str, object]]] = {
    "transfers": transfers,
    "end-use": end_use,
}

__all__ = ["REPORTS", "end_use", "transfers"]
