"""A pull quote whose words are between quotation marks already: one pair is printed."""

from __future__ import annotations

from typing import Any

import pytest

from composer.issue.blocks import body
from composer.issue.body import Paragraph
from composer.issue.inline import plain
from composer.issue.quoted import unquoted

WHOLE = [
    ("« Nous sommes prêts. »", "Nous sommes prêts."),
    ("«\u00a0Nous sommes prêts.\u00a0»", "Nous sommes prêts."),
    ('"Nous sommes prêts."', "Nous sommes prêts."),
    ("“Nous sommes prêts.”", "Nous sommes prêts."),
    ("« Nous sommes prêts ».", "Nous sommes prêts."),
    ("« Nous sommes prêts. ».", "Nous sommes prêts."),
    ("*« Nous **sommes** prêts. »*", "Nous sommes prêts."),
    ("« Dire « non » suffit. »", "Dire « non » suffit."),
    ('"Dire "non" suffit."', 'Dire "non" suffit.'),
    ("« Un.\n\nDeux. »", "Un.|Deux."),
    ("« Un.\n\n« Deux. »", "Un.|Deux."),
]


@pytest.mark.parametrize(("typed", "printed"), WHOLE)
def test_the_pair_around_the_whole_is_the_letters_own(typed: str, printed: str) -> None:
    elements: Any = body(typed).elements
    text, marked = unquoted(elements)
    assert "|".join(plain(each.spans) for each in text if isinstance(each, Paragraph)) == printed
    assert marked is False


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("« Oui », dit-elle, « demain ».", True),
        ('"Oui", dit-elle, "demain".', True),
        ("« Le fleuve monte », dit Anne.", True),
        ("« Le fleuve monte. » (Anne Duval)", True),
        ("« Le fleuve monte. »\nAnne Duval", True),
        ("« Le fleuve monte. » est une phrase.", False),
        ("« Oui » et « non » se valent.", False),
        ("« Non » est une phrase.", False),
        ("Il faut dire « non »", False),
        ("Nous sommes prêts.", False),
        ("«", False),
        ("« »", False),
        ("- un point", False),
        ("", False),
    ],
)
def test_marks_within_the_words_stay(typed: str, marked: bool) -> None:
    elements: Any = body(typed).elements
    assert unquoted(elements) == (elements, marked)
