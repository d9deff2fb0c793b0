"""A solved plan in plain data: shares, ranks, links, losses and sections, worked out by hand."""

import json

import numpy as np
import pytest

from steppewatch.engine.border_file import load_border
from steppewatch.plan.assemble import Table
from steppewatch.plan.belt import Cells
from steppewatch.plan.candidates.choose import Sites
from steppewatch.plan.outcome import cells_of, outcome
from steppewatch.plan.siting.arrays import siting_of
from steppewatch.plan.siting.solve import solve
from steppewatch.plan.siting.study import Point, board_of, parts_of
from steppewatch.plan.wanted import load_wanted

TEXT = """
[plan]
title = "By hand"
currency = "EUR"
[[class]]
target = "4x4"
[[class]]
target = "walker"
[[package]]
id = "radar"
sensors = ["ground-surveillance"]
mast_m = 20
price = 5
most = 2
[[package]]
id = "relay"
sensors = []
mast_m = 30
price = 1
[[candidates]]
kind = "hilltops"
"""
KM = np.array([50.0, 60.0, 150.0])
WEIGHT = np.array([2.0, 2.0, 1.0])


@pytest.fixture(scope="module")
def made():
    """Three cells, two classes, sites a (gateway), b and c in a row: a sees cell 0, b nothing (a
    relay), c cells 1 and 2, the walkers of cell 2 excepted."""
    border = load_border()
    wanted = load_wanted(TEXT, "folder/hand.toml", border)
    lat, lon = border.point_at("CN", KM * 1e3)
    side = [line.neighbour for line in border.lines].index("CN")
    cells = Cells(
        lat=lat, lon=lon, weight=WEIGHT, neighbour=np.full(3, side), along=KM * 1e3,
        inside=np.zeros(3),
    )  # fmt: skip
    sites = Sites(
        ids=("a", "b", "c"), lat=lat, lon=lon, ground=np.array([1_000.0, 1_100.0, 1_200.0]),
        allowed=np.ones((3, 2), bool), fixed=np.full(3, -1), paid=np.zeros(3, bool),
        barred=np.zeros(3, bool), gateway=np.array([True, False, False]),
    )  # fmt: skip
    columns = [[0, 3], [], [1, 4, 2]]
    siting = siting_of(
        {
            "indptr": np.concatenate(([0], np.cumsum([len(c) for c in columns]))),
            "indices": np.concatenate(columns).astype(int),
            "weights": np.concatenate((3.0 * WEIGHT, WEIGHT)),
            "costs": np.array([5.0, 1.0, 5.0]),
            "budget": 11.0,
            "kind": np.array([0, 1, 0]),
            "limits": np.array([2.0, np.inf]),
            "link_indptr": np.array([0, 1, 3, 4]),
            "link_indices": np.array([1, 0, 2, 1]),
            "gateway": sites.gateway,
        },
        "hand",
    )
    table = Table(
        sites=sites, site=siting.site, package=siting.kind, cells=cells,
        cell=np.tile(np.arange(3), 2).astype(np.int32),
        target=np.repeat([0, 1], 3).astype(np.int32), ground=np.zeros(3), k=4 / 3, pairs=9,
    )  # fmt: skip
    found = solve(siting, seconds=9.0, clock=lambda: 0.0)
    board = board_of(siting, found.chosen)
    data = outcome(
        wanted,
        border,
        siting,
        table,
        found,
        board=board,
        parts=parts_of(board),
        points=[Point(budget=5.0, value=8.0, bound=99.0, options=1)],
        cpu_s=1.23456,
        about={"terrain": "none", "synthetic": False, "warnings": []},
    )
    return data, cells_of(wanted, siting, table, board)


def test_the_figures_are_shares_of_the_whole_weight(made):
    plan, _ = made
    assert plan["total_weight"] == 20.0
    assert (plan["value"], plan["bound"], plan["gap"]) == (19.0, 19.0, 0.0)
    assert (plan["share"], plan["bound_share"]) == (0.95, 0.95)
    assert (plan["spent"], plan["budget"], plan["cpu_s"]) == (11.0, 11.0, 1.235)
    assert (plan["title"], plan["currency"]) == ("By hand", "EUR")
    assert plan["format"] == "steppewatch-plan/1"


def test_what_is_bought_and_what_each_class_gets(made):
    plan, _ = made
    assert [(p["id"], p["bought"], p["most"]) for p in plan["packages"]] == [
        ("radar", 2, 2),
        ("relay", 1, None),
    ]
    assert [(c["target"], c["share"]) for c in plan["classes"]] == [("4x4", 1.0), ("walker", 0.8)]


def test_sites_are_ranked_by_what_they_add_and_name_their_way_to_the_network(made):
    plan, _ = made
    told = [(s["id"], s["rank"], s["adds"], s["alone"], s["links"]) for s in plan["sites"]]
    assert told == [
        ("c", 1, 11.0 / 20.0, 11.0 / 20.0, ["b"]),
        ("a", 2, 8.0 / 20.0, 8.0 / 20.0, []),
        ("b", 3, 0.0, 0.0, ["a"]),
    ]
    first = plan["sites"][0]
    assert (first["border"], first["package"], first["relay"]) == ("CN", "radar", False)
    assert first["km"] == pytest.approx(150.0, abs=0.5)
    assert first["inside_km"] == pytest.approx(0.0, abs=0.01)
    assert (first["ground_m"], first["mast_m"], first["price"]) == (1_200.0, 20.0, 5.0)
    assert [s["relay"] for s in plan["sites"]] == [False, False, True]
    assert [s["gateway"] for s in plan["sites"]] == [False, True, False]


def test_losing_a_relay_loses_what_hangs_on_it_worst_first(made):
    plan, _ = made
    assert [(one["lost"], one["share"]) for one in plan["robust"]] == [
        ("a", 0.0),
        ("b", 8.0 / 20.0),
        ("c", 8.0 / 20.0),
    ]


def test_the_curve_never_promises_more_than_everything(made):
    plan, _ = made
    assert plan["curve"] == [{"budget": 5.0, "share": 0.4, "bound_share": 1.0, "sites": 1}]


def test_sections_are_a_hundred_kilometres_of_border(made):
    plan, _ = made
    assert plan["sections"] == [
        {"border": "CN", "from_km": 0.0, "to_km": 100.0, "share": 1.0},
        {"border": "CN", "from_km": 100.0, "to_km": 200.0, "share": 0.75},
    ]


def test_the_cells_say_how_many_see_each_class(made):
    _, cells = made
    assert cells["seen"].tolist() == [[1, 1], [1, 1], [1, 0]]
    assert cells["weight"].tolist() == [[6.0, 2.0], [6.0, 2.0], [3.0, 1.0]]
    assert cells["class_names"].tolist() == ["4x4", "walker"]
    assert set(cells) == {"lat", "lon", "weight", "seen", "class_names"}


def test_it_is_json(made):
    plan, _ = made
    assert json.loads(json.dumps(plan, allow_nan=False)) == plan
