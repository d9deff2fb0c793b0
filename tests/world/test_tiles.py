"""The tile pool: right samples, bounded memory, no more tiles made than needed."""

import threading

import numpy as np
import pytest

from steppewatch.world.kernels import TILE
from steppewatch.world.tiles import TilePool

RNG = np.random.default_rng(0)


class Field:
    """A wavy field that counts the tiles made of it; rows at multiples of 97 are unknown."""

    def __init__(self):
        self.made = []

    def at(self, row, col):
        return np.where(row % 97 == 0, np.nan, 1000 * np.sin(row / 40) + 3 * (col % 50))

    def tile(self, row, col):
        self.made.append((row, col))
        rows = row * TILE + np.arange(TILE + 1)[:, None]
        return self.at(rows, col * TILE + np.arange(TILE + 1)).astype(np.float32)


def bilinear(field, row, col):
    """Interpolate the obvious way."""
    r, c = np.floor(row), np.floor(col)
    down, right = row - r, col - c
    a, b = field.at(r, c), field.at(r, c + 1)
    e, f = field.at(r + 1, c), field.at(r + 1, c + 1)
    return (a * (1 - right) + b * right) * (1 - down) + (e * (1 - right) + f * right) * down


def test_samples_agree_with_plain_interpolation_holes_included():
    row, col = RNG.uniform(0, 900, 2000), RNG.uniform(0, 900, 2000)
    field, out = Field(), np.full(2000, np.nan)
    TilePool(16).sample((0, 0), row, col, out, field.tile)
    expected = bilinear(field, row, col)
    assert np.array_equal(np.isnan(out), np.isnan(expected))
    assert np.nanmax(np.abs(out - expected)) < 1e-3


def test_an_exact_node_beside_a_hole_is_known():
    field, out = Field(), np.full(2, np.nan)
    TilePool(4).sample((0, 0), np.array([98.0, 98.0]), np.array([5.0, 5.5]), out, field.tile)
    assert np.isfinite(out).all()


def test_each_tile_is_made_once_while_it_is_held():
    field, pool = Field(), TilePool(16)
    row, col = RNG.uniform(0, 700, 500), RNG.uniform(0, 700, 500)
    for _ in range(3):
        pool.sample((0, 0), row, col, np.full(500, np.nan), field.tile)
    assert len(field.made) == len(set(field.made)) == 9
    assert len(pool) == 9


def test_memory_is_bounded_and_answers_stay_right_beyond_it():
    field, pool = Field(), TilePool(3)
    row, col = RNG.uniform(1, 2500, 3000), RNG.uniform(0, 2500, 3000)
    out = np.full(3000, np.nan)
    pool.sample((0, 0), row, col, out, field.tile)
    expected = bilinear(field, row, col)
    assert np.nanmax(np.abs(out - expected)) < 1e-3
    assert np.array_equal(np.isnan(out), np.isnan(expected))
    assert len(pool) == 3


def test_the_tile_used_longest_ago_goes_first():
    field, pool = Field(), TilePool(2)
    for tile in (0, 1, 0, 2, 0):
        pool.sample((0, 0), np.array([5.0]), np.array([tile * TILE + 5.0]), np.zeros(1), field.tile)
    assert field.made == [(0, 0), (0, 1), (0, 2)]


def test_grids_do_not_mix():
    pool, out = TilePool(4), np.zeros(1)
    place = np.array([5.0])
    pool.sample((0, 0), place, place, out, lambda _r, _c: np.full((257, 257), 1.0, np.float32))
    pool.sample((1, 0), place, place, out, lambda _r, _c: np.full((257, 257), 2.0, np.float32))
    assert out[0] == 2.0


def test_tiles_that_are_not_wanted_are_left_out():
    field, out = Field(), np.full(2, np.nan)
    row, col = np.array([5.0, 5.0]), np.array([5.0, 300.0])
    TilePool(4).sample((0, 0), row, col, out, field.tile, lambda _r, c, _n: c == 1)
    assert np.isnan(out[0])
    assert np.isfinite(out[1])


def test_unknown_points_ask_for_nothing():
    field, out = Field(), np.full(1, np.nan)
    TilePool(4).sample((0, 0), np.array([np.nan]), np.array([1.0]), out, field.tile)
    assert field.made == []


def test_threads_that_share_a_small_pool_get_right_answers():
    field, pool = Field(), TilePool(2, threading.Lock())
    wrong = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            row, col = rng.uniform(1, 1000, 50), rng.uniform(0, 1000, 50)
            out = np.full(50, np.nan)
            pool.sample((0, 0), row, col, out, field.tile)
            wrong.append(np.nanmax(np.abs(out - bilinear(field, row, col))))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 80
    assert max(wrong) == pytest.approx(0.0, abs=1e-3)
