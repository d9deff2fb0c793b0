"""A planner drags a site, sees the number change, takes it back, compares, and keeps the plan."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from watcher import DESK, PHONE, Watcher

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
from plan_folder import make_plan

PATIENCE_MS = 60_000
TINTED = """() => {
  const canvas = document.querySelector(".plan-holder canvas");
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const data = context.getImageData(0, 0, copy.width, copy.height).data;
  let [seen, unseen] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 60) continue;
    if (data[i] > data[i + 1] + 40) unseen++;
    else if (data[i + 1] > data[i] + 20) seen++;
  }
  return { seen, unseen };
}"""


PLAN = """
[plan]
budget = 15_000_000
[[section]]
border = "CN"
from_km = 400
to_km = 640
[[class]]
target = "4x4"
[[class]]
target = "walker"
[[package]]
id = "long-range"
sensors = ["long-range-3d"]
mast_m = 20
max_range_km = 40
price = 4_500_000
[[package]]
id = "gap-filler"
sensors = ["gap-filler"]
mast_m = 20
max_range_km = 25
price = 900_000
[[candidates]]
kind = "hilltops"
"""


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    top = tmp_path_factory.mktemp("plans")
    for name, title in (("west", "Southern border 2027"), ("east", "A cheaper plan")):
        folder = make_plan(top / name, title=title)
        raw = json.loads((folder / "plan.json").read_text())
        if name == "east":
            raw["sites"] = raw["sites"][:3]
        (folder / "plan.json").write_text(json.dumps(raw))
    (top / "plan.toml").write_text(PLAN)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "steppewatch", "plan", "show", str(top / "west")]
    command += [
        str(top / "east"),
        "--plan",
        str(top / "plan.toml"),
        "--save",
        str(top / "kept"),
        "--port",
        str(port),
    ]
    log = top / "node.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, "STEPPEWATCH_HOME": str(top)}
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_until_surveyed(address, process, log)
        yield address, top / "kept"
    finally:
        process.terminate()
        process.wait(20.0)


def wait_until_surveyed(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 150.0
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address + "api/v1/plans", timeout=5.0) as found:  # noqa: S310 (our own node)
                if all(p["surveyed"] == p["steps"] for p in json.load(found)["plans"]):
                    return
        except OSError:
            pass
        time.sleep(0.3)
    pytest.fail(f"not surveyed: {log.read_text()}")


def begin(page: Page, address: str) -> Watcher:
    watcher = Watcher(page, address)
    page.goto(address)
    expect(page.locator(".plan-share")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(500)
    return watcher


def share(page: Page) -> float:
    return float(page.locator(".plan-share").get_attribute("data-share") or "nan")


def site(page: Page, name: str) -> None:
    """Choose a site in the list, which brings it to the middle of the map."""
    if not page.locator(".plan-sites").evaluate("e => e.open"):
        page.locator(".plan-sites summary").click()
    page.locator(".plan-sites").get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".plan-site h2")).to_have_text(name)
    page.wait_for_timeout(700)


def drag(page: Page, right: int, down: int) -> None:
    box = page.locator(".board").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=4)
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def place(page: Page) -> str:
    return page.locator(".plan-facts").inner_text()


def test_a_site_is_dragged_and_taken_back(
    planner: tuple[str, Path], browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = begin(page, planner[0])
    assert page.url.endswith("/plan.html")
    expect(page.locator(".plan-caution").first).to_contain_text("recomputes")
    assert page.get_by_role("button", name="Undo").is_disabled()
    tinted = page.evaluate(TINTED)
    assert tinted["seen"] > 500
    assert tinted["unseen"] > 500
    planned, words = share(page), page.locator(".plan-headline").inner_text()
    site(page, "hill-2")
    stood = place(page)
    assured = page.locator(".plan-assured")
    expect(assured).to_contain_text("tracked")
    promised = assured.inner_text()

    drag(page, 150, 110)
    expect(page.locator(".plan-share .plan-change")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=PATIENCE_MS)
    changed, stands = share(page), place(page)
    assert changed != planned
    assert stands != stood
    expect(page.get_by_role("button", name="Undo")).to_have_attribute(
        "title", re.compile(r"hill-2 moved \d")
    )
    expect(assured).not_to_contain_text("Working it out", timeout=PATIENCE_MS)
    expect(
        assured.locator(".plan-change[data-grade=good], .plan-change[data-grade=bad]")
    ).not_to_have_count(0)
    page.get_by_label("class of target that is shown").select_option(label="assured: detected")
    page.screenshot(path=tmp_path / "dragged.png")

    page.keyboard.press("Control+z")
    assert share(page) == planned
    assert page.locator(".plan-headline").inner_text() == words
    assert place(page) == stood
    assert assured.inner_text() == promised
    page.keyboard.press("Control+Shift+z")
    assert (share(page), place(page)) == (changed, stands)
    page.get_by_role("button", name="Undo").click()
    assert share(page) == planned

    # By keyboard; and another package: what was undone is gone then.
    page.locator(".board").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=PATIENCE_MS)
    page.get_by_label("package of this site").select_option("long-range")
    expect(page.locator(".plan-money")).to_contain_text("3 × long-range", timeout=PATIENCE_MS)
    expect(page.locator(".plan-money")).to_contain_text("14.4 M USD of 15 M USD")
    assert page.get_by_role("button", name="Redo").is_disabled()
    assert watcher.faults == []
    page.close()


def test_a_site_that_stands_already_stays(planner: tuple[str, Path], browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = begin(page, planner[0])
    site(page, "hill-4")
    expect(page.locator(".plan-site")).to_contain_text("Stands already")
    before = share(page)
    drag(page, 80, 60)
    page.wait_for_timeout(800)
    assert share(page) == before
    assert page.get_by_role("button", name="Undo").is_disabled()
    assert watcher.faults == []
    page.close()


def test_two_plans_are_compared_and_the_changed_one_is_kept(
    planner: tuple[str, Path], browser: Browser, tmp_path: Path
) -> None:
    address, kept = planner
    page = browser.new_page(viewport=DESK)
    watcher = begin(page, address)
    here = share(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".board")).to_have_count(2)
    rows = page.locator(".plan-compare tbody tr")
    expect(rows.first).to_contain_text("Seen")
    first = rows.first.inner_text().split()
    assert f"{100 * here:.1f}" in first
    expect(page.locator(".plan-compare thead")).to_contain_text("A cheaper plan")
    expect(rows.filter(has_text="Sites")).to_contain_text("−2")
    assert page.locator(".plan-places li").count() > 0
    page.screenshot(path=tmp_path / "compared.png")
    page.locator(".plan-places li button").first.click()
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".board")).to_have_count(1)

    site(page, "hill-0")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".plan-money")).to_contain_text("2 × gap-filler", timeout=PATIENCE_MS)
    fewer = share(page)
    assert fewer < here
    page.on("dialog", lambda dialog: dialog.accept("plan-b"))
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Kept as plan-b", timeout=PATIENCE_MS)
    plan = json.loads((kept / "plan-b" / "plan.json").read_text())
    assert plan["share"] == fewer
    assert [one["id"] for one in plan["sites"]] == ["hill-1", "hill-2", "hill-3", "hill-4"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert json.loads(Path(download.value.path()).read_text())["share"] == fewer
    assert watcher.faults == []
    page.close()


def test_the_plan_fits_a_phone(planner: tuple[str, Path], browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport=PHONE)
    watcher = begin(page, planner[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.locator(".board")).to_be_visible()
    expect(page.locator(".strip-canvas")).to_be_visible()
    page.screenshot(path=tmp_path / "phone.png")
    assert watcher.faults == []
    page.close()
