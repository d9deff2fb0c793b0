"""Does a count agree with a probability? Exact bounds, and how many are asked at once.

Crossings at different posts have different probabilities; their count is Poisson binomial, which
spreads less than a binomial of the same mean (Hoeffding 1956), so that Clopper and Pearson's
bounds for the mean are on the safe side.
"""

from dataclasses import dataclass

from scipy.stats import beta

from steppewatch.errors import PlanError


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Hold one comparison: what was counted against what the model says.

    Attributes:
        name: Class of target.
        measure: ``detected`` or ``tracked``.
        count: Crossings of which it was true.
        number: Crossings.
        low: Lower bound of the probability.
        high: Upper bound.
        model: Mean of the model over exactly these crossings.
    """

    name: str
    measure: str
    count: int
    number: int
    low: float
    high: float
    model: float

    @property
    def inside(self) -> bool:
        """Say whether the model lies within the bounds; a rounding error is none."""
        return self.low - 1e-9 <= self.model <= self.high + 1e-9


def clopper_pearson(count: int, number: int, alpha: float) -> tuple[float, float]:
    """Give exact two-sided bounds for a probability (Clopper & Pearson 1934).

    Args:
        count: Successes.
        number: Trials, 1 or more.
        alpha: Chance that the bounds miss the truth, at most.

    Raises:
        PlanError: A count that cannot be.

    >>> [round(v, 4) for v in clopper_pearson(0, 10, 0.05)]
    [0.0, 0.3085]
    """
    if not (0 <= count <= number and number >= 1 and 0.0 < alpha < 1.0):
        raise PlanError(
            f"{count} of {number} at a level of {alpha:g}: expected 0 ≤ count ≤ number, one trial "
            "or more, and a level within 0…1"
        )
    low = 0.0 if count == 0 else float(beta.ppf(alpha / 2.0, count, number - count + 1))
    high = 1.0 if count == number else float(beta.ppf(1.0 - alpha / 2.0, count + 1, number - count))
    return low, high


def compare(cells: list[tuple[str, str, int, int, float]], alpha: float = 0.05) -> tuple[Cell, ...]:
    """Bound all counts at once: the level is shared among the cells (Bonferroni).

    Args:
        cells: Class, measure, count, number, model of each; those without a trial are left out.
        alpha: Chance that any of the bounds misses the truth, at most.
    """
    asked = [cell for cell in cells if cell[3] > 0]
    out = []
    for name, measure, count, number, model in asked:
        low, high = clopper_pearson(count, number, alpha / len(asked))
        out.append(
            Cell(
                name=name,
                measure=measure,
                count=count,
                number=number,
                low=low,
                high=high,
                model=model,
            )
        )
    return tuple(out)
