"""On a real ledger two states' officers open a consent, and see what a partner would see."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from officer import be, fill, sign
from playwright.sync_api import Browser, Page, expect
from watcher import DESK, Watcher

sys.path.insert(0, str(Path(__file__).parents[1] / "custody" / "release"))
from released import tracks

from steppewatch.custody.label.sources import Settings, State, take
from steppewatch.custody.release.point import ReleasePoint
from steppewatch.custody.release.situation import Situation
from steppewatch.engine import custody_demo as demo
from steppewatch.engine.custody_egress import Address, Door, Egress
from steppewatch.engine.custody_office import Office, open_office
from steppewatch.engine.custody_release_journal import ReleaseJournal
from steppewatch.records import TargetClass
from steppewatch.web import Custody, Releases, serve_custody

PARTNERS = {
    "astana": ("kz-border", "border-surveillance"),
    "tokyo": ("jp-mod", "border-surveillance"),
}
ULGII = (0.8553, 1.5700)  # [rad]: 49.0° N, 89.95° E


class Scene:
    """A demonstration's ledger, its office, and a release point with a few tracks."""

    def __init__(self, office: Office, home: Path) -> None:
        self.office = office
        self.cast = demo.agreements(office)
        self.uids = demo.play(self.cast)
        journal = ReleaseJournal(home / "journal", lambda _: None)
        addresses = [
            Address(name=name, form="asterix", host="127.0.0.1", port=9) for name in PARTNERS
        ]
        self.egress = Egress(
            ReleasePoint(self._situation()), journal, Door(journal, addresses), self._situation
        )

    def _situation(self) -> Situation:
        return self.office.situation(PARTNERS, ["camera"])

    def hear(self) -> None:
        """Let the tracker say six tracks: aircraft, vehicles; of a given radar, of our own."""
        now = time.time_ns()
        seen = [["camera"], ["camera"], ["radar-1"], ["radar-1"], ["camera"]]
        seen += [["radar-1", "elsewhere"]]
        batch = tracks(seen, when=now, lat=ULGII[0], lon=ULGII[1])
        batch.target[:3] = TargetClass.AIRCRAFT
        _, sources = take(State(), batch, Settings(), now)
        self.egress.listen([batch, sources], now)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    where = str(tmp_path / "ledger.db")
    demo.begin_demo(where, time.time_ns())
    with open_office(where, demo.demo_key("log")) as office:
        made = Scene(office, tmp_path)
        yield made
        made.egress.close(time.time_ns())


@pytest.fixture
def address(scene: Scene, tmp_path: Path) -> Iterator[str]:
    custody = Custody(scene.office, tmp_path / "photos", alone=True)
    server = serve_custody(custody, port=0, releases=Releases(scene.egress))
    yield server.address + "/"
    server.stop()


@pytest.fixture
def officers(browser: Browser, address: str) -> Iterator[dict[str, Page]]:
    pages, watchers = {}, []
    for name in ("bat", "sato", "dorj"):
        page = pages[name] = browser.new_context(viewport=DESK).new_page()
        watchers.append(Watcher(page, address))
        page.goto(address)
        be(page, name, demo.demo_key(name))
    yield pages
    for page in pages.values():
        page.context.close()
    faults = [fault for watcher in watchers for fault in watcher.faults]
    assert [fault for fault in faults if "422" not in fault] == []


