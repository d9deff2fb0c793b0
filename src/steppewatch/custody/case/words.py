"""Say in one sentence what an act on a case did."""

from collections.abc import Mapping
from typing import Any


def sentence(kind: str, body: Mapping[str, Any]) -> str:
    """Put an act on a case into words.

    >>> sentence("case.check", {"check": "parties", "result": "match", "text": "same name"})
    'check parties: match (same name)'
    """
    said = _said(kind, body)
    why = body.get("text") or body.get("why") or ""
    return f"{said} ({why})" if why else said


def _said(kind: str, body: Mapping[str, Any]) -> str:
    match kind:
        case "case.open":
            said = f"asked: {body['title']}"
        case "case.check":
            said = f"check {body['check']}: {body['result']}"
        case "case.flag":
            said = f"{'set' if body['set'] else 'lifted'} flag {body['flag']}"
        case "case.advice":
            given = _listed(body["conditions"])
            said = f"advised about {body['about']}: {body['verdict']}{given}"
        case "case.countersign":
            said = "countersigned an advice" if body["agree"] else "did not agree to an advice"
        case "case.decide":
            given = _listed([*body["conditions"], *body["reasons"]])
            said = f"decided: {body['verdict']}{given}"
        case _:
            said = "re-opened; the licence is suspended"
    return said


def _listed(texts: list[str]) -> str:
    return f": {'; '.join(texts)}" if texts else ""
