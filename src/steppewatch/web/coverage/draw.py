"""Pack one answer for the map: the minimum visible height, or the chance of detection."""

import gzip
import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from steppewatch.records import encode
from steppewatch.sense.targets import target_model
from steppewatch.web.coverage.ask import Ask
from steppewatch.web.coverage.chance import chance
from steppewatch.web.coverage.raster import (
    OUTSIDE,
    PARTS,
    STEPS_PER_E,
    UNKNOWN,
    encode_chances,
    encode_heights,
    resample,
)
from steppewatch.web.coverage.site import Site, Sites

PACKING = 3  # of gzip: quick; more would save a tenth


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Say what is asked of a site: its coverage, or how well it detects a target at a height.

    Attributes:
        ask: The site.
        target: Class of targets; None for the coverage.
        height: Of the target above the ground [m].
    """

    ask: Ask
    target: str | None = None
    height: float = 0.0


def draw(wanted: Wanted, sites: Sites) -> bytes:
    """Compute and pack one answer of docs/stream.md, gzip.

    Raises:
        SteppewatchError: The site stands where nobody knows the ground, or cannot be computed.
    """
    begun = time.perf_counter()
    site = sites.survey(wanted.ask)
    content = (
        coverage(site) if wanted.target is None else detection(site, wanted.target, wanted.height)
    )
    content["seconds"] = time.perf_counter() - begun
    return gzip.compress(encode(content), PACKING, mtime=0)


def unpack(packed: bytes) -> bytes:
    """Undo the packing, for a program that reads no gzip."""
    return gzip.decompress(packed)


def coverage(site: Site) -> dict[str, Any]:
    """Describe a site and its minimum visible height: ``coverage/1``."""
    ask, seen = site.ask, site.seen
    codes = encode_heights(
        resample(np.asarray(seen.min_height), seen.window.cell, site.laid), site.outside
    )
    warnings = list(site.warnings)
    unknown, within = int((codes == UNKNOWN).sum()), int((codes != OUTSIDE).sum())
    if unknown:
        warnings.append(
            f"{unknown / max(1, within):.1%} of the range lies in or behind unknown ground: "
            "hatched, and never counted as seen"
        )
    return {
        "_": "coverage/1",
        "sensor": ask.sensor,
        "name": ask.name,
        "lat": math.degrees(ask.lat),
        "lon": math.degrees(ask.lon),
        "ground": site.ground,
        "mast": seen.mast,
        "antenna": site.ground + seen.mast,
        "min_range": ask.min_range,
        "max_range": ask.max_range,
        "sector_start_deg": math.degrees(ask.sector_start),
        "sector_width_deg": math.degrees(ask.sector_width),
        "k": seen.k,
        "k_label": site.k_label,
        "cell": seen.window.cell,
        "terrain": {
            "label": site.info.label,
            "origin": site.info.source,
            "synthetic": site.info.synthetic,
            "datum": site.info.datum,
            "notes": list(site.info.notes),
        },
        "warnings": warnings,
        "bounds": list(site.laid.bounds),
        "steps_per_e": STEPS_PER_E,
        "min_height": codes,
    }


def detection(site: Site, target: str, height: float) -> dict[str, Any]:
    """Say how probably a target at a height is detected: ``detection/1``."""
    model = target_model(target)
    chances, note = chance(site, model, height)
    return {
        "_": "detection/1",
        "sensor": site.ask.sensor,
        "target": target,
        "height": height,
        "speed": model.speed,
        "note": note,
        "bounds": list(site.laid.bounds),
        "parts": PARTS,
        "chance": encode_chances(
            resample(np.asarray(chances), site.seen.window.cell, site.laid), site.outside
        ),
    }
