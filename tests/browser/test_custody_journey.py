"""Two states' officers take a case from request to approval, each signing in their own browser."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from officer import be, fill, sign
from playwright.sync_api import Browser, Page, expect
from watcher import DESK, PHONE, Watcher

sys.path.insert(0, str(Path(__file__).parents[1] / "web" / "custody_pages"))
from paper_office import PaperOffice, signer_of

from steppewatch.web import Custody, serve_custody


@pytest.fixture
def office() -> PaperOffice:
    return PaperOffice()


@pytest.fixture
def address(office: PaperOffice, tmp_path: Path) -> Iterator[str]:
    server = serve_custody(Custody(office, tmp_path / "photos", alone=True), port=0)
    yield server.address + "/"
    server.stop()


def open_case(page: Page) -> None:
    page.get_by_role("tab", name="cases").click()
    page.get_by_role("button", name="New case…").click()
    fill(
        page, id="C-1", title="two radios to the rescue service", agreement="jp-mn",
        items="hk/r-1/001\nhk/r-1/002", recipient="mn-rescue", purpose="rescue", quantity="2",
        text="flood season",
    )  # fmt: skip
    expect(page.locator(".sign-deed")).to_contain_text("I, bat, ask for a case to be opened")
    expect(page.locator("dialog dl")).to_contain_text("hk/r-1/001 · hk/r-1/002")
    sign(page)


def advise(page: Page, **answers: str) -> None:
    page.get_by_role("button", name="Advise…").click()
    fill(page, **{"about": "items", "text": "seen", **answers})
    sign(page)


def see(browser: Browser, address: str, name: str) -> tuple[Page, Watcher]:
    page = browser.new_context(viewport=DESK).new_page()
    watcher = Watcher(page, address)
    page.goto(address)
    be(page, name, signer_of(name))
    page.get_by_role("tab", name="cases").click()
    return page, watcher


def test_a_case_goes_from_request_to_approval_between_two_states(
    browser: Browser, address: str, office: PaperOffice, tmp_path: Path
) -> None:
    pages = {}
    watchers = []
    for name in ("bat", "sara", "tuya", "aoi", "ken", "rei"):
        pages[name], watcher = see(browser, address, name)
        watchers.append(watcher)
    open_case(pages["bat"])
    sara = pages["sara"]
    for check in ("parties", "end-use", "destination", "diversion"):
        sara.get_by_role("button", name="Check…").click()
        fill(sara, check=check, result="clear", text="looked up")
        sign(sara)
    advise(sara)
    advise(pages["aoi"], verdict="proviso", conditions="return by 1 May")
    # The author's own second signature is refused, and leaves nothing in the ledger.
    size = office.ledger.size
    sara.get_by_role("button", name="Countersign").first.click()
    told = sara.locator("dialog dl")
    expect(told).to_contain_text("approve, advised by sara (mn-border) about items")
    sara.get_by_role("button", name="Sign as sara").click()
    refused = sara.locator(".sign-refused")
    expect(refused).to_contain_text("another person must countersign it")
    sara.screenshot(path=tmp_path / "refused.png")
    assert office.ledger.size == size
    sara.get_by_role("button", name="Leave it").click()
    for name, author in (("tuya", "sara"), ("ken", "aoi")):
        advice = pages[name].locator(".advice", has_text=author)
        advice.get_by_role("button", name="Countersign").click()
        sign(pages[name])
    rei = pages["rei"]
    expect(rei.locator(".case-mine")).to_contain_text("all advice is in")
    rei.screenshot(path=tmp_path / "case.png")
    rei.get_by_role("button", name="Decide…").click()
    fill(rei, verdict="approve", text="agreed")
    expect(rei.locator("dialog dl")).to_contain_text("return by 1 May")
    sign(rei)
    expect(rei.locator(".case-stage")).to_contain_text("approved, no licence yet")
    assert office.register.cases.get("C-1").decision.verdict == "approve"
    rei.get_by_role("tab", name="overview").click()
    expect(rei.locator(".figure", has_text="cases open")).to_contain_text("0")
    rei.screenshot(path=tmp_path / "overview.png")
    rei.get_by_role("tab", name="items").click()
    rei.get_by_role("button", name="hk/r-1/002").click()
    expect(rei.locator("tr[data-item='hk/r-1/002'] + tr .history")).to_contain_text("registered")
    rei.screenshot(path=tmp_path / "items.png")
    faults = [fault for watcher in watchers for fault in watcher.faults]
    assert [fault for fault in faults if "422" not in fault] == []
    rei.get_by_role("tab", name="release").click()
    expect(rei.locator(".custody-main")).to_contain_text("This node sends to no partner")
    rei.get_by_role("button", name="Declare…").click()
    fill(rei, reason="a herder lost in the storm", areas="north", to="mn-rescue", hours="2")
    expect(rei.locator(".sign-deed")).to_contain_text("declare danger to life")
    rei.get_by_role("button", name="Leave it").click()
    for page in pages.values():
        page.context.close()


def test_inventory_is_taken_without_a_net_and_handed_in_later(
    browser: Browser, address: str, office: PaperOffice, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(address + "capture.html")
    be(page, "sara", signer_of("sara"))
    expect(page.locator(".item")).to_have_count(5)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.wait_for_function(
        "async () => (await (await caches.open('steppewatch-capture')).keys()).length > 2"
        " && (await caches.match(location.href)) !== undefined"
    )
    context.set_offline(True)
    page.reload()
    expect(page.locator(".bar-state")).to_contain_text("No net")
    page.get_by_label("serial").fill("O02")  # a worn plate: the letter O for a nought
    page.locator(".guess").first.click()
    page.locator(".item", has_text="001").get_by_role("button", name="Seen").click()
    page.get_by_role("button", name="Sign 2 seen").click()
    expect(page.locator(".waiting")).to_contain_text("waits for the net")
    page.screenshot(path=tmp_path / "capture.png")
    assert office.register.sighted == []
    context.set_offline(False)
    expect(page.locator(".waiting")).to_have_count(0, timeout=15_000)
    (seen,) = office.register.sighted
    assert {one["item"] for one in seen["sightings"]} == {"hk/r-1/001", "hk/r-1/002"}
    # What is refused stays in the phone, with the reason.
    gone = office.register.items.pop("hk/r-1/003")
    page.locator(".item", has_text=gone.uid).get_by_role("button", name="Seen").click()
    page.get_by_role("button", name="Sign 1 seen").click()
    expect(page.locator(".waiting")).to_contain_text("Refused: there is no item hk/r-1/003")
    context.close()
