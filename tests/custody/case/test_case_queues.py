"""A case is in the queue of exactly those who can carry it on, and its clock runs."""

from case_desk import AOI, BAT, DAY_NS, EVE, EVERYONE, KEN, REI, SARA, START_NS, TUYA, Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from steppewatch.custody.case import due_ns, queue_of
from steppewatch.custody.case.queues import after_working_days

PARTIES = ("bat", "sara", "tuya", "aoi", "ken", "rei")


def waiting_for(desk):
    return {
        one.id: queue_of(desk.board, one)[0].duty for one in EVERYONE if queue_of(desk.board, one)
    }


def test_a_case_waits_for_whoever_can_carry_it_on():
    desk = Desk()
    desk.open()
    assert waiting_for(desk) == dict.fromkeys(
        ("bat", "sara", "tuya", "aoi", "ken", "rei"), "case.check"
    )
    desk.check_all()
    assert set(waiting_for(desk)) == {"sara", "tuya", "aoi", "ken", "rei"}  # not who opened it
    desk.advise(SARA)
    assert set(waiting_for(desk)) == {"aoi", "ken", "rei"}  # MN has advised
    desk.advise(AOI)
    assert waiting_for(desk) == {"tuya": "case.countersign", "ken": "case.countersign",
                                 "rei": "case.countersign"}  # fmt: skip
    first, second = (one.leaf for one in desk.board.get("C-1").live())
    desk.countersign(TUYA, first)
    desk.countersign(KEN, second)
    assert waiting_for(desk) == {"rei": "case.decide"}
    assert queue_of(desk.board, REI)[0].why == "all advice is in"
    desk.decide()
    assert waiting_for(desk) == {}


def test_who_found_a_match_is_not_asked_to_explain_it():
    desk = Desk()
    desk.open()
    desk.check_all()
    desk.check(SARA, "parties", "match", "same name")
    assert "sara" not in waiting_for(desk)
    assert queue_of(desk.board, AOI)[0].why == (
        "check parties found something; another person explains it"
    )


def test_the_clock_of_a_stage_starts_when_the_case_comes_to_it():
    desk = Desk()
    desk.open()
    assert due_ns(desk.board.get("C-1")) == after_working_days(START_NS, 10)
    desk.at_ns += 3 * DAY_NS
    desk.check_all()
    assert due_ns(desk.board.get("C-1")) == after_working_days(START_NS + 3 * DAY_NS, 15)
    desk.give(AOI, "case.flag", case="C-1", flag="x", set=True, blocks=False, text="")
    assert due_ns(desk.board.get("C-1")) == after_working_days(START_NS + 3 * DAY_NS, 15)


def test_what_is_late_first_stands_first():
    desk = Desk()
    desk.open(id="C-1")
    desk.at_ns -= DAY_NS * 20
    desk.open(id="C-0")
    assert [one.case for one in queue_of(desk.board, KEN)] == ["C-0", "C-1"]
    assert queue_of(desk.board, EVE) == []
    assert BAT.id in waiting_for(desk)


@settings(deadline=None)
@given(st.integers(0, 40_000), st.integers(1, 60))
def test_working_days_are_counted_one_by_one(day, days):
    end = after_working_days(day * DAY_NS, days) // DAY_NS
    # 1970-01-05 was a Monday.
    worked = [one for one in range(day + 1, end + 1) if (one - 4) % 7 < 5]
    assert len(worked) == days
    assert (end - 4) % 7 < 5
