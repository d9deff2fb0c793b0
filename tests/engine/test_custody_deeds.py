"""What people did is sealed into the ledger, and cannot be changed afterwards."""

import pytest

from steppewatch.custody.ledger.journal import is_in_journal, show
from steppewatch.engine.custody_deeds import MINUTE_NS, DeedBook, read_deeds
from steppewatch.errors import EngineError
from steppewatch.records import Acknowledge, Origin


def deed(number):
    return Acknowledge(alert=f"a{number}", by="bat", time_ns=number, origin=Origin(feed="web"))


def test_each_deed_can_be_proved_by_its_interval_and_a_changed_one_cannot(tmp_path):
    acts = []
    book = DeedBook(tmp_path / "deeds", acts.append)
    book.listen([deed(1), object(), deed(2)], 10)
    book.listen([deed(3)], 20)
    assert not acts
    book.listen([], 10 + MINUTE_NS)
    assert [act["count"] for act in acts] == [3]
    records = list(read_deeds(tmp_path / "deeds"))
    assert all(is_in_journal(show(records, index), acts[0]) for index in range(3))
    records[1] = records[1].replace(b"a2", b"b2")
    assert not is_in_journal(show(records, 1), acts[0])


def test_what_a_killed_node_had_not_sealed_is_sealed_by_the_next_and_a_torn_deed_is_left_out(
    tmp_path,
):
    path, acts = tmp_path / "deeds", []
    DeedBook(path, acts.append).listen([deed(1), deed(2)], 10)
    with path.open("ab") as stream:
        stream.write(b"\0\0\0\x09torn")
    after = DeedBook(path, acts.append)
    after.listen([deed(3)], 15)
    after.close(20)
    assert [act["count"] for act in acts] == [3]
    assert len(list(read_deeds(path))) == 3


def test_a_file_with_fewer_deeds_than_were_sealed_is_refused(tmp_path):
    path = tmp_path / "deeds"
    DeedBook(path, lambda _: None).listen([deed(1)], 10)
    with pytest.raises(EngineError, match="holds 1 deeds, the ledger has sealed 2"):
        DeedBook(path, lambda _: None, sealed=2)
