"""Words of other houses and programs for our keys and blocks."""

from __future__ import annotations

import pytest

from composer.issue.model import Front
from composer.newsroom.model import Publication
from composer.source import read
from composer.source.neighbours import NEIGHBOURS
from composer.source.vocabulary import BLOCK_NAMES, KEYS, fold_key


def test_each_neighbour_is_of_a_word_that_there_is_and_is_folded() -> None:
    ours = {word.rpartition(".")[2] for word in KEYS} | set(BLOCK_NAMES)
    assert set(NEIGHBOURS) <= ours
    words = [word for each in NEIGHBOURS.values() for word in each.split()]
    assert [word for word in words if fold_key(word) != word] == []


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("    chapeau: B", "    chapo: B"),
        ("    Sous-titre: B", "    chapo: B"),
        ("    surtitre: B", "    rubrique: B"),
        ("    auteurs: B", "    signature: B"),
        ("    subtitle: B", "    chapo: B"),
        ("    standfrist: B", "    chapo: B"),
    ],
)
def test_another_house_s_key_is_known_and_ours_is_said_in_the_language_of_the_file(typed: str, better: str) -> None:
    text = f"objet: A\nblocs:\n- article:\n    titre: B\n{typed}\n    texte: C\n"
    (finding,) = read(text, Front, file="issue.yaml").findings
    assert (finding.code, finding.place.line, finding.suggestion) == ("unknown-key", 5, better)


def test_another_house_s_block_is_known() -> None:
    (finding,) = read("objet: A\nblocs:\n- exergue: Bonjour\n", Front, file="issue.yaml").findings
    assert (finding.code, finding.suggestion) == ("unknown-block", "- citation: Bonjour")


def test_a_word_for_a_picture_does_not_make_one_of_a_text() -> None:
    text = "objet: A\nblocs:\n- article:\n    titre: B\n    photo: le quai\n    texte: C\n"
    (finding,) = read(text, Front, file="issue.yaml").findings
    assert (finding.code, finding.suggestion) == ("unknown-key", "    illustration: le quai")


def test_a_setting_too() -> None:
    findings = read("calibrage: {signes: 9000}\n", Publication, file="lettre.yaml", keys="fr").findings
    assert "longueur: {signes: 9000}" in [each.suggestion for each in findings]
