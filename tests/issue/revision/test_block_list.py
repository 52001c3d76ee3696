"""Blocks added, moved, copied and taken out in an issue's file: the issue is the intended one, and the rest stays."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from composer.issue.blocks import BLOCKS
from composer.issue.body import Paragraph
from composer.issue.inline import Text
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.block_list import (
    StaleList,
    duplicated_block,
    list_digest,
    listed_blocks,
    moved_block,
    restored_block,
    with_block,
    without_block,
)
from composer.issue.revision.elements import with_element
from composer.issue.revision.model import Revision, Unwritable
from composer.newsroom.model import Newsroom
from composer.source.document import Document
from composer.source.quoting import split_lines
from tests.issue.support.file_forms import FORMS, SAMPLES, document, house, said, typed
from tests.issue.support.sample_issue import DAY
from tests.issue.support.sample_issue import newsroom as small_newsroom
from tests.support.lengths import length

START = """\
objet: Un marché
# Les blocs, dans leur ordre.

blocs:
# le premier
- article:
    titre: Un   # à droite
    texte: |
      Une ligne.
      # pas un commentaire
    # amorce: plus tard

# seul

# au-dessus
- citation: Deux
-  encadre:
     titre: Trois
     rubrique: R
     texte: trois
duree: 5
"""


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return small_newsroom(tmp_path)


def read(text: str, newsroom: Newsroom) -> Document[Issue]:
    path = newsroom.root / "issues" / "samedi" / f"{DAY.isoformat()}.yaml"
    path.write_bytes(text.encode())
    return load_issue(path, newsroom)


def outside(before: str, revision: Revision) -> None:
    """Nothing but the range was changed."""
    assert revision.text == before[: revision.start] + revision.new + before[revision.end :]


def test_a_block_is_moved_with_the_comments_right_above_it_and_further_in(newsroom: Newsroom) -> None:
    found = read(START, newsroom)
    revision = moved_block(found, 0, 2, list_digest(found))
    outside(START, revision)
    assert (
        revision.text
        == """\
objet: Un marché
# Les blocs, dans leur ordre.

blocs:
# au-dessus
- citation: Deux

# seul

-  encadre:
     titre: Trois
     rubrique: R
     texte: trois
# le premier
- article:
    titre: Un   # à droite
    texte: |
      Une ligne.
      # pas un commentaire
    # amorce: plus tard
