"""Settings side by side over the same recordings: figures, paired differences, standard errors.

Every setting is played on every recording, one after the other in one process, so that what
differs between recordings, and the machine's mood, falls out of the differences.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steppewatch.engine.track_recording import Recording, Truth
from steppewatch.engine.track_run import Run, track
from steppewatch.engine.track_score import score
from steppewatch.engine.track_surprise import Surprise
from steppewatch.fuse import TrackerSettings
from steppewatch.fuse.score import Report

BLOCKS = 10
"""Stretches of scans whose means are taken as independent where there is one recording alone."""
UNITS = {
    "GOSPA": "m", "rms": "m", "complete": "", "false": "/scan", "switches": "/100 min",
    "breaks": "", "latency": "s", "ANEES": "", "ANIS": "", "evidence": "/plot", "tracks": "",
    "CPU": "ms/scan",
}  # fmt: skip
"""Figures and their units; ANEES and ANIS are best at 1, evidence is best when great."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Hold one recording, and its truth if somebody knows it."""

    name: str
    recording: Recording
    truth: Truth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Hold what one setting came to on one recording.

    Attributes:
        figures: Name (of :data:`UNITS`) → value; NaN is unknown.
        gospa: ``(k,)`` GOSPA of each scored moment [m]; empty without truth.
    """

    figures: dict[str, float]
    gospa: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Hold c settings played on r recordings.

    Attributes:
        settings: Names of the settings; all are compared with the first.
        cases: Names of the recordings.
        played: ``played[s][r]``.
    """

    settings: tuple[str, ...]
    cases: tuple[str, ...]
    played: tuple[tuple[Played, ...], ...]

    def names(self) -> tuple[str, ...]:
        """Name the figures that are known anywhere."""
        return tuple(
            name
            for name in UNITS
            if any(math.isfinite(p.figures.get(name, math.nan)) for row in self.played for p in row)
        )

    def mean(self, setting: int, name: str) -> float:
        """Give the mean of a figure over the recordings."""
        return _mean([p.figures.get(name, math.nan) for p in self.played[setting]])

    def difference(self, setting: int, name: str) -> tuple[float, float]:
        """Give the mean paired difference from the first setting, and its standard error.

        With one recording the error is known for GOSPA alone, from the means of ten stretches of
        scans (batch means: Flegal & Jones 2010); NaN is unknown.
        """
        pairs = list(zip(self.played[setting], self.played[0], strict=True))
        off = np.array(
            [a.figures.get(name, np.nan) - b.figures.get(name, np.nan) for a, b in pairs]
        )
        off = off[np.isfinite(off)]
        if len(off) > 1:
            return float(off.mean()), float(off.std(ddof=1) / math.sqrt(len(off)))
        if len(pairs) == 1 and name == "GOSPA":
            a, b = pairs[0]
            return _mean(off.tolist()), _block_error(a.gospa - b.gospa)
        return _mean(off.tolist()), math.nan

    def differs(self, setting: int, name: str) -> bool:
        """Tell whether a figure differs from the first setting's, by Student's t at 95 %."""
        from scipy.stats import t  # noqa: PLC0415 (slow to import)

        off, error = self.difference(setting, name)
        freedom = len(self.cases) - 1 if len(self.cases) > 1 else BLOCKS - 1
        return bool(abs(off) > float(t.ppf(0.975, freedom)) * error > 0.0)

    def as_json(self) -> dict[str, object]:
        """Give all as plain data, None for unknown."""
        return {
            "inputs": list(self.cases),
            "settings": [
                {
                    "name": name,
                    "mean": {n: _known(self.mean(s, n)) for n in self.names()},
                    "difference": {
                        n: dict(
                            zip(("mean", "standard_error"), map(_known, self.difference(s, n)),
                                strict=True)
                        )
                        for n in self.names()
                    } if s else {},
                    "inputs": [
                        {n: _known(p.figures.get(n, math.nan)) for n in self.names()}
                        for p in self.played[s]
                    ],
                }
                for s, name in enumerate(self.settings)
            ],
        }  # fmt: skip

    def tell(self) -> str:
        """Write a table to read: means, then the differences from the first with their errors."""
        names = self.names()
        left = max(len(name) for name in (*self.settings, "less the first"))
        wide = [max(10, len(f"{n} {UNITS[n]}".strip()) + 2) for n in names]
        head = "".join(
            f"{f'{n} {UNITS[n]}'.strip():>{w}}" for n, w in zip(names, wide, strict=True)
        )
        lines = [f"{'':<{left}}{head}"]
        for s, name in enumerate(self.settings):
            row = "".join(
                f"{_text(self.mean(s, n)):>{w}}" for n, w in zip(names, wide, strict=True)
            )
            lines.append(f"{name:<{left}}{row}")
        for s, name in enumerate(self.settings[1:], 1):
            both = [self.difference(s, n) for n in names]
            lines.append(
                f"\n{name} less {self.settings[0]}, mean ± standard error (differs: at 95 %)"
            )
            for n, (off, error) in zip(names, both, strict=True):
                sure = "  differs" if self.differs(s, n) else ""
                lines.append(f"  {n:<12}{_signed(off):>12} ± {_text(error):<10}{sure}".rstrip())
        if len(self.cases) == 1 and len(self.settings) > 1:
            lines.append(
                "\none input: the error of GOSPA comes from ten stretches of its scans, others "
                "are unknown; give several inputs"
            )
        return "\n".join(lines)


