"""Frames hold the latest state, are encoded once, and never make the node wait."""

import time

import numpy as np
import pytest

from steppewatch.records import TrackStatus
from steppewatch.web.frames import Framer, Wish

T0 = 1_700_000_000_000_000_000
S = 1_000_000_000


def test_a_slow_screen_gets_the_latest_state_and_not_each_step(hub, tracks, read):
    framer = Framer(hub)
    hub.publish([tracks(45.5, 102.0)], T0)
    before = framer.cut(Wish())
    for step in range(1, 50):
        hub.publish([tracks(45.5, 102.0 + 0.01 * step, now_ns=T0 + step * S)], T0 + step * S)
    framer.advance()
    frame = read(framer.cut(Wish(since=before.version)).data)
    assert frame["tracks"]["lon"].tolist() == pytest.approx([102.49])


def test_equal_wishes_are_encoded_once(hub, tracks):
    framer = Framer(hub)
    hub.publish([tracks(45.5, 102.0)], T0)
    assert framer.cut(Wish()) is framer.cut(Wish())


def test_who_was_away_too_long_gets_a_keyframe(hub, tracks, read, monkeypatch):
    monkeypatch.setattr("steppewatch.command.tracks.GONE_MEMORY", 4)
    hub._picture.tracks._gone = type(hub._picture.tracks._gone)(maxlen=4)
    framer = Framer(hub)
    hub.publish([tracks(45.5, np.linspace(100, 101, 10))], T0)
    version = framer.cut(Wish()).version
    for number in range(8):
        ended = tracks(45.5, 100.0, ids=[number], status=TrackStatus.ENDED)
        hub.publish([ended], T0)
    framer.advance()
    frame = read(framer.cut(Wish(since=version)).data)
    assert frame["keyframe"]
    assert frame["tracks"]["id"].tolist() == [8.0, 9.0]


def test_the_node_is_never_made_to_wait_by_a_reader(hub, tracks):
    """A publish returns at once while a reader holds the picture."""
    with hub.picture():
        began = time.monotonic()
        hub.publish([tracks(45.5, 102.0)], T0)
        assert time.monotonic() - began < 5.0
    with hub.picture() as picture:
        assert len(picture.tracks) == 1


def test_a_node_far_ahead_of_the_web_keeps_memory_bounded(hub, tracks):
    for step in range(2000):
        hub.publish([tracks(45.5, 102.0)], T0 + step)
    assert len(hub._backlog) <= 256