duree: 5
"""
    )
    again = read(revision.text, newsroom)
    assert moved_block(again, 2, 0, list_digest(again)).text == START


def test_a_block_is_taken_out_and_brought_back(newsroom: Newsroom) -> None:
    found = read(START, newsroom)
    revision, lines = without_block(found, 1, listed_blocks(found)[1].digest)
    assert lines == "# au-dessus\n- citation: Deux"
    assert "# seul" in revision.text
    assert "Deux" not in revision.text
    again = read(revision.text, newsroom)
    back = restored_block(again, lines, 1, list_digest(again))
    outside(revision.text, back)
    assert [each.words for each in listed_blocks(read(back.text, newsroom))] == ["Un", "Deux", "Trois"]
    first, lines = without_block(found, 0, listed_blocks(found)[0].digest)
    assert lines.startswith("# le premier\n")
    assert lines.endswith("# amorce: plus tard")
    assert "blocs:\n\n# seul\n\n# au-dessus\n- citation: Deux\n" in first.text


def test_the_only_block_is_taken_out_and_another_added(newsroom: Newsroom) -> None:
    text = "objet: Un\nblocs:  # ici\n- ours:\nduree: 5\n"
    found = read(text, newsroom)
    revision, _lines = without_block(found, 0, listed_blocks(found)[0].digest)
    assert revision.text == "objet: Un\nblocs:  # ici\nduree: 5\n"
    for written in (revision.text, revision.text.replace("blocs:  #", "blocs: []  #")):
        empty = read(written, newsroom)
        added = with_block(empty, newsroom, "article", 0, list_digest(empty))
        outside(written, added)
        assert added.text == "objet: Un\nblocs:  # ici\n- article:\n    titre:\n    texte: |\nduree: 5\n"
    bare = "objet: Un\nblocs: []"
    added = with_block(read(bare, newsroom), newsroom, "masthead", 0, list_digest(read(bare, newsroom)))
    assert added.text == "objet: Un\nblocs:\n- ours:"


def test_a_new_block_is_indented_as_its_neighbours_and_takes_the_next_slot(newsroom: Newsroom) -> None:
    text = "objet: Un\r\nblocs:\r\n  -   article:\r\n          titre: Un\r\n          texte: |\r\n            Un.\r\n"
    found = read(text, newsroom)
    added = with_block(found, newsroom, "insight", 1, list_digest(found))
    new = "\r\n\r\n  -   encadre:\r\n          rubrique:\r\n          titre:\r\n          texte: |"
    assert added.new == new
    assert added.text == text[:-2] + new + "\r\n"
    slot = with_block(found, newsroom, "sponsor", 0, list_digest(found))
    assert slot.new == "  -   publicite: principal\r\n\r\n"
    again = read(slot.text, newsroom)
    assert with_block(again, newsroom, "sponsor", 0, list_digest(again)).new.startswith("  -   publicite: ligne")


def test_a_list_shows_the_words_of_a_block_without_their_marks(newsroom: Newsroom) -> None:
    blocks = (
        "- breves: |\n    - **[Le *port*](https://example.org/a).** Il dort. {#port}\n"
        "- citation: |\n    > Un *mot*\n- annonce: 5 * 3, a_b_c\n"
    )
    shown = [each.words for each in listed_blocks(read(f"objet: A\nblocs:\n{blocks}", newsroom))]
    assert shown == ["Le port. Il dort.", "Un mot", "5 * 3, a_b_c"]


def test_a_new_block_holds_the_words_that_are_given(newsroom: Newsroom) -> None:
    text = "objet: Un\nblocs:\n- ours:\n"
    found = read(text, newsroom)
    given = {"label": "La règle : une", "title": "Un #titre", "text": "Deux\n\nlignes"}
    added = with_block(found, newsroom, "insight", 0, list_digest(found), given)
    lines = [
        '    rubrique: "La règle : une"',
        '    titre: "Un #titre"',
        "    texte: |",
        "      Deux",
        "",
        "      lignes",
    ]
    assert added.new == "\n".join(["- encadre:", *lines, "", ""])
    assert read(added.text, newsroom).value is not None
    listed = list_digest(found)
    with pytest.raises(Unwritable, match="no such key"):
        with_block(found, newsroom, "insight", 0, listed, {"titre": "Un"})


def test_a_text_is_written_in_a_block_that_was_just_added(newsroom: Newsroom) -> None:
    """The file has mistakes then: its headline is missing, and another block's name is none."""
    text = "objet: Un\nblocs:\n- rien: x\n- article:\n    titre: T\n    texte: |\n      Un.\n"
    found = read(text, newsroom)
    added = read(with_block(found, newsroom, "article", 2, list_digest(found)).text, newsroom)
    assert added.value is None
    at = "blocks/1/body"  # as the letter counts what it can print
    written = with_element(added, at, "", Paragraph((Text("Deux."),)))
    assert written.text.endswith("\n- article:\n    titre:\n    texte: |\n      Deux.\n")


def test_keys_are_those_of_the_files_language(newsroom: Newsroom) -> None:
    text = "subject: One\nblocks:\n- masthead:\n"
    found = read(text, newsroom)
    for name in BLOCKS:
        added = with_block(found, newsroom, name, 0, list_digest(found))
        assert [each.name for each in listed_blocks(read(added.text, newsroom))] == [name, "masthead"]
        assert "titre" not in added.text


