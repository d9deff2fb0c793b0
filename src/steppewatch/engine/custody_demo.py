"""A worked ledger with made-up persons, items and keys: to learn, to show, to test.

Its keys come of a seed that everybody can read here: they protect nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from steppewatch.custody.acts import Act
from steppewatch.custody.ledger import MemorySigner, sign_act
from steppewatch.custody.ledger.checkpoint import Witness, cosign, read_checkpoint
from steppewatch.custody.ledger.cose import decoded
from steppewatch.engine.custody_office import Office, Receipt, found_ledger

LOG = "steppe-custody"
DAY_NS = 86_400_000_000_000
EXAMPLES = ("jp-mn", "mn-own")
# id → name, organisation, roles, clearance
PEOPLE: Mapping[str, tuple[str, str, tuple[str, ...], int]] = {
    "sato": ("A. Sato", "jp-mod", ("authority", "officer"), 3),
    "mori": ("K. Mori", "jp-mofa", ("authority",), 2),
    "abe": ("H. Abe", "jp-mod", ("officer", "inspector"), 2),
    "bat": ("Bat", "mn-gabp", ("officer", "duty"), 2),
    "dorj": ("Dorj", "mn-gabp", ("authority", "duty", "technical"), 3),
    "saran": ("Saran", "mn-mod", ("authority", "officer"), 3),
    "tuya": ("Tuya", "mn-gabp-west", ("officer",), 1),
    "aliya": ("Aliya", "kz-border", ("officer",), 1),
}
ORGANISATIONS = (
    ("jp-mod", "Ministry of Defence, donor", "JP", "government", ""),
    ("jp-mofa", "Ministry of Foreign Affairs, donor", "JP", "government", ""),
    ("mn-gabp", "General Authority for Border Protection", "MN", "government", ""),
    ("mn-gabp-west", "Western border detachment", "MN", "government", "mn-gabp"),
    ("mn-mod", "Ministry of Defence, recipient", "MN", "government", ""),
    ("kz-border", "A neighbour's border service", "KZ", "government", ""),
)
WITNESSES = ("w-jp", "w-mn", "w-int")


def demo_key(name: str) -> MemorySigner:
    """Give the key of a person, witness or the log of the demonstration."""
    return MemorySigner.from_seed(hashlib.sha256(b"steppewatch demo " + name.encode()).digest())


def genesis(quorum: int = 2) -> dict[str, Any]:
    """Give the beginning of the demonstration's ledger."""

    def key(name: str) -> dict[str, Any]:
        public = demo_key(name).key
        return {"alg": public.alg, "public": public.public}

    return {
        "log": LOG,
        "title": "Demonstration",
        "nation": "MN",
        "organisations": [
            dict(zip(("id", "title", "nation", "kind", "part_of"), row, strict=True))
            for row in ORGANISATIONS
        ],
        "persons": [
            {
                "id": name, "name": full, "org": org, "roles": list(roles), "level": level,
                "nation": next(row[2] for row in ORGANISATIONS if row[0] == org),
                "key": key(name),
            }
            for name, (full, org, roles, level) in PEOPLE.items()
        ],
        "witnesses": [{"id": name, "org": name, "key": key(name)} for name in WITNESSES],
        "quorum": quorum,
        "slack_s": 300,
    }  # fmt: skip


