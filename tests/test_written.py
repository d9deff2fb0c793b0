"""What people write is read strictly, in the words of the room that reads it."""

import pytest

from steppewatch.errors import PlanError, SenseError
from steppewatch.written import REQUIRED, Key, Spot, check, parse

TEXT = """name = "one"

[[thing]]
size = 1

[[thing]]
size = 2
on = true
"""
KEYS = {
    "size": Key("number", REQUIRED, 0.0, 5.0),
    "on": Key("flag", False),
    "many": Key("list", (), 0.0, 9.0),
}


def spot(index=1, error=SenseError):
    return Spot("a.toml", TEXT, "thing", index, error)


def test_defaults_are_filled_in():
    table = parse(TEXT, "a.toml", SenseError, "docs/sense.md")["thing"][0]
    assert check(spot(0), table, KEYS) == {"size": 1, "on": False, "many": ()}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"size": 9}, r"a\.toml:7: thing\[2\]\.size is 9; expected 0 to 5"),
        ({"size": "9"}, r"a\.toml:7: thing\[2\]\.size is '9'; expected a number"),
        ({"size": True}, r"size is True; expected a number"),
        ({"size": float("nan")}, r"size is nan; expected 0 to 5"),
        ({}, r"a\.toml:7: thing\[2\]\.size is missing; expected a number"),
        ({"size": 1, "on": 1}, r"a\.toml:8: thing\[2\]\.on is 1; expected true or false"),
        ({"size": 1, "many": [3, 12]}, r"many is \[3, 12\]; expected 0 to 9"),
        ({"size": 1, "sise": 2}, r"sise is not a known key; .*did you mean 'size'"),
    ],
)
def test_a_slip_is_refused_with_line_key_found_and_expected(table, message):
    with pytest.raises(SenseError, match=message):
        check(spot(), table, KEYS)


def test_keys_before_the_first_table_have_their_line():
    top = Spot("a.toml", TEXT, "", error=SenseError)
    with pytest.raises(SenseError, match=r"^a\.toml:1: name is 'one'; expected another$"):
        top.refuse("name", "'one'", "another")


def test_each_room_speaks_with_its_own_error():
    with pytest.raises(PlanError, match="not TOML"):
        parse("[a\n", "a.toml", PlanError, "docs/scenarios.md")
    with pytest.raises(PlanError):
        spot(error=PlanError).refuse("size", "1", "2")
