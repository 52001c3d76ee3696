"""Boxes in a text: what they become, and what is said of their mistakes."""

from __future__ import annotations

from datetime import date

import pytest

from composer.issue import markdown
from composer.issue.block import Block
from composer.issue.blocks import body
from composer.issue.blocks.a_surveiller import ASurveiller
from composer.issue.blocks.en_filigrane import EnFiligrane
from composer.issue.blocks.figure import Credit, Figure
from composer.issue.blocks.insight import Insight
from composer.issue.blocks.links import Links
from composer.issue.blocks.quote import Quote
from composer.issue.body import Paragraph
from tests.issue.support.markdown_tree import codes


def test_a_box_is_the_block_of_the_same_name() -> None:
    found = body(
        "Avant.\n\n"
        ":::a_surveiller La notification du *lot 3*\n:due: 2026-12-15\n:names: Orphéon, Microlab\n:id: lot-3\n"
        "Le recours **expire**.\n:::\n\n"
        ":::en_filigrane Derrière\nTexte.\n:::\n"
        ":::insight L'Europe\n:label: La bonne échelle\nTexte.\n:::\n"
        ":::figure carte.png\n:alt: Une carte\n:ai: o3 Pro\n:by: P. G.\nLégende\n:::\n"
        ":::quote Inès Valmont\n:source: [Le Samedi](https://example.org/)\nDes mots.\n:::\n"
        ":::links À lire\n- [un](https://example.org/1)\n- lot-3\n:::\n"
    )
    assert not found.problems
    watch, behind, insight, figure, quote, links = [each for each in found if not isinstance(each, Paragraph)]
    assert isinstance(watch, ASurveiller)
    assert (watch.due, watch.names, watch.id) == (date(2026, 12, 15), ("Orphéon", "Microlab"), "lot-3")
    assert watch.title.plain == "La notification du lot 3"
    assert isinstance(behind, EnFiligrane)
    assert isinstance(insight, Insight)
    assert insight.label == "La bonne échelle"
    assert isinstance(figure, Figure)
    assert (figure.src, figure.credit) == ("carte.png", Credit(ai="o3 Pro", by="P. G."))
    assert figure.caption is not None
    assert isinstance(quote, Quote)
    assert quote.author == "Inès Valmont"
    assert isinstance(links, Links)
    assert [item.source for item in links.items] == ["[un](https://example.org/1)", "lot-3"]
    assert found.lines == (0, 2, 9, 12, 16, 22, 26)


def test_a_box_may_be_written_in_french() -> None:
    found = body(":::illustration carte.png\n:description: Une carte\n:ia: o3 Pro\n:légende: Le lieu\n:::")
    (figure,) = found
    assert isinstance(figure, Figure)
    assert not found.problems
    watch = body(":::à_surveiller Titre\n:échéance: 2026-12-15\n:public: payant\nTexte.\n:::")
    (box,) = watch
    assert isinstance(box, ASurveiller)
    assert box.audience == "paid"


