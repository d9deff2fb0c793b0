import pytest

from steppewatch.errors import WireError
from steppewatch.wire.asterix.columns import program
from steppewatch.wire.asterix.records import CATEGORIES
from steppewatch.wire.asterix.table import Form, category, width

# Number of the last field reference used, and item of some of them, as printed in the user
# application profiles of EUROCONTROL-SPEC-0149 parts 2b, 4, 7, 9, 12 and 15.
PROFILES = {
    10: {1: "010", 2: "000", 4: "140", 7: "042", 13: "220", 22: "500", 27: "SP", 28: "RE"},
    21: {1: "010", 7: "131", 11: "080", 17: "090", 26: "160", 29: "170", 48: "RE", 49: "SP"},
    34: {1: "010", 2: "000", 3: "030", 4: "020", 5: "041", 6: "050", 11: "120", 13: "RE", 14: "SP"},
    48: {1: "010", 2: "140", 3: "020", 8: "220", 15: "210", 20: "120", 27: "SP", 28: "RE"},
    62: {1: "010", 3: "015", 4: "070", 11: "380", 12: "040", 28: "340", 34: "RE", 35: "SP"},
    65: {1: "010", 2: "000", 3: "015", 7: "050", 13: "RE", 14: "SP"},
}


@pytest.mark.parametrize("number", sorted(CATEGORIES))
def test_the_profile_puts_items_where_the_specification_prints_them(number):
    items = CATEGORIES[number].items
    for frn, name in PROFILES[number].items():
        assert items[frn - 1].name == f"I{number:03}/{name}"
    assert len(items) == max(PROFILES[number])


def test_unused_field_reference_numbers_hold_nothing():
    assert [n + 1 for n, item in enumerate(CATEGORIES[62].items) if item is None] == [
        2, 29, 30, 31, 32, 33,
    ]  # fmt: skip
    assert [n + 1 for n, item in enumerate(CATEGORIES[65].items) if item is None] == [
        8,
        9,
        10,
        11,
        12,
    ]


def test_fixed_items_are_whole_octets_and_extents_are_one_octet_each():
    def check(form: Form) -> None:
        if form.shape in {"element", "group"}:
            assert width(form) % 8 == 0, form.name
            return
        if form.shape == "extended":
            assert width(form) % 8 == 0, form.name
            bit = 0
            for part in form.parts:
                bit += width(part)
                assert (bit % 8 == 0) == (part.shape == "fx"), part.name
            return
        if form.shape == "chained":
            assert width(form.parts[0]) % 8 == 7
            return
        for part in form.parts:
            if part is not None:
                check(part)

    for found in CATEGORIES.values():
        for item in found.items:
            if item is not None:
                check(item.form)


def test_an_entry_with_something_behind_its_form_is_refused():
    with pytest.raises(WireError, match="follow the form"):
        category(65, "1.6", '010 "Source" (SAC:8) SIC:8')


def test_a_form_of_variable_width_has_no_width():
    with pytest.raises(WireError, match="no fixed width"):
        width(CATEGORIES[48].items[9].form)


def test_a_wanted_field_that_does_not_exist_is_refused_by_name():
    with pytest.raises(WireError, match="040/HEIGHT"):
        program(48, ("040/HEIGHT",))
    with pytest.raises(WireError, match="999"):
        program(48, ("999",))


def test_a_wanted_field_too_wide_for_a_column_is_refused():
    with pytest.raises(WireError, match="56 bits"):
        program(48, ("260",))