class Cast:
    """Let the persons of the demonstration sign and submit, one after another.

    Args:
        office: Over a ledger that began with :func:`genesis`.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self._count = 0
        self._witnesses = {
            name: Witness(id=name, log=LOG, log_key=demo_key("log").key) for name in WITNESSES
        }

    def sign(
        self, by: str, kind: str, body: Mapping[str, Any], refs: Sequence[bytes] = ()
    ) -> bytes:
        """Sign an act as one of the persons."""
        self._count += 1
        seed = f"{by} {kind} {self._count} {self.office.register.size}".encode()
        act = Act(
            kind=kind, by=by, at_ns=self.office.now_ns(), body=dict(body), refs=tuple(refs),
            nonce=hashlib.sha256(seed).digest()[:16],
        )  # fmt: skip
        return sign_act(act, demo_key(by), by)

    def act(
        self, by: str, kind: str, body: Mapping[str, Any], refs: Sequence[bytes] = ()
    ) -> Receipt:
        """Sign and submit."""
        return self.office.submit(self.sign(by, kind, body, refs))

    def weighty(
        self, by: str, approvers: Sequence[str], kind: str, body: Mapping[str, Any]
    ) -> bytes:
        """Propose and approve; give the proposal's leaf."""
        leaf = self.act(by, "propose", {"kind": kind, "body": dict(body)}).leaf
        for name in approvers:
            self.act(name, "approve", {}, [leaf])
        return leaf

    def witness(self, names: Sequence[str] = WITNESSES[:2]) -> int:
        """Let witnesses co-sign the ledger as it stands."""
        request = decoded(self.office.request(), "a request")
        answers = []
        for name in names:
            state = self._witnesses[name]
            size = read_checkpoint(request["checkpoint"]).size
            proof = request["proofs"].get(state.size, [])
            if state.size == size:
                proof = []
            self._witnesses[name], answer = cosign(
                state, request["checkpoint"], proof, demo_key(name), self.office.now_ns()
            )
            answers.append(answer)
        return self.office.witnessed(answers)

    def handover(
        self, giver: str, taker: str, items: Sequence[str], to: str, site: str, **more: Any
    ) -> Receipt:
        """Offer and accept."""
        body = {"items": list(items), "to": to, "site": site,
                "purpose": "border-surveillance", **more}  # fmt: skip
        leaf = self.act(giver, "offer", body).leaf
        return self.act(taker, "accept", {"items": list(items)}, [leaf])


def begin_demo(where: str, now_ns: int) -> None:
    """Begin the demonstration's ledger."""
    found_ledger(where, genesis(), demo_key("log"), now_ns)


def agreements(office: Office, folder: Path | None = None) -> Cast:
    """Put the example agreements into force, with all signatures."""
    cast = Cast(office)
    for name in EXAMPLES:
        cast.weighty("saran", ["sato", "dorj"], "agreement", {"text": example(name, folder)})
    return cast


def example(name: str, folder: Path | None = None) -> str:
    """Give the text of an example agreement."""
    place = folder or files("steppewatch.custody") / "data" / "examples"
    return (place / f"{name}.toml").read_text("utf-8")


def play(cast: Cast) -> list[str]:
    """Play a year's beginning: registers, stores, handovers, an inventory, a case's consent.

    Returns:
        The uids of the radars and drones.
    """
    now = cast.office.now_ns()
    uids = []
    for part, count, title in (("SR-3D", 3, "3-D radar"), ("UAV-EO", 6, "Drone with camera")):
        for number in range(1, count + 1):
            sensor = {"sensor": f"radar-{number}"} if part == "SR-3D" else {}
            cast.act("abe", "register", {
                "maker": "EX", "part": part, "serial": f"{number:04d}", "title": title,
                "agreement": "jp-mn", "arrangement": "radars-2025", **sensor,
            })  # fmt: skip
            uids.append(f"EX/{part}/{number:04d}")
    for site, title, org in (
        ("depot-ulgii", "Depot Ölgii", "mn-gabp"), ("post-12", "Post 12", "mn-gabp-west"),
    ):  # fmt: skip
        by = "bat" if org == "mn-gabp" else "tuya"
        cast.act(by, "site", {"id": site, "title": title, "org": org, "nation": "MN"})
        cast.act("abe", "certify", {"site": site, "until_ns": now + 365 * DAY_NS})
    cast.handover("abe", "bat", uids, "mn-gabp", "depot-ulgii")
    seen = [
        {"item": uid, "site": "depot-ulgii", "captured_ns": now, "how": "code", "condition": "good"}
        for uid in uids
    ]
    cast.act("bat", "sighted", {"sightings": seen})
    cast.handover("bat", "tuya", uids[3:5], "mn-gabp-west", "post-12")
    cast.witness()
    return uids
