"""What Stone Soup is said to have tracked stands where the truth stands in the scene."""

import numpy as np
import pytest
from benchmarks import fuse_play, stonesoup_runs
from benchmarks.scenarios.files import BACK, scene_of
from benchmarks.scenarios.single import Options, make


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_PEERS", str(tmp_path))
    return stonesoup_runs.Job(name="sparse", options=Options(n=6, scans=14, seed=1))


def keep_truth(job, arrays):
    truth = arrays["truth"][:, :, BACK]
    alive = [np.flatnonzero(np.isfinite(row[:, 0])) for row in truth]
    path = stonesoup_runs.tracks_file(job)
    path.parent.mkdir(parents=True)
    np.savez(
        path,
        id=np.concatenate(alive),
        plane=np.concatenate([truth[k, rows] for k, rows in enumerate(alive)]),
        offset=np.concatenate(([0], np.cumsum([len(rows) for rows in alive]))),
    )


def test_tracks_that_are_the_truth_have_no_error(job):
    arrays = make(job.name, job.options)
    keep_truth(job, arrays)
    scene = scene_of(arrays, "scene")
    report = fuse_play.score(scene, stonesoup_runs.their_moments(job, scene))
    assert stonesoup_runs.kept_scans(job) == 14
    assert report.gospa < 1e-3
    assert report.completeness == 1.0
    assert report.switches == 0


def test_a_shorter_scene_takes_the_first_scans_that_are_kept(job):
    arrays = make(job.name, job.options)
    keep_truth(job, arrays)
    scene = scene_of(arrays, "scene", scans=5)
    assert len(stonesoup_runs.their_moments(job, scene)) == 5


def test_runs_that_differ_in_tuning_seed_or_doppler_are_kept_apart(job):
    others = [
        stonesoup_runs.Job(name="sparse", options=Options(n=6, scans=14, seed=2)),
        stonesoup_runs.Job(name="sparse", options=job.options, doppler=True),
        stonesoup_runs.Job(name="sparse", options=job.options, tuning={"q": 50.0}),
        stonesoup_runs.Job(name="sparse", options=job.options, source="elsewhere"),
    ]
    assert len({one.key() for one in (job, *others)}) == 5
    assert stonesoup_runs.kept_scans(others[0]) == 0


def test_times_of_another_tracker_are_not_taken_for_this_one(job):
    path = stonesoup_runs.times_file(job)
    path.parent.mkdir(parents=True)
    path.write_text('{"tree": "another", "spent": {"stonesoup": [1.0]}}')
    fresh, spent = stonesoup_runs.kept_times(job)
    assert not fresh
    assert spent == {"stonesoup": [1.0]}


@pytest.mark.nightly  # makes a venv
def test_without_a_package_index_the_bench_says_what_to_do(tmp_path, monkeypatch):
    lock = tmp_path / "none.lock"
    lock.write_text("stonesoup==1.9.1 --hash=sha256:" + 64 * "0")
    monkeypatch.setenv("STEPPEWATCH_PEERS", str(tmp_path))
    monkeypatch.setattr(stonesoup_runs, "LOCK", lock)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SystemExit, match="STEPPEWATCH_PEERS"):
        stonesoup_runs.peer_python()
