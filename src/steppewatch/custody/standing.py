"""The custody half of ``taskable``: authorised, in purpose, inventory current."""

from steppewatch.command.tasking import Standing
from steppewatch.custody.policy.decide import Rules, decide
from steppewatch.custody.register.facts import used
from steppewatch.custody.register.register import Register


class Authority:
    """Vouch for assets that came under an agreement.

    Args:
        register: As of the ledger's last statement.
        rules: Its agreements, compiled.
    """

    name = "custody"

    def __init__(self, register: Register, rules: Rules) -> None:
        self._register, self._rules = register, rules

    def standing(self, asset: str, purpose: str, by: str, now_ns: int) -> Standing:
        """Say whether a person may task an asset for a purpose now.

        Bringing an asset safely home (``purpose == "recover"``) is asked as such: it stays
        allowed when a purpose lapses in mid-mission.
        """
        register = self._register
        if asset not in register.items:
            return Standing(can=False, reasons=(f"{asset} is no item of the ledger",))
        if by not in register.persons:
            return Standing(can=False, reasons=(f"{by!r} is nobody that the ledger knows",))
        action = "recover" if purpose == "recover" else "task"
        decision = decide(self._rules, used(register, action, by, asset, purpose, now_ns))
        told = tuple(reason.sentence for reason in decision.reasons) + decision.alarms
        return Standing(can=decision.allowed, reasons=told)
