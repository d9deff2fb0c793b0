"""Is a track the same track after the hill, and does one that should be seen and is not die soon?

A valley with spurs (benchmarks/scenarios/valley.py): vehicles and low drones go through shadows;
the true ground is 3 m rougher (σ) than what the tracker knows. A crossing is kept when the id
that held the target as it went out of all radars' sight holds it half a minute after it came back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scenarios.passing import passing
from benchmarks.scenarios.valley import Valley, valley
from steppewatch import fuse
from steppewatch.fuse.visibility import NominalSight, TerrainSight
from steppewatch.records import TrackStatus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenarios.scene import Scene
    from steppewatch.fuse.visibility import Sight

HOLDS = 300.0  # [m]; a track this near holds a target
AGAIN = 30.0  # [s]; after coming back, the moment at which it is asked whose track it is
OPEN = 60.0  # [s]; a vanished target should have been in sight for so long
STRAY = 500.0  # [m]; a track this far from everything is false
TURN = np.radians(10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Hold what the tracker said at one moment of its confirmed tracks."""

    id: NDArray[np.int64]
    place: NDArray[np.float64]
    hidden: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Hold one way through a shadow: how long [s], whether with a turn, what came of it."""

    target: int
    first: int
    last: int
    seconds: float
    straight: bool
    kind: int
    fate: str


def play(
    scene: Scene, sight: Sight | None = None, settings: fuse.TrackerSettings | None = None
) -> tuple[list[Said], float]:
    """Track a scene; give what was said at its moments, and the CPU seconds of a step."""
    chosen = settings or fuse.TrackerSettings()
    stage = fuse.stage(chosen, sight)
    state, _ = stage.step(stage.initial, list(scene.sensors), scene.steps[0][0])
    said, k, spent = [], 0, []
    for now_ns, messages in scene.steps:
        before = time.thread_time()
        state, _ = stage.step(state, messages, now_ns)
        spent.append(time.thread_time() - before)
        if now_ns == scene.times_ns[k]:
            picture = fuse.tracks_at(state, now_ns, chosen)
            sure = picture.status != TrackStatus.TENTATIVE
            said.append(
                Said(id=picture.id[sure], place=picture.mean[sure, :3], hidden=picture.hidden[sure])
            )
            k += 1
    return said, float(np.median(spent))


def holder(said: Said, place: NDArray[np.float64], within: float = HOLDS) -> int:
    """Give the id of the nearest track within ``within`` of a place, −1 for none."""
    if not len(said.id):
        return -1
    away = np.linalg.norm(said.place - place, axis=1)
    best = int(np.argmin(away))
    return int(said.id[best]) if away[best] < within else -1


def crossings(scene: Scene, said: list[Said]) -> list[Crossing]:
    """Find all ways through shadows with a track at their beginning, and what came of each."""
    found = []
    later = round(AGAIN / scene.period)
    for j in range(scene.truth.shape[1]):
        alive = np.isfinite(scene.truth[:, j, 0])
        dark = scene.hidden[:, j] & alive
        edges = np.flatnonzero(np.diff(dark.astype(int)))
        for first, last in zip(edges[:-1] + 1, edges[1:] + 1, strict=True):
            if not dark[first] or last + later >= len(alive) or not alive[last + later]:
                continue
            if scene.hidden[last : last + later + 1, j].mean() > 0.2 or first < 2:
                continue  # a mere flash between two shadows
            own = holder(said[first - 1], scene.truth[first - 1, j, :3])
            if own < 0:
                continue
            after = said[last + later]
            now = holder(after, scene.truth[last + later, j, :3])
            if now == own:
                fate = "kept"
            elif own not in [int(i) for s in said[first:last] for i in s.id][-1:] and all(
                own not in s.id for s in said[last - 1 : last + 1]
            ):
                fate = "dropped in the dark"
            elif own not in after.id:
                fate = "dropped after it"
            else:
                fate = "elsewhere"
            way = level(scene.truth[first - 1 : last + 1, j])
            cosine = way @ way[0] / np.linalg.norm(way, axis=1) / np.linalg.norm(way[0])
            found.append(
                Crossing(
                    target=j, first=int(first), last=int(last),
                    seconds=float((last - first) * scene.period),
                    straight=bool(np.arccos(np.clip(cosine, -1.0, 1.0)).max() < TURN),
                    kind=int(scene.kind[j]), fate=fate,
                )
            )  # fmt: skip
    return found


def level(state: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the horizontal part ``(k, 3)`` of velocities ``(k, 6)`` ECEF: slopes are no turns."""
    up = state[:, :3] / np.linalg.norm(state[:, :3], axis=1)[:, None]
    return np.asarray(state[:, 3:] - np.sum(state[:, 3:] * up, axis=1)[:, None] * up)


