"""The report of a plan: what it says, that it stands alone, and that hostile text stays text."""

import html.parser
import json
import re

import numpy as np
import pytest
from plan_folder import make_plan

from steppewatch.engine.plan_report import write_report
from steppewatch.engine.plan_report_read import parse_plan, read_cells, read_plan
from steppewatch.engine.plan_report_words import percent, tell
from steppewatch.errors import EngineError


class Reader(html.parser.HTMLParser):
    """Collect the tags, the addresses and the visible text of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.text, self.open = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        self.addresses += [v for k, v in attrs if k in {"src", "href", "action"}]
        assert not [k for k, _ in attrs if k.startswith("on")]

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.text.append(data)


def read(page):
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader, re.sub(r"\s+", " ", " ".join(reader.text))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = make_plan(tmp_path_factory.mktemp("plan") / "plan")
    return folder, write_report(folder)


def test_the_answer_comes_first_and_says_what_the_plan_says(written):
    folder, (page, _) = written
    plan = read_plan(folder)
    _, text = read(page)
    cells = read_cells(folder)
    share = ((cells.seen > 0) * cells.weight).sum() / cells.weight.sum()
    answer = text.index("4 new sites for 10.8 million USD of 15 million USD")
    assert answer < text.index("What each budget buys") < text.index("The sites")
    assert f"see {100 * share:.1f} % of what is to be watched" in text
    assert f"can see more than {np.ceil(1e3 * plan.bound_share) / 10:.1f} %" in text
    assert "weakest stretch is China km 400–460, where 50.0 %" in text
    assert "take hill-17 (gap-filler), lose 0.30 %" in text
    assert "the worst loss is hill-0, which costs 20.00 percentage points" in text


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(written):
    reader, _ = read(written[1][0])
    assert reader.tags.count("img") == 3
    assert not {"script", "link", "iframe", "object", "form"} & set(reader.tags)
    assert all(address.startswith("data:image/png;base64,") for address in reader.addresses)


def test_the_paper_has_pages(written):
    raw = written[1][1].read_bytes()
    assert raw.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", raw)) >= 3


def test_equal_plans_give_equal_reports(written):
    folder, files = written
    before = [f.read_bytes() for f in files]
    write_report(folder)
    assert [f.read_bytes() for f in files] == before


def test_invented_relief_is_said_above_the_answer(written, tmp_path):
    _, text = read(written[1][0])
    assert text.index("Synthetic relief") < text.index("new sites for")
    real = make_plan(tmp_path / "real", synthetic=False)
    assert "Synthetic relief" not in read(write_report(real)[0])[1]


FOUND = {
    "track_minutes": 10,
    "mean": {"detected": 0.61, "tracked": 0.42, "looked": 0.1, "met": 0.05},
    "classes": [{"class": "4x4", "detected": 0.7, "tracked": 0.5, "looked": 0.1, "met": 0.06}],
    "ranked_by": "tracked",
    "stretches": [
        {"border": "CN", "from_km": 480, "to_km": 510, "detected": 0.1, "tracked": 0.02,
         "looked": 0.0, "met": 0.0, "tracked_limit": "masked <by> the ridge"},
    ],
}  # fmt: skip


def test_what_was_assured_is_told_when_it_was_worked_out(written, tmp_path):
    assert "What a crossing meets" not in read(written[1][0])[1]
    folder = make_plan(tmp_path / "assured")
    (folder / "assurance.json").write_text(json.dumps(FOUND))
    _, text = read(write_report(folder)[0])
    assert "detected with a probability of 61.0 %, under track 10 minutes before" in text
    assert "4x4 70.0 % 50.0 % 10.0 % 6.0 % all 61.0 %" in text
    assert "CN km 480–510 10.0 % 2.0 % 0.0 % 0.0 % masked <by> the ridge" in text
    (folder / "assurance.json").write_text(json.dumps({**FOUND, "mean": {"met": 2}}))
    with pytest.raises(EngineError, match=r"assurance\.json: mean\.met is 2, expected"):
        write_report(folder)


HOSTILE = '<script>alert("1")</script> $\\frac{ & \x00\u202e</td> ' + "x" * 90


def test_hostile_text_stays_text(tmp_path):
    folder = make_plan(tmp_path / "hostile")
    raw = json.loads((folder / "plan.json").read_text())
    raw["title"] = raw["currency"] = raw["terrain"] = raw["method"] = raw["source"] = HOSTILE
    raw["warnings"] = [HOSTILE]
    raw["sites"][0].update(id=HOSTILE, package=HOSTILE, border=HOSTILE)
    raw["packages"][0]["id"] = raw["classes"][0]["target"] = HOSTILE
    raw["robust"][0]["lost"] = raw["sections"][0]["border"] = HOSTILE
    raw["sites"][1]["alternatives"][0]["id"] = HOSTILE
    (folder / "plan.json").write_text(json.dumps(raw))
    page, paper = write_report(folder)
    reader, text = read(page)
    assert "script" not in reader.tags
    assert text.count('<script>alert("1")</script> $\\frac{ & ') > 10
    assert paper.read_bytes().startswith(b"%PDF-")


def test_a_plan_without_ground_cells_curve_or_losses_still_reads(tmp_path):
    bare = {"curve": [], "robust": [], "sections": [], "classes": [], "packages": [], "sites": []}
    folder = make_plan(tmp_path / "bare", **bare)
    (folder / "cells.npz").unlink()
    reader, text = read(write_report(folder)[0])
    assert reader.tags.count("img") == 1
    assert "was not worked out" in text


def test_a_limit_is_never_rounded_down_nor_a_share_up_to_a_whole(written):
    plan = parse_plan({**read_plan(written[0]).raw, "bound_share": 0.91041}, "p")
    assert "more than 91.1\u00a0%" in tell(plan).answer
    assert percent(0.99999) == "99.99\u00a0%"
    near = parse_plan({**plan.raw, "share": 0.99908, "bound_share": 0.99919}, "p")
    assert "see 99.90\u00a0%" in tell(near).answer
    assert "more than 99.92\u00a0%" in tell(near).answer
    assert percent(1.0) == "100.0\u00a0%"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "other/1"}, "format is 'other/1', expected 'steppewatch-plan/1'"),
        ({"share": "most"}, "share is 'most', expected a number"),
        ({"share": 1.5}, "share is 1.5, expected a number 0…1"),
        ({"share": float("nan")}, "share is nan"),
        ({"sites": {}}, "sites is no list"),
        ({"sites": [1]}, r"sites\[0\] is int, expected a table"),
        ({"sites": [{"id": "a", "lat_deg": 91, "lon_deg": 0}]}, r"sites\[0\].lat_deg is 91"),
        ({"sites": [{"id": "a", "lat_deg": 1, "lon_deg": 0}] * 2}, "two sites are called 'a'"),
        ({"budget": 10**400}, "budget is 1000"),
        ({"warnings": "none"}, "warnings is 'none', expected a list of texts"),
        ({"curve": [{"share": 0.5}]}, r"curve\[0\].budget is None, expected a number"),
    ],
)
def test_a_wrong_entry_is_named(written, change, words):
    with pytest.raises(EngineError, match=words):
        parse_plan({**read_plan(written[0]).raw, **change}, "plan.json")


def test_a_folder_without_a_plan_and_damaged_cells_are_named(tmp_path):
    with pytest.raises(EngineError, match=r"plan\.json cannot be read.*plan sites"):
        write_report(tmp_path)
    folder = make_plan(tmp_path / "damaged")
    whole = (folder / "cells.npz").read_bytes()
    (folder / "cells.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EngineError, match=r"cells\.npz cannot be read"):
        write_report(folder)
    np.savez(folder / "cells.npz", lat=[0.8], lon=[1.8], weight=[[1.0]], seen=[[1, 2]],
             class_names=["4x4"])  # fmt: skip
    with pytest.raises(EngineError, match=r"seen \(1, 2\)"):
        write_report(folder)


def test_a_place_that_cannot_be_written_is_named_and_nothing_half_is_left(tmp_path, monkeypatch):
    folder = make_plan(tmp_path / "full")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("steppewatch.engine.whole_file.os.fsync", full)
    with pytest.raises(EngineError, match=r"disk full while writing .*report\.html"):
        write_report(folder)
    assert sorted(p.name for p in folder.iterdir()) == ["cells.npz", "plan.json"]
