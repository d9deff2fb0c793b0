"""Check a whole custody ledger from public keys alone, trusting nobody who keeps it.

    python verify.py LOG [--genesis-hash HEX] [--trust KID]… [--checkpoint FILE]… [--json]

``custody verifier`` hands this out as one file: it needs Python 3.11 and ``cryptography``. LOG is
an exported log or the ledger's SQLite file. It checks, in this order:

 1. each statement is one well-formed COSE_Sign1 (RFC 9052) in deterministic CBOR (RFC 8949, §4.2)
 2. it is signed by a key that was enrolled at its position, and was not revoked there
 3. the Merkle tree (RFC 9162) over all statements has the root of every checkpoint, and enough
    witnesses co-signed; no statement's time contradicts the witnessed times around it
 4. weighty acts took effect only by distinct persons of distinct organisations
 5. a serial is registered once for ever; a handover has both sides' signatures on one item list
 6. a consent is used only after it was witnessed, for its items, recipient, purpose and time, never
    beyond its quantity, never when revoked

It does not repeat the agreements' policies, nor can it know whether what was declared is true.
Exit status: 0 all is well, 1 something is wrong, 2 the log cannot be read.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import sqlite3
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from steppewatch.engine.custody_stranger_parts import (
    Bad,
    Bodies,
    Envelope,
    Roots,
    cbor,
    genuine,
    genuine_many,
    key_id,
    read_log,
    told,
)

BY_LOG = {"genesis", "witnessed", "refused"}
BY_NODE = {"journal", "deeds"}  # by the log's key, or by an enrolled node's
LATE = {"sighted", "report"}  # captured without a connection; merged later, with their own time
CHUNK = 2_000


class Checker:
    """Walk through a log once, from its first statement to its last."""

    def __init__(self) -> None:
        self.wrong: list[tuple[int, str]] = []
        self.count: collections.Counter[str] = collections.Counter()
        self.tree = Roots()
        self.keys: dict[bytes, tuple[str, bytes, str]] = {}  # kid: alg, public, whose
        self.gone: dict[bytes, int] = {}  # kid: position of its revocation
        self.persons: dict[str, dict[str, Any]] = {}
        self.bodies = Bodies()
        self.agreements: dict[str, dict[str, Any]] = {}
        self.proposals: dict[bytes, dict[str, Any]] = {}
        self.consents: dict[str, dict[str, Any]] = {}
        self.by_leaf: dict[bytes, str] = {}  # leaf of a consent's proposal or last approval: its id
        self.items: dict[str, str] = {}  # uid: organisation that holds it; "" before handover
        self.origins: dict[str, str] = {}  # uid: nation that gave it
        self.offers: dict[bytes, dict[str, Any]] = {}
        self.genesis: dict[str, Any] = {}
        self.log_kid = self.first = b""
        self.leaves: set[bytes] = set()
        self.times: list[int] = []  # what each entry says of its time
        self.witnesses: dict[str, dict[str, Any]] = {}
        self.sealed = self.sealed_ns = self.slack = 0  # entries witnessed so far, and when
        self.tasks: list[tuple[int, str, bytes, bytes, bytes]] = []

    def statement(self, data: bytes) -> None:
        """Check one statement and what it declares."""
        position, leaf = self.tree.size, hashlib.sha256(b"\0" + data).digest()
        try:
            self._declared(position, leaf, data)
        except Bad as error:
            self.wrong.append((position, str(error)))
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            self.wrong.append((position, f"lacks or mistypes {error}"))
        self.leaves.add(leaf)
        self.times += [0] * (position + 1 - len(self.times))
        self.tree.add(leaf)

    def _declared(self, position: int, leaf: bytes, data: bytes) -> None:
        if leaf in self.leaves:
            raise Bad("the same statement stands here a second time")
        envelope = Envelope(data)
        act = cbor(envelope.payload)
        kind, by, at_ns, claims = act["kind"], act["by"], act["at_ns"], envelope.headers[15]
        if set(act) != {"kind", "by", "at_ns", "nonce", "refs", "body"}:
            raise Bad("no act")
        if claims[1] != by or claims[6] != at_ns // 10**9:
            raise Bad("its envelope names another person or time than its act")
        self.count[kind] += 1
        self.times.append(at_ns)
        if position == 0:
            self._begin(kind, act["body"], leaf)
        self._signer(position, envelope, kind, by)
        if at_ns < self.sealed_ns - self.slack and kind not in LATE:
            raise Bad(f"{kind} is dated before the time that witnesses had confirmed already")
        if (rule := getattr(self, f"on_{kind}", None)) and position:
            rule(position, leaf, by, act, act["body"])

    def _begin(self, kind: str, body: dict[str, Any], leaf: bytes) -> None:
        if kind != "genesis":
            raise Bad("the log does not begin with its genesis")
        self.genesis, self.first = body, leaf
        self.slack = int(body.get("slack_s", 300)) * 10**9
        self.log_kid = self._enrol(body["log_key"], "")
        self.bodies.learn(body["organisations"])
        for person in body["persons"]:
            self._person(person)
        self.witnesses = {w["id"]: w["key"] for w in body["witnesses"]}

    def _person(self, person: dict[str, Any]) -> None:
        nation = self.bodies.nation(person["org"]) or person.get("nation", "")
        kid = self._enrol(person["key"], person["id"])
        self.persons[person["id"]] = person | {"nation": nation, "kid": kid}

    def _enrol(self, key: dict[str, Any], whose: str) -> bytes:
        kid = key_id(key["alg"], key["public"])
        if kid in self.keys:
            raise Bad("enrols a key that somebody has or had already")
        self.keys[kid] = (key["alg"], key["public"], whose)
        return kid

    def _signer(self, position: int, envelope: Envelope, kind: str, by: str) -> None:
        kid = envelope.kid
        if kid not in self.keys:
            raise Bad(f"{kind} by {by!r} is signed with a key that nobody enrolled")
        alg, public, whose = self.keys[kid]
        if self.gone.get(kid, position) < position:
            raise Bad(f"{kind} by {by!r} is signed with a key revoked at {self.gone[kid]}")
        meant = (BY_LOG | BY_NODE) if kid == self.log_kid else {kind} - BY_LOG
        if kind not in meant or (whose and whose != by):
            raise Bad(f"{kind} by {by!r} is signed with a key of {whose or 'the log'!r}")
        if envelope.alg != alg:
            raise Bad("names another algorithm than its key's")
        self.tasks.append((position, alg, public, envelope.message, envelope.signature))

    def on_witnessed(self, position: int, _: bytes, __: str, ___: Any, body: Any) -> None:
        """Check a checkpoint with its co-signatures; it makes consents before it count."""
        head = self.checkpoint(body["checkpoint"], self.genesis["log_key"])
        if (head["size"], head["root"]) != (body["size"], body["root"]):
            raise Bad("witnessed tells of another tree than its checkpoint")
        if not self.sealed <= head["size"] <= position or head["at_ns"] < self.sealed_ns:
            raise Bad(f"witnessed {head['size']} entries at {position}, before {self.sealed}")
        names = set()
        for data in body["cosignatures"]:
            name = cbor(Envelope(data).payload).get("witness", "")
            if name not in self.witnesses:
                raise Bad(f"co-signed by {name!r}, who is no witness")
            said = self.checkpoint(data, self.witnesses[name])
            if {key: said[key] for key in head} != head:
                raise Bad(f"witness {name!r} co-signed another checkpoint")
            names.add(name)
        if len(names) < self.genesis["quorum"]:
            raise Bad(f"{len(names)} witnesses co-signed, {self.genesis['quorum']} are needed")
        for place in range(self.sealed, head["size"]):
            if self.times[place] > head["at_ns"] + self.slack:
                self.wrong.append((place, "is dated after the time at which it was witnessed"))
        self.sealed, self.sealed_ns = head["size"], head["at_ns"]
        for consent in self.consents.values():
            if consent["position"] < self.sealed and consent["witnessed"] is None:
                consent["witnessed"] = position

    def checkpoint(self, data: bytes, key: dict[str, Any]) -> dict[str, Any]:
        """Check one checkpoint or co-signature against a key and against the tree."""
        envelope = Envelope(data)
        head = cbor(envelope.payload)
        if not genuine(key["alg"], key["public"], envelope.message, envelope.signature):
            raise Bad("a checkpoint's or witness's signature is forged")
        if head["log"] != self.genesis["log"]:
            raise Bad(f"a checkpoint of another log, {head['log']!r}")
        self.asked(head["size"], head["root"])
        self.count["checkpoints and co-signatures"] += 1
        return dict(head)

    def asked(self, size: int, root: bytes) -> None:
        """Compare a root that somebody signed with the log's own."""
        if not 0 <= size <= self.tree.size:
            raise Bad(f"a checkpoint was signed over {size} entries, here are {self.tree.size}")
        if self.tree.root(size) != root:
            raise Bad(f"the first {size} entries are not those that were signed for")

    def outside(self, data: bytes, name: str) -> None:
        """Check a checkpoint or co-signature that lies beside the log, or came by another way."""
        try:
            witness = cbor(Envelope(data).payload).get("witness")
            key = self.witnesses[witness] if witness else self.genesis["log_key"]
            self.checkpoint(data, key)
        except (Bad, LookupError, TypeError, AttributeError, ValueError) as error:
            self.wrong.append((self.tree.size, f"{name}: {error}"))

    # -- weighty acts: proposed by one, approved by others

    def on_propose(self, position: int, leaf: bytes, by: str, _: Any, body: Any) -> None:
        """Remember who asks for what."""
        self.proposals[leaf] = body | {"by": by, "names": [], "open": True, "at": position}

    def on_reject(self, _: int, __: bytes, ___: str, act: Any, ____: Any) -> None:
        """Close a proposal."""
        self.proposals[act["refs"][0]]["open"] = False

    def on_approve(self, position: int, leaf: bytes, by: str, act: Any, _: Any) -> None:
        """Count an approval; with the last one needed, the proposal takes effect."""
        proposal = self.proposals.get(act["refs"][0])
        if not proposal or not proposal["open"]:
            raise Bad("approves what nobody proposed, or what is closed")
        if by == proposal["by"] or by in proposal["names"]:
            raise Bad(f"{by!r} approves twice, or approves the own proposal")
        needed = self._needed(proposal)
        if needed["role"] not in self.persons[by]["roles"]:
            raise Bad(f"{by!r} approves without the role {needed['role']!r}")
        proposal["names"].append(by)
        signers = [self.persons[name] for name in (proposal["by"], *proposal["names"])]
        if (
            len(proposal["names"]) < needed["persons"]
            or len({p["org"] for p in signers}) < needed["organisations"]
            or needed["origin"] not in {"", *(p["nation"] for p in signers)}
        ):
            return
        proposal["open"] = False
        if effect := getattr(self, "do_" + proposal["kind"], None):
            effect(position, proposal["body"], (act["refs"][0], leaf))

    def _needed(self, proposal: dict[str, Any]) -> dict[str, Any]:
        body, rule = proposal["body"], {"persons": 2, "organisations": 2, "role": "authority"}
        found = self.agreements.get(body.get("agreement", ""), {})
        if proposal["kind"] == "dispose":
            return rule | {"origin": self.origins.get((body.get("items") or [""])[0], "")}
        asked = found.get("needed", {}).get(proposal["kind"], {})
        rule |= {key: asked[key] for key in rule if key in asked}
        return rule | {"origin": found.get("origin", "") if asked.get("origin", True) else ""}

    def do_organisation(self, _: int, body: Any, __: Any) -> None:
        """Note an organisation."""
        self.bodies.learn([body])

    def do_enrol(self, position: int, body: Any, _: Any) -> None:
        """Enrol a person; a new key for a known one retires the old key."""
        for old in (body["id"], body.get("replaces")):
            if old in self.persons:
                self.gone.setdefault(self.persons.pop(old)["kid"], position)
        self._person(body)

    def do_agreement(self, _: int, body: Any, __: Any) -> None:
        """Read who must sign under an agreement."""
        table = tomllib.loads(body["text"])
        head = dict(table["agreement"])
        head["needed"] = {rule["act"]: rule for rule in table.get("needed", [])}
        self.bodies.learn(table.get("organisation", []))
        self.agreements[head["id"]] = head

    def do_consent(self, position: int, body: Any, leaves: tuple[bytes, bytes]) -> None:
        """Remember a consent; it counts once it is witnessed."""
        if body["id"] in self.consents:
            raise Bad(f"consent {body['id']!r} exists already")
        self.consents[body["id"]] = consent = dict(body)
        consent |= {"position": position, "witnessed": None, "revoked": False, "used": 0}
        self.by_leaf |= dict.fromkeys(leaves, body["id"])

    def on_revoke(self, position: int, _: bytes, __: str, ___: Any, body: Any) -> None:
        """End a key or a consent at this position."""
        if "kid" in body:
            self.gone.setdefault(body["kid"], position)
        else:
            name = body["consent"]
            self.consents[self.by_leaf.get(name, name)]["revoked"] = True

    def on_register(self, _: int, __: bytes, by: str, ___: Any, body: Any) -> None:
        """Refuse a serial that was ever registered, and one from another nation."""
        uid = "/".join((body["maker"], body["part"], body["serial"]))
        if uid in self.items:
            raise Bad(f"registers {uid}, which was registered before")
        nation = self.persons[by]["nation"]
        origin = self.agreements.get(body["agreement"], {}).get("origin", nation)
        self.items[uid], self.origins[uid] = "", nation
        if nation != origin:
            raise Bad(f"{by!r} of {nation} registers {uid}; only {origin} may")

    def on_offer(self, position: int, leaf: bytes, by: str, act: Any, body: Any) -> None:
        """Remember an offer; check who gives, and the consent that it names."""
        giver = self.persons[by]
        self.offers[leaf] = body | {"open": True}
        for uid in body["items"]:
            holder = self.items.get(uid)
            if holder is None:
                raise Bad(f"offers {uid}, which nobody registered")
            inside = self.bodies.inside(giver["org"], holder)
            if not inside if holder else giver["nation"] != self.origins[uid]:
                raise Bad(f"{giver['org']} offers {uid}, which {holder or 'the origin'} holds")
        if body.get("consent"):
            self._consent(position, act, body, body["items"])

    def on_accept(self, position: int, _: bytes, by: str, act: Any, body: Any) -> None:
        """Hand over: both sides on one list, within the consent's quantity."""
        offer = self.offers.get(act["refs"][0])
        if offer is None or not offer["open"] or offer["items"] != body["items"]:
            raise Bad("accepts what was not offered, another list of items, or a second time")
        if not self.bodies.inside(self.persons[by]["org"], offer["to"]):
            raise Bad(f"{by!r} of {self.persons[by]['org']} accepts what {offer['to']} is offered")
        offer["open"] = False
        self.items.update(dict.fromkeys(body["items"], offer["to"]))
        if offer.get("consent"):
            consent = self._consent(position, act, offer, ())
            consent["used"] += len(body["items"])
            if consent["used"] > consent["quantity"]:
                raise Bad(f"uses {consent['used']} of {consent['quantity']} of {consent['id']!r}")

    def on_decline(self, *said: Any) -> None:
        """Close an offer."""
        self.offers[said[3]["refs"][0]]["open"] = False

    def _consent(self, position: int, act: Any, offer: Any, items: Any) -> dict[str, Any]:
        name = offer["consent"]
        consent = self.consents.get(self.by_leaf.get(name, name))
        if consent is None:
            raise Bad(f"relies on a consent that does not exist: {name!r}")
        bounds = (consent["from_ns"], act["at_ns"], consent["until_ns"] - 1)
        for wrong, why in (
            (consent["revoked"], "revoked"),
            (consent["witnessed"] is None or consent["witnessed"] >= position, "not yet witnessed"),
            (sorted(bounds) != list(bounds), "not in force at this time"),
            (consent["recipient"] != offer["to"], "for another recipient"),
            (consent["purpose"] != offer["purpose"], "for another purpose"),
            (not set(items) <= set(consent["items"]), "for other items"),
        ):
            if wrong:
                raise Bad(f"relies on consent {consent['id']!r}, which is {why}")
        return consent


