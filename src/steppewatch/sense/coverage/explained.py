"""One look explained: the way to the target, what hides it, and the budget of its echo.

The probability in the maps is that of the same look: 0 in shadow, without diffraction or lobes.
The budget adds what the maps leave out: the loss over the real ridge (ITU-R P.526) where the
target is hidden, the lobe where smooth ground reflects; both figures are given side by side.
"""

import math
from dataclasses import dataclass, replace

from steppewatch.errors import SenseError
from steppewatch.sense.coverage.lobes import Lobing, lobing
from steppewatch.sense.coverage.motion import doppler_sentence, range_rate_on
from steppewatch.sense.coverage.path import SightPath, sight_path
from steppewatch.sense.coverage.provenance import SYNTHETIC
from steppewatch.sense.radar.budget import BudgetLine, budget
from steppewatch.sense.radar.emplaced import EmplacedRadar
from steppewatch.sense.radar.look import look
from steppewatch.sense.radar.sector import in_sector
from steppewatch.sense.targets import TargetModel
from steppewatch.world.geodesy import MEAN_RADIUS
from steppewatch.world.terrain import Terrain

COARSE = 250.0  # [m]; a narrow ridge is lower in such elevation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explained:
    """Hold one look, explained.

    Attributes:
        path: The way to the target.
        target: Its class.
        lobing: What smooth ground does; None where the target is hidden or nothing is known.
        pd_on_maps: Probability of detection as coverage maps count it; NaN over unknown ground.
        lines: The budget, with diffraction and lobing; empty over unknown ground.
        sentences: What lies on the way, in words.
        verdict: The outcome in one sentence.
        warnings: What a careful user must know.
    """

    path: SightPath
    target: TargetModel
    lobing: Lobing | None
    pd_on_maps: float
    lines: tuple[BudgetLine, ...]
    sentences: tuple[str, ...]
    verdict: str
    warnings: tuple[str, ...]


def explained(
    terrain: Terrain,
    radar: EmplacedRadar,
    target: TargetModel,
    lat: float,
    lon: float,
    height: float,
    *,
    range_rate: float | None = None,
    course: float | None = None,
) -> Explained:
    """Explain one look.

    Args:
        terrain: Any.
        radar: On its place, with its air.
        target: Class of target.
        lat: Of the target [rad].
        lon: Of the target [rad].
        height: Of the target above the ground [m].
        range_rate: True range rate [m/s], opening positive; None for the mean over headings.
        course: Clockwise from north [rad]: the class's own speed on it gives the range rate.

    Raises:
        SenseError: The target is outside the instrumented coverage or the sector, too near or
            too far, or stands on unknown ground.
    """
    design = radar.design
    path = sight_path(terrain, radar, lat, lon, height)
    if not in_sector(path.azimuth, design.sector_start, design.sector_width):
        first = math.degrees(design.sector_start)
        raise SenseError(
            f"azimuth to the target is {math.degrees(path.azimuth):.2f}°, expected "
            f"{first:g}° to {first + math.degrees(design.sector_width):g}°, the sector of "
            f"{design.name!r}: turn the sector or choose another target"
        )
    if course is not None:
        range_rate = range_rate_on(path, target.speed, course)
    section = target.section(design.frequency)
    if not path.known:
        return Explained(
            path=path, target=target, lobing=None, pd_on_maps=math.nan, lines=(),
            sentences=_on_the_way(path),
            verdict="unknown: nobody knows the ground on the way, so nothing is claimed",
            warnings=_warnings(path),
        )  # fmt: skip
    plain = look(
        radar, path.slant_range, path.elevation, rcs=section, swerling=target.swerling,
        speed=target.speed, visible=path.in_sight, clutter_visible=path.ground_visible,
    )  # fmt: skip
    beam = int(plain.beam)
    mirror = lobing(path, design.beams[beam]) if path.in_sight and beam >= 0 else None
    loss = float(path.diffraction.loss_db) if path.masked else 0.0
    lines = budget(
        radar, path.slant_range, path.elevation, rcs=section, rcs_source=target.rcs_source,
        swerling=target.swerling, range_rate=range_rate, speed=target.speed,
        clutter_visible=path.ground_visible, diffraction_db=loss,
        multipath_db=mirror.gain_db if mirror is not None else 0.0,
    )  # fmt: skip
    if path.masked:
        lines = tuple(_by_diffraction(line) for line in lines)
    on_maps = float(plain.pd)
    full = next(line.value for line in lines if line.name == "probability of detection")
    return Explained(
        path=path,
        target=target,
        lobing=mirror,
        pd_on_maps=on_maps,
        lines=lines,
        sentences=(
            *_on_the_way(path),
            *_mirror(mirror),
            *_motion(radar, target, path, beam, range_rate),
        ),
        verdict=_verdict(path, mirror, range_rate is not None, on_maps, full),
        warnings=_warnings(path),
    )


