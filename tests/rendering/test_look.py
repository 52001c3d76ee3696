"""The letter in a browser: what only a browser can tell."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from composer.issue.block import AUDIENCES
from composer.issue.compose import compose
from composer.issue.load import load_issue
from composer.newsroom import load_newsroom
from composer.newsroom.model import Theme
from composer.rendering import Rendering, render
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import newsroom, publication

pytestmark = pytest.mark.chromium
THEMES = ("daily", "magazine")
ROOT = Path(__file__).parents[2]

#: Classes of what is no sentence: labels of 14 px bold, the nameplate, marks, due dates, buttons.
_LABELS = {"label", "name", "mark", "chip", "push", "f-go"}

#: Every visible text: its colour, the ground under it, its size, what it says, and its nearest class.
_TEXTS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const element = walk.currentNode.parentElement;
    if (!text || text === '\\u00a0' || !element.getClientRects().length) continue;
    if (getComputedStyle(element).opacity === '0') continue;  // for screen readers
    let ground = element;
    while (ground && getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
    const style = getComputedStyle(element);
    found.push([style.color, ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)',
                parseFloat(style.fontSize), text, style.textDecorationColor,
                element.closest('a') !== null && getComputedStyle(element.closest('a')).textDecorationLine !== 'none',
                element.closest('[class]').className]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendering]:
    folder = tmp_path_factory.mktemp("newsroom")
    whole = everything(folder)
    themed = {
        name: replace(whole, publication=publication(theme=Theme.model_validate({"name": name}))) for name in THEMES
    }
    return {name: render(edition, newsroom(folder)) for name, edition in themed.items()}


@pytest.fixture(scope="module")
def letter(letters: dict[str, Rendering]) -> Rendering:
    return letters["daily"]


def _open(browser: Any, html: str, media: Rendering | None = None, *, width: int = 1280, light: str = "light") -> Any:
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=light)
    pictures = {medium.name: medium.content for medium in media.media} if media else {}

    def answer(route: Any) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        if name in pictures:
            route.fulfill(body=pictures[name])
        else:
            route.abort()

    page.route(lambda url: url.startswith("http"), answer)
    page.set_content(html)
    return page


def _luminance(colour: str) -> float:
    channels = [int(channel) / 255 for channel in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_text_reads(light: str, width: int, theme: str, letters: dict[str, Rendering], browser: Any) -> None:
    page = _open(browser, letters[theme].html, width=width, light=light)
    texts = page.evaluate(_TEXTS)
    assert len(texts) > 120
    where = {"light": "templates/style.css.j2", "dark": "the dark of templates/head.css.j2"}[light]
    for colour, ground, size, text, line, linked, names in texts:
        told = f"“{text}”, of class “{names}”, {{}}: its class has to have a rule in {where}"
        least = 4.5 if _LABELS & set(names.split()) else 7
        assert _contrast(colour, ground) >= least, told.format(f"is {colour} on {ground}")
        assert size >= 14, told.format(f"is of {size} px")
        if linked:
            assert _contrast(line, ground) >= 3, told.format(f"is underlined in {line} on {ground}")
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_a_letter_stands_without_style_sheets(
    width: int, theme: str, letters: dict[str, Rendering], browser: Any
) -> None:
    letter = letters[theme]
    page = _open(browser, re.sub(r"<style.*?</style>", "", letter.html, flags=re.DOTALL), letter, width=width)
    assert all(_contrast(colour, ground) >= 4.5 and size >= 14 for colour, ground, size, *_ in page.evaluate(_TEXTS))
    assert page.evaluate("document.documentElement.scrollWidth") == width
    column = page.evaluate("Math.max(...[...document.querySelectorAll('td.t')].map(cell => cell.clientWidth))")
    assert column <= 640
    sizes = page.evaluate("[...document.querySelectorAll('h1, .headline, h3')].map(e => getComputedStyle(e).fontSize)")
    assert {"24px", {"daily": "28px", "magazine": "32px"}[theme], "19px"} <= set(sizes)
    page.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("light", ["light", "dark"])
def test_with_pictures_off_their_words_are_set(
    light: str, theme: str, letters: dict[str, Rendering], browser: Any
) -> None:
    page = _open(browser, letters[theme].html, width=390, light=light)
    shown = page.evaluate(
        """() => [...document.images].map(image => {
          const style = getComputedStyle(image);
          return [image.alt, style.color, style.backgroundColor, parseFloat(style.fontSize), style.fontFamily,
                  parseFloat(style.lineHeight), image.getBoundingClientRect().height]; })"""
    )
    assert shown
    for alt, colour, ground, size, family, line, height in shown:
        assert alt.strip()
        assert _contrast(colour, ground) >= 4.5, alt
        assert size >= 14
        assert "Arial" in family
        assert height >= line >= 20
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_buttons_are_as_tall_as_a_finger(width: int, letter: Rendering, browser: Any) -> None:
    page = _open(browser, letter.html, width=width)
    heights = page.evaluate("[...document.querySelectorAll('.go a, .f-go a')].map(a => a.parentElement.clientHeight)")
    assert len(heights) == 2
    assert min(heights) >= 44
    page.close()


@pytest.mark.parametrize("width", [320, 390, 640, 1280])
def test_nothing_is_wider_than_the_screen(width: int, letter: Rendering, browser: Any) -> None:
    page = _open(browser, letter.html, letter, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    column = page.evaluate("Math.max(...[...document.querySelectorAll('td.t')].map(cell => cell.clientWidth))")
    assert column == min(width, 640)
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_labels_keep_their_size(width: int, letter: Rendering, browser: Any) -> None:
    page = _open(browser, letter.html, width=width)
    sizes = "[...new Set([...document.querySelectorAll('.label')].map(label => getComputedStyle(label).fontSize))]"
    assert page.evaluate(sizes) == ["14px"]
    page.close()


def test_the_browser_is_in_standards_mode(letter: Rendering, browser: Any) -> None:
    page = _open(browser, letter.html)
    assert page.evaluate("document.compatMode") == "CSS1Compat"
    page.close()


@pytest.mark.slow
def test_the_dark_has_its_own_pictures_and_ground(letter: Rendering, browser: Any) -> None:
    shown = {}
    for light in ("light", "dark"):
        page = _open(browser, letter.html, letter, light=light)
        page.wait_for_function("[...document.images].every(image => image.complete)")
        shown[light] = page.evaluate("document.querySelector('picture img').currentSrc")
        ground = page.evaluate("getComputedStyle(document.querySelector('.paper')).backgroundColor")
        assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}[light]
        page.close()
    assert shown["light"] != shown["dark"]


@pytest.mark.slow
def test_the_sponsor_is_another_world(letter: Rendering, browser: Any) -> None:
    accent = "rgb(156, 29, 24)"
    for light, dark_accent in (("light", accent), ("dark", "rgb(244, 162, 154)")):
        page = _open(browser, letter.html, light=light)
        used = page.evaluate(
            """() => [...document.querySelectorAll('td.f, td.f *')].flatMap(element => {
              const style = getComputedStyle(element);
              return [style.color, style.backgroundColor, style.textDecorationColor, style.fontFamily]; })"""
        )
        assert not {accent, dark_accent} & set(used)
        assert not any("Charter" in value for value in used)
        page.close()


#: Where the first sentence of the first text ends, in pixels from the top.
_END_OF_THE_FIRST_SENTENCE = r"""() => {
  const text = [...document.querySelectorAll('h1 ~ p, h2 ~ p')].find(each => !each.className);
  const sentence = document.createRange(), nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let left = text.textContent.search(/[.?!…](\s|$)/) + 1;
  sentence.setStart(text, 0);
  while (nodes.nextNode() && left > nodes.currentNode.length) left -= nodes.currentNode.length;
  sentence.setEnd(nodes.currentNode, left);
  return Math.max(...[...sentence.getClientRects()].map(each => each.bottom));
}"""


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(ROOT.glob("issues/*/*.yaml")), ids=lambda path: path.stem)
def test_the_first_sentence_stands_high_on_a_telephone(path: Path, browser: Any) -> None:
    house = load_newsroom(ROOT)
    issue = load_issue(path, house).require()
    for audience in AUDIENCES:
        letter = render(compose(issue, house, audience), house)
        page = _open(browser, letter.html, letter, width=390)
        assert page.evaluate(_END_OF_THE_FIRST_SENTENCE) < 600
        page.close()


TABLE = """\
objet: Le pont attendra
blocs:
- tableau:
    barres: oui
    lignes: |
      Département | Approvisionnement
      Lot | 12
      Tarn-et-Garonne | 120
