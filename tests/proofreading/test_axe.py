"""The letter before axe-core, in a browser: no finding of any weight on any sample letter, by day and by night."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from composer.rendering import Rendering
from tests.conftest import NODE_MODULES
from tests.proofreading.support.sample_letters import LETTERS, rendered

pytestmark = [pytest.mark.chromium, pytest.mark.node]

#: Rules that do not apply to email: a client shows the letter inside its own page, which has the landmarks.
OF_PAGES = ("landmark-one-main", "region")


#: What defects are planted in.
FRENCH = "vendredi/2026-11-27 free"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def findings(browser: Any, letter: Rendering, html: str, light: str, width: int = 800) -> list[tuple[str, str, str]]:
    """Rule, weight and place of everything axe finds wrong."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=light)
    pictures = {medium.name: medium.content for medium in letter.media}

    def answer(route: Any) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        if name in pictures:
            route.fulfill(body=pictures[name])
        else:
            route.abort()

    page.route(lambda url: url.startswith("http"), answer)
    page.set_content(html)
    page.add_script_tag(path=NODE_MODULES / "axe-core" / "axe.min.js")
    rules = {rule: {"enabled": False} for rule in OF_PAGES}
    result = page.evaluate("rules => axe.run(document, {rules, resultTypes: ['violations']})", rules)
    page.close()
    assert len(result["passes"]) > 10, "axe has read the letter"
    return [
        (violation["id"], violation["impact"], node["html"][:120])
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("letter", LETTERS)
def test_axe_finds_nothing_in_a_sample_letter(letter: str, light: str, browser: Any) -> None:
    assert findings(browser, rendered(letter), rendered(letter).html, light) == []


@pytest.mark.slow
@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("letter", ["vendredi/2026-12-04 free", "samedi/2026-11-28 free"])
def test_axe_finds_nothing_on_a_telephone(letter: str, light: str, browser: Any) -> None:
    """Where other sizes and paddings hold: one letter of each theme, with their teasers and buttons."""
    assert letter in LETTERS
    assert findings(browser, rendered(letter), rendered(letter).html, light, width=390) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("there", "planted", "rule"),
    [
        ('<html lang="fr"', "<html", "html-has-lang"),
        ("<title>", "<title></title><desc>", "document-title"),
        ("</body>", '<img src="https://lettres.example.org/a.png"></body>', "image-alt"),
        ("</body>", '<a href="https://a.example/"><img src="a.png" alt=""></a></body>', "link-name"),
        ("</body>", '<p style="color:#aaa;background:#fff">Trop pâle pour être lu.</p></body>', "color-contrast"),
        ("</body>", "<h2>Un</h2><h5>Deux</h5></body>", "heading-order"),
        ("</body>", "<ul><p>Pas un point.</p></ul></body>", "list"),
    ],
)
def test_axe_finds_what_is_planted(there: str, planted: str, rule: str, browser: Any) -> None:
    letter = rendered(FRENCH)
    assert there in letter.html
    spoilt = letter.html.replace(there, planted, 1)
    assert rule in {found for found, _impact, _html in findings(browser, letter, spoilt, "light")}


@pytest.mark.slow
def test_the_unseen_words_of_a_link_are_read_and_take_no_room(browser: Any) -> None:
    from composer.rendering.link_text import unseen

    letter = rendered(FRENCH)
    link = '<p style="font-size:17px">Le pont. <a id="vague" href="https://a.example/">cliquez ici{}</a></p>'
    bare, said = (
        letter.html.replace("</body>", link.format(hidden) + "</body>")
        for hidden in ("", unseen("cliquez ici", "Le pont de Chastagne"))
    )
    assert findings(browser, letter, said, "light") == []
    page = browser.new_page()
    widths = []
    for html in (bare, said):
        page.set_content(html)
        widths.append(page.evaluate("document.querySelector('#vague').getBoundingClientRect().width"))
    assert widths[1] - widths[0] <= 2
    assert page.get_by_role("link", name="cliquez ici : Le pont de Chastagne").count() == 1
    page.close()