def _motion(
    radar: EmplacedRadar, target: TargetModel, path: SightPath, beam: int, range_rate: float | None
) -> tuple[str, ...]:
    """Say what the target's motion does; of an unknown heading, the best and the worst."""
    if beam < 0:
        return ()
    if range_rate is not None:
        return (doppler_sentence(radar.design, radar.design.beams[beam], range_rate),)
    if not path.in_sight or not radar.design.cancels(radar.design.beams[beam]):
        return ()
    one = look(
        radar, path.slant_range, path.elevation, rcs=target.section(radar.design.frequency),
        swerling=target.swerling, range_rate=[target.speed, 0.0],
        clutter_visible=path.ground_visible,
    )  # fmt: skip
    along, across = one.pd
    said = (
        f"heading unknown: P is the mean over headings; straight in or out at {target.speed:g} "
        f"m/s it is {along:.3f}, across the line of sight {across:.3f}"
    )
    return (said,)


def _by_diffraction(line: BudgetLine) -> BudgetLine:
    if line.name != "in sight":
        return line
    return replace(line, value=0.0, formula="0: hidden; what follows comes by diffraction alone")


def _on_the_way(path: SightPath) -> tuple[str, ...]:
    """Say what lies between radar and target."""
    if path.ridge is None:
        holes = ", ".join(f"{a / 1e3:.2f} to {b / 1e3:.2f} km" for a, b in path.unknown)
        return (f"the ground is unknown at {holes}: add elevation with `steppewatch world add`",)
    ridge = path.ridge
    side = "above" if ridge.above > 0.0 else "below"
    where = (
        f"nearest to the sight line: ground of {ridge.ground:.0f} m at {ridge.distance / 1e3:.2f} "
        f"km ({math.degrees(ridge.lon):.4f}° E, {math.degrees(ridge.lat):.4f}° N), "
        f"{abs(ridge.above):.1f} m {side} it, ν = {ridge.nu:.2f}"
    )
    if path.in_sight:
        ground = (
            "its ground too: clutter" if path.ground_visible else "its ground is not: no clutter"
        )
        return where, f"in sight: from {path.min_height:.1f} m above ground here; {ground}"
    loss, edge = float(path.diffraction.loss_db), float(path.diffraction.profile_db)
    masked = (
        f"masked by the ridge at {ridge.distance / 1e3:.1f} km, {ridge.above:.1f} m above the ray: "
        f"hidden; in sight from {path.min_height:.1f} m above ground here"
    )
    parts = (
        f"diffraction (P.526) takes {loss:.2f} dB one way: Bullington's edge {edge:.2f}, round "
        f"earth {path.sphere_db:.2f}; the ridge alone as a knife edge {ridge.loss_db:.2f}"
    )
    return where, masked, parts


def _mirror(mirror: Lobing | None) -> tuple[str, ...]:
    if mirror is None:
        return ()
    state = f"counted, 40 log F = {mirror.gain_db:+.1f} dB" if mirror.counted else "not counted"
    return (f"lobing {state}: {mirror.reason}",)


def _verdict(
    path: SightPath, mirror: Lobing | None, moving: bool, on_maps: float, full: float
) -> str:
    ways = ["over the ridge by diffraction"] if path.masked else []
    ways += ["with the lobe"] if mirror is not None and mirror.counted else []
    ways += ["moving so"] if moving else []
    if not ways:
        return f"detected with probability {on_maps:.3f} in one scan; maps say the same"
    mean = ", the mean over headings" if moving else ""
    return f"maps say {on_maps:.3f}{mean}; {', '.join(ways)} {full:.3f} in one scan"


def _warnings(path: SightPath) -> tuple[str, ...]:
    info, spacing = path.info, path.info.resolution * MEAN_RADIUS
    said = [SYNTHETIC] if info.synthetic else []
    if spacing > COARSE:
        said.append(
            f"elevation every {spacing:.0f} m lowers narrow ridges: between low places expect less "
            "than this (about a quarter of what 15″ shows is hidden on finer elevation)"
        )
    said += [note for note in info.notes if "unknown" in note or "differ" in note]
    return tuple(said)