def deaths(scene: Scene, said: list[Said]) -> list[float]:
    """Give how long [s] the tracks of targets lived on that ended in the open."""
    gone_s = np.asarray(scene.site["gone_s"])
    ahead, out = round(OPEN / scene.period), []
    for j in np.flatnonzero(np.isfinite(gone_s)):
        k = int(np.argmax(~np.isfinite(scene.truth[:, j, 0])))
        if k < 2 or scene.hidden[k - 2 : k + ahead, j].any():
            continue
        own = holder(said[k - 1], scene.truth[k - 1, j, :3])
        if own < 0:
            continue
        when = (scene.times_ns[k:] - scene.times_ns[0]) * 1e-9
        start = when[0] - scene.period
        over = [t - start for t, s in zip(when, said[k:], strict=True) if own not in s.id]
        out.append(float(over[0]) if over else float("inf"))
    return out


def strays(scene: Scene, said: list[Said], skip: int = 12) -> tuple[float, float]:
    """Give the confirmed tracks per moment that are near nothing: seen ones, and hidden ones."""
    seen, hidden = [], []
    for k in range(skip, len(said)):
        there = scene.truth[k, np.isfinite(scene.truth[k, :, 0]), :3]
        away = np.linalg.norm(said[k].place[:, None] - there[None], axis=2).min(axis=1)
        far = away > STRAY
        seen.append(np.sum(far & ~said[k].hidden))
        hidden.append(np.sum(far & said[k].hidden))
    return float(np.mean(seen)), float(np.mean(hidden))


SEEDS = range(1_000, 1_006)
LENGTHS = ((30.0, 60.0), (60.0, 75.0), (75.0, 105.0), (105.0, 180.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Hold what several valleys came to."""

    crossings: list[Crossing]
    deaths: list[float]
    strays: NDArray[np.float64]
    cpu: float

    def share(self, low: float, high: float, *, straight: bool) -> tuple[float, int]:
        """Give the share of crossings of some length that were kept, and how many there were."""
        fates = [
            c.fate == "kept"
            for c in self.crossings
            if low <= c.seconds < high and (c.straight or not straight)
        ]
        return (float(np.mean(fates)) if fates else float("nan")), len(fates)


def tally(*, terrain: bool, blind_speed: float = float("nan")) -> Tally:
    """Track all valleys, with or without the tracker's knowing the terrain."""
    ways, over, stray, cpu = [], [], [], []
    for seed in SEEDS:
        scene = valley(Valley(seed=seed, radars=2, blind_speed=blind_speed))
        ground = scene.site["terrain"]
        said, spent = play(scene, TerrainSight(ground) if terrain else NominalSight())
        ways += crossings(scene, said)
        over += deaths(scene, said)
        stray.append(strays(scene, said))
        cpu.append(spent)
    return Tally(
        crossings=ways, deaths=over, strays=np.mean(stray, axis=0), cpu=float(np.median(cpu))
    )


def notch_rows() -> list[dict[str, object]]:
    """Measure flights that move across the line of sight, through the radar's Doppler notch."""
    found = {}
    for told in (True, False):
        fates: list[bool] = []
        length: list[float] = []
        for seed in SEEDS:
            scene = passing(seed)
            if not told:
                deaf = tuple(replace(s, blind_speed=float("nan")) for s in scene.sensors)
                scene = replace(scene, sensors=deaf)
            ways = crossings(scene, play(scene)[0])
            fates += [c.fate == "kept" for c in ways]
            length += [c.seconds for c in ways]
        found[told] = (float(np.mean(fates)), len(fates), float(np.median(length)))
    kept, n, seconds = found[True]
    return [
        {
            "name": "custody kept through the Doppler notch",
            "value": 100.0 * kept,
            "unit": "%",
            "note": f"{n} passes, {seconds:.0f} s in it (median); "
            f"{100.0 * found[False][0]:.0f} % where the notch is not told",
        }
    ]


def main() -> list[dict[str, object]]:
    """Measure with and without terrain."""
    play(valley(Valley(seed=1, targets=6, seconds=60.0)))
    known, blind = tally(terrain=True), tally(terrain=False)
    rows: list[dict[str, object]] = []
    for low, high in LENGTHS:
        for straight in (True, False):
            kept, n = known.share(low, high, straight=straight)
            without, _ = blind.share(low, high, straight=straight)
            what = "without a turn" if straight else "all"
            rows.append(
                {
                    "name": f"custody kept, shadows of {low:.0f}…{high:.0f} s, {what}",
                    "value": 100.0 * kept,
                    "unit": "%",
                    "note": f"{n} crossings; {100.0 * without:.0f} % where terrain is not known",
                }
            )
    for name, one in (("", known), (", terrain not known", blind)):
        middle, late = np.percentile(one.deaths, [50, 95], method="lower")
        rows += [
            {
                "name": f"a target that vanished in the open is dropped after{name}",
                "value": float(middle),
                "unit": "s",
                "note": f"median of {len(one.deaths)}; 95 % within {late:.0f} s",
            },
            {
                "name": f"false tracks at a time{name}",
                "value": float(one.strays[0]),
                "unit": "",
                "note": f"and {one.strays[1]:.2f} marked hidden, more than 500 m from everything",
            },
            {"name": f"CPU per step{name}", "value": 1e3 * one.cpu, "unit": "ms", "note": "median"},
        ]
    return rows + notch_rows()


if __name__ == "__main__":
    for line in main():
        print(line)