# ---- the program --------------------------------------------------------------------------------


def check(path: Path, checkpoints: Sequence[Path] = (), cores: int = 0) -> Checker:
    """Check a log; signatures on all cores."""
    checker, waiting = Checker(), collections.deque[Any]()
    beside, forged = list[bytes](), list[int]()
    cores = cores or os.cpu_count() or 1
    with concurrent.futures.ProcessPoolExecutor(cores) as pool:
        for mark, data in read_log(path):
            (beside.append if mark == "K" else checker.statement)(data)
            if len(checker.tasks) >= CHUNK:
                waiting.append(pool.submit(genuine_many, checker.tasks))
                checker.tasks = []
            while len(waiting) > 4 * cores:
                forged += waiting.popleft().result()
        forged += [position for future in waiting for position in future.result()]
    forged += genuine_many(checker.tasks)
    checker.wrong += [(position, "its signature is forged") for position in forged]
    for data in beside:
        checker.outside(data, "a checkpoint beside the log")
    for file in checkpoints:
        checker.outside(file.read_bytes(), str(file))
    checker.wrong.sort()
    return checker


def main(arguments: list[str] | None = None) -> int:
    """Check a log and say what was found."""
    parser = argparse.ArgumentParser(
        prog="verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", type=Path)
    parser.add_argument("--genesis-hash", default="", help="leaf hash of the first statement, hex")
    parser.add_argument("--trust", action="append", default=[], help="name (kid) of the log's key")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    asked = parser.parse_args(arguments)
    try:
        found = check(asked.log, asked.checkpoint)
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"{asked.log} cannot be read: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if asked.genesis_hash not in {"", found.first.hex()}:
        found.wrong.insert(0, (0, f"the log begins with {found.first.hex()}, another genesis"))
    if asked.trust and found.log_kid.hex() not in asked.trust:
        found.wrong.insert(0, (0, f"the log's key {found.log_kid.hex()} is not trusted"))
    found.wrong += [] if found.tree.size else [(0, "the log is empty")]
    said = {
        "entries": found.tree.size, "root": found.tree.root(found.tree.size).hex(),
        "genesis": found.first.hex(), "log_key": found.log_kid.hex(), "witnessed": found.sealed,
        "kinds": dict(found.count), "wrong": found.wrong,
    }  # fmt: skip
    print(json.dumps(said) if asked.json else told(said))  # noqa: T201
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
