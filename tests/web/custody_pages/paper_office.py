"""A small custody office for the pages' tests: checks signatures and cases, and nothing else."""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

from steppewatch.custody.agreement.model import Agreement, Deadlines, Interval
from steppewatch.custody.case import CaseBoard
from steppewatch.custody.ledger import MemorySigner, Tree, leaf_hash, read_statement, signed_by
from steppewatch.errors import CustodyError

ROLES = {"bat": "officer", "sara": "officer", "tuya": "officer", "aoi": "officer",
         "ken": "officer", "rei": "authority"}  # fmt: skip
NATIONS = dict.fromkeys(("bat", "sara", "tuya"), "MN") | dict.fromkeys(("aoi", "ken", "rei"), "JP")
DAY_NS = 86_400 * 10**9


@dataclass(frozen=True)
class Someone:
    id: str
    name: str
    org: str
    nation: str
    roles: frozenset[str]
    kid: bytes


@dataclass(frozen=True)
class Thing:
    uid: str
    title: str
    holder: str
    site: str
    state: str
    due_ns: int
    inside: str = ""
    suspended: str = ""
    history: tuple[tuple[int, str, str], ...] = ((0, "register", "registered"),)


def signer_of(name):
    return MemorySigner.from_seed(name.encode().ljust(32, b"."))


@dataclass
class PaperLedger:
    rows: list[bytes] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)

    @property
    def size(self):
        return len(self.rows)

    def append(self, data):
        self.tree.append(leaf_hash(data))
        self.rows.append(data)
        return len(self.rows) - 1

    def root(self, size=None):
        return self.tree.root(self.size if size is None else size)

    def inclusion(self, index, size):
        return self.tree.inclusion(index, size)

    def entries(self, start, stop):
        return iter(list(enumerate(self.rows))[start:stop])


class PaperOffice:
    """Take what is signed by who it says, and what the cases' rules allow."""

    def __init__(self):
        self.ledger = PaperLedger()
        self._lock = threading.RLock()
        persons = {
            name: Someone(
                id=name, name=name.title(), nation=nation, kid=signer_of(name).key.kid,
                org="mn-border" if nation == "MN" else "jp-mod", roles=frozenset({ROLES[name]}),
            )
            for name, nation in NATIONS.items()
        }  # fmt: skip
        now = self.now_ns()
        things = [
            Thing(
                f"hk/r-1/{n:03}",
                "hand radio",
                "mn-border",
                "post-7",
                "held",
                now + (n - 2) * 20 * DAY_NS,
            )
            for n in range(1, 6)
        ]  # fmt: skip
        self.register = SimpleNamespace(
            persons=persons,
            items={one.uid: one for one in things},
            sites={"post-7": {"id": "post-7", "title": "Post 7", "nation": "MN"}},
            cases=CaseBoard(),
            agreements={},
            proposals={},
            witnessed={"size": 0, "at_ns": 0, "by": []},
            witnesses={},
            quorum=0,
            log="fictional-ledger",
            nation="MN",
            sighted=[],
        )
        self.register.cases.know(
            Agreement(
                id="jp-mn", title="Agreement", origin="JP", recipient="MN", source="",
                interval=Interval(), organisations=(), projects=(), arrangements=(), clauses=(),
                releases=(), areas=(), needed={}, deadlines=Deadlines(), text="",
            )
        )  # fmt: skip

    def due(self):
        return ()

    def now_ns(self):
        return time.time_ns()

    @contextlib.contextmanager
    def reading(self):
        with self._lock:
            yield

    def submit(self, data):
        told = read_statement(data)
        with self._lock:
            person = self.register.persons.get(told.issuer)
            if person is None or person.kid != told.kid:
                raise CustodyError(f"{told.issuer} is not enrolled with this key")
            if not signed_by(told, signer_of(person.id).key):
                raise CustodyError("the signature is not by this key")
            if told.act.kind.startswith("case."):
                position = self.ledger.size
                refused = self.register.cases.take(position, told.leaf, told.act, person)
                if refused:
                    raise CustodyError(refused)
            elif told.act.kind == "sighted":
                for one in told.act.body["sightings"]:
                    if one["item"] not in self.register.items:
                        raise CustodyError(f"there is no item {one['item']}")
                self.register.sighted.append(told.act.body)
            else:
                raise CustodyError(f"{told.act.kind} is not taken here")
            return SimpleNamespace(position=self.ledger.append(data), leaf=told.leaf)
