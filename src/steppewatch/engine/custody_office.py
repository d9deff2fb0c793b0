"""The custody office: the one way into the ledger.

A statement comes as the bytes that a person signed. The office checks its signature, what the
register says, and what the agreements' rules say; then it is in the ledger, durably, and takes
effect. What is refused is recorded as refused, so that an attempt leaves evidence, too.
"""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import (
    Signer,
    Statement,
    leaf_hash,
    read_statement,
    sign_act,
    signed_by,
)
from steppewatch.custody.ledger.checkpoint import read_checkpoint
from steppewatch.custody.ledger.keys import PublicKey
from steppewatch.custody.policy.decide import Rules, decide, rules_of
from steppewatch.custody.register import Clock, Register, clocks, question, situation
from steppewatch.custody.release.situation import Situation
from steppewatch.custody.standing import Authority
from steppewatch.engine.custody_ledger import StoredLedger, open_ledger
from steppewatch.engine.custody_witness import make_request, seal_answers
from steppewatch.errors import CustodyError, EngineError

AHEAD_NS = 300_000_000_000  # a signer's clock may be ahead of ours by so much
MOST_REFUSED = 1_000  # recorded refusals in an hour; more would only fill the disk
MOST_FORGED = 60  # the same for statements that nobody provably signed
UNPROVEN = "(nobody provably)"
HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Say where a statement stands: its position and leaf hash (32 byte)."""

    position: int
    leaf: bytes


class Office:
    """Keep one ledger and its register; made by :func:`open_office`.

    Args:
        ledger: Open; this office alone writes to it.
        log: The log's key, for what the log itself says; None: refusals are not recorded and
            nothing is witnessed here.
        clock: Gives the time [ns UTC].
    """

    def __init__(
        self,
        ledger: StoredLedger,
        log: Signer | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.ledger, self._log, self.now_ns = ledger, log, clock
        self._lock = threading.RLock()
        self._compiled: tuple[tuple[tuple[str, str], ...], Rules] | None = None
        self._refused: list[int] = []
        self._forged: list[int] = []
        self.register = self._replayed(signatures=True)
        if log is not None and self.register.log_key not in {None, log.key}:
            raise EngineError(
                f"this ledger's log key is {_short(self.register.log_key)}, the one given is "
                f"{_short(log.key)}: open it with its own key"
            )

    @contextlib.contextmanager
    def reading(self) -> Iterator[Register]:
        """Hold the register still."""
        with self._lock:
            yield self.register

    @property
    def rules(self) -> Rules:
        """Give the agreements of the ledger, compiled; ended ones too (survival)."""
        with self._lock:
            key = tuple((one.id, one.text) for one in self.register.agreements.values())
            if self._compiled is None or self._compiled[0] != key:
                self._compiled = key, rules_of(self.register.agreements.values())
            return self._compiled[1]

    def submit(self, data: bytes) -> Receipt:
        """Take one statement.

        Raises:
            CustodyError: It is refused, with every reason; the attempt is recorded.
            EngineError: The ledger cannot be written; nothing was added.
        """
        return self.submit_many([data])[0]

    def submit_many(self, batch: Sequence[bytes]) -> list[Receipt]:
        """Take statements in one durable transaction: all of them, or none.

        Raises:
            CustodyError: One is refused.
            EngineError: The ledger cannot be written; nothing was added.
        """
        with self._lock:
            taken: list[Statement] = []
            data, begun = b"", 0
            try:
                for data in batch:
                    statement = read_statement(data)
                    self._judge(statement)
                    begun += 1
                    self.register.take(statement)
                    taken.append(statement)
            except CustodyError as error:
                if begun:
                    self.register = self._replayed()
                self._record(data, str(error))
                raise
            try:
                first = self.ledger.append([one.data for one in taken])
            except EngineError:
                self.register = self._replayed()
                raise
            return [
                Receipt(position=position, leaf=one.leaf)
                for position, one in enumerate(taken, first)
            ]

    def say(self, kind: str, body: Mapping[str, Any]) -> Receipt:
        """Let the log itself declare something: a journal, sealed deeds.

        Raises:
            EngineError: The office was opened without the log's key.
        """
        return self.submit(self._said(kind, body))

    def request(self) -> bytes:
        """Ask the witnesses to co-sign the ledger as it stands."""
        with self._lock:
            return make_request(self.ledger, self._key(), self.now_ns())

    def witnessed(self, answers: Sequence[bytes]) -> int:
        """Take the witnesses' co-signatures; consents before their checkpoint count from now on.

        Returns:
            The number of statements that are witnessed.

        Raises:
            CustodyError: They are too few or of another ledger.
        """
        with self._lock:
            # Judged before it is appended: what cannot stand in the ledger must never be there.
            sizes = {read_checkpoint(answer).size for answer in answers}
            if not sizes or min(sizes) < self.register.witnessed["size"]:
                raise CustodyError(
                    f"the co-signatures are refused: they are for {sorted(sizes)} statements, "
                    f"{self.register.witnessed['size']} are witnessed already: ask again"
                )
            size = seal_answers(self.ledger, answers, self._key(), self._told_ns())
            for _, data in self.ledger.entries(self.register.size):
                statement = read_statement(data)
                wrong = self.register.refusal(statement)
                if wrong:
                    raise CustodyError(f"the co-signatures are refused: {wrong}")
                self.register.take(statement)
            return size

    def authority(self) -> Authority:
        """Give custody's half of ``taskable``."""
        return Authority(self.register, self.rules)

    def situation(
        self, partners: Mapping[str, tuple[str, str]], own: Sequence[str] = ()
    ) -> Situation:
        """Give all that decides about releases now: link's name → organisation, purpose."""
        with self._lock:
            return situation(self.register, self.rules, partners, self.now_ns(), own)

    def due(self) -> tuple[Clock, ...]:
        """List what is late or falls due soon."""
        with self._lock:
            return clocks(self.register, self.now_ns())

    def close(self) -> None:
        """Give the ledger free."""
        self.ledger.close()

    def _judge(self, statement: Statement) -> None:
        now_ns = self.now_ns()
        if statement.act.at_ns > now_ns + AHEAD_NS:
            raise CustodyError("it is dated in the future: set the signer's clock")
        wrong = self.register.refusal(statement)
        if wrong:
            raise CustodyError(f"{statement.act.kind} is refused: {wrong}")
        for asked in question(self.register, statement.act, now_ns):
            decision = decide(self.rules, asked)
            if not decision.allowed:
                told = [why.sentence for why in decision.reasons]
                told += [f"alarm: {alarm}" for alarm in decision.alarms]
                subject = asked.resource.id
                raise CustodyError(
                    f"{statement.act.kind} of {subject} is refused: {'; '.join(told)}"
                )

    def _record(self, data: bytes, why: str) -> None:
        """Record an attempt of somebody whom the ledger knows; others cannot fill the disk."""
        now_ns = self.now_ns()
        self._refused = [at for at in self._refused if at > now_ns - HOUR_NS]
        self._forged = [at for at in self._forged if at > now_ns - HOUR_NS]
        try:
            statement = read_statement(data)
        except CustodyError:
            return
        if self._log is None or statement.kid not in self.register.keys:
            return
        key, whose = self.register.keys[statement.kid]
        # Whose name is forged must neither be blamed nor crowd out what others really tried.
        proven = signed_by(statement, key) and (whose or self.register.log) == statement.act.by
        recent, most = (self._refused, MOST_REFUSED) if proven else (self._forged, MOST_FORGED)
        if statement.leaf in self.register.leaves or len(recent) >= most:
            return
        recent.append(now_ns)
        body = {
            "statement": hashlib.sha256(data).digest(),
            "kind": statement.act.kind,
            "by": statement.act.by if proven else UNPROVEN,
            "why": [why],
        }
        told = self._said("refused", body)
        self.ledger.append([told])
        self.register.take(read_statement(told))

    def _said(self, kind: str, body: Mapping[str, Any]) -> bytes:
        log = self.register.log
        nonce = os.urandom(16)
        act = Act(kind=kind, by=log, at_ns=self._told_ns(), body=dict(body), nonce=nonce)
        return sign_act(act, self._key(), log)

    def _told_ns(self) -> int:
        """Give the time at which the log speaks: never before what witnesses confirmed."""
        return max(self.now_ns(), int(self.register.witnessed["at_ns"]))

    def _key(self) -> Signer:
        if self._log is None:
            raise EngineError("this office was opened without the log's key: give it with --key")
        return self._log

    def _replayed(self, *, signatures: bool = False) -> Register:
        """Fold the ledger; ``signatures``: check them too, as whoever keeps the disk could add."""
        register = Register()
        for position, data in self.ledger.entries():
            statement = read_statement(data)
            wrong = register.refusal(statement, signature=signatures)
            if statement.leaf != leaf_hash(data) or wrong:
                raise EngineError(
                    f"statement {position} of the ledger cannot stand there: {wrong}. Keep the "
                    "file as evidence and run: steppewatch custody verify"
                )
            register.take(statement)
        return register


