"""Lay a rehearsal's report out as a table for the terminal."""

from collections.abc import Mapping
from typing import Any

MOST_ROWS = 40
COLUMNS = (
    ("mover", "name", 30),
    ("kind", "target", 12),
    ("plots", "plots", 6),
    ("detected", "first_detected_s", 9),
    ("tracked", "first_tracked_s", 9),
    ("held", "held_share", 6),
    ("border km", "closest_to_border_m", 10),
    ("crossed", "crossed_border_s", 9),
)


def render(report: Mapping[str, Any]) -> str:
    """Write a report of :func:`~steppewatch.plan.rehearse.summary.report` as text."""
    lines = [
        str(report["title"]),
        f"seed {report['seed']}; scored {report['scores']} times",
        (
            f"GOSPA {_shown(report['gospa_mean_m'])} m in the mean (cut-off "
            f"{report['gospa_cut_off_m']:g} m, horizontal); completeness "
            f"{_share(report['completeness'])}; "
            f"false tracks {_shown(report['false_tracks_mean'])} in the mean; "
            f"{report['unmatched_plots']} plots fit no mover"
        ),
        "",
        " ".join(_cell(head, width) for head, _, width in COLUMNS).rstrip(),
    ]
    movers = sorted(
        report["movers"],
        key=lambda m: (m["crossed_border_s"] is None, m["crossed_border_s"] or 0.0, m["id"]),
    )
    lines += [
        " ".join(_cell(_value(mover, key), width) for _, key, width in COLUMNS).rstrip()
        for mover in movers[:MOST_ROWS]
    ]
    if len(movers) > MOST_ROWS:
        lines.append(f"… and {len(movers) - MOST_ROWS} more; the JSON report names them all")
    return "\n".join(lines)


def _cell(text: str, width: int) -> str:
    text = text if len(text) <= width else text[: width - 1] + "…"
    return text.ljust(width)


def _value(mover: Mapping[str, Any], key: str) -> str:
    value = mover[key]
    if value is None:
        return "–"
    if key == "held_share":
        return _share(value)
    if key == "closest_to_border_m":
        return f"{value / 1e3:+.2f}"
    if key.endswith("_s"):
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes}:{seconds:02d}"
    return str(value)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
