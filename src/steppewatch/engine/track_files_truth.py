"""Where things really were, from columns: an identity, a time, and a place."""

import numpy as np

from steppewatch.engine.track_files_plots import places_of
from steppewatch.engine.track_files_table import TEXTS, Table
from steppewatch.engine.track_recording import NS, Truth
from steppewatch.errors import EngineError

LONG = 10.0
"""A target is taken to be there over gaps of so many of its usual intervals."""


def truth_of(table: Table, place: tuple[float, float, float] | None) -> Truth:
    """Make the truth of a table.

    Args:
        table: With time, an identity, and lat and lon or x and y.
        place: Origin of x, y, z: latitude [rad], longitude [rad], height [m].

    Raises:
        EngineError: A column is missing, or no row has all of them.
    """
    if not (table.has("lat", "lon") or table.has("x", "y")):
        raise EngineError(
            f"{table.name} has columns {', '.join(table.columns) or 'none'}: expected lat_deg and "
            "lon_deg, or x and y [m], for truth"
        )
    if not any(name in table.columns for name in TEXTS["id"]):
        raise EngineError(
            f"{table.name} has columns {', '.join(table.columns)}: expected one that says which "
            f"target a row is of ({', '.join(TEXTS['id'])}); --columns id=NAME says which it is"
        )
    time_ns, label = table.times(), np.array(table.text("id"))
    position, velocity, flat = places_of(table, place)
    good = (time_ns > 0) & (label != "") & np.isfinite(position).all(axis=1)
    if not good.any():
        raise EngineError(f"{table.name}: no row has a time, an identity and a place")
    notes = [] if good.all() else [f"truth: {int((~good).sum())} rows left out"]
    if flat:
        notes.append("truth has no heights: only horizontal distances are scored")
    names, target = np.unique(label[good], return_inverse=True)
    order = np.lexsort((time_ns[good], target))
    target, time_ns = target[order], time_ns[good][order]
    same = np.diff(target) == 0
    steps = np.diff(time_ns)[same & (np.diff(time_ns) > 0)]
    return Truth(
        time_ns=time_ns,
        target=target.astype(np.int64),
        position=position[good][order],
        velocity=velocity[good][order],
        names=tuple(names.tolist()),
        gap=LONG * float(np.median(steps)) / NS if len(steps) else 0.0,
        flat=flat,
        notes=tuple(notes),
    )
