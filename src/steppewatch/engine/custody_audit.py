"""Decide a whole ledger again: for the monitor who trusts neither the office nor its disk."""

from steppewatch.custody.ledger import read_statement
from steppewatch.custody.policy.decide import Rules, decide, rules_of
from steppewatch.custody.register import Register, question
from steppewatch.engine.custody_ledger import Ledger
from steppewatch.errors import CustodyError, EngineError


def audit_ledger(ledger: Ledger) -> list[tuple[int, str]]:
    """Go through a ledger as the office did, and list what it would not have taken.

    The moment of each decision is the statement's own time: it stands between the times that
    witnesses confirmed. An act that rests on a consent, a certificate or an inventory that ran out
    between signing and submission is therefore judged as signed.

    Args:
        ledger: Open for reading.

    Returns:
        ``(position, why)``; after a statement that the register cannot take, the rest is judged
        without it.

    Raises:
        EngineError: The ledger does not begin with a genesis.
    """
    register, wrong = Register(), []
    compiled: dict[tuple[tuple[str, str], ...], Rules] = {}
    for position, data in ledger.entries():
        try:
            statement = read_statement(data)
            why = register.refusal(statement)
        except CustodyError as error:
            statement, why = None, str(error)
        if statement is None or why:
            if position == 0:
                raise EngineError(f"this ledger has no beginning: {why}")
            wrong.append((position, str(why)))
            continue
        key = tuple((one.id, one.text) for one in register.agreements.values())
        rules = compiled.get(key)
        if rules is None:
            rules = compiled[key] = rules_of(register.agreements.values())
        for asked in question(register, statement.act, statement.act.at_ns):
            decision = decide(rules, asked)
            if not decision.allowed:
                told = [reason.sentence for reason in decision.reasons] + list(decision.alarms)
                wrong.append((position, f"{statement.act.kind}: {'; '.join(told)}"))
        register.take(statement)
    return wrong
