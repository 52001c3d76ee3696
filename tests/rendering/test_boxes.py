"""Boxes end well, due dates are chips, and a field edge to edge is the sponsor's alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from PIL import Image

from composer.issue.blocks.article import ResolvedArticle
from composer.issue.blocks.edito import ResolvedEdito
from composer.issue.blocks.figure import Credit, ResolvedFigure
from composer.issue.blocks.notice import ResolvedNotice
from composer.issue.blocks.quote import ResolvedQuote
from composer.issue.blocks.reading import ResolvedCard, ResolvedReading
from composer.issue.blocks.sponsor import ResolvedSponsor
from composer.issue.resolved import Reference, Resolved
from composer.newsroom.model import HOUSE_STYLE
from composer.rendering import render
from tests.rendering.support.sample_editions import box, edition, newsroom, paragraph, picture, words

STYLES = {boxes: HOUSE_STYLE.model_copy(update={"boxes": boxes}) for boxes in ("run-in", "ruled", "tinted")}


def _open(html: str) -> Any:
    return lxml_html.document_fromstring(html)


def _page(folder: Path, *blocks: Resolved) -> Any:
    return _open(render(edition(*blocks), newsroom(folder)).html)


def _article(*body: object, **fields: object) -> ResolvedArticle:
    return ResolvedArticle(words("Un port"), body, "story", HOUSE_STYLE, **fields)  # type: ignore[arg-type] # reason: a test


def _rules(page: Any) -> int:
    return int(page.xpath("count(//p[contains(@class, 'shut')])"))


@pytest.mark.parametrize("boxes", ["run-in", "ruled"])
def test_a_box_is_closed_by_a_rule_only_where_text_follows(boxes: str, tmp_path: Path) -> None:
    one = box("insight", "La bonne échelle", STYLES[boxes])
    figure = ResolvedFigure(picture(tmp_path / "quay.png"), "Un quai", "Photo", Credit(photo="X"))
    text, quote = paragraph("La suite."), ResolvedQuote((paragraph("Un mot."),))
    further = (Reference(words("Une carte"), "https://maree.example/carte"),)
    for body, rules in (((one, text), 1), ((one, quote), 1), ((one, figure), 0), ((one, one), 0), ((one,), 0)):
        assert _rules(_page(tmp_path, _article(*body))) == rules, body[1:]
    assert _rules(_page(tmp_path, _article(one, further=further))) == 1
    assert _rules(_page(tmp_path, one, _article(text))) == 0, "the next section has a rule of its own"


@pytest.mark.parametrize("boxes", ["run-in", "ruled", "tinted"])
def test_a_due_date_stands_on_the_label_s_own_line(boxes: str, tmp_path: Path) -> None:
    watched = box("a_surveiller", "À surveiller", STYLES[boxes], due=date(2026, 12, 15))
    page = _page(tmp_path, _article(watched))
    (chip,) = page.xpath("//span[@class='chip']")
    assert chip.getparent().text_content() == "À surveiller 15 décembre 2026"
    assert "background-color" in str(chip.get("style"))


def test_a_tinted_box_is_inset(tmp_path: Path) -> None:
    page = _page(tmp_path, _article(box("insight", "Le chiffre", STYLES["tinted"])))
    (field,) = page.xpath("//td[@class='tint']")
    gutters = [str(each.get("style")) for each in field.iterancestors("td") if "t g i" in str(each.get("class"))]
    assert ["padding:0 24px" in style.replace("; ", ";") for style in gutters] == [True]


@pytest.mark.parametrize(
    ("caption", "between"),
    [("Le quai", " • "), ("Le quai.", " "), ("« Le quai ! »", " "), ("Où est le quai ?", " "), ("Le quai…", " ")],
)
def test_a_caption_and_its_credit_are_parted(caption: str, between: str, tmp_path: Path) -> None:
    shown = ResolvedFigure(picture(tmp_path / "a.png"), "Un quai", "Photo : X", Credit(photo="X"), words(caption))
    made = render(edition(shown), newsroom(tmp_path))
    for part in (_open(made.html).text_content(), made.text):
        assert f"{caption}{between}Photo : X" in part.replace("\u00a0", " ")


def test_two_pictures_in_a_row_each_keep_their_gap(tmp_path: Path) -> None:
    figure = ResolvedFigure(picture(tmp_path / "quay.png", 1280, 400), "Un quai", "Photo", Credit(photo="X"))
    for page in (_page(tmp_path, figure, figure), _page(tmp_path, _article(figure, figure))):
        cells = page.xpath("//td[@class='t c']")
        assert [len(cell.xpath(".//img")) for cell in cells] == [1, 1]
        assert all("padding:24px" in cell.get("style") for cell in cells)


def test_what_follows_a_text_does_not_stand_beside_its_small_picture(tmp_path: Path) -> None:
    small = ResolvedFigure(picture(tmp_path / "quay.png"), "Un quai", "Photo", Credit(photo="X"), size="small")
    page = _page(tmp_path, _article(small, paragraph("Court.")), _article(paragraph("La suite.")))
    (cell,) = page.xpath("//table[@class='aside']/ancestor::td[1]")
    assert "Court." in cell.text_content()
    assert "La suite." not in cell.text_content()


@pytest.mark.parametrize(("size", "printed"), [((1280, 720), (120, 68)), ((60, 60), (60, 60)), ((30, 4000), (2, 240))])
def test_a_card_s_picture_is_neither_enlarged_nor_endless(
    size: tuple[int, int], printed: tuple[int, int], tmp_path: Path
) -> None:
    figure = ResolvedFigure(picture(tmp_path / "quay.png", *size), "Un quai", "Photo", Credit(photo="X"))
    card = ResolvedCard(words("Un titre"), "https://maree.example/a", "La Marée", figure=figure)
    (image,) = _page(tmp_path, ResolvedReading("À lire ailleurs", (card,))).xpath("//td/a/img")
    assert (int(image.get("width")), int(image.get("height"))) == printed
    assert (f"max-width:{printed[0]}px" in image.get("style")) == (printed[0] < 120)


def _figure(folder: Path, pixels: tuple[int, int] = (1280, 720), **fields: object) -> ResolvedFigure:
    path = picture(folder / f"{pixels[0]}.png", *pixels)
    return ResolvedFigure(path, "Un quai", "Photo", Credit(photo="X"), **fields)  # type: ignore[arg-type] # reason: a test


def test_a_small_picture_with_no_text_beside_it_is_drawn_across(tmp_path: Path) -> None:
    small, one = _figure(tmp_path, size="small"), box("insight", "La bonne échelle")
    text, quote = paragraph("Une phrase."), ResolvedQuote((paragraph("Un mot."),))
    beside = (((small, text), 1), ((small, one, text), 0), ((text, small), 0), ((small, quote), 0))
    for body, count in (*beside, ((small, small, text), 1), ((small, text, small, text), 2)):
        page = _page(tmp_path, _article(*body))
        assert len(page.xpath("//table[@class='aside']")) == count, body
        cells = [cell for cell in page.xpath("//td[.//table[@class='aside']]") if "t g" in str(cell.get("class"))]
        assert all(len(cell.xpath(".//table[@class='aside']")) == 1 for cell in cells), "side by side"
        assert len(page.xpath("//img")) == sum(isinstance(each, ResolvedFigure) for each in body)


def test_a_body_of_which_nothing_is_left_is_laid_out(tmp_path: Path) -> None:
    assert _page(tmp_path, _article(locked=True, teaser=words("La suite."))).xpath("//img") == []


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    for size, printed, most in (
        ((60, 40), (60, 40), "60px"),
        ((300, 150), (176, 88), "300px"),
        ((800, 400), (176, 88), ""),
    ):
        page = _page(tmp_path, _article(_figure(tmp_path, size, size="small"), paragraph("Une phrase.")))
        (image,) = page.xpath("//table[@class='aside']//img")
        assert (int(image.get("width")), int(image.get("height"))) == printed
        assert (f"max-width:{most}" in str(image.get("style"))) == bool(most)


def _advertisement() -> ResolvedSponsor:
    mention = "Publicité · Un message de Voiles Exemple"
    return ResolvedSponsor(slot="a", form="full", advertiser="Voiles Exemple", mention=mention, headline="Une voile")


def test_a_picture_keeps_its_distance_from_an_advertisement(tmp_path: Path) -> None:
    figure, sponsor = _figure(tmp_path), _advertisement()
    article = _article(paragraph("Une phrase."), figure=figure)
    above = ((figure,), 24), ((sponsor, figure), 40), ((sponsor, article), 24), ((figure, figure), 24)
    for blocks, gap in above:
        cell = _page(tmp_path, *blocks).xpath("//td[@class='t c']")[-1]
        assert f"padding:{gap}px" in cell.get("style"), blocks


def test_a_notice_is_parted_from_the_text_above_it(tmp_path: Path) -> None:
    notice, one = ResolvedNotice(words("Pas de lettre vendredi.")), box("insight", "La bonne échelle")
    text = _article(paragraph("Une phrase."))
    rules = ((notice, text), 0), ((text, notice), 1), ((text, notice, notice), 1), ((_advertisement(), notice), 1)
    for blocks, count in (*rules, ((one, notice), 1)):
        page = _page(tmp_path, *blocks)
        assert len(page.xpath("//p[@class='notice told']")) + _rules(page) == count, blocks


def test_an_editorial_that_is_not_the_first_block_has_its_rule(tmp_path: Path) -> None:
    edito = ResolvedEdito(words("Un port"), (paragraph("Une phrase."),), (), HOUSE_STYLE)
    notice = ResolvedNotice(words("Pas de lettre vendredi."))
    for blocks, count in (((edito,), 0), ((notice, edito), 0), ((_advertisement(), edito), 1)):
        assert len(_page(tmp_path, *blocks).xpath("//p[@class='rule']")) == count, blocks


def test_a_drawing_on_transparency_stands_on_paper(tmp_path: Path) -> None:
    path, paper = tmp_path / "trait.png", "background-color:#fff;"
    Image.new("RGBA", (1280, 400), (0, 0, 0, 0)).save(path)
    clear = ResolvedFigure(path, "Un trait", "", Credit(by="X"))
    small, opaque = replace(clear, size="small"), _figure(tmp_path)
    card = ResolvedCard(words("Un titre"), "https://maree.example/a", "La Marée", figure=clear)
    for blocks, is_paper in (
        ((clear,), True),
        ((_article(small, paragraph("Une phrase.")),), True),
        ((ResolvedReading("À lire", (card,)),), True),
        ((opaque,), False),
        ((replace(opaque, dark=path),), True),
    ):
        page = _page(tmp_path, *blocks)
        (image,) = page.xpath("//img")
        assert (paper in f"{image.get('style')};") is is_paper, blocks


def test_a_card_s_hairline_is_not_on_its_table(tmp_path: Path) -> None:
    """A table of collapsed borders ignores its padding: the words would touch the line."""
    figure = _figure(tmp_path)
    card = ResolvedCard(words("Un titre"), "https://maree.example/a", "La Marée", figure=figure)
    page = _page(tmp_path, ResolvedReading("À lire ailleurs", (card, card)))
    assert [each.tag for each in page.xpath("//*[contains(@class, 'hairline')]")] == ["div"]
