"""``plan sites`` and ``plan check`` as a planner types them, on arrays and on invented relief."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from steppewatch.cli import steppewatch
from steppewatch.errors import SteppewatchError

PLAN = """
[plan]
title = "Small (notional)"
budget = 3_000_000
currency = "EUR"
cell_km = 4

[[section]]
border = "RU"
from_km = 1040
to_km = 1080

[[class]]
target = "4x4"
weight = 2

[[class]]
target = "light-aircraft"
height_m = 150

[[package]]
id = "gap-filler"
sensors = ["gap-filler"]
mast_m = 20
max_range_km = 40
price = 1_500_000
most = 1

[[package]]
id = "ground"
sensors = ["ground-surveillance"]
mast_m = 20
price = 400_000

[[package]]
id = "relay"
sensors = []
mast_m = 30
price = 80_000

[[candidates]]
kind = "hilltops"
number = 12
from_km = 1
to_km = 20
spacing_km = 3

[[site]]
id = "post"
border = "RU"
km = 1060
offset_km = 5
seek_high_km = 2
package = "ground"
fixed = true
gateway = true

[links]
reach_km = 40
gateways = "sites"
"""
FILES = {
    "plan.json", "instance.npz", "certificate.npz", "cells.npz", "sites.geojson", "plan.gpkg",
    "report.html", "report.pdf",
}  # fmt: skip


def call(*words):
    return CliRunner().invoke(steppewatch, [str(w) for w in words])


def covering(path, **changes):
    rng = np.random.default_rng(1)
    columns = [np.flatnonzero(rng.random(60) < 0.15) for _ in range(20)]
    np.savez(
        path,
        **{
            "indptr": np.concatenate(([0], np.cumsum([len(c) for c in columns]))),
            "indices": np.concatenate(columns),
            "weights": rng.random(60),
            "costs": np.ones(20),
            "budget": 4.0,
        }
        | changes,
    )
    return path


@pytest.fixture
def raw(tmp_path):
    return covering(tmp_path / "problem.npz")


@pytest.fixture(scope="module")
def sited(tmp_path_factory):
    """Give the plan file, the folder and what was printed; worked out once."""
    folder = tmp_path_factory.mktemp("sited")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEPPEWATCH_HOME", str(folder / "home"))
        path = folder / "small.toml"
        path.write_text(PLAN)
        done = call(
            "plan", "sites", path, "--out", folder / "out", "--json", "--workers", "1",
            "--next-budget", "1e6",
        )  # fmt: skip
    assert done.exit_code == 0, done.output
    return folder / "out", json.loads(done.stdout)


def test_a_covering_problem_is_answered_in_json_alone(raw, tmp_path):
    done = call("plan", "sites", raw, "--out", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert done.stderr == ""
    assert {"value", "bound", "gap", "cpu_s"} <= set(told)
    assert told["bound"] >= told["value"] > 0.0
    assert told["gap"] <= 0.001
    assert told["cpu_s"] > 0.0
    assert told["spent"] == len(told["chosen"]) == 4
    assert (told["options"], told["demands"], told["source"]) == (20, 60, "problem.npz")
    check = call("plan", "check", tmp_path / "out", "--json")
    assert check.exit_code == 0, check.output
    again = json.loads(check.stdout)
    assert again["ok"] is True
    assert again["value"] == pytest.approx(told["value"], rel=1e-9)
    assert again["bound"] == pytest.approx(told["bound"], rel=1e-6)


def test_the_same_problem_by_demand_has_the_same_answer(raw, tmp_path):
    by_option = dict(np.load(raw))
    owner = np.repeat(np.arange(20), np.diff(by_option["indptr"]))
    order = np.lexsort((owner, by_option["indices"]))
    count = np.bincount(by_option["indices"], minlength=60)
    turned = covering(
        tmp_path / "turned.npz",
        indptr=np.concatenate(([0], np.cumsum(count))),
        indices=owner[order],
    )
    one, two = (json.loads(call("plan", "sites", p, "--json").stdout) for p in (raw, turned))
    for key in ("value", "bound", "chosen"):
        assert one[key] == two[key]


def test_words_tell_the_same_and_progress_goes_elsewhere(raw):
    done = call("plan", "sites", raw)
    assert done.exit_code == 0
    assert done.stdout.startswith("4 of 20 options for 4 of 4\ncovered:")
    assert "within 0.000% of the best possible" in done.stdout
    assert "greedy" in done.stderr
    assert "greedy" not in done.stdout


def test_a_changed_proof_fails_with_status_1_and_says_why(raw, tmp_path):
    out = tmp_path / "out"
    call("plan", "sites", raw, "--out", out)
    assert call("plan", "check", out).exit_code == 0
    arrays = dict(np.load(out / "certificate.npz"))
    np.savez(out / "certificate.npz", **arrays | {"chosen": np.arange(7)})
    done = call("plan", "check", out)
    assert done.exit_code == 1
    assert "WRONG: it costs 7, the budget is 4" in done.stdout
    told = json.loads(call("plan", "check", out, "--json").stdout)
    assert told["ok"] is False
    assert told["faults"]
    np.savez(out / "certificate.npz", **arrays | {"money": arrays["money"] - 1e6})
    done = call("plan", "check", out)
    assert done.exit_code == 1
    assert "money has a number below 0" in str(done.exception)


def test_what_is_no_problem_is_refused_in_a_sentence(tmp_path):
    for path, words in (
        (covering(tmp_path / "a.npz", budget=-1.0), "budget[0] is -1.0"),
        (tmp_path / "absent.npz", "cannot be read"),
        (tmp_path / "absent.toml", "absent.toml cannot be read"),
    ):
        done = call("plan", "sites", path, "--json")
        assert done.exit_code != 0
        assert isinstance(done.exception, SteppewatchError)
        assert words in str(done.exception)
    done = call("plan", "check", tmp_path)
    assert done.exit_code != 0
    assert "instance.npz cannot be read" in str(done.exception)


def test_an_impossible_problem_names_what_contradicts(tmp_path):
    path = covering(
        tmp_path / "hard.npz", budget=1.0, need_start=[0, 60], need_rows=np.arange(60),
        need_sensors=[1], need_share=[0.9], need_names=["all of it"],
    )  # fmt: skip
    done = call("plan", "sites", path)
    assert done.exit_code != 0
    assert "the budget of 1" in str(done.exception)
    assert "need 'all of it': 90.0% covered by 1" in str(done.exception)


def test_a_plan_file_ends_in_a_folder_with_everything(sited):
    out, told = sited
    assert {path.name for path in out.iterdir()} == FILES
    assert json.loads((out / "plan.json").read_text()) == told


def test_the_plan_says_what_was_asked_and_what_is_proved(sited):
    _, told = sited
    assert told["format"] == "steppewatch-plan/1"
    assert (told["title"], told["currency"]) == ("Small (notional)", "EUR")
    assert told["synthetic"] is True
    assert "SYNTHETIC" in told["warnings"][0]
    assert told["share"] == pytest.approx(told["value"] / told["total_weight"])
    assert told["bound_share"] == pytest.approx(told["bound"] / told["total_weight"])
    assert 0.0 < told["share"] <= told["bound_share"] <= 1.0
    assert told["spent"] <= told["budget"] == 3_000_000
    bought = {one["id"]: one["bought"] for one in told["packages"]}
    assert bought["gap-filler"] <= 1
    assert sum(bought.values()) == len(told["sites"])


def test_every_site_says_where_it_stands_and_what_it_adds(sited):
    _, told = sited
    sites = told["sites"]
    assert [site["rank"] for site in sites] == list(range(1, len(sites) + 1))
    assert [site["adds"] for site in sites] == sorted((s["adds"] for s in sites), reverse=True)
    post = next(site for site in sites if site["id"] == "post")
    assert post["fixed"]
    assert post["gateway"]
    assert post["price"] == 0.0  # it stands already
    assert post["alternatives"] == []
    assert post["km"] == pytest.approx(1060.0, abs=5.0)
    names = {site["id"] for site in sites}
    for site in sites:
        assert site["border"] == "RU"
        assert 0.0 < site["inside_km"] <= 21.0
        assert site["adds"] <= site["alone"] + 1e-9
        assert set(site["links"]) <= names
        assert site["gateway"] or len(site["links"]) == 1
        assert len({other["id"] for other in site["alternatives"]}) == len(site["alternatives"])


def test_more_money_never_covers_less_and_its_bound_is_above(sited):
    _, told = sited
    curve = told["curve"]
    assert [p["budget"] for p in curve] == sorted(p["budget"] for p in curve)
    assert told["budget"] in {p["budget"] for p in curve}
    for point in curve:
        assert point["share"] <= point["bound_share"] + 1e-9
    own = next(p for p in curve if p["budget"] == told["budget"])
    assert own["share"] == pytest.approx(told["share"])


def test_two_purchases_are_compared(sited):
    _, told = sited
    both = told["stages"]
    assert both["next_budget"] == 1e6
    assert both["at_once"]["now"] == pytest.approx(told["share"])
    for way in (both["at_once"], both["ahead"]):
        assert way["now"] <= way["later"] + 1e-9
        assert way["now"] <= both["bound_now"] + 1e-9
        assert way["later"] <= both["bound_later"] + 1e-9
    assert both["ahead"]["buy_first"]


def test_classes_sections_and_losses_add_up(sited):
    out, told = sited
    cells = np.load(out / "cells.npz")
    seen = (cells["seen"] > 0) * cells["weight"]
    assert seen.sum() == pytest.approx(told["value"])
    for number, one in enumerate(told["classes"]):
        share = seen[:, number].sum() / cells["weight"][:, number].sum()
        assert one["share"] == pytest.approx(share)
    assert {one["lost"] for one in told["robust"]} == {site["id"] for site in told["sites"]}
    assert max(one["share"] for one in told["robust"]) <= told["share"] + 1e-9
    assert [one["border"] for one in told["sections"]] == ["RU"]


def test_the_proof_of_a_plan_file_is_checked_with_its_figures(sited):
    out, told = sited
    done = call("plan", "check", out)
    assert done.exit_code == 0, done.output
    assert "plan.json says the same" in done.output
    (out / "plan.json").write_text(json.dumps(told | {"bound": told["value"] * 0.9}))
    try:
        done = call("plan", "check", out)
        assert done.exit_code == 1
        assert "WRONG: plan.json says bound" in done.output
    finally:
        (out / "plan.json").write_text(json.dumps(told))


def test_an_impossible_plan_file_names_its_packages_and_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPPEWATCH_HOME", str(tmp_path / "home"))
    need = """
[[need]]
name = "crossing"
border = "RU"
from_km = 1050
to_km = 1070
target = "4x4"
sensors = 5
share = 1.0
"""
    path = tmp_path / "hard.toml"
    path.write_text(PLAN + need)
    done = call("plan", "sites", path, "--json", "--workers", "1")
    assert done.exit_code != 0
    assert "need 'crossing': 100.0% covered by 5" in str(done.exception)
    assert "relax one of them" in str(done.exception)
