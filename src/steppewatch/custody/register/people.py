"""Who may sign: genesis, witnesses, and the weighty acts that no person does alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from steppewatch.custody.acts import Act
from steppewatch.custody.agreement import Needed, Organisation, read_agreement
from steppewatch.custody.ledger import PublicKey
from steppewatch.custody.ledger.checkpoint import read_checkpoint
from steppewatch.custody.policy.decide import rules_of
from steppewatch.custody.register import weighty
from steppewatch.custody.register.judging import Effect, Judge
from steppewatch.custody.register.records import Person, Proposal
from steppewatch.errors import CustodyError

if TYPE_CHECKING:
    from steppewatch.custody.register.register import Register

ALONE = Needed(persons=2, organisations=2, origin=False)


def read_key(value: Mapping[str, Any]) -> PublicKey:
    """Read ``{alg, public}``.

    Raises:
        CustodyError: It is no key.
    """
    return PublicKey(str(value["alg"]), bytes(value["public"]))


def begin(register: "Register", act: Act) -> None:
    """Take the genesis: the first organisations, persons, keys and witnesses."""
    body = act.body
    register.log, register.nation = body["log"], body["nation"]
    register.log_key = read_key(body["log_key"])
    register.keys[register.log_key.kid] = (register.log_key, "")
    register.witnesses = {row["id"]: dict(row) for row in body["witnesses"]}
    for row in body["witnesses"]:
        read_key(row["key"])
    register.quorum = int(body["quorum"])
    if not 1 <= register.quorum <= max(1, len(register.witnesses)):
        raise CustodyError(f"its quorum {register.quorum} of {len(register.witnesses)} witnesses")
    register.slack_ns = int(body["slack_s"]) * 1_000_000_000
    for row in body["organisations"]:
        register.organisations[row["id"]] = Organisation(**row)
    for row in body["persons"]:
        enrol(register, 0, row)


def enrol(register: "Register", position: int, row: Mapping[str, Any]) -> None:
    """Enrol a person; who is known already, or replaced, loses the old key."""
    key = read_key(row["key"])
    for name in (row["id"], row.get("replaces", "")):
        known = register.persons.pop(name, None)
        if known is not None:
            register.revoked[known.kid] = position
            _forget(register, known.id)
    register.keys[key.kid] = (key, row["id"])
    register.persons[row["id"]] = Person(
        id=row["id"],
        name=row["name"],
        org=row["org"],
        nation=register.organisations[row["org"]].nation,
        national=row.get("nation") or register.organisations[row["org"]].nation,
        roles=frozenset(row["roles"]),
        level=row["level"],
        kid=key.kid,
        position=position,
    )


def _forget(register: "Register", name: str) -> None:
    """Let what a key that holds no more signed in open proposals count no more."""
    for proposal in register.proposals.values():
        if proposal.state == "open" and proposal.by == name:
            proposal.state = "void"
        elif proposal.state == "open" and name in proposal.approved:
            proposal.approved.remove(name)
            proposal.needs = _lacking(register, proposal)


def judge_log(register: "Register", act: Act) -> str | None:
    """Judge what the log itself says."""
    if act.kind != "witnessed":
        wanted = {"refused": {"statement", "kind", "by", "why"}}.get(act.kind, {"root", "count"})
        missing = wanted - set(act.body)
        if missing or not isinstance(act.body.get("count", 0), int):
            return f"{act.kind} lacks {', '.join(sorted(missing)) or 'a whole count'}"
        return None
    try:
        return _judge_witnessed(register, act.body)
    except (KeyError, TypeError, AttributeError, CustodyError) as error:
        return f"its checkpoint is none: {error}"


def _judge_witnessed(register: "Register", body: Mapping[str, Any]) -> str | None:
    head = read_checkpoint(body["checkpoint"], register.log_key)
    if (head.log, head.size, head.root) != (register.log, body["size"], body["root"]):
        return "its checkpoint tells of another tree"
    if not register.witnessed["size"] <= head.size <= register.size:
        return f"it witnesses {head.size} statements; the ledger holds {register.size}"
    names = set()
    for data in body["cosignatures"]:
        name = read_checkpoint(data).witness
        witness = register.witnesses.get(name)
        if witness is None:
            return f"{name!r} is no witness of this ledger"
        if replace(read_checkpoint(data, read_key(witness["key"])), witness="") != head:
            return f"witness {name!r} co-signed another checkpoint"
        names.add(name)
    if len(names) < register.quorum:
        return f"{len(names)} witnesses co-signed; {register.quorum} are needed"
    return None


def take_log(register: "Register", position: int, act: Act) -> None:
    """Let what the log says take effect."""
    body = act.body
    if act.kind == "witnessed":
        head = read_checkpoint(body["checkpoint"])
        names = sorted(read_checkpoint(data).witness for data in body["cosignatures"])
        register.witnessed = {"size": head.size, "at_ns": head.at_ns, "by": names}
        for consent in register.consents.values():
            if consent.witnessed < 0 and consent.position < head.size:
                consent.witnessed = position
    elif act.kind == "refused":
        register.refusals.append({"position": position, "at_ns": act.at_ns, **body})
        register.tell(
            position,
            tuple(sorted({one.origin for one in register.agreements.values()})),
            "refused",
            f"{body['by']} tried {body['kind']}: {'; '.join(body['why'])}",
        )
    elif act.kind == "journal":
        register.journals += 1
    elif act.kind == "deeds":
        register.deeds += int(body["count"])


def needed(
    register: "Register", kind: str, body: Mapping[str, Any]
) -> tuple[Needed, frozenset[str]]:
    """Say whose signatures a proposal needs, and which nations must be among them."""
    if kind == "dispose":
        terms = {one for uid in body["items"] for one in register.items[uid].terms}
        return ALONE, frozenset(register.agreements[one].origin for one in terms)
    if kind == "agreement":
        # Both sides sign the text, and a new text as the old one says.
        wanted = read_agreement(body["text"], "agreement")
        known = register.agreements.get(wanted.id)
        rule = known.needed.get(kind, Needed()) if known else ALONE
        return rule, frozenset({wanted.origin, wanted.recipient})
    if kind == "enrol":
        # Nobody is enrolled for a nation over the heads of its persons.
        nation = register.organisations[body["org"]].nation
        there = any(one.nation == nation for one in register.persons.values())
        return ALONE, frozenset({nation} if there else ())
    agreement = register.agreements.get(body.get("agreement", ""))
    if agreement is None:
        return ALONE, frozenset()
    found = agreement.needed.get(kind, Needed())
    return found, frozenset({agreement.origin} if found.origin else ())


def _judge_propose(register: "Register", act: Act, person: Person) -> str | None:
    kind, body = act.body["kind"], act.body["body"]
    wrong = weighty.JUDGES[kind](register, body)
    if wrong:
        return wrong
    if kind == "agreement":
        try:
            rules_of([read_agreement(body["text"], "agreement")])
        except CustodyError as error:
            return str(error)
    return None if person.roles & {"authority", "officer"} else _lacks(person, "officer")


def _take_propose(register: "Register", position: int, leaf: bytes, act: Act, _: Person) -> None:
    kind, body = act.body["kind"], act.body["body"]
    proposal = Proposal(
        leaf=leaf, position=position, at_ns=act.at_ns, kind=kind, body=body, by=act.by
    )
    proposal.needs = _lacking(register, proposal)
    register.proposals[leaf] = proposal


def _lacking(register: "Register", proposal: Proposal) -> str:
    """Say what a proposal lacks; empty when it is complete."""
    rule, nations = needed(register, proposal.kind, proposal.body)
    signers = [register.persons[name] for name in (proposal.by, *proposal.approved)
               if name in register.persons]  # fmt: skip
    short = []
    if len(proposal.approved) < rule.persons:
        short.append(f"{rule.persons - len(proposal.approved)} approvals")
    if len({one.org for one in signers}) < rule.organisations:
        short.append(f"signers of {rule.organisations} organisations")
    missing = sorted(nations - {one.nation for one in signers})
    short += [f"a signer of {nation}" for nation in missing]
    return ", ".join(short)


def _open(register: "Register", act: Act) -> Proposal | str:
    proposal = register.proposals.get(act.refs[0])
    if proposal is None:
        return "it answers no proposal of this ledger"
    if proposal.state != "open":
        return f"that proposal is {proposal.state} already"
    return proposal


def _judge_approve(register: "Register", act: Act, person: Person) -> str | None:
    proposal = _open(register, act)
    if isinstance(proposal, str):
        return proposal
    if person.id == proposal.by or person.id in proposal.approved:
        return f"{person.id} proposed or approved this already: another person must"
    rule, _ = needed(register, proposal.kind, proposal.body)
    if rule.role not in person.roles:
        return _lacks(person, rule.role)
    return weighty.JUDGES[proposal.kind](register, proposal.body)


def _take_approve(register: "Register", position: int, _: bytes, act: Act, person: Person) -> None:
    proposal = register.proposals[act.refs[0]]
    proposal.approved.append(person.id)
    proposal.needs = _lacking(register, proposal)
    if proposal.needs:
        return
    proposal.state = "done"
    if proposal.kind == "enrol":
        enrol(register, position, proposal.body)
    else:
        weighty.EFFECTS[proposal.kind](register, position, proposal)


def _judge_reject(register: "Register", act: Act, person: Person) -> str | None:
    proposal = _open(register, act)
    if isinstance(proposal, str):
        return proposal
    return None if "authority" in person.roles or person.id == proposal.by else _lacks(
        person, "authority"
    )  # fmt: skip


def _take_reject(register: "Register", _: int, __: bytes, act: Act, ___: Person) -> None:
    register.proposals[act.refs[0]].state = "rejected"


def _judge_revoke(register: "Register", act: Act, person: Person) -> str | None:
    body = act.body
    if ("kid" in body) == ("consent" in body):
        return "revoke names a key or a consent, one of them"
    if "kid" in body:
        found = register.keys.get(body["kid"])
        if found is None or not found[1] or body["kid"] in register.revoked:
            return "that key is nobody's, the log's own, or revoked already"
        owner = register.persons[found[1]]
        if owner.id != person.id and not (
            "authority" in person.roles and owner.nation == person.nation
        ):
            return f"only {owner.id} or an authority of {owner.nation} revokes that key"
        return None
    consent = register.consents.get(body["consent"])
    if consent is None or consent.revoked >= 0:
        return f"there is no consent {body['consent']!r}, or it is revoked already"
    origin = register.agreements[consent.agreement].origin
    if person.nation != origin or "authority" not in person.roles:
        return f"only an authority of {origin} takes its consent back"
    return None


def _take_revoke(register: "Register", position: int, _: bytes, act: Act, __: Person) -> None:
    if "kid" in act.body:
        register.revoked[act.body["kid"]] = position
        _forget(register, register.keys[act.body["kid"]][1])
        return
    consent = register.consents[act.body["consent"]]
    consent.revoked = position
    register.tell(
        position,
        (consent.recipient, *sorted(consent.organisations)),
        "revoked",
        f"consent {consent.id} is taken back: {act.body['why']}",
    )


def _lacks(person: Person, role: str) -> str:
    return f"{person.id} has not the role {role!r}; has {', '.join(sorted(person.roles)) or 'none'}"


ACTS: Mapping[str, tuple[Judge, Effect]] = {
    "propose": (_judge_propose, _take_propose),
    "approve": (_judge_approve, _take_approve),
    "reject": (_judge_reject, _take_reject),
    "revoke": (_judge_revoke, _take_revoke),
}
