"""What typography leaves to the editor: each straight quote left, each space that seems to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.load import load_issue
from composer.issue.typography.apply_file import rewriting
from composer.newsroom.model import Lexicon, Newsroom
from composer.proofreading import proofread
from composer.source.finding import Finding, Severity
from tests.issue.support.sample_issue import newsroom

START = "objet: Le pont,puis la halle\napercu: Et\nblocs:\n- ours: auto\n"
BODY = """\
- article:
    titre: 'L''eau du "gué'
    texte: |
      Il neige.Encore **un "mot" sûr** et un " seul,
      un écran de 27" et [le gué,puis](https://exemple.example/a,b) `a,bc`

      :::a_surveiller Un titre...puis rien
      Au fond(celui de gauche) du "pont".
      :::
"""


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path, publication={"typography": {"profile": "french"}})


def remarks(house: Newsroom, text: str) -> list[Finding]:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(text, encoding="utf-8")
    found = proofread(load_issue(path, house).require(), house)
    return [each for each in found if each.code in ("straight-quotes", "glued-words")]


def test_each_is_said_at_its_place_with_its_line_mended(house: Newsroom) -> None:
    found = remarks(house, START + BODY)
    assert [(each.code, each.place.line, each.place.column) for each in found] == [
        ("glued-words", 1, 15),
        ("straight-quotes", 6, 23),
        ("glued-words", 8, 15),
        ("straight-quotes", 8, 46),
        ("glued-words", 9, 33),
        ("glued-words", 11, 31),
        ("glued-words", 12, 14),
    ]
    assert {each.severity for each in found} == {Severity.WARNING}
    assert [each.suggestion for each in found if each.code == "glued-words"] == [
        "objet: Le pont, puis la halle",
        '      Il neige. Encore **un "mot" sûr** et un " seul,',
        '      un écran de 27" et [le gué, puis](https://exemple.example/a,b) `a,bc`',
        "      :::a_surveiller Un titre... puis rien",
        '      Au fond (celui de gauche) du "pont".',
    ]
    assert "“pont,puis”" in found[0].message
    assert "type « or » in its place" in found[1].message


def test_the_line_suggested_has_nothing_more_to_say(house: Newsroom) -> None:
    text = START + "- annonce: Le gué,puis le pont;enfin\n"
    mended = "- annonce: Le gué, puis le pont; enfin"
    assert {each.suggestion for each in remarks(house, text) if each.place.line == 5} == {mended}
    assert remarks(house, START.replace(",puis", ", puis") + mended + "\n") == []


def test_names_of_the_lexicon_and_other_languages_are_left_alone(house: Newsroom) -> None:
    text = (
        START.replace("Le pont,puis", "Gué,Val et") + '- annonce: Is this the "end, of the road to which we were led?\n'
    )
    assert [each.code for each in remarks(house, text)] == ["glued-words"]
    named = Newsroom(house.root, house.settings, house.publications, house.sponsors, Lexicon(names={"Gué,Val": ()}), {})
    assert remarks(named, text) == []


def test_nothing_is_said_without_typography_nor_of_what_may_be_ignored(tmp_path: Path, house: Newsroom) -> None:
    ignoring = "ignorer: [straight-quotes, glued-words]\n"
    assert remarks(house, ignoring + START + BODY) == []
    off = newsroom(tmp_path / "off", publication={"typography": {"profile": "off"}})
    assert remarks(off, START + BODY) == []


def test_what_is_rewritten_in_the_file_is_doubted_alike(house: Newsroom) -> None:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    before = [each.code for each in remarks(house, START + BODY)]
    once = rewriting(load_issue(path, house).require(), house).text
    assert [each.code for each in remarks(house, once)] == before
    assert rewriting(load_issue(path, house).require(), house).differences == ()


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("Il neige .Encore un mot.", "Il neige. Encore un mot."),
        ("Il dit:**encore** un mot.", "Il dit: **encore** un mot."),
        ("Il dit« oui », lui.", "Il dit « oui », lui."),
        ("Il dit « oui »et part.", "Il dit « oui » et part."),
        ('Il dit "oui".Puis il part.', 'Il dit "oui". Puis il part.'),
        ("Il dit :« Oui. »", "Il dit : « Oui. »"),
        ("Il paie 5 €,puis part.", "Il paie 5 €, puis part."),
    ],
)
def test_the_space_is_set_where_the_sentence_has_it(house: Newsroom, typed: str, better: str) -> None:
    (found,) = remarks(house, f"{START}- article:\n    titre: Un\n    texte: |\n      {typed}\n".replace("pont,p", "p"))
    assert (found.code, found.suggestion) == ("glued-words", f"      {better}")


def test_the_quotes_of_html_are_no_words(house: Newsroom) -> None:
    text = (
        START.replace("pont,p", "p") + '- article:\n    titre: Un\n    texte: |\n      <img src="x.png" alt="pont">\n'
    )
    assert remarks(house, text) == []
