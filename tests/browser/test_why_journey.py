"""An operator asks why: what the panel tells of a track in sight, a hidden and a foreign one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from told_tracks import Teller
from watcher import DESK, PHONE, Watcher

from steppewatch.web import serve


@pytest.fixture(scope="module")
def told() -> Iterator[str]:
    with Teller() as hub:
        server = serve(hub, port=0)
        yield server.address + "/"
        server.stop()


def select(page: Page, name: str) -> None:
    page.locator(".track", has_text=name).click()
    expect(page.locator(".detail-name")).to_have_text(name)


def test_the_panel_says_why_in_words(told: str, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = Watcher(page, told)
    page.goto(told)
    select(page, "T41")
    why = page.locator("details.why")
    expect(why.locator(".why-who")).to_have_text("Held by East hill and West.")
    classes = page.get_by_role("list", name="class probabilities").get_by_role("listitem")
    expect(classes).to_have_text([re.compile("vehicle.*90 %"), re.compile("rider.*8 %"),
                                  re.compile("no real thing.*2 %")])  # fmt: skip
    plots = page.get_by_role("table", name="latest detections, the newest first")
    expect(plots.get_by_role("columnheader")).to_have_text(["When", "Sensor", "Sure", "Chosen by"])
    first = plots.get_by_role("row").nth(1)
    expect(first).to_contain_text(re.compile("s ago.*(East hill|West).*87 %.*by probability"))
    expect(plots.locator("tbody tr:visible")).to_have_count(6, timeout=15_000)
    page.screenshot(path=tmp_path / "why.png")

    # By keyboard alone: fold it away, and nothing is asked any more.
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(plots).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/why" in request.url else None)
    page.wait_for_timeout(2_500)
    assert asked == []
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(plots).to_be_visible()
    page.wait_for_timeout(2_000)
    assert asked
    assert watcher.faults == []
    page.close()


def symbol(page: Page) -> list[int]:
    """Give the pixels of the selected track's symbol."""
    return page.evaluate(
        """() => {
          const canvas = document.querySelector(".detail-symbol");
          const copy = new OffscreenCanvas(canvas.width, canvas.height);
          const context = copy.getContext("2d", { willReadFrequently: true });
          context.drawImage(canvas, 0, 0);
          return Array.from(context.getImageData(0, 0, copy.width, copy.height).data);
        }"""
    )


def test_a_hidden_track_is_told_and_drawn_as_such(
    told: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = Watcher(page, told)
    page.goto(told)
    select(page, "T41")
    in_sight = symbol(page)
    select(page, "T42")
    expect(page.locator(".detail-status")).to_have_text("hidden")
    expect(page.locator(".why-who")).to_contain_text("Hidden: no sensor can see it now")
    expect(page.locator(".why-plots tbody tr:visible").first).to_contain_text("best match")
    assert symbol(page) != in_sight
    row = page.locator(".track", has_text="T42")
    expect(row.get_by_role("img", name="hidden")).to_be_visible()
    page.locator(".filter").first.fill("hidden")
    expect(page.locator(".track:visible")).to_have_count(1)
    page.screenshot(path=tmp_path / "hidden.png")
    assert watcher.faults == []
    page.close()


def test_no_reasons_are_made_up_for_another_tracker(told: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(told)
    select(page, "S9")
    expect(page.locator(".why-who")).to_have_text("Its tracker does not say why.")
    expect(page.locator(".why-plots")).to_be_hidden()
    expect(page.locator(".why-classes")).to_be_hidden()
    page.close()


def test_why_fits_a_phone_and_leaves_the_list_its_place_on_a_desk(
    told: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(told)
    select(page, "T41")
    expect(page.locator(".why-plots tbody tr:visible")).to_have_count(6, timeout=15_000)
    box = page.locator(".track-scroll").bounding_box()
    assert box is not None
    assert box["height"] >= 100
    assert box["y"] + box["height"] <= DESK["height"]
    page.close()
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    phone = context.new_page()
    phone.goto(told)
    phone.get_by_role("tab", name="Tracks").tap()
    phone.locator(".track", has_text="T41").tap()
    phone.get_by_role("tab", name="Detail").tap()
    summary = phone.locator("details.why summary")
    expect(summary).to_be_visible()
    summary.scroll_into_view_if_needed()
    height = summary.bounding_box()
    assert height is not None
    assert height["height"] >= 44
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.screenshot(path=tmp_path / "phone.png")
    context.close()
