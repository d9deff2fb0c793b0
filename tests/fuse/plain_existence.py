"""Looks, darkness, beginnings and ends written out with whole arrays: slow, and easy to see."""

import numpy as np

from steppewatch.fuse.existence import HELD, SCAN_SLACK, SECTOR_SLACK
from steppewatch.records import SensorKind


def passed(tracks, column, newest_ns, turn, sensor):
    slack = SCAN_SLACK if turn >= SCAN_SLACK * sensor.scan_period else SECTOR_SLACK
    waited = newest_ns - tracks["look_ns"][:, column]
    known = tracks["hit_ns"][:, column] > 0
    return np.flatnonzero(known & (waited > slack * int(sensor.scan_period * 1e9)))


def count_misses(tracks, rows, column, newest_ns, sensors, glance, settings):
    period_ns = int(sensors[column].scan_period * 1e9)
    fresh_ns = np.array([HELD * 1e9 * s.scan_period for s in sensors])
    held = (tracks["hit_ns"] > 0) & (newest_ns - tracks["hit_ns"] < fresh_ns)
    held[:, column] = False
    held[:, [s.kind == SensorKind.CAMERA for s in sensors]] = False
    tracks["shade"][rows, column] = after_miss(glance.seen, glance.chance, glance.share)
    alone = ~held[rows].any(axis=1)
    tracks["score"][rows[alone]] += np.log1p(-glance.chance[alone])
    tracks["looks"][rows[alone]] += 1
    tracks["missed"][rows[glance.expected >= settings.fair_chance], column] += 1
    look_ns = tracks["look_ns"][rows, column]
    tracks["look_ns"][rows, column] = np.maximum(look_ns + period_ns, newest_ns - period_ns)


def after_miss(seen, chance, share):
    odds = np.maximum(seen - chance, 1e-9) / np.maximum(1.0 - seen, 1e-9)
    by_map = np.maximum(share, 1e-9) / np.maximum(1.0 - share, 1e-9)
    return np.where(share < 1.0, np.clip(np.log(odds / by_map), -12.0, 0.0), 0.0)


def hidden(tracks, settings):
    seen_by = tracks["hit_ns"] > 0
    return np.all(~seen_by | (tracks["chance"] < settings.fair_chance), axis=1)


def in_the_dark(tracks, settings):
    return tracks["confirmed"] & hidden(tracks, settings) & tracks["covered"].any(axis=1)


def confirmed(tracks, settings):
    return tracks["confirmed"] | (
        (tracks["hits"] >= settings.confirm_hits)
        & (tracks["looks"] <= settings.confirm_looks)
        & (tracks["score"] >= settings.confirm_score)
    ) | (
        (tracks["hits"] >= settings.confirm_hits + 1)
        & (tracks["score"] >= settings.confirm_score + 1.0)
    )  # fmt: skip


def due_ns(tracks, sensors, settings):
    periods = np.array([s.scan_period for s in sensors])
    slowest = np.max(np.where(tracks["hit_ns"] > 0, periods, 0.0), axis=1)
    patience = (1e9 * settings.coast_scans * slowest).astype(np.int64)
    custody, seen_ns = int(1e9 * settings.custody), tracks["seen_ns"]
    in_dark = seen_ns + np.maximum(custody, patience)
    in_the_open = np.maximum(seen_ns, tracks["dark_ns"]) + patience
    due = np.where(in_the_dark(tracks, settings), in_dark, in_the_open)
    return np.minimum(due, seen_ns + custody + patience)


def ended(tracks, clock_ns, sensors, settings):
    sure = tracks["confirmed"]
    from_dark = sure & (tracks["dark_ns"] > tracks["seen_ns"])
    limit = np.where(sure, settings.drop_misses, settings.drop_tentative)
    lost = np.all((tracks["hit_ns"] <= 0) | (tracks["missed"] >= limit[:, None]), axis=1)
    weak = tracks["score"] < np.where(sure, settings.drop_confirmed, settings.drop_score)
    return (clock_ns > due_ns(tracks, sensors, settings)) | (~from_dark & (lost | weak))
