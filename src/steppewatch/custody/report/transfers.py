"""The year's transfers in the shape of ATT article 12: authorised and actual, by states.

Radars, small drones without weapons and soft vehicles stand outside the categories of UNROCA; the
treaty's own fields (quantity, model, states, end user) are kept for them all the same.
"""

import datetime as dt
from collections import Counter

from steppewatch.custody.register import Offer, Register

SECOND = 1_000_000_000


def year_of(ns: int) -> int:
    """Give the year of a moment (UTC)."""
    return dt.datetime.fromtimestamp(ns / SECOND, dt.UTC).year


def transfers(register: Register, year: int, now_ns: int) -> dict[str, object]:
    """List what crossed from one state or holder to another in a year.

    Args:
        register: As of the ledger's last statement.
        year: Calendar year (UTC).
        now_ns: When the report is made [ns UTC].

    Returns:
        ``rows``: one for each handover and kind of item; ``authorised``: by lot, what may be
        handed over in all and what was so far; the ledger's size that it rests on.
    """
    done = [one for one in register.offers.values() if one.done >= 0]
    rows = [row for one in done if year_of(one.done_ns) == year for row in _rows(register, one)]
    return {
        "report": "transfers",
        "year": year,
        "made_ns": now_ns,
        "ledger": register.log,
        "statements": register.size,
        "rows": sorted(rows, key=lambda row: (str(row["date"]), str(row["model"]))),
        "authorised": _authorised(register),
        "consents": [
            {
                "id": one.id, "recipient": one.recipient, "purpose": one.purpose,
                "authorised": one.quantity, "used": one.used, "revoked": one.revoked >= 0,
            }
            for one in register.consents.values()
        ],
    }  # fmt: skip


def _rows(register: Register, offer: Offer) -> list[dict[str, object]]:
    kinds = Counter(uid.rsplit("/", 1)[0] for uid in offer.items)
    nations = [register.organisations[name].nation for name in (offer.giver, offer.to)]
    date = dt.datetime.fromtimestamp(offer.done_ns / SECOND, dt.UTC).date().isoformat()
    return [
        {
            "date": date,
            "model": kind,
            "title": next(
                register.items[uid].title for uid in offer.items if uid.startswith(f"{kind}/")
            ),
            "quantity": count,
            "from_state": nations[0],
            "to_state": nations[1],
            "giver": offer.giver,
            "end_user": offer.to,
            "purpose": offer.purpose,
            "temporary": offer.return_by_ns > 0,
            "consent": offer.consent,
            "statement": offer.done,
        }
        for kind, count in sorted(kinds.items())
    ]


def _authorised(register: Register) -> list[dict[str, object]]:
    return [
        {
            "agreement": agreement.id,
            "arrangement": arrangement.id,
            "model": f"{lot.maker}/{lot.part}",
            "title": lot.title,
            "from_state": agreement.origin,
            "to_state": agreement.recipient,
            "authorised": lot.quantity,
            "registered": len(held := [
                item for item in register.items.values()
                if (item.lot.maker, item.lot.part, item.arrangement.id)
                == (lot.maker, lot.part, arrangement.id)
            ]),
            "handed_over": sum(item.holder != arrangement.giver for item in held),
        }
        for agreement in register.agreements.values()
        for arrangement in agreement.arrangements
        for lot in arrangement.lots
    ]  # fmt: skip
