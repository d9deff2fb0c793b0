"""The history of a track: began, confirmed, held, missed, ended, each with its reasons."""

import math

import numpy as np
import pytest

from steppewatch.engine.track_history import History, spans
from steppewatch.engine.track_recording import Ground, Recording, Scan
from steppewatch.engine.track_run import track
from steppewatch.engine.track_surprise import Surprise
from steppewatch.errors import EngineError
from steppewatch.fuse import TrackerSettings, radar
from steppewatch.records import Origin, detection_batch

RADAR, ORIGIN = radar("north", period=4.0), Origin(feed="test")
START_NS, SEEN, SCANS = 1_700_000_000_000_000_000, 8, 40


@pytest.fixture(scope="module")
def recording():
    """Play one aircraft, seen in eight scans and gone for good."""
    scans = []
    for k in range(SCANS):
        now_ns = START_NS + 4 * k * 10**9
        reach = np.array([30e3 - 400.0 * k] if k < SEEN else [])
        batch = detection_batch(
            "north", ORIGIN, np.full(len(reach), now_ns), reach, np.full(len(reach), 1.0),
            elevation=np.full(len(reach), 0.1),
        )  # fmt: skip
        scans.append(Scan(now_ns=now_ns, messages=(batch,)))
    ground = Ground(lat=RADAR.lat, lon=RADAR.lon, height=RADAR.height)
    return Recording(name="one", layout="", ground=ground, sensors=(RADAR,), scans=tuple(scans))


@pytest.fixture(scope="module")
def life(recording):
    settings = TrackerSettings()
    history = History([1], settings)
    run = track(recording, settings, warm=False, listeners=(history.listen,))
    history.check(run.track)
    return history


def test_a_life_begins_is_confirmed_missed_and_ends(life):
    events = [entry.event for entry in life.entries[1]]
    assert events[0] == "began"
    assert events[2] == "confirmed"
    assert events[3:SEEN] == ["held"] * (SEEN - 3)
    assert set(events[SEEN:-1]) == {"missed"}
    assert events[-1] == "ended"


def test_each_plot_is_told_as_it_was_measured(life):
    for k, entry in enumerate(life.entries[1][:SEEN]):
        (plot,) = entry.plots
        assert plot.sensor == "north"
        assert plot.time == entry.time == 4.0 * k
        assert plot.weight == 1.0
        assert plot.measured == {
            "range_m": 30e3 - 400.0 * k,
            "azimuth_deg": round(math.degrees(1.0), 3),
            "elevation_deg": round(math.degrees(0.1), 3),
        }


def test_existence_falls_with_every_miss(life):
    sure = [entry.existence for entry in life.entries[1][SEEN - 1 :]]
    assert (np.diff(sure) <= 0.0).all()
    assert all(entry.chance["north"] > 0.5 for entry in life.entries[1][SEEN:-1])


def test_it_can_be_read(life):
    text = life.tell()
    assert text.startswith("track 1: 8 plots of north, confirmed at 8 s, missed ")
    assert "ended at" in text
    assert text.count("north #0") == SEEN
    assert "(chance of detection: north 0." in text


def test_a_track_that_never_was_is_refused_with_those_that_were(recording):
    settings = TrackerSettings()
    history = History([7], settings)
    run = track(recording, settings, warm=False, listeners=(history.listen,))
    with pytest.raises(
        EngineError, match="no track 7 ever began: the longest confirmed ones are 1"
    ):
        history.check(run.track)


def test_stretches_of_one_event_are_joined(life):
    (missed,) = spans(life.entries[1], "missed")
    assert missed[0] == 4.0 * SEEN
    assert spans(life.entries[1], "hidden") == []


def test_warming_up_and_listening_leave_the_tracks_as_they_are(recording):
    settings = TrackerSettings()
    surprise = Surprise(settings)
    runs = [
        track(recording, settings, warm=False),
        track(recording, settings, listeners=(surprise.listen,)),
    ]
    for name in ("track", "position", "velocity", "cov", "offset"):
        first, second = (getattr(run, name).tobytes() for run in runs)
        assert first == second
    assert sum(runs[0].methods.values()) == SEEN - 1
    assert surprise.missed > 0
