"""Problems and proofs on disk: whole, damaged, changed, or hostile."""

import itertools
import json

import numpy as np
import pytest

from steppewatch.engine.siting_files import check_folder, load_arrays, load_siting, write_proof
from steppewatch.errors import EngineError, PlanError
from steppewatch.plan.siting.arrays import arrays_of, siting_of
from steppewatch.plan.siting.solve import solve


@pytest.fixture
def problem():
    rng = np.random.default_rng(4)
    columns = [np.flatnonzero(rng.random(40) < 0.2) for _ in range(12)]
    return siting_of(
        {
            "indptr": np.concatenate(([0], np.cumsum([len(c) for c in columns]))),
            "indices": np.concatenate(columns),
            "weights": rng.random(40),
            "costs": rng.integers(1, 5, 12),
            "budget": 9.0,
        },
        "problem",
    )


@pytest.fixture
def folder(problem, tmp_path):
    """Give a folder as ``plan sites`` leaves it, with the figures of its plan."""
    ticks = itertools.count()
    found = solve(problem, seconds=20.0, clock=lambda: next(ticks) * 1e-4)
    write_proof(tmp_path, problem, found.chosen, found.tree)
    total = float(problem.weights.sum())
    plan = {
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "spent": float(problem.costs[found.chosen].sum()),
        "budget": problem.budget,
        "share": found.value / total,
        "bound_share": found.bound / total,
        "sites": [{} for _ in found.chosen],
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    return tmp_path


def change(path, **arrays):
    np.savez(path, **load_arrays(path) | arrays)


def test_a_folder_as_written_passes(folder, problem):
    verdict, told = check_folder(folder)
    assert verdict.faults == ()
    assert told == "plan.json says the same"
    again = load_siting(folder / "instance.npz")
    for key, value in arrays_of(problem).items():
        assert np.array_equal(np.asarray(value), np.asarray(arrays_of(again)[key])), key


def test_a_folder_without_a_plan_is_checked_too(folder):
    (folder / "plan.json").unlink()
    verdict, told = check_folder(folder)
    assert verdict.faults == ()
    assert told == "there is no plan.json to hold against it"


@pytest.mark.parametrize(
    "key", ["value", "bound", "gap", "spent", "budget", "share", "bound_share", "sites"]
)
def test_a_figure_of_the_plan_that_was_changed_is_named(folder, key):
    plan = json.loads((folder / "plan.json").read_text())
    plan[key] = plan[key][:-1] if key == "sites" else plan[key] * 0.99 + (key == "gap")
    (folder / "plan.json").write_text(json.dumps(plan))
    verdict, told = check_folder(folder)
    assert told == "plan.json says otherwise"
    assert [one.split(" says ")[1].split()[0] for one in verdict.faults] == [key]


def test_a_figure_that_is_no_number_passes_for_nothing(folder):
    plan = json.loads((folder / "plan.json").read_text()) | {"bound": float("nan")}
    (folder / "plan.json").write_text(json.dumps(plan))
    assert "says bound nan" in check_folder(folder)[0].faults[0]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"value": "x"}', "\xff\xfe", '{"value": null}'])
def test_a_plan_that_cannot_be_read_is_told(folder, text):
    (folder / "plan.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(EngineError, match=r"plan\.json cannot be read"):
        check_folder(folder)


def test_a_changed_choice_no_longer_says_what_the_plan_says(folder):
    change(folder / "certificate.npz", chosen=load_arrays(folder / "certificate.npz")["chosen"][1:])
    faults = check_folder(folder)[0].faults
    assert any(one.startswith("plan.json says value") for one in faults)


@pytest.mark.parametrize("chosen", [[99], [-1], [[0]]])
def test_a_choice_of_options_that_are_none_is_refused(folder, chosen):
    change(folder / "certificate.npz", chosen=np.array(chosen))
    with pytest.raises(EngineError, match="chosen names options that the problem of 12 has not"):
        check_folder(folder)


def test_a_changed_problem_breaks_the_proof_or_the_plan(folder):
    arrays = load_arrays(folder / "instance.npz")
    change(folder / "instance.npz", weights=arrays["weights"] * 2.0)
    assert check_folder(folder)[0].faults


def test_a_proof_without_an_array_is_refused(folder):
    arrays = load_arrays(folder / "certificate.npz")
    del arrays["cover"]
    np.savez(folder / "certificate.npz", **arrays)
    with pytest.raises(EngineError, match="has no array cover"):
        check_folder(folder)


def test_a_proof_of_another_problem_is_refused(folder):
    arrays = load_arrays(folder / "certificate.npz")
    change(folder / "certificate.npz", cover=arrays["cover"][:, :-1])
    with pytest.raises(PlanError, match="the proof's cover is"):
        check_folder(folder)


@pytest.mark.parametrize("name", ["instance.npz", "certificate.npz"])
def test_files_absent_cut_short_or_of_another_kind_are_told(folder, name):
    path = folder / name
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"no numbers", whole[:100] + whole[200:]):
        path.write_bytes(content)
        with pytest.raises(EngineError, match="cannot be read"):
            check_folder(folder)
    path.unlink()
    with pytest.raises(EngineError, match="cannot be read"):
        check_folder(folder)


class Trap:
    """Say when something is unpickled."""

    sprung = False

    def __reduce__(self):
        return (exec, ("from test_siting_files import Trap; Trap.sprung = True",))


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "trap.npz"
    np.savez(path, indptr=np.array([Trap()], dtype=object))
    with pytest.raises(EngineError, match="cannot be read"):
        load_arrays(path)
    assert not Trap.sprung


def test_a_folder_that_cannot_be_written_is_told(problem, tmp_path):
    ticks = itertools.count()
    found = solve(problem, seconds=20.0, clock=lambda: next(ticks) * 1e-4)
    with pytest.raises(EngineError):
        write_proof(tmp_path / "absent", problem, found.chosen, found.tree)
