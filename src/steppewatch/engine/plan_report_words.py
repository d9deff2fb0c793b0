"""What a plan's report says, in words and figures; HTML and PDF only lay it out."""

import math
from dataclasses import dataclass

from steppewatch.engine.plan_map import NAMES
from steppewatch.engine.plan_report_assured import AssuredPlan
from steppewatch.engine.plan_report_read import Plan, PlanSite

Row = tuple[str, ...]
NARROW = "\N{NO-BREAK SPACE}"
SYNTHETIC = (
    "Synthetic relief: this terrain was invented by a program. The figures show how the tool "
    "works and must not decide where anything is built."
)
SECTION_HEAD = ("Border", "From km", "To km", "Seen")
CLASS_HEAD = ("Class", "Height above ground", "Weight", "Seen")
LOSS_HEAD = ("If this site is lost", "Still seen", "Loss")
SITE_HEAD = ("No", "Site", "Package", "Where", "Adds", "Price", "If refused")
ASSURED_HEAD = ("Class", "Detected", "Tracked", "Class told", "Met")
SHORT_HEAD = ("Stretch", "Detected", "Tracked", "Class told", "Met", "Limited by")
PACKAGE_HEAD = ("Package", "Sensors", "Bought", "Limit", "Price each", "Together")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Hold the report's words.

    Attributes:
        title: Above all.
        source: What the plan was made from.
        cautions: Sentences that must not be missed.
        answer: The one paragraph that a hurried reader reads.
        facts: Label and figure of the strip under it.
        packages: Rows below ``PACKAGE_HEAD``.
        sites: Rows below ``SITE_HEAD``.
        sections: Rows below ``SECTION_HEAD``.
        classes: Rows below ``CLASS_HEAD``.
        losses: Rows below ``LOSS_HEAD``, the worst first.
        robust: A sentence on the loss of one site.
        assured: What a crossing meets, in a sentence; empty when that was not worked out.
        assured_classes: Rows below ``ASSURED_HEAD``.
        assured_stretches: Rows below ``SHORT_HEAD``, the worst first.
        method: How the choice was made and what the figures rest on.
        warnings: Of the run.
    """

    title: str
    source: str
    cautions: tuple[str, ...]
    answer: str
    facts: tuple[tuple[str, str], ...]
    packages: tuple[Row, ...]
    sites: tuple[Row, ...]
    sections: tuple[Row, ...]
    classes: tuple[Row, ...]
    losses: tuple[Row, ...]
    robust: str
    assured: str
    assured_classes: tuple[Row, ...]
    assured_stretches: tuple[Row, ...]
    method: tuple[str, ...]
    warnings: tuple[str, ...]


def tell(plan: Plan, assured: AssuredPlan | None = None) -> Story:
    """Put a plan into words, and what it assures where that was worked out."""
    losses = sorted(plan.robust, key=lambda one: one[1])
    return Story(
        title=plan.title,
        source=plan.source,
        cautions=(SYNTHETIC,) if plan.synthetic else (),
        answer=_answer(plan),
        facts=_facts(plan),
        packages=tuple(
            (
                p.id,
                ", ".join(p.sensors) or "relay only",
                str(p.bought),
                "none" if p.most is None else f"{p.most:.0f}",
                money(p.price, plan.currency),
                money(p.price * p.bought, plan.currency),
            )
            for p in plan.packages
        ),
        sites=tuple(_site(site, number, plan) for number, site in enumerate(plan.sites, 1)),
        sections=tuple(
            (
                NAMES.get(s.border, s.border),
                kilometres(s.start),
                kilometres(s.end),
                percent(s.share),
            )
            for s in plan.sections
        ),
        classes=tuple(
            (
                c.target,
                "–" if math.isnan(c.height) else f"{c.height:g} m",
                f"{c.weight:g}",
                percent(c.share),
            )
            for c in plan.classes
        ),
        losses=tuple((name, percent(s), points(plan.share - s)) for name, s in losses[:10]),
        robust=_robust(plan, losses),
        assured="" if assured is None else _assured(assured),
        assured_classes=() if assured is None else _assured_classes(assured),
        assured_stretches=() if assured is None else _assured_stretches(assured),
        method=_method(plan),
        warnings=plan.warnings,
    )


def percent(share: float) -> str:
    r"""Write a share, never rounded up to a whole that it is not.

    >>> percent(0.9072), percent(0.99996), percent(0.003)
    ('90.7\xa0%', '99.99\xa0%', '0.3\xa0%')
    """
    if 0.99 < share < 1.0:
        return f"{math.floor(share * 1e4 + 1e-9) / 100:.2f}{NARROW}%"
    return f"{round(share * 1e3) / 10:.1f}{NARROW}%"


def points(loss: float) -> str:
    """Write a loss of share in percentage points.

    >>> points(0.0031), points(0.0)
    ('−0.31', '0')
    """
    return "0" if abs(loss) < 5e-6 else f"{-100.0 * loss:+.2f}".replace("-", "−")


def money(amount: float, currency: str) -> str:
    r"""Write an amount as people say it.

    >>> money(38_500_000, "USD"), money(950_000, "USD")
    ('38.5\xa0million\xa0USD', '950,000\xa0USD')
    """
    if math.isnan(amount):
        return "no limit"
    if amount >= 1e6:
        return f"{amount / 1e6:,.2f}".rstrip("0").rstrip(".") + f"{NARROW}million{NARROW}{currency}"
    return f"{amount:,.0f}{NARROW}{currency}"


def kilometres(metres: float) -> str:
    """Write a place along the border.

    >>> kilometres(12_340.0), kilometres(math.nan)
    ('12', 'end')
    """
    return "end" if math.isnan(metres) else f"{metres / 1e3:,.0f}"


def where(site: PlanSite) -> str:
    """Say where a site stands: kilometre of the border and place."""
    north, east = math.degrees(site.lat), math.degrees(site.lon)
    place = f"{abs(north):.3f}° {'N' if north >= 0 else 'S'}, {abs(east):.3f}° "
    place += "E" if east >= 0 else "W"
    if not site.border or math.isnan(site.along):
        return place
    inside = "" if math.isnan(site.inside) else f", {max(site.inside, 0.0) / 1e3:.0f} km inside"
    return f"{site.border} km {site.along / 1e3:,.0f}{inside}; {place}"


def _answer(plan: Plan) -> str:
    new = [s for s in plan.sites if not s.fixed]
    old = len(plan.sites) - len(new)
    kinds = "; ".join(f"{p.bought}{NARROW}×{NARROW}{p.id}" for p in plan.packages if p.bought)
    text = f"{_count(len(new), 'new site')} for {money(plan.spent, plan.currency)}"
    if not math.isnan(plan.budget):
        text += f" of {money(plan.budget, plan.currency)}"
    text += f" ({kinds})" if kinds else ""
    if old:
        text += f", with {_count(old, 'site')} that {'stand' if old > 1 else 'stands'} already,"
    text += f" {'see' if len(plan.sites) != 1 else 'sees'} {percent(plan.share)}"
    text += " of what is to be watched. "
    if plan.bound_share - plan.share < 5e-5:
        text += "That is proven to be the best possible for this money."
    else:
        text += (
            f"No choice of sites for this money can see more than "
            f"{_up(plan.bound_share)}: that limit is proven, and this plan is within "
            f"{_up(plan.gap, 2)} of it."
        )
    if plan.sections:
        worst = min(plan.sections, key=lambda s: s.share)
        text += (
            f" The weakest stretch is {NAMES.get(worst.border, worst.border)} km "
            f"{kilometres(worst.start)}–{kilometres(worst.end)}, where {percent(worst.share)} "
            "is seen."
        )
    return text


def _up(share: float, digits: int = 1) -> str:
    """Write a limit, rounded up so that it stays one, and finely enough to be below a whole."""
    while (
        digits < 4
        and share < 1.0
        and math.ceil(share * 10.0 ** (digits + 2) - 1e-9) >= (10.0 ** (digits + 2))
    ):
        digits += 1
    scale = 10.0 ** (digits + 2)
    return f"{math.ceil(share * scale - 1e-9) / scale * 100.0:.{digits}f}{NARROW}%"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _facts(plan: Plan) -> tuple[tuple[str, str], ...]:
    facts = [
        ("seen", percent(plan.share)),
        ("proven limit", _up(plan.bound_share)),
        ("sites", f"{len(plan.sites):,}"),
        ("spent", money(plan.spent, plan.currency)),
    ]
    if plan.robust:
        facts.append(("after the worst loss", percent(min(s for _, s in plan.robust))))
    return tuple(facts)


def _site(site: PlanSite, number: int, plan: Plan) -> Row:
    if site.fixed:
        refused = "stands already"
    elif site.alternatives:
        refused = "; ".join(
            f"take {a.id}"
            + (f" ({a.package})" if a.package != site.package else "")
            + (f", lose {100.0 * a.loses:.2f}{NARROW}%" if a.loses > 5e-6 else ", lose nothing")
            for a in site.alternatives[:2]
        )
    else:
        refused = "–"
    package = site.package + (" (relay)" if site.relay and "relay" not in site.package else "")
    return (
        str(number),
        site.id,
        package,
        where(site),
        f"+{100.0 * site.adds:.2f}{NARROW}%",
        money(site.price, plan.currency),
        refused,
    )


def _robust(plan: Plan, losses: list[tuple[str, float]]) -> str:
    if not losses:
        return "What the loss of one site costs was not worked out."
    name, share = losses[0]
    return (
        f"Whichever single site is lost, at least {percent(share)} is still seen; the worst loss "
        f"is {name}, which costs {100.0 * (plan.share - share):.2f} percentage points."
    )


def _assured(found: AssuredPlan) -> str:
    detected, tracked, looked, met = (percent(p) for p in found.mean)
    return (
        f"A crossing is detected with a probability of {detected}, under track "
        f"{found.minutes:g} minutes before the line with {tracked}, its class told by a drone with "
        f"{looked}, and met by a patrol with {met}: means over border, classes, hours and weathers "
        "(model: docs/assurance.md)."
    )


def _assured_classes(found: AssuredPlan) -> tuple[Row, ...]:
    rows = tuple((name, *map(percent, measures)) for name, measures in found.classes)
    return (*rows, ("all", *map(percent, found.mean)))


def _assured_stretches(found: AssuredPlan) -> tuple[Row, ...]:
    return tuple(
        (
            f"{one.border} km {kilometres(one.start)}–{kilometres(one.end)}",
            *map(percent, one.measures),
            one.limit or "–",
        )
        for one in found.stretches
    )


def _method(plan: Plan) -> tuple[str, ...]:
    seen = (
        "A cell of ground counts as seen when a chosen sensor detects the class of target there "
        "with the required probability. Shares are fractions of the total weight that the plan "
        "gives to cells and classes."
    )
    limit = (
        "The proven limit is an upper bound on what any choice of candidates could reach under the "
        "same budget and conditions; steppewatch plan check rechecks it without any solver."
    )
    terms = (
        "“Adds” is what the choice would lose without the site. “If refused” names the next best "
        "places and what they lose."
    )
    lines = [seen, limit, terms]
    if plan.method:
        lines.append(f"Method: {plan.method}. Computing time {plan.cpu:.1f} s of one processor.")
    lines.append(f"Terrain: {plan.terrain or 'not told'}.")
    return tuple(lines)
