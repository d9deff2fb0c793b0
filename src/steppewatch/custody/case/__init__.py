"""Cases: from a request over checks, advice, second signatures and a decision to a licence."""

from steppewatch.custody.case.board import CaseBoard
from steppewatch.custody.case.queues import Entry, due_ns, queue_of
from steppewatch.custody.case.records import Advice, Case, Decision, Licence

__all__ = ["Advice", "Case", "CaseBoard", "Decision", "Entry", "Licence", "due_ns", "queue_of"]
