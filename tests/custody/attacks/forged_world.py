"""A small honest ledger of two nations, three witnesses, and the means to falsify it."""

from dataclasses import dataclass, field

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import MemorySigner, Tree, leaf_hash, sign_act
from steppewatch.custody.ledger.checkpoint import (
    Checkpoint,
    Witness,
    cosign,
    sign_checkpoint,
    witnessed_body,
)

SECOND = 10**9
START = 1_800_000_000 * SECOND
AGREEMENT = """
[agreement]
id = "jp-mn"
origin = "JP"
recipient = "MN"
"""
PERSONS = {  # id: organisation, nation
    "aoi": ("jp-agency", "JP"),
    "botan": ("jp-ministry", "JP"),
    "bat": ("mn-border", "MN"),
    "saran": ("mn-ministry", "MN"),
    "tuul": ("mn-repair", "MN"),
}


def signer(name: str) -> MemorySigner:
    return MemorySigner.from_seed(name.encode().ljust(32, b"."))


def key_of(name: str) -> dict[str, object]:
    key = signer(name).key
    return {"alg": key.alg, "public": key.public}


@dataclass
class World:
    """Write a ledger by hand."""

    statements: list[bytes] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    now_ns: int = START
    kept: list[bytes] = field(default_factory=list)
    states: dict[str, Witness] = field(default_factory=dict)

    def say(
        self, kind: str, by: str, body=None, refs=(), *, key: str = "", at_ns: int = 0
    ) -> bytes:
        """Append an act; give its leaf."""
        self.now_ns += SECOND
        nonce = len(self.statements).to_bytes(16)
        act = Act(
            kind=kind, by=by, at_ns=at_ns or self.now_ns, body=body or {}, refs=tuple(refs),
            nonce=nonce,
        )  # fmt: skip
        return self.add(sign_act(act, signer(key or by), by))

    def add(self, data: bytes) -> bytes:
        self.statements.append(data)
        self.tree.append(leaf_hash(data))
        return leaf_hash(data)

    def begin(self) -> None:
        persons = [
            {"id": n, "name": n, "org": o, "nation": c, "roles": ["authority"], "level": 2,
             "key": key_of(n)} for n, (o, c) in PERSONS.items()
        ]  # fmt: skip
        witnesses = [{"id": w, "org": w, "key": key_of(w)} for w in ("w-jp", "w-mn", "w-un")]
        self.say("genesis", "log", {
            "log": "demo", "title": "Demo", "nation": "MN", "organisations": [],
            "persons": persons, "log_key": key_of("log"), "witnesses": witnesses, "quorum": 2,
            "slack_s": 60,
        })  # fmt: skip
        log_key = signer("log").key
        self.states = {
            w: Witness(id=w, log="demo", log_key=log_key) for w in ("w-jp", "w-mn", "w-un")
        }

    def checkpoint(self, at_ns: int = 0) -> bytes:
        head = Checkpoint(
            log="demo", size=self.tree.size, root=self.tree.root(), at_ns=at_ns or self.now_ns
        )
        return sign_checkpoint(head, signer("log"))

    def ask(self, name: str, checkpoint: bytes) -> bytes:
        state = self.states[name]
        proof = (
            self.tree.consistency(state.size, self.tree.size)
            if 0 < state.size <= self.tree.size
            else []
        )
        self.states[name], answer = cosign(state, checkpoint, proof, signer(name), self.now_ns)
        return answer

    def witness(self, names=("w-jp", "w-mn")) -> bytes:
        checkpoint = self.checkpoint()
        answers = [self.ask(name, checkpoint) for name in names]
        self.kept += [checkpoint, *answers]
        return self.say("witnessed", "log", witnessed_body(checkpoint, answers))

    def govern(self, kind: str, body, by: str = "bat", approve=("saran", "aoi")) -> bytes:
        leaf = self.say("propose", by, {"kind": kind, "body": body})
        for name in approve:
            last = self.say("approve", name, refs=[leaf])
        return last

    def consent(self, name: str = "c1", approve=("saran", "aoi"), **more) -> bytes:
        body = {
            "id": name, "agreement": "jp-mn", "items": ["M/P/1", "M/P/2"], "purpose": "repair",
            "recipient": "mn-repair", "quantity": 1, "from_ns": START,
            "until_ns": START + 10**6 * SECOND,
        } | more  # fmt: skip
        return self.govern("consent", body, approve=approve)

    def offer(self, by: str, items, to: str, **more) -> bytes:
        return self.say("offer", by, {"items": items, "to": to, "purpose": "repair", **more})

    def honest(self) -> "World":
        """Make a whole history: two items given, one of them lent for repair by consent."""
        self.begin()
        self.govern("agreement", {"text": AGREEMENT})
        for serial in "12":
            self.say("register", "aoi", {
                "maker": "M", "part": "P", "serial": serial, "title": "radar",
                "agreement": "jp-mn", "arrangement": "a1",
            })  # fmt: skip
        both = ["M/P/1", "M/P/2"]
        self.say("accept", "bat", {"items": both}, [self.offer("aoi", both, "mn-border")])
        self.consent()
        self.witness()
        offer = self.offer("bat", ["M/P/1"], "mn-repair", consent="c1")
        self.say("accept", "tuul", {"items": ["M/P/1"]}, [offer])
        self.witness()
        return self


def exported(statements, kept, path):
    parts = [b"steppewatch-log-1\n"]
    for mark, rows in ((b"S", statements), (b"K", kept)):
        parts += [mark + len(data).to_bytes(4) + data for data in rows]
    path.write_bytes(b"".join(parts))
    return path
