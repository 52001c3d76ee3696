"""Pictures dropped onto the letter, pasted into it, chosen by keyboard: a real Chromium, and the files afterwards."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rendering.support.pictures_with_rights import packet, write
from tests.studio.conftest import TOKEN, served
from tests.studio.test_writing import ADDRESS, WIDTHS, findings, letter, sentence
from tests.support.newsrooms import FRIDAY, png, write_issue, write_newsroom

pytestmark = [pytest.mark.chromium, pytest.mark.slow]

#: Has a document of the letter get a drag of files, or a paste, as a browser makes them.
EVENT = """
(held, { name, files, y, words }) => {
  const data = new DataTransfer();
  for (const [file, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], file, { type: "image/png" }));
  }
  if (words) data.setData("text/plain", words);
  const how = { bubbles: true, cancelable: true, clientX: 200, clientY: y };
  if (name === "paste") return !held.dispatchEvent(new ClipboardEvent(name, { clipboardData: data, ...how }));
  return !held.dispatchEvent(new DragEvent(name, { dataTransfer: data, ...how }));
}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_newsroom(tmp_path_factory.mktemp("dropped")).resolve()


@pytest.fixture
def file(root: Path) -> Path:
    shutil.rmtree(root / "issues", ignore_errors=True)
    return write_issue(root, "vendredi", FRIDAY)


@pytest.fixture(scope="module")
def browser(root: Path) -> Iterator[tuple[Any, str]]:
    from playwright.sync_api import sync_playwright  # only where Chromium is

    with served(root) as url, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched, url
        launched.close()


@pytest.fixture
def page(browser: tuple[Any, str], file: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    launched, url = browser
    name = getattr(request, "param", "desktop")
    context = launched.new_context(viewport=WIDTHS[name], has_touch=name == "phone", is_mobile=name == "phone")
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(f"{url}/?key={TOKEN}")
    opened.wait_for_url(f"{url}/issues")
    opened.goto(url + ADDRESS)
    opened.get_by_text("Up to date").wait_for()
    yield opened
    context.close()


def happens(page: Any, at: str, name: str, *colours: str, words: str = "") -> bool:
    """An event just below the sentence at ``at``, with pictures; whether the page took it."""
    files = [(f"{colour}.png", base64.b64encode(png(colour)).decode()) for colour in colours]
    target = sentence(page, at)
    box = target.evaluate("one => { const { bottom } = one.getBoundingClientRect(); return bottom }")
    return bool(target.evaluate(EVENT, {"name": name, "files": files, "y": box - 1, "words": words}))


def said(page: Any, alt: str, photo: str) -> None:
    page.locator("#picture[open]").wait_for()
    page.get_by_label("What it shows").fill(alt)
    page.get_by_label("A photograph").check()
    page.get_by_label("Photographer or agency").fill(photo)
    page.keyboard.press("Control+Enter")


@pytest.mark.node
@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_pictures_are_dropped_between_paragraphs_where_a_line_shows(page: Any, file: Path) -> None:
    before = file.read_text()
    assert happens(page, "blocks/0/body#0", "dragover", "teal")
    letter(page).locator(".picture-goes-here").wait_for()
    assert happens(page, "blocks/0/body#0", "drop", "teal", "plum")
    dialog = page.locator("#picture[open]")
    dialog.wait_for()
    assert letter(page).locator(".picture-goes-here").count() == 0
    assert page.locator("#picture-title").inner_text() == "A picture for the letter (1 of 2)"
    assert page.get_by_label("Where it goes").input_value() == "blocks/0/body#0"
    assert findings(page) == []
    page.keyboard.press("Control+Enter")
    dialog.get_by_role("alert").get_by_text("Say what the picture shows").wait_for()
    page.get_by_label("What it shows").fill("Une digue")
    page.keyboard.press("Escape")
    dialog.get_by_role("alert").get_by_text("Escape once more").wait_for()
    page.keyboard.press("Control+Enter")
    dialog.get_by_role("alert").get_by_text("Say who made it").wait_for()
    assert (file.read_text(), len([*file.parent.iterdir()])) == (before, 1)
    said(page, "Une digue", "Zoé Lac")
    page.get_by_text("(2 of 2)").wait_for()
    said(page, "Deux digues", "Zoé Lac")
    dialog.wait_for(state="hidden")
    letter(page).locator("img[alt='Deux digues']").wait_for()
    first, second = (f":::figure 2026-11-27-{each}-digue" for each in ("une", "deux"))
    text = file.read_text()
    assert before.index("respire.") < text.index(first) < text.index(second + "s") < text.index("- article")
    assert len([*file.parent.iterdir()]) == 3
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("stays beside the issue").wait_for()
    assert second not in file.read_text()


@pytest.mark.node
def test_a_picture_is_pasted_and_words_are_left_to_the_sentence(page: Any, file: Path) -> None:
    assert not happens(page, "blocks/1/body#0", "paste", "navy", words="des mots")
    sentence(page, "blocks/1/body#0").click()
    letter(page).locator(".open-sentence").wait_for()
    assert happens(page, "blocks/1/body#0", "paste", "navy")
    page.locator("#picture[open]").wait_for()
    assert page.get_by_label("Where it goes").input_value() == "blocks/1/body#0"
    page.get_by_label("It is decoration").check()
    page.get_by_role("radio", name="Nobody is named").check()
    page.get_by_label("Why nobody is named").fill("une image d’archives")
    page.keyboard.press("Control+Enter")
    letter(page).locator("img[data-figure]").wait_for()
    assert re.search(r":alt: none\n *:none: une image d’archives\n", file.read_text())


@pytest.mark.node
@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_by_keyboard_a_picture_is_chosen_and_what_is_said_of_it_changed(page: Any, file: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "IMG 1.jpg", packet())
    page.on("filechooser", lambda _chooser: None)  # from here on no window of the system opens
    page.keyboard.press("f")
    page.locator("#pictures[open]").wait_for()
    assert findings(page) == []
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(path)
    page.locator("#picture[open]").wait_for()
    assert page.get_by_label("Photographer or agency").input_value().endswith("/ Agence Rive")
    page.keyboard.type("La halle")
    page.get_by_label("Where it goes").select_option("blocks/1/figure")
    page.keyboard.press("Control+Enter")
    letter(page).locator("img[data-figure='blocks/1/figure']").wait_for()
    page.keyboard.press("f")
    page.get_by_role("button", name="Change").click()
    page.locator("#picture[open]").wait_for()
    assert findings(page) == []
    page.get_by_label("Caption").fill("Sept heures")
    page.keyboard.press("Control+Enter")
    letter(page).get_by_text("Sept heures").wait_for()
    assert "        caption: Sept heures\n" in file.read_text()
    letter(page).locator("img[data-figure='blocks/1/figure']").click()
    page.locator("#picture[open]").wait_for()
    assert page.get_by_label("What it shows").input_value() == "La halle"
    page.keyboard.press("Escape")
    page.locator("#picture[open]").wait_for(state="hidden")
    page.get_by_role("button", name="Blocks").click()
    page.locator("#blocks [data-act=below]").first.click()
    with page.expect_file_chooser() as choosing:
        page.locator("#blocks [data-choice=figure]").first.click()
    choosing.value.set_files(path)
    page.locator("#picture[open]").wait_for()
    assert page.get_by_label("Where it goes").input_value() == "blocks#1"
    page.keyboard.press("Escape")