def test_a_list_that_has_changed_is_not_touched(newsroom: Newsroom) -> None:
    shown = list_digest(read(START, newsroom))
    block = listed_blocks(read(START, newsroom))[1].digest
    changed = read(START.replace("Deux", "Dos"), newsroom)
    with pytest.raises(StaleList) as stale:
        moved_block(changed, 0, 1, shown)
    assert stale.value.now == "Un\nDos\nTrois"
    with pytest.raises(StaleList) as stale:
        without_block(changed, 1, block)
    assert "Dos" in stale.value.now
    elsewhere = read(START.replace("Une ligne", "Une autre ligne"), newsroom)
    assert moved_block(elsewhere, 0, 1, shown).text.startswith("objet")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("objet: Un\nblocs: [ours: auto]\n", "brackets"),
        ("objet: Un\nblocs: tout\n", "not a list"),
        ("objet: Un\n", "no list of blocks"),
        ("objet: Un\nblocs:\n- ours: [\n", "line 4"),
        ("- ours:\n", "keys are expected"),
        ("objet: Un\nblocs: [\n]\n", "not a list"),
    ],
)
def test_what_cannot_be_edited_is_refused_in_words(text: str, words: str, newsroom: Newsroom) -> None:
    with pytest.raises(Unwritable, match=words):
        _added(read(text, newsroom), newsroom)


def _added(found: Document[Issue], newsroom: Newsroom) -> Revision:
    return with_block(found, newsroom, "masthead", 0, list_digest(found))


def test_places_and_names_that_do_not_exist_are_refused(newsroom: Newsroom) -> None:
    found = read(START, newsroom)
    shown = list_digest(found)
    calls: tuple[Callable[[], Revision], ...] = (
        lambda: moved_block(found, 0, 3, shown),
        lambda: moved_block(found, -1, 0, shown),
        lambda: duplicated_block(found, 3, shown),
        lambda: with_block(found, newsroom, "masthead", 4, shown),
        lambda: with_block(found, newsroom, "rien", 0, shown),
        lambda: restored_block(found, "- ours:\n- ours:", 0, shown),
        lambda: restored_block(found, "- ours: [", 0, shown),
        lambda: restored_block(found, "", 0, shown),
    )
    for call in calls:
        with pytest.raises(Unwritable):
            call()


def test_characters_that_are_not_read_stay_in_the_file(newsroom: Newsroom) -> None:
    text = START.replace("Deux", "De\u200bux").replace("Un marché", "Un marche\u0301")
    found = read(text, newsroom)
    revision = moved_block(found, 1, 0, list_digest(found))
    outside(text, revision)
    assert "- citation: De\u200bux" in revision.text


@pytest.mark.slow
def test_whatever_is_done_the_issue_is_the_intended_one() -> None:
    """Over every sample in every form: the issue read again, each comment kept, and no other byte changed."""
    chance = random.Random(5)
    for form, written in FORMS.items():
        for sample in SAMPLES:
            content = written(sample.read_text("utf-8"))
            found = document(sample, content)
            assert found.value is not None, (form, sample, found.findings)
            for _each in range(length(20)):
                _one(chance, sample, content, found)


def _one(chance: random.Random, sample: Path, content: bytes, found: Document[Issue]) -> None:
    before, issue = typed(content), found.require()
    blocks, shown = list(issue.front.blocks), list_digest(found)
    index, to = chance.randrange(len(blocks)), chance.randrange(len(blocks))
    removed = ""
    match chance.choice(("move", "copy", "remove", "add")):
        case "move":
            revision = moved_block(found, index, to, shown)
            blocks.insert(to, blocks.pop(index))
        case "copy":
            revision = duplicated_block(found, index, shown)
            blocks.insert(
                index + 1,
                blocks[index].model_copy(update={"id": None}) if hasattr(blocks[index], "id") else blocks[index],
            )
        case "remove":
            revision, removed = without_block(found, index, listed_blocks(found)[index].digest)
            del blocks[index]
        case _:
            added = chance.choice(list(BLOCKS))
            revision = with_block(found, house(), added, index, shown)
            names = [each.name for each in listed_blocks(document(sample, revision.text.encode()))]
            assert names[index] == added
            assert len(names) == len(blocks) + 1
            outside(before, revision)
            assert not Counter(split_lines(before)) - Counter(split_lines(revision.text))
            return
    outside(before, revision)
    lost = Counter(split_lines(before)) - Counter(split_lines(revision.text)) - Counter(split_lines(removed))
    assert not [line for line in lost if line.strip()]
    again = document(sample, revision.text.encode())
    read_again = again.value or (again.partial.remains if again.partial is not None else None)
    assert read_again is not None
    assert said(read_again.front) == said(issue.front.model_copy(update={"blocks": tuple(blocks)}))
