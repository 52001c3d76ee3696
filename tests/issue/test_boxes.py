"""Boxes in a text: what they become, and what is said of their mistakes."""

from __future__ import annotations

from datetime import date

import pytest

from composer.issue import markdown
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
        ("- a\n  :::figure x\n", "misplaced-box", 1, 2, "beginning"),
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


def test_no_box_where_there_is_none() -> None:
    assert codes(markdown.body("Texte.\n\n:::figure a.png")) == ["nested-box"]
