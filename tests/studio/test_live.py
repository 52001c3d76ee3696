"""The page follows the files by itself: a real server, a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.studio.conftest import TOKEN
from tests.support.newsrooms import FRIDAY, ISSUE, write_issue

pytestmark = pytest.mark.chromium

LONG = ISSUE.replace("le port respire.", "le port respire.\n\n" + "\n\n".join(f"        Ligne {n}." for n in range(80)))
ADDRESS = "/issue/vendredi/2026-11-27"


@pytest.fixture
def root(root: Path) -> Path:
    write_issue(root, "vendredi", FRIDAY, LONG)
    return root


@pytest.fixture
def page(browser: Any, url: str) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    enter(opened, url)
    opened.goto(url + ADDRESS)
    opened.frame_locator("#stage iframe").get_by_text("Ligne 79.").wait_for()
    opened.get_by_text("Up to date").wait_for()  # the stream of changes is open
    yield opened
    opened.close()


def enter(page: Any, url: str) -> None:
    """Open the printed address, as the editor does, and wait for the page that it leads to."""
    page.goto(f"{url}/?key={TOKEN}")
    page.wait_for_url(f"{url}/issues")


def letter(page: Any) -> Any:
    return page.frame_locator("#stage iframe:not(.coming)")


@pytest.mark.slow
def test_an_edit_appears_by_itself_where_the_reader_was(page: Any, root: Path) -> None:
    page.evaluate("window.mine = 1; document.querySelector('iframe').contentWindow.scrollTo(0, 700)")
    write_issue(root, "vendredi", FRIDAY, LONG.replace("Ligne 40.", "Ligne quarante."), subject="Un autre titre")
    letter(page).get_by_text("Ligne quarante.").wait_for()
    page.locator(".subject", has_text="Un autre titre").wait_for()
    assert page.locator("#stage iframe").count() == 1
    assert page.evaluate("document.querySelector('iframe').contentWindow.scrollY") == 700
    assert page.evaluate("window.mine") == 1  # the page itself was not loaded again


@pytest.mark.slow
def test_the_hour_is_the_newsrooms_and_not_the_browsers(page: Any, root: Path) -> None:
    settings = root / "config" / "newsroom.yaml"
    settings.write_text(settings.read_text() + "timezone: Asia/Kolkata\n")  # half an hour apart from the browser's
    write_issue(root, "vendredi", FRIDAY, LONG, subject="Un autre titre")
    page.locator(".subject", has_text="Un autre titre").wait_for()
    page.locator('#stage[data-zone="Asia/Kolkata"]').wait_for()
    minute = int(re.findall(r"\d+", page.locator("#status").inner_text())[1])
    there = datetime.now(ZoneInfo("Asia/Kolkata")).minute
    assert (there - minute) % 60 <= 5


@pytest.mark.slow
def test_a_mistake_shows_in_the_page_and_goes_when_it_is_mended(page: Any, root: Path) -> None:
    write_issue(root, "vendredi", FRIDAY, LONG.replace("teaser:", "teazer:"))
    page.locator(".remark [title^='issues/vendredi/2026-11-27.yaml:']").first.wait_for()
    assert page.locator(".remark mark").first.inner_text() == "teazer"
    assert page.locator("#stage[data-stale]").count() == 1
    assert letter(page).get_by_text("Ligne 79.").is_visible()
    write_issue(root, "vendredi", FRIDAY, LONG)
    page.locator("#stage:not([data-stale])").wait_for()
    assert page.locator(".remark").count() == 0


@pytest.mark.slow
def test_a_first_template_of_the_newsrooms_own_is_noticed_and_cannot_run_scripts(page: Any, root: Path) -> None:
    folder = root / "templates" / "blocks"
    folder.mkdir(parents=True)
    (folder / "edito.mjml.j2").write_text(
        "<mj-section><mj-column><mj-text>Un gabarit maison"
        "<script>parent.document.title = 'taken'</script><img src='x' onerror=\"parent.document.title = 'taken'\"/>"
        "<svg onload=\"parent.document.title = 'taken'\"></svg>"
        "<a href=\"javascript:parent.document.title='taken'\">là</a>"
        "<form action='/issues' method='post'><button>Envoyer</button></form></mj-text></mj-column></mj-section>"
    )
    letter(page).get_by_text("Un gabarit maison").wait_for()
    here = page.url
    letter(page).get_by_text("là").click()
    letter(page).get_by_text("Envoyer").click()
    page.wait_for_timeout(300)
    assert page.title() != "taken"
    assert page.url == here
    assert letter(page).get_by_text("Un gabarit maison").is_visible()


@pytest.mark.slow
def test_a_remark_leads_to_its_sentence_and_a_sentence_to_its_line(page: Any, root: Path) -> None:
    write_issue(root, "vendredi", FRIDAY, LONG.replace("Ligne 60.", "• Ligne 60."))
    remark = page.locator(".remark", has_text="Ligne 60").first
    button = remark.get_by_role("button", name="Show it in the letter")
    button.wait_for()
    place = page.locator("#stage").bounding_box()
    button.click()
    letter(page).locator(".open-sentence", has_text="Ligne 60").wait_for()
    assert page.locator("#stage").bounding_box() == place  # the column never moves the letter
    page.keyboard.press("Escape")
    sentence = letter(page).locator("[data-line]", has_text="Ligne 60")
    box = sentence.bounding_box()
    assert place["y"] < box["y"] <= 800
    assert "rgb" in sentence.evaluate("one => one.style.backgroundColor")
    sentence.click()
    line = LONG.replace("Ligne 60.", "• Ligne 60.").split("Ligne 60")[0].count("\n") + 1
    page.locator("#status").get_by_text(f"Line {line} of the file", exact=True).wait_for()


@pytest.mark.slow
def test_the_configuration_is_followed_too(page: Any, root: Path) -> None:
    file = root / "config" / "publications" / "vendredi.yaml"
    file.write_text(file.read_text().replace("L'Estuaire du vendredi", "La Grande Rade"))
    page.locator(".sender", has_text="La Grande Rade").wait_for()


@pytest.mark.slow
def test_keys_choose_the_view_and_the_address_keeps_it(page: Any, url: str) -> None:
    for key in "pnta":
        page.keyboard.press(key)
    page.wait_for_url(f"{url}{ADDRESS}?width=phone&light=night&part=text&audience=paid")
    letter(page).get_by_text("Un loyer de douze euros").wait_for()
    chosen = page.locator("[aria-current]").evaluate_all("links => links.map(link => link.id)")
    assert chosen == ["width-phone", "part-text", "audience-paid", "light-night", "images-shown"]
    assert page.locator("#beside").is_hidden()
    page.go_back()
    page.wait_for_url(f"{url}{ADDRESS}?width=phone&light=night&part=text")
    page.locator("#audience-free[aria-current]").wait_for()


@pytest.mark.slow
def test_a_letter_that_comes_late_does_not_send_a_newer_one_away(page: Any) -> None:
    page.keyboard.press("d")
    page.locator("#beside[hidden]").wait_for(state="attached")
    held: list[Any] = []
    page.route("**/letter/**", lambda route: held.append(route))
    page.evaluate("document.querySelector('iframe').contentWindow.scrollTo(0, 700)")
    for count, key in enumerate("na", 1):
        page.keyboard.press(key)
        page.wait_for_function("count => document.querySelectorAll('iframe.coming').length === count", arg=count)
    for count, route in enumerate(held):
        route.continue_()
        page.wait_for_function("left => document.querySelectorAll('iframe.coming').length === left", arg=1 - count)
    letter(page).get_by_text("Un loyer de douze euros").wait_for()
    assert page.locator("#stage iframe").count() == 1
    assert page.evaluate("document.querySelector('iframe').contentWindow.scrollY") == 700


@pytest.mark.slow
def test_the_night_shows_the_letters_dark_rules(page: Any) -> None:
    day = page.evaluate("getComputedStyle(document.querySelector('iframe').contentDocument.querySelector('h1')).color")
    page.keyboard.press("n")
    page.locator("#light-night[aria-current]").wait_for()
    page.wait_for_function(
        "day => { const h1 = document.querySelector('iframe').contentDocument.querySelector('h1');"
        " return h1 && document.querySelectorAll('#stage iframe').length === 1 && getComputedStyle(h1).color !== day }",
        arg=day,
    )


@pytest.mark.slow
def test_the_page_fits_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_a_file_that_goes_and_comes_back_keeps_its_page(page: Any, root: Path) -> None:
    page.evaluate("window.mine = 1")
    file = root / "issues" / "vendredi" / f"{FRIDAY}.yaml"
    away = file.with_name("away.txt")
    file.rename(away)
    page.locator("#stage[data-stale]").wait_for()
    assert letter(page).get_by_text("Ligne 79.").is_visible()
    away.rename(file)
    page.locator("#stage:not([data-stale])").wait_for()
    assert page.evaluate("window.mine") == 1