@pytest.mark.parametrize(
    ("written", "code", "line", "column", "words"),
    [
        (":::figur carte.png\n:::", "unknown-key", 0, 3, "figure"),
        (":::en_filigrane T\n:titel: x\nTexte.\n:::", "unknown-key", 1, 1, "audience"),
        (":::figure a.png\n:alt: x\n:fotograf: y\n:::", "unknown-key", 2, 1, "photo"),
        (":::a_surveiller T\n:due: demain\nTexte.\n:::", "bad-value", 1, 6, "2026-12-15"),
        (":::a_surveiller T\n:due:\nTexte.\n:::", "empty-value", 1, 1, ":due: value"),
        (":::a_surveiller T\n:due: 2026-12-01\n:due: 2026-12-02\nTexte.\n:::", "duplicate-key", 2, 1, "twice"),
        (":::a_surveiller\nTexte.\n:::", "missing-key", 0, 0, "title"),
        (":::a_surveiller T\n:::", "missing-key", 0, 0, "text"),
        (":::insight T\nTexte.\n:::", "missing-key", 0, 0, ":label:"),
        (":::links\nun lien\n:::", "link-item", 1, 0, "hyphen"),
        (":::links\n:::", "items-or-latest", 0, 0, "items"),
        ("Avant.\n\n:::en_filigrane T\nTexte.\n", "unclosed-box", 2, 0, ":::"),
        ("Avant.\n\n:::\n", "stray-close", 2, 0, "take it out"),
        ("> a\n> :::figure x\n", "misplaced-box", 1, 0, "beginning"),
        (":::\u00a0\u00a0", "stray-close", 0, 0, "closes"),
        (":::en_filigrane T\nUn [lien](ici).\n:::", "bad-link", 1, 3, "https"),
        (":::en_filigrane Un [lien](ici)\nTexte.\n:::", "bad-link", 0, 19, "https"),
        (":::en_filigrane T\n## Inter\n:::", "crosshead", 1, 0, "box"),
        (":::figure a.png\n:alt: x\n:photo: y\n:caption: a\nb\n:::", "duplicate-key", 4, 0, "caption"),
    ],
)
def test_what_is_wrong_with_a_box_is_said_at_its_place(
    written: str, code: str, line: int, column: int, words: str
) -> None:
    found = body(written)
    assert [(each.code, each.line, each.column) for each in found.problems] == [(code, line, column)]
    assert words in found.problems[0].message + (found.problems[0].suggestion or "")


def test_a_box_in_a_box_is_one_mistake() -> None:
    found = body(":::en_filigrane A\nTexte.\n:::a_surveiller B\nTexte.\n:::\n:::\n\nFin.")
    assert [(problem.code, problem.line) for problem in found.problems] == [("nested-box", 2)]
    assert len(found.elements) == 3


def told(written: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.line) for problem in body(written).problems]


UNCLOSED = "Avant.\n\n:::en_filigrane A\nTexte.\n\n"


@pytest.mark.parametrize(
    "below",
    [
        "Suite.\n\n## Intertitre\n\n> Une citation.\n",
        "===\n\nFin.\n",
        ":::a_surveiller B\nTexte.\n:::\n\nFin.\n",
        ":::figure a.png\n:alt: A\n:photo: B\n:::\n\n:::number 3\nTexte.\n:::\n",
    ],
)
def test_an_unclosed_box_is_named_at_its_opening_once_and_nothing_that_follows_from_it(below: str) -> None:
    assert told(UNCLOSED + below) == [("unclosed-box", 2)]


def test_each_unclosed_box_is_named() -> None:
    assert told(UNCLOSED + ":::a_surveiller B\nTexte.\n") == [("unclosed-box", 2), ("unclosed-box", 5)]


def test_what_stands_below_an_unclosed_box_is_still_cut_by_the_paywall() -> None:
    found = body(UNCLOSED + "===\n\nFin.\n")
    assert [type(each).__name__ for each in found.elements] == ["Paragraph", "EnFiligrane", "Paywall", "Paragraph"]


def test_two_colons_before_the_name_of_a_box_are_one_too_few() -> None:
    found = body("::illustration a.png\n:description: A\n:photo: B\n:::\n")
    assert [(each.code, each.line, each.suggestion) for each in found.problems] == [
        ("box-colons", 0, ":::illustration a.png")
    ]
    assert body("::zorglub\n").problems == ()


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        (":::à surveiller Le pont\nTexte.\n:::", ":::a_surveiller Le pont"),
        (":::en filigrane Le pont\nTexte.\n:::", ":::en_filigrane Le pont"),
        (":::citatoin\nTexte.\n:::", ":::citation"),
        (":::exergue\nTexte.\n:::", ":::citation"),
        (":::illustration a.png\n:description: A\n:photographe: B\n:::", ":photo: B"),
    ],
)
def test_the_name_that_was_meant_is_given_in_the_language_of_the_file(written: str, suggestion: str) -> None:
    (problem,) = body(written, "fr").problems
    assert (problem.code, problem.suggestion) == ("unknown-key", suggestion)


