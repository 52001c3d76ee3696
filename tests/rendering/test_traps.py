"""The fifteen ways in which a good letter comes out broken; one test each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html as lxml_html

from composer.errors import Refused
from composer.issue.blocks.article import ResolvedArticle
from composer.issue.blocks.figure import Credit, ResolvedFigure
from composer.issue.body import Citation, Crosshead, Point, Points
from composer.issue.inline import Code, Emphasis, Link, Strong, Text
from composer.message import build
from composer.message.trial import trial_values
from composer.newsroom.model import HOUSE_STYLE, Theme
from composer.rendering import Rendering, mjml, render
from composer.rendering.letter import LETTER, LetterTemplate
from composer.rendering.weight import HTML_MOST, STYLE_MOST, weight
from tests.rendering.support.sample_editions import (
    edition,
    everything,
    newsroom,
    paragraph,
    picture,
    publication,
    words,
)

NNBSP, NBSP = "\u202f", "\u00a0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("newsroom")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Rendering:
    return render(everything(folder), newsroom(folder))


def article(*body: object, **fields: object) -> ResolvedArticle:
    made: dict[str, object] = {"headline": words("Titre"), "body": body, "kind": "story", "style": HOUSE_STYLE}
    return ResolvedArticle(**(made | fields))  # type: ignore[arg-type] # reason: a test names fields of ResolvedArticle


def tree(rendering: Rendering) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(rendering.html)


def test_01_doctype_survives_inlining(whole: Rendering) -> None:
    assert whole.html.startswith("<!DOCTYPE html>")


def test_02_words_on_two_lines_are_not_glued(folder: Path) -> None:
    spans = paragraph(Strong(words("un")), "\n", Emphasis(words("deux")), " ", Strong(words("trois")), f"{NBSP}!")
    rendering = render(edition(article(spans)), newsroom(folder))
    assert f"un deux trois{NBSP}!" in tree(rendering).text_content()


def test_03_style_sheets_go_through_inlining_untouched(folder: Path) -> None:
    letter = LetterTemplate(everything(folder), newsroom(folder))
    before = mjml.html(letter.document(letter.blocks(), "https://maree.example/u/X"), LETTER)
    after = render(everything(folder), newsroom(folder)).html
    for sign in ("!important", "@media", "[data-ogsc]", "[data-ogsb]", "<!--[if", "<![endif]", "<style"):
        assert before.count(sign) == after.count(sign) > 0, sign
    assert "prefers-color-scheme: dark" in after
    assert '<meta name="color-scheme" content="light dark">' in after


def test_04_rich_text_is_styled_without_any_style_sheet(whole: Rendering) -> None:
    stripped = re.sub(r"<style.*?</style>", "", whole.html, flags=re.DOTALL)
    for element in lxml_html.document_fromstring(stripped).iter("p", "h1", "h2", "h3", "a", "ul", "ol", "blockquote"):
        assert element.get("style"), lxml_html.tostring(element)[:80]


def test_05_image_sizes_are_whole_pixels(whole: Rendering) -> None:
    images = tree(whole).findall(".//img")
    assert len(images) == 5
    for image in images:
        assert re.fullmatch(r"\d+", image.get("width"))
        assert re.fullmatch(r"\d+", image.get("height"))
        assert 0 < int(image.get("width")) <= 640


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<mj-foo>x</mj-foo>", "mj-foo"),
        ('<mj-text colour="#fff">x</mj-text>', "colour"),
        ('<mj-include path="x.mjml"/>', "mj-include"),
        ("<mj-carousel></mj-carousel>", "mj-carousel"),
        ('<mj-image src="x" width="100"/>', "640px"),
    ],
)
def test_06_unknown_components_and_attributes_are_refused(source: str, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        mjml.fragment(source, "blocks/mine.mjml.j2")


def test_06_no_component_is_left_in_the_letter(whole: Rendering) -> None:
    assert "<mj" not in whole.html
    with pytest.raises(Refused, match="where none may"):
        mjml.html(
            "<mjml><mj-body><mj-section><mj-column><mj-text><mj-foo>x</mj-foo></mj-text></mj-column></mj-section></mj-body></mjml>",
            "mine",
        )


def test_07_every_section_has_the_width_of_the_letter(whole: Rendering) -> None:
    widths = re.findall(r"margin:0px auto;max-width:(\w+)", whole.html)
    assert len(widths) == whole.html.count('align="center" width="640"')  # each section's table for Outlook
    assert set(widths) == {"640px"}


@pytest.mark.slow
def test_07_word_gets_whole_pixels_of_the_theme_s_width(folder: Path) -> None:
    narrow = replace(everything(folder), publication=publication(theme=Theme(width=560)))
    made = render(narrow, newsroom(folder)).html
    assert set(re.findall(r"margin:0px auto;max-width:(\w+)", made)) == {"560px"}
    conditional = " ".join(re.findall(r"<!--\[if mso.*?<!\[endif\]-->", made, flags=re.DOTALL))
    assert set(re.findall(r"width[=:]\"?(\w+)", conditional)) == {"560", "560px"}
    widths = [image.get("width") or "" for image in lxml_html.document_fromstring(made).iter("img")]
    assert max(int(width) for width in widths) <= 560


def test_08_nothing_is_fetched_and_no_font(whole: Rendering) -> None:
    assert "fonts.googleapis" not in whole.html
    assert "@import" not in whole.html
    assert "@font-face" not in whole.html
    assert not tree(whole).findall(".//link")
    assert {source.rsplit("/", 1)[0] for source in tree(whole).xpath("//img/@src|//source/@srcset")} == {
        "https://lettres.maree.example/media"
    }


def test_09_quotes_in_titles_and_alts_keep_attributes_whole(folder: Path) -> None:
    nasty = 'Il dit "oui", l\'a-t-il < dit > & redit\u00a0? \u202fE\u0301 👩\u200d🚒 C:\\'
    figure = ResolvedFigure(picture(folder / "nasty.png"), nasty, nasty, Credit(photo="X"))
    letter = edition(
        article(headline=words(nasty)), figure, subject=nasty, preheader=nasty, publication=publication(title=nasty)
    )
    made = tree(render(letter, newsroom(folder)))
    assert [image.get("alt") for image in made.findall(".//img")] == [nasty]
    assert made.findtext(".//title") == nasty
    assert made.find(".//div[@role='article']").get("aria-label") == nasty
    assert [each.tag for each in made.iter("h1", "h2")] == ["h1"], "headline and subject are the same title"
    assert made.find(".//h1").text_content() == nasty.replace(" C:", "\u00a0C:")
    assert nasty in made.find(".//div[@role='article']/div").text_content()


def test_10_accessibility(whole: Rendering) -> None:
    made = tree(whole)
    body = made.find("body")
    first = next(iter(body))
    assert made.get("lang") == first.get("lang") == "fr"
    assert made.get("dir") == first.get("dir") == "ltr"
    assert made.findtext(".//title") == whole.subject
    assert [h1.text_content().replace("\u00a0", " ") for h1 in made.iter("h1")] == [whole.subject]
    levels = [int(heading.tag[1]) for heading in made.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    for image in made.iter("img"):
        assert image.get("alt", "").strip()
    for table in made.iter("table"):
        assert table.get("role") == "presentation"
    for link in made.iter("a"):
        name = link.text_content() + "".join(image.get("alt") for image in link.iter("img"))
        assert name.strip().lower() not in {"", "ici", "cliquez ici", "lire la suite", "en savoir plus"}
        assert "text-decoration" in link.get("style")


def test_10_nested_links_do_not_occur(whole: Rendering) -> None:
    assert not tree(whole).xpath("//a//a")


def test_11_weight(whole: Rendering) -> None:
    assert weight(whole).html < HTML_MOST
    assert weight(whole).style < STYLE_MOST
    assert "@goodbye" not in whole.html


def test_11_many_paragraphs_share_one_component(folder: Path) -> None:
    def bytes_of(count: int) -> int:
        return len(render(edition(article(*[paragraph("x") for _ in range(count)])), newsroom(folder)).html)

    assert (bytes_of(101) - bytes_of(1)) / 100 < 50


def test_12_slot_and_addresses_survive(whole: Rendering) -> None:
    sentinel = whole.slots["unsubscribe"]
    assert re.fullmatch(r"[A-Za-z0-9]{32,}", sentinel)
    assert whole.html.count(sentinel) == whole.text.count(sentinel) == 1
    assert f'href="https://lettres.maree.example/u/{sentinel}"' in whole.html
    assert f"\nhttps://lettres.maree.example/u/{sentinel}\n" in whole.text
    assert 'href="https://maree.example/acte?page=1&amp;vue=2"' in whole.html
    assert "https://maree.example/acte?page=1&vue=2\n" in whole.text
    assert "&amp;amp;" not in whole.html


def test_12_the_sentinel_follows_every_word(folder: Path) -> None:
    def sentinels() -> Iterator[str]:
        for letter in (
            edition(),
            edition(audience="free"),
            edition(greeting="Bonjour"),
            edition(article(paragraph("a"))),
            edition(article(paragraph("b"))),
        ):
            yield render(letter, newsroom(folder)).slots["unsubscribe"]

    assert len(set(sentinels())) == 5
    assert len({render(edition(), newsroom(folder)).slots["unsubscribe"] for _ in range(3)}) == 1


@pytest.mark.parametrize(
    "wrong", ["1 < 2", "<3", "<BR>", "<p>sans fin", "-->", "<!-- x", "&nbsp;", "&", "]]>", "<![CDATA["]
)
def test_13_malformed_text_stays_text(wrong: str, folder: Path) -> None:
    made = render(edition(article(paragraph(wrong), headline=words(wrong))), newsroom(folder))
    assert tree(made).find(".//h2").text_content() == wrong
    assert wrong in made.text


@pytest.mark.parametrize(
    "wrong", ["<p>1 < 2</p>", "<BR>", "<p>sans fin", "<!-- a -- b -->", "<![CDATA[x]]>", "<?xml?>", "<p a=b/>"]
)
def test_13_malformed_markup_of_a_template_is_refused(wrong: str) -> None:
    with pytest.raises(Refused, match=r"blocks/mine\.mjml\.j2"):
        mjml.fragment(f"<mj-text>{wrong}</mj-text>", "blocks/mine.mjml.j2")


def test_13_a_block_is_named_where_its_template_fails(folder: Path) -> None:
    broken = article(headline=words("Le bon titre"), further=(1,))
    with pytest.raises(Refused, match=r"reference\.mjml\.j2.*block 2 \(article, “Le bon titre”\)"):
        render(edition(article(), broken), newsroom(folder))


def test_14_both_parts_fit_the_wire(whole: Rendering) -> None:
    template = build(
        subject=whole.subject,
        from_name="La Marée",
        from_address="lettre@maree.example",
        reply_to=None,
        list_name="La Marée",
        list_id="lettre.maree.example",
        language="fr",
        date=datetime(2026, 11, 27, 7, tzinfo=UTC),
        message_id_domain="maree.example",
        unsubscribe_prefix="https://lettres.maree.example/u/",
        html=whole.html,
        text=whole.text,
        sentinel=whole.slots["unsubscribe"],
    )
    content = template.fill(trial_values("reader@maree.example", datetime(2026, 11, 27, tzinfo=UTC)))
    assert max(len(line) for line in content.split(b"\r\n")) <= 76
    message = message_from_bytes(content, policy=policy.default)
    for subtype, sent in (("html", whole.html), ("plain", whole.text)):
        part = message.get_body((subtype,))
        assert part is not None
        assert (part["content-transfer-encoding"], part.get_content_charset()) == ("quoted-printable", "utf-8")
        decoded = part.get_content().replace("\r\n", "\n").rstrip("\n")
        assert decoded == sent.replace(whole.slots["unsubscribe"], "test").rstrip("\n")


def test_15_typography_survives(folder: Path) -> None:
    kept = (
        f"«{NBSP}Non{NBSP}»{NNBSP}! l’été à 10:30, 12{NNBSP}000{NBSP}€ — 👩‍🚒 👍🏽 ‌|‍ "
        "שלום (RTL) «\u2068bdi\u2069» http://maree.example:80/a?b=1"
    )
    body = (
        paragraph(kept),
        Crosshead(words(kept)),
        Points((Point(words(kept), words(kept)),)),
        paragraph(Code("a ? b : c"), Link("https://maree.example/", words(kept)), Text(kept)),
    )
    made = render(edition(article(*body)), newsroom(folder))
    assert tree(made).text_content().count(kept) == 6
    assert made.text.replace("\n  ", " ").replace("\n", " ").count(kept) == 6
    assert "a ? b : c" in made.text


def test_15_the_theme_reaches_both_lights(folder: Path) -> None:
    themed = publication(theme=Theme(accent="#0f4c5c", accent_dark="#7cc3d1", paper="#fbf8f2"))
    made = render(edition(article(label="Rubrique"), publication=themed), newsroom(folder))
    assert "color:#0f4c5c" in made.html
    assert "#7cc3d1 !important" in made.html
    assert 'style="word-spacing:normal;background-color:#fbf8f2;"' in made.html


def test_bold_headline_of_a_brief_is_its_link_whole(whole: Rendering) -> None:
    link = tree(whole).xpath("//a[@href='https://maree.example/bar']")[0]
    assert link.text_content() == "Le bar se fait rare"
    assert link.getparent().tag == "strong"


def test_an_empty_element_is_not_closed(folder: Path) -> None:
    """A picture with its twin for the dark, and the nameplate's, hold a <source>; libxml2 would write </source>."""
    html = render(everything(folder), newsroom(folder)).html
    assert "<source " in html
    assert not re.search("</(?:source|img|br|hr|meta|link|wbr|track|col|area|input|embed)>", html)


def test_the_paragraphs_of_a_quotation_are_parted_in_the_text(folder: Path) -> None:
    text = render(edition(article(Citation(((Text("Un."),), (Text("Deux."),))))), newsroom(folder)).text
    assert "> Un.\n>\n> Deux." in text
