"""What is written once or left out: descriptions, credits, labels, roles, numbers; and a letter in both grammars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bench.markup import markup
from composer.errors import Mistakes
from composer.issue.blocks import Audience, ResolvedArticle, body
from composer.issue.blocks.briefs import ResolvedBriefs
from composer.issue.blocks.figure import Credit, Figure, ResolvedFigure
from composer.issue.blocks.masthead import ResolvedMasthead
from composer.issue.body import Asterism, Paragraph
from composer.issue.compose import compose
from composer.issue.edition import Edition
from composer.issue.inline import plain
from composer.issue.load import load_issue
from composer.issue.typography.apply_file import rewriting
from composer.newsroom.model import Newsroom
from composer.rendering import render
from tests.issue.support.sample_issue import DAY, issue, newsroom

LETTERS = Path(__file__).parent / "letters"
PICTURES = ("carte", "quai", "halle", "courbe")


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def edition(house: Newsroom, text: str, audience: Audience = "paid") -> Edition:
    path = house.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text(text, encoding="utf-8")
    document = load_issue(path, house)
    assert [str(each) for each in document.findings] == []
    return compose(document.require(), house, audience)


def codes(house: Newsroom, text: str) -> list[tuple[str, int, int]]:
    path = house.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text(text, encoding="utf-8")
    return [(each.code, each.place.line, each.place.column) for each in load_issue(path, house).findings]


def pictured(*lines: str) -> str:
    return "objet: X\nblocs:\n- article:\n    titre: T\n    texte: |\n" + "".join(f"      {line}\n" for line in lines)


@pytest.mark.parametrize("audience", ["free", "paid"])
def test_a_letter_prints_the_same_in_both_grammars_and_one_is_a_third_shorter(
    house: Newsroom, audience: Audience
) -> None:
    for name in PICTURES:
        for suffix in ("", "-nuit"):
            Image.new("RGB", (64, 32), "white").save(house.root / "issues" / "samedi" / f"{name}{suffix}.png")
    keys, markdown = (LETTERS / name for name in ("with-keys.yaml", "in-markdown.yaml"))
    assert edition(house, keys.read_text(), audience) == edition(house, markdown.read_text(), audience)
    assert markup(markdown).markup <= markup(keys).markup * 2 / 3
    assert markup(markdown).quoted == 0


def test_a_picture_on_a_line_is_a_figure() -> None:
    found = body("Avant.\n![Une carte](carte.png)\n:photo: A. B.\n:sombre: -nuit\nLa *légende*,\nsuite.\n\nAprès.")
    assert not found.problems
    before, figure, after = found
    assert isinstance(before, Paragraph)
    assert isinstance(after, Paragraph)
    assert isinstance(figure, Figure)
    assert (figure.src, figure.alt, figure.credit) == ("carte.png", "Une carte", Credit(photo="A. B."))
    assert figure.dark == "carte-nuit.png"
    assert figure.caption is not None
    assert figure.caption.plain == "La légende, suite."
    assert found.lines == (0, 1, 7)


@pytest.mark.parametrize(
    "below", ["## Titre", "- point", "> cité", ":::quote A\nB.\n:::", "===", "![B](b.png)\n:par: C"]
)
def test_another_construct_ends_a_picture(below: str) -> None:
    figure, other = body(f"![A](a.png)\n:par: B\n{below}")
    assert isinstance(figure, Figure)
    assert figure.caption is None
    assert other is not None


def test_a_mistake_below_a_picture_is_shown_where_it_stands(house: Newsroom) -> None:
    assert codes(house, pictured("![A](carte.png)", ":photot: B", ":par: C")) == [("unknown-key", 7, 8)]
    lines = ("![A](carte.png)", ":par: C", "Une [légende](nulle).")
    assert codes(house, pictured(*lines)) == [("bad-link", 8, 11)]


def test_the_description_and_the_caption_of_a_picture_are_set_in_place(tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"typography": {"profile": "french"}})
    path = house.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text(pictured('![L\'eau : "haute"](carte.png)', ":par: L'atelier", "L'eau ;"), encoding="utf-8")
    after = rewriting(load_issue(path, house).require(), house).text
    lines = ("![L’eau_: «_haute_»](carte.png)", ":par: L’atelier", "L’eau_;")
    assert after.replace("\u00a0", "_").replace("\u202f", "_") == pictured(*lines)


def test_a_picture_printed_twice_is_described_once(house: Newsroom) -> None:
    text = pictured("![](carte.png)", "", "![Une carte](carte.png)", ":par: A. B.", "Légende.")
    article = edition(house, text).blocks[0]
    assert isinstance(article, ResolvedArticle)
    first, second = (each for each in article.body if isinstance(each, ResolvedFigure))
    assert (first.alt, first.mention) == ("Une carte", second.mention) == ("Une carte", "Dessin\u00a0: A. B.")
    assert plain(first.caption) == ""


def test_a_picture_that_nothing_describes_is_refused_once_and_once_only(house: Newsroom) -> None:
    text = pictured("Avant.", "![](carte.png)", "", "![](carte.png)", ":par: A. B.")
    assert codes(house, text) == [("missing-key", 7, 7)]
    assert codes(house, "objet: X\nblocs:\n- illustration:\n    fichier: carte.png\n    description: A\n") == [
        ("missing-key", 4, 14)
    ]


@pytest.mark.parametrize(
    ("credit", "mention"),
    [
        ({"credit": "Agence Rive"}, "Crédit\u00a0: Agence Rive"),
        ({"source": "INSEE", "by": "A. B."}, "Source\u00a0: INSEE • Dessin\u00a0: A. B."),
        ({"none": "dessin d’enfant, sans nom"}, ""),
    ],
)
def test_a_credit_names_anybody_or_says_why_nobody(house: Newsroom, credit: dict[str, Any], mention: str) -> None:
    figure = {"type": "figure", "src": "carte.png", "alt": "A", "credit": credit}
    (found,) = compose(issue([figure]), house, "free").blocks
    assert isinstance(found, ResolvedFigure)
    assert found.mention == mention
    grouped = compose(issue([figure, {"type": "masthead"}], style={"credits": "grouped"}), house, "free")
    credits = [each.photo_credits for each in grouped.blocks if isinstance(each, ResolvedMasthead)]
    assert credits == ([mention] if mention else [])


def test_a_credit_may_be_one_text_and_not_name_and_refuse_at_once(house: Newsroom) -> None:
    start = "objet: X\nblocs:\n- illustration:\n    fichier: carte.png\n    description: A\n"
    (figure,) = edition(house, start + "    credit: Agence Rive\n").blocks
    assert isinstance(figure, ResolvedFigure)
    assert figure.credit == Credit(credit="Agence Rive")
    assert [code for code, *_ in codes(house, start + "    credit: {par: A, aucun: B}\n")] == ["empty-credit"]


def test_a_label_may_be_taken_away(house: Newsroom) -> None:
    text = "objet: X\nblocs:\n- breves:\n    rubrique: aucune\n    liste: |\n      - **A.** B.\n"
    whole = edition(house, text)
    (briefs,) = whole.blocks
    assert isinstance(briefs, ResolvedBriefs)
    assert briefs.label is None
    letter = render(whole, house)
    assert "None" not in letter.text + letter.html
    assert "EN BREF" not in letter.text
    assert "En bref" not in letter.html


@pytest.mark.parametrize(
    ("kind", "label", "printed"),
    [
        ("opinion", None, "Tribune"),
        ("dossier", None, "Dossier"),
        ("opinion", "none", None),
        ("opinion", "Le débat", "Le débat"),
        ("story", None, None),
    ],
)
def test_an_opinion_and_a_dossier_say_what_they_are(
    house: Newsroom, kind: str, label: str | None, printed: str | None
) -> None:
    article = {"type": "article", "headline": "T", "body": "B.", "kind": kind, "label": label}
    (found,) = compose(issue([article]), house, "free").blocks
    assert isinstance(found, ResolvedArticle)
    assert found.label == printed


def test_the_long_role_is_printed_the_first_time_and_the_short_one_in_tight_lines(house: Newsroom) -> None:
    author = {"name": "Howard", "role": "ancien gouverneur de la banque", "short": "banque"}
    articles: list[dict[str, Any]] = [
        {"type": "article", "headline": "T", "body": "B.", "byline": each} for each in (author, author)
    ]
    articles.append({"type": "article", "headline": "T", "body": "B.", "byline": [{**author, "name": "A"}, "B"]})
    said = [[each.said for each in block.signatures] for block in compose(issue(articles), house, "free").blocks]  # type: ignore[attr-defined] # reason: articles
    assert said == [["ancien gouverneur de la banque"], ["banque"], ["banque", None]]


def test_an_ornament_stands_between_paragraphs(house: Newsroom) -> None:
    found = body("Un.\n\n* * *\n\nDeux.\n***\nTrois.")
    assert [type(each) for each in found] == [Paragraph, Asterism, Paragraph, Asterism, Paragraph]
    letter = render(edition(house, pictured("Un.", "", "* * *", "", "Deux.")), house)
    assert f"Un.\n\n{' ' * 33}* * *\n\nDeux." in letter.text
    assert "* * *" in letter.html
    assert [each.code for each in body("Un.\n\n---\n\nDeux.").problems] == ["rule"]
    assert [each.code for each in body(":::en_filigrane T\nUn.\n\n* * *\n\nDeux.\n:::").problems] == ["crosshead"]


def test_an_introduction_has_paragraphs(tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"intro": "Le premier.\n\nLe *second*.", "greeting": "Bonjour."})
    letter = render(edition(house, pictured("Un.")), house)
    assert "Le premier.\n\nLe second." in letter.text
    assert letter.html.count('class="intro"') == 2


def test_a_number_counts_the_approvals_before_it(tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"first_number": 40})
    text = "objet: X\nnumero: auto\nblocs:\n- annonce: A\n"
    for name in ("2026-11-14", "2026-11-21", "2026-11-21.en", "2026-11-21-hors-serie", "2026-12-05", "notes"):
        (house.root / "issues" / "samedi" / f"{name}.sealed").mkdir()
    assert edition(house, text).number == 43


def test_a_number_that_counts_from_nothing_is_refused(house: Newsroom) -> None:
    path = house.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text("objet: X\nnumero: auto\nblocs:\n- annonce: A\n", encoding="utf-8")
    with pytest.raises(Mistakes) as refused:
        compose(load_issue(path, house).require(), house, "free")
    assert [(each.code, each.place.line) for each in refused.value.findings] == [("first-number", 2)]
    assert (
        "first_number: 1" in refused.value.findings[0].message
        or "premier_numero: 1" in refused.value.findings[0].message
    )


@pytest.mark.parametrize(("byline", "name"), [("ines", "Inès Valmont"), ("Rédaction du Samedi", "Rédaction du Samedi")])
def test_the_byline_of_a_publication_stands_in_its_masthead(tmp_path: Path, byline: str, name: str) -> None:
    house = newsroom(tmp_path, publication={"byline": byline})
    letter = render(edition(house, "objet: X\nblocs:\n- annonce: A\n- ours:\n    biographies: []\n"), house)
    assert f"Le Samedi, par {name}" in letter.text
    assert f"<strong>Le Samedi</strong>, par {name}" in letter.html


PICTURE = """\
![L'eau : "haute"](carte.png)
:par: L'atelier
:sombre: -nuit
:format: petit
Une *légende* ;
sa suite."""


@pytest.mark.parametrize("where", ["- illustration: |", "- article:\n    titre: T\n    texte: X.\n    illustration: |"])
def test_a_figure_with_keys_may_be_written_like_one_in_a_text(tmp_path: Path, where: str) -> None:
    house = newsroom(tmp_path, publication={"typography": {"profile": "french"}})
    Image.new("RGB", (64, 32), "white").save(house.root / "issues" / "samedi" / "carte-nuit.png")
    lines = "".join(f"      {line}\n" for line in PICTURE.split("\n"))
    text = f"objet: X\nblocs:\n{where}\n{lines}"
    (block,) = edition(house, text).blocks
    figure = block if isinstance(block, ResolvedFigure) else block.figure  # type: ignore[attr-defined] # reason: an article
    (same,) = edition(house, pictured(*PICTURE.split("\n"))).blocks[0].body  # type: ignore[attr-defined] # reason: the same
    assert figure == same
    path = house.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_text(text, encoding="utf-8")
    after = rewriting(load_issue(path, house).require(), house).text.replace("\u00a0", "_").replace("\u202f", "_")
    assert after == text.replace('L\'eau : "haute"', "L’eau_: «_haute_»").replace("L'a", "L’a").replace("* ;", "*_;")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("![A](carte.png)", ":photot: B", ":par: C"), ("unknown-key", 5, 8)),
        (("![A](carte.png)", ":par: C", ":par: D"), ("duplicate-key", 6, 8)),
        (("![A](carte.png)", ":par: C", ":lien:"), ("empty-value", 6, 8)),
        (("![A](carte.png)", ":par: C", ":format: grandiose"), ("unknown-value", 6, 16)),
        (("![A](carte.png)", ":par: C", "Une [légende](nulle)."), ("bad-link", 6, 11)),
        (("![A] (carte.png)", ":par: C"), ("markdown-image", 4, 7)),
        (("![](carte.png)", ":par: C"), ("missing-key", 4, 11)),
    ],
)
def test_a_mistake_in_such_a_figure_is_shown_where_it_stands(
    house: Newsroom, lines: tuple[str, ...], expected: tuple[str, int, int]
) -> None:
    text = "objet: X\nblocs:\n- illustration: |\n" + "".join(f"      {line}\n" for line in lines)
    assert codes(house, text) == [expected]


@pytest.mark.parametrize("name", ["Photo du pont.png", "Image (1).png"])
def test_a_picture_is_read_whatever_its_file_is_called(name: str) -> None:
    (figure,) = tuple(body(f"![Un pont]({name})\n:par: Une autrice"))
    assert isinstance(figure, Figure)
    assert figure.src == name