def found_ledger(where: str, genesis: Mapping[str, Any], log: Signer, now_ns: int) -> None:
    """Begin a ledger.

    Args:
        where: A file or ``postgresql://…``; there must be none yet.
        genesis: As ``docs/custody-acts.md`` says; ``log_key`` is filled in.
        log: The log's key.
        now_ns: The moment [ns UTC].

    Raises:
        CustodyError: The genesis is none.
        EngineError: There is a ledger already, or it cannot be written.
    """
    body = {
        **genesis,
        "log_key": {"alg": log.key.alg, "public": log.key.public},
    }
    name = str(genesis["log"])
    act = Act(kind="genesis", by=name, at_ns=now_ns, body=body, nonce=os.urandom(16))
    data = sign_act(act, log, name)
    wrong = Register().refusal(read_statement(data))
    if wrong:
        raise CustodyError(f"the ledger cannot begin: {wrong}")
    ledger = open_ledger(where)
    try:
        if ledger.size:
            raise EngineError(f"{where} holds a ledger already: a ledger is begun once")
        ledger.append([data])
    finally:
        ledger.close()


@contextlib.contextmanager
def open_office(
    where: str, log: Signer | None = None, clock: Callable[[], int] = time.time_ns
) -> Iterator[Office]:
    """Open a ledger's office for the length of a ``with``.

    Raises:
        EngineError: There is no ledger, it was changed, or the key is not the log's.
    """
    ledger = open_ledger(where, make=False)
    try:
        yield Office(ledger, log, clock)
    finally:
        ledger.close()


def _short(key: PublicKey | None) -> str:
    return f"{key.kid.hex()[:16]}…" if key is not None else "none"
