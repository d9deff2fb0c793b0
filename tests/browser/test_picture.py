"""One journey through the operator's picture, in a real Chromium, against a real rehearsal."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from watcher import DESK, PHONE, Watcher


def overlay_pixels(page: Page) -> list[int]:
    """Give a fingerprint of the canvas with the tracks: which pixels are set."""
    return page.evaluate(
        """() => {
          const canvas = document.querySelector("canvas.overlay");
          // A copy: reading the page's own canvas back would slow it, and Chromium would say so.
          const copy = new OffscreenCanvas(canvas.width, canvas.height);
          const context = copy.getContext("2d", { willReadFrequently: true });
          context.drawImage(canvas, 0, 0);
          const data = context.getImageData(0, 0, copy.width, copy.height).data;
          const set = [];
          for (let i = 3; i < data.length; i += 4) if (data[i] > 200) set.push(i);
          return set;
        }"""
    )


def test_an_operator_watches_selects_and_acknowledges_with_the_keyboard_alone(
    node: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = Watcher(page, node)
    page.goto(node)
    expect(page.locator(".mode")).to_have_text(re.compile("REHEARSAL"))
    expect(page.locator(".readout-terrain")).to_contain_text("synthetic detail")
    expect(page.locator(".chip-link")).to_have_text("link")
    expect(page.locator(".track").first).to_be_visible(timeout=60_000)
    expect(page.locator(".sensor").first).to_contain_text(re.compile("good|degraded|silent|off"))

    before = overlay_pixels(page)
    assert len(before) > 50
    clock = page.locator(".clock-time").inner_text()
    page.wait_for_timeout(6_000)
    assert overlay_pixels(page) != before
    assert page.locator(".clock-time").inner_text() != clock

    page.keyboard.press("j")
    expect(page.locator(".detail-name")).not_to_be_empty()
    expect(page.locator(".track[aria-selected=true]")).to_have_count(1)
    expect(page.locator(".why-who")).to_have_text(re.compile("Held by|Hidden|No sensor holds"))
    expect(page.locator(".why-plots tbody tr:visible").first).to_contain_text("s ago")
    page.screenshot(path=tmp_path / "selected.png")
    page.keyboard.press("Escape")
    expect(page.locator(".panel-detail .empty")).to_be_visible()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    expect(page.locator(".take").first).to_be_visible(timeout=60_000)
    page.keyboard.press("a")
    current = page.locator(".alert[aria-current=true]")
    expect(current).to_have_count(1)
    name = current.get_attribute("data-id")
    page.keyboard.press("Enter")
    page.get_by_label("your name", exact=True).last.fill("D. Bat-Erdene")
    page.keyboard.press("Enter")
    taken = page.locator(f'.alert[data-id="{name}"] .taken')
    expect(taken).to_contain_text("D. Bat-Erdene", timeout=10_000)
    page.screenshot(path=tmp_path / "acknowledged.png")

    assert watcher.tiles > 0
    assert watcher.faults == []
    page.close()


def test_the_same_picture_fits_a_phone(node: str, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = context.new_page()
    watcher = Watcher(page, node)
    page.goto(node)
    page.get_by_role("tab", name="Tracks").tap()
    page.locator(".track").first.tap(timeout=60_000)
    page.get_by_role("tab", name="Detail").tap()
    expect(page.locator(".detail-name")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    targets = ".tabs button:visible, .map-moves button, .bar-buttons button"
    for button in page.locator(targets).all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    label = page.locator(".readout-terrain")
    expect(label).to_contain_text("synthetic detail")
    assert label.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")
    page.screenshot(path=tmp_path / "phone.png")
    assert watcher.faults == []
    context.close()


def test_a_lost_link_is_said_loudly_and_heals(node: str, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    # A proxy that a test can cut: the node goes on, only this page loses it.
    cut: list[object] = []

    def route(socket_route: object) -> None:
        socket_route.connect_to_server()  # type: ignore[attr-defined]
        cut.append(socket_route)

    page.route_web_socket(re.compile(r"/ws$"), route)
    page.goto(node)
    expect(page.locator(".chip-link")).to_have_text("link")
    cut[0].close()  # type: ignore[attr-defined]
    expect(page.locator(".banner")).to_contain_text("Last update")
    expect(page.locator(".banner")).to_be_hidden(timeout=15_000)
    expect(page.locator(".chip-link")).to_have_text("link")
    page.close()
