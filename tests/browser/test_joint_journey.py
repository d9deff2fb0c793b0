"""An operator looks at a joint picture: whose track it is, and who of the partners contributes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from watcher import DESK, Watcher

sys.path.append(str(Path(__file__).resolve().parents[1] / "cli"))

from joint_feed import RADAR, recording


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("joined")
    feed = recording(home / "joint.ast", seconds=150, silent_after=150)
    command = [sys.executable, "-m", "steppewatch", "replay", str(feed), "--date", "2026-06-01"]
    command += ["--at", ",".join(map(str, RADAR)), "--node", "post", "--rate", "20"]
    command += ["--partner", "tower=asterix:25/100", "--port", "0"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "STEPPEWATCH_HOME": str(home)},
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if re.fullmatch(r"http://127\.0\.0\.1:\d+\n", line):
                break
        else:
            pytest.fail("the node never said its address")
        yield line.strip() + "/"
    finally:
        process.terminate()
        process.wait(20.0)


def test_the_panel_names_the_partners_that_contribute(
    joined: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESK)
    watcher = Watcher(page, joined)
    page.goto(joined)
    both = page.locator(".track", has_text="tower 1")
    expect(page.locator(".track:visible")).to_have_count(2, timeout=30_000)
    both.click()
    expect(page.locator(".detail-name")).to_have_text("tower 1")
    trackers = page.locator("dd", has_text="post + tower")
    expect(trackers).to_be_visible(timeout=30_000)
    why = page.locator(".why-who")
    expect(why).to_contain_text("Joined from the tracks of post and tower. Held by ")
    page.wait_for_timeout(2_000)
    page.screenshot(path=tmp_path / "joint.png")
    page.locator(".track", has_text="tower 2").click()
    expect(page.locator(".detail-status")).to_contain_text("system track")
    expect(why).to_have_text("Tracked by tower alone. Its tracker does not say why.")
    page.screenshot(path=tmp_path / "theirs.png")
    assert watcher.faults == []
    page.close()
