"""What the next money buys best: every option added to the plan by itself, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from steppewatch.plan.assure.assurance import MEASURES
from steppewatch.plan.assure.sites import Equipped, equip, package_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from steppewatch.plan.assure.board import Answer, Board

MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Hold what one more site is worth.

    Attributes:
        site: Its id.
        package: What would stand there.
        lat: Latitude [rad].
        lon: Longitude [rad].
        price: In the plan's currency.
        gain: Added to the mean of each measure.
        linked: Whether it would reach a gateway.
    """

    site: str
    package: str
    lat: float
    lon: float
    price: float
    gain: dict[str, float]
    linked: bool

    def per_million(self, measure: str) -> float:
        """Give the gain of a measure for a million of the currency."""
        return self.gain[measure] / max(self.price / MILLION, 1e-9)


def given_options(board: Board, chosen: Iterable[str]) -> list[Equipped]:
    """List the plan's own sites that are still free, with each package that may stand there."""
    taken = set(chosen)
    return [
        equip(board.wanted, board.terrain, one.id, package)
        for one in board.wanted.sites
        if not (one.fixed or one.barred or one.id in taken)
        for package in one.packages
    ]


def option(board: Board, site: str, package: str, lat: float, lon: float) -> Equipped:
    """Make an option of a place and a package of the plan.

    Raises:
        PlanError: The plan has no such package.
    """
    bought = package_of(board.wanted, package, f"option {site!r}")
    return Equipped(id=site, lat=lat, lon=lon, package=bought, price=bought.price)


def worth(
    board: Board,
    found: Answer,
    options: Sequence[Equipped],
    tell: Callable[[int, int], None] | None = None,
) -> list[Worth]:
    """Add each option by itself, the best first.

    The order is by what a million buys of the first measure from the end that moves at all: met,
    looked, tracked, detected; a plan without patrols is not ranked by their arrivals.

    Args:
        board: The plan's board.
        found: What the plan assures without them.
        options: Sites with packages.
        tell: Is told how many are done, of how many.
    """
    now = board.mean(found)
    out = []
    for number, one in enumerate(options, 1):
        then = board.answer((*found.sites, one), base=found)
        means = board.mean(then)
        own = [yes for s, yes in zip(then.standings, then.linked, strict=True) if s.site == one.id]
        out.append(
            Worth(
                site=one.id,
                package=one.package.id,
                lat=one.lat,
                lon=one.lon,
                price=one.price,
                gain={m: means[m] - now[m] for m in MEASURES},
                linked=all(own),
            )
        )
        if tell is not None:
            tell(number, len(options))
    board.answer(found.sites, base=found)  # which is the last one again
    key = ranked_by(out)
    return sorted(out, key=lambda w: -w.per_million(key))


def ranked_by(options: Sequence[Worth]) -> str:
    """Name the measure by which options are ranked: the last one that any of them moves."""
    for measure in reversed(MEASURES):
        if any(one.gain[measure] > 1e-9 for one in options):
            return measure
    return MEASURES[1]