def test_the_names_there_are_are_in_the_language_of_the_file() -> None:
    (french,), (english,) = (body(":::zorglub\nTexte.\n:::", keys).problems for keys in ("fr", "en"))
    assert ("encadre, illustration, citation" in french.message, "insight, figure, quote" in english.message) == (1, 1)


def test_a_box_with_a_mistake_is_still_read_for_the_others() -> None:
    found = body(
        ":::illustration absente.png\n:foto: B\n:description: A\n:::\n\n:::a_surveiller A\n:due: jeudi\nB\n:::"
    )
    assert [problem.code for problem in found.problems] == ["unknown-key", "bad-value"]
    assert [type(each).__name__ for each in found.elements] == ["Figure", "ASurveiller"]


def test_no_box_where_there_is_none() -> None:
    assert codes(markdown.body("Texte.\n\n:::figure a.png")) == ["nested-box"]


@pytest.mark.parametrize(
    ("typed", "kept"), [('" • "', " • "), ("' • '", " • "), ("•", " • "), (".", ". "), ('":"', ":"), ('" »', ' " » ')]
)
def test_an_option_loses_the_quotes_that_yaml_would(typed: str, kept: str) -> None:
    (box,) = body(f":::en_filigrane Titre\n:fin_encadre: {typed}\nTexte.\n:::\n").elements
    assert isinstance(box, Block)
    assert box.style is not None
    assert box.style.box_end == kept


def test_quotes_that_are_not_one_pair_around_an_option_stay() -> None:
    (one, two) = (
        body(f":::citation Anne\n:source: {typed}\nTexte.\n:::\n").elements[0] for typed in ('"Le port"', '"A" et "B"')
    )
    assert isinstance(one, Quote)
    assert isinstance(two, Quote)
    assert one.source is not None
    assert two.source is not None
    assert (one.source.plain, two.source.plain) == ("Le port", '"A" et "B"')


def test_the_name_of_a_picture_may_stand_between_quotes() -> None:
    (found,) = body(':::illustration "port.png"\n:description: "Le port"\n:photo: Anne\n:::\n').elements
    assert isinstance(found, Figure)
    assert (found.src, found.alt) == ("port.png", "Le port")


@pytest.mark.parametrize(
    ("typed", "kept"), [('"Anne"', "Anne"), ("'Anne'", "Anne"), ("Anne", "Anne"), ('"A" et "B"', '"A" et "B"')]
)
def test_what_follows_the_name_of_a_box_loses_the_quotes_that_yaml_would(typed: str, kept: str) -> None:
    (box,) = body(f":::citation {typed}\nTexte.\n:::\n").elements
    assert isinstance(box, Quote)
    assert box.author == kept


def test_a_box_named_between_pairs_of_colons_is_said() -> None:
    found = body("::en_filigrane:: Titre\nTexte.\n:::\n")
    assert [(each.code, each.suggestion) for each in found.problems] == [("box-colons", ":::en_filigrane Titre")]
    assert body(":::en_filigrane Titre :: suite\nTexte.\n:::\n").problems == ()


def test_a_box_may_be_indented() -> None:
    for before in ("", "- a\n\n"):
        found = body(f"{before}  :::insight T\n  :label: L\n  Un mot.\n  :::\n")
        box = found.elements[-1]
        assert isinstance(box, Insight)
        assert (box.label, box.title.plain, box.text.elements, found.problems) == (
            "L",
            "T",
            body("Un mot.").elements,
            (),
        )
    (problem,) = body("  ::insight T\n:label: L\nUn mot.\n:::\n").problems
    assert (problem.code, problem.suggestion) == ("box-colons", "  :::insight T")