- tableau:
    lignes: |
      Année | Débarquements | Avis
      2019 | 12 | Mesuré
- tableau:
    lignes: |
      Département | Approvisionnement | Consommation | Évolution
      Tarn-et-Garonne | 1 234 567 tonnes, ou presque | 9 876 543 t | +12,5 %
- ours: auto
"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_word_of_a_table_is_broken(width: int, tmp_path: Path, browser: Any) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    path = tmp_path / "issues" / "vendredi" / "2026-11-27.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(TABLE, encoding="utf-8")
    house = load_newsroom(tmp_path)
    letter = render(compose(load_issue(path, house).require(), house, "paid"), house)
    page = _open(browser, letter.html, letter, width=width)
    heights = page.evaluate("[...document.querySelectorAll('th.head')].map(each => each.clientHeight)")[:5]
    assert len(set(heights)) == 1, "a word is on two lines"
    years = "getComputedStyle(document.querySelectorAll('th.head')[2]).textAlign"
    assert page.evaluate(years) in ("left", "-webkit-left"), "as the years below it"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shown = page.evaluate("[...document.querySelectorAll('.stack .key')].map(each => each.getClientRects().length)")
    assert shown == ([1, 1, 1] if width == 390 else [0, 0, 0]), "each cell after the name of its column"
    page.set_content(re.sub(r"@media [^{]*", "@media not all ", letter.html))
    assert page.evaluate("document.documentElement.scrollWidth") == width, "where media queries are not read"
    heights = page.evaluate("[...document.querySelectorAll('.stack th.head')].map(each => each.clientHeight)")
    assert width == 390 or len(set(heights)) == 1
    page.close()
