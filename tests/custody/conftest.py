"""A played demonstration ledger, a clock that tests set, and how an attempt is refused."""

import shutil
from contextlib import ExitStack

import pytest

from steppewatch.engine import custody_demo
from steppewatch.engine.custody_demo import DAY_NS, Cast, demo_key
from steppewatch.engine.custody_office import open_office
from steppewatch.errors import CustodyError

START_NS = 1_795_000_000_000_000_000


class HandClock:
    """Stand still until a test moves it [ns UTC]."""

    def __init__(self) -> None:
        self.ns = START_NS

    def __call__(self) -> int:
        return self.ns

    def days(self, count: float) -> None:
        self.ns += int(count * DAY_NS)


class Trial:
    """Play persons against one office; every attempt that fails must leave evidence."""

    def __init__(self, where, clock: HandClock, uids: list[str]) -> None:
        self.where, self.clock, self.uids = where, clock, uids
        self.radars, self.drones = uids[:3], uids[3:]
        self._stack = ExitStack()
        self.reopen()

    def reopen(self) -> None:
        """Close the office and open it anew from what is on disk."""
        self.close()
        self.office = self._stack.enter_context(
            open_office(str(self.where), demo_key("log"), self.clock)
        )
        old = getattr(self, "cast", None)
        self.cast = Cast(self.office)
        if old is not None:
            self.cast._witnesses = old._witnesses
        self.register_size = self.office.register.size

    def close(self) -> None:
        self._stack.close()

    @property
    def register(self):
        return self.office.register

    def refused(self, says: str, action, *args, **more) -> str:
        """Demand that an attempt fails for this reason, changes nothing, and is on record."""
        before, recorded = self.register.size, len(self.register.refusals)
        with pytest.raises(CustodyError) as caught:
            action(*args, **more)
        assert says in str(caught.value)
        assert len(self.register.refusals) == recorded + 1
        assert says in self.register.refusals[-1]["why"][0]
        assert self.register.notices[-1].kind == "refused"
        assert "JP" in self.register.notices[-1].to
        done = self.register.size - before - 1
        assert done == 0, f"{done} statements of the attempt were taken"
        return str(caught.value)

    def offer(self, by: str, items, to: str, site: str, **more):
        body = {"items": list(items), "to": to, "site": site, "purpose": "border-surveillance"}
        return self.cast.act(by, "offer", body | more)

    def consent(
        self, name: str, items, to: str, *, approvers=("sato", "mori"), by="dorj", ready=True,
        **more,
    ) -> bytes:  # fmt: skip
        """Give a consent; ``ready``: assured by its recipient and witnessed."""
        body = {
            "id": name, "agreement": "jp-mn", "items": list(items), "recipient": to,
            "purpose": "border-surveillance", "quantity": len(items), "from_ns": self.clock.ns,
            "until_ns": self.clock.ns + 90 * DAY_NS,
        } | more  # fmt: skip
        leaf = self.cast.weighty(by, approvers, "consent", body)
        if ready:
            self.cast.witness()
        return leaf

    def can(self, uid: str, purpose: str = "border-surveillance", by: str = "bat") -> bool:
        return self.office.authority().standing(uid, purpose, by, self.clock.ns).can

    def enrol(self, name: str, org: str, roles=("officer",), approvers=("sato", "saran")) -> None:
        key = demo_key(name).key
        self.cast.weighty("dorj", approvers, "enrol", {
            "id": name, "name": name, "org": org, "roles": list(roles), "level": 1,
            "key": {"alg": key.alg, "public": key.public},
        })  # fmt: skip

    def third_state(self) -> None:
        """Let a state join that is on no list: its border service, an officer, a depot."""
        self.cast.weighty("dorj", ["sato", "saran"], "organisation", {
            "id": "uz-border", "title": "A third state", "nation": "UZ", "kind": "government",
        })  # fmt: skip
        self.enrol("timur", "uz-border")
        self.cast.act("timur", "site", {
            "id": "uz-depot", "title": "Depot", "org": "uz-border", "nation": "UZ",
        })  # fmt: skip


@pytest.fixture(scope="session")
def played_ledger(tmp_path_factory):
    where = tmp_path_factory.mktemp("played") / "ledger.db"
    clock = HandClock()
    custody_demo.begin_demo(str(where), clock())
    with open_office(str(where), demo_key("log"), clock) as office:
        cast = custody_demo.agreements(office)
        uids = custody_demo.play(cast)
    return where, uids, cast._witnesses


@pytest.fixture
def trial(played_ledger, tmp_path):
    where, uids, witnesses = played_ledger
    mine = tmp_path / "ledger.db"
    for part in where.parent.iterdir():
        if not part.name.endswith((".lock", "-shm")):
            shutil.copy(part, tmp_path / part.name)
    found = Trial(mine, HandClock(), uids)
    found.cast._witnesses = dict(witnesses)
    yield found
    found.close()
