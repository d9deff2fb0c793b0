"""Say what came late, and what was done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steppewatch.fuse.late.memory import LateMemory


def as_json(memory: LateMemory) -> dict[str, Any]:
    """Give the counts as JSON takes them."""
    return {
        "placed": memory.placed,
        "as_they_came": memory.beyond,
        "reruns": memory.reruns,
        "heard_again": memory.again,
        "kept_steps": len(memory.heard),
        "kept_plots": memory.plots,
        "usual_delay_s": {name: -offset * 1e-9 for name, offset in memory.usual_ns.items()},
    }


def lines(memory: LateMemory) -> list[str]:
    """Give the counts as lines for people; none where nothing came late."""
    if not memory.placed and not memory.beyond:
        return []
    out = [f"{memory.placed} late plots put in their place by {memory.reruns} re-runs"]
    if memory.beyond:
        out.append(f"{memory.beyond} late plots used as they came (too old, or too many)")
    return out
