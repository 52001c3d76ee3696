"""The newsroom's sheet in a real browser: its bar moves, keys alone approve, no script is needed, axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from composer.clock import now
from composer.delivery.tables import deliveries
from composer.newsroom import load_newsroom
from composer.schedule.manual import open_now
from tests.conftest import NODE_MODULES
from tests.schedule.support.sample_hour import SECRET
from tests.studio.conftest import TOKEN, served
from tests.studio.support.sample_sheet import day, name, write_sheet
from tests.support.address_keys import open_database

pytestmark = [pytest.mark.chromium, pytest.mark.slow]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sheet(tmp_path_factory.mktemp("sheet"))


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    with served(root) as address:
        yield address


def entered_page(browser: Any, url: str, **options: Any) -> Any:
    """A window that holds the studio's token, at the sheet."""
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{url}/?key={TOKEN}")
    page.wait_for_url(f"{url}/issues")
    page.goto(f"{url}/newsroom")
    return page


PAGES = ("/newsroom", f"/newsroom/approve/{name(3)}", f"/newsroom/test/{name(1)}", "/newsroom/cancel/2")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark"), (640, "light")])
def test_axe_finds_nothing_and_nothing_is_cut_off(browser: Any, url: str, width: int, scheme: str) -> None:
    """640 is a window of 1,280 at 200 %."""
    page = entered_page(browser, url, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    found = []
    for path in PAGES:
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.add_script_tag(path=NODE_MODULES / "axe-core" / "axe.min.js")
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(result["passes"]) > 8, path
        found += [(path, each["id"], node["html"][:120]) for each in result["violations"] for node in each["nodes"]]
    page.context.close()
    assert found == []


def test_an_open_sheet_shows_mailings_begin_and_move_without_being_reloaded(browser: Any, url: str, root: Path) -> None:
    page = entered_page(browser, url)
    page.evaluate("window.here = true")
    row = page.locator(f"#vendredi-{day(-6)}")
    row.get_by_text("1/3").wait_for()
    engine = open_database("sqlite:///var/filigrane.db", root)
    mine = deliveries.c.mailing_id == 2
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(mine, deliveries.c.id % 2 == 0).values(state="accepted"))
    row.get_by_text("2/3").or_(row.get_by_text("3/3")).wait_for()
    open_now(now(), root / "issues" / f"{name(1)}.yaml", load_newsroom(root), engine, SECRET)  # as the daemon does
    page.locator(f"#vendredi-{day(1)}").get_by_text("0/3").wait_for()
    assert page.evaluate("window.here")
    row.get_by_role("link", name="Stop for now").click()
    page.get_by_role("button", name="Stop it").click()
    page.get_by_role("link", name="Back to the newsroom").click()
    row.get_by_text("paused: mailing 2").wait_for()
    row.get_by_role("link", name="Go on").wait_for()
    engine.dispose()
    page.context.close()


def test_without_script_and_with_keys_alone_an_issue_is_approved(browser: Any, url: str, root: Path) -> None:
    page = entered_page(browser, url, java_script_enabled=False)
    row = page.locator(f"#vendredi-{day(3)}")
    assert "Changed since:" in row.inner_text()
    row.get_by_role("link", name="Approve").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Approve, as Odile Ferrand").wait_for()
    while page.evaluate("document.activeElement.tagName") != "BUTTON":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("is approved by Odile Ferrand").wait_for()
    page.get_by_role("link", name="Back to the newsroom").click()
    assert "unchanged since" in row.inner_text()
    page.context.close()
