"""Two nations' officers at one board of cases, for the tests."""

from dataclasses import dataclass, field
from itertools import count

from steppewatch.custody.acts import Act
from steppewatch.custody.agreement.model import Agreement, Deadlines, Interval
from steppewatch.custody.case import CaseBoard

DAY_NS = 86_400 * 10**9
START_NS = 20_000 * DAY_NS


@dataclass(frozen=True)
class Officer:
    id: str
    org: str
    nation: str
    roles: tuple[str, ...] = ("officer",)


BAT = Officer("bat", "mn-border", "MN")
SARA = Officer("sara", "mn-border", "MN")
TUYA = Officer("tuya", "mn-mod", "MN")
AOI = Officer("aoi", "jp-mod", "JP")
KEN = Officer("ken", "jp-mod", "JP")
REI = Officer("rei", "jp-mofa", "JP", ("authority",))
EVE = Officer("eve", "xx-arms", "XX", ("authority",))
EVERYONE = (BAT, SARA, TUYA, AOI, KEN, REI, EVE)


def agreement(name="jp-mn", origin="JP", recipient="MN"):
    return Agreement(
        id=name, title=name, origin=origin, recipient=recipient, source="", interval=Interval(),
        organisations=(), projects=(), arrangements=(), clauses=(), releases=(), areas=(),
        needed={}, deadlines=Deadlines(), text="",
    )  # fmt: skip


@dataclass
class Desk:
    board: CaseBoard = field(default_factory=CaseBoard)
    at_ns: int = START_NS
    _next: count = field(default_factory=count)

    def __post_init__(self):
        self.board.know(agreement())

    def give(self, person, kind, refs=(), **body):
        """Sign an act and hand it in; gives why it was refused, or None."""
        position = next(self._next)
        act = Act(kind=kind, by=person.id, at_ns=self.at_ns, body=body, refs=refs, nonce=bytes(16))
        return self.board.take(position, leaf_of(position), act, person)

    @property
    def last(self):
        """Leaf hash of the statement handed in last."""
        return leaf_of(self.board.get("C-1").history[-1].position)

    def open(self, person=BAT, **other):
        asked = {
            "id": "C-1", "type": "transfer", "title": "two radios to the rescue service",
            "agreement": "jp-mn", "items": ["hk/r-1/001", "hk/r-1/002"], "recipient": "mn-rescue",
            "purpose": "rescue", "quantity": 2, "from_ns": START_NS,
            "until_ns": START_NS + 90 * DAY_NS, "text": "flood season",
        }  # fmt: skip
        return self.give(person, "case.open", **{**asked, **other})

    def check(self, person, check, result="clear", text="", case="C-1"):
        return self.give(person, "case.check", case=case, check=check, result=result, text=text)

    def check_all(self, person=SARA):
        for name in ("parties", "end-use", "destination", "diversion"):
            assert self.check(person, name) is None

    def advise(self, person, verdict="approve", conditions=(), about="items"):
        return self.give(
            person, "case.advice", case="C-1", about=about, verdict=verdict,
            conditions=list(conditions), text="seen",
        )  # fmt: skip

    def countersign(self, person, advice, agree=True):
        return self.give(
            person, "case.countersign", refs=(advice,), case="C-1", agree=agree, text=""
        )

    def advise_all(self):
        for author, second in ((SARA, TUYA), (AOI, KEN)):
            assert self.advise(author) is None
            assert self.countersign(second, self.last) is None

    def decide(self, person=REI, verdict="approve", conditions=(), reasons=()):
        return self.give(
            person, "case.decide", case="C-1", verdict=verdict, conditions=list(conditions),
            text="", reasons=list(reasons),
        )  # fmt: skip

    def approve(self):
        assert self.open() is None
        self.check_all()
        self.advise_all()
        assert self.decide() is None

    def consent(self, **other):
        body = {
            "case": "C-1", "id": "K-1", "agreement": "jp-mn", "items": ["hk/r-1/001"],
            "recipient": "mn-rescue", "purpose": "rescue", "quantity": 2, "from_ns": START_NS,
            "until_ns": START_NS + 90 * DAY_NS,
        }  # fmt: skip
        return self.board.license(next(self._next), self.at_ns, {**body, **other})


def leaf_of(position):
    return position.to_bytes(32, "big")
