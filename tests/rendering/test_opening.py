"""The top of a letter says each thing once: nameplate, number, cover, subject, summary."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from composer.issue.blocks.article import ResolvedArticle
from composer.issue.blocks.figure import Credit, ResolvedFigure
from composer.issue.blocks.notice import ResolvedNotice
from composer.issue.body import Crosshead
from composer.issue.edition import Edition
from composer.issue.resolved import Reference
from composer.newsroom.model import HOUSE_STYLE, Theme, Typography
from composer.rendering import render
from composer.rendering.opening import titled_once
from tests.rendering.support.sample_editions import edition, newsroom, paragraph, picture, publication, words

SUBJECT = "Ce que la mer ne rend pas"


def _page(html: str) -> Any:
    return lxml_html.document_fromstring(html)


def _letter(headline: str = SUBJECT, **fields: object) -> Edition:
    article = ResolvedArticle(words(headline), (paragraph("Le texte."),), "story", HOUSE_STYLE, id="mer")
    return edition(ResolvedNotice(words("Un mot")), article, subject=SUBJECT, **fields)


@pytest.mark.parametrize(
    ("subject", "headline", "once"),
    [
        ("Ce que la mer ne rend pas", "Ce que la mer ne rend pas", True),
        ("« Ce que la mer ne rend pas »", "Ce que la mer ne rend\u00a0pas.", True),
        ("L'ÉTÉ des rails", "L’été des rails", True),
        ("Ce que la mer ne rend pas : le port", "Ce que la mer ne rend pas", True),
        ("Ce que la mer ne rend pas", "Ce que la mer ne rend pas, et ce qu’elle garde", False),
        ("La mer : trois façons d’en mesurer la houle", "La mer", False),
        ("Ce que la mer ne rend pas", "La mer rend tout", False),
    ],
)
def test_the_subject_and_the_first_headline_are_one_title_if_they_say_the_same(
    subject: str, headline: str, once: bool
) -> None:
    assert titled_once(replace(_letter(headline), subject=subject)) is once


def test_a_title_printed_once_is_the_one_h1_and_leaves_the_summary(tmp_path: Path) -> None:
    summary = (Reference(words(SUBJECT), "#mer"), Reference(words("La houle"), "#houle"))
    made = render(_letter(summary=summary), newsroom(tmp_path))
    page = _page(made.html)
    (title,) = page.iter("h1")
    assert (title.get("id"), title.get("class")) == ("mer", "headline lead")
    assert page.text_content().replace("\u00a0", " ").count(SUBJECT) == 2, "in <title>, and as the title"
    assert [item.text_content() for item in page.xpath("//ul/li")] == ["–La houle"]
    assert made.text.count(SUBJECT) == 1


def test_another_headline_stands_under_the_subject(tmp_path: Path) -> None:
    page = _page(render(_letter("La houle"), newsroom(tmp_path)).html)
    assert [each.tag for each in page.iter("h1", "h2")] == ["h1", "h2"]


def test_the_number_stands_with_the_date(tmp_path: Path) -> None:
    made = render(_letter(number=214), newsroom(tmp_path))
    for part in (_page(made.html).text_content(), made.text):
        assert "Vendredi 27 novembre 2026 · n°\u00a0214 · 5\u00a0min" in part.replace("\u00a0·", " ·")
    assert "n°" not in render(_letter(), newsroom(tmp_path)).text


@pytest.mark.parametrize(
    ("tagline", "width", "columns"),
    [
        ("Ce qui se mesure, ce qui se partage", 640, 2),
        ("The magazine of water, maps and the long run", 640, 1),
        ("Le magazine de l’eau, des cartes et du temps long", 640, 1),
        ("Ce qui se mesure, ce qui se partage", 480, 1),
    ],
)
def test_the_tagline_stands_beside_the_date_only_where_both_hold_on_a_line(
    tagline: str, width: int, columns: int, tmp_path: Path
) -> None:
    house = publication(tagline=tagline, theme=Theme(width=width))
    page = _page(render(replace(_letter(), publication=house), newsroom(tmp_path)).html)
    rows = page.xpath("//table[@class='nameplate']//tr[td[contains(@class, 'dateline')]]")
    assert [len(row) for row in rows] == [columns] * (3 - columns)


@pytest.mark.parametrize("covered", [True, False])
def test_with_a_cover_the_summary_stands_below_the_first_text(covered: bool, tmp_path: Path) -> None:
    cover = ResolvedFigure(picture(tmp_path / "cover.png", 1280, 416), "Un quai", "Dessin : X", Credit(by="X"))
    letter = _letter(summary=(Reference(words("La houle")),), cover=cover if covered else None)
    made = render(letter, newsroom(tmp_path))
    for part in (_page(made.html).text_content(), made.text):
        assert (part.index("La houle") > part.index("Le texte.")) is covered
        assert ("Dessin : X" in part.replace("\u00a0", " ")) is covered


@pytest.mark.parametrize(
    ("pixels", "box"), [((1280, 160), (640, 80)), ((1280, 400), (307, 96)), ((300, 60), (300, 60))]
)
def test_a_nameplate_drawing_takes_the_column_up_to_96_pixels(
    pixels: tuple[int, int], box: tuple[int, int], tmp_path: Path
) -> None:
    folder = tmp_path / "config" / "publications"
    folder.mkdir(parents=True)
    picture(folder / "logo.png", *pixels)
    letter = _letter(publication=publication(theme=Theme(logo="logo.png")))
    (logo,) = _page(render(letter, newsroom(tmp_path)).html).iter("img")
    assert (int(logo.get("width", "")), int(logo.get("height", ""))) == box
    assert logo.get("alt") == letter.publication.title
    across = logo.get("width") == str(letter.publication.theme.width)
    cells = _page(render(letter, newsroom(tmp_path)).html).xpath("//table[contains(@class, 'nameplate')]//td")
    assert not cells[0].text_content().strip(), "no line sticks to the drawing"
    assert bool(cells[0].xpath(".//img")) is not across


@pytest.mark.parametrize(
    ("title", "sizes"), [("Le Jalon", ["34px", "38px"]), ("Anticonstitutionnellement", ["25px", "38px"])]
)
def test_a_long_word_in_the_nameplate_is_set_smaller_and_widens_no_telephone(
    title: str, sizes: list[str], tmp_path: Path
) -> None:
    html = render(_letter(publication=publication(title=title)), newsroom(tmp_path)).html
    assert re.findall(r"(?:\.name \{|class=\"name\"[^>]*)[^}>]*?font-size:\s?(\d+px)", html) == sizes


def test_a_name_in_the_nameplate_is_not_broken_at_its_hyphen(tmp_path: Path) -> None:
    letter = _letter(publication=publication(title="La Gazette de Saint-Malo"))
    (name,) = _page(render(letter, newsroom(tmp_path)).html).xpath("//td[contains(@class, 'name')]/span")
    assert name.text_content() == "Saint-Malo"


def test_the_templates_words_have_the_publication_s_spaces(tmp_path: Path) -> None:
    closed = Typography(colon="none", high_marks="none", guillemets="none")
    also = (Reference(words("La houle")),)
    tight = render(_letter(also=also, publication=publication(typography=closed)), newsroom(tmp_path)).text
    loose = render(_letter(also=also), newsroom(tmp_path)).text
    for said, house in (
        ("Et aussi\u00a0: La houle", "Et aussi: La houle"),
        ("Directeur de la publication\u00a0: Solène", "Directeur de la publication: Solène"),
        ("On vous a transféré cette lettre\u00a0?", "On vous a transféré cette lettre?"),
        ("Vous recevez «\u00a0La Marée du vendredi\u00a0»", "Vous recevez «La Marée du vendredi»"),
    ):
        assert (said in loose, house in tight) == (True, True), said


def test_below_a_title_printed_once_no_level_of_headings_is_left_out(tmp_path: Path) -> None:
    body = (Crosshead(words("Le port")), paragraph("Le texte."))
    article = ResolvedArticle(words(SUBJECT), body, "story", HOUSE_STYLE, id="mer")
    once = render(edition(article, subject=SUBJECT), newsroom(tmp_path))
    twice = render(edition(article, subject="Autre chose"), newsroom(tmp_path))
    assert [each.tag for each in _page(once.html).iter("h1", "h2", "h3")] == ["h1", "h2"]
    assert [each.tag for each in _page(twice.html).iter("h1", "h2", "h3")] == ["h1", "h2", "h3"]
