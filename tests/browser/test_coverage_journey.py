"""Click a hill, and see what a sensor there would see: at a desk, by keyboard, on a phone."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from watcher import DESK, PHONE, Watcher

TINTED = """() => {
  const canvas = document.querySelector(".coverage-holder canvas");
  if (!canvas) return 0;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const data = context.getImageData(0, 0, copy.width, copy.height).data;
  let count = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 60) count++;
  return count;
}"""
# The journey is about the map: a computation may share its processor with the tests' own node.
PATIENCE_MS = 30_000


def tinted(page: Page) -> int:
    """Count the pixels of the map that the coverage tints."""
    page.wait_for_timeout(300)
    return int(page.evaluate(TINTED))


def results(page: Page):
    return page.locator(".coverage-results")


def begin(page: Page, address: str) -> Watcher:
    watcher = Watcher(page, address)
    page.goto(address)
    expect(page.locator(".mode")).to_have_text(re.compile("REHEARSAL"))
    expect(page.locator(".sensor").first).to_be_attached()
    return watcher


def test_a_planner_clicks_a_hill_and_moves_the_slider(
    node: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = begin(page, node)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/coverage?" in r.url else None)
    page.keyboard.press("o")
    expect(page.locator(".coverage-message")).to_contain_text("Click the hill")
    assert tinted(page) == 0
    page.mouse.click(760, 250)
    expect(results(page)).to_be_visible(timeout=PATIENCE_MS)
    for words in ("km²", "Farthest seen", "Ground", "Antenna", "Refraction k", "Time taken"):
        expect(results(page)).to_contain_text(words)
    expect(page.locator(".coverage-terrain")).to_contain_text("synthetic detail")

    slider = page.get_by_label("target height above ground")
    counts = []
    for place in (0, 125, 250):
        slider.fill(str(place))
        counts.append(tinted(page))
    assert 0 < counts[0] < counts[1] < counts[2]
    expect(page.locator(".coverage-height")).to_have_text("5 000 m above ground")
    assert len(asked) == 1
    page.screenshot(path=tmp_path / "coverage.png")

    # A longer mast asks once more and sees no less; the tracks can be chosen beside it.
    seen = slider.evaluate(
        "e => (e.value = 125, e.dispatchEvent(new Event('input')), 0)"
    ) or tinted(page)
    mast = page.get_by_label("mast height above ground, metres")
    mast.fill("120")
    with page.expect_response(lambda r: "mast=120" in r.url, timeout=PATIENCE_MS):
        mast.press("Enter")
    expect(results(page)).to_contain_text("mast 120 m")
    assert tinted(page) > seen
    page.keyboard.press("j")
    expect(page.locator(".detail-name")).not_to_be_empty()
    assert tinted(page) > seen
    page.keyboard.press("Escape")
    expect(page.locator(".coverage")).to_be_hidden()
    assert tinted(page) == 0
    assert watcher.faults == []
    page.close()


def test_the_coverage_is_usable_with_the_keyboard_alone(node: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = begin(page, node)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("coverage: what a sensor here would see")
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    expect(page.locator(".coverage-message")).to_contain_text("press Enter")
    page.keyboard.press("Enter")
    expect(results(page)).to_be_visible(timeout=PATIENCE_MS)
    before = tinted(page)
    height = page.locator(".coverage-height").inner_text()
    for _ in range(6):
        page.keyboard.press("]")
    assert tinted(page) > before
    for _ in range(6):
        page.keyboard.press("[")
    assert tinted(page) == before
    assert page.locator(".coverage-height").inner_text() == height
    page.keyboard.press("Escape")
    expect(page.locator(".coverage")).to_be_hidden()
    assert watcher.faults == []
    page.close()


def test_the_chance_of_detection_depends_on_what_comes(node: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = begin(page, node)
    page.keyboard.press("o")
    expect(page.locator(".coverage-message")).to_contain_text("Click the hill")
    page.mouse.click(760, 250)
    expect(results(page)).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Fit").click()
    page.wait_for_timeout(800)
    what = page.get_by_label("line of sight, or P(detect) of a class")
    counts = []
    for target, height in (("helicopter", 140), ("small-drone", 140)):
        with page.expect_response(lambda r: "/detection?" in r.url, timeout=PATIENCE_MS):
            what.select_option(target)
        with page.expect_response(lambda r: "/detection?" in r.url, timeout=PATIENCE_MS):
            page.get_by_label("target height above ground").fill(str(height))
        expect(page.locator(".coverage-message")).to_be_hidden(timeout=PATIENCE_MS)
        expect(results(page)).to_contain_text("P ≥ 0.8")
        counts.append(tinted(page))
    assert counts[0] > counts[1] > 0
    what.select_option("")
    expect(results(page)).to_contain_text("Farthest seen")
    assert tinted(page) > counts[0]
    assert watcher.faults == []
    page.close()


def test_a_sensor_of_the_picture_shows_what_it_covers(node: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = begin(page, node)
    name = page.locator(".sensor-name").first.inner_text()
    page.get_by_role("button", name=f"what {name} sees").click()
    expect(results(page)).to_be_visible(timeout=PATIENCE_MS)
    assert page.get_by_label("sensor", exact=True).locator("option:checked").inner_text() == name
    expect(page.get_by_label("mast height above ground, metres")).to_be_disabled()
    page.get_by_role("button", name="Fit").click()
    page.wait_for_timeout(800)
    assert tinted(page) > 1_000
    page.get_by_role("button", name="clear the coverage").click()
    assert tinted(page) == 0
    assert watcher.faults == []
    page.close()


def test_a_refusal_is_said_on_the_card(node: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    begin(page, node)
    page.route(
        re.compile(r"/api/v1/coverage\?"),
        lambda route: route.fulfill(status=503, json={"error": "not computed: ask again"}),
    )
    page.keyboard.press("o")
    expect(page.locator(".coverage-message")).to_contain_text("Click the hill")
    page.keyboard.press("Enter")
    expect(page.locator(".coverage-message")).to_have_text("Not computed: ask again")
    expect(results(page)).to_be_hidden()
    page.close()


def test_the_coverage_fits_a_phone(node: str, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = context.new_page()
    watcher = begin(page, node)
    page.get_by_role("button", name="coverage from a place").tap()
    expect(page.get_by_role("tab", name="Coverage")).to_be_visible()
    expect(page.locator(".coverage-message")).to_contain_text("Click the hill")
    page.touchscreen.tap(190, 300)
    expect(results(page)).to_be_visible(timeout=PATIENCE_MS)
    slider = page.get_by_label("target height above ground")
    slider.fill("0")
    low = tinted(page)
    slider.fill("220")
    assert tinted(page) > low > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    targets = ".coverage-head button, .coverage select, .coverage input, .tabs button"
    for target in page.locator(targets).all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    page.screenshot(path=tmp_path / "phone.png")
    page.get_by_role("tab", name="Alerts").tap()
    expect(page.locator(".coverage")).to_be_hidden()
    assert tinted(page) > low
    assert watcher.faults == []
    context.close()
