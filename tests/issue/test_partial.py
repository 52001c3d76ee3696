"""What can be read of an issue with errors: proofread in the same round, and nothing said twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.newsroom.model import Newsroom
from composer.proofreading import review
from composer.source.document import Document
from tests.issue.support.sample_issue import newsroom

START = "objet: Le pont attendra\napercu: Et la halle\nblocs:\n- ours: auto\n"


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def load(house: Newsroom, text: str, name: str = "2026-11-28") -> Document[Issue]:
    path = house.root / "issues" / "samedi" / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_issue(path, house)


def found(house: Newsroom, text: str, name: str = "2026-11-28") -> list[tuple[str, int, int]]:
    reading = review(load(house, text, name), house, lambda _house, _key: ())
    assert list(reading.findings) == sorted(reading.findings, key=lambda each: each.place)
    return [(each.code, each.place.line, each.place.column) for each in reading.findings]


LAYERS = """\
objet: Le pont : il attendra
apercu: Chez Orpheon
blocs:
- article:
    titer: Le bateau
    texte: |
      Chez Orpheon, [voyez](#marree).

      :::illustration absente.png
      :description: Un bateau
      :::
- illustration:
    fichier: partie.png
    description: Un quai
    credit: {photo: B}
- publicite: bas
- a_surveiller:
    titre: La maree
    id: maree
    texte: |
      Elle monte chez Orpheon.
    echeance: 15 décembre 2026
- article:
    titre: Les loyers
    signature: olive
    texte: |
      Douze euros.
- annonce: "[Ici](https://a.example)"
- ours: auto
"""


def test_one_mistake_of_each_layer_and_all_are_named_in_one_round(house: Newsroom) -> None:
    assert found(house, LAYERS) == [
        ("colon-in-text", 1, 16),
        ("misspelt-name", 2, 14),
        ("unknown-key", 5, 5),
        ("misspelt-name", 7, 12),
        ("unknown-id", 7, 29),
        ("missing-key", 9, 7),
        ("file-missing", 9, 7),
        ("file-missing", 13, 14),
        ("unknown-slot", 16, 14),
        ("misspelt-name", 21, 23),
        ("not-a-date", 22, 15),
        ("unknown-person", 25, 16),
        ("vague-link", 28, 13),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # Only the mistake: what is missing because of it is no second one.
        ("- article:\n    titre: A\n    accès: payant\n    amorce: [x\n    texte: |\n      B.\n", ["unclosed-bracket"]),
        ("- article:\n    titre: A\n    texte: |\n      B.\n      ===\n      :::figure carte.png\n      :::\n", None),
        ("- publicite: {emplacement: principal, creation: Verger}\n", ["bad-form"]),
        ('- annonce: {texte: "[Ici](#pont)", edition: fr, adresse: x}\n', None),
        ("- annonce: Voir [le pont](#pont)\n- citation:\n    id: pont\n    auteur: B\n", None),
        ("- illustration:\n    description: A\n    credit: {photo: B}\n", ["missing-key"]),
        ("- illustration:\n    fichier: carte.png\n", ["missing-key", "missing-key"]),
        ("- breves: []\n", ["empty-list"]),
        ("- ourse auto\n", ["unknown-block"]),
    ],
)
def test_no_finding_is_the_consequence_of_another(house: Newsroom, text: str, codes: list[str] | None) -> None:
    loading = [finding.code for finding in load(house, START + text).findings if finding.severity == "error"]
    said = [code for code, _line, _column in found(house, START + text)]
    assert said == loading
    assert codes is None or said == codes


def test_nothing_to_proofread_is_no_crash(house: Newsroom) -> None:
    assert [code for code, _line, _column in found(house, "blocs:\n- illustration:\n    fichier: x.png\n")] != []
    assert found(house, "[") != []
    assert found(house, "- a\n- b\n") != []
    assert found(house, "") != []


def test_a_front_matter_without_a_readable_block_is_proofread(house: Newsroom) -> None:
    text = "objet: Chez Orpheon\napercu: A\nblocs:\n- ourse auto\n"
    assert found(house, text) == [("misspelt-name", 1, 13), ("unknown-block", 4, 3)]


def test_a_file_of_another_name_is_proofread_as_the_one_it_should_be(house: Newsroom) -> None:
    assert found(house, START + "- annonce: Chez Orpheon\n", "28-11-2026") == [
        ("file-name", 1, 1),
        ("misspelt-name", 5, 17),
    ]


def test_what_could_be_read_in_part_is_no_issue(house: Newsroom) -> None:
    document = load(house, START + "- article:\n    titre: A\n")
    assert document.value is None
    assert document.partial is not None
    assert not isinstance(document.partial, Issue)
    assert review(document, house, lambda _house, _key: ()).letters == {}


def test_places_hold_where_a_block_before_was_left_out(house: Newsroom) -> None:
    text = START + "- publicite: {emplacement: Ici}\n- annonce: Chez Orpheon\n- publicite: principale\n"
    assert found(house, text) == [("bad-form", 5, 28), ("misspelt-name", 6, 17), ("unknown-slot", 7, 14)]
