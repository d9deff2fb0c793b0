"""Tell a report: as plain data for JSON, and as a table to read."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from steppewatch.fuse.score.service import STANDARDS, meets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from steppewatch.fuse.score.report import Report

Line = tuple[str, float, str]


def as_json(report: Report, *, timeline: bool = True) -> dict[str, object]:
    """Give a report as dicts, lists, numbers and None for unknown, in the order of its fields.

    Args:
        report: What to tell.
        timeline: Whether to tell each moment too.
    """
    told = {
        field.name: _plain(getattr(report, field.name))
        for field in dataclasses.fields(report)
        if timeline or field.name != "timeline"
    }
    if not timeline and report.t_gospa is not None:
        told["t_gospa"] = _plain(dataclasses.replace(report.t_gospa, over_time=np.zeros((0, 4))))
    return told


def table(report: Report, classes: Mapping[int, str] | None = None) -> str:
    """Write a report as lines of name, value and unit, grouped as ``docs/metrics.md`` is.

    Args:
        report: What to tell.
        classes: Names of the classes of targets; None writes their numbers.
    """
    lines = [f"{report.moments} moments, {report.targets} targets, {report.tracks} tracks"]
    for title, rows in _groups(report):
        lines.append(f"\n{title}")
        lines.extend(
            f"  {name:<36}{_number(value):>12} {unit}".rstrip() for name, value, unit in rows
        )
    if report.nees:
        lines.append(f"\nNEES per component (of {report.nees[0].components})")
        lines.append(
            f"  {'':<20}{'mean':>8}{'95 % bounds':>18}{'median':>9}{'inside':>9}{'errors':>10}"
        )
        for row in report.nees:
            name = "all" if row.target < 0 else (classes or {}).get(row.target, str(row.target))
            bounds = f"{row.lower:.3f} … {row.upper:.3f}"
            lines.append(
                f"  {name:<20}{row.mean:>8.2f}{bounds:>18}{row.median:>9.2f}"
                f"{row.inside:>9.3f}{row.count:>10}"
            )
    lines.append("\nBeside the standards' figures (met, or not; no certification)")
    for standard in STANDARDS:
        met = meets(report.service, standard)
        said = ", ".join(f"{name} {'met' if is_ else 'not met'}" for name, is_ in met.items())
        lines.append(f"  {standard.name:<26}{said}")
    return "\n".join(lines) + "\n"


def _groups(r: Report) -> list[tuple[str, list[Line]]]:
    """List the numbers by group."""
    i, s, v = r.identity, r.siap, r.service
    groups: list[tuple[str, list[Line]]] = [
        (
            f"Sets of points (cut off at {r.cut_off:g} m)",
            [
                ("GOSPA", r.gospa, "m"),
                ("  from localisation", math.sqrt(r.localisation), "m"),
                ("  from missed targets", math.sqrt(r.missed_cost), "m"),
                ("  from false tracks", math.sqrt(r.false_cost), "m"),
                ("OSPA", r.ospa, "m"),
                ("OSPA(2)", r.ospa2, "m"),
                ("completeness", r.completeness, ""),
                ("missed targets per moment", r.missed, ""),
                ("false tracks per moment", r.false, ""),
                ("rms of matched pairs", r.rms, "m"),
            ],
        ),
        (
            f"Identity (a track holds within {r.keep:g} m)",
            [
                ("switches", i.switches, ""),
                ("switches per 100 target-minutes", i.switches_rate, ""),
                ("fragmentations", i.fragmentations, ""),
                ("latency, median", i.latency, "s"),
                ("latency, 90 %", i.latency_90, "s"),
                ("targets never tracked", i.never, ""),
                ("track outlives its target, median", i.lingering, "s"),
                ("tracks that never held a target", i.false_tracks, ""),
                ("false per 1,000 target-moments", i.false_rate, ""),
                ("coasting", i.coasting, ""),
                ("age while coasting, 90 %", i.coast_age, "s"),
            ],
        ),
        (
            "Air picture (SIAP)",
            [
                ("completeness", s.completeness, ""),
                ("ambiguity", s.ambiguity, ""),
                ("spuriousness", s.spuriousness, ""),
                ("position accuracy", s.position, "m"),
                ("velocity accuracy", s.velocity, "m/s"),
                ("track number changes", s.change_rate * 3_600.0, "per hour tracked"),
                ("longest track segment", s.longest, ""),
            ],
        ),
        (
            "Service (EUROCAE-style)",
            [
                ("probability of update", v.update, ""),
                (f"gaps over {v.gap:.3g} s per update", v.long_gaps, ""),
                ("longest gap", v.longest_gap, "s"),
                ("horizontal rms", v.rms, "m"),
                ("horizontal, 95 %", v.error_95, "m"),
                ("height rms", v.height_rms, "m"),
                ("velocity rms", v.speed_rms, "m/s"),
                ("course and speed right", v.motion, ""),
                ("false reports", v.false, ""),
            ],
        ),
    ]
    if r.t_gospa is not None:
        t = r.t_gospa
        each = max(r.moments, 1)
        pieces = "" if t.window is None else f", windows of {t.window} moments"
        groups.append(
            (
                f"Trajectories (T-GOSPA, switch {t.gamma:g} m{pieces}), per moment",
                [
                    ("T-GOSPA", t.per_moment, "m"),
                    ("  from localisation", math.sqrt(t.localisation / each), "m"),
                    ("  from missed targets", math.sqrt(t.missed / each), "m"),
                    ("  from false tracks", math.sqrt(t.false / each), "m"),
                    ("  from switches", math.sqrt(t.switch / each), "m"),
                ],
            )
        )
    if r.nis is not None:
        n = r.nis
        groups.append(
            (
                f"NIS per component (of {n.components})",
                [
                    ("mean", n.mean, f"in {n.lower:.3f} … {n.upper:.3f} if consistent"),
                    ("median", n.median, ""),
                    ("inside 95 %", n.inside, ""),
                ],
            )
        )
    return groups


def _number(value: float) -> str:
    """Write a number with sense: counts whole, others to four figures, unknown as a dash."""
    if not math.isfinite(value):
        return "–"
    if isinstance(value, int) or (value == int(value) and abs(value) >= 1e4):
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _plain(value: object) -> object:
    """Turn records, arrays and NaN into what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