def turn(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def propose(page: Page, uids: list[str]) -> None:
    turn(page, "consents")
    page.get_by_role("button", name="New consent…").click()
    fill(
        page, id="haul-7", agreement="jp-mn", opens="transfer", items="\n".join(uids),
        recipient="mn-haulier", purpose="border-surveillance", quantity="2",
    )  # fmt: skip
    expect(page.locator("dialog dl")).to_contain_text("recipient mn-haulier")
    sign(page)


def test_two_states_open_a_consent_and_it_counts_only_once_witnessed(
    officers: dict[str, Page], scene: Scene, tmp_path: Path
) -> None:
    bat, sato, dorj = officers.values()
    consents = scene.office.register.consents
    propose(bat, scene.uids[5:7])
    # Who proposed cannot approve, and the attempt stays visible to both states.
    bat.get_by_role("button", name="Approve…").click()
    bat.get_by_role("button", name="Sign as bat").click()
    expect(bat.locator(".sign-refused")).to_contain_text("Refused")
    bat.get_by_role("button", name="Leave it").click()
    assert scene.office.register.refusals[-1]["by"] == "bat"
    assert consents == {}
    for name, page in (("sato", sato), ("dorj", dorj)):
        turn(page, "overview")
        row = page.locator("[data-proposal]")
        expect(row).to_contain_text("a signer of JP" if name == "sato" else "approved by sato")
        row.get_by_role("button", name="Approve…").click()
        told = page.locator("dialog dl")
        expect(told).to_contain_text("consent by bat")
        expect(told).to_contain_text("EX/UAV-EO/0003 · EX/UAV-EO/0004")
        page.screenshot(path=tmp_path / f"approve-{name}.png")
        sign(page)
    assert consents["haul-7"].by_origin
    turn(sato, "consents")
    row = sato.locator("[data-consent='haul-7']")
    expect(row).to_contain_text("not witnessed yet")
    scene.cast.witness()
    expect(row).to_contain_text("end use not assured", timeout=10_000)
    sato.screenshot(path=tmp_path / "consents.png")


def test_clocks_items_and_a_refused_handover_are_seen(
    officers: dict[str, Page], scene: Scene, tmp_path: Path
) -> None:
    bat, sato, _ = officers.values()
    scene.cast.act("abe", "inspect", {"items": scene.uids[3:5], "text": "show both at post 12"})
    scene.cast.act(
        "tuya",
        "report",
        {
            "item": scene.uids[4],
            "what": "damaged",
            "text": "hard landing",
            "captured_ns": time.time_ns(),
        },
    )
    scene.cast.act(
        "abe", "suspect", {"items": scene.uids[8:9], "text": "flown outside the district"}
    )
    turn(bat, "items")
    item = bat.locator(f"tr[data-item='{scene.uids[0]}']")
    expect(item).to_contain_text("depot-ulgii")
    expect(item).to_contain_text("in 364 d")
    expect(bat.locator(f"tr[data-item='{scene.uids[8]}']")).to_contain_text("suspended")
    item.get_by_role("button").click()
    bat.get_by_role("button", name="Offer…").click()
    fill(bat, to="kz-border", site="depot-ulgii", purpose="border-surveillance")
    bat.get_by_role("button", name="Sign as bat").click()
    refused = bat.locator(".sign-refused")
    expect(refused).to_contain_text("no consent of the origin covers this recipient")
    bat.screenshot(path=tmp_path / "refused-offer.png")
    bat.get_by_role("button", name="Leave it").click()
    propose(bat, scene.uids[5:7])
    scene.cast.act(
        "bat",
        "offer",
        {
            "items": scene.uids[:1],
            "to": "mn-gabp-west",
            "site": "post-12",
            "purpose": "border-surveillance",
        },
    )
    scene.cast.act("bat", "case.open", {
        "id": "C-7", "type": "transfer", "title": "two drones to a haulier", "agreement": "jp-mn",
        "items": scene.uids[5:7], "recipient": "mn-haulier", "purpose": "border-surveillance",
        "quantity": 2, "from_ns": time.time_ns(), "until_ns": time.time_ns() + 90 * demo.DAY_NS,
        "text": "the road to post 12 is closed from December",
    })  # fmt: skip
    scene.cast.witness()
    turn(sato, "overview")
    expect(sato.locator(".card", has_text="Due").first).to_contain_text(
        "inspection of mn-gabp-west"
    )
    expect(sato.locator(".card", has_text="Refused attempts")).to_contain_text("bat: offer")
    expect(sato.locator(".card", has_text="Ledger")).to_contain_text("w-jp, w-mn")
    sato.screenshot(path=tmp_path / "overview.png")
    turn(sato, "items")
    sato.screenshot(path=tmp_path / "items.png")
    turn(sato, "parties")
    expect(sato.locator(".custody-main")).to_contain_text("A neighbour's border service")
    sato.screenshot(path=tmp_path / "parties.png")


def test_what_a_partner_would_see_is_shown_paused_and_opened_in_an_emergency(
    officers: dict[str, Page], scene: Scene, tmp_path: Path
) -> None:
    bat = officers["bat"]
    scene.hear()
    turn(bat, "release")
    astana = bat.locator("[data-partner='astana']")
    expect(astana).to_contain_text("Would see (3)")
    expect(astana).to_contain_text("1000 m")
    expect(astana).to_contain_text("nobody knows every source that it was made of")
    expect(bat.locator("[data-partner='tokyo']")).to_contain_text("Would see (5)")
    bat.screenshot(path=tmp_path / "release.png", full_page=True)
    astana.get_by_role("button", name="Pause").click()
    expect(astana).to_contain_text("paused here")
    assert scene.egress.door.links["astana"].paused
    astana.get_by_role("button", name="Resume").click()
    expect(astana).not_to_contain_text("paused here")
    bat.get_by_role("button", name="Declare…").click()
    fill(bat, reason="herders lost in a storm", areas="western-belt", to="kz-border", hours="2")
    sign(bat)
    expect(bat.locator(".custody-main")).to_contain_text("open, ends in 2 h")
    bat.screenshot(path=tmp_path / "emergency.png", full_page=True)
    turn(bat, "overview")
    expect(bat.locator(".card", has_text="Due").first).to_contain_text("herders lost in a storm")
    assert scene.egress.door.unchecked == scene.egress.failures == 0