def compare(
    cases: Sequence[Case],
    settings: Mapping[str, TrackerSettings],
    on_played: Callable[[str, str], None] | None = None,
) -> Comparison:
    """Play all settings on all recordings.

    Args:
        cases: The recordings.
        settings: Name → settings; the first is what the others are compared with.
        on_played: Is told the names of recording and setting when one is through.

    Raises:
        FuseError: Truth and tracks do not fit together.
    """
    rows: list[list[Played]] = [[] for _ in settings]
    for case in cases:
        for row, (name, chosen) in zip(rows, settings.items(), strict=True):
            row.append(play(case, chosen))
            if on_played is not None:
                on_played(case.name, name)
    return Comparison(
        settings=tuple(settings),
        cases=tuple(case.name for case in cases),
        played=tuple(tuple(row) for row in rows),
    )


def play(case: Case, settings: TrackerSettings, *, warm: bool = True) -> Played:
    """Track one recording with one setting and give its figures."""
    surprise = Surprise(settings)
    run = track(case.recording, settings, warm=warm, listeners=(surprise.listen,))
    report = None if case.truth is None else score(run, case.truth, trajectories=False)
    return Played(
        figures=_figures(run, report, surprise),
        gospa=np.zeros(0)
        if report is None
        else report.timeline.gospa[len(report.timeline.gospa) - report.moments :],
    )


def _figures(run: Run, report: Report | None, surprise: Surprise) -> dict[str, float]:
    found = {
        "ANIS": surprise.mean(),
        "evidence": surprise.evidence / max(int(run.plots.sum()), 1),
        "tracks": float(len(np.unique(run.track))),
        "CPU": 1e3 * float(np.median(run.cpu)) if len(run.cpu) else math.nan,
    }
    if report is not None:
        found |= {
            "GOSPA": report.gospa,
            "rms": report.rms,
            "complete": report.completeness,
            "false": report.false,
            "switches": report.switches_rate,
            "breaks": float(report.identity.fragmentations),
            "latency": report.latency,
            "ANEES": report.nees[0].mean if report.nees else math.nan,
        }
    return found


def _block_error(off: NDArray[np.float64]) -> float:
    """Give the standard error of the mean of a series by the means of its stretches."""
    if len(off) < 2 * BLOCKS:
        return math.nan
    means = [float(block.mean()) for block in np.array_split(off, BLOCKS)]
    return float(np.std(means, ddof=1) / math.sqrt(BLOCKS))


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _text(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"


def _signed(value: float) -> str:
    return "–" if not math.isfinite(value) else f"{value:+.4g}"
