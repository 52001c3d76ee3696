"""The way out in a browser: the policy lets its own style and button through, and nothing is cut off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from composer.newsroom import load_newsroom
from composer.public import app
from composer.subscribers import read_address, subscribe, token_reader, unsubscribe_token
from tests.public.support.page_server import SECRET, serving
from tests.support.address_keys import open_database
from tests.support.newsrooms import write_newsroom


@pytest.mark.slow
@pytest.mark.chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_button_and_it_is_done(tmp_path: Path, scheme: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    newsroom = load_newsroom(write_newsroom(tmp_path))
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    with engine.begin() as connection:
        number = subscribe(connection, read_address("zoe@example.org"), "vendredi", source="form", language="en")
    complaints: list[str] = []
    with serving(app(engine, newsroom, token_reader(SECRET))) as base, playwright.sync_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{base}/u/{unsubscribe_token(number, SECRET)}")
        assert page.locator("body").evaluate("body => getComputedStyle(body).maxWidth") == "640px"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        button = page.get_by_role("button")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Done.").wait_for()
        browser.close()
    assert complaints == []
    engine.dispose()
