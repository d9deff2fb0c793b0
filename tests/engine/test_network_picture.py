"""The picture of a network: what it colours, what it never colours."""

import numpy as np
import pytest
from PIL import Image

from steppewatch.engine.border_file import load_border
from steppewatch.engine.network_picture import counted, draw_network, hillshade
from steppewatch.errors import EngineError
from steppewatch.sense.coverage.dark import Section, border_watch
from steppewatch.sense.coverage.network import Cover, combine, frame_about
from steppewatch.world.equidistant import equidistant_grid


@pytest.fixture(scope="module")
def scene():
    border = load_border()
    lat, lon = (float(v) for v in border.point_at("CN", 2_150e3))
    chance = np.ones((81, 81), np.float32)
    chance[:, :20] = np.nan
    grid = equidistant_grid(lat, lon, 250.0, 40)
    post = Cover(name="post", grid=grid, chance=chance, max_range=10e3)
    frame = frame_about([(lat, lon, 10e3)], 500.0, 5e3)
    found = combine([post], frame.lat[:, None], frame.lon)
    section = (Section(neighbour="CN", start=2_130e3, end=2_170e3),)
    watch = border_watch(border, [post], sections=section)
    return border, frame, found, watch


def test_the_picture_is_written_whole(scene, tmp_path):
    border, frame, found, watch = scene
    heights = np.full(found.count.shape, 1_000.0, np.float32)
    heights[:3] = np.nan
    path = tmp_path / "network.png"
    draw_network(path, frame, found, watch, border, heights, ("Title", "what", "where"))
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"), int)
    assert min(pixels.shape[:2]) > 600
    vermilion = np.abs(pixels - (213, 94, 0)).sum(axis=-1) < 60
    assert vermilion.sum() > 300  # the dark border


def test_a_place_that_cannot_be_written_is_named(scene, tmp_path):
    border, frame, found, watch = scene
    heights = np.zeros(found.count.shape, np.float32)
    with pytest.raises(EngineError, match=r"nowhere.*cannot be written"):
        draw_network(
            tmp_path / "nowhere" / "n.png", frame, found, watch, border, heights, ("T", "a")
        )


def test_only_what_is_seen_is_coloured():
    shown = counted(np.array([[0.0, 1.0, 9.0, np.nan]], np.float32))
    assert shown[0, :, 3].tolist() == [0, 140, 140, 0]
    assert not np.array_equal(shown[0, 1, :3], shown[0, 2, :3])


def test_slopes_towards_the_light_are_brighter(scene):
    frame = scene[1]
    slope = np.tile(np.linspace(1_000.0, 0.0, 50), (50, 1))  # falls to the east
    west_facing = hillshade(slope[:, ::-1].astype(np.float32), frame).mean()
    east_facing = hillshade(slope.astype(np.float32), frame).mean()
    assert west_facing > east_facing + 0.2
