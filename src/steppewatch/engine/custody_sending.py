"""Release by a real ledger: the office tells what counts now, and takes the journal's roots."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from steppewatch.custody.ledger import read_statement
from steppewatch.custody.release.point import ReleasePoint
from steppewatch.custody.release.situation import Situation
from steppewatch.engine.custody_egress import Address, Door, Egress
from steppewatch.engine.custody_office import Office
from steppewatch.engine.custody_release_journal import ReleaseJournal, left_open

NS = 1_000_000_000
Key = tuple[object, ...]


class Outlook:
    """Give the situation of a ledger now; a look while nothing changed costs next to nothing.

    The roots that this run seals are acts, too, but decide nothing: they withdraw no message.

    Args:
        office: Over the ledger; it holds the ledger alone, so every act comes through it.
        links: Link's name → organisation, purpose.
        own: Sensors that no agreement binds: under the nation's own rules.
    """

    def __init__(
        self, office: Office, links: Mapping[str, tuple[str, str]], own: Sequence[str] = ()
    ) -> None:
        self._office, self._links, self._own = office, dict(links), tuple(own)
        self._sealed = self._turn = 0
        self._seen = (-1, -1)
        self._key: Key | None = None
        self._told = self._made(office.now_ns())

    def look(self) -> Situation:
        """Give the situation; another object only when the ledger or the time changed it."""
        now_ns = self._office.now_ns()
        seen = (self._office.register.size - self._sealed, now_ns // NS)
        if seen != self._seen:
            made = self._made(now_ns)
            key = (seen[0], made.known, tuple(_in_force(made)))
            if key != self._key:
                self._turn += 1
                self._key, self._told = key, replace(made, turn=self._turn)
            self._seen = seen
        return self._told

    def seal(self, body: Mapping[str, Any]) -> None:
        """Bring the root of a journal's interval into the ledger."""
        self._office.say("journal", body)
        self._sealed += 1

    def _made(self, now_ns: int) -> Situation:
        # The picture's time may be long past; a rule must hold at the ledger's time, too.
        told = self._office.situation(self._links, self._own)
        return replace(told, agreements={
            name: replace(each, releases=tuple(
                rule for rule in each.releases if rule.interval.holds(now_ns)
            ))
            for name, each in told.agreements.items()
        })  # fmt: skip


def sending(
    office: Office,
    addresses: Mapping[Address, tuple[str, str]],
    own: Sequence[str],
    folder: Path,
) -> Egress:
    """Put release point, journal and door together over a ledger.

    Args:
        office: Opened with the log's key.
        addresses: Where partners listen → organisation, purpose.
        own: Sensors under the nation's own rules.
        folder: Journals of all runs; this run gets a folder of its own in it. What a killed run
            left unsealed there is sealed first.

    Raises:
        EngineError: The journal or the ledger cannot be written.
    """
    outlook = Outlook(office, {each.name: told for each, told in addresses.items()}, own)
    if folder.is_dir():
        statements = (read_statement(data) for _, data in office.ledger.entries())
        sealed = {one.act.body["root"] for one in statements if one.act.kind == "journal"}
        for body in left_open(folder, sealed):
            outlook.seal(body)
    journal = ReleaseJournal(folder / f"{office.now_ns():020}", outlook.seal)
    point = ReleasePoint(outlook.look())
    return Egress(point, journal, Door(journal, list(addresses)), outlook.look)


def _in_force(told: Situation) -> list[tuple[str, str]]:
    return [(name, rule.id) for name, each in told.agreements.items() for rule in each.releases]
